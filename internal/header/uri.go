package header

import (
	"fmt"
	"strings"

	"github.com/decant-go/decant/internal/idna"
)

// What stays unquoted in each part of a URI; "%" because it may be an escape.
var (
	pathSafe     = setOf(unreserved + "%!$&'()*+,/:;=@")
	querySafe    = setOf(unreserved + "%!$&'()*+,/:;=?@")
	fragmentSafe = setOf(unreserved + "%!#$&'()*+,/:;=?@")
	userSafe     = setOf(unreserved + "%!$&'()*+,;=")
)

// What stays quoted in each part of an IRI: what would change its meaning.
var (
	fragmentKept = setOf(alwaysKept)
	queryKept    = setOf(alwaysKept + "&=+#")
	pathKept     = setOf(alwaysKept + "/?#")
	userKept     = setOf(alwaysKept + ":@/?#")
)

const alwaysKept = controls + " %\x7f"

const controls = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"

// IRIToURI returns an international URL, absolute or relative, in ASCII: the
// host encoded, other characters percent-encoded, existing escapes kept. Line
// breaks and tabs are removed. A malformed host or port gives an error. It
// mirrors iri_to_uri. A plain path is returned without allocation.
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

// URIToIRI returns a URL for people to read: the host decoded, and every escape
// that is UTF-8 and does not matter to the URL's structure. What cannot be
// decoded stays as it is, a label of the host or the whole URL. It mirrors
// uri_to_iri.
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

// isPlainPath recognizes a path with an optional query that encoding would not
// change.
func isPlainPath(url string) bool {
	return strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") &&
		!strings.HasSuffix(url, "?") && querySafe.containsAll(url)
}
