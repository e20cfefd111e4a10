package signing

import (
	"encoding/base64"
	"errors"
)

// errInvalidBase64 reports input that ends in the middle of a group of four
// characters. It is the only error of decoding.
var errInvalidBase64 = errors.New("invalid base64 text: it ends in the middle of a group of four characters")

// AppendEncode appends the URL-safe base64 of src, without padding, to dst. It
// mirrors itsdangerous.base64_encode.
func AppendEncode(dst, src []byte) []byte {
	return base64.RawURLEncoding.AppendEncode(dst, src)
}

// AppendDecode appends the bytes that src stands for to dst. On an error dst
// comes back as it was.
//
// Reading is lenient in ways that encoding/base64 is not, and signed values of
// other programs rely on it: bytes outside the alphabet are skipped, the
// standard alphabet is accepted beside the URL-safe one, and padding may be
// absent, complete or too long. It mirrors itsdangerous.base64_decode of bytes.
func AppendDecode(dst, src []byte) ([]byte, error) {
	decoded, err := base64.RawURLEncoding.AppendDecode(dst, src)
	// encoding/base64 skips line breaks without counting them as characters,
	// Python counts them. A result of full length holds none that matter.
	if err == nil && len(decoded)-len(dst) == base64.RawURLEncoding.DecodedLen(len(src)) {
		return decoded, nil
	}
	return appendLenient(dst, src)
}

// appendLenient reads src as Python's binascii.a2b_base64 reads it once "=" was
// added until its length is a multiple of four. Bytes outside the alphabet count
// for that length.
func appendLenient(dst, src []byte) ([]byte, error) {
	var group group
	decoded := dst
	for _, char := range src {
		if char == '=' && group.closedByPadding() {
			return decoded, nil
		}
		if value, ok := sextet(char); ok {
			decoded = group.append(decoded, value)
		}
	}
	for range -len(src) & 3 {
		if group.closedByPadding() {
			return decoded, nil
		}
	}
	if group.size != 0 {
		return dst, errInvalidBase64
	}
	return decoded, nil
}

// group is the state inside a group of four characters.
type group struct {
	size int  // data characters seen, 0 to 3
	pads int  // padding seen since the last of them
	bits byte // not yet written
}

// closedByPadding counts one more "=" and reports whether it completes the
// group; reading ends there. Fewer than two characters cannot be completed.
func (g *group) closedByPadding() bool {
	if g.size < 2 {
		return false
	}
	g.pads++
	return g.size+g.pads >= 4
}

func (g *group) append(dst []byte, value byte) []byte {
	g.pads = 0
	switch g.size {
	case 0:
		g.bits = value
	case 1:
		dst = append(dst, g.bits<<2|value>>4)
		g.bits = value & 0x0f
	case 2:
		dst = append(dst, g.bits<<4|value>>2)
		g.bits = value & 0x03
	case 3:
		dst = append(dst, g.bits<<6|value)
	}
	g.size = (g.size + 1) & 3
	return dst
}

// sextet returns the value of one character in either alphabet.
func sextet(char byte) (value byte, ok bool) {
	switch {
	case 'A' <= char && char <= 'Z':
		return char - 'A', true
	case 'a' <= char && char <= 'z':
		return char - 'a' + 26, true
	case '0' <= char && char <= '9':
		return char - '0' + 52, true
	case char == '-' || char == '+':
		return 62, true
	case char == '_' || char == '/':
		return 63, true
	}
	return 0, false
}
