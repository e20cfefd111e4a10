package header

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestForwardedVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op string
		Config struct {
			For    *int `json:"x_for"`
			Proto  *int `json:"x_proto"`
			Host   int  `json:"x_host"`
			Port   int  `json:"x_port"`
			Prefix int  `json:"x_prefix"`
		}
		Headers map[string]string
		Want    map[string]string
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "proxy_fix") {
		counts := ProxyCounts{For: 1, Proto: 1, Host: c.Config.Host, Port: c.Config.Port, Prefix: c.Config.Prefix}
		if c.Config.For != nil {
			counts.For = *c.Config.For
		}
		if c.Config.Proto != nil {
			counts.Proto = *c.Config.Proto
		}
		got := environ(counts.Apply(requestHeaders(c.Headers), direct))
		if diff := cmp.Diff(c.Want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.ID, diff)
		}
	}
}

// direct is a request as it reached the server, without proxies.
var direct = Origin{
	RemoteAddr: "10.0.0.1", Scheme: "http", Host: "in.test:5000", ServerName: "in", ServerPort: "5000",
}

func environ(origin Origin) map[string]string {
	return map[string]string{
		"REMOTE_ADDR": origin.RemoteAddr, "wsgi.url_scheme": origin.Scheme, "HTTP_HOST": origin.Host,
		"SERVER_NAME": origin.ServerName, "SERVER_PORT": origin.ServerPort, "SCRIPT_NAME": origin.Prefix,
	}
}

// Malformed values that a proxy passes on are not used: gin CVE-2023-26125, echo
// GHSA-2ffq-g2xg-c22p.
func TestForwardedValuesOfTheWrongForm(t *testing.T) {
	t.Parallel()
	everything := ProxyCounts{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}
	for _, line := range [][2]string{
		{"X-Forwarded-Proto", "javascript"},
		{"X-Forwarded-Host", "evil.test/path"},
		{"X-Forwarded-Host", "user@evil.test"},
		{"X-Forwarded-Host", "a b"},
		{"X-Forwarded-Port", "80/x"},
		{"X-Forwarded-Port", "-1"},
		{"X-Forwarded-Prefix", "//evil.test"},
		{"X-Forwarded-Prefix", `/\evil.test`},
		{"X-Forwarded-Prefix", "/\t/evil.test"},
		{"X-Forwarded-Prefix", "pre"},
		{"X-Forwarded-Prefix", "/a?b"},
		{"X-Forwarded-Prefix", "/a#b"},
	} {
		request := map[string][]string{line[0]: {line[1]}}
		if diff := cmp.Diff(direct, everything.Apply(request, direct)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", line, diff)
		}
	}
}

// gin CVE-2020-28483: what stands left of the trusted values is the client's.
func TestForwardedCountsFromTheRightOverAllLines(t *testing.T) {
	t.Parallel()
	request := map[string][]string{"X-Forwarded-For": {"6.6.6.6", "2.2.2.2, 1.1.1.1"}}
	for count, want := range map[int]string{
		-1: "10.0.0.1", 0: "10.0.0.1", 1: "1.1.1.1", 2: "2.2.2.2", 3: "6.6.6.6", 4: "10.0.0.1",
	} {
		if got := (ProxyCounts{For: count}).Apply(request, direct).RemoteAddr; got != want {
			t.Errorf("with %d proxies the client is %q; want %q", count, got, want)
		}
	}
}

func TestForwardedWithoutHeadersAllocatesNothing(t *testing.T) {
	counts := ProxyCounts{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}
	request := map[string][]string{"Accept": {"*/*"}}
	allocations := testing.AllocsPerRun(100, func() {
		if counts.Apply(request, direct) != direct {
			t.Fatal("changed")
		}
	})
	if allocations != 0 {
		t.Errorf("Apply allocates %v times", allocations)
	}
}
