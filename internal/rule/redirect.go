package rule

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Redirect says that the request belongs elsewhere. Use [Redirect.URL] for the
// Location header.
type Redirect struct {
	// Location is an encoded path below the application's root that begins
	// with one slash, unless Written says that it is a rule's own redirect_to:
	// a URL, a path from the root of the host, or one from the application's.
	Location string
	Written  bool
	// Code is 308, which keeps the request's method and body.
	Code int
	// KeepQuery says that the request's query string goes along.
	KeepQuery bool
	// Domain is where the target lives, as a subdomain or, with host matching,
	// as a host. It counts only if OtherDomain says that the request's differs.
	Domain      string
	OtherDomain bool

	hosts bool // Domain is a host
	// locate makes the location of a rule with a RedirectFunc.
	locate func(context any) string
}

func (r *Redirect) Error() string { return "the request belongs to " + r.Location }

// URL is the value of the Location header. The context is handed on to the
// rule's RedirectFunc, if it has one. The scheme and the server's name,
// which must not come from the request, matter only if the target lives on
// another domain; scriptName is the encoded path of the application's root, and
// query the request's raw query string. Whatever the request was, a URL below
// the application's root begins with a single slash that neither a slash nor a
// backslash follows (Werkzeug CVE-2020-28724, chi GHSA-mqqf-5wvp-8fh8).
func (r *Redirect) URL(context any, scheme, server, scriptName, query string) string {
	if r.locate != nil {
		return resolve(scriptName, r.locate(context))
	}
	if r.Written {
		return resolve(scriptName, r.Location)
	}
	location := underRoot(scriptName, r.Location)
	if r.OtherDomain {
		location = origin(scheme, joinHost(r.Domain, server, r.hosts)) + location
	}
	if r.KeepQuery && query != "" {
		location += "?" + query
	}
	return location
}

// slashRedirect leads to a decoded path of the application.
func slashRedirect(path string) *Redirect {
	return &Redirect{Location: ownPath(quote(path)), Code: http.StatusPermanentRedirect, KeepQuery: true}
}

// ownPath makes sure that a browser takes an encoded path for one of this
// host: nothing but a single slash at its beginning, and no character that a
// header could not hold or a browser would drop.
func ownPath(path string) string {
	path = "/" + strings.TrimLeft(path, `/\`)
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '\\' || c >= 0x7f {
			return escapeUnsafe(path)
		}
	}
	return path
}

func escapeUnsafe(path string) string {
	var safe strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '\\' || c >= 0x7f {
			fmt.Fprintf(&safe, "%%%02X", c)
		} else {
			safe.WriteByte(c)
		}
	}
	return safe.String()
}

// underRoot puts a path below the application's root with one slash between.
func underRoot(scriptName, path string) string {
	root := strings.Trim(scriptName, "/")
	if root != "" {
		root = "/" + root
	}
	return root + "/" + strings.TrimLeft(path, "/")
}

// redirects reports whether the rule has a redirect_to.
func (r *Rule) redirects() bool { return r.RedirectTo != "" || r.RedirectFunc != nil }

// redirect tells where a match is to go instead, if anywhere.
func (m *Map) redirect(r *request, match *Match) error {
	if match.Rule.Alias && !m.options.NoRedirectDefaults {
		return m.aliasRedirect(r, match)
	}
	if redirect := m.defaultRedirect(r, match); redirect != nil {
		return redirect
	}
	if match.Rule.redirects() {
		return writtenRedirect(r.context, match)
	}
	return nil
}

// aliasRedirect leads to the rule that the alias stands for: with host matching, the
// first on the request's host if there is one. An alias that stands for none is an
// ordinary rule.
func (m *Map) aliasRedirect(r *request, match *Match) error {
	values := match.list()
	var first error
	for _, target := range m.endpoints[match.Rule.Endpoint] {
		if target == match.Rule {
			return first
		}
		if !target.suits(values, strings.ToUpper(r.method)) {
			continue
		}
		found := m.redirectTo(r, target, values)
		if errors.Is(found, ErrInvalid) {
			continue
		}
		redirect, _ := found.(*Redirect)
		if redirect == nil || !m.options.HostMatching || !redirect.OtherDomain {
			return found
		}
		first = cmp.Or(first, found)
	}
	return first
}

// linkCanonical finds, for every rule, those of its endpoint that are built
// before it, have defaults and take the same arguments.
func (m *Map) linkCanonical() {
	if m.options.NoRedirectDefaults {
		return
	}
	for _, rules := range m.endpoints {
		for i, r := range rules {
			for _, better := range rules[:i] {
				if better.providesDefaultsFor(r) {
					r.canonical = append(r.canonical, better)
				}
			}
		}
	}
}

// defaultRedirect leads from "/all/page/1" to "/all/" if the latter has the
// default page 1.
func (m *Map) defaultRedirect(r *request, match *Match) error {
	if len(match.Rule.canonical) == 0 {
		return nil
	}
	values := match.list()
	for _, target := range match.Rule.canonical {
		if target.suits(values, strings.ToUpper(r.method)) {
			return m.redirectTo(r, target, values)
		}
	}
	return nil
}

// redirectTo leads to the URL of a rule, with an error that is no redirect if
// a converter cannot write a value that another one has read.
func (m *Map) redirectTo(r *request, target *Rule, values []Value) error {
	url, err := target.write(r.context, values)
	if err != nil {
		return fmt.Errorf("%v: redirecting to its URL: %w", target, err)
	}
	return &Redirect{
		Location:    ownPath(url.path),
		Code:        http.StatusPermanentRedirect,
		KeepQuery:   true,
		Domain:      url.domain,
		OtherDomain: m.index.only == nil && url.domain != r.domain,
		hosts:       m.options.HostMatching,
	}
}

// list returns the view arguments in the order of the rule.
func (m *Match) list() []Value {
	values := make([]Value, len(m.Rule.arguments))
	for i, name := range m.Rule.arguments {
		values[i].Name = name
		values[i].Value, _ = m.Value(name)
	}
	return values
}
