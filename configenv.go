package decant

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

// FromPrefixedEnv sets keys from environment variables: DECANT_PAGE_SIZE=20
// sets PAGE_SIZE to 20. Another prefix, such as "FLASK", takes the place of
// "DECANT"; several are read one after the other. It mirrors from_prefixed_env.
//
// A value is read as JSON, and is text where that fails. Where a builtin key
// wants a text it stays one: a secret key of digits is no number. Two
// underscores lead into a map: DECANT_DB__user=ann sets user in DB. DEBUG is
// off with 0, false, no or nothing, and on with everything else. What the
// command line reads, such as DECANT_RUN_PORT, is no configuration.
//
// The error lists every variable that is wrong. All others are set.
func (c *Config) FromPrefixedEnv(prefix ...string) error {
	if len(prefix) == 0 {
		prefix = []string{"DECANT"}
	}
	var problems []error
	for _, prefix := range prefix {
		for _, v := range variables(prefix) {
			problems = append(problems, c.setVariable(v))
		}
	}
	return errors.Join(problems...)
}

// variable is an environment variable that is a key, or one in a map.
type variable struct {
	prefix, text string
	path         []string
}

// variables returns those with a prefix, sorted by name, so that a map comes
// before what is added to it.
func variables(prefix string) []variable {
	var names []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if key, ok := strings.CutPrefix(name, prefix+"_"); ok && !ofCommandLine(prefix, key) {
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

// ofCommandLine tells the variables of the flask and decant commands.
func ofCommandLine(prefix, key string) bool {
	if prefix != "DECANT" && prefix != "FLASK" {
		return false
	}
	return key == "APP" || key == "SKIP_DOTENV" || strings.HasPrefix(key, "RUN_")
}

// name is that of the variable which sets the first levels of the path.
func (v variable) name(levels int) string {
	return v.prefix + "_" + strings.Join(v.path[:levels], "__")
}

func (c *Config) setVariable(v variable) error {
	key := v.path[0]
	value, err := c.readVariable(v)
	if err == nil && len(v.path) > 1 {
		outer, ok := c.Lookup(key)
		if !ok {
			outer = map[string]any{}
		}
		value, err = v.putInto(outer, 1, value)
	}
	if err == nil {
		err = c.set(key, value)
	}
	if err != nil {
		return fmt.Errorf("in the environment variable %s: %w", v.name(len(v.path)), err)
	}
	return nil
}

// putInto returns a copy of a map, at some level of the path, that has the
// value at the path's end.
func (v variable) putInto(outer any, level int, value any) (any, error) {
	if level == len(v.path) {
		return value, nil
	}
	values, ok := outer.(map[string]any)
	if !ok {
		return nil, v.blocked(outer, level)
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

// blocked says what stands where a map should be, and who put it there.
func (v variable) blocked(value any, level int) error {
	blocker := v.name(level)
	if _, ok := os.LookupEnv(blocker); !ok {
		blocker = "the configuration so far"
	}
	return fmt.Errorf("decant: it leads into %s, where %s has put %s instead of a map; remove one of the two",
		strings.Join(v.path[:level], "__"), blocker, typeName(value))
}

// readVariable reads the text of a variable, with an eye to the type of a
// builtin key.
func (c *Config) readVariable(v variable) (any, error) {
	value, err := pyjson.Parse([]byte(v.text))
	if err != nil {
		value = v.text
	}
	field, ok := c.field(v.path[0])
	if !ok {
		return value, nil
	}
	wanted := field.Type()
	if wanted.Kind() == reflect.Pointer {
		wanted = wanted.Elem()
	}
	switch {
	case v.path[0] == "DEBUG":
		return isOn(v.text), nil
	case wanted == textsType:
		return textsOfVariable(v.text, value)
	case wanted.Kind() == reflect.String:
		return textOfVariable(v.text, value), nil
	case wanted.Kind() == reflect.Bool:
		return truthOfVariable(value), nil
	}
	return value, nil
}

// isOn reads FLASK_DEBUG as Flask does.
func isOn(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// textOfVariable undoes JSON's quotes, as Flask does, and lets no text become a
// number.
func textOfVariable(raw string, value any) any {
	if _, ok := value.(string); ok || value == nil {
		return value
	}
	return raw
}

func textsOfVariable(raw string, value any) (any, error) {
	if _, ok := value.([]any); ok {
		return value, nil
	}
	if strings.HasPrefix(strings.TrimSpace(raw), "[") {
		return nil, errors.New(`decant: its list is not JSON; write one such as ["first", "second"]`)
	}
	return textOfVariable(raw, value), nil
}

// truthOfVariable reads True and False, which are Python's words and no JSON.
func truthOfVariable(value any) any {
	text, ok := value.(string)
	switch {
	case ok && strings.EqualFold(text, "true"):
		return true
	case ok && (text == "" || strings.EqualFold(text, "false")):
		return false
	}
	return value
}
