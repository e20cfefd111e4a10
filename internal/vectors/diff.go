package vectors

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/pytext"
)

// Diff compares two values of the kinds a Decoder makes and returns "" when
// they are the same in type and value: NaN equals NaN, -0.0 differs from 0.0,
// dates agree in moment and in offset, an empty list is not nil.
func Diff(want, got any) string {
	if same(want, got) {
		return ""
	}
	if diff := cmp.Diff(pytext.Repr(want), pytext.Repr(got)); diff != "" {
		return diff
	}
	return fmt.Sprintf("want %#v\n got %#v", want, got)
}

// same walks the values itself: cmp takes exponential time on deep nesting.
func same(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case float64:
		return sameFloat(a, b.(float64))
	case *big.Int:
		return a.Cmp(b.(*big.Int)) == 0
	case time.Time:
		return sameDate(a, b.(time.Time))
	case []any:
		return sameItems(a, b.([]any))
	case map[string]any:
		return sameMembers(a, b.(map[string]any))
	case map[any]any:
		return sameMembers(a, b.(map[any]any))
	}
	if items, ok := itemsOf(a); ok {
		others, _ := itemsOf(b)
		return sameItems(items, others)
	}
	return reflect.DeepEqual(a, b)
}

// itemsOf returns the items of a set or of a tuple of any type.
func itemsOf(v any) ([]any, bool) {
	list := reflect.ValueOf(v)
	if !list.IsValid() || !list.CanConvert(reflect.TypeFor[[]any]()) {
		return nil, false
	}
	return list.Convert(reflect.TypeFor[[]any]()).Interface().([]any), true
}

func sameFloat(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

func sameDate(a, b time.Time) bool {
	_, offsetA := a.Zone()
	_, offsetB := b.Zone()
	return a.Equal(b) && offsetA == offsetB
}

func sameItems(a, b []any) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}

func sameMembers[K comparable](a, b map[K]any) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for key, value := range a {
		if other, ok := b[key]; !ok || !same(value, other) {
			return false
		}
	}
	return true
}
