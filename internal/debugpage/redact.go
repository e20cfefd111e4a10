package debugpage

import "strings"

// Hidden stands for a value that is not shown.
const Hidden = "(not shown)"

// secretWords are parts of the names of headers and parameters whose values
// are credentials.
var secretWords = []string{"auth", "cookie", "credential", "csrf", "key", "pass", "secret", "session", "signature", "token"}

// Redact returns the value, or [Hidden] if the name says that it is a secret.
func Redact(name, value string) string {
	name = strings.ToLower(name)
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return Hidden
		}
	}
	return value
}
