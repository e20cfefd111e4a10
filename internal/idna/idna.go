// Package idna converts international host names to the ASCII form of DNS and HTTP
// headers, and back. It follows IDNA 2003 (RFC 3490) like Python's "idna" codec,
// which Werkzeug uses for redirects, cookie domains and trusted hosts.
//
// The nameprep step folds case, deletes the characters that nameprep deletes, and
// maps full-width forms, sharp s, long s, final sigma and dotted I. It does not
// compose characters and lacks the rarer compatibility mappings: a host with a
// character that needs them is an error, because it would become another host. It
// lacks the rules for right-to-left labels, too. Host names from browsers are
// composed already.
package idna

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	acePrefix   = "xn--"
	maxLabelLen = 63
)

var (
	// ErrLabel is wrapped by every error of this package: a host name that
	// has an empty label, a label over 63 bytes, or a forbidden character.
	ErrLabel = errors.New("invalid host name")

	errPunycode = errors.New("invalid punycode")
	errLabelLen = fmt.Errorf("a label over %d bytes", maxLabelLen)
)

// ToASCII returns host with each non-ASCII label replaced by its "xn--" form.
// ASCII labels keep their case, as in Python. The ideographic full stops are
// label separators too, and one final dot is allowed. The host must not have a
// port.
//
// The error wraps [ErrLabel]. It is for an empty label, a label over 63 bytes, a
// forbidden character, and one that this package is unsure of. It mirrors Python's host.encode("idna").
func ToASCII(host string) (string, error) {
	if host == "" {
		return "", nil
	}
	labels := strings.Split(separateByDots(host), ".")
	last := len(labels) - 1
	for i, label := range labels {
		if label == "" && i == last && i > 0 {
			break // the final dot of a rooted name
		}
		ascii, err := labelToASCII(label, isUnsure)
		if err != nil {
			return "", fmt.Errorf("%w: %q has %w", ErrLabel, host, err)
		}
		labels[i] = ascii
	}
	return strings.Join(labels, "."), nil
}

// ToUnicode returns host with each "xn--" label decoded. It keeps a label that is
// malformed or that would not encode to itself again, and a host that is not ASCII.
// It mirrors the host of Werkzeug's uri_to_iri.
func ToUnicode(host string) string {
	if !strings.Contains(host, acePrefix) || !isASCII(host) {
		return host
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		labels[i] = labelToUnicode(label)
	}
	return strings.Join(labels, ".")
}

func labelToASCII(label string, refuse func(rune) bool) (string, error) {
	if !isASCII(label) {
		prepared, err := nameprep(label, refuse)
		if err != nil {
			return "", err
		}
		label = prepared
	}
	if utf8.RuneCountInString(label) > maxLabelLen { // before the work of encoding, which is not linear
		return "", errLabelLen
	}
	if !isASCII(label) {
		if strings.HasPrefix(label, acePrefix) {
			return "", fmt.Errorf("the non-ASCII label %q, which must not start with %q", label, acePrefix)
		}
		label = acePrefix + encodePunycode([]rune(label))
	}
	if label == "" {
		return "", errors.New("an empty label")
	}
	if len(label) > maxLabelLen {
		return "", errLabelLen
	}
	return label, nil
}

func labelToUnicode(label string) string {
	encoded, isACE := strings.CutPrefix(label, acePrefix)
	if !isACE || len(label) > maxLabelLen { // decoding is not linear, and no such label is valid
		return label
	}
	runes, err := decodePunycode(encoded)
	if err != nil {
		return label
	}
	decoded := string(runes)
	if again, err := labelToASCII(decoded, isNone); err != nil || !strings.EqualFold(again, label) {
		return label
	}
	return decoded
}

// isNone is for a label that is read only: it was encoded by somebody else.
func isNone(rune) bool { return false }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
