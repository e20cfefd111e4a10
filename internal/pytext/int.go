package pytext

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseInt reads text as Python's int(text) does: white space around it, one
// sign, single underscores between digits and the decimal digits of any script
// are accepted. It reports false for anything else and for a number that an
// int cannot hold.
func ParseInt(text string) (int, bool) {
	if number, err := strconv.Atoi(text); err == nil {
		return number, true
	}
	number, ok := ParseBigInt(text, 10)
	if !ok || !number.IsInt64() {
		return 0, false
	}
	return int(number.Int64()), true
}

// MaxDigits is the most digits that Python accepts in a decimal number. More would
// take quadratic time to read.
const MaxDigits = 4300

// ParseBigInt is ParseInt for numbers of any size. In base 10 it accepts up to
// MaxDigits; in base 16 a 0x may precede the digits.
func ParseBigInt(text string, base int) (*big.Int, bool) {
	digits := strings.Trim(strings.Map(toASCII, text), " \t\n\v\f\r")
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	if base == 16 {
		digits = trimHexPrefix(digits)
	}
	if !wellSpaced(digits) {
		return nil, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if base == 10 && len(digits) > MaxDigits {
		return nil, false
	}
	number, ok := new(big.Int).SetString(digits, base)
	if ok && negative {
		number.Neg(number)
	}
	return number, ok
}

// trimHexPrefix cuts "0x" and one underscore that may follow it.
func trimHexPrefix(digits string) string {
	if len(digits) < 2 || digits[0] != '0' || digits[1]|0x20 != 'x' {
		return digits
	}
	return strings.TrimPrefix(digits[2:], "_")
}

// wellSpaced reports whether underscores stand only between digits, and no
// second sign is left that big.Int would accept.
func wellSpaced(digits string) bool {
	return digits != "" && !strings.ContainsAny(digits, "+-") &&
		digits[0] != '_' && digits[len(digits)-1] != '_' && !strings.Contains(digits, "__")
}

// toASCII maps a decimal digit of any script to its ASCII digit and wide
// blanks to a space, as Python does before it reads a number.
func toASCII(char rune) rune {
	switch {
	case char < utf8.RuneSelf:
		return char
	case unicode.IsSpace(char):
		return ' '
	case unicode.IsDigit(char):
		return '0' + digitValue(char)
	}
	return utf8.RuneError
}

// digitValue relies on a promise of Unicode: decimal digits come in runs of ten,
// and each run begins with zero.
func digitValue(char rune) rune {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= char && char <= rune(run.Hi) {
			return (char - rune(run.Lo)) % 10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= char && char <= rune(run.Hi) {
			return (char - rune(run.Lo)) % 10
		}
	}
	return 0
}
