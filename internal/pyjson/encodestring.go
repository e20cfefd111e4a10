package pyjson

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// appendString appends a string in quotes. Lone surrogates are written as escapes;
// other bytes that are not UTF-8 become U+FFFD.
func (e *Encoder) appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for {
		run := e.plainRun(text)
		dst = append(dst, text[:run]...)
		if run == len(text) {
			return append(dst, '"')
		}
		text = text[run:]
		var size int
		dst, size = e.escape(dst, text)
		text = text[size:]
	}
}

// isPlain tells the characters that every Encoder writes as they are.
var isPlain = func() (plain [256]bool) {
	for char := ' '; char < 0x7F; char++ {
		plain[char] = char != '"' && char != '\\'
	}
	return plain
}()

// plainRun counts the bytes that may be written as they are.
func (e *Encoder) plainRun(text string) int {
	at := 0
	for at < len(text) {
		switch char := text[at]; {
		case isPlain[char], char == 0x7F && !e.ASCII:
			at++
		case char < utf8.RuneSelf || e.ASCII:
			return at
		default:
			size := runeSize(text[at:])
			if size == 0 {
				return at
			}
			at += size
		}
	}
	return at
}

// runeSize is the size of the character that text begins with, 0 if it is
// none.
func runeSize(text string) int {
	char, size := utf8.DecodeRuneInString(text)
	if char == utf8.RuneError && size == 1 {
		return 0
	}
	return size
}

// escape writes the character that text begins with in another form, and
// returns its size in text.
func (e *Encoder) escape(dst []byte, text string) ([]byte, int) {
	if text[0] < utf8.RuneSelf {
		return escapeASCII(dst, text[0]), 1
	}
	if surrogate, ok := pytext.LeadingSurrogate(text); ok {
		return appendUnicodeEscape(dst, surrogate), 3
	}
	char, size := utf8.DecodeRuneInString(text)
	switch {
	case !e.ASCII:
		return utf8.AppendRune(dst, char), size
	case char > 0xFFFF:
		high, low := utf16.EncodeRune(char)
		return appendUnicodeEscape(appendUnicodeEscape(dst, high), low), size
	}
	return appendUnicodeEscape(dst, char), size
}

func escapeASCII(dst []byte, char byte) []byte {
	switch char {
	case '"', '\\':
		return append(dst, '\\', char)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendUnicodeEscape(dst, rune(char))
}

func appendUnicodeEscape(dst []byte, char rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u',
		digits[char>>12&0xF], digits[char>>8&0xF], digits[char>>4&0xF], digits[char&0xF])
}
