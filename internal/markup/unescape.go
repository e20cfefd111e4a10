package markup

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Unescape is Python's html.unescape: it replaces named and numeric character
// references as HTML 5 says. Numbers of control characters and of characters
// that Unicode excludes are deleted.
func Unescape(s string) string {
	if !strings.Contains(s, "&#") {
		return html.UnescapeString(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, after, found := strings.Cut(s, "&#")
		b.WriteString(html.UnescapeString(before))
		if !found {
			return b.String()
		}
		value, size := numericReference(after)
		if size == 0 {
			value = "&#"
		}
		b.WriteString(value)
		s = after[size:]
	}
}

// numericReference reads the digits that follow "&#" and returns the character
// and how many bytes it read; zero bytes mean that there is no reference.
func numericReference(s string) (value string, size int) {
	digits, base := s, 10
	if strings.HasPrefix(s, "x") || strings.HasPrefix(s, "X") {
		digits, base = s[1:], 16
	}
	n := 0
	for n < len(digits) && isDigitOf(digits[n], base) {
		n++
	}
	if n == 0 {
		return "", 0
	}
	size = len(s) - len(digits) + n
	if strings.HasPrefix(s[size:], ";") {
		size++
	}
	number, err := strconv.ParseUint(digits[:n], base, 32)
	if err != nil {
		return "\uFFFD", size
	}
	return referenced(number), size
}

func isDigitOf(c byte, base int) bool {
	return '0' <= c && c <= '9' || base == 16 && (c|0x20 >= 'a' && c|0x20 <= 'f')
}

// referenced is the text of a numeric character reference.
func referenced(number uint64) string {
	switch {
	case number == 0 || number > utf8.MaxRune || 0xd800 <= number && number <= 0xdfff:
		return "\uFFFD"
	case number == 0x0d:
		return "\r"
	case 0x80 <= number && number <= 0x9f:
		return html.UnescapeString("&#" + strconv.FormatUint(number, 10) + ";")
	case number < 0x20 && number != '\t' && number != '\n' && number != '\f',
		number == 0x7f,
		0xfdd0 <= number && number <= 0xfdef,
		number&0xfffe == 0xfffe:
		return ""
	}
	return string(rune(number))
}
