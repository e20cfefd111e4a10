package rule

import (
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// charset tells which bytes stand in a URL as they are.
type charset [256]bool

func charsetOf(marks string) *charset {
	const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~"
	var set charset
	for _, char := range []byte(unreserved + marks) {
		set[char] = true
	}
	return &set
}

// The characters that Werkzeug leaves alone in paths, after the path segments
// of the URL standard, and in query strings.
var (
	pathChars  = charsetOf("!$&'()*+,/:;=@")
	queryChars = charsetOf("!$'()*,/:;?@")
)

const upperHex = "0123456789ABCDEF"

func appendQuoted(dst []byte, text string, plain *charset) []byte {
	for i := range len(text) {
		if c := text[i]; plain[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// quote writes text as part of a path. Control characters, the backslash and
// whatever is not ASCII come out percent-encoded, so that a quoted path can
// stand in a header.
func quote(text string) string {
	for i := range len(text) {
		if !pathChars[text[i]] {
			return string(appendQuoted(make([]byte, 0, len(text)+16), text, pathChars))
		}
	}
	return text
}

// appendQueryText writes a name or a value of a query string. Bytes go out as
// they are, everything else as Python's str() of it; a space is a plus.
func appendQueryText(dst []byte, value any) []byte {
	var text string
	if raw, ok := value.([]byte); ok {
		text = string(raw)
	} else {
		text = pytext.Str(value)
	}
	for i, word := range strings.Split(text, " ") {
		if i > 0 {
			dst = append(dst, '+')
		}
		dst = appendQuoted(dst, word, queryChars)
	}
	return dst
}
