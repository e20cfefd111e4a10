package settings

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/decant-go/decant/internal/spelling"
)

// Keys is the table of the builtin keys. It follows from the fields of a struct,
// so a new field needs no entry anywhere. It is never changed.
type Keys struct {
	names    []string // in the order of the fields
	fields   map[string]int
	defaults reflect.Value // a struct with the default values
}

// KeysOf makes the table for a struct type. The argument points to a struct
// that holds the default values; it must not change afterwards. Unexported
// fields have no key. The tag `key:"…"` of a field gives a key that does not
// follow from the field's name.
func KeysOf(defaults any) *Keys {
	k := &Keys{fields: map[string]int{}, defaults: reflect.ValueOf(defaults).Elem()}
	for _, field := range reflect.VisibleFields(k.defaults.Type()) {
		if !field.IsExported() {
			continue
		}
		key := keyOf(field)
		k.names = append(k.names, key)
		k.fields[key] = field.Index[0]
	}
	return k
}

// Of joins the table with a configuration: a pointer to a struct of the table's
// type, and the map of the application's own keys.
func (k *Keys) Of(config any, own *map[string]any) Settings {
	return Settings{table: k, fields: reflect.ValueOf(config).Elem(), own: own}
}

// initial returns the default value of a builtin key.
func (k *Keys) initial(key string) reflect.Value { return k.defaults.Field(k.fields[key]) }

// keyOf returns the key of a field. Flask writes some words in one where Go has
// two, and such a field has a tag.
func keyOf(field reflect.StructField) string {
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

// beginsWord reports whether a word of a Go name begins at i, as at each of
// "Preferred", "URL" and "Scheme".
func beginsWord(name string, i int) bool {
	if !isCapital(name[i]) {
		return false
	}
	return !isCapital(name[i-1]) || i+1 < len(name) && !isCapital(name[i+1])
}

func isCapital(letter byte) bool { return 'A' <= letter && letter <= 'Z' }

// IsUpper reports whether a key is in upper case: it has at least one letter in
// upper case and none in lower case. It mirrors Python's str.isupper.
func IsUpper(key string) bool {
	return key == strings.ToUpper(key) && key != strings.ToLower(key)
}

// withoutEffect holds keys of Flask that do nothing here, each with advice on
// what to do instead.
var withoutEffect = map[string]string{
	"EXPLAIN_TEMPLATE_LOADING":      "a template that cannot be found is an error that names it; look into the file systems that the application was given",
	"JSON_AS_ASCII":                 "set App.JSON.EnsureASCII",
	"JSON_SORT_KEYS":                "set App.JSON.SortKeys",
	"JSONIFY_MIMETYPE":              "set App.JSON.MIMEType",
	"JSONIFY_PRETTYPRINT_REGULAR":   "set App.JSON.Layout",
	"PROPAGATE_EXCEPTIONS":          "TESTING lets unhandled errors out, and DEBUG shows them in the browser",
	"TRAP_BAD_REQUEST_ERRORS":       "Require returns the error of a missing key, and DEBUG names the key on its page",
	"TRAP_HTTP_EXCEPTIONS":          "register a handler with HandleError for *HTTPError",
	"PRESERVE_CONTEXT_ON_EXCEPTION": "the context is an argument, and lives as long as somebody holds it",
}

// checkOwnKey returns an error for a key that is probably meant to be a builtin
// one.
func (k *Keys) checkOwnKey(key string) error {
	if instead, ok := withoutEffect[key]; ok {
		return fmt.Errorf("decant: the configuration key %s has no effect here: %s", key, instead)
	}
	if near := k.nearest(key); near != "" {
		return fmt.Errorf("decant: the configuration key %s is not a builtin one; if you mean %s, write that, and otherwise choose a name that cannot be taken for it", key, near)
	}
	return nil
}

// nearest returns the builtin key that differs from another key in one letter,
// or in two if it is long. It returns "" if there is no such key.
func (k *Keys) nearest(key string) string {
	for _, builtin := range k.names {
		allowed := 1
		if len(builtin) > len("TESTING") {
			allowed = 2
		}
		if spelling.Distance(strings.ToUpper(key), builtin) <= allowed {
			return builtin
		}
	}
	return ""
}
