package decant

import (
	"net/http"
	"strings"

	"github.com/decant-go/decant/internal/header"
)

// Hops says how many proxies in front of the server add to each X-Forwarded
// header. Zero means that the header is not believed. A number that is too
// large believes what clients write themselves.
type Hops struct {
	// For counts those that add the client's address to X-Forwarded-For.
	For int
	// Proto counts those that set X-Forwarded-Proto.
	Proto int
	// Host counts those that set X-Forwarded-Host.
	Host int
	// Port counts those that set X-Forwarded-Port.
	Port int
	// Prefix counts those that set X-Forwarded-Prefix.
	Prefix int
}

// ProxyFix is middleware that makes a request look as it did to the outermost
// trusted proxy:
//
//	app.Use(decant.ProxyFix(decant.Hops{For: 1, Proto: 1}))
//
// It sets RemoteAddr, to the address as the proxy wrote it and mostly without
// a port, and Host; scheme and prefix show in URLs, redirects and
// [Request.ScriptRoot]. A value that is missing or malformed changes nothing.
// It mirrors Werkzeug's ProxyFix, except that nothing is believed by itself.
func ProxyFix(hops Hops) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if hops == (Hops{}) {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, hops.apply(r))
		})
	}
}

func (h Hops) apply(r *http.Request) *http.Request {
	before := originOf(r)
	counts := header.ProxyCounts{For: h.For, Proto: h.Proto, Host: h.Host, Port: h.Port, Prefix: h.Prefix}
	reported := counts.Apply(r.Header, header.Origin{
		RemoteAddr: r.RemoteAddr,
		Scheme:     before.scheme,
		Host:       r.Host,
		Prefix:     before.root,
	})
	before.scheme, before.root = reported.Scheme, strings.TrimRight(reported.Prefix, "/")
	fixed := before.attach(r)
	fixed.RemoteAddr, fixed.Host = reported.RemoteAddr, reported.Host
	return fixed
}
