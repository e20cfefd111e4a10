package decant

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/decant-go/decant/internal/spelling"
)

// Set sets a key as config["PAGE_SIZE"] = 20 does in Flask. A builtin key sets
// its field, where nil is Flask's None, a number of seconds does for a duration
// and a []any of texts for a list. Any other key in upper case is the
// application's own and keeps the value as it is.
//
// A builtin key with a value of the wrong type, and a key that is in lower case
// or close to a builtin one, are mistakes in the program: Set panics.
func (c *Config) Set(key string, value any) {
	if !isUpper(key) {
		panic(fmt.Sprintf("decant: the configuration key %q is not in upper case; write %q", key, strings.ToUpper(key)))
	}
	if err := c.set(key, value); err != nil {
		panic(err.Error())
	}
}

// Get returns the value of a key: that of the field for a builtin one, what was
// set for one of the application's own, or nil. It mirrors
// config.get("PAGE_SIZE").
func (c *Config) Get(key string) any {
	value, _ := c.Lookup(key)
	return value
}

// Lookup is Get that also tells whether the key is there. Builtin ones always
// are.
func (c *Config) Lookup(key string) (value any, ok bool) {
	if value, ok = c.own[key]; ok {
		return value, true
	}
	if field, ok := c.field(key); ok {
		return readField(field), true
	}
	return nil, false
}

// Namespace returns the keys that begin with a prefix, without it and in lower
// case: of IMAGE_STORE_PATH, the namespace "IMAGE_STORE_" has "path". It
// mirrors get_namespace.
func (c *Config) Namespace(prefix string) map[string]any {
	namespace := map[string]any{}
	for _, key := range c.keys() {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			namespace[strings.ToLower(name)] = c.Get(key)
		}
	}
	return namespace
}

// keys lists the builtin keys in the order of the fields, and then the
// application's own, sorted.
func (c *Config) keys() []string {
	return append(slices.Clone(builtinKeys().names), slices.Sorted(maps.Keys(c.own))...)
}

// set is Set for keys and values that come from outside of the program.
func (c *Config) set(key string, value any) error {
	if field, ok := c.field(key); ok {
		initial, _ := defaultConfig().field(key)
		if err := writeField(field, initial, value); err != nil {
			return fmt.Errorf("decant: the configuration key %s %w", key, err)
		}
		return nil
	}
	if err := checkOwnKey(key); err != nil {
		return err
	}
	c.setOwn(key, value)
	return nil
}

// setOwn replaces the map, so that a request which reads it meanwhile is not in
// danger.
func (c *Config) setOwn(key string, value any) {
	own := maps.Clone(c.own)
	if own == nil {
		own = map[string]any{}
	}
	own[key] = value
	c.own = own
}

// field is the field of a builtin key.
func (c *Config) field(key string) (field reflect.Value, ok bool) {
	index, ok := builtinKeys().fields[key]
	if !ok {
		return field, false
	}
	return reflect.ValueOf(c).Elem().Field(index), true
}

// keyTable says which field of Config a key is. It follows from the fields, so
// that a new one needs no entry anywhere.
type keyTable struct {
	names  []string // in the order of the fields
	fields map[string]int
}

var builtinKeys = sync.OnceValue(func() (table keyTable) {
	table.fields = map[string]int{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if !field.IsExported() {
			continue
		}
		key := flaskKey(field)
		table.names = append(table.names, key)
		table.fields[key] = field.Index[0]
	}
	return table
})

// flaskKey is the key of a field. Flask writes some words in one where Go has
// two, and the field then has a tag that says so.
func flaskKey(field reflect.StructField) string {
	if key := field.Tag.Get("key"); key != "" {
		return key
	}
	var key strings.Builder
	for i, letter := range field.Name {
		if i > 0 && beginsWord(field.Name, i) {
			key.WriteByte('_')
		}
		key.WriteRune(unicode.ToUpper(letter))
	}
	return key.String()
}

// beginsWord tells whether a word of a Go name begins at i, as at each of
// "Preferred", "URL" and "Scheme".
func beginsWord(name string, i int) bool {
	if !isCapital(name[i]) {
		return false
	}
	return !isCapital(name[i-1]) || i+1 < len(name) && !isCapital(name[i+1])
}

func isCapital(letter byte) bool { return 'A' <= letter && letter <= 'Z' }

// withoutCounterpart are keys of Flask that would be set to no effect, and what
// to do instead.
var withoutCounterpart = map[string]string{
	"EXPLAIN_TEMPLATE_LOADING":      "a template that cannot be found is an error that names it; look into the file systems that the application was given",
	"JSON_AS_ASCII":                 "set EnsureASCII of the provider in App.JSON",
	"JSON_SORT_KEYS":                "set SortKeys of the provider in App.JSON",
	"JSONIFY_MIMETYPE":              "set MIMEType of the provider in App.JSON",
	"JSONIFY_PRETTYPRINT_REGULAR":   "set Compact of the provider in App.JSON",
	"PROPAGATE_EXCEPTIONS":          "TESTING lets unhandled errors out, and DEBUG shows them in the browser",
	"TRAP_BAD_REQUEST_ERRORS":       "Require returns the error of a missing key, and DEBUG names the key on its page",
	"TRAP_HTTP_EXCEPTIONS":          "register a handler with HandleError for *HTTPError",
	"PRESERVE_CONTEXT_ON_EXCEPTION": "the context is an argument, and lives as long as somebody holds it",
}

// checkOwnKey refuses a key that can only be meant for a builtin one.
func checkOwnKey(key string) error {
	if instead, ok := withoutCounterpart[key]; ok {
		return fmt.Errorf("decant: the configuration key %s has no effect here: %s", key, instead)
	}
	if near := nearestKey(key); near != "" {
		return fmt.Errorf("decant: the configuration key %s is none of the builtin ones; if you mean %s, write that, and otherwise choose a name that cannot be taken for it", key, near)
	}
	return nil
}

// nearestKey is the builtin key that differs from another in one letter, or in
// two if it is long.
func nearestKey(key string) string {
	for _, builtin := range builtinKeys().names {
		slips := 1
		if len(builtin) > len("TESTING") {
			slips = 2
		}
		if spelling.Distance(strings.ToUpper(key), builtin) <= slips {
			return builtin
		}
	}
	return ""
}

// isUpper is Python's: letters in upper case, at least one, and whatever is no
// letter.
func isUpper(key string) bool {
	return key == strings.ToUpper(key) && key != strings.ToLower(key)
}
