package formdata

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// unquoteByte decodes the percent escape at the start of raw, or returns its
// first byte as it is.
func unquoteByte(raw string) (char byte, size int) {
	if raw[0] != '%' || len(raw) < 3 {
		return raw[0], 1
	}
	high, low := hexDigit(raw[1]), hexDigit(raw[2])
	if high|low > 15 {
		return '%', 1
	}
	return high<<4 | low, 3
}

// hexDigit returns the value of a hexadecimal digit, and 255 for any other
// character.
func hexDigit(char byte) byte {
	switch {
	case '0' <= char && char <= '9':
		return char - '0'
	case 'a' <= char|0x20 && char|0x20 <= 'f':
		return char | 0x20 - 'a' + 10
	}
	return 255
}

// knownCharset reports whether a client may choose a charset. The list is
// complete: Werkzeug accepts no others.
func knownCharset(charset string) bool {
	switch charset {
	case "ascii", "us-ascii", "utf-8", "iso-8859-1":
		return true
	}
	return false
}

// decodeText converts bytes of a known charset to UTF-8. U+FFFD replaces invalid
// bytes.
func decodeText(data []byte, charset string) string {
	if charset == "utf-8" {
		return pytext.ReplaceInvalid(string(data))
	}
	if isASCII(data) {
		return string(data)
	}
	text := make([]byte, 0, 2*len(data))
	for _, char := range data {
		text = utf8.AppendRune(text, singleByte(char, charset))
	}
	return string(text)
}

func singleByte(char byte, charset string) rune {
	if char >= utf8.RuneSelf && charset != "iso-8859-1" {
		return utf8.RuneError
	}
	return rune(char)
}

func isASCII[text string | []byte](s text) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower converts ASCII text to lower case. It returns other text unchanged,
// because the lower case of some Unicode letters, such as the Kelvin sign, is an
// ASCII letter.
func lower(s string) string {
	if !isASCII(s) {
		return s
	}
	return strings.ToLower(s)
}

func trim(s string) string     { return strings.TrimFunc(s, isSpace) }
func trimLeft(s string) string { return strings.TrimLeftFunc(s, isSpace) }

// isSpace reports whether a character is white space in Unicode or one of the
// four separators among the control characters. It mirrors str.isspace.
func isSpace(char rune) bool {
	return '\x1c' <= char && char <= '\x1f' || unicode.IsSpace(char)
}

func isBlank(char byte) bool {
	return char == ' ' || char == '\t' || char == '\v' || char == '\f'
}
