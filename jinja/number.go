package jinja

import (
	"math"
	"math/big"
	"math/bits"
	"time"
)

// bigOf returns an integer or a bool as a big integer.
func bigOf(v value) *big.Int {
	if v.kind == kindBig {
		return v.ref.(*big.Int)
	}
	return big.NewInt(v.int())
}

// floatOf returns a number as a float.
func floatOf(v value) float64 {
	switch v.kind {
	case kindFloat:
		return v.float()
	case kindBig:
		f, _ := new(big.Float).SetInt(v.ref.(*big.Int)).Float64()
		return f
	}
	return float64(v.int())
}

// arithmetic evaluates x op y.
func arithmetic(r *run, op string, x, y value) (value, error) {
	if x.kind == kindInt && y.kind == kindInt {
		if v, ok := smallArithmetic(op, x.int(), y.int()); ok {
			return v, nil
		}
	}
	if x.kind == kindUndefined {
		return missing, undefinedOf(x).err()
	}
	if op == "%" && x.isText() {
		return percentFormat(r, x, y)
	}
	if y.kind == kindUndefined {
		return missing, undefinedOf(y).err()
	}
	if isNumber(x) && isNumber(y) {
		if x.kind == kindFloat || y.kind == kindFloat || op == "/" {
			return floatArithmetic(op, x, y)
		}
		return bigArithmetic(r, op, bigOf(x), bigOf(y))
	}
	switch op {
	case "+":
		return add(r, x, y)
	case "*":
		if isInteger(y) {
			return repeat(r, x, y)
		}
		if isInteger(x) {
			return repeat(r, y, x)
		}
	}
	return goArithmetic(r, op, x, y)
}

func isInteger(v value) bool {
	return v.kind == kindInt || v.kind == kindBool || v.kind == kindBig
}

func unsupported(op string, x, y value) error {
	if op == "**" {
		op = "** or pow()"
	}
	return typeError("unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(x), typeName(y))
}

// smallArithmetic calculates with integers that fit. It reports false if the
// result does not fit, or if it is an error.
func smallArithmetic(op string, x, y int64) (value, bool) {
	switch op {
	case "+":
		sum := x + y
		return intValue(sum), (sum > x) == (y > 0)
	case "-":
		difference := x - y
		return intValue(difference), (difference < x) == (y > 0)
	case "*":
		high, low := bits.Mul64(magnitude(x), magnitude(y))
		return intValue(x * y), high == 0 && low < 1<<63
	case "//", "%":
		if y == 0 || y == -1 {
			return missing, false
		}
		quotient, remainder := x/y, x%y
		if remainder != 0 && (remainder < 0) != (y < 0) {
			quotient--
			remainder += y
		}
		if op == "%" {
			return intValue(remainder), true
		}
		return intValue(quotient), true
	}
	return missing, false
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// maxBits is how large an integer may become.
const maxBits = 1 << 17

func bigArithmetic(r *run, op string, x, y *big.Int) (value, error) {
	z := new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		if x.BitLen()+y.BitLen() > maxBits {
			return missing, fail(LimitError, "the product has more than %d bits", maxBits)
		}
		z.Mul(x, y)
	case "//", "%":
		if y.Sign() == 0 {
			return missing, fail(ZeroDivisionError, "integer division or modulo by zero")
		}
		remainder := new(big.Int)
		z.QuoRem(x, y, remainder)
		if remainder.Sign() != 0 && remainder.Sign() != y.Sign() {
			z.Sub(z, big.NewInt(1))
			remainder.Add(remainder, y)
		}
		if op == "%" {
			z = remainder
		}
	case "**":
		return power(x, y)
	}
	return bigValue(z), nil
}

func power(x, y *big.Int) (value, error) {
	if y.Sign() < 0 {
		return floatArithmetic("**", bigValue(x), bigValue(y))
	}
	if x.BitLen() > 1 && (!y.IsInt64() || int64(x.BitLen())*y.Int64() > maxBits || y.Int64() > maxBits) {
		return missing, fail(LimitError, "the power has more than %d bits", maxBits)
	}
	if x.BitLen() <= 1 {
		switch {
		case y.Sign() == 0 || x.Sign() > 0:
			return intValue(1), nil
		case x.Sign() == 0:
			return intValue(0), nil
		case y.Bit(0) == 0:
			return intValue(1), nil
		}
		return intValue(-1), nil
	}
	return bigValue(new(big.Int).Exp(x, y, nil)), nil
}

func floatArithmetic(op string, a, b value) (value, error) {
	x, y := floatOf(a), floatOf(b)
	if math.IsInf(x, 0) && a.kind == kindBig || math.IsInf(y, 0) && b.kind == kindBig {
		return missing, fail(OverflowError, "int too large to convert to float")
	}
	switch op {
	case "+":
		return floatValue(x + y), nil
	case "-":
		return floatValue(x - y), nil
	case "*":
		return floatValue(x * y), nil
	case "/":
		if y != 0 && a.kind != kindFloat && b.kind != kindFloat {
			return divideIntegers(a, b)
		}
		if y == 0 {
			if a.kind == kindFloat || b.kind == kindFloat {
				return missing, fail(ZeroDivisionError, "float division by zero")
			}
			return missing, fail(ZeroDivisionError, "division by zero")
		}
		return floatValue(x / y), nil
	case "//", "%":
		return floorFloat(op, x, y)
	}
	if x == 0 && y < 0 {
		return missing, fail(ZeroDivisionError, "0.0 cannot be raised to a negative power")
	}
	z := math.Pow(x, y)
	switch {
	case math.IsNaN(z) && !math.IsNaN(x) && !math.IsNaN(y):
		return missing, valueError("a negative number to a fractional power is complex, which templates do not have")
	case math.IsInf(z, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0):
		return missing, fail(OverflowError, "Numerical result out of range")
	}
	return floatValue(z), nil
}

// divideIntegers rounds once, after the division, as Python does.
func divideIntegers(a, b value) (value, error) {
	const exact = 1 << 53
	if a.kind != kindBig && b.kind != kindBig && magnitude(a.int()) <= exact && magnitude(b.int()) <= exact {
		return floatValue(float64(a.int()) / float64(b.int())), nil
	}
	quotient, _ := new(big.Rat).SetFrac(bigOf(a), bigOf(b)).Float64()
	if math.IsInf(quotient, 0) {
		return missing, fail(OverflowError, "integer division result too large for a float")
	}
	return floatValue(quotient), nil
}

func floorFloat(op string, x, y float64) (value, error) {
	if y == 0 {
		if op == "%" {
			return missing, fail(ZeroDivisionError, "float modulo")
		}
		return missing, fail(ZeroDivisionError, "float floor division by zero")
	}
	remainder := math.Mod(x, y)
	quotient := (x - remainder) / y
	if remainder != 0 && (remainder < 0) != (y < 0) {
		remainder += y
		quotient--
	}
	if op == "%" {
		if remainder == 0 {
			remainder = math.Copysign(0, y)
		}
		return floatValue(remainder), nil
	}
	if quotient == 0 {
		return floatValue(math.Copysign(0, x/y)), nil
	}
	floor := math.Floor(quotient)
	if quotient-floor > 0.5 {
		floor++
	}
	return floatValue(floor), nil
}

// add joins strings, lists and tuples.
func add(r *run, x, y value) (value, error) {
	switch {
	case x.isText() && y.isText():
		return concatTexts(r, x, y)
	case x.kind == kindMarkup || y.kind == kindMarkup:
		if isSafe(x) && isSafe(y) {
			return concatTexts(r, markupValue(htmlOf(x)), markupValue(htmlOf(y)))
		}
	case x.kind == y.kind && (x.kind == kindList || x.kind == kindTuple):
		a, b := sequenceItems(x), sequenceItems(y)
		if err := r.checkItems(len(a) + len(b)); err != nil {
			return missing, err
		}
		items := append(append(make([]value, 0, len(a)+len(b)), a...), b...)
		if x.kind == kindTuple {
			return tupleValue(items...), nil
		}
		return listValue(items), nil
	}
	if x.isText() && y.kind != kindGo {
		return missing, typeError(`can only concatenate str (not "%s") to str`, typeName(y))
	}
	return goArithmetic(r, "+", x, y)
}

// concatTexts joins two strings. If one is safe, the other is escaped.
func concatTexts(r *run, x, y value) (value, error) {
	if err := r.checkText(int(x.n + y.n)); err != nil {
		return missing, err
	}
	if x.kind == kindMarkup || y.kind == kindMarkup {
		return markupValue(htmlOf(x) + htmlOf(y)), nil
	}
	return stringValue(x.text() + y.text()), nil
}

// repeat evaluates a sequence times a number.
func repeat(r *run, x, times value) (value, error) {
	if times.kind == kindBig {
		return missing, fail(OverflowError, "cannot fit 'int' into an index-sized integer")
	}
	n := max(times.int(), 0)
	tooMany := func(size int) bool { return size > 0 && n > int64(math.MaxInt32)*4096/int64(size) }
	switch x.kind {
	case kindString, kindMarkup:
		if tooMany(len(x.text())) {
			n = math.MaxInt32
		}
		if len(x.text()) > 0 {
			if err := r.checkText(saturate(n, len(x.text()))); err != nil {
				return missing, err
			}
		}
		return textValue(repeatText(x.text(), n), x.kind == kindMarkup), nil
	case kindList, kindTuple:
		items := sequenceItems(x)
		if err := r.checkItems(saturate(n, len(items))); err != nil {
			return missing, err
		}
		var all []value
		if len(items) > 0 {
			for range n {
				all = append(all, items...)
			}
		}
		if x.kind == kindTuple {
			return tupleValue(all...), nil
		}
		return listValue(all), nil
	}
	return goArithmetic(r, "*", x, times)
}

// saturate multiplies without overflow.
func saturate(n int64, size int) int {
	if size > 0 && n > int64(math.MaxInt/size) {
		return math.MaxInt
	}
	return int(n) * size
}

func repeatText(s string, n int64) string {
	if s == "" || n <= 0 {
		return ""
	}
	b := make([]byte, 0, int(n)*len(s))
	for range n {
		b = append(b, s...)
	}
	return string(b)
}

// goArithmetic calculates with times, durations, and Go numbers whose type has
// methods.
func goArithmetic(r *run, op string, x, y value) (value, error) {
	switch a := x.ref.(type) {
	case time.Time:
		switch b := y.ref.(type) {
		case time.Time:
			if op == "-" {
				return value{kind: kindGo, ref: a.Sub(b)}, nil
			}
		case time.Duration:
			if op == "+" {
				return value{kind: kindGo, ref: a.Add(b)}, nil
			}
			if op == "-" {
				return value{kind: kindGo, ref: a.Add(-b)}, nil
			}
		}
		return missing, unsupported(op, x, y)
	case time.Duration:
		if b, ok := y.ref.(time.Duration); ok && (op == "+" || op == "-") {
			if op == "-" {
				b = -b
			}
			return value{kind: kindGo, ref: a + b}, nil
		}
		if b, ok := y.ref.(time.Time); ok && op == "+" {
			return value{kind: kindGo, ref: b.Add(a)}, nil
		}
		return missing, unsupported(op, x, y)
	}
	a, b := underlying(x), underlying(y)
	if a.kind == kindMissing && b.kind == kindMissing {
		return missing, unsupported(op, x, y)
	}
	if a.kind == kindMissing {
		a = x
	}
	if b.kind == kindMissing {
		b = y
	}
	return arithmetic(r, op, a, b)
}

// negate evaluates -x and +x.
func negate(op string, x value) (value, error) {
	if u := underlying(x); u.kind != kindMissing {
		x = u
	}
	switch x.kind {
	case kindBool, kindInt, kindBig:
		if op == "+" {
			return bigValue(bigOf(x)), nil
		}
		if x.kind != kindBig && x.int() != math.MinInt64 {
			return intValue(-x.int()), nil
		}
		return bigValue(new(big.Int).Neg(bigOf(x))), nil
	case kindFloat:
		if op == "+" {
			return x, nil
		}
		return floatValue(-x.float()), nil
	case kindUndefined:
		return missing, undefinedOf(x).err()
	}
	return missing, typeError("bad operand type for unary %s: '%s'", op, typeName(x))
}
