package header

import (
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// charsetChars are the token characters without the apostrophe.
var charsetChars = setOf(letters + digits + "!#$%&*+-.^_`|~")

// cutCharset splits charset'language'text of RFC 2231. The text ends at the first
// character that cannot be in a token; the rest is dropped, as in Werkzeug.
func cutCharset(value string) (charset, encoded string, ok bool) {
	charset, rest, ok := cutApostrophe(value)
	if !ok {
		return "", "", false
	}
	_, rest, ok = cutApostrophe(rest)
	end := tokenChars.prefix(rest)
	return charset, rest[:end], ok && end > 0
}

func cutApostrophe(text string) (before, after string, ok bool) {
	end := charsetChars.prefix(text)
	if end == len(text) || text[end] != '\'' {
		return "", "", false
	}
	return text[:end], text[end+1:], true
}

func knownCharset(charset string) bool {
	switch charset {
	case "ascii", "us-ascii", "utf-8", "iso-8859-1":
		return true
	}
	return false
}

// decodeCharset undoes percent encoding for the few charsets that Werkzeug
// accepts; with any other the text stays encoded.
func decodeCharset(charset, encoded string) string {
	charset = strings.ToLower(charset)
	if !knownCharset(charset) || strings.IndexByte(encoded, '%') < 0 {
		return encoded
	}
	var decoded strings.Builder
	for encoded != "" {
		var raw []byte
		if raw, encoded = cutEscapes(encoded); len(raw) > 0 {
			writeDecoded(&decoded, charset, raw)
			continue
		}
		decoded.WriteByte(encoded[0])
		encoded = encoded[1:]
	}
	return decoded.String()
}

// cutEscapes takes the percent-encoded bytes from the start of text.
func cutEscapes(text string) (raw []byte, rest string) {
	for {
		char, ok := escapedByte(text)
		if !ok {
			return raw, text
		}
		raw = append(raw, char)
		text = text[3:]
	}
}

func writeDecoded(decoded *strings.Builder, charset string, raw []byte) {
	if charset == "utf-8" {
		decoded.WriteString(pytext.ReplaceInvalid(string(raw)))
		return
	}
	for _, char := range raw {
		if char >= utf8.RuneSelf && charset != "iso-8859-1" {
			decoded.WriteRune(utf8.RuneError)
			continue
		}
		decoded.WriteRune(rune(char))
	}
}
