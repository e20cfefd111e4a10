package flask

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/decant-go/decant"
)

// runInTest serves an application with Run until the test ends.
func runInTest(t *testing.T, app *decant.App, options ...decant.RunOption) {
	t.Helper()
	stop, tellToStop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.RunContext(stop, append([]decant.RunOption{decant.Drain(0)}, options...)...) }()
	t.Cleanup(func() {
		tellToStop()
		must(t, <-ended)
	})
}

// output runs a client and returns what it prints.
func output(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	text, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, text)
	}
	return string(text)
}

// protocolView is a view that says how it was asked.
func protocolView(c *decant.Context) (any, error) {
	data, err := c.Request.Data()
	return fmt.Sprint(c.Request.Proto, " ", c.URLFor("view", "_external", true), " ", len(data)), err
}

// TestClientsOfHTTP2 sends curl, nghttp and h2load to an application with TLS.
func TestClientsOfHTTP2(t *testing.T) {
	donor := httptest.NewTLSServer(nil) // it has a certificate for 127.0.0.1
	defer donor.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	must(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: donor.Certificate().Raw}), 0o600))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	app := decant.New("clients")
	app.Route("/", protocolView, decant.Methods("GET", "POST"), decant.Endpoint("view"))
	config := donor.TLS.Clone()
	config.NextProtos = nil
	runInTest(t, app, decant.Listener(listener), decant.TLSConfig(config))
	url := fmt.Sprintf("https://%s/", listener.Addr())

	large := filepath.Join(t.TempDir(), "large")
	must(t, os.WriteFile(large, make([]byte, 1<<20), 0o600))
	curl := func(arguments ...string) string {
		return output(t, "curl", append([]string{"-sS", "--cacert", authority, "-w", " %{http_version}", url}, arguments...)...)
	}
	for _, test := range []struct{ got, want string }{
		{curl("--http2"), "HTTP/2.0 " + url + " 0 2"},
		{curl("--http1.1"), "HTTP/1.1 " + url + " 0 1.1"},
		{curl("--http2", "--data-binary", "@"+large), "HTTP/2.0 " + url + " 1048576 2"},
	} {
		if test.got != test.want {
			t.Errorf("curl got %q, want %q", test.got, test.want)
		}
	}
	if got := output(t, "nghttp", "--no-verify-peer", url); got != "HTTP/2.0 "+url+" 0" {
		t.Errorf("nghttp got %q", got)
	}
	report := output(t, "h2load", "-n", "2000", "-c", "10", "-m", "20", url)
	if !regexp.MustCompile(`2000 succeeded, 0 failed, 0 errored, 0 timeout`).MatchString(report) {
		t.Errorf("h2load says\n%s", report)
	}
}

func TestCurlOnASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	app := decant.New("clients")
	app.Get("/", protocolView, decant.Endpoint("view"))
	runInTest(t, app, decant.Unix(path))
	waitForSocket(t, path)
	if got := output(t, "curl", "-sS", "--unix-socket", path, "http://app.example/"); got != "HTTP/1.1 http://app.example/ 0" {
		t.Errorf("curl got %q", got)
	}
}

func waitForSocket(t *testing.T, path string) {
	t.Helper()
	for {
		connection, err := net.Dial("unix", path)
		if err == nil {
			connection.Close()
			return
		}
	}
}

// TestSystemdPassesSockets starts an example as systemd does when the first
// visitor comes.
func TestSystemdPassesSockets(t *testing.T) {
	port := freePort(t)
	command := exec.Command("systemd-socket-activate", "-l", fmt.Sprintf("127.0.0.1:%d", port),
		"-E", "SECRET_KEY="+secretKey, "-E", "DECANT_DEBUG=1", buildExample(t, "login"))
	var log strings.Builder
	command.Stderr = &log
	address := startServer(t, command, port)
	if got := output(t, "curl", "-sS", address); !strings.Contains(got, "You are not logged in") {
		t.Errorf("curl got %q", got)
	}
	must(t, command.Process.Signal(syscall.SIGTERM))
	if err := command.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if want := fmt.Sprintf(" * Running on http://127.0.0.1:%d\n", port); !strings.Contains(log.String(), want) {
		t.Errorf("the program does not greet with %q:\n%s", want, log.String())
	}
}
