package header

import (
	"fmt"
	"strings"

	"github.com/decant-go/decant/internal/idna"
)

// The characters that stay unquoted in each part of a URI. "%" is one of them
// because it may begin an escape.
var (
	pathSafe     = setOf(unreserved + "%!$&'()*+,/:;=@")
	querySafe    = setOf(unreserved + "%!$&'()*+,/:;=?@")
	fragmentSafe = setOf(unreserved + "%!#$&'()*+,/:;=?@")
	userSafe     = setOf(unreserved + "%!$&'()*+,;=")
)

// The characters that stay quoted in each part of an IRI, because unquoted they
// would change its meaning.
var (
	fragmentKept = setOf(alwaysKept)
	queryKept    = setOf(alwaysKept + "&=+#")
	pathKept     = setOf(alwaysKept + "/?#")
	userKept     = setOf(alwaysKept + ":@/?#")
)

const alwaysKept = controls + " %\x7f"

const controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"

// IRIToURI converts an international URL, absolute or relative, to ASCII. It
// encodes the host, percent-encodes other characters and keeps existing escapes. It
// removes line breaks and tabs. The error is for a malformed host or port. A plain
// path is returned without allocation. It mirrors iri_to_uri.
func IRIToURI(iri string) (string, error) {
	if isPlainPath(iri) {
		return iri, nil
	}
	parts, err := splitURL(iri)
	if err != nil {
		return "", err
	}
	host, err := idna.ToASCII(parts.host)
	if err != nil {
		return "", fmt.Errorf("URL %q: %w", iri, err)
	}
	parts.host = host
	parts.username = percentEncode(parts.username, userSafe)
	parts.password = percentEncode(parts.password, userSafe)
	parts.path = percentEncode(parts.path, pathSafe)
	parts.query = percentEncode(parts.query, querySafe)
	parts.fragment = percentEncode(parts.fragment, fragmentSafe)
	return parts.String(), nil
}

// URIToIRI returns a URL in a readable form. It decodes the host, and every escape
// that is UTF-8 and not part of the URL's structure. It keeps a label of the host,
// or the whole URL, if it cannot decode it. It mirrors uri_to_iri.
func URIToIRI(uri string) string {
	parts, err := splitURL(uri)
	if err != nil {
		return uri
	}
	parts.host = idna.ToUnicode(parts.host)
	parts.username = percentDecode(parts.username, userKept)
	parts.password = percentDecode(parts.password, userKept)
	parts.path = percentDecode(parts.path, pathKept)
	parts.query = percentDecode(parts.query, queryKept)
	parts.fragment = percentDecode(parts.fragment, fragmentKept)
	return parts.String()
}

// isPlainPath reports whether a URL is a path, with an optional query, that needs
// no encoding.
func isPlainPath(url string) bool {
	return strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") &&
		!strings.HasSuffix(url, "?") && querySafe.containsAll(url)
}
