package debugpage

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// local is a request of a browser on the server's own machine.
func local() *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return r
}

// The page shows source code. Only a browser on the same machine gets it. A
// request from the network does not, and neither does one for a name that resolves to 127.0.0.1 (Werkzeug CVE-2024-34069), or one from
// another site's script.
func TestIsForDeveloper(t *testing.T) {
	served := func(address net.Addr) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request {
			return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, address))
		}
	}
	from := func(address string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request { r.RemoteAddr = address; return r }
	}
	host := func(host string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request { r.Host = host; return r }
	}
	headers := func(pairs ...string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request {
			for i := 0; i < len(pairs); i += 2 {
				r.Header.Set(pairs[i], pairs[i+1])
			}
			return r
		}
	}
	tests := []struct {
		name   string
		change func(*http.Request) *http.Request
		shown  bool
	}{
		{"as it is", headers(), true},
		{"127.0.0.2", from("127.0.0.2:1"), true},
		{"IPv6", from("[::1]:40000"), true},
		{"IPv4 in IPv6", from("[::ffff:127.0.0.1]:40000"), true},
		{"the network", from("192.168.0.5:40000"), false},
		{"all addresses", from("0.0.0.0:1"), false},
		{"no port", from("127.0.0.1"), false},
		{"no address", from(""), false},
		{"a socket", from("@"), false},
		{"a name", from("localhost:40000"), false},
		{"served at 127.0.0.1", served(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000}), true},
		{"served at ::1", served(&net.TCPAddr{IP: net.IPv6loopback, Port: 5000}), true},
		{"served to the network", served(&net.TCPAddr{IP: net.IPv4(192, 168, 0, 1), Port: 5000}), false},
		{"served at a socket", served(&net.UnixAddr{Name: "/run/app", Net: "unix"}), false},
		{"localhost", host("localhost"), true},
		{"LOCALHOST", host("LocalHost:80"), true},
		{"127.0.0.1", host("127.0.0.1:5000"), true},
		{"[::1]", host("[::1]:5000"), true},
		{"no host", host(""), false},
		{"rebinding", host("evil.example:5000"), false},
		{"a subdomain of the attacker's", host("localhost.evil.example"), false},
		{"127.0.0.1 as a subdomain", host("127.0.0.1.nip.io"), false},
		{"subdomain of localhost", host("evil.localhost"), false},
		{"user", host("localhost@evil.example"), false},
		{"port that is none", host("localhost:evil"), false},
		{"line", host("localhost\n"), false},
		{"HTTP/2", func(r *http.Request) *http.Request { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0; return r }, true},
		{"JSON", headers("Accept", "application/json"), false},
		{"anything", headers("Accept", "*/*"), false},
		{"script of another site", headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"), false},
		{"script of another port", headers("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"), false},
		{"script of its own", headers("Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"), true},
		{"link from another site", headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), true},
		{"typed address", headers("Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"), true},
		{"old browser's script", headers("Origin", "https://evil.example"), false},
		{"old browser, opaque origin", headers("Origin", "null"), false},
		{"old browser, its own", headers("Origin", "http://localhost:5000"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := IsForDeveloper(test.change(local())); got != test.shown {
				t.Errorf("the page is shown: %v", got)
			}
		})
	}
}
