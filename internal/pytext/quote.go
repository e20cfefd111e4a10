package pytext

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendQuoted appends Python's repr of a string. The quotes are single, or
// double if the string holds single quotes but no double ones. Control and
// unassigned characters are escaped. A lone surrogate, which a Go string holds as
// three bytes, is written as \udXXX; other bytes that are not UTF-8 are written
// as the replacement character.
func AppendQuoted(dst []byte, text string) []byte {
	quote := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	dst = append(dst, quote)
	for len(text) > 0 {
		var size int
		dst, size = appendChar(dst, text, quote)
		text = text[size:]
	}
	return append(dst, quote)
}

// appendChar appends the first character of text and returns its size.
func appendChar(dst []byte, text string, quote byte) ([]byte, int) {
	if text[0] < utf8.RuneSelf {
		return appendASCII(dst, text[0], quote), 1
	}
	if surrogate, ok := LeadingSurrogate(text); ok {
		return appendHex(dst, 'u', surrogate, 4), 3
	}
	char, size := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsPrint(char):
		return utf8.AppendRune(dst, char), size
	case char <= 0xFF:
		return appendHex(dst, 'x', char, 2), size
	case char <= 0xFFFF:
		return appendHex(dst, 'u', char, 4), size
	}
	return appendHex(dst, 'U', char, 8), size
}

// LeadingSurrogate reads a surrogate at the start of text: U+D800 to U+DFFF in
// the three-byte form ED A0..BF xx, which is not valid UTF-8. Python treats it
// as one character.
func LeadingSurrogate(text string) (rune, bool) {
	if len(text) < 3 || text[0] != 0xED || text[1] < 0xA0 || text[1] > 0xBF || text[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | rune(text[1]&0x3F)<<6 | rune(text[2]&0x3F), true
}

func appendASCII(dst []byte, char, quote byte) []byte {
	switch {
	case char == quote || char == '\\':
		return append(dst, '\\', char)
	case char == '\n':
		return append(dst, `\n`...)
	case char == '\r':
		return append(dst, `\r`...)
	case char == '\t':
		return append(dst, `\t`...)
	case char < ' ' || char >= 0x7F:
		return append(dst, '\\', 'x', hexDigits[char>>4], hexDigits[char&0xF])
	}
	return append(dst, char)
}

func appendHex(dst []byte, letter byte, char rune, width int) []byte {
	digits := strconv.FormatInt(int64(char), 16)
	dst = append(dst, '\\', letter)
	dst = append(dst, "00000000"[:width-len(digits)]...)
	return append(dst, digits...)
}

// appendBytes appends Python's repr of a bytes object.
func appendBytes(dst, data []byte) []byte {
	quote := byte('\'')
	if text := string(data); strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	dst = append(dst, 'b', quote)
	for _, char := range data {
		dst = appendASCII(dst, char, quote)
	}
	return append(dst, quote)
}
