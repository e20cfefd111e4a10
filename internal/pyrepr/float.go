package pyrepr

import (
	"math"
	"strconv"
)

// AppendFloat appends Python's repr of a float: the shortest digits that read
// back as the same number, an exponent below 1e-04 and from 1e+16, a trailing
// ".0" otherwise; nan and inf by name.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return appendFinite(dst, f, 64)
}

// AppendFloat32 is AppendFloat with the digits that tell one float32 from the
// next, so that 0.1 stays 0.1.
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
