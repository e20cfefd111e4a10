package header

import (
	"strings"
	"unicode/utf8"
)

// charsetChars are the token characters without the apostrophe.
var charsetChars = setOf(letters + digits + "!#$%&*+-.^_`|~")

// cutCharset splits charset'language'text of RFC 2231. Text ends at the first
// character that is not of a token; what follows is lost, as in Werkzeug.
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
		writeUTF8(decoded, raw)
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

// writeUTF8 writes one replacement character for each longest prefix of a
// character, as Python does, and not one for each byte.
func writeUTF8(decoded *strings.Builder, raw []byte) {
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == utf8.RuneError && size == 1 {
			size = brokenPrefix(raw)
		}
		decoded.WriteRune(r)
		raw = raw[size:]
	}
}

// brokenPrefix returns how many bytes could still have become a character: a
// prefix is unfinished as long as adding continuation bytes can complete it.
func brokenPrefix(raw []byte) int {
	size := 1
	for size < len(raw) && size < utf8.UTFMax && !utf8.FullRune(raw[:size+1]) {
		size++
	}
	return size
}
