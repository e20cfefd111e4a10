package pytext

import (
	"strconv"
	"strings"
)

// ParseFloat reads text as Python's float(text) does, and is as lenient as
// [ParseInt]. It reports false for text that is not a number, and also for
// infinities, NaN and numbers out of range, which Python accepts.
func ParseFloat(text string) (float64, bool) {
	digits := strings.Trim(strings.Map(toASCII, text), " \t\n\v\f\r")
	if digits == "" || strings.Trim(digits, "0123456789+-._eE") != "" || !joinsDigits(digits) {
		return 0, false
	}
	number, err := strconv.ParseFloat(strings.ReplaceAll(digits, "_", ""), 64)
	return number, err == nil
}

// joinsDigits reports whether each underscore stands between two digits.
func joinsDigits(text string) bool {
	for i := range len(text) {
		if text[i] == '_' && !(i > 0 && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1])) {
			return false
		}
	}
	return true
}

func isDigit(char byte) bool { return '0' <= char && char <= '9' }
