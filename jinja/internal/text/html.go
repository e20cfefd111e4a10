package text

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

// Escape replaces the five characters that have a meaning in HTML with the
// references that markupsafe.escape writes.
func Escape(s string) string {
	if !strings.ContainsAny(s, `&<>'"`) {
		return s
	}
	return escaper.Replace(s)
}

// IsAttributeName reports whether Jinja's xmlattr filter takes key: it holds no
// ASCII white space, slash, ">" or "=". A key that does could begin another
// attribute or end the tag.
func IsAttributeName(key string) bool {
	return !strings.ContainsAny(key, " \t\n\r\f\v/>=")
}

// StripTags is Jinja's striptags filter on HTML: comments and tags go, runs of
// white space become one space, and character references become characters.
func StripTags(s string) string {
	s = dropTags(dropComments(s))
	return Unescape(strings.Join(Fields(s, -1), " "))
}

// dropComments deletes comments until none is left. The text before a comment
// and the text after it may together begin another one; so the last bytes
// before a comment are moved behind it and searched again.
func dropComments(s string) string {
	const begin, end = "<!--", "-->"
	if !strings.Contains(s, begin) {
		return s
	}
	rest, kept := []byte(s), make([]byte, 0, len(s))
	for {
		start := bytes.Index(rest, []byte(begin))
		if start < 0 {
			break
		}
		length := bytes.Index(rest[start:], []byte(end))
		if length < 0 {
			break
		}
		next := start + length + len(end)
		kept = append(kept, rest[:start]...)
		again := min(len(begin)-1, len(kept))
		copy(rest[next-again:], kept[len(kept)-again:])
		kept = kept[:len(kept)-again]
		rest = rest[next-again:]
	}
	return string(append(kept, rest...))
}

// dropTags deletes everything from a "<" to the next ">".
func dropTags(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "<")
		if !found {
			break
		}
		_, rest, closed := strings.Cut(after, ">")
		if !closed {
			break
		}
		b.WriteString(before)
		s = rest
	}
	b.WriteString(s)
	return b.String()
}

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

// AppendEscape appends s to dst, escaped as [Escape] does.
func AppendEscape(dst []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		var entity string
		switch s[i] {
		case '&':
			entity = "&amp;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		dst = append(append(dst, s[start:i]...), entity...)
		start = i + 1
	}
	return append(dst, s[start:]...)
}
