// Package settings reads and writes an application's configuration by key.
//
// A configuration is a struct and a map. Each field of the struct has a key in
// Flask's spelling: SecretKey is SECRET_KEY. These are the builtin keys. The map
// holds the application's own keys, such as PAGE_SIZE.
//
// [Keys] is the table of the builtin keys. [Settings] joins the table with one
// configuration: it gets and sets single keys, and loads many of them from a
// map, a file or environment variables. A value from outside is converted to
// the type of its field, and an error says which key is wrong and what to do,
// but never shows the value, which may be a secret.
package settings

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Settings is one configuration, seen by its keys.
type Settings struct {
	table  *Keys
	fields reflect.Value // the struct
	own    *map[string]any
}

// Lookup returns the value of a key and whether the key is there. Builtin keys
// always are.
func (s Settings) Lookup(key string) (value any, ok bool) {
	if value, ok = (*s.own)[key]; ok {
		return value, true
	}
	if field, ok := s.field(key); ok {
		return readField(field), true
	}
	return nil, false
}

// Names lists the builtin keys in the order of the fields, and then the
// application's own keys, sorted.
func (s Settings) Names() []string {
	return append(slices.Clone(s.table.names), slices.Sorted(maps.Keys(*s.own))...)
}

// Naming says which names the keys of a namespace have.
type Naming struct{ KeepCase, KeepPrefix bool }

// Namespace returns the keys that begin with a prefix, with their values. They are
// without the prefix and in lower case unless they are kept.
func (s Settings) Namespace(prefix string, naming Naming) map[string]any {
	namespace := map[string]any{}
	for _, key := range s.Names() {
		name, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		if naming.KeepPrefix {
			name = key
		}
		if !naming.KeepCase {
			name = strings.ToLower(name)
		}
		namespace[name], _ = s.Lookup(key)
	}
	return namespace
}

// IsSecret reports whether others must not see the value of a key. Nobody knows
// which of the application's own keys are secret, so all of them are. A secret
// key that is not set hides nothing.
func (s Settings) IsSecret(key string) bool {
	field, builtin := s.field(key)
	return !builtin || strings.HasPrefix(key, "SECRET_KEY") && !field.IsZero()
}

// Set sets a key. The error says that a value does not fit a builtin key, or
// that a key looks like a misspelt builtin one.
func (s Settings) Set(key string, value any) error {
	if field, ok := s.field(key); ok {
		if err := writeField(field, s.table.initial(key), value); err != nil {
			return fmt.Errorf("decant: the configuration key %s %w", key, err)
		}
		return nil
	}
	if err := s.table.checkOwnKey(key); err != nil {
		return err
	}
	s.setOwn(key, value)
	return nil
}

// setOwn replaces the map instead of changing it, so that a request can read
// the old one at the same time.
func (s Settings) setOwn(key string, value any) {
	own := maps.Clone(*s.own)
	if own == nil {
		own = map[string]any{}
	}
	own[key] = value
	*s.own = own
}

// SetAll sets many keys and passes over those that are not in upper case. The
// error lists every key that is wrong; all others are set.
func (s Settings) SetAll(values map[string]any) error {
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if IsUpper(key) {
			problems = append(problems, s.Set(key, values[key]))
		}
	}
	return errors.Join(problems...)
}

// field returns the field of a builtin key.
func (s Settings) field(key string) (field reflect.Value, ok bool) {
	index, ok := s.table.fields[key]
	if !ok {
		return field, false
	}
	return s.fields.Field(index), true
}
