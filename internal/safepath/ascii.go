package safepath

import (
	"sort"
	"strings"
	"unicode/utf8"
)

//go:generate python3 asciitable.py

// asciiRow holds the ASCII texts of consecutive characters, separated by
// blanks; a blank in a text is written ␣, and a text may be empty.
type asciiRow struct {
	first rune
	texts string
}

// ASCII returns what is left of text when each character is taken apart into
// its plain form (Unicode NFKD) and everything outside ASCII is dropped: "é"
// gives "e", "ﬁ" gives "fi", "…" gives "...", "你" gives nothing. Bytes that are
// not UTF-8 are dropped.
//
// It mirrors Python's
// unicodedata.normalize("NFKD", text).encode("ascii", "ignore"), which Werkzeug
// uses for file names. ASCII text is returned as it is, without allocation.
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
