package idna

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The three full stops that RFC 3490 section 3.1 treats as a dot.
var dots = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

func separateByDots(host string) string {
	if isASCII(host) {
		return host
	}
	return dots.Replace(host)
}

// nameprep folds a label so that all spellings of a name encode alike.
func nameprep(label string, refuse func(rune) bool) (string, error) {
	if !utf8.ValidString(label) {
		return "", fmt.Errorf("the label %q, which is not UTF-8", label)
	}
	var folded strings.Builder
	folded.Grow(len(label))
	for _, r := range label {
		switch {
		case isDeleted(r):
		case r == 'ß' || r == 'ẞ':
			folded.WriteString("ss")
		case r == 'ς':
			folded.WriteRune('σ')
		case r == 'ſ':
			folded.WriteByte('s')
		case r == 'İ':
			folded.WriteString("i\u0307")
		case isFullWidthName(r):
			folded.WriteRune(unicode.ToLower(r - '！' + '!'))
		case refuse(r):
			return "", fmt.Errorf("the character %U, which other programs may read as another name; write the host as they do, in punycode (xn--…)", r)
		case isProhibited(r):
			return "", fmt.Errorf("the character %U, which may not stand in a name", r)
		default:
			folded.WriteRune(unicode.ToLower(r))
		}
	}
	return folded.String(), nil
}

// isDeleted reports whether nameprep deletes a character (RFC 3454 table B.1).
func isDeleted(r rune) bool {
	switch r {
	case '\u00ad', '\u034f', '\u1806', '\u2060', '\ufeff':
		return true
	}
	return r >= '\u180b' && r <= '\u180d' || // Mongolian variation selectors
		r >= '\u200b' && r <= '\u200d' || // zero-width space and joiners
		r >= '\ufe00' && r <= '\ufe0f' // variation selectors
}

// isFullWidthName reports whether a character is the full-width form of a letter, a
// digit or the hyphen.
func isFullWidthName(r rune) bool {
	return r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ' || r >= '０' && r <= '９' || r == '－'
}

// isProhibited reports whether a host name must not have a character: those of RFC
// 3454 tables C.1.2 to C.9, which are spaces, controls, private use, noncharacters,
// ideographic description and direction marks; and all other full-width forms,
// which Python would turn into delimiters that end a host or a cookie's domain.
func isProhibited(r rune) bool {
	switch {
	case r >= '！' && r <= '～':
		return true
	case r >= 0x80 && unicode.In(r, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co):
		return true
	case r >= 0xfff9 && r <= 0xffff, r >= 0x2ff0 && r <= 0x2ffb, r == 0x340, r == 0x341:
		return true
	}
	return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}
