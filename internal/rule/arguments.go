package rule

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Arguments are what a rule passes to its converter, as in
// "<int(4, max=9999):year>". A value is nil, a bool, an int, a float64 or a
// string: quoted text stays text, bare values are None, True, False, a number
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

// White space, digits and the characters of words, as Python's patterns take them.
const (
	space = `[\s\v\x1c-\x1f\x85\p{Z}]*`
	digit = `\p{Nd}`
	word  = `[\p{L}\p{N}_]`
)

// argument is one item and the comma behind it: its name, a bare value, or a quoted
// one. As in Werkzeug, one character of any kind may stand between or behind digits,
// so that "16:9" is one value, and "1,2" without a blank is one, too.
var argument = regexp.MustCompile(space + `(?:(` + word + `+)` + space + `=` + space + `)?` +
	`(?:(True|False|` + digit + `+.` + digit + `+|` + digit + `+.|` + digit + `+|[\p{L}\p{N}_.]+)|[urUR]?("[^"]*"|'[^']*'))` +
	space + `,`)

// parseArguments reads the text between a converter's parentheses: items
// separated by commas, each "value" or "name=value". As in Werkzeug, a rest that
// holds no item, such as "min=", is ignored.
func parseArguments(text string) (Arguments, error) {
	var arguments Arguments
	for rest := text + ","; ; {
		at := argument.FindStringSubmatchIndex(rest)
		if at == nil {
			return arguments, nil
		}
		if at[0] != 0 {
			return Arguments{}, fmt.Errorf("cannot read the converter arguments from %q on: "+
				"write numbers, True, False, None, words or quoted text, separated by commas", strings.TrimSuffix(rest, ","))
		}
		arguments.add(rest, at)
		rest = rest[at[1]:]
	}
}

// add adds the item that was found in the text.
func (a *Arguments) add(text string, at []int) {
	var value any
	if quoted := at[6]; quoted >= 0 {
		value = text[quoted+1 : at[7]-1]
	} else {
		value = constant(text[at[4]:at[5]])
	}
	if at[2] < 0 {
		a.Positional = append(a.Positional, value)
		return
	}
	if a.Named == nil {
		a.Named = map[string]any{}
	}
	a.Named[text[at[2]:at[3]]] = value
}

// constant reads a bare value: a Python constant, a number, or else text.
func constant(text string) any {
	switch text {
	case "None":
		return nil
	case "True":
		return true
	case "False":
		return false
	}
	if number, ok := pytext.ParseInt(text); ok {
		return number
	}
	if number, ok := pytext.ParseFloat(text); ok {
		return number
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xX") {
		return text
	}
	return number
}
