package decant

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

// readField returns what a field holds. A pointer is a field that may also hold
// nothing, which is nil.
func readField(field reflect.Value) any {
	if field.Kind() != reflect.Pointer {
		return field.Interface()
	}
	if field.IsNil() {
		return nil
	}
	return field.Elem().Interface()
}

// writeField sets a field to a value of its own type, or of one that JSON and
// its like have for it. Nil is Flask's None: no key, no limit, off. A text or a
// duration that has a default cannot be done without.
func writeField(field, initial reflect.Value, value any) error {
	wanted := field.Type()
	if value == nil && (initial.IsZero() || wanted.Kind() != reflect.String && wanted != durationType) {
		field.SetZero()
		return nil
	}
	if wanted.Kind() == reflect.Pointer {
		wanted = wanted.Elem()
	}
	converted, ok := convertSetting(wanted, plainNumber(value))
	if !ok {
		return fmt.Errorf("wants %s, not %s", describeSetting(wanted), typeName(value))
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
	textsType    = reflect.TypeFor[[]string]()
)

// convertSetting makes a value of the wanted type out of another that says the
// same. These are the types that a field of Config can have; a pointer to one
// is for what may also hold nothing.
func convertSetting(wanted reflect.Type, value any) (reflect.Value, bool) {
	switch {
	case reflect.TypeOf(value) == wanted:
		return ownCopy(value), true
	case wanted == durationType:
		return seconds(value)
	case wanted == textsType:
		return texts(value)
	}
	switch wanted.Kind() {
	case reflect.String:
		text, ok := textOf(value)
		return reflect.ValueOf(text), ok
	case reflect.Bool:
		return truth(value)
	case reflect.Int, reflect.Int64:
		return wholeNumber(wanted, value)
	}
	return reflect.Value{}, false
}

// describeSetting says what convertSetting takes.
func describeSetting(wanted reflect.Type) string {
	switch {
	case wanted == durationType:
		return "a number of seconds or a time.Duration"
	case wanted == textsType:
		return "a list of texts"
	}
	switch wanted.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number of up to 64 bits"
	}
	return "to be set as a field of Config"
}

// typeName tells the type of a value and nothing else of it, as it may be a
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

// listName points at what makes a list none of texts.
func listName(items []any) string {
	for i, item := range items {
		if _, ok := textOf(item); !ok {
			return fmt.Sprintf("a list with %s at index %d", typeName(item), i)
		}
	}
	return "a list"
}

// plainNumber reads a json.Number, which would otherwise pass for a text.
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

// ownCopy keeps the caller from changing a list of the configuration.
func ownCopy(value any) reflect.Value {
	if list, ok := value.([]string); ok {
		value = slices.Clone(list)
	}
	return reflect.ValueOf(value)
}

func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case []byte:
		return string(value), true
	}
	return "", false
}

// texts reads a list of texts. A text alone is a list of one, or an empty list
// if it is empty.
func texts(value any) (reflect.Value, bool) {
	if single, ok := textOf(value); ok {
		value = []any{single}
		if single == "" {
			value = []any{}
		}
	}
	items, ok := value.([]any)
	var list []string
	for _, item := range items {
		text, isText := textOf(item)
		list, ok = append(list, text), ok && isText
	}
	return reflect.ValueOf(list), ok
}

// truth takes 1 and 0 too, as people write them in environment variables.
func truth(value any) (reflect.Value, bool) {
	number, ok := integer(value)
	return reflect.ValueOf(number == 1), ok && (number == 0 || number == 1)
}

func wholeNumber(wanted reflect.Type, value any) (reflect.Value, bool) {
	number, ok := integer(value)
	return reflect.ValueOf(number), ok && !wanted.OverflowInt(number)
}

// integer reads a whole number of any numeric type.
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

// seconds reads a duration as Flask does, from the number of its seconds.
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
