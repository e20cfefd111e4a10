package flask

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server or a browser may take for one thing.
const patience = 30 * time.Second

// freePort asks the system for a port that nobody uses.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// buildExample compiles an example, the way its readers run it.
func buildExample(t testing.TB, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	command := exec.Command("go", "build", "-o", program, "./_examples/"+name)
	command.Dir = "../.." // the examples belong to the framework's module
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building the example %s: %v\n%s", name, err, output)
	}
	return program
}

// startServer runs a program that serves on a port, waits until it does, and
// stops it at the end of the test. It returns the server's address.
func startServer(t testing.TB, command *exec.Cmd, port int) string {
	t.Helper()
	must(t, command.Start())
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM)
		command.Wait() // its status is that of a program that was told to stop
	})
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(address)
		if err == nil {
			response.Body.Close()
			return address
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer on %s: %v", command, address, err)
		}
	}
}

func startExample(t testing.TB, name string) string {
	t.Helper()
	port := freePort(t)
	command := exec.Command(buildExample(t, name))
	command.Env = append(os.Environ(), fmt.Sprintf("DECANT_RUN_PORT=%d", port), "SECRET_KEY="+secretKey)
	return startServer(t, command, port)
}
