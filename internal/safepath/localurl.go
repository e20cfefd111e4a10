package safepath

import (
	"net/url"
	"slices"
	"strings"
)

// IsLocalURL reports whether a URL is a path on the same site, with a query and
// a fragment or without.
//
// It looks at the path as it is and decoded once more, because a server on the
// way may decode it (echo CVE-2022-40083, GHSA-v753-g4cw-jm48, chi
// CVE-2025-69725, Werkzeug CVE-2020-28724).
func IsLocalURL(target string) bool {
	path := target
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	decoded, err := url.PathUnescape(path)
	return err == nil && !hasOddity(target) && !hasOddity(decoded) && staysHere(path) && staysHere(decoded)
}

// hasOddity finds characters that browsers drop or take for slashes.
func hasOddity(text string) bool {
	return strings.ContainsFunc(text, func(char rune) bool {
		return char < ' ' || char == '\\' || 0x7f <= char && char <= 0x9f
	})
}

func staysHere(path string) bool {
	isDots := func(segment string) bool { return segment == "." || segment == ".." }
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!slices.ContainsFunc(strings.Split(path, "/"), isDots)
}
