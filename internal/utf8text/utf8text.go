// Package utf8text decodes UTF-8 as Python's errors="replace" does.
package utf8text

import (
	"strings"
	"unicode/utf8"
)

// Replace puts one U+FFFD for each longest beginning of a character that does
// not go on as it must, where strings.ToValidUTF8 would write one for a whole
// run and a range loop one for each byte. Valid text comes back as it is.
func Replace(text string) string {
	if utf8.ValidString(text) {
		return text
	}
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

// brokenSize is the length of the incomplete character that text begins with.
func brokenSize(text string) int {
	size := 1
	for size < len(text) && !utf8.FullRuneInString(text[:size+1]) {
		size++
	}
	return size
}
