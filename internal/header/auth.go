package header

import (
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// Authorization is a parsed Authorization header. Scheme is in lower case.
// Username and Password are set for Basic. Other schemes have either Parameters,
// such as Digest, or a Token, such as Bearer. It mirrors request.authorization.
type Authorization struct {
	Scheme             string
	Username, Password string
	Token              string
	Parameters         Parameters
}

// ParseAuthorization reads an Authorization header. It returns false for an empty
// header, and for Basic credentials that are not base64 or not UTF-8. Base64 is
// read as leniently as in Python. It mirrors Authorization.from_header.
func ParseAuthorization(value string) (Authorization, bool) {
	if value == "" {
		return Authorization{}, false
	}
	scheme, rest := cutScheme(value)
	if scheme == "basic" {
		return parseBasic(rest)
	}
	parameters, token := parametersOrToken(rest)
	return Authorization{Scheme: scheme, Parameters: parameters, Token: token}, true
}

func parseBasic(encoded string) (Authorization, bool) {
	credentials, ok := decodeBase64(encoded)
	if !ok || !utf8.Valid(credentials) {
		return Authorization{}, false
	}
	username, password, _ := strings.Cut(string(credentials), ":")
	return Authorization{Scheme: "basic", Username: username, Password: password}, true
}

func cutScheme(value string) (scheme, rest string) {
	scheme, rest, _ = strings.Cut(value, " ")
	return strings.ToLower(scheme), pytext.Strip(rest)
}

// parametersOrToken returns the text as a token if it has "=" only at its end, as
// padding. It reads any other text as parameters.
func parametersOrToken(text string) (parameters Parameters, token string) {
	if strings.Contains(strings.TrimRight(text, "="), "=") {
		return ParseDict(text), ""
	}
	return nil, text
}

// decodeBase64 skips characters outside the alphabet and stops after the padding,
// as Python's b64decode does. It is not ok for text outside ASCII, and for text
// that ends inside a group.
func decodeBase64(text string) (decoded []byte, ok bool) {
	var bits uint32
	inGroup, padding := 0, 0
	for i := range len(text) {
		char := text[i]
		if char >= utf8.RuneSelf {
			return nil, false
		}
		if char == '=' {
			if padding++; inGroup >= 2 && inGroup+padding >= 4 {
				return decoded, true
			}
			continue
		}
		value := strings.IndexByte(base64Alphabet, char)
		if value < 0 {
			continue
		}
		padding = 0
		bits = bits<<6 | uint32(value)
		if inGroup++; inGroup > 1 {
			decoded = append(decoded, byte(bits>>(2*(4-inGroup))))
		}
		inGroup %= 4
	}
	return decoded, inGroup == 0
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + digits + "+/"
