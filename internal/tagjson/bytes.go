package tagjson

import (
	"encoding/base64"
	"strings"
)

// bytes decodes base64 that is a string or already a []byte.
func (c *Codec) bytes(v any) ([]byte, bool) {
	if data, ok := v.([]byte); ok {
		return decodeBase64(string(data))
	}
	text, ok := c.text(v)
	if !ok || strings.IndexFunc(text, isNotASCII) >= 0 {
		return nil, false
	}
	return decodeBase64(text)
}

func isNotASCII(char rune) bool {
	return char > 0x7F
}

// decodeBase64 reads the standard alphabet as Python's b64decode does: other
// characters are skipped, text after the padding is ignored, and a group that
// is neither complete nor padded is an error.
func decodeBase64(text string) ([]byte, bool) {
	if data, err := base64.StdEncoding.DecodeString(text); err == nil {
		return data, true
	}
	digits, ok := base64Digits(text)
	if !ok {
		return nil, false
	}
	data, err := base64.RawStdEncoding.DecodeString(digits)
	return data, err == nil
}

// base64Digits drops characters outside the alphabet and stops at the padding that
// completes a group.
func base64Digits(text string) (digits string, ok bool) {
	var kept strings.Builder
	pads := 0
	for i := range len(text) {
		switch char := text[i]; {
		case isBase64(char):
			kept.WriteByte(char)
			pads = 0
		case char == '=' && kept.Len()%4 >= 2:
			pads++
			if kept.Len()%4+pads >= 4 {
				return kept.String(), true
			}
		}
	}
	return kept.String(), kept.Len()%4 == 0
}

func isBase64(char byte) bool {
	return 'A' <= char && char <= 'Z' || 'a' <= char && char <= 'z' ||
		'0' <= char && char <= '9' || char == '+' || char == '/'
}
