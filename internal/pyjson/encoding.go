package pyjson

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// ToUTF8 returns a document in UTF-8 without a byte order mark. UTF-16 and
// UTF-32 are recognized by their mark or by the zeros in their first bytes, as
// Python's json.loads does for bytes. A document in UTF-8 comes back as it is.
// Bytes that are not valid are a *SyntaxError, where Python lets surrogates pass.
func ToUTF8(data []byte) ([]byte, error) {
	width, order, mark := encodingOf(data)
	data = data[mark:]
	if len(data)%width != 0 {
		return nil, &SyntaxError{Reason: fmt.Sprintf("Truncated UTF-%d", 8*width), Line: 1, Column: 1}
	}
	switch width {
	case 2:
		return fromUTF16(data, order), nil
	case 4:
		return fromUTF32(data, order)
	}
	if !utf8.Valid(data) {
		return nil, newSyntaxError(data, validPrefix(data), "Invalid UTF-8")
	}
	return data, nil
}

// encodingOf returns the bytes of a unit, their order, and the length of the
// byte order mark. A mark of UTF-32 begins like one of UTF-16.
func encodingOf(data []byte) (width int, order binary.ByteOrder, mark int) {
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xFE\x00\x00")):
		return 4, binary.LittleEndian, 4
	case bytes.HasPrefix(data, []byte("\x00\x00\xFE\xFF")):
		return 4, binary.BigEndian, 4
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		return 2, binary.LittleEndian, 2
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return 2, binary.BigEndian, 2
	case bytes.HasPrefix(data, byteOrderMark):
		return 1, nil, len(byteOrderMark)
	}
	width, order = encodingWithoutMark(data)
	return width, order, 0
}

// encodingWithoutMark relies on a document to begin with ASCII characters.
func encodingWithoutMark(data []byte) (width int, order binary.ByteOrder) {
	if len(data) != 2 && len(data) < 4 || data[0] != 0 && data[1] != 0 {
		return 1, nil
	}
	isShort := len(data) == 2
	switch {
	case data[0] == 0 && (isShort || data[1] != 0):
		return 2, binary.BigEndian
	case data[0] == 0:
		return 4, binary.BigEndian
	case isShort || data[2] != 0 || data[3] != 0:
		return 2, binary.LittleEndian
	}
	return 4, binary.LittleEndian
}

// fromUTF16 puts U+FFFD for a lone surrogate.
func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

func fromUTF32(data []byte, order binary.ByteOrder) ([]byte, error) {
	text := make([]byte, 0, len(data)/2)
	for i := 0; i < len(data); i += 4 {
		char := order.Uint32(data[i:])
		if char > utf8.MaxRune {
			return nil, newSyntaxError(text, len(text), "Invalid UTF-32")
		}
		text = utf8.AppendRune(text, rune(char))
	}
	return text, nil
}

// validPrefix is the number of bytes before the first that is not UTF-8.
func validPrefix(data []byte) int {
	at := 0
	for at < len(data) {
		char, size := utf8.DecodeRune(data[at:])
		if char == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
