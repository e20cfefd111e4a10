package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pipeListener accepts connections that live in memory, so that they wait on the
// clock of a synctest bubble.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	close       sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// running is a server in a synctest bubble.
type running struct {
	listener *pipeListener
	stop     context.CancelCauseFunc
	ended    chan error
}

var defaultTimeouts = Options{StopWithin: 30 * time.Second, Pace: Pace{1024, 30 * time.Second}}.timeouts()

func start(handler http.HandlerFunc) *running { return startWith(defaultTimeouts, handler) }

// end stops the server and expects no error.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop(nil)
	if err := <-r.ended; err != nil {
		t.Errorf("the server returned %v", err)
	}
}

// client is one connection to a server.
type client struct {
	net.Conn
	reader *bufio.Reader
}

// startWith is start with time limits of its own.
func startWith(limits timeouts, handler http.HandlerFunc) *running {
	stop, tellToStop := context.WithCancelCause(context.Background())
	r := &running{&pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}, tellToStop, make(chan error, 1)}
	go func() {
		r.ended <- newServer(handler, slog.New(slog.DiscardHandler), limits).serveUntil(stop, Listener{Listener: r.listener})
	}()
	return r
}

func (r *running) connect(t *testing.T) *client {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close() })
	r.listener.connections <- theirs
	return &client{ours, bufio.NewReader(ours)}
}

func (c *client) send(text string) { io.WriteString(c, text) }

// receive reads a whole response and returns its status, Connection and body.
func (c *client) receive(t *testing.T) []string {
	t.Helper()
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	connection := ""
	if response.Close {
		connection = "close"
	}
	return []string{response.Status, connection, string(body)}
}

// mustBeCutAfter checks when the server closes the connection, and returns what
// it sent before.
func (c *client) mustBeCutAfter(t *testing.T, want time.Duration) string {
	t.Helper()
	began := time.Now()
	answer, err := io.ReadAll(c.reader)
	if waited := time.Since(began); err != nil || waited < want || waited > want+time.Second {
		t.Errorf("the connection ended after %v with %v, want %v", waited, err, want)
	}
	return string(answer)
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "Hello") }

const getRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

func TestSlowHeadersAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(hello)
		c := server.connect(t)
		c.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
		if answer := c.mustBeCutAfter(t, defaultTimeouts.header); strings.Contains(answer, "Hello") {
			t.Errorf("the client got %q", answer)
		}
		server.end(t)
	})
}

func TestIdleConnectionsAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(hello)
		c := server.connect(t)
		c.send(getRequest)
		c.receive(t)
		c.mustBeCutAfter(t, defaultTimeouts.idle)
		server.end(t)
	})
}

const postRequest = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"

func TestSlowBodiesAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		server := start(func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			failed <- err
		})
		c := server.connect(t)
		c.send(postRequest + "a=")
		c.mustBeCutAfter(t, defaultTimeouts.pace.Interval)
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("reading the body gives %v", err)
		}
		server.end(t)
	})
}

// A view that does not read the body answers, and then the connection is cut.
func TestSlowBodiesThatNobodyReadsAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(hello)
		c := server.connect(t)
		c.send(postRequest + "a=")
		if answer := c.mustBeCutAfter(t, defaultTimeouts.pace.Interval); !strings.HasPrefix(answer, "HTTP/1.1 200 OK") {
			t.Errorf("the client got %q", answer)
		}
		server.end(t)
	})
}

// A body that keeps coming may take longer than an interval as a whole. Once all
// of it is there, nothing is timed: the view may think, and the client may wait.
func TestBodiesThatKeepComingAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			select {
			case <-r.Context().Done():
				err = r.Context().Err()
			case <-time.After(2 * defaultTimeouts.pace.Interval):
			}
			if err != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
			fmt.Fprint(w, len(body))
		})
		c := server.connect(t)
		c.send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", 8*defaultTimeouts.pace.Bytes))
		for range 8 {
			time.Sleep(defaultTimeouts.pace.Interval * 2 / 3)
			c.send(strings.Repeat("a", int(defaultTimeouts.pace.Bytes)))
		}
		if diff := cmp.Diff([]string{"200 OK", "", fmt.Sprint(8 * defaultTimeouts.pace.Bytes)}, c.receive(t)); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
		c.send(getRequest)
		if diff := cmp.Diff([]string{"200 OK", "", "0"}, c.receive(t)); diff != "" {
			t.Errorf("the next answer (-want +got):\n%s", diff)
		}
		server.end(t)
	})
}

// For a short time a stopping server still answers the requests of open
// connections, and says that these connections end.
func TestStoppingServerEndsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(hello)
		c := server.connect(t)
		c.send(getRequest)
		if diff := cmp.Diff([]string{"200 OK", "", "Hello"}, c.receive(t)); diff != "" {
			t.Errorf("the first answer (-want +got):\n%s", diff)
		}
		server.stop(nil)
		time.Sleep(defaultTimeouts.settle / 2)
		c.send(getRequest)
		if diff := cmp.Diff([]string{"200 OK", "close", "Hello"}, c.receive(t)); diff != "" {
			t.Errorf("the last answer (-want +got):\n%s", diff)
		}
		server.end(t)
	})
}

// A stream that listens to Stopping does not hold up the stop.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "first ")
			<-Stopping(r.Context())
			io.WriteString(w, "last")
		})
		c := server.connect(t)
		c.send(getRequest)
		synctest.Wait()
		began := time.Now()
		server.stop(nil)
		if got := c.receive(t); got[2] != "first last" {
			t.Errorf("the stream is %q", got)
		}
		server.end(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

func TestStoppingIsNilOnOtherServers(t *testing.T) {
	if Stopping(context.Background()) != nil || Draining(context.Background()) != nil {
		t.Error("there is a channel without a server")
	}
}

// While the server drains, it serves as before; only Draining tells.
func TestDrain(t *testing.T) {
	const drain = time.Minute
	synctest.Test(t, func(t *testing.T) {
		limits := defaultTimeouts
		limits.drain = drain
		server := startWith(limits, func(w http.ResponseWriter, r *http.Request) {
			isClosed := func(c <-chan struct{}) bool {
				select {
				case <-c:
					return true
				default:
					return false
				}
			}
			fmt.Fprintf(w, "draining %t, stopping %t", isClosed(Draining(r.Context())), isClosed(Stopping(r.Context())))
		})
		c := server.connect(t)
		ask := func(want ...string) {
			t.Helper()
			c.send(getRequest)
			if diff := cmp.Diff(want, c.receive(t)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		}
		ask("200 OK", "", "draining false, stopping false")
		began := time.Now()
		server.stop(nil)
		time.Sleep(drain - time.Second)
		ask("200 OK", "", "draining true, stopping false")
		c = server.connect(t)
		ask("200 OK", "", "draining true, stopping false")
		time.Sleep(time.Second)
		synctest.Wait()
		ask("200 OK", "close", "draining true, stopping true")
		server.end(t)
		if took := time.Since(began); took > drain+time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

func TestNoDrainAfterAnInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := defaultTimeouts
		limits.drain = time.Minute
		server := startWith(limits, hello)
		began := time.Now()
		server.stop(errInterrupted)
		server.end(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

// A request that takes too long is cancelled first and cut later.
func TestStopCutsWhatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause, goOn := make(chan error, 1), make(chan bool)
		server := start(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			cause <- context.Cause(r.Context())
			<-goOn
		})
		c := server.connect(t)
		c.send(getRequest)
		synctest.Wait()
		began := time.Now()
		server.stop(nil)
		if err := <-cause; err != errStopping || time.Since(began) != defaultTimeouts.settle+defaultTimeouts.patience {
			t.Errorf("the request was cancelled after %v because of %v", time.Since(began), err)
		}
		err := <-server.ended
		if err == nil || !strings.Contains(err.Error(), "cut off after 30s") {
			t.Errorf("the server returned %v", err)
		}
		if took := time.Since(began); took != defaultTimeouts.settle+defaultTimeouts.stop {
			t.Errorf("the stop took %v", took)
		}
		if answer, _ := io.ReadAll(c.reader); len(answer) > 0 {
			t.Errorf("the client got %q", answer)
		}
		close(goOn)
	})
}

func TestServeReturnsTheErrorOfItsListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	options := Options{Logger: slog.New(slog.DiscardHandler)}
	if err := Serve(context.Background(), []Listener{{Listener: listener}}, http.HandlerFunc(hello), options); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
}

// The stop closes a listener, and the server of net/http does so again.
func TestAListenerIsClosedOnce(t *testing.T) {
	t.Parallel()
	opened, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(Listener{Listener: opened}, Pace{}, 0)
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
