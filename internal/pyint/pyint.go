// Package pyint reads numbers as Python's int(text) and float(text) do.
package pyint

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads text as Python's int(text) does: white space around it, one
// sign, single underscores between digits and the decimal digits of any script
// are accepted. It reports false for anything else and for a number that an
// int cannot hold.
func Parse(text string) (int, bool) {
	if number, err := strconv.Atoi(text); err == nil {
		return number, true
	}
	number, ok := ParseBig(text, 10)
	if !ok || !number.IsInt64() {
		return 0, false
	}
	return int(number.Int64()), true
}

// maxDigits is the size from which Python refuses a decimal number.
const maxDigits = 4300

// ParseBig is Parse for numbers of any size: in base 10, of up to 4300 digits,
// or in base 16, where the digits may follow a 0x.
func ParseBig(text string, base int) (*big.Int, bool) {
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
	if base == 10 && len(digits) > maxDigits {
		return nil, false
	}
	number, ok := new(big.Int).SetString(digits, base)
	if ok && negative {
		number.Neg(number)
	}
	return number, ok
}

// trimHexPrefix cuts "0x", and with it one underscore that may follow.
func trimHexPrefix(digits string) string {
	if len(digits) < 2 || digits[0] != '0' || digits[1]|0x20 != 'x' {
		return digits
	}
	return strings.TrimPrefix(digits[2:], "_")
}

// wellSpaced tells whether underscores stand between digits only, and no
// second sign is left for big.Int to accept.
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

// digitValue relies on Unicode's promise that decimal digits come in runs of
// ten, zero first.
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
