package shadow

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"
)

// signedPattern finds what itsdangerous signs: a payload, compressed if it begins with
// a dot, mostly a time, and a signature.
var signedPattern = regexp.MustCompile(`\.?[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]{6})?\.[A-Za-z0-9_-]{27,86}`)

// spoken replaces signed tokens with what they say, so that the time and the
// signature of two tokens do not make them different.
func spoken(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return signedPattern.ReplaceAllStringFunc(text, func(token string) string {
		if payload, ok := payloadOf(token); ok {
			return "signed(" + payload + ")"
		}
		return token
	})
}

// maxPayload bounds what a compressed payload is inflated to.
const maxPayload = 1 << 20

// payloadOf returns the JSON in a signed token.
func payloadOf(token string) (payload string, ok bool) {
	text, isCompressed := strings.CutPrefix(token, ".")
	text, _, _ = strings.Cut(text, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	if isCompressed {
		reader, err := zlib.NewReader(bytes.NewReader(decoded))
		if err != nil {
			return "", false
		}
		if decoded, err = io.ReadAll(io.LimitReader(reader, maxPayload)); err != nil {
			return "", false
		}
	}
	return string(decoded), json.Valid(decoded)
}
