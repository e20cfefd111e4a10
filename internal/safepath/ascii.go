package safepath

import (
	"sort"
	"strings"
	"unicode/utf8"
)

//go:generate python3 asciitable.py

// asciiRow holds the ASCII forms of consecutive characters, separated by blanks. A
// form may be empty; a blank in a form is written ␣.
type asciiRow struct {
	first rune
	texts string
}

// ASCII decomposes each character (Unicode NFKD) and drops everything outside
// ASCII: "é" becomes "e", "ﬁ" becomes "fi", "…" becomes "...", and "你" is dropped.
// Bytes that are not UTF-8 are dropped too. ASCII text is returned unchanged,
// without allocation.
//
// It mirrors Python's
// unicodedata.normalize("NFKD", text).encode("ascii", "ignore"), which Werkzeug
// uses for file names.
func ASCII(text string) string {
	start := indexNonASCII(text)
	if start < 0 {
		return text
	}
	var plain strings.Builder
	plain.Grow(len(text))
	plain.WriteString(text[:start])
	for _, r := range text[start:] {
		if r < utf8.RuneSelf {
			plain.WriteByte(byte(r))
			continue
		}
		plain.WriteString(asciiText(r))
	}
	return plain.String()
}

func indexNonASCII(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

func asciiText(r rune) string {
	after := sort.Search(len(asciiRows), func(i int) bool { return asciiRows[i].first > r })
	if after == 0 {
		return ""
	}
	row := asciiRows[after-1]
	text, rest, more := strings.Cut(row.texts, " ")
	for range r - row.first {
		if !more {
			return ""
		}
		text, rest, more = strings.Cut(rest, " ")
	}
	return strings.ReplaceAll(text, "␣", " ")
}
