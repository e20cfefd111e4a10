package header

import (
	"strings"
	"unicode"
	"unicode/utf8"
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

// Challenge is one WWW-Authenticate header. Scheme is in lower case; a
// challenge has either Parameters or a Token, or neither. It mirrors
// WWWAuthenticate.
type Challenge struct {
	Scheme     string
	Token      string
	Parameters Parameters
}

// ParseChallenge reads a WWW-Authenticate header that holds one challenge; it
// reports false for an empty one. It mirrors WWWAuthenticate.from_header.
func ParseChallenge(value string) (Challenge, bool) {
	if value == "" {
		return Challenge{}, false
	}
	scheme, rest := cutScheme(value)
	parameters, token := parametersOrToken(rest)
	return Challenge{Scheme: scheme, Parameters: parameters, Token: token}, true
}

// String returns the header. Digest quotes the parameters that its RFC wants
// quoted. It mirrors WWWAuthenticate.to_header.
func (c Challenge) String() string {
	scheme := titleCase(c.Scheme)
	switch {
	case c.Token != "":
		return scheme + " " + c.Token
	case len(c.Parameters) == 0:
		return scheme
	case scheme == "Digest":
		return scheme + " " + formatDigest(c.Parameters)
	}
	return scheme + " " + FormatDict(c.Parameters)
}

func formatDigest(parameters Parameters) string {
	items := make([]string, len(parameters))
	for i, parameter := range parameters {
		items[i] = formatDigestItem(parameter)
	}
	return strings.Join(items, ", ")
}

func formatDigestItem(parameter Parameter) string {
	switch {
	case parameter.Bare:
		return parameter.Name
	case alwaysQuotedInDigest(parameter.Name):
		return parameter.Name + "=" + quoted(parameter.Value)
	}
	return parameter.Name + "=" + Quote(parameter.Value)
}

func alwaysQuotedInDigest(name string) bool {
	switch name {
	case "realm", "domain", "nonce", "opaque", "qop":
		return true
	}
	return false
}

func cutScheme(value string) (scheme, rest string) {
	scheme, rest, _ = strings.Cut(value, " ")
	return strings.ToLower(scheme), strings.TrimSpace(rest)
}

// parametersOrToken returns the text as a token if it has "=" only at its end, as
// padding. It reads any other text as parameters.
func parametersOrToken(text string) (parameters Parameters, token string) {
	if strings.Contains(strings.TrimRight(text, "="), "=") {
		return ParseDict(text), ""
	}
	return nil, text
}

// titleCase writes each word of a scheme with a capital, as in "X-Custom".
func titleCase(scheme string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		isStart := !inWord
		inWord = unicode.IsLetter(r)
		if isStart {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, scheme)
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
