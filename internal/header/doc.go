// Package header reads and writes the values of HTTP headers the way Werkzeug
// does, and makes the decisions that depend on nothing but them: conditional
// and range requests, content negotiation, the host, the headers of served
// files.
//
// Every function is pure. Where Werkzeug is lenient with what clients send, so
// is this package; each function names the one it mirrors.
//
// Functions that look at a whole request take its headers as a
// map[string][]string with canonical names, which is what an http.Header is.
package header

import "strings"

// field returns the value of a header, with repeated lines joined by commas as
// a WSGI server does, and whether the header was sent at all. The name must be
// canonical.
func field(headers map[string][]string, name string) (value string, sent bool) {
	lines := headers[name]
	if len(lines) == 1 {
		return lines[0], true
	}
	return strings.Join(lines, ","), len(lines) > 0
}

// ValidValue reports whether value may be sent as a header: it holds no CR, LF
// or NUL. Werkzeug raises ValueError for the first two; net/http would quietly
// replace them.
func ValidValue(value string) bool {
	return !strings.ContainsAny(value, "\r\n\x00")
}
