package flask

import (
	"crypto/tls"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// h2specTries is how often a case of h2spec may go wrong. h2spec waits two
// seconds for an answer, and a busy machine may take longer.
const h2specTries = 3

// fewestCases is how many cases h2spec has at least, so that a report that
// cannot be read is no success.
const fewestCases = 140

// TestH2spec runs h2spec, which checks a server against the RFCs of HTTP/2, on
// an application with TLS and on a bare net/http server: whatever case net/http
// passes, the application passes too.
func TestH2spec(t *testing.T) {
	h2spec := buildH2spec(t)
	donor := httptest.NewTLSServer(nil) // it has a certificate for 127.0.0.1
	defer donor.Close()
	ours, theirs := serveForH2spec(t, donor.TLS), serveBare(t, donor.TLS)

	failures, cases := h2specOn(t, h2spec, ours)
	if cases < fewestCases {
		t.Fatalf("h2spec ran %d cases only", cases)
	}
	expected, cases := h2specOn(t, h2spec, theirs)
	t.Logf("of %d cases Decant fails %d, and net/http %d", cases, len(failures), len(expected))
	for name, why := range failures {
		for range h2specTries - 1 {
			if _, also := expected[name]; also || why == "" {
				break
			}
			section, _, _ := strings.Cut(name, " ")
			again, _ := h2specOn(t, h2spec, ours, section)
			why = again[name]
		}
		if _, also := expected[name]; !also && why != "" {
			t.Errorf("net/http passes this case of h2spec, and Decant does not:\n%s\n%s", name, why)
		}
	}
}

// buildH2spec compiles the version of h2spec that go.mod names.
func buildH2spec(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "h2spec")
	output(t, "go", "build", "-o", program, "github.com/summerwind/h2spec/cmd/h2spec")
	return program
}

// pageForH2spec is long enough for the cases about windows of flow control.
const pageForH2spec = "Hello, h2spec!"

func serveForH2spec(t *testing.T, config *tls.Config) net.Addr {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	app := decant.New("h2spec")
	app.Logger = slog.New(slog.DiscardHandler)
	app.Route("/", func(c *decant.Context) (any, error) {
		_, err := io.Copy(io.Discard, c.Request.Body)
		return pageForH2spec, err
	}, decant.Methods("GET", "POST"))
	config = config.Clone()
	config.NextProtos = nil
	runInTest(t, app, decant.Listener(listener), decant.TLSConfig(config))
	return listener.Addr()
}

func serveBare(t *testing.T, config *tls.Config) net.Addr {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{
		TLSConfig: config.Clone(),
		ErrorLog:  log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				http.Error(w, "Bad Request", http.StatusBadRequest)
				return
			}
			io.WriteString(w, pageForH2spec)
		}),
	}
	server.TLSConfig.NextProtos = nil
	go server.ServeTLS(listener, "", "")
	t.Cleanup(func() { server.Close() })
	return listener.Addr()
}

// h2specReport is the part of h2spec's JUnit report that the test reads.
type h2specReport struct {
	Suites []struct {
		Cases []struct {
			Section string `xml:"package,attr"`
			Title   string `xml:"classname,attr"`
			Failure string `xml:"failure"`
			Error   string `xml:"error"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// h2specOn runs the sections of h2spec, all without any, and returns the cases
// that fail with the reason, and the number of all cases.
func h2specOn(t *testing.T, h2spec string, server net.Addr, sections ...string) (failures map[string]string, cases int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.xml")
	host, port, err := net.SplitHostPort(server.String())
	must(t, err)
	arguments := slices.Concat(sections, []string{"--host", host, "--port", port, "--tls", "--insecure", "--strict", "--junit-report", path})
	said, err := exec.Command(h2spec, arguments...).CombinedOutput() // its status is 1 if a case fails
	text, missing := os.ReadFile(path)
	if missing != nil {
		t.Fatalf("h2spec ends with %v and without a report:\n%s", err, said)
	}
	var report h2specReport
	must(t, xml.Unmarshal(text, &report))
	failures = map[string]string{}
	for _, suite := range report.Suites {
		for _, c := range suite.Cases {
			cases++
			if why := c.Failure + c.Error; why != "" {
				failures[fmt.Sprintf("%s %s", c.Section, c.Title)] = why
			}
		}
	}
	return failures, cases
}
