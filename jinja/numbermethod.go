package jinja

import (
	"math"
	"math/big"
	"math/bits"
)

// integerMethod returns one of the methods of Python's int.
func integerMethod(name string) methodFunc {
	switch name {
	case "as_integer_ratio":
		return numberRatio
	case "bit_count":
		return integerBits("bit_count", bitCount)
	case "bit_length":
		return integerBits("bit_length", (*big.Int).BitLen)
	case "conjugate":
		return numberConjugate
	}
	return nil
}

// floatMethod returns one of the methods of Python's float.
func floatMethod(name string) methodFunc {
	switch name {
	case "as_integer_ratio":
		return numberRatio
	case "conjugate":
		return numberConjugate
	case "is_integer":
		return floatIsInteger
	}
	return nil
}

func integerBits(name string, f func(*big.Int) int) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		return intValue(int64(f(bigOf(self)))), args.none(name)
	}
}

func bitCount(n *big.Int) int {
	count := 0
	for _, word := range n.Bits() {
		count += bits.OnesCount(uint(word))
	}
	return count
}

func numberConjugate(r *run, self value, args arguments) (value, error) {
	if self.kind == kindFloat {
		return self, args.none("conjugate")
	}
	return bigValue(bigOf(self)), args.none("conjugate")
}

// numberRatio returns two integers whose quotient is the number.
func numberRatio(r *run, self value, args arguments) (value, error) {
	if err := args.none("as_integer_ratio"); err != nil {
		return missing, err
	}
	if self.kind != kindFloat {
		return tupleValue(bigValue(bigOf(self)), intValue(1)), nil
	}
	f := self.float()
	switch {
	case math.IsNaN(f):
		return missing, valueError("cannot convert NaN to integer ratio")
	case math.IsInf(f, 0):
		return missing, fail(OverflowError, "cannot convert Infinity to integer ratio")
	}
	ratio := new(big.Rat).SetFloat64(f)
	return tupleValue(bigValue(ratio.Num()), bigValue(ratio.Denom())), nil
}

func floatIsInteger(r *run, self value, args arguments) (value, error) {
	f := self.float()
	return boolValue(f == math.Trunc(f) && !math.IsInf(f, 0)), args.none("is_integer")
}
