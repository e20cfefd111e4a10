package pytext

import (
	"strings"
	"unicode/utf8"
)

// ReplaceInvalid decodes UTF-8 as Python's errors="replace" does: each truncated
// character and each wrong byte becomes one U+FFFD. (strings.ToValidUTF8 writes
// one for a whole run of them, and a range loop one for each byte.) Valid text
// comes back unchanged.
func ReplaceInvalid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return replaceInvalid(text)
}

func replaceInvalid(text string) string {
	var valid strings.Builder
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			size = brokenSize(text)
		}
		valid.WriteRune(r)
		text = text[size:]
	}
	return valid.String()
}

// brokenSize returns the length of the truncated character at the start of text.
func brokenSize(text string) int {
	size := 1
	for size < len(text) && !utf8.FullRuneInString(text[:size+1]) {
		size++
	}
	return size
}
