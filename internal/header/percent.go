package header

import (
	"strings"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

// unreserved characters are never percent-encoded, as in Python's quote.
const unreserved = letters + digits + "_.-~"

// percentEncode writes every byte outside safe as %XX.
func percentEncode(text string, safe *byteSet) string {
	start := safe.prefix(text)
	if start == len(text) {
		return text
	}
	encoded := make([]byte, start, len(text)+16)
	copy(encoded, text)
	for _, char := range []byte(text[start:]) {
		if safe[char] {
			encoded = append(encoded, char)
		} else {
			encoded = appendEscape(encoded, char)
		}
	}
	return string(encoded)
}

func appendEscape(dst []byte, char byte) []byte {
	return append(dst, '%', upperHex[char>>4], upperHex[char&15])
}

// percentDecode decodes the escapes of text, except the escapes of the bytes in
// kept and of bytes that are not UTF-8. It writes the latter in upper case.
func percentDecode(text string, kept *byteSet) string {
	if strings.IndexByte(text, '%') < 0 {
		return text
	}
	decoded := make([]byte, 0, len(text))
	var run []byte
	for i := 0; i < len(text); i++ {
		char, escaped := escapedByte(text[i:])
		if escaped && !kept[char] {
			run = append(run, char)
			i += 2
			continue
		}
		decoded = appendDecoded(decoded, run)
		run = run[:0]
		decoded = append(decoded, text[i])
	}
	return string(appendDecoded(decoded, run))
}

func appendDecoded(dst, run []byte) []byte {
	for len(run) > 0 {
		r, size := utf8.DecodeRune(run)
		if r == utf8.RuneError && size == 1 {
			dst = appendEscape(dst, run[0])
		} else {
			dst = append(dst, run[:size]...)
		}
		run = run[size:]
	}
	return dst
}

// escapedByte reads %XX from the start of text.
func escapedByte(text string) (char byte, ok bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	high, ok1 := hexValue(text[1])
	low, ok2 := hexValue(text[2])
	return high<<4 | low, ok1 && ok2
}

func hexValue(char byte) (byte, bool) {
	switch {
	case char >= '0' && char <= '9':
		return char - '0', true
	case char >= 'a' && char <= 'f':
		return char - 'a' + 10, true
	case char >= 'A' && char <= 'F':
		return char - 'A' + 10, true
	}
	return 0, false
}
