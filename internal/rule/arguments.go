package rule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/decant-go/decant/internal/pytext"
)

// Arguments are what a rule passes to its converter, as in
// "<int(4, max=9999):year>". A value is nil, a bool, an int, a float64 or a
// string: quoted text stays text, bare words are None, True, False, a number
// or else text.
type Arguments struct {
	Positional []any
	Named      map[string]any
}

// Bind gives every argument the name of its parameter: the positional ones in
// the order of names, the named ones by their own. The result holds what was
// passed and nothing else. Too many arguments, one passed twice and an unknown
// name are errors, as they are in a call of a Python function.
func (a Arguments) Bind(names ...string) (map[string]any, error) {
	if len(a.Positional) > len(names) {
		return nil, fmt.Errorf("it takes at most %d arguments and got %d: remove some", len(names), len(a.Positional))
	}
	bound := make(map[string]any, len(a.Positional)+len(a.Named))
	for i, value := range a.Positional {
		bound[names[i]] = value
	}
	for _, name := range slices.Sorted(maps.Keys(a.Named)) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("it takes no argument %q: %s", name, choices(names))
		}
		if _, twice := bound[name]; twice {
			return nil, fmt.Errorf("its argument %q is passed twice: keep one", name)
		}
		bound[name] = a.Named[name]
	}
	return bound, nil
}

func choices(names []string) string {
	if len(names) == 0 {
		return "pass none"
	}
	return "use " + strings.Join(names, ", ")
}

// parseArguments reads the text between a converter's parentheses: items
// separated by commas, each "value" or "name=value". As in Werkzeug, a list
// that is nothing but "name=" is an empty one.
func parseArguments(text string) (Arguments, error) {
	var arguments Arguments
	if name, ok := strings.CutSuffix(strings.TrimSpace(text), "="); ok && cutWord(name, false) == name {
		return arguments, nil
	}
	for rest := strings.TrimSpace(text); rest != ""; {
		name, value, after, ok := cutArgument(rest)
		if !ok {
			return Arguments{}, fmt.Errorf("cannot read the converter arguments from %q on: "+
				"write numbers, True, False, None, words or quoted text, separated by commas", rest)
		}
		if name == "" {
			arguments.Positional = append(arguments.Positional, value)
		} else {
			if arguments.Named == nil {
				arguments.Named = map[string]any{}
			}
			arguments.Named[name] = value
		}
		rest = after
	}
	return arguments, nil
}

// cutArgument reads one item and the comma behind it.
func cutArgument(text string) (name string, value any, rest string, ok bool) {
	if word := cutWord(text, false); word != "" {
		after := strings.TrimSpace(text[len(word):])
		if strings.HasPrefix(after, "=") {
			name, text = word, strings.TrimSpace(after[1:])
		}
	}
	value, rest, ok = cutValue(text)
	rest = strings.TrimSpace(rest)
	if !ok || rest != "" && rest[0] != ',' {
		return "", nil, "", false
	}
	return name, value, strings.TrimSpace(strings.TrimPrefix(rest, ",")), true
}

func cutValue(text string) (value any, rest string, ok bool) {
	if text == "" {
		return nil, "", false
	}
	quote := text[0]
	if quote == '"' || quote == '\'' {
		content, rest, closed := strings.Cut(text[1:], string(quote))
		return content, rest, closed
	}
	word := cutWord(text, true)
	return constant(word), text[len(word):], word != ""
}

// cutWord returns the letters, digits, underscores and, in values, dots that
// text begins with.
func cutWord(text string, dots bool) string {
	end := strings.IndexFunc(text, func(char rune) bool {
		return char != '_' && !unicode.IsLetter(char) && !unicode.IsNumber(char) && !(dots && char == '.')
	})
	if end < 0 {
		return text
	}
	return text[:end]
}

// constant reads a bare word: a Python constant, a number, or else text.
func constant(word string) any {
	switch word {
	case "None":
		return nil
	case "True":
		return true
	case "False":
		return false
	}
	if number, ok := pytext.ParseInt(word); ok {
		return number
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil && !strings.ContainsAny(word, "xX") {
		return number
	}
	return word
}
