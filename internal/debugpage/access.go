package debugpage

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// IsForDeveloper reports whether a request comes from a browser that runs on the
// same machine as the server and asks for a page. The answer may then show source
// code, if the [Lock] is open for it: behind a proxy on the same machine everybody
// seems to be there.
func IsForDeveloper(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && IsLocal(r)
}

// IsLocal reports whether a request comes directly from this machine and was
// meant for it. Middleware may have changed RemoteAddr, so the server's own end
// of the connection is checked too. A name other than the local ones in Host
// points to DNS rebinding (Werkzeug CVE-2024-34069).
func IsLocal(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	return servedLocally(r.Context()) && localHost.MatchString(r.Host) && !isFetched(r)
}

var localHost = regexp.MustCompile(`^(?i:localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?$`)

// servedLocally looks at the server's own end of the connection. It is on the
// loopback interface exactly if the client's end is.
func servedLocally(c context.Context) bool {
	address, known := c.Value(http.LocalAddrContextKey).(net.Addr)
	if !known {
		return true
	}
	local, isTCP := address.(*net.TCPAddr)
	return isTCP && local.IP.IsLoopback()
}

// isFetched reports whether a script of another origin sent the request. Where
// the application allows it with CORS headers, the script could read the answer.
func isFetched(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin" && site != "none" && r.Header.Get("Sec-Fetch-Mode") != "navigate"
	}
	origin := r.Header.Get("Origin")
	return origin != "" && !strings.HasSuffix(origin, "://"+r.Host)
}
