package header

import (
	"net/netip"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// ProxyCounts is the number of proxies in front of the server that set each
// X-Forwarded header. A header with the number 0 is not trusted. It mirrors the
// arguments of Werkzeug's ProxyFix.
type ProxyCounts struct {
	For, Proto, Host, Port, Prefix int
}

// Origin is the address of the client, and the URL parts of its request.
type Origin struct {
	RemoteAddr string // the client's address, as the proxy wrote it
	Scheme     string // "http" or "https"
	Host       string // the Host header
	ServerName string
	ServerPort string
	Prefix     string // the path the application is mounted under
}

// Apply returns the origin that the proxies report. In each trusted header it
// takes the value of the outermost trusted proxy, counted from the right, because
// the client may have sent everything further left (gin CVE-2020-28483, fiber
// CVE-2023-41338). A header with fewer values than proxies changes nothing, and an
// empty value changes nothing.
//
// An address that cannot be read is "": it is unknown, and never the proxy's own.
//
// It mirrors ProxyFix. Unlike ProxyFix, it ignores a value that is not a scheme,
// host, port or path prefix (gin CVE-2023-26125, echo GHSA-2ffq-g2xg-c22p).
func (c ProxyCounts) Apply(request map[string][]string, origin Origin) Origin {
	if address := forwarded(request, "X-Forwarded-For", c.For); address != "" {
		origin.RemoteAddr = readableAddress(address)
	}
	if scheme := strings.ToLower(forwarded(request, "X-Forwarded-Proto", c.Proto)); isScheme(scheme) {
		origin.Scheme = scheme
	}
	if host := forwarded(request, "X-Forwarded-Host", c.Host); wellFormedHost(host) {
		origin.setHost(host)
	}
	if port := forwarded(request, "X-Forwarded-Port", c.Port); isDigits(port) {
		origin.setPort(port)
	}
	if prefix := forwarded(request, "X-Forwarded-Prefix", c.Prefix); isPrefix(prefix) {
		origin.Prefix = prefix
	}
	return origin
}

// forwarded returns the value that is count-th from the right, without its quotes.
// Commas separate values also inside of quotes: a client that sends a lone quote
// must not hide the values that proxies append.
func forwarded(request map[string][]string, name string, count int) string {
	if count <= 0 {
		return ""
	}
	value, sent := field(request, name)
	if !sent {
		return ""
	}
	for value != "" {
		comma := strings.LastIndexByte(value, ',')
		last := pytext.Strip(value[comma+1:])
		value = value[:max(comma, 0)]
		if last == "" {
			continue
		}
		if count--; count == 0 {
			return unquoted(last)
		}
	}
	return ""
}

func unquoted(text string) string {
	if len(text) > 1 && isQuoted(text) {
		return text[1 : len(text)-1]
	}
	return text
}

// readableAddress returns an address that a proxy wrote, an IP address with or
// without a port, or "" for anything else.
func readableAddress(text string) string {
	bare := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		bare = text[1 : len(text)-1]
	}
	if _, err := netip.ParseAddr(bare); err == nil {
		return text
	}
	if _, err := netip.ParseAddrPort(text); err == nil {
		return text
	}
	return ""
}

func (o *Origin) setHost(host string) {
	o.Host = host
	o.ServerName = withoutPort(host)
	if port, hasPort := strings.CutPrefix(host[len(o.ServerName):], ":"); hasPort {
		o.ServerPort = port
	}
}

func (o *Origin) setPort(port string) {
	o.ServerPort = port
	if o.Host != "" {
		o.Host = withoutPort(o.Host) + ":" + port
	}
}

func isScheme(text string) bool {
	switch text {
	case "http", "https", "ws", "wss":
		return true
	}
	return false
}

// isPrefix reports whether a value is a path that browsers cannot take for another
// host.
func isPrefix(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") &&
		!strings.ContainsAny(text, "\\?#") && !hasControl(text)
}

func hasControl(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return true
		}
	}
	return false
}

// NamesProxy reports whether a header tells that a proxy has passed the request on.
// Names must be canonical, as net/http's server leaves them.
func NamesProxy(request map[string][]string) bool {
	for name := range request {
		if strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" || name == "Via" || name == "X-Real-Ip" {
			return true
		}
	}
	return false
}
