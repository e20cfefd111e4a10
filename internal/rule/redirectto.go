package rule

import (
	"fmt"
	"net/http"
	"strings"
)

// compileRedirect cuts RedirectTo at its "<name>" placeholders.
func (r *Rule) compileRedirect() error {
	rest := r.RedirectTo
	for rest != "" {
		text, after, ok := strings.Cut(rest, "<")
		name, behind, closed := strings.Cut(after, ">")
		if !ok || !closed || name == "" {
			r.redirectURL = append(r.redirectURL, step{rest, -1})
			return nil
		}
		position := r.index(name)
		if position < 0 {
			return fmt.Errorf("its redirect_to %q has no value for <%s>: name a variable of the rule", r.RedirectTo, name)
		}
		r.redirectURL = append(r.redirectURL, step{text, -1}, step{"", position})
		rest = behind
	}
	return nil
}

// writtenRedirect leads where the rule's redirect_to says. The query string of
// the request is lost, as in Werkzeug.
func writtenRedirect(context any, match *Match) error {
	redirect := &Redirect{Written: true, Code: http.StatusPermanentRedirect}
	if locate := match.Rule.RedirectFunc; locate != nil {
		values := match.Values()
		redirect.Location = "where the function of " + match.Rule.String() + " leads"
		redirect.locate = func(context any) string { return onSite(locate(context, values), isURL) }
		return redirect
	}
	location, err := match.Rule.location(context, match)
	if err != nil {
		return fmt.Errorf("%v: redirect_to: %w", match.Rule, err)
	}
	redirect.Location = location
	return redirect
}

func (r *Rule) location(context any, match *Match) (string, error) {
	text, err := r.fill(r.redirectURL, context, match.list())
	return onSite(text, func(string) bool { return leavesSite(r.redirectURL[0].text) }), err
}

// onSite keeps a location on this host unless its author has said otherwise,
// which a value out of the request cannot: "<path:p>" redirected to "<p>" is
// no way to https://evil.test (echo CVE-2022-40083, Werkzeug CVE-2020-28724).
func onSite(location string, leaves func(string) bool) string {
	switch {
	case leaves(location):
		return escapeUnsafe(location)
	case location != "" && (location[0] == '/' || location[0] == '\\'):
		return ownPath(location)
	}
	return "./" + escapeUnsafe(location)
}

// leavesSite reports whether the text that an author wrote names a host.
func leavesSite(text string) bool { return isURL(text) || strings.HasPrefix(text, "//") }

// isURL reports whether text begins with a scheme and "://".
func isURL(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	return ok && scheme != "" && isLetter(scheme[0]) && !strings.ContainsFunc(scheme, func(c rune) bool {
		return c >= 0x80 || !isLetter(byte(c)) && !isDigit(byte(c)) && !strings.ContainsRune("+-.", c)
	})
}

// resolve joins what onSite has made of a location to the application's root,
// by RFC 3986. A path with a slash in front starts at the root of the host.
func resolve(scriptName, location string) string {
	if leavesSite(location) {
		return location
	}
	path, rest := location, ""
	if end := strings.IndexAny(location, "?#"); end >= 0 {
		path, rest = location[:end], location[end:]
	}
	segments := strings.Split(path, "/")
	if !strings.HasPrefix(path, "/") {
		root := strings.Split(underRoot(scriptName, ""), "/")
		segments = withoutEmpty(append(root, segments...))
	}
	return ownPath(strings.Join(withoutDots(segments), "/")) + rest
}

// withoutEmpty drops empty segments, except at the ends.
func withoutEmpty(segments []string) []string {
	last := len(segments) - 1
	kept := segments[:1:1]
	for _, segment := range segments[1:last] {
		if segment != "" {
			kept = append(kept, segment)
		}
	}
	return append(kept, segments[last])
}

// withoutDots follows "." and ".." segments.
func withoutDots(segments []string) []string {
	var kept []string
	for _, segment := range segments {
		switch {
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		case segment != "." && segment != "..":
			kept = append(kept, segment)
		}
	}
	if last := segments[len(segments)-1]; last == "." || last == ".." {
		kept = append(kept, "")
	}
	return kept
}
