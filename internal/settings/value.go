package settings

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
)

// readField returns the value of a field. A field that is a pointer may be
// empty, and its value is then nil.
func readField(field reflect.Value) any {
	if field.Kind() != reflect.Pointer {
		return field.Interface()
	}
	if field.IsNil() {
		return nil
	}
	return field.Elem().Interface()
}

// writeField sets a field to a value of the field's type, or of a type that
// JSON and other formats use for it. Nil is Flask's None and empties the field:
// no key, no limit, off. A string or a duration with a default refuses nil. False
// empties a string too: Flask's older documentation has SESSION_COOKIE_DOMAIN = False.
func writeField(field, initial reflect.Value, value any) error {
	wanted := field.Type()
	none := value == nil || value == false && wanted.Kind() == reflect.String
	if none && (initial.IsZero() || wanted.Kind() != reflect.String && wanted != durationType) {
		field.SetZero()
		return nil
	}
	if wanted.Kind() == reflect.Pointer {
		wanted = wanted.Elem()
	}
	converted, ok := convert(wanted, plainNumber(value))
	if !ok {
		return fmt.Errorf("wants %s, not %s", describeType(wanted), typeName(value))
	}
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(wanted))
		field = field.Elem()
	}
	field.Set(converted.Convert(wanted))
	return nil
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	stringsType  = reflect.TypeFor[[]string]()
)

// convert converts a value to the wanted type, which is one of those that a
// field can have. It reports false where the value has no equal of that type.
func convert(wanted reflect.Type, value any) (reflect.Value, bool) {
	switch {
	case reflect.TypeOf(value) == wanted:
		return ownCopy(value), true
	case wanted == durationType:
		return seconds(value)
	case wanted == stringsType:
		return stringList(value)
	}
	switch wanted.Kind() {
	case reflect.String:
		text, ok := stringOf(value)
		return reflect.ValueOf(text), ok
	case reflect.Bool:
		return boolean(value)
	case reflect.Int, reflect.Int64:
		return wholeNumber(wanted, value)
	}
	return reflect.Value{}, false
}

// describeType says which values convert accepts.
func describeType(wanted reflect.Type) string {
	switch {
	case wanted == durationType:
		return "a number of seconds or a time.Duration"
	case wanted == stringsType:
		return "a list of strings"
	}
	switch wanted.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number of up to 64 bits"
	}
	return "to be set as a field of Config"
}

// typeName names the type of a value. It does not show the value, which may be a
// secret.
func typeName(value any) string {
	switch value := value.(type) {
	case nil:
		return "nil"
	case []any:
		return listName(value)
	}
	return fmt.Sprintf("%T", value)
}

// listName names the first item that keeps a list from being a list of strings.
func listName(items []any) string {
	for i, item := range items {
		if _, ok := stringOf(item); !ok {
			return fmt.Sprintf("a list with %s at index %d", typeName(item), i)
		}
	}
	return "a list"
}

// plainNumber converts a json.Number to a number. Its type is a kind of string,
// so it would otherwise be taken for one.
func plainNumber(value any) any {
	number, ok := value.(json.Number)
	if !ok {
		return value
	}
	plain, err := pyjson.Parse([]byte(number))
	if err != nil {
		return value
	}
	return plain
}

// ownCopy copies a list, so that the caller cannot change the configuration
// through it.
func ownCopy(value any) reflect.Value {
	if list, ok := value.([]string); ok {
		value = slices.Clone(list)
	}
	return reflect.ValueOf(value)
}

func stringOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case []byte:
		return string(value), true
	}
	return "", false
}

// stringList converts a list of strings. A single string is a list of one item,
// and an empty string is an empty list.
func stringList(value any) (reflect.Value, bool) {
	if single, ok := stringOf(value); ok {
		value = []any{single}
		if single == "" {
			value = []any{}
		}
	}
	items, ok := value.([]any)
	var list []string
	for _, item := range items {
		text, isText := stringOf(item)
		list, ok = append(list, text), ok && isText
	}
	return reflect.ValueOf(list), ok
}

// boolean accepts 1 and 0, which people write in environment variables.
func boolean(value any) (reflect.Value, bool) {
	number, ok := integer(value)
	return reflect.ValueOf(number == 1), ok && (number == 0 || number == 1)
}

func wholeNumber(wanted reflect.Type, value any) (reflect.Value, bool) {
	number, ok := integer(value)
	return reflect.ValueOf(number), ok && !wanted.OverflowInt(number)
}

// integer converts a whole number of any numeric type. A time.Duration is not a
// number.
func integer(value any) (int64, bool) {
	switch number := reflect.ValueOf(value); {
	case number.CanInt():
		return number.Int(), number.Type() != durationType
	case number.CanUint():
		return int64(number.Uint()), number.Uint() <= math.MaxInt64
	case number.CanFloat():
		whole := int64(number.Float())
		return whole, float64(whole) == number.Float() && whole != math.MaxInt64
	}
	if number, ok := value.(*big.Int); ok {
		return number.Int64(), number.IsInt64()
	}
	return 0, false
}

// seconds converts a number of seconds to a duration, as Flask does.
func seconds(value any) (reflect.Value, bool) {
	count, ok := integer(value)
	if number := reflect.ValueOf(value); !ok && number.CanFloat() {
		nanoseconds := number.Float() * float64(time.Second)
		ok = math.Abs(nanoseconds) < math.MaxInt64
		return reflect.ValueOf(int64(nanoseconds)), ok
	}
	const most = math.MaxInt64 / int64(time.Second)
	return reflect.ValueOf(count * int64(time.Second)), ok && -most <= count && count <= most
}
