package decant

import (
	"net"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/header"
)

// Scheme is "http" or "https", or what a proxy says that [ProxyFix] trusts:
// request.scheme.
func (r *Request) Scheme() string { return r.context.scheme() }

// IsSecure reports whether the client's connection is encrypted:
// request.is_secure.
func (r *Request) IsSecure() bool {
	scheme := r.Scheme()
	return scheme == "https" || scheme == "wss"
}

// FullURL is the whole URL of the request, in a form for people to read:
// request.url. Here as in BaseURL, RootURL and HostURL, the host is the client's
// choice unless Config.TrustedHosts lists the right ones; one that is
// malformed is left out.
func (r *Request) FullURL() string { return r.currentURL(r.ScriptRoot(), r.Path, r.URL.RawQuery) }

// BaseURL is FullURL without the query: request.base_url.
func (r *Request) BaseURL() string { return r.currentURL(r.ScriptRoot(), r.Path, "") }

// RootURL is the URL of the application, with a slash at its end:
// request.root_url and request.url_root.
func (r *Request) RootURL() string { return r.currentURL(r.ScriptRoot(), "/", "") }

// HostURL is the URL of the host, with a slash at its end: request.host_url.
func (r *Request) HostURL() string { return r.currentURL("", "/", "") }

func (r *Request) currentURL(root, path, query string) string {
	return header.CurrentURL(r.Scheme(), r.host(), root, path, query)
}

// host is the one of the request, without a port that goes without saying, or
// "" where it is malformed or not trusted.
func (r *Request) host() string {
	host, _ := header.Host(r.Scheme(), r.Host, r.context.App.trustedHosts)
	return host
}

// FullPath is the path with the query, and with a "?" even where there is none:
// request.full_path. It is text for people; to send somebody back, pass
// URL.RequestURI() or the Referer to [Context.SafeNext].
func (r *Request) FullPath() string { return r.Path + "?" + r.URL.RawQuery }

// AccessRoute lists the addresses from the client's to that of the last proxy,
// as the X-Forwarded-For header tells them, or else the one of the connection:
// request.access_route. Anybody can send such a header: do not decide anything
// by it, and use [ProxyFix] and RemoteAddr instead.
func (r *Request) AccessRoute() []string {
	if lines := r.Header["X-Forwarded-For"]; len(lines) > 0 {
		return header.ParseList(strings.Join(lines, ","))
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return []string{host}
	}
	return slices.DeleteFunc([]string{r.RemoteAddr}, func(address string) bool { return address == "" })
}
