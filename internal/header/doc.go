// Package header reads and writes the values of HTTP headers as Werkzeug does. It
// also makes the decisions that depend on headers alone: conditional and range
// requests, content negotiation, the host, the headers of served files.
//
// Every function is pure. The package is as lenient with input from clients as
// Werkzeug is; each function names the one that it mirrors.
//
// Functions that look at a whole request take its headers as a
// map[string][]string with canonical names, such as an http.Header.
package header

import "strings"

// field returns the value of a header, and whether the header was sent. It joins
// repeated lines with commas, as a WSGI server does. The name must be canonical.
func field(headers map[string][]string, name string) (value string, sent bool) {
	lines := headers[name]
	if len(lines) == 1 {
		return lines[0], true
	}
	return strings.Join(lines, ","), len(lines) > 0
}

// ValidValue reports whether value may be sent as a header: it has no CR, LF or
// NUL. Werkzeug raises ValueError for CR and LF; net/http would silently replace
// them.
func ValidValue(value string) bool {
	return !strings.ContainsAny(value, "\r\n\x00")
}
