package text

import (
	"fmt"
	"math"
	"strconv"
)

var (
	decimalUnits = [...]string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	binaryUnits  = [...]string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	thousands    = [...]float64{1e6, 1e9, 1e12, 1e15, 1e18, 1e21, 1e24, 1e27}
)

// FileSize is Jinja's filesizeformat filter: "13.0 kB", "4.1 MB", "1 Byte", or
// with binary units "12.7 KiB". Negative infinity is an error, as in Python.
func FileSize(size float64, binary bool) (string, error) {
	base, units := 1000.0, decimalUnits
	if binary {
		base, units = 1024, binaryUnits
	}
	switch {
	case size == 1:
		return "1 Byte", nil
	case math.IsInf(size, -1):
		return "", fmt.Errorf("cannot convert float infinity to integer")
	case size < base:
		return strconv.FormatFloat(math.Trunc(size)+0, 'f', 0, 64) + " Bytes", nil
	}
	limit := 0.0
	for i, unit := range units {
		limit = thousands[i]
		if binary {
			limit = math.Ldexp(1, 10*(i+2))
		}
		if isBelow(size, limit) || i == len(units)-1 {
			return formatTenths(base*size/limit) + " " + unit, nil
		}
	}
	return "", nil
}

// isBelow compares as Python does, with the exact power of ten: the float 1e24 is
// a little less than it, and all other limits are exact or a little more.
func isBelow(size, limit float64) bool {
	return size < limit || size == 1e24 && limit == 1e24
}

// formatTenths is Python's format(f, ".1f").
func formatTenths(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}
