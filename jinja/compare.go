package jinja

import (
	"bytes"
	"math/big"
	"reflect"
	"strings"
	"time"
)

// maxCompared is how deep lists in lists are compared.
const maxCompared = 200

// equal reports whether Python's == holds.
func equal(a, b value) (bool, error) { return equalDeep(a, b, 0) }

func equalDeep(a, b value, depth int) (bool, error) {
	if depth > maxCompared {
		return false, fail(LimitError, "the values are nested too deeply to be compared")
	}
	if a.isText() && b.isText() {
		return a.n == b.n && a.text() == b.text(), nil
	}
	if a.isUndefined() || b.isUndefined() {
		return equalUndefined(a, b)
	}
	if isNumber(a) && isNumber(b) {
		if a.kind <= kindInt && b.kind <= kindInt {
			return a.n == b.n, nil
		}
		order, ordered := compareNumbers(a, b)
		return ordered && order == 0, nil
	}
	switch {
	case a.kind == kindNone || b.kind == kindNone:
		return a.kind == b.kind, nil
	case a.kind == kindList && b.kind == kindList, a.kind == kindTuple && b.kind == kindTuple:
		return equalItems(a, b, depth)
	case (a.kind == kindDict || a.kind == kindMap) && (b.kind == kindDict || b.kind == kindMap):
		return equalDicts(a, b, depth)
	case a.kind == kindRange && b.kind == kindRange:
		return equalRanges(a.ref.(*rangeValue), b.ref.(*rangeValue)), nil
	case a.kind == kindGo || b.kind == kindGo:
		return equalGo(a, b, depth)
	case a.kind == kindObject && b.kind == kindObject, a.kind == kindFunc && b.kind == kindFunc, a.kind == kindIter && b.kind == kindIter:
		if x, ok := a.ref.(*goFunc); ok {
			y, ok := b.ref.(*goFunc)
			return ok && x.fn.Pointer() == y.fn.Pointer(), nil
		}
		return reflect.ValueOf(a.ref).Comparable() && reflect.ValueOf(b.ref).Comparable() && a.ref == b.ref, nil
	}
	return false, nil
}

func equalUndefined(a, b value) (bool, error) {
	for _, v := range []value{a, b} {
		if u, ok := v.ref.(*undefined); ok && u.mode == Strict {
			return false, u.err()
		}
	}
	return a.isUndefined() && b.isUndefined(), nil
}

func equalRanges(a, b *rangeValue) bool {
	n := a.len()
	return n == b.len() && (n == 0 || a.start == b.start && (n == 1 || a.step == b.step))
}

func equalItems(a, b value, depth int) (bool, error) {
	if a.ref == b.ref {
		return true, nil
	}
	x, y := sequenceItems(a), sequenceItems(b)
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if same, err := equalDeep(x[i], y[i], depth+1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// sequenceItems returns the items of a list or a tuple.
func sequenceItems(v value) []value {
	if v.kind == kindTuple {
		return v.ref.(*tuple).items
	}
	return v.ref.(*list).all()
}

func equalDicts(a, b value, depth int) (same bool, err error) {
	if a.kind == kindDict && a.ref == b.ref {
		return true, nil
	}
	x, _ := lengthOf(a)
	y, _ := lengthOf(b)
	if x != y {
		return false, nil
	}
	same = true
	eachEntry(a, func(key, val value) bool {
		other, ok, lookupErr := entryOf(b, key)
		if lookupErr != nil || !ok {
			same, err = false, lookupErr
			return false
		}
		same, err = equalDeep(val, other, depth+1)
		return same && err == nil
	})
	return same, err
}

func equalGo(a, b value, depth int) (bool, error) {
	if x, ok := a.ref.(time.Time); ok {
		y, ok := b.ref.(time.Time)
		return ok && x.Equal(y), nil
	}
	if x, ok := a.ref.([]byte); ok {
		y, ok := b.ref.([]byte)
		return ok && bytes.Equal(x, y), nil
	}
	if a.kind == kindGo && b.kind == kindGo {
		return sameGo(a.ref, b.ref), nil
	}
	x, y := underlying(a), underlying(b)
	switch {
	case x.kind != kindMissing:
		return equalDeep(x, b, depth+1)
	case y.kind != kindMissing:
		return equalDeep(a, y, depth+1)
	}
	return false, nil
}

// sameGo reports whether two Go values are equal by Go's ==, or one and the same map
// or function.
func sameGo(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.Type() != y.Type() {
		return false
	}
	if k := x.Kind(); k == reflect.Map || k == reflect.Func {
		return x.Pointer() == y.Pointer()
	}
	return x.Comparable() && y.Comparable() && a == b
}

// compareOp evaluates an operator of comparison.
func compareOp(r *run, op string, a, b value) (bool, error) {
	switch op {
	case "==":
		return equal(a, b)
	case "!=":
		same, err := equal(a, b)
		return !same, err
	case "in":
		return contains(r, b, a)
	case "notin":
		found, err := contains(r, b, a)
		return !found, err
	}
	return ordered(op, a, b, 0)
}

// holds reports whether an operator holds for the result of a comparison.
func holds(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// ordered evaluates <, <=, > and >=.
func ordered(op string, a, b value, depth int) (bool, error) {
	if depth > maxCompared {
		return false, fail(LimitError, "the values are nested too deeply to be compared")
	}
	switch {
	case a.isText() && b.isText():
		return holds(op, strings.Compare(a.text(), b.text())), nil
	case isNumber(a) && isNumber(b):
		order, comparable := compareNumbers(a, b)
		return comparable && holds(op, order), nil
	case a.kind == kindUndefined:
		return false, undefinedOf(a).err()
	case b.kind == kindUndefined:
		return false, undefinedOf(b).err()
	case a.kind == b.kind && (a.kind == kindList || a.kind == kindTuple):
		return orderedItems(op, sequenceItems(a), sequenceItems(b), depth)
	case a.kind == kindGo || b.kind == kindGo:
		return orderedGo(op, a, b, depth)
	}
	return false, incomparable(op, a, b)
}

func incomparable(op string, a, b value) error {
	return typeError("'%s' not supported between instances of '%s' and '%s'", op, typeName(a), typeName(b))
}

func orderedItems(op string, a, b []value, depth int) (bool, error) {
	for i := range min(len(a), len(b)) {
		same, err := equalDeep(a[i], b[i], depth+1)
		if err != nil {
			return false, err
		}
		if !same {
			return ordered(op, a[i], b[i], depth+1)
		}
	}
	return holds(op, len(a)-len(b)), nil
}

func orderedGo(op string, a, b value, depth int) (bool, error) {
	if x, ok := a.ref.(time.Time); ok {
		if y, ok := b.ref.(time.Time); ok {
			return holds(op, x.Compare(y)), nil
		}
		return false, incomparable(op, a, b)
	}
	x, y := underlying(a), underlying(b)
	if x.kind == kindMissing {
		x = a
	}
	if y.kind == kindMissing {
		y = b
	}
	if x.kind == kindGo || y.kind == kindGo {
		return false, incomparable(op, a, b)
	}
	return ordered(op, x, y, depth+1)
}

// isNumber reports whether a value takes part in arithmetic.
func isNumber(v value) bool {
	switch v.kind {
	case kindBool, kindInt, kindFloat, kindBig:
		return true
	}
	return false
}

// compareNumbers compares two numbers. It reports false if one is not a number
// in the sense of IEEE.
func compareNumbers(a, b value) (order int, comparable bool) {
	if a.kind == kindFloat || b.kind == kindFloat {
		return compareFloats(a, b)
	}
	if a.kind == kindBig || b.kind == kindBig {
		return bigOf(a).Cmp(bigOf(b)), true
	}
	switch x, y := a.int(), b.int(); {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func compareFloats(a, b value) (int, bool) {
	const exact = 1 << 53
	large := func(v value) bool {
		return v.kind == kindBig || v.kind == kindInt && (v.int() > exact || v.int() < -exact)
	}
	if large(a) || large(b) {
		x, okX := exactFloat(a)
		y, okY := exactFloat(b)
		if okX && okY {
			return x.Cmp(y), true
		}
	}
	switch x, y := floatOf(a), floatOf(b); {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	case x == y:
		return 0, true
	}
	return 0, false
}

// exactFloat returns a number without rounding.
func exactFloat(v value) (*big.Float, bool) {
	if v.kind == kindFloat {
		f := v.float()
		if f != f {
			return nil, false
		}
		return big.NewFloat(f), true
	}
	return new(big.Float).SetInt(bigOf(v)), true
}

// contains reports whether a container has an item.
func contains(r *run, container, item value) (bool, error) {
	switch container.kind {
	case kindString, kindMarkup:
		if !item.isText() {
			if item.kind == kindUndefined {
				return false, typeError("'in <string>' requires string as left operand, not %s", typeName(item))
			}
			return false, typeError("'in <string>' requires string as left operand, not %s", typeName(item))
		}
		return strings.Contains(container.text(), item.text()), nil
	case kindDict, kindMap:
		_, ok, err := entryOf(container, item)
		return ok, err
	case kindRange:
		if item.kind == kindInt || item.kind == kindBool {
			return container.ref.(*rangeValue).contains(item.int()), nil
		}
	case kindGo:
		if c, ok := container.ref.(Container); ok {
			return c.JinjaContains(toGo(item)), nil
		}
		if i, ok := container.ref.(Itemer); ok {
			if _, iterable := container.ref.(Iterable); !iterable {
				_, found := i.JinjaItem(toGo(item))
				return found, nil
			}
		}
	}
	it, err := r.iterate(container)
	if err != nil {
		if container.kind == kindUndefined {
			return false, err
		}
		return false, typeError("argument of type '%s' is not iterable", typeName(container))
	}
	for {
		v, ok, err := it.next()
		if err != nil || !ok {
			return false, err
		}
		if same, err := equal(v, item); err != nil || same {
			return same, err
		}
	}
}
