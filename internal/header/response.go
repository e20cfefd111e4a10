package header

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// CheckResponse returns an error for headers that a response must not have:
// those with control characters, that are there twice in different
// spellings, or that say how the body is framed. Of several, it names the first.
func CheckResponse(h http.Header) error {
	for name, values := range h {
		if checkField(h, name, values) != nil {
			return firstProblem(h)
		}
	}
	return nil
}

// firstProblem looks at the names in order, which a range over a map does not.
func firstProblem(h http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if err := checkField(h, name, h[name]); err != nil {
			return err
		}
	}
	return nil
}

func checkField(h http.Header, name string, values []string) error {
	if !isCanonical(name) || name == "Transfer-Encoding" {
		if err := checkName(h, name); err != nil {
			return err
		}
	}
	for _, value := range values {
		if breaksLine(value) {
			return fmt.Errorf("the header %q has a line break or another control character: %q", name, value)
		}
	}
	return nil
}

func checkName(h http.Header, name string) error {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !IsToken(name), canonical == "Transfer-Encoding":
		return fmt.Errorf("a response cannot set the header %q", name)
	case name != canonical && (canonical == "Content-Length" || h[canonical] != nil):
		return fmt.Errorf("the header %q would be there twice; set it with Header().Set, which spells it %q", name, canonical)
	}
	return nil
}

// isCanonical reports whether a name is a token, and http.CanonicalHeaderKey would
// return it as it is.
func isCanonical(name string) bool {
	beginsWord := true
	for i := range len(name) {
		b := name[i]
		if !tokenChars[b] || beginsWord && 'a' <= b && b <= 'z' || !beginsWord && 'A' <= b && b <= 'Z' {
			return false
		}
		beginsWord = b == '-'
	}
	return name != ""
}

// breaksLine reports whether a header value has a character that it must not have.
// HTTP/2 drops headers with these, and line breaks begin another header. A tab is a
// blank.
func breaksLine(value string) bool {
	for i := range len(value) {
		if b := value[i]; b < ' ' && b != '\t' || b == 0x7f {
			return true
		}
	}
	return false
}

// Merge sets a header. The values of Set-Cookie and Vary are added to those that
// are there; those of any other header replace them.
func Merge(h http.Header, name string, values []string) {
	earlier := h[name]
	switch {
	case earlier == nil:
		h[name] = values
	case name == "Set-Cookie":
		h[name] = append(earlier[:len(earlier):len(earlier)], values...)
	case name == "Vary":
		list := strings.Join(earlier, ", ")
		for _, field := range ParseList(strings.Join(values, ", ")) {
			list = AddToList(list, field)
		}
		h[name] = []string{list}
	default:
		h[name] = values
	}
}

// quotedInDigest are the parameters of a Digest challenge that are quoted even if
// they are tokens.
var quotedInDigest = []string{"realm", "domain", "nonce", "opaque", "qop"}

// Challenge writes a WWW-Authenticate header: a scheme with a token, or with pairs of
// a name and a value. It mirrors WWWAuthenticate.to_header.
func Challenge(scheme string, parameters []string) string {
	title := titleOf(scheme)
	switch len(parameters) {
	case 0:
		return title
	case 1:
		return title + " " + parameters[0]
	}
	pairs := make([]string, 0, len(parameters)/2)
	for i := 0; i < len(parameters); i += 2 {
		name, value := parameters[i], parameters[i+1]
		switch {
		case strings.HasSuffix(name, "*") && title != "Digest":
		case title == "Digest" && slices.Contains(quotedInDigest, name):
			value = quoted(value)
		default:
			value = Quote(value)
		}
		pairs = append(pairs, name+"="+value)
	}
	return title + " " + strings.Join(pairs, ", ")
}

// titleOf writes a scheme as Python's str.title does: a letter is a capital if no
// letter is in front of it, and small otherwise.
func titleOf(scheme string) string {
	inWord := false
	return strings.Map(func(char rune) rune {
		starts := !inWord
		if inWord = unicode.IsLetter(char); inWord && starts {
			return unicode.ToTitle(char)
		}
		return unicode.ToLower(char)
	}, scheme)
}
