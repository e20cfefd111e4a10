package pyformat

import (
	"strings"
	"unicode/utf8"
)

// ASCII replaces the characters beyond ASCII by Python's escapes, as ascii() does with
// a repr.
func ASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
			continue
		}
		WriteEscape(&b, r)
	}
	return b.String()
}

// WriteEscape writes a character as its escape: \xe9, \u263a or \U0001f600.
func WriteEscape(b *strings.Builder, r rune) {
	digits, letter := 2, byte('x')
	switch {
	case r >= 0x10000:
		digits, letter = 8, 'U'
	case r >= 0x100:
		digits, letter = 4, 'u'
	}
	b.WriteByte('\\')
	b.WriteByte(letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b.WriteByte("0123456789abcdef"[r>>shift&0xf])
	}
}
