package jinja

import (
	"errors"
	"math"
	"math/big"
	"time"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/jinja/internal/text"
)

func filterAbs(r *run, v value, args arguments) (value, error) {
	if err := args.none("abs"); err != nil {
		return missing, err
	}
	if d, ok := v.ref.(time.Duration); ok {
		return value{kind: kindGo, ref: d.Abs()}, nil
	}
	if u := underlying(v); u.kind != kindMissing {
		v = u
	}
	switch {
	case isInteger(v):
		return bigValue(new(big.Int).Abs(bigOf(v))), nil
	case v.kind == kindFloat:
		return floatValue(math.Abs(v.float())), nil
	}
	return missing, typeError("bad operand type for abs(): '%s'", typeName(v))
}

// filterInt converts to an integer. A value that is not a number becomes the default.
func filterInt(r *run, v value, args arguments) (value, error) {
	slots := [2]value{intValue(0), intValue(10)}
	if err := args.bind(slots[:], "int", 0, "default", "base"); err != nil {
		return missing, err
	}
	n, err := intWithBase(v, slots[1])
	if err == nil || !isConversionError(err) {
		return n, err
	}
	f, err := pyFloat(v)
	if err != nil {
		if isConversionError(err) || errors.Is(err, OverflowError) {
			return slots[0], nil
		}
		return missing, err
	}
	if n, err = truncated(f); err != nil {
		return slots[0], nil
	}
	return n, nil
}

// intWithBase is Python's int. The base counts for strings only.
func intWithBase(v, base value) (value, error) {
	if !v.isText() {
		return pyInt(v, 10)
	}
	n, err := integerArg(base)
	if err != nil {
		return missing, err
	}
	return pyInt(v, n)
}

// isConversionError reports whether an error means that a value is not a
// number.
func isConversionError(err error) bool {
	return errors.Is(err, TypeError) || errors.Is(err, ValueError)
}

// filterFloat converts to a float. A value that is not a number becomes the default.
func filterFloat(r *run, v value, args arguments) (value, error) {
	slots := [1]value{floatValue(0)}
	if err := args.bind(slots[:], "float", 0, "default"); err != nil {
		return missing, err
	}
	f, err := pyFloat(v)
	switch {
	case err == nil:
		return floatValue(f), nil
	case isConversionError(err):
		return slots[0], nil
	}
	return missing, err
}

// filterRound rounds to a number of decimals: to the nearest number, up or
// down. Integers stay integers if they are rounded to the nearest.
func filterRound(r *run, v value, args arguments) (value, error) {
	slots := [2]value{intValue(0), stringValue("common")}
	if err := args.bind(slots[:], "round", 0, "precision", "method"); err != nil {
		return missing, err
	}
	method := slots[1]
	if !method.isText() {
		method = stringValue("")
	}
	if u := underlying(v); u.kind != kindMissing && !isDuration(v) {
		v = u
	}
	switch method.text() {
	case "common":
		return roundNearest(v, slots[0])
	case "ceil":
		return roundScaled(r, v, slots[0], math.Ceil)
	case "floor":
		return roundScaled(r, v, slots[0], math.Floor)
	}
	return missing, filterError("the method of round must be 'common', 'ceil' or 'floor'")
}

func isDuration(v value) bool {
	_, ok := v.ref.(time.Duration)
	return ok
}

// roundNearest is Python's round.
func roundNearest(v, precision value) (value, error) {
	if !isNumber(v) {
		return missing, typeError("type %s doesn't define __round__ method", typeName(v))
	}
	if precision.kind == kindNone {
		if v.kind != kindFloat {
			return bigValue(bigOf(v)), nil
		}
		return truncated(math.RoundToEven(v.float()))
	}
	digits, err := integerArg(precision)
	if err != nil {
		return missing, err
	}
	if v.kind != kindFloat {
		return bigValue(roundInt(bigOf(v), digits)), nil
	}
	f := v.float()
	rounded := f
	switch {
	case digits < -400:
		rounded = math.Copysign(0, f)
	case digits <= 400:
		rounded = pyformat.Round(f, digits)
	}
	if math.IsInf(rounded, 0) && !math.IsInf(f, 0) {
		return missing, fail(OverflowError, "rounded value too large to represent")
	}
	return floatValue(rounded), nil
}

// roundInt rounds an integer to a power of ten, if digits are negative. Of two
// equally near numbers it takes the even one.
func roundInt(n *big.Int, digits int) *big.Int {
	switch {
	case digits >= 0:
		return n
	case -digits > n.BitLen():
		return new(big.Int)
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil)
	quotient, remainder := new(big.Int).DivMod(n, unit, new(big.Int))
	order := remainder.Lsh(remainder, 1).Cmp(unit)
	if order > 0 || order == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient.Mul(quotient, unit)
}

// roundScaled rounds up or down, as Jinja2 does: it multiplies by a power of
// ten, rounds, and divides.
func roundScaled(r *run, v, precision value, rounding func(float64) float64) (value, error) {
	scale, err := arithmetic(r, "**", intValue(10), precision)
	if err != nil {
		return missing, err
	}
	scaled, err := arithmetic(r, "*", v, scale)
	if err != nil {
		return missing, err
	}
	switch {
	case scaled.kind == kindFloat:
		if scaled, err = truncated(rounding(scaled.float())); err != nil {
			return missing, err
		}
	case !isInteger(scaled):
		return missing, typeError("must be real number, not %s", typeName(scaled))
	}
	return arithmetic(r, "/", scaled, scale)
}

// filterFilesizeformat writes a number of bytes for people: "13.0 kB".
func filterFilesizeformat(r *run, v value, args arguments) (value, error) {
	slots := [1]value{falseVal}
	if err := args.bind(slots[:], "filesizeformat", 0, "binary"); err != nil {
		return missing, err
	}
	binary, err := flag(slots[0])
	if err != nil {
		return missing, err
	}
	size, err := pyFloat(v)
	if err != nil {
		return missing, err
	}
	s, err := text.FileSize(size, binary)
	if err != nil {
		return missing, valueError("%s", err)
	}
	return stringValue(s), nil
}

// filterSum adds the items, or an attribute of each.
func filterSum(r *run, v value, args arguments) (value, error) {
	slots := [2]value{none, intValue(0)}
	if err := args.bind(slots[:], "sum", 0, "attribute", "start"); err != nil {
		return missing, err
	}
	items, err := r.items(v)
	if err != nil {
		return missing, err
	}
	if slots[0].kind != kindNone {
		if items, err = r.attributesOf(items, slots[0]); err != nil {
			return missing, err
		}
	}
	sum := slots[1]
	if sum.isText() {
		return missing, typeError("sum() can't sum strings; use the filter join instead")
	}
	for _, item := range items {
		if sum, err = arithmetic(r, "+", sum, item); err != nil {
			return missing, err
		}
	}
	return sum, nil
}
