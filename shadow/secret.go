package shadow

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// randomPattern finds what may be random: session ids, keys and signatures.
var randomPattern = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)

// withoutSecrets replaces what looks random, and control characters, which a terminal
// would obey. Two secrets that differ still do afterwards.
func withoutSecrets(text string) string {
	text = randomPattern.ReplaceAllStringFunc(text, func(part string) string {
		if !isRandom(part) {
			return part
		}
		digest := sha256.Sum256([]byte(part))
		return fmt.Sprintf("(%d hidden characters, %x)", len(part), digest[:4])
	})
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	var clean strings.Builder
	for _, char := range text {
		if unicode.IsControl(char) {
			quoted := strconv.QuoteRune(char)
			clean.WriteString(quoted[1 : len(quoted)-1])
		} else {
			clean.WriteRune(char)
		}
	}
	return clean.String()
}

// isRandom recognizes base64, which mixes capitals, small letters and digits, and
// hexadecimal. Words with dashes, as in paths, are neither.
func isRandom(part string) bool {
	var hasUpper, hasLower, hasDigit, hasOther bool
	for _, char := range part {
		switch {
		case '0' <= char && char <= '9':
			hasDigit = true
		case 'a' <= char && char <= 'z':
			hasLower = true
			hasOther = hasOther || char > 'f'
		case 'A' <= char && char <= 'Z':
			hasUpper = true
			hasOther = hasOther || char > 'F'
		default:
			hasOther = true
		}
	}
	isHex := !hasOther && hasDigit && hasLower != hasUpper
	return isHex || hasUpper && hasLower && hasDigit
}
