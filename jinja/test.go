package jinja

import (
	"reflect"

	"github.com/decant-go/decant/jinja/internal/text"
)

// builtinTests returns the tests of Jinja2.
func builtinTests() map[string]testFunc {
	return map[string]testFunc{
		"odd":         testOdd,
		"even":        testEven,
		"divisibleby": testDivisibleby,
		"defined":     testDefined,
		"undefined":   testUndefined,
		"filter":      testFilter,
		"test":        testTest,
		"none":        testNone,
		"boolean":     testBoolean,
		"false":       testFalse,
		"true":        testTrue,
		"integer":     testInteger,
		"float":       testFloat,
		"lower":       testLower,
		"upper":       testUpper,
		"string":      testString,
		"mapping":     testMapping,
		"number":      testNumber,
		"sequence":    testSequence,
		"iterable":    testIterable,
		"callable":    testCallable,
		"sameas":      testSameas,
		"escaped":     testEscaped,
		"in":          testIn,
		"==":          comparison("=="),
		"eq":          comparison("=="),
		"equalto":     comparison("=="),
		"!=":          comparison("!="),
		"ne":          comparison("!="),
		">":           comparison(">"),
		"gt":          comparison(">"),
		"greaterthan": comparison(">"),
		">=":          comparison(">="),
		"ge":          comparison(">="),
		"<":           comparison("<"),
		"lt":          comparison("<"),
		"lessthan":    comparison("<"),
		"<=":          comparison("<="),
		"le":          comparison("<="),
	}
}

// comparison returns the test of an operator.
func comparison(op string) testFunc {
	return func(r *run, v value, args arguments) (bool, error) {
		var slots [1]value
		if err := args.bindPositional(slots[:], op, 1); err != nil {
			return false, err
		}
		return compareOp(r, op, v, slots[0])
	}
}

func testOdd(r *run, v value, args arguments) (bool, error) {
	return isRemainder(r, "odd", v, 1, args)
}

func testEven(r *run, v value, args arguments) (bool, error) {
	return isRemainder(r, "even", v, 0, args)
}

// isRemainder reports whether a remainder is left when a number is divided by
// two.
func isRemainder(r *run, test string, v value, remainder int64, args arguments) (bool, error) {
	if err := args.none(test); err != nil {
		return false, err
	}
	left, err := arithmetic(r, "%", v, intValue(2))
	if err != nil {
		return false, err
	}
	return equal(left, intValue(remainder))
}

func testDivisibleby(r *run, v value, args arguments) (bool, error) {
	var slots [1]value
	if err := args.bind(slots[:], "divisibleby", 1, "num"); err != nil {
		return false, err
	}
	left, err := arithmetic(r, "%", v, slots[0])
	if err != nil {
		return false, err
	}
	return equal(left, intValue(0))
}

func testDefined(r *run, v value, args arguments) (bool, error) {
	return !v.isUndefined(), args.none("defined")
}

func testUndefined(r *run, v value, args arguments) (bool, error) {
	return v.isUndefined(), args.none("undefined")
}

// testFilter reports whether there is a filter of that name.
func testFilter(r *run, v value, args arguments) (bool, error) {
	if err := args.none("filter"); err != nil {
		return false, err
	}
	if !v.isText() {
		_, err := hashOf(v)
		return false, err
	}
	_, ok := r.engine.filters[v.text()]
	return ok, nil
}

// testTest reports whether there is a test of that name.
func testTest(r *run, v value, args arguments) (bool, error) {
	if err := args.none("test"); err != nil {
		return false, err
	}
	if !v.isText() {
		_, err := hashOf(v)
		return false, err
	}
	_, ok := r.engine.tests[v.text()]
	return ok, nil
}

func testNone(r *run, v value, args arguments) (bool, error) {
	return v.kind == kindNone, args.none("none")
}

func testBoolean(r *run, v value, args arguments) (bool, error) {
	return v.kind == kindBool, args.none("boolean")
}

func testFalse(r *run, v value, args arguments) (bool, error) {
	return v.kind == kindBool && !v.bool(), args.none("false")
}

func testTrue(r *run, v value, args arguments) (bool, error) {
	return v.kind == kindBool && v.bool(), args.none("true")
}

// numberOf returns the number that a Go value of a type with methods is.
func numberOf(v value) value {
	if u := underlying(v); u.kind != kindMissing && !isDuration(v) {
		return u
	}
	return v
}

func testInteger(r *run, v value, args arguments) (bool, error) {
	v = numberOf(v)
	return v.kind == kindInt || v.kind == kindBig, args.none("integer")
}

func testFloat(r *run, v value, args arguments) (bool, error) {
	return numberOf(v).kind == kindFloat, args.none("float")
}

func testNumber(r *run, v value, args arguments) (bool, error) {
	return isNumber(numberOf(v)), args.none("number")
}

func testString(r *run, v value, args arguments) (bool, error) {
	return v.isText() || underlying(v).isText(), args.none("string")
}

func testLower(r *run, v value, args arguments) (bool, error) {
	return ofText(v, "lower", args, text.IsLower)
}

func testUpper(r *run, v value, args arguments) (bool, error) {
	return ofText(v, "upper", args, text.IsUpper)
}

func ofText(v value, test string, args arguments, holds func(string) bool) (bool, error) {
	if err := args.none(test); err != nil {
		return false, err
	}
	s, err := strOf(v)
	return err == nil && holds(s), err
}

// testMapping reports whether a value has keys with values. Of Go's objects
// those have that iterate over their keys and answer for their items.
func testMapping(r *run, v value, args arguments) (bool, error) {
	if err := args.none("mapping"); err != nil {
		return false, err
	}
	switch v.kind {
	case kindDict, kindMap:
		return true, nil
	case kindGo:
		_, hasItems := v.ref.(Itemer)
		_, hasKeys := v.ref.(Iterable)
		return hasItems && hasKeys, nil
	}
	return false, nil
}

// testSequence reports whether a value has a length and items. An undefined
// value has, as in Jinja2.
func testSequence(r *run, v value, args arguments) (bool, error) {
	if err := args.none("sequence"); err != nil {
		return false, err
	}
	switch v.kind {
	case kindString, kindMarkup, kindList, kindTuple, kindDict, kindMap, kindRange:
		return true, nil
	case kindUndefined, kindMissing:
		return undefinedOf(v).mode != Strict, nil
	case kindGo:
		_, ok := goLength(v.ref)
		return ok, nil
	}
	return false, nil
}

func testIterable(r *run, v value, args arguments) (bool, error) {
	if err := args.none("iterable"); err != nil {
		return false, err
	}
	if v.kind == kindUndefined && undefinedOf(v).mode == Strict {
		return false, undefinedOf(v).err()
	}
	return isIterable(r, v), nil
}

// isIterable reports whether a value can be iterated over. It does not begin to
// do so.
func isIterable(r *run, v value) bool {
	switch v.kind {
	case kindString, kindMarkup, kindList, kindTuple, kindDict, kindMap, kindRange, kindIter, kindUndefined, kindMissing:
		return true
	case kindObject:
		_, ok := v.ref.(iterableObject)
		return ok
	case kindGo:
		return isGoIterable(v.ref)
	}
	return false
}

// isGoIterable reports whether templates can iterate over a Go value.
func isGoIterable(x any) bool {
	if _, ok := x.(Iterable); ok {
		return true
	}
	t := reflect.TypeOf(x)
	if bindingOf(t).isObject {
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.String:
		return true
	case reflect.Func:
		one, two := sequenceKind(t)
		return one || two
	}
	return false
}

// testCallable reports whether a value can be called. An undefined value counts
// as callable, as in Jinja2.
func testCallable(r *run, v value, args arguments) (bool, error) {
	if err := args.none("callable"); err != nil {
		return false, err
	}
	switch v.kind {
	case kindFunc, kindUndefined, kindMissing:
		return true, nil
	case kindObject:
		_, ok := v.ref.(callable)
		return ok, nil
	case kindGo:
		_, ok := v.ref.(Caller)
		return ok, nil
	}
	return false, nil
}

// testSameas reports whether two values are one and the same.
func testSameas(r *run, v value, args arguments) (bool, error) {
	var slots [1]value
	if err := args.bind(slots[:], "sameas", 1, "other"); err != nil {
		return false, err
	}
	return identical(v, slots[0]), nil
}

func identical(a, b value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case kindMissing, kindNone:
		return true
	case kindBool, kindInt, kindFloat:
		return a.n == b.n
	case kindString, kindMarkup:
		return a.text() == b.text()
	case kindMap:
		return reflect.ValueOf(a.ref.(*goMap).m).Pointer() == reflect.ValueOf(b.ref.(*goMap).m).Pointer()
	}
	return sameGo(a.ref, b.ref)
}

// testEscaped reports whether a value is safe HTML.
func testEscaped(r *run, v value, args arguments) (bool, error) {
	return isSafe(v), args.none("escaped")
}

func testIn(r *run, v value, args arguments) (bool, error) {
	var slots [1]value
	if err := args.bind(slots[:], "in", 1, "seq"); err != nil {
		return false, err
	}
	return contains(r, slots[0], v)
}
