package header

import (
	"errors"
	"fmt"
	"strings"

	"github.com/decant-go/decant/internal/idna"
)

// ErrUntrustedHost is wrapped by the error for a request whose host is not
// trusted. Werkzeug raises SecurityError, a 400.
var ErrUntrustedHost = errors.New("untrusted host")

// TrustedHosts is the list of hosts that requests may name. The zero value
// trusts every host.
type TrustedHosts struct {
	exact    map[string]bool
	suffixes []string // with their leading dot
}

// NewTrustedHosts returns the list of trusted names. Ports are ignored. A name
// with a leading dot includes all its subdomains. International names are
// encoded. Names are compared as they are written; browsers send lower case. The
// error is for a name that cannot be a host.
func NewTrustedHosts(names ...string) (TrustedHosts, error) {
	var trusted TrustedHosts
	for _, name := range names {
		host, isSuffix := strings.CutPrefix(withoutPort(name), ".")
		ascii, err := idna.ToASCII(host)
		if err != nil {
			return TrustedHosts{}, fmt.Errorf("trusted host %q: %w", name, err)
		}
		if ascii == "" {
			return TrustedHosts{}, fmt.Errorf("trusted host %q: %w", name, idna.ErrLabel)
		}
		if trusted.exact == nil {
			trusted.exact = make(map[string]bool, len(names))
		}
		trusted.exact[ascii] = true
		if isSuffix {
			trusted.suffixes = append(trusted.suffixes, "."+ascii)
		}
	}
	return trusted, nil
}

// Restricted reports whether the list names any host at all.
func (t TrustedHosts) Restricted() bool { return t.exact != nil }

// Trusts reports whether a "host" or "host:port" is well-formed and, if the
// list is restricted, on it. It mirrors host_is_trusted; an IPv6 address is
// compared as a whole.
func (t TrustedHosts) Trusts(hostport string) bool {
	if !wellFormedHost(hostport) {
		return false
	}
	host := withoutPort(hostport)
	if !t.Restricted() || t.exact[host] {
		return true
	}
	for _, suffix := range t.suffixes {
		if strings.HasSuffix(host, suffix) {
			return !HasBadLabel(host) // as a..example.test has
		}
	}
	return false
}

// Host returns the "host" or "host:port" of a request, without the default port of
// its scheme (http, https, ws or wss). Upper case is kept. The argument hostport
// is the Host header, or "" without one.
//
// With a restricted list, a malformed host and every host that is not on the list
// give an error that wraps [ErrUntrustedHost]. Without one, a malformed host is
// "". Host allocates nothing. It mirrors get_host.
func Host(scheme, hostport string, trusted TrustedHosts) (string, error) {
	host := WithoutDefaultPort(scheme, hostport)
	if trusted.Trusts(host) {
		return host, nil
	}
	if trusted.Restricted() {
		return "", fmt.Errorf("%w: %q is not on the list of trusted hosts", ErrUntrustedHost, host)
	}
	return "", nil
}

// HasBadLabel reports whether a host, with or without a port, consists of the right
// characters and still is not a name: one of its labels is empty or has more than 63
// bytes. A final dot is allowed, and so is no host at all.
func HasBadLabel(hostport string) bool {
	if len(hostport) <= 63 && !strings.HasPrefix(hostport, ".") && !strings.Contains(hostport, "..") {
		return false // as nearly all hosts
	}
	label, isBad := 0, false
	for i := 0; i < len(hostport) && hostport[i] != ':'; i++ {
		switch b := hostport[i]; {
		case !domainChars[b]:
			return false // not a name at all, or IPv6
		case b != '.':
			label++
			isBad = isBad || label > 63
		default:
			isBad = isBad || label == 0
			label = 0
		}
	}
	return isBad && wellFormedHost(hostport) // "a..b:x" is malformed, which is another case
}

// ServerName returns a host, with or without a port, as URLs have it: in lower case
// and in ASCII. The error names what is wrong with it.
func ServerName(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	host := withoutPort(name)
	port := name[len(host):]
	host = lower(host)
	if !strings.HasPrefix(host, "[") {
		ascii, err := idna.ToASCII(host)
		if err != nil {
			return "", err
		}
		host = ascii
	}
	if !isServerName(host, port) {
		return "", fmt.Errorf("%q is malformed", name)
	}
	return host + port, nil
}

// isServerName refuses what would end the host of a URL. Names that are not for the
// public, such as those of containers, may have more characters than a domain.
func isServerName(host, port string) bool {
	digits, hasPort := strings.CutPrefix(port, ":")
	if hasPort != (port != "") || hasPort && !isDigits(digits) {
		return false
	}
	if strings.HasPrefix(host, "[") {
		return wellFormedHost(host)
	}
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\@?#%:`, r)
	})
}

// WithoutDefaultPort removes the port of a host if it is the default port of the
// scheme, as browsers do.
func WithoutDefaultPort(scheme, hostport string) string {
	switch scheme {
	case "http", "ws":
		return strings.TrimSuffix(hostport, ":80")
	case "https", "wss":
		return strings.TrimSuffix(hostport, ":443")
	}
	return hostport
}

func withoutPort(hostport string) string {
	if strings.HasPrefix(hostport, "[") {
		if end := strings.IndexByte(hostport, ']'); end >= 0 {
			return hostport[:end+1]
		}
	}
	host, _, _ := strings.Cut(hostport, ":")
	return host
}

var (
	domainChars = setOf(letters + digits + ".-")
	ipv6Chars   = setOf("abcdefABCDEF" + digits + ".:")
)

// wellFormedHost accepts a domain or IPv4 address, or an IPv6 address in
// brackets, with an optional numeric port.
func wellFormedHost(hostport string) bool {
	host := withoutPort(hostport)
	port, hasPort := strings.CutPrefix(hostport[len(host):], ":")
	if hasPort != (len(hostport) > len(host)) || hasPort && !isDigits(port) {
		return false
	}
	address, isIPv6 := strings.CutPrefix(host, "[")
	if !isIPv6 {
		return host != "" && domainChars.containsAll(host)
	}
	address, closed := strings.CutSuffix(address, "]")
	return closed && isIPv6Text(address)
}

// isIPv6Text checks the characters only: hexadecimal digits up to the first
// colon, and at least one character after it.
func isIPv6Text(address string) bool {
	group, rest, found := strings.Cut(address, ":")
	return found && rest != "" && !strings.Contains(group, ".") && ipv6Chars.containsAll(address)
}
