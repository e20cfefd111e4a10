//go:build unix

package tests

import (
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
)

// From SIGTERM on a load balancer is told to choose another program, while the
// visitors who still come are answered.
func TestAProgramThatStopsIsNotReady(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	command := program(t, "LISTEN_PID=$$ LISTEN_FDS=1 TESTS_DRAIN=1h", handedOn(t, listener.(*net.TCPListener)))
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		command.Process.Kill()
		command.Wait() // it was killed
	}()
	address := listener.Addr().String()
	if got := statusOf(t, "http://"+address+"/readyz"); got != "200 ok\n" {
		t.Errorf("before SIGTERM the program is %q", got)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for statusOf(t, "http://"+address+"/readyz") != "503 stopping\n" {
	}
	if got := statusOf(t, "http://"+address+"/livez"); got != "200 ok\n" {
		t.Errorf("in the drain the program is %q", got)
	}
	if got := fetch("http://" + address); got != "Hello" {
		t.Errorf("in the drain a visitor gets %q", got)
	}
}

func statusOf(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status[:4] + string(body)
}
