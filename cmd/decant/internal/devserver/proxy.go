package devserver

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
)

// The headers by which the program knows a visitor. Only this server may set
// them.
const (
	tokenHeader   = "X-Decant-Outer-Token"
	addressHeader = "X-Decant-Outer-Address"
)

// discard is where net/http's own complaints about connections go: the terminal
// shows the application's.
var discard = log.New(io.Discard, "", 0)

// front answers visitors: with the program's answer, or with a page about what
// keeps the program from running.
type front struct {
	site     *site
	progress *progress
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, ownPath) {
		serveOwn(w, r, f.site)
		return
	}
	navigates := isNavigation(r)
	program, problem, err := f.site.enter(r.Context(), navigates)
	if err != nil {
		return // the visitor has gone
	}
	f.progress.requests.Add(1)
	if problem != nil {
		serveProblem(w, r, f.site, problem)
		return
	}
	defer f.site.leave(program)
	ctx := context.WithValue(r.Context(), navigationKey{}, navigates)
	program.proxy.ServeHTTP(w, r.WithContext(ctx))
}

type navigationKey struct{}

// isNavigation reports whether a browser wants a page to show. Browsers without
// Sec-Fetch headers say so by asking for HTML.
func isNavigation(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("X-Requested-With") == ""
}

// newProxy passes requests on to a program as they came.
func newProxy(p *program, site *site) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { p.rewrite(r) },
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			DisableCompression:  true, // the answer is the visitor's business
			MaxIdleConnsPerHost: 256,
			IdleConnTimeout:     30 * time.Second, // sooner than the program's own
		},
		FlushInterval:  -1,
		ModifyResponse: func(resp *http.Response) error { return addScript(resp, site) },
		ErrorHandler:   proxyFailed,
		ErrorLog:       discard,
	}
}

// rewrite changes nothing that a visitor sent but the two headers of our own.
// ReverseProxy takes away headers of other proxies and rewrites odd queries, so
// these are put back.
func (p *program) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = "http", p.address
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
	r.Out.Header[tokenHeader] = []string{p.token}
	r.Out.Header[addressHeader] = []string{r.In.RemoteAddr}
	if r.In.Context().Value(navigationKey{}) == true {
		// The page is shown with a new script: an answer "not modified" would
		// bring the old one back.
		r.Out.Header.Del("If-None-Match")
		r.Out.Header.Del("If-Modified-Since")
	}
}

// proxyFailed answers where the program did not.
func proxyFailed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // the visitor has gone
	}
	http.Error(w, "decant run: the application did not answer: "+err.Error(), http.StatusBadGateway)
}

// isDeveloper reports whether a request comes from this machine, was meant for
// it, and was not brought by a proxy. Only then are source and output shown.
func isDeveloper(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || header.NamesProxy(r.Header) {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
