package pytext

import (
	"math"
	"strconv"
)

// AppendFloat appends Python's repr of a float: the shortest digits that are
// read back as the same number, with an exponent below 1e-04 and from 1e+16, or
// else at least ".0" behind the point. NaN and the infinities are written as nan,
// inf and -inf.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	if dst, ok := appendDecimal(dst, f); ok {
		return dst
	}
	return appendFinite(dst, f, 64)
}

// appendDecimal is the fast path for numbers of few digits, such as prices. No
// two decimals of up to 15 digits are the same float, so the decimal that it
// finds is the shortest.
func appendDecimal(dst []byte, f float64) ([]byte, bool) {
	const scale = 10_000
	scaled := f * scale
	if math.Abs(scaled) >= 1e15 || scaled != math.Trunc(scaled) || scaled/scale != f || f == 0 {
		return dst, false // zero has a sign
	}
	number := int64(scaled)
	if number < 0 {
		dst, number = append(dst, '-'), -number
	}
	dst = append(strconv.AppendInt(dst, number/scale, 10), '.')
	rest := number % scale
	for digit := int64(scale / 10); ; digit /= 10 {
		dst = append(dst, '0'+byte(rest/digit))
		if rest %= digit; rest == 0 {
			return dst, true
		}
	}
}

// AppendFloat32 is AppendFloat with the shortest digits that are read back as the
// same float32, so 0.1 is written as 0.1.
func AppendFloat32(dst []byte, f float32) []byte {
	wide := float64(f)
	if math.IsNaN(wide) || math.IsInf(wide, 0) {
		return AppendFloat(dst, wide)
	}
	return appendFinite(dst, wide, 32)
}

func appendFinite(dst []byte, f float64, bits int) []byte {
	size := math.Abs(f)
	small := 1e-4
	if bits == 32 {
		small = float64(float32(small))
	}
	if size != 0 && (size < small || size >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	for _, char := range dst[start:] {
		if char == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
