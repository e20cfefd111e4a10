package text

import "strings"

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
