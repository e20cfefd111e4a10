// Package uuid holds the UUID type of URL converters and session tags. It parses
// as Python's uuid.UUID does.
package uuid

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// UUID is one 128-bit identifier in network byte order. The zero value is the
// nil UUID.
type UUID [16]byte

const hexDigits = 32

// Parse reads text as Python's uuid.UUID(text) does. It ignores dashes anywhere,
// braces around the text, "urn:" and "uuid:" inside, and the case of letters. The
// rest must be 32 characters that Python's int(text, 16) accepts. The error quotes
// the text.
func Parse(text string) (UUID, error) {
	if id, ok := parseCanonical(text); ok {
		return id, nil
	}
	if id, ok := parseLenient(text); ok {
		return id, nil
	}
	return UUID{}, fmt.Errorf("uuid: %q is not a UUID: want %d hexadecimal digits", text, hexDigits)
}

// parseCanonical reads the usual forms, with and without dashes, and allocates
// nothing.
func parseCanonical(text string) (id UUID, ok bool) {
	var digits [hexDigits]byte
	switch {
	case len(text) == hexDigits:
		copy(digits[:], text)
	case len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-':
		copy(digits[0:], text[0:8])
		copy(digits[8:], text[9:13])
		copy(digits[12:], text[14:18])
		copy(digits[16:], text[19:23])
		copy(digits[20:], text[24:36])
	default:
		return id, false
	}
	_, err := hex.Decode(id[:], digits[:])
	return id, err == nil
}

func parseLenient(text string) (id UUID, ok bool) {
	digits := strings.ReplaceAll(text, "urn:", "")
	digits = strings.ReplaceAll(digits, "uuid:", "")
	digits = strings.ReplaceAll(strings.Trim(digits, "{}"), "-", "")
	if utf8.RuneCountInString(digits) != hexDigits {
		return id, false
	}
	number, ok := pytext.ParseBigInt(digits, 16)
	if !ok {
		return id, false
	}
	number.FillBytes(id[:])
	return id, true
}

// String returns the 36-character lower-case form with dashes, as Python's
// str(uuid).
func (id UUID) String() string {
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// AppendHex appends the 32 lower-case digits without dashes, as Python's
// uuid.hex.
func (id UUID) AppendHex(dst []byte) []byte {
	return hex.AppendEncode(dst, id[:])
}

// Repr returns Python's repr of the value, such as "UUID('1234...')".
func (id UUID) Repr() string {
	return "UUID('" + id.String() + "')"
}

// MarshalText returns the result of String and never fails.
func (id UUID) MarshalText() ([]byte, error) {
	return []byte(id.String()), nil
}

// UnmarshalText reads text as Parse does.
func (id *UUID) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
