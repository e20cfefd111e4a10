// Package pyformat prints and reads numbers as Python does: repr, int, float,
// round, and the specifications of format and of the % operator.
package pyformat

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/decant-go/decant/internal/pytext"
)

// Repr is Python's repr of a float: the shortest digits that give f again.
func Repr(f float64) string {
	if s, ok := special(f); ok {
		return s
	}
	exponent := 0
	if f != 0 {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		exponent, _ = strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	}
	if exponent < -4 || exponent >= 16 {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// special prints what has no digits.
func special(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "nan", true
	case math.IsInf(f, 1):
		return "inf", true
	case math.IsInf(f, -1):
		return "-inf", true
	}
	return "", false
}

// Round is Python's round of a float: to the nearest number with so many
// decimals by its exact value, and of two equally near ones to the even one.
// Negative digits round before the point.
func Round(f float64, digits int) float64 {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0) || digits > 323:
		return f
	case digits < -308:
		return math.Copysign(0, f)
	case digits >= 0:
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', digits, 64), 64)
		return rounded
	}
	power := new(big.Float).SetPrec(2048).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil))
	quotient := new(big.Float).SetPrec(2048).Quo(new(big.Float).SetPrec(2048).SetFloat64(f), power)
	whole, _ := new(big.Float).SetPrec(2048).SetString(quotient.Text('f', 0))
	rounded, _ := whole.Mul(whole, power).Float64()
	return math.Copysign(rounded, f)
}

// ParseInt is Python's int(s, base). The base is 0 or 2 to 36; 0 takes the
// prefixes 0x, 0o and 0b and else decimals. White space around the number, a
// sign, underscores between digits and the decimal digits of all scripts are
// accepted. It reports false for anything else, and for more than [pytext.MaxDigits], which
// Python refuses, too, unless the base is a power of two.
func ParseInt(s string, base int) (*big.Int, bool) {
	s = asciiDigits(strings.TrimFunc(s, unicode.IsSpace))
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	s, base = cutPrefix(s, base)
	s, ok := dropUnderscores(s)
	if !ok || base < 2 || base > 36 || strings.ContainsAny(s, "+-") {
		return nil, false
	}
	if len(s) > pytext.MaxDigits {
		return nil, false // SetString takes quadratic time
	}
	n, ok := new(big.Int).SetString(s, base)
	if ok && negative {
		n.Neg(n)
	}
	return n, ok
}

// cutPrefix removes a prefix such as 0x that agrees with the base, and returns
// the base that it says. An underscore may follow the prefix.
func cutPrefix(s string, base int) (string, int) {
	if len(s) > 2 && s[0] == '0' {
		prefixBase := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
		if prefixBase != 0 && (base == 0 || base == prefixBase) {
			return strings.TrimPrefix(s[2:], "_"), prefixBase
		}
	}
	if base != 0 {
		return s, base
	}
	if strings.HasPrefix(s, "0") && strings.Trim(s, "0_") != "" {
		return s, -1 // Python takes no decimals with leading zeros here
	}
	return s, 10
}

// ParseFloat is Python's float(s). It accepts what int does in decimals, a
// point, an exponent, and inf, infinity and nan.
func ParseFloat(s string) (float64, bool) {
	s = asciiDigits(strings.TrimFunc(s, unicode.IsSpace))
	s, ok := dropUnderscores(s)
	if !ok || strings.ContainsAny(s, "xXpP") {
		return 0, false
	}
	if strings.EqualFold(strings.TrimLeft(s, "+-"), "nan") && len(s) <= len("+nan") {
		return math.NaN(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// dropUnderscores removes underscores, which must stand between digits.
func dropUnderscores(s string) (string, bool) {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || !isAlnum(s[i-1]) || !isAlnum(s[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), s != ""
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// asciiDigits replaces the decimal digits of other scripts.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.Is(unicode.Nd, r) {
			return r
		}
		first := r
		for unicode.Is(unicode.Nd, first-1) && first-1 >= r-9 {
			first--
		}
		return '0' + (r-first)%10
	}, s)
}
