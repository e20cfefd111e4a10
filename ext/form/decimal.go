package form

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/decant-go/decant/internal/pytext"
)

// Number is the text of an exact decimal number as Python's Decimal prints it,
// such as "19.90" or "1E+9"; "NaN" and "Infinity" are numbers, too. [ParseNumber]
// makes one.
type Number string

// maxNumber is the length of a string above which it is not a number here, and
// maxExponent the largest power of ten that arithmetic follows: what a client
// sends must not make numbers of millions of digits.
const (
	maxNumber   = 1000
	maxExponent = 10000
)

// decimal is a number taken apart: sign, digits and a power of ten.
type decimal struct {
	negative bool
	digits   string // without leading zeros, "0" for zero
	exponent int
	special  string // "NaN", "sNaN" or "Infinity" instead of digits
}

// ParseNumber reads a number as Python's Decimal(text) does.
func ParseNumber(text string) (Number, bool) {
	parsed, ok := parseDecimal(text)
	if !ok {
		return "", false
	}
	return Number(parsed.String()), true
}

func parseDecimal(text string) (d decimal, ok bool) {
	if len(text) > maxNumber {
		return d, false
	}
	text = strings.ReplaceAll(pytext.Strip(strings.Map(asciiDigit, text)), "_", "")
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		d.negative, text = true, rest
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	if special, ok := specialNumber(text); ok {
		d.special = special
		return d, true
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = whole + fraction
	if d.digits == "" || !isDigits(d.digits) {
		return d, false
	}
	if hasExponent {
		power, ok := parseExponent(exponent)
		if !ok {
			return d, false
		}
		d.exponent = power
	}
	d.exponent -= len(fraction)
	if d.digits = strings.TrimLeft(d.digits, "0"); d.digits == "" {
		d.digits = "0"
	}
	return d, true
}

// parseExponent reads a power of ten that an int32 holds.
func parseExponent(text string) (int, bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-")
	if len(text)-len(digits) > 1 || !isDigits(digits) || digits == "" {
		return 0, false
	}
	power, err := strconv.ParseInt(text, 10, 32)
	return int(power), err == nil
}

func specialNumber(text string) (name string, ok bool) {
	switch lower := strings.ToLower(text); {
	case lower == "inf" || lower == "infinity":
		return "Infinity", true
	case strings.HasPrefix(lower, "nan") && isDigits(lower[3:]):
		return "NaN" + strings.TrimLeft(lower[3:], "0"), true
	case strings.HasPrefix(lower, "snan") && isDigits(lower[4:]):
		return "sNaN" + strings.TrimLeft(lower[4:], "0"), true
	}
	return "", false
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// asciiDigit maps the decimal digits of any script to those of ASCII.
func asciiDigit(char rune) rune {
	if char < 0x80 || !unicode.IsDigit(char) {
		return char
	}
	for _, block := range unicode.Nd.R16 {
		if rune(block.Lo) <= char && char <= rune(block.Hi) {
			return '0' + (char-rune(block.Lo))%10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if rune(block.Lo) <= char && char <= rune(block.Hi) {
			return '0' + (char-rune(block.Lo))%10
		}
	}
	return char
}

// String writes the number as Python's str does.
func (d decimal) String() string {
	sign := ""
	if d.negative {
		sign = "-"
	}
	if d.special != "" {
		return sign + d.special
	}
	adjusted := d.exponent + len(d.digits) - 1
	switch {
	case d.exponent <= 0 && adjusted >= -6:
		return sign + withPoint(d.digits, -d.exponent)
	case len(d.digits) == 1:
		return sign + d.digits + "E" + signed(adjusted)
	}
	return sign + d.digits[:1] + "." + d.digits[1:] + "E" + signed(adjusted)
}

// withPoint puts a decimal point before the last places digits.
func withPoint(digits string, places int) string {
	if places == 0 {
		return digits
	}
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

func signed(number int) string {
	if number < 0 {
		return strconv.Itoa(number)
	}
	return "+" + strconv.Itoa(number)
}

// Float is the nearest float64.
func (n Number) Float() float64 {
	number, _ := strconv.ParseFloat(string(n), 64)
	return number
}

// Rat is the exact value. It is false for NaN, infinities and numbers beyond
// 1E+10000 or below 1E-10000.
func (n Number) Rat() (*big.Rat, bool) {
	d, ok := parseDecimal(string(n))
	if !ok || d.special != "" || d.exponent > maxExponent || d.exponent < -maxExponent {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}

// IsZero reports whether the number is zero.
func (n Number) IsZero() bool {
	d, ok := parseDecimal(string(n))
	return !ok || d.special == "" && d.digits == "0"
}

// Round returns the number with so many decimal places, half to even, as
// Python's quantize does. A number of more than 28 digits, NaN and infinities
// are returned as they are.
func (n Number) Round(places int) string {
	d, ok := parseDecimal(string(n))
	if !ok || d.special != "" || places < 0 || places > maxNumber {
		return string(n)
	}
	if len(d.digits)+d.exponent+places > 28 {
		return string(n)
	}
	if shift := d.exponent + places; shift >= 0 {
		d.digits += strings.Repeat("0", shift)
	} else {
		d.digits = roundDigits(d.digits, -shift)
	}
	if d.digits = strings.TrimLeft(d.digits, "0"); d.digits == "" {
		d.digits = "0"
	}
	d.exponent = -places
	return d.String()
}

// roundDigits drops the last digits, half to even.
func roundDigits(digits string, drop int) string {
	if drop > len(digits) {
		return "0"
	}
	kept, dropped := digits[:len(digits)-drop], digits[len(digits)-drop:]
	number, _ := new(big.Int).SetString("0"+kept, 10)
	half := "5" + strings.Repeat("0", len(dropped)-1)
	if dropped > half || dropped == half && number.Bit(0) == 1 {
		number.Add(number, big.NewInt(1))
	}
	return number.String()
}
