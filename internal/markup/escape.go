// Package markup is the machinery of MarkupSafe: it escapes text for HTML,
// strips tags, and fills in the placeholders of Python's str.format.
//
// It works on strings. The root package owns the type Markup and tells a
// [Formatter] how to escape a value.
package markup

import "strings"

// specials has a bit set for each character that is escaped; all are below 64.
const specials uint64 = 1<<'&' | 1<<'<' | 1<<'>' | 1<<'\'' | 1<<'"'

// Escape replaces the characters & < > ' " by entities. It allocates once, and
// only when the text holds one of them.
func Escape(text string) string {
	size := escapedSize(text)
	if size == len(text) {
		return text
	}
	var escaped strings.Builder
	escaped.Grow(size)
	done := 0
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			escaped.WriteString(text[done:i])
			escaped.WriteString(entityOf(text[i]))
			done = i + 1
		}
	}
	escaped.WriteString(text[done:])
	return escaped.String()
}

func escapedSize(text string) int {
	size := len(text)
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			size += len(entityOf(text[i])) - 1
		}
	}
	return size
}

// entityOf returns the entity of one of the specials.
func entityOf(b byte) string {
	switch b {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '\'':
		return "&#39;"
	default:
		return "&#34;"
	}
}
