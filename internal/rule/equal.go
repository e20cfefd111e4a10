package rule

import "reflect"

// equal is Python's == for values of URLs: numbers are equal across types,
// True is 1, and text equals only text.
func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case int:
		if b, ok := b.(int); ok {
			return a == b
		}
	}
	if x, ok := asNumber(a); ok {
		y, ok := asNumber(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func asNumber(value any) (float64, bool) {
	number := reflect.ValueOf(value)
	switch {
	case number.CanInt():
		return float64(number.Int()), true
	case number.CanUint():
		return float64(number.Uint()), true
	case number.CanFloat():
		return number.Float(), true
	case number.Kind() == reflect.Bool:
		return float64(fromBool(number.Bool())), true
	}
	return 0, false
}
