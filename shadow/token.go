package shadow

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"

	"github.com/decant-go/decant"
)

const (
	// signedToken is what itsdangerous signs: a payload, compressed if it begins with a
	// dot, mostly a time, and a signature.
	signedToken = `\.?[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]{6})?\.[A-Za-z0-9_-]{27,86}`
	// webToken is a JSON Web Token: a header, claims and a signature.
	webToken = `eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{7,}\.[A-Za-z0-9_-]{20,}`
)

var (
	tokenPattern  = regexp.MustCompile(webToken + "|" + signedToken)
	signedPattern = regexp.MustCompile("^(?:" + signedToken + ")$")
)

// namedSigner knows the signatures of one salt.
type namedSigner struct {
	salt  string
	knows func(token string) bool
}

// signers are those of Flask, of Flask-WTF, and of the application's own salts.
func (o *Comparison) signers() []namedSigner {
	if o.SecretKey == "" {
		return nil
	}
	const session, csrf = "cookie-session", "wtf-csrf-token"
	timed := func(key, salt string, options ...decant.SignerOption) namedSigner {
		signer := decant.NewTimestampSigner(key, salt, options...)
		return namedSigner{salt, func(token string) bool { return signer.Validate(token) }}
	}
	signers := []namedSigner{
		timed(o.SecretKey, session, decant.KeyDerivation("hmac")),
		timed(cmp.Or(o.CSRFSecretKey, o.SecretKey), csrf),
	}
	for _, salt := range o.Salts {
		signers = append(signers, timed(o.SecretKey, salt), namedSigner{salt, decant.NewSigner(o.SecretKey, salt).Validate})
	}
	return signers
}

// signedBy says which salt a token was signed for, and "" without a key.
func (c *comparison) signedBy(token string) string {
	if len(c.signers) == 0 {
		return ""
	}
	for _, signer := range c.signers {
		if signer.knows(token) {
			return "for " + signer.salt
		}
	}
	return "by another key or salt"
}

// spoken replaces signed tokens with what they say and who signed them, so that the
// time and the signature of two tokens do not make them different.
func (c *comparison) spoken(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return tokenPattern.ReplaceAllStringFunc(text, func(token string) string {
		if claims, ok := claimsOf(token); ok {
			return "jwt(" + claims + ")"
		}
		payload, ok := c.payloadOf(token)
		if !ok {
			return token
		}
		if by := c.signedBy(token); by != "" {
			payload += " " + by
		}
		return "signed(" + payload + ")"
	})
}

// maxPayload bounds what a compressed payload is inflated to.
const maxPayload = 1 << 20

// claimsOf returns the claims of a JSON Web Token, without the times and the number that
// each one has for itself.
func claimsOf(token string) (text string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(parts[1]) < 7 {
		return "", false
	}
	decoded, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", false
	}
	value, _ := readJSON(string(decoded))
	claims, ok := value.(map[string]any)
	if !ok {
		return "", false
	}
	for _, name := range []string{"iat", "nbf", "exp", "jti"} {
		delete(claims, name)
	}
	again, err := json.Marshal(claims)
	return string(again), err == nil
}

// payloadOf returns the JSON in a signed token. It inflates no more than maxInflated
// in one comparison.
func (c *comparison) payloadOf(token string) (payload string, ok bool) {
	if !signedPattern.MatchString(token) {
		return "", false
	}
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
		decoded, err = io.ReadAll(io.LimitReader(reader, int64(min(maxPayload, maxInflated-c.inflated))))
		c.inflated += len(decoded)
		if err != nil {
			return "", false
		}
	}
	return string(decoded), json.Valid(decoded)
}
