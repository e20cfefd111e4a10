package settings

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/pyjson"
)

// SetEnvironment sets the keys that environment variables with one of the
// prefixes hold, one prefix after the other. Two underscores in a name lead
// into a map. The error lists every variable that is wrong; all others are set.
func (s Settings) SetEnvironment(prefixes ...string) error {
	var problems []error
	for _, prefix := range prefixes {
		for _, v := range variables(prefix) {
			problems = append(problems, s.setVariable(v))
		}
	}
	return errors.Join(problems...)
}

// variable is an environment variable that holds a key, or a value in a map.
type variable struct {
	prefix, text string
	path         []string // the key, and then the names in the map
}

// variables returns the variables with a prefix, sorted by name, so that a map
// comes before the variables that add to it.
func variables(prefix string) []variable {
	var names []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, prefix+"_"); ok && !isForCommand(prefix, key) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	found := make([]variable, len(names))
	for i, key := range names {
		found[i] = variable{prefix, os.Getenv(prefix + "_" + key), strings.Split(key, "__")}
	}
	return found
}

// isForCommand reports whether the flask or the decant command reads a
// variable, such as DECANT_RUN_PORT.
func isForCommand(prefix, key string) bool {
	if prefix != "DECANT" && prefix != "FLASK" {
		return false
	}
	return key == "APP" || key == "SKIP_DOTENV" || strings.HasPrefix(key, "RUN_")
}

// name returns the name of the variable that sets the first levels of the path.
func (v variable) name(levels int) string {
	return v.prefix + "_" + strings.Join(v.path[:levels], "__")
}

func (s Settings) setVariable(v variable) error {
	key := v.path[0]
	value, err := s.readVariable(v)
	if err == nil && len(v.path) > 1 {
		outer, ok := s.Lookup(key)
		if !ok {
			outer = map[string]any{}
		}
		value, err = v.putInto(outer, 1, value)
	}
	if err == nil {
		err = s.Set(key, value)
	}
	if err != nil {
		return fmt.Errorf("in the environment variable %s: %w", v.name(len(v.path)), err)
	}
	return nil
}

// putInto returns a copy of a map that holds the value at the end of the path.
// The map belongs to the given level of the path.
func (v variable) putInto(outer any, level int, value any) (any, error) {
	if level == len(v.path) {
		return value, nil
	}
	values, ok := outer.(map[string]any)
	if !ok {
		return nil, v.notAMap(outer, level)
	}
	if values = maps.Clone(values); values == nil {
		values = map[string]any{}
	}
	inner, ok := values[v.path[level]]
	if !ok {
		inner = map[string]any{}
	}
	inner, err := v.putInto(inner, level+1, value)
	values[v.path[level]] = inner
	return values, err
}

// notAMap is the error for a value that stands where the path needs a map. It
// says what the value is and where it comes from.
func (v variable) notAMap(value any, level int) error {
	source := v.name(level)
	if _, ok := os.LookupEnv(source); !ok {
		source = "the configuration so far"
	}
	return fmt.Errorf("decant: it leads into %s, where %s has put %s instead of a map; remove one of the two",
		strings.Join(v.path[:level], "__"), source, typeName(value))
}

// readVariable reads the text of a variable as JSON, or keeps it as a string.
// The type of a builtin key decides where the text can be read in two ways.
func (s Settings) readVariable(v variable) (any, error) {
	value, err := pyjson.Parse([]byte(v.text))
	if err != nil {
		value = v.text
	}
	field, ok := s.field(v.path[0])
	if !ok {
		return value, nil
	}
	wanted := field.Type()
	if wanted.Kind() == reflect.Pointer {
		wanted = wanted.Elem()
	}
	switch {
	case v.path[0] == "DEBUG":
		return IsOn(v.text), nil
	case wanted == stringsType:
		return stringsOfVariable(v.text, value)
	case wanted.Kind() == reflect.String:
		return stringOfVariable(v.text, value), nil
	case wanted.Kind() == reflect.Bool:
		return boolOfVariable(value), nil
	}
	return value, nil
}

// IsOn reads the text of a variable that switches debug mode on: everything but
// "", "0", "false" and "no" does, in upper or lower case. Flask reads
// FLASK_DEBUG so.
func IsOn(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// stringOfVariable removes the quotes of a JSON string. Any other text stays as
// it is, so that a secret key of digits does not become a number.
func stringOfVariable(raw string, value any) any {
	if _, ok := value.(string); ok || value == nil {
		return value
	}
	return raw
}

func stringsOfVariable(raw string, value any) (any, error) {
	if _, ok := value.([]any); ok {
		return value, nil
	}
	if strings.HasPrefix(strings.TrimSpace(raw), "[") {
		return nil, errors.New(`decant: its list is not JSON; write one such as ["first", "second"]`)
	}
	return stringOfVariable(raw, value), nil
}

// boolOfVariable accepts Python's True and False, which are not JSON.
func boolOfVariable(value any) any {
	text, ok := value.(string)
	switch {
	case ok && strings.EqualFold(text, "true"):
		return true
	case ok && (text == "" || strings.EqualFold(text, "false")):
		return false
	}
	return value
}
