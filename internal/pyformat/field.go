package pyformat

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field is what stands in the braces of str.format: "name.attr[key]!r:>10".
type Field struct {
	Name       string
	Conversion rune   // behind "!", 0 if there is none
	Spec       string // behind ":", with the fields in it
}

// ParseField reads a field behind its opening brace. It returns what follows the
// closing brace. Errors are Python's ValueError.
func ParseField(s string) (f Field, rest string, err error) {
	end := -1
	inBrackets := false
name:
	for i := range len(s) {
		switch c := s[i]; {
		case c == '{':
			return f, "", errors.New("unexpected '{' in field name")
		case c == '[':
			inBrackets = true
		case c == ']':
			inBrackets = false
		case !inBrackets && (c == '}' || c == ':' || c == '!'):
			end = i
			break name
		}
	}
	if end < 0 {
		return f, "", errors.New("expected '}' before end of string")
	}
	f.Name = s[:end]
	switch s[end] {
	case '}':
		return f, s[end+1:], nil
	case '!':
		return f.parseConversion(s[end+1:])
	}
	return f.parseSpec(s[end+1:])
}

func (f Field) parseConversion(s string) (Field, string, error) {
	r, size := utf8.DecodeRuneInString(s)
	rest := s[size:]
	if size == 0 || rest == "" || r == '}' {
		return f, "", errors.New("unmatched '{' in format spec")
	}
	f.Conversion = r
	switch rest[0] {
	case '}':
		return f, rest[1:], nil
	case ':':
		return f.parseSpec(rest[1:])
	}
	return f, "", errors.New("expected ':' after conversion specifier")
}

func (f Field) parseSpec(s string) (Field, string, error) {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			f.Spec = s[:i]
			return f, s[i+1:], nil
		}
	}
	return f, "", errors.New("expected '}' before end of string")
}

// Step is an attribute or an index in the name of a field.
type Step struct {
	IsAttribute bool
	Name        string
}

// NextStep reads the step at the beginning of a path such as ".attr[key]". It returns
// the rest of the path. Errors are Python's ValueError.
func NextStep(path string) (step Step, rest string, err error) {
	if path[0] == '.' {
		path = path[1:]
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		if end == 0 {
			return step, "", errors.New("empty attribute in format string")
		}
		return Step{true, path[:end]}, path[end:], nil
	}
	key, rest, found := strings.Cut(path[1:], "]")
	switch {
	case !found:
		return step, "", errors.New("missing ']' in format string")
	case key == "":
		return step, "", errors.New("empty attribute in format string")
	case rest != "" && rest[0] != '.' && rest[0] != '[':
		return step, "", errors.New("only '.' or '[' may follow ']' in format field specifier")
	}
	return Step{false, key}, rest, nil
}

// FieldNumber reads the name of an argument, or an index, that consists of digits.
func FieldNumber(s string) (n int, isNumber bool, err error) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false, nil
		}
	}
	if s == "" {
		return 0, false, nil
	}
	n, err = strconv.Atoi(s)
	if err != nil {
		return 0, false, errors.New("too many decimal digits in format string")
	}
	return n, true, nil
}
