package debugpage

import (
	"strings"
	"unicode"
)

// Hidden stands for a value that is not shown.
const Hidden = "(not shown)"

// secretParts are parts of the names of headers and parameters whose values are
// credentials.
var secretParts = []string{"assertion", "auth", "cookie", "credential", "csrf", "jwt", "key", "nonce", "otp", "pass", "pwd", "saml", "secret", "session", "signature", "ticket", "token", "verifier"}

// secretWords say the same where they are a word of their own. As a part they
// occur in names such as "shipping" and "design".
var secretWords = map[string]bool{"code": true, "hash": true, "hmac": true, "mac": true, "pin": true, "pw": true, "sid": true, "sig": true, "state": true}

// Redact returns the value, or [Hidden] if the name says that it is a secret.
func Redact(name, value string) string {
	if isSecret(name) {
		return Hidden
	}
	return value
}

func isSecret(name string) bool {
	lower := strings.ToLower(name)
	for _, part := range secretParts {
		if strings.Contains(lower, part) {
			return true
		}
	}
	for _, word := range wordsOf(name) {
		if secretWords[strings.ToLower(word)] {
			return true
		}
	}
	return false
}

// wordsOf splits a name where a character is not a letter and where an upper-case
// letter follows a lower-case one.
func wordsOf(name string) []string {
	var spaced strings.Builder
	wasLower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			r = ' '
		case wasLower && unicode.IsUpper(r):
			spaced.WriteByte(' ')
		}
		wasLower = unicode.IsLower(r)
		spaced.WriteRune(r)
	}
	return strings.Fields(spaced.String())
}
