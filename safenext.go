package decant

import (
	"net/url"
	"slices"
	"strings"
)

// SafeNext returns target if it leads to a path on this site, and else the
// fallback. It is for redirects to where a visitor wanted to go, as in
//
//	return c.Redirect(c.SafeNext(c.Request.Args.Get("next"), c.URLFor("index")))
//
// because an unchecked one sends your visitors wherever a link to your site
// says. What begins with two slashes, plain or encoded, leads to another host,
// and so may backslashes, control characters and dot segments: they are
// refused. Of a URL with this request's own host, the path is what counts. The
// result is always a path, or the fallback.
func (c *Context) SafeNext(target, fallback string) string {
	if next := c.behindHost(target); isLocalPath(next) {
		return next
	}
	return fallback
}

// behindHost cuts scheme and host off a URL of this request's host. A client
// chooses the host of its own requests only, and it is not in the result.
func (c *Context) behindHost(target string) string {
	host := c.Request.host()
	for _, scheme := range []string{"http://", "https://"} {
		prefix := scheme + host
		if host != "" && len(target) >= len(prefix) && strings.EqualFold(target[:len(prefix)], prefix) {
			return target[len(prefix):]
		}
	}
	return target
}

// isLocalPath looks at the path as it is and decoded once more, as somebody on
// the way may do (echo CVE-2022-40083, GHSA-v753-g4cw-jm48, chi CVE-2025-69725,
// Werkzeug CVE-2020-28724).
func isLocalPath(target string) bool {
	path := target
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	decoded, err := url.PathUnescape(path)
	return err == nil && !hasOddity(target) && !hasOddity(decoded) && staysHere(path) && staysHere(decoded)
}

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
