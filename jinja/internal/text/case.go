package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Upper is Python's str.upper: a character may become several ("ß" becomes "SS").
func Upper(s string) string {
	if IsASCII(s) {
		return strings.ToUpper(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		writeUpper(&b, r)
	}
	return b.String()
}

// Lower is Python's str.lower: a sigma at the end of a word becomes "ς".
func Lower(s string) string {
	if IsASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		writeLower(&b, s, i, r)
	}
	return b.String()
}

// Capitalize is Python's str.capitalize and Jinja's filter: the first
// character in title case, the others in lower case.
func Capitalize(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		if i == 0 {
			writeTitle(&b, r)
		} else {
			writeLower(&b, s, i, r)
		}
	}
	return b.String()
}

// Title is Python's str.title: a letter that does not follow a letter becomes
// title case ("they're" becomes "They'Re"). Jinja's title filter is TitleWords.
func Title(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	previous := false
	for i, r := range s {
		if previous {
			writeLower(&b, s, i, r)
		} else {
			writeTitle(&b, r)
		}
		previous = isCasedRune(r)
	}
	return b.String()
}

// SwapCase is Python's str.swapcase.
func SwapCase(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case isUpperRune(r):
			writeLower(&b, s, i, r)
		case isLowerRune(r):
			writeUpper(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CaseFold is Python's str.casefold, for comparisons that ignore case.
func CaseFold(s string) string {
	if IsASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		writeFolded(&b, r)
	}
	return b.String()
}

func writeUpper(b *strings.Builder, r rune) {
	if expanded, ok := expandedUpper[r]; ok {
		b.WriteString(expanded)
		return
	}
	b.WriteRune(unicode.ToUpper(r))
}

// writeTitle writes the title case of r. Greek letters with iota subscript have
// title case characters of their own, or keep the subscript.
func writeTitle(b *strings.Builder, r rune) {
	expanded, ok := expandedUpper[r]
	if title := unicode.ToTitle(r); !ok || title != r {
		b.WriteRune(title)
		return
	}
	if unicode.Is(unicode.Lt, r) {
		b.WriteRune(r)
		return
	}
	for i, e := range expanded {
		switch {
		case i == 0 || r == 'ŉ':
			b.WriteRune(e)
		case e == 'Ι':
			b.WriteRune('\u0345')
		default:
			b.WriteRune(unicode.ToLower(e))
		}
	}
}

// writeLower writes the lower case of r, which stands at byte i of s.
func writeLower(b *strings.Builder, s string, i int, r rune) {
	switch {
	case r == 'Σ' && isFinalSigma(s, i):
		b.WriteRune('ς')
	case r == 'İ':
		b.WriteString("i\u0307")
	default:
		b.WriteRune(unicode.ToLower(r))
	}
}

// isFinalSigma reports whether the sigma at byte i of s ends a word: a cased
// character before it, none after it, marks and apostrophes do not count.
func isFinalSigma(s string, i int) bool {
	before := strings.TrimRightFunc(s[:i], isCaseIgnorable)
	last, _ := utf8.DecodeLastRuneInString(before)
	if before == "" || !isCasedRune(last) {
		return false
	}
	after := strings.TrimLeftFunc(s[i+len("Σ"):], isCaseIgnorable)
	next, _ := utf8.DecodeRuneInString(after)
	return after == "" || !isCasedRune(next)
}

func isCaseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '^', '`', 0xa8, 0xad, 0xaf, 0xb4, 0xb7, 0xb8, 0x2018, 0x2019, 0x2024, 0x2027:
		return true
	}
	return r > utf8.RuneSelf && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// writeFolded writes the case folding of r: the lower case of its upper case.
// Cherokee folds to upper case, and the dotless i stays.
func writeFolded(b *strings.Builder, r rune) {
	switch {
	case r == 'ı':
		b.WriteRune(r)
		return
	case r == 'ẞ':
		b.WriteString("ss")
		return
	case r == 'İ':
		b.WriteString("i\u0307")
		return
	case 0x13a0 <= r && r <= 0x13fd || 0xab70 <= r && r <= 0xabbf:
		b.WriteRune(unicode.ToUpper(r))
		return
	}
	expanded, ok := expandedUpper[r]
	if !ok {
		b.WriteRune(unicode.ToLower(unicode.ToUpper(r)))
		return
	}
	for _, e := range expanded {
		b.WriteRune(unicode.ToLower(e))
	}
}
