package form

import (
	"database/sql/driver"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/pytext"
)

// basic reduces a value of the program to one of Go's own types: pointers are
// followed, a driver.Valuer such as sql.NullString gives its value, and a
// string, number or bool of a named type becomes one of string, int64, uint64,
// float64 or bool. It is nil for a nil pointer.
func basic(value any) any {
	switch value := value.(type) {
	case nil, string, bool, int64, float64, time.Time, *big.Int, []byte, Number, *decant.File:
		return value
	case int:
		return int64(value)
	}
	content := reflect.ValueOf(value)
	if content.Kind() == reflect.Pointer {
		if content.IsNil() {
			return nil
		}
		if _, ok := value.(driver.Valuer); !ok {
			return basic(content.Elem().Interface())
		}
	}
	if valuer, ok := value.(driver.Valuer); ok {
		// A Value that returns its own type breaks the contract of database/sql.
		if held, err := valuer.Value(); err == nil && reflect.TypeOf(held) != content.Type() {
			return basic(held)
		}
	}
	switch {
	case content.Kind() == reflect.String:
		return content.String()
	case content.Kind() == reflect.Bool:
		return content.Bool()
	case content.CanInt():
		return content.Int()
	case content.CanUint():
		return content.Uint()
	case content.CanFloat():
		return content.Float()
	}
	return value
}

// truthy is Python's bool(value).
func truthy(value any) bool {
	switch value := basic(value).(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		return value != ""
	case int64:
		return value != 0
	case uint64:
		return value != 0
	case float64:
		return value != 0
	case Number:
		return !value.IsZero()
	case *decant.File:
		return value != nil && value.Filename != ""
	case time.Time:
		return true
	default:
		content := reflect.ValueOf(value)
		switch content.Kind() {
		case reflect.Slice, reflect.Map, reflect.Array:
			return content.Len() > 0
		}
		return true
	}
}

// equal is Python's a == b for the data of fields.
func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		other, ok := b.(string)
		return ok && a == other
	case time.Time:
		other, ok := b.(time.Time)
		return ok && a.Equal(other)
	}
	if x, ok := rational(a); ok {
		y, ok := rational(b)
		return ok && x.Cmp(y) == 0
	}
	return reflect.DeepEqual(a, b)
}

// rational is the value of a number, and false for anything else.
func rational(value any) (*big.Rat, bool) {
	switch value := basic(value).(type) {
	case int64:
		return new(big.Rat).SetInt64(value), true
	case uint64:
		return new(big.Rat).SetFrac(new(big.Int).SetUint64(value), big.NewInt(1)), true
	case float64:
		number := new(big.Rat).SetFloat64(value)
		return number, number != nil
	case *big.Int:
		return new(big.Rat).SetInt(value), true
	case Number:
		return value.Rat()
	}
	return nil, false
}

// text is Python's str of a string, a number or a bool.
func text(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return string(decant.Escape(value))
}

// isBlank is "not text.strip()".
func isBlank(text string) bool { return pytext.Strip(text) == "" }

// objectSource is the object that a form takes its data from.
type objectSource struct{ object any }

// lookup returns the data for a field of the form.
func (o objectSource) lookup(name string) (value any, ok bool) {
	switch object := o.object.(type) {
	case nil:
		return nil, false
	case map[string]any:
		value, ok = object[name]
		return value, ok
	}
	content := reflect.ValueOf(o.object)
	for content.Kind() == reflect.Pointer && !content.IsNil() {
		content = content.Elem()
	}
	if content.Kind() != reflect.Struct {
		return nil, false
	}
	index, ok := membersOf(content.Type())[name]
	if !ok {
		return nil, false
	}
	member, err := content.FieldByIndexErr(index)
	if err != nil {
		return nil, false // inside an embedded pointer that is nil
	}
	return member.Interface(), true
}

// check refuses an object that has no members.
func (o objectSource) check() error {
	kind := reflect.TypeOf(o.object)
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch o.object.(type) {
	case nil, map[string]any:
		return nil
	}
	if kind.Kind() != reflect.Struct {
		return fmt.Errorf("form: From was given a %T; it takes a struct, a pointer to one, or a map[string]any", o.object)
	}
	return nil
}

// members holds a map[string][]int for each reflect.Type of a struct that forms
// were filled from: the index of each exported field by its name in forms.
var members sync.Map

func membersOf(structure reflect.Type) map[string][]int {
	if known, ok := members.Load(structure); ok {
		return known.(map[string][]int)
	}
	made := map[string][]int{}
	for _, field := range reflect.VisibleFields(structure) {
		name := field.Tag.Get("form")
		name, _, _ = strings.Cut(name, ",")
		switch {
		case !field.IsExported() || name == "-" || field.Anonymous && field.Type.Kind() == reflect.Struct:
			continue
		case name == "":
			name = snakeCase(field.Name)
		}
		if _, taken := made[name]; !taken {
			made[name] = field.Index
		}
	}
	members.Store(structure, made)
	return made
}
