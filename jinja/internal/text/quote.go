package text

import "strings"

// QuotePath is Jinja's urlencode filter for a string: every byte of its UTF-8
// form that is not a letter, a digit or one of "_.-~/" is percent-encoded.
func QuotePath(s string) string { return quote(s, '/', false) }

// QuoteQuery is Jinja's urlencode filter for the keys and values of a mapping:
// as QuotePath, but a slash is encoded and a space becomes a plus sign.
func QuoteQuery(s string) string { return quote(s, 0, true) }

func quote(s string, safe byte, plus bool) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case isUnreserved(c) || c == safe && safe != 0:
			b.WriteByte(c)
		case c == ' ' && plus:
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '_' || c == '.' || c == '-' || c == '~'
}
