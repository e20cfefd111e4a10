package jinja

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/decant-go/decant/internal/pyformat"
)

// bind puts the arguments into slots, one for each of the parameters in names.
// The slot of an argument that is not given keeps what it holds. The first
// parameters, as many as required says, must be given.
func (a arguments) bind(slots []value, function string, required int, names ...string) error {
	if len(a.positional) > len(names) {
		return tooManyArguments(function, len(names), len(a.positional))
	}
	copy(slots, a.positional)
	for _, arg := range a.named {
		i := slices.Index(names, arg.name)
		switch {
		case i < 0:
			return typeError("%s() got an unexpected keyword argument '%s'", function, arg.name)
		case i < len(a.positional):
			return typeError("%s() got multiple values for argument '%s'", function, arg.name)
		}
		slots[i] = arg.value
	}
	for i := len(a.positional); i < required; i++ {
		if slots[i].kind == kindMissing {
			return typeError("%s() misses the argument '%s'", function, names[i])
		}
	}
	return nil
}

// bindPositional does the same for a function whose parameters have no names.
func (a arguments) bindPositional(slots []value, function string, required int) error {
	switch n := len(a.positional); {
	case len(a.named) > 0:
		return typeError("%s() takes no keyword arguments", function)
	case n > len(slots):
		return tooManyArguments(function, len(slots), n)
	case n < required:
		return typeError("%s() takes at least %s, but %d were given", function, counted(required), n)
	}
	copy(slots, a.positional)
	return nil
}

// none checks that there are no arguments.
func (a arguments) none(function string) error { return a.bindPositional(nil, function, 0) }

func tooManyArguments(function string, most, given int) error {
	return typeError("%s() takes at most %s, but %d were given", function, counted(most), given)
}

func counted(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return strconv.Itoa(n) + " arguments"
}

// isAbsent reports whether an optional argument is not given or None.
func isAbsent(v value) bool { return v.kind == kindMissing || v.kind == kindNone }

// flag returns whether an argument is true. One that is not given is not.
func flag(v value) (bool, error) { return isTrue(v) }

// integerArg returns an argument as an integer. Floats are not accepted, as in
// Python.
func integerArg(v value) (int, error) {
	switch v.kind {
	case kindInt, kindBool:
		return int(v.int()), nil
	case kindBig:
		return 0, fail(OverflowError, "Python int too large to convert to C ssize_t")
	}
	if u := underlying(v); u.kind == kindInt {
		return int(u.int()), nil
	}
	return 0, typeError("'%s' object cannot be interpreted as an integer", typeName(v))
}

// positionOr returns an argument that is a position in a sequence. A position
// that is not given or None is the default, and a large one is the end.
func positionOr(v value, otherwise int) (int, error) {
	switch {
	case isAbsent(v):
		return otherwise, nil
	case v.kind == kindBig && v.ref.(*big.Int).Sign() < 0:
		return math.MinInt, nil
	case v.kind == kindBig:
		return math.MaxInt, nil
	}
	n, err := integerArg(v)
	if err != nil {
		return 0, typeError("slice indices must be integers or None or have an __index__ method")
	}
	return n, nil
}

// textArg returns an argument that must be a string.
func textArg(function string, v value) (string, error) {
	if v.isText() {
		return v.text(), nil
	}
	if u := underlying(v); u.isText() {
		return u.text(), nil
	}
	return "", typeError("%s() needs a string, not '%s'", function, typeName(v))
}

// strOf is Python's str: the text of any value.
func strOf(v value) (string, error) {
	if v.kind == kindUndefined {
		if u := undefinedOf(v); u.mode == Strict {
			return "", u.err()
		}
	}
	return textOf(v), nil
}

// softText returns a string as it is, safe or not, and the text of any other
// value.
func softText(v value) (value, error) {
	if v.isText() {
		return v, nil
	}
	s, err := strOf(v)
	return stringValue(s), err
}

// escaped is markupsafe.escape: the HTML of a value.
func escaped(v value) (value, error) {
	if v.kind == kindUndefined {
		if u := undefinedOf(v); u.mode == Strict {
			return missing, u.err()
		}
	}
	return markupValue(htmlOf(v)), nil
}

// pyFloat is Python's float.
func pyFloat(v value) (float64, error) {
	if u := underlying(v); u.kind != kindMissing && !isDuration(v) {
		v = u
	}
	switch {
	case v.isText():
		f, ok := pyformat.ParseFloat(v.text())
		if !ok {
			return 0, valueError("could not convert string to float: %s", reprOf(stringValue(v.text())))
		}
		return f, nil
	case isNumber(v):
		f := floatOf(v)
		if v.kind == kindBig && math.IsInf(f, 0) {
			return 0, fail(OverflowError, "int too large to convert to float")
		}
		return f, nil
	case v.kind == kindUndefined:
		return 0, undefinedOf(v).err()
	}
	return 0, typeError("float() argument must be a string or a real number, not '%s'", typeName(v))
}

// pyInt is Python's int. The base counts for strings.
func pyInt(v value, base int) (value, error) {
	if u := underlying(v); u.kind != kindMissing && !isDuration(v) {
		v = u
	}
	switch {
	case v.isText():
		if base != 0 && (base < 2 || base > 36) {
			return missing, valueError("int() base must be >= 2 and <= 36, or 0")
		}
		n, ok := pyformat.ParseInt(v.text(), base)
		if !ok {
			return missing, valueError("invalid literal for int() with base %d: %s", base, reprOf(stringValue(v.text())))
		}
		return bigValue(n), nil
	case isInteger(v):
		return bigValue(bigOf(v)), nil
	case v.kind == kindFloat:
		return truncated(v.float())
	case v.kind == kindUndefined:
		return missing, undefinedOf(v).err()
	}
	return missing, typeError("int() argument must be a string, a bytes-like object or a real number, not '%s'", typeName(v))
}

// truncated returns a float without its fraction, as an integer.
func truncated(f float64) (value, error) {
	switch {
	case math.IsNaN(f):
		return missing, valueError("cannot convert float NaN to integer")
	case math.IsInf(f, 0):
		return missing, fail(OverflowError, "cannot convert float infinity to integer")
	}
	n, _ := big.NewFloat(f).Int(nil)
	return bigValue(n), nil
}

// items collects what a value iterates over. The caller must not change them.
func (r *run) items(v value) ([]value, error) {
	switch v.kind {
	case kindList:
		return v.ref.(*list).all(), nil
	case kindTuple:
		return v.ref.(*tuple).items, nil
	}
	it, err := r.iterate(v)
	if err != nil {
		return nil, err
	}
	var items []value
	for {
		item, ok, err := it.next()
		if err != nil || !ok {
			return items, err
		}
		if err := r.checkItems(len(items) + 1); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
}

// pair returns the two items of a value that must have two.
func (r *run) pair(v value) (first, second value, err error) {
	items, err := r.items(v)
	switch {
	case err != nil:
		return missing, missing, err
	case len(items) < 2:
		return missing, missing, valueError("not enough values to unpack (expected 2, got %d)", len(items))
	case len(items) > 2:
		return missing, missing, valueError("too many values to unpack (expected 2)")
	}
	return items[0], items[1], nil
}

// entry is a key of a mapping with its value.
type entry struct{ key, val value }

// entries returns the entries of a mapping: a dict, a Go map, or an object with
// a method "items".
func (r *run) entries(v value) ([]entry, error) {
	if v.kind == kindDict || v.kind == kindMap {
		n, _ := lengthOf(v)
		entries := make([]entry, 0, n)
		eachEntry(v, func(key, val value) bool {
			entries = append(entries, entry{key, val})
			return true
		})
		return entries, nil
	}
	method, ok, err := r.attribute(v, "items")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, typeError("'%s' object has no attribute 'items'", typeName(v))
	}
	result, err := r.call(method, arguments{})
	if err != nil {
		return nil, err
	}
	return r.pairs(result)
}

// pairs returns the entries that are the pairs of an iterable.
func (r *run) pairs(v value) ([]entry, error) {
	items, err := r.items(v)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(items))
	for i, item := range items {
		if entries[i].key, entries[i].val, err = r.pair(item); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
