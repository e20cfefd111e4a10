package header

import (
	"fmt"
	"net/http"
	"strings"
)

// CheckResponse returns an error for headers that a response must not have:
// those with control characters, that are there twice in different
// spellings, or that say how the body is framed.
func CheckResponse(h http.Header) error {
	for name, values := range h {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !IsToken(name), canonical == "Transfer-Encoding":
			return fmt.Errorf("a response cannot set the header %q", name)
		case name != canonical && (canonical == "Content-Length" || h[canonical] != nil):
			return fmt.Errorf("the header %q would be there twice; set it with Header().Set, which spells it %q", name, canonical)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, isControl) {
				return fmt.Errorf("the header %q has a line break or another control character: %q", name, value)
			}
		}
	}
	return nil
}

// isControl reports whether a header value must not have a character. HTTP/2 drops
// headers with these, and line breaks begin another header. A tab is a blank.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

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
