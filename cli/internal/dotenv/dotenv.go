// Package dotenv reads .env files as python-dotenv does, so that an application
// keeps the file when it moves to Go. Other readers for Go differ: they take "$NAME"
// for a variable, which changes keys and passwords that hold a dollar sign.
package dotenv

import (
	"regexp"
	"strings"
	"unicode"
)

// Variable is a line of a file.
type Variable struct {
	Name, Value string
	// IsSet is false for a name without an equals sign, which sets nothing.
	IsSet bool
}

// File is what a file says.
type File struct {
	// Variables are in the order of the file. A name may occur more than once.
	Variables []Variable
	// Unreadable are the numbers of the lines at which something begins that is no
	// variable.
	Unreadable []int
}

// space is Python's white space, as the inside of a character class; blank is the
// same without line breaks.
const (
	blank = `\t\f\v \x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
	space = blank + `\r\n`
)

var (
	anySpace     = regexp.MustCompile(`^[` + space + `]*`)
	anyBlank     = regexp.MustCompile(`^[` + blank + `]*`)
	export       = regexp.MustCompile(`^(?:export[` + blank + `]+)?`)
	quotedName   = regexp.MustCompile(`^'([^']+)'`)
	plainName    = regexp.MustCompile(`^([^=#` + space + `]+)`)
	equals       = regexp.MustCompile(`^=[` + blank + `]*`)
	singleQuoted = regexp.MustCompile(`^'((?:\\'|[^'])*)'`)
	doubleQuoted = regexp.MustCompile(`^"((?:\\"|[^"])*)"`)
	restOfLine   = regexp.MustCompile(`^([^\r\n]*)`)
	trailing     = regexp.MustCompile(`^(?:[` + blank + `]*#[^\r\n]*)?[` + blank + `]*(?:\r\n|\n|\r|\z)`)
	lineAndBreak = regexp.MustCompile(`^[^\r\n]*(?:\r\n|\r|\n)?`)

	comment       = regexp.MustCompile(`[` + space + `]+#.*`)
	singleEscapes = regexp.MustCompile(`\\[\\']`)
	doubleEscapes = regexp.MustCompile(`\\[\\'"abfnrtv]`)
	reference     = regexp.MustCompile(`\$\{([^}:]*)(:-([^}]*))?\}`)
)

// Parse reads the content of a file.
func Parse(content string) File {
	var file File
	r := &reader{content: content, line: 1}
	for {
		r.take(anySpace)
		if r.rest() == "" {
			return file
		}
		start := r.line
		variable, ok := r.binding()
		switch {
		case !ok:
			r.take(lineAndBreak)
			file.Unreadable = append(file.Unreadable, start)
		case variable.Name != "":
			file.Variables = append(file.Variables, variable)
		}
	}
}

// reader walks through the content.
type reader struct {
	content string
	at      int
	line    int
}

func (r *reader) rest() string { return r.content[r.at:] }

// take moves behind a match and returns its first group, or the match if it has no
// groups.
func (r *reader) take(pattern *regexp.Regexp) (text string, ok bool) {
	found := pattern.FindStringSubmatch(r.rest())
	if found == nil {
		return "", false
	}
	r.at += len(found[0])
	r.line += strings.Count(found[0], "\n") + strings.Count(found[0], "\r") - strings.Count(found[0], "\r\n")
	return found[len(found)-1], true
}

// binding reads one variable. A comment is one without a name.
func (r *reader) binding() (variable Variable, ok bool) {
	r.take(export)
	if !strings.HasPrefix(r.rest(), "#") {
		pattern := plainName
		if strings.HasPrefix(r.rest(), "'") {
			pattern = quotedName
		}
		if variable.Name, ok = r.take(pattern); !ok {
			return variable, false
		}
	}
	r.take(anyBlank)
	if _, ok := r.take(equals); ok {
		if variable.Value, ok = r.value(); !ok {
			return variable, false
		}
		variable.IsSet = true
	}
	_, ok = r.take(trailing)
	return variable, ok
}

func (r *reader) value() (text string, ok bool) {
	switch rest := r.rest(); {
	case strings.HasPrefix(rest, "'"):
		text, ok = r.take(singleQuoted)
		return singleEscapes.ReplaceAllStringFunc(text, unescape), ok
	case strings.HasPrefix(rest, `"`):
		text, ok = r.take(doubleQuoted)
		return doubleEscapes.ReplaceAllStringFunc(text, unescape), ok
	}
	text, _ = r.take(restOfLine)
	return strings.TrimRightFunc(comment.ReplaceAllString(text, ""), isSpace), true
}

var escapes = map[string]string{`\a`: "\a", `\b`: "\b", `\f`: "\f", `\n`: "\n", `\r`: "\r", `\t`: "\t", `\v`: "\v"}

func unescape(escape string) string {
	if char, ok := escapes[escape]; ok {
		return char
	}
	return escape[1:]
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }

// Resolve puts values in the place of references such as ${HOME} and ${PORT:-5000}.
// A value comes from the file, if it is set above, or from the environment, which
// lookup reads. Names that are not set stay out of the result.
func (f File) Resolve(lookup func(name string) (string, bool)) map[string]string {
	values, unset := map[string]string{}, map[string]bool{}
	for _, variable := range f.Variables {
		if !variable.IsSet {
			delete(values, variable.Name)
			unset[variable.Name] = true
			continue
		}
		value := reference.ReplaceAllStringFunc(variable.Value, func(text string) string {
			parts := reference.FindStringSubmatch(text)
			name, otherwise := parts[1], parts[3]
			if value, ok := values[name]; ok {
				return value
			}
			if unset[name] {
				return ""
			}
			if value, ok := lookup(name); ok {
				return value
			}
			return otherwise
		})
		values[variable.Name] = value
		delete(unset, variable.Name)
	}
	return values
}
