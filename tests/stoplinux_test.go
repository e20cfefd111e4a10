//go:build linux

package tests

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startProgram starts the program of TestMain on a free port, and returns the
// command and the address.
func startProgram(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(executable)
	_, port, _ := net.SplitHostPort(address)
	command.Env = append(os.Environ(), "TESTS_PROGRAM=yes", "TESTS_PORT="+port)
	messages, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(messages)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Press CTRL+C") {
	}
	go io.Copy(io.Discard, messages)
	return command, address
}

// A client that takes nothing, takes a little, or sends a little neither holds up
// the stop nor makes it fail.
func TestSlowClientsDoNotHoldUpTheStop(t *testing.T) {
	t.Parallel()
	command, address := startProgram(t)
	behave := func(request string, then func(net.Conn)) {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { connection.Close() })
		if _, err := io.WriteString(connection, request); err != nil {
			t.Fatal(err)
		}
		go then(connection)
	}
	trickle := func(move func() (int, error)) {
		for {
			if _, err := move(); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	const get = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
	behave(get, func(net.Conn) {})
	behave(get, func(c net.Conn) { trickle(func() (int, error) { return c.Read(make([]byte, 1)) }) })
	behave("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", func(c net.Conn) {
		trickle(func() (int, error) { return io.WriteString(c, "a") })
	})
	behave("GET / HTTP/1.1\r\nHost", func(net.Conn) {})
	if got := visit(t, new(http.Transport), "http://"+address+"/"); got != "HTTP/1.1 200 Hello" {
		t.Errorf("the answer is %s", got)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

// load is what many clients see of a server that stops.
type load struct {
	address string
	asked   atomic.Int64

	mutex sync.Mutex
	lost  []string
}

// until sends requests until no connection can be made. A request that fails on
// a connection that was made is lost.
func (l *load) until(warm func(), send func(*http.Transport) error, transport *http.Transport) {
	defer transport.CloseIdleConnections()
	warm = sync.OnceFunc(warm)
	defer warm()
	for {
		err := send(transport)
		l.asked.Add(1)
		var dialing *net.OpError
		if errors.As(err, &dialing) && dialing.Op == "dial" {
			return
		}
		if err != nil {
			l.mutex.Lock()
			l.lost = append(l.lost, err.Error())
			l.mutex.Unlock()
			return
		}
		warm()
	}
}

// ask sends one request and checks the end of the answer. A body without a name
// keeps the transport from sending it again.
func (l *load) ask(transport *http.Transport, method, path string, body io.Reader, want string) error {
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+l.address+path, body)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != 200 || !strings.HasSuffix(string(answer), want)) {
		err = fmt.Errorf("%s %s: status %d, %q", method, path, response.StatusCode, answer)
	}
	return err
}

// pieces is a body that comes piece by piece, one every few milliseconds.
type pieces struct{ left int }

func (p *pieces) Read(data []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	p.left--
	time.Sleep(5 * time.Millisecond)
	return copy(data, "0123456789"), nil
}

// stopRounds is how often the test below stops a server under load. The variable
// DECANT_STOP_ROUNDS asks for more.
func stopRounds(t *testing.T) int {
	t.Helper()
	const rounds = 2
	asked := os.Getenv("DECANT_STOP_ROUNDS")
	if asked == "" {
		return rounds
	}
	n, err := strconv.Atoi(asked)
	if err != nil || n < 1 {
		t.Fatalf("DECANT_STOP_ROUNDS is %q, and should be a number of rounds", asked)
	}
	return n
}

// TestStopLosesNothing tells a server under load to end: each request that was
// sent on a connection is answered, also on those that the server had not
// accepted yet. A connection that is refused is not lost.
func TestStopLosesNothing(t *testing.T) {
	asked := int64(0)
	for range stopRounds(t) {
		command, address := startProgram(t)
		l := &load{address: address}
		var warm, clients sync.WaitGroup
		start := func(n int, isNew bool, send func(*http.Transport) error) {
			for range n {
				warm.Add(1)
				clients.Go(func() { l.until(warm.Done, send, &http.Transport{DisableKeepAlives: isNew}) })
			}
		}
		for range 10 {
			clients.Go(func() {
				l.until(func() {}, func(transport *http.Transport) error { return l.ask(transport, "GET", "/stream", nil, "last\n") }, new(http.Transport))
			})
		}
		short := func(transport *http.Transport) error {
			return l.ask(transport, "POST", "/", io.MultiReader(strings.NewReader("body")), "4")
		}
		start(20, false, short)
		start(13, true, short)
		start(5, false, func(transport *http.Transport) error { return l.ask(transport, "POST", "/", &pieces{50}, "500") })
		warm.Wait()
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		clients.Wait()
		if err := command.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
		if len(l.lost) > 0 {
			t.Errorf("of %d requests %d were lost:\n%s", l.asked.Load(), len(l.lost), strings.Join(l.lost, "\n"))
		}
		asked += l.asked.Load()
	}
	t.Logf("%d requests were sent while servers stopped", asked)
}
