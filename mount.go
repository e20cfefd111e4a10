package decant

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// origin is how a request came here, as far as the request itself cannot tell.
// It travels in the request's context, so that no client can set it.
type origin struct {
	scheme string // "" where the connection tells
	root   string // the decoded path above the application, without a slash at its end
	// mounted says that root ends in the prefix of a Mount.
	mounted bool
}

type originKey struct{}

func originOf(r *http.Request) origin {
	o, _ := r.Context().Value(originKey{}).(*origin)
	if o == nil {
		return origin{}
	}
	return *o
}

func (o origin) attach(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), originKey{}, &o))
}

// ScriptRoot is the decoded path that the application is mounted under,
// without a slash at its end, and empty for one at the root of its host. It is
// known where [App.Mount] or [ProxyFix] has set it. It mirrors
// request.script_root.
func (r *Request) ScriptRoot() string { return originOf(r.Request).root }

// scheme is "http" or "https", or what a trusted proxy says.
func (c *Context) scheme() string {
	if scheme := originOf(c.Request.Request).scheme; scheme != "" {
		return scheme
	}
	if c.Request.TLS != nil {
		return "https"
	}
	return "http"
}

func encodedPath(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// mount is a handler that lives below a prefix.
type mount struct {
	prefix  string
	handler http.Handler
	place   string
}

// Mount hands requests for a path and everything below it to another handler,
// with the prefix taken off: Werkzeug's DispatcherMiddleware. Rules of this
// application below the prefix are never reached; neither its hooks, its
// Config.TrustedHosts nor its check of cross-origin requests see such a
// request, while its middleware does; a mounted App has its own. The
// prefix itself, with and without a slash, becomes "/".
//
// A mounted App knows the prefix: its URLs and redirects begin with it. An App
// behind http.StripPrefix cannot know, because nothing tells it.
//
// It panics for a prefix that is not like "/admin" or is mounted already.
func (a *App) Mount(prefix string, handler http.Handler) {
	a.mustBeOpen("Mount")
	m := mount{prefix, handler, callerPlace(1)}
	m.check()
	for _, earlier := range a.mounts {
		if earlier.prefix == prefix {
			panic(fmt.Sprintf("decant: Mount of %q at %s: the prefix was mounted at %s; choose another one", prefix, m.place, earlier.place))
		}
	}
	a.mounts = append(a.mounts, m)
	slices.SortStableFunc(a.mounts, func(a, b mount) int { return len(b.prefix) - len(a.prefix) })
}

func (m *mount) check() {
	if m.handler == nil {
		panic(fmt.Sprintf("decant: Mount of %q at %s got a nil handler; pass the one that answers", m.prefix, m.place))
	}
	segments := strings.Split(m.prefix, "/")
	isOdd := func(segment string) bool { return segment == "" || segment == "." || segment == ".." }
	if segments[0] != "" || len(segments) < 2 || slices.ContainsFunc(segments[1:], isOdd) {
		panic(fmt.Sprintf("decant: Mount of %q at %s: a prefix begins with a slash and does not end in one, as in \"/admin\"; use Fallback for what no rule matches", m.prefix, m.place))
	}
}

// withMounts puts the mounted handlers, longest prefix first, before the rules.
func (a *App) withMounts(next http.Handler) http.Handler {
	if len(a.mounts) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range a.mounts {
			if a.mounts[i].covers(r.URL.Path) {
				a.mounts[i].handler.ServeHTTP(w, a.mounts[i].strip(r))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// covers looks at the decoded path, as the rules do, so that no encoding leads
// around a mount (echo GHSA-vfp3-v2gw-7wfq).
func (m *mount) covers(path string) bool {
	rest, ok := strings.CutPrefix(path, m.prefix)
	return ok && (rest == "" || rest[0] == '/')
}

func (m *mount) strip(r *http.Request) *http.Request {
	above := originOf(r)
	above.root += m.prefix
	above.mounted = true
	stripped := above.attach(r)
	location := *r.URL
	stripped.URL = &location
	location.Path = rootedPath(r.URL.Path[len(m.prefix):])
	location.RawPath = ""
	if raw := r.URL.RawPath; raw != "" {
		location.RawPath = rootedPath(behind(raw, len(m.prefix)))
	}
	return stripped
}

func rootedPath(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// behind returns an encoded path without its beginning, which is so many bytes
// long when decoded. An encoding that stops short leaves nothing; whether the
// rest fits the decoded path is checked by whoever reads URL.RawPath.
func behind(raw string, decoded int) string {
	for ; decoded > 0 && raw != ""; decoded-- {
		size := 1
		if raw[0] == '%' {
			size = min(3, len(raw))
		}
		raw = raw[size:]
	}
	return raw
}
