package pytext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Strip removes the white space around text, as Python's str.strip does. Four control
// characters are white space for Python.
func Strip(text string) string {
	if text != "" && isVisible(text[0]) && isVisible(text[len(text)-1]) {
		return text
	}
	return strings.TrimFunc(text, func(char rune) bool {
		return unicode.IsSpace(char) || '\x1c' <= char && char <= '\x1f'
	})
}

// isVisible reports whether a byte is a character of ASCII that leaves a mark.
func isVisible(char byte) bool { return ' ' < char && char < utf8.RuneSelf }
