package header

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/idna"
	"github.com/decant-go/decant/internal/vectors"
)

func TestHostVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op       string
		HostHeader   *string `json:"host_header"`
		Scheme       string
		TrustedHosts []string `json:"trusted_hosts"`
		Server       []any
		Want         struct {
			Host, Kind string
			Error      int
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "get_host") {
		trusted, err := NewTrustedHosts(c.TrustedHosts...)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		hostport := serverHost(c.Server)
		if c.HostHeader != nil {
			hostport = *c.HostHeader
		} else if hostport == "" {
			trusted = TrustedHosts{} // a request without any host has no host that could be wrong
		}
		got, err := Host(c.Scheme, hostport, trusted)
		refused := errors.Is(err, ErrUntrustedHost)
		if got != c.Want.Host || refused != (c.Want.Kind == "SecurityError") || refused != (c.Want.Error == 400) {
			t.Errorf("%s: Host(%q, %q) = %q, %v; want %+v", c.ID, c.Scheme, hostport, got, err, c.Want)
		}
	}
}

// serverHost is the host of a request without a Host header: the address of the
// server. It is "" for an unknown server and for a Unix socket, which has no port.
func serverHost(server []any) string {
	if len(server) < 2 || server[1] == nil {
		return ""
	}
	name := strings.Trim(server[0].(string), "[]")
	return net.JoinHostPort(name, strconv.Itoa(int(server[1].(float64))))
}

func TestHostForms(t *testing.T) {
	t.Parallel()
	for hostport, want := range map[string]string{
		"1.2.3.4:8080":             "1.2.3.4:8080",
		"-.-":                      "-.-",
		"[2001:db8::1]:8080":       "[2001:db8::1]:8080",
		"[::ffff:1.2.3.4]":         "[::ffff:1.2.3.4]",
		"[::1]:443":                "[::1]",
		"example.test:443":         "example.test",
		"example.test:443:443":     "example.test:443", // one port goes, one stays
		"example.test:":            "",
		"example.test:80:80":       "",
		"[::1":                     "",
		"[::1]x":                   "",
		"[]":                       "",
		"[1]":                      "",
		"[.:1]":                    "",
		"[::1%25eth0]":             "",
		"::1]":                     "",
		"ex ample.test":            "",
		"example.test\r\nX: y":     "",
		"example.test/../evil":     "",
		"evil.test@example.test":   "",
		"example.test#@evil.test/": "",
		"bücher.test":              "",
		"example.test:٨":           "",
	} {
		if got, err := Host("https", hostport, TrustedHosts{}); got != want || err != nil {
			t.Errorf("Host(%q) = %q, %v; want %q", hostport, got, err, want)
		}
	}
}

func TestOtherSchemesHaveNoDefaultPort(t *testing.T) {
	t.Parallel()
	for _, hostport := range []string{"example.test:80", "example.test:443"} {
		if got, err := Host("gopher", hostport, TrustedHosts{}); got != hostport || err != nil {
			t.Errorf("Host(%q) = %q, %v", hostport, got, err)
		}
	}
}

// Werkzeug cuts an IPv6 address at its first colon, so that one trusted address
// lets every other in.
func TestTrustedIPv6(t *testing.T) {
	t.Parallel()
	trusted, err := NewTrustedHosts("[::1]:8080")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"[::1]": true, "[::1]:9": true, "[::2]": false, "[": false} {
		if got := trusted.Trusts(host); got != want {
			t.Errorf("Trusts(%q) = %v", host, got)
		}
	}
}

func TestTrustedHosts(t *testing.T) {
	t.Parallel()
	trusted, err := NewTrustedHosts("example.test:5000", ".bücher.test")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"example.test":            true,
		"example.test:1":          true,
		"www.example.test":        false,
		"xn--bcher-kva.test":      true,
		"www.xn--bcher-kva.test":  true,
		"evilxn--bcher-kva.test":  false,
		".xn--bcher-kva.test":     false, // it is no name
		"a..xn--bcher-kva.test":   false,
		"xn--bcher-kva.test.evil": false,
		"":                        false,
	} {
		if got := trusted.Trusts(host); got != want {
			t.Errorf("Trusts(%q) = %v", host, got)
		}
	}
	for _, name := range []string{"", ".", ":80", "a..b", "ü\u00a0.test"} {
		if _, err := NewTrustedHosts("example.test", name); !errors.Is(err, idna.ErrLabel) {
			t.Errorf("NewTrustedHosts(%q) gives %v; want ErrLabel", name, err)
		}
	}
}

func TestHostAllocatesNothing(t *testing.T) {
	trusted, err := NewTrustedHosts(".example.test")
	if err != nil {
		t.Fatal(err)
	}
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := Host("https", "www.example.test:443", trusted); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("Host allocates %v times", allocations)
	}
}

// These are the hosts for which Python's IDNA codec raises an error.
func TestHasBadLabel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 63)
	for host, want := range map[string]bool{
		"": false, "a.b": false, "a.b.": false, "a.b:80": false, "[::1]:80": false, "-a.b": false, "a_b": false, "a..b:x": false, ".com::": false, "a_b..c": false, long + "." + long: false,
		"a..b": true, ".com": true, ".": true, "a..": true, "a..b:80": true, long + "x.com": true, "a." + long + "x": true,
	} {
		if got := HasBadLabel(host); got != want {
			t.Errorf("HasBadLabel(%q) = %v", host, got)
		}
	}
}

func TestServerName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "shop.example": "shop.example", "Shop.EXAMPLE:8080": "shop.example:8080", "bücher.example": "xn--bcher-kva.example",
		"BÜCHER.example:81": "xn--bcher-kva.example:81", "[::1]:5000": "[::1]:5000", "shop.example.": "shop.example.",
	} {
		if got, err := ServerName(name); got != want || err != nil {
			t.Errorf("ServerName(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"a..b", ".a", "ﬁ.example", strings.Repeat("x", 64)} {
		if got, err := ServerName(name); !errors.Is(err, idna.ErrLabel) {
			t.Errorf("ServerName(%q) = %q, %v, want ErrLabel", name, got, err)
		}
	}
}

// Another letter would lead to another domain.
func TestIRIToURIRefusesHostsThatItIsUnsureOf(t *testing.T) {
	t.Parallel()
	for _, iri := range []string{"http://İ.com/", "http://ﬁ.com/", "http://e\u0301.com/"} {
		if got, err := IRIToURI(iri); !errors.Is(err, idna.ErrLabel) || !strings.Contains(err.Error(), "punycode") {
			t.Errorf("%q becomes %q, %v", iri, got, err)
		}
	}
}
