package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// large is an answer that does not fit into the buffers of net/http.
const large = 1 << 20

// sent is what a handler saw of a write.
type sent struct {
	n    int
	err  error
	took time.Duration
}

// writes is a handler that sends one large answer.
func writes(result chan<- sent) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		began := time.Now()
		n, err := io.WriteString(w, strings.Repeat("a", large))
		result <- sent{n, err, time.Since(began)}
	}
}

func TestClientsThatTakeNothingAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := start(writes(result))
		c := server.connect(t)
		c.send(getRequest)
		got := <-result
		if got.err == nil || got.took < defaultTimeouts.pace.Interval*3/4 || got.took > 2*defaultTimeouts.pace.Interval {
			t.Errorf("the handler wrote %d bytes in %v: %v", got.n, got.took, got.err)
		}
		server.end(t)
	})
}

func TestClientsThatTakeAFewBytesAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := start(writes(result))
		c := server.connect(t)
		c.send(getRequest)
		var reading sync.WaitGroup
		reading.Go(func() {
			for one := make([]byte, 1); ; time.Sleep(time.Second) {
				if _, err := c.Conn.Read(one); err != nil {
					return
				}
			}
		})
		got := <-result
		if got.err == nil || got.took > 2*defaultTimeouts.pace.Interval {
			t.Errorf("the handler wrote %d bytes in %v: %v", got.n, got.took, got.err)
		}
		server.end(t)
		reading.Wait()
	})
}

// A client may take as long as it likes for a whole answer if it keeps the pace.
func TestClientsThatKeepThePaceAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := start(writes(result))
		c := server.connect(t)
		c.send(getRequest)
		got := 0
		for piece := make([]byte, 2*defaultTimeouts.pace.Bytes); got < large; time.Sleep(defaultTimeouts.pace.Interval / 2) {
			n, err := io.ReadFull(c.Conn, piece)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("after %d bytes: %v", got, err)
			}
			got += n
			if n < len(piece) {
				break
			}
		}
		if written := <-result; written.err != nil || written.took < 10*defaultTimeouts.pace.Interval {
			t.Errorf("the handler wrote %d bytes in %v: %v", written.n, written.took, written.err)
		}
		server.end(t)
	})
}

// A stream whose client reads may be silent for as long as it likes.
func TestQuietStreamsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pieces = 5
		server := start(func(w http.ResponseWriter, _ *http.Request) {
			for range pieces {
				io.WriteString(w, "event ")
				http.NewResponseController(w).Flush()
				time.Sleep(20 * defaultTimeouts.pace.Interval)
			}
		})
		c := server.connect(t)
		c.send(getRequest)
		if got := c.receive(t)[2]; got != strings.Repeat("event ", pieces) {
			t.Errorf("the client got %q", got)
		}
		server.end(t)
	})
}

// The deadline of a handler holds instead, until the next request.
func TestHandlersSetTheirOwnDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		limit := map[string]time.Duration{"/short": time.Second, "/long": 10 * defaultTimeouts.pace.Interval, "/none": 0}
		server := start(func(w http.ResponseWriter, r *http.Request) {
			if d, ok := limit[r.URL.Path]; ok {
				var deadline time.Time
				if d > 0 {
					deadline = time.Now().Add(d)
				}
				http.NewResponseController(w).SetWriteDeadline(deadline)
			}
			writes(result)(w, r)
		})
		request := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n" }
		for path, want := range map[string]time.Duration{"/short": time.Second, "/long": limit["/long"]} {
			c := server.connect(t)
			c.send(request(path))
			if got := <-result; got.err == nil || got.took != want {
				t.Errorf("%s: the handler wrote %d bytes in %v: %v", path, got.n, got.took, got.err)
			}
		}
		c := server.connect(t)
		c.send(request("/none"))
		time.Sleep(20 * defaultTimeouts.pace.Interval)
		if answer := c.receive(t); len(answer[2]) != large {
			t.Errorf("/none: the client got %d bytes", len(answer[2]))
		}
		<-result
		c.send(request("/"))
		if got := <-result; got.err == nil || got.took > 2*defaultTimeouts.pace.Interval {
			t.Errorf("the next request: the handler wrote %d bytes in %v: %v", got.n, got.took, got.err)
		}
		server.end(t)
	})
}

// A handler that takes the connection over decides about it alone.
func TestHijackedConnectionsAreNotPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := start(func(w http.ResponseWriter, r *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer connection.Close()
			n, err := io.WriteString(connection, strings.Repeat("a", large))
			result <- sent{n, err, 0}
		})
		c := server.connect(t)
		c.send(getRequest)
		time.Sleep(10 * defaultTimeouts.pace.Interval)
		if all, err := io.ReadAll(c.Conn); len(all) != large || err != nil {
			t.Errorf("the client got %d bytes, %v", len(all), err)
		}
		<-result
		server.end(t)
	})
}

func TestNoPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		limits := defaultTimeouts
		limits.pace = Pace{}
		server := startWith(limits, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			writes(result)(w, r)
		})
		c := server.connect(t)
		c.send(postRequest)
		time.Sleep(time.Hour)
		c.send("0123456789")
		time.Sleep(time.Hour)
		if got := c.receive(t); len(got[2]) != large {
			t.Errorf("the client got %d bytes", len(got[2]))
		}
		server.end(t)
	})
}

func TestBodiesThatTrickleAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := start(func(_ http.ResponseWriter, r *http.Request) {
			began := time.Now()
			all, err := io.ReadAll(r.Body)
			result <- sent{len(all), err, time.Since(began)}
		})
		c := server.connect(t)
		c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
		var sending sync.WaitGroup
		sending.Go(func() {
			for {
				if _, err := io.WriteString(c.Conn, "a"); err != nil {
					return
				}
				time.Sleep(20 * time.Second)
			}
		})
		got := <-result
		if !errors.Is(got.err, os.ErrDeadlineExceeded) || got.took > 2*defaultTimeouts.pace.Interval {
			t.Errorf("the handler read %d bytes in %v: %v", got.n, got.took, got.err)
		}
		server.end(t)
		sending.Wait()
	})
}

// A handler may think for as long as it likes between two pieces of a body.
func TestHandlersMayReadSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(func(w http.ResponseWriter, r *http.Request) {
			total := 0
			for piece := make([]byte, 3); ; time.Sleep(4 * defaultTimeouts.pace.Interval) {
				n, err := r.Body.Read(piece)
				if total += n; err != nil {
					fmt.Fprint(w, total, " ", err)
					return
				}
			}
		})
		c := server.connect(t)
		go c.send(postRequest + "0123456789")
		if got := c.receive(t)[2]; got != "10 EOF" {
			t.Errorf("the handler read %s", got)
		}
		server.end(t)
	})
}

// Clients that take nothing, take a little, or send a little do not make a stop
// fail.
func TestSlowClientsDoNotHoldUpTheStop(t *testing.T) {
	for name, behave := range map[string]func(c *client){
		"takes nothing": func(c *client) { c.send(getRequest) },
		"takes a little": func(c *client) {
			c.send(getRequest)
			for piece := make([]byte, 512); ; time.Sleep(time.Second) {
				if _, err := c.Conn.Read(piece); err != nil {
					return
				}
			}
		},
		"sends a little": func(c *client) {
			c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
			for {
				if _, err := io.WriteString(c.Conn, strings.Repeat("a", 512)); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		},
		"says nothing": func(*client) {},
		"begins a request": func(c *client) {
			c.send("GET / HTTP/1.1\r\nHost")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := start(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					writes(make(chan sent, 1))(w, r)
				})
				c := server.connect(t)
				var behaving sync.WaitGroup
				behaving.Go(func() { behave(c) })
				time.Sleep(time.Second)
				began := time.Now()
				server.end(t)
				if took := time.Since(began); took > defaultTimeouts.stop {
					t.Errorf("the stop took %v", took)
				}
				c.Close()
				behaving.Wait()
			})
		})
	}
}

// A stop waits for requests that are on their way: on new connections, and on
// those that were used a moment ago.
func TestStopWaitsForRequestsOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := start(hello)
		idle := server.connect(t)
		idle.send(getRequest)
		idle.receive(t)
		time.Sleep(time.Minute)
		used := server.connect(t)
		used.send(getRequest)
		used.receive(t)
		fresh := server.connect(t)
		synctest.Wait()
		server.stop(nil)
		time.Sleep(defaultTimeouts.quiet * 3 / 4)
		want := []string{"200 OK", "close", "Hello"}
		used.send(getRequest)
		if diff := cmp.Diff(want, used.receive(t)); diff != "" {
			t.Errorf("on a connection that was used (-want +got):\n%s", diff)
		}
		time.Sleep(defaultTimeouts.quiet / 2)
		fresh.send(getRequest)
		if diff := cmp.Diff(want, fresh.receive(t)); diff != "" {
			t.Errorf("on a new connection (-want +got):\n%s", diff)
		}
		server.end(t)
		if rest, err := io.ReadAll(idle.reader); len(rest) > 0 || err != nil {
			t.Errorf("the idle connection ends with %q, %v", rest, err)
		}
	})
}

// kernelConn sends files as the kernel does, and stops after each few bytes as
// if the client were slow.
type kernelConn struct {
	net.Conn
	got     strings.Builder
	greedy  bool // reads more than it sends
	pauses  int
	perTurn int64
}

func (c *kernelConn) SetWriteDeadline(time.Time) error { return nil }

func (c *kernelConn) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.CopyN(&c.got, r, c.perTurn)
	if err == io.EOF {
		return n, nil
	}
	if c.greedy {
		io.CopyN(io.Discard, r, 2)
	}
	c.pauses++
	return n, os.ErrDeadlineExceeded
}

// A file goes on where the client has it to, whatever the copy has read ahead.
func TestFilesGoOnAfterADeadline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("..0123456789.."), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, greedy := range []bool{false, true} {
		for name, test := range map[string]struct {
			reader func(io.Reader) io.Reader
			want   string
		}{
			"a part":  {func(f io.Reader) io.Reader { return &io.LimitedReader{R: f, N: 10} }, "0123456789"},
			"a whole": {func(f io.Reader) io.Reader { return f }, "0123456789.."},
		} {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.Seek(2, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			kernel := &kernelConn{greedy: greedy, perTurn: 3}
			n, err := newConnection(kernel, Pace{1, time.Minute}).ReadFrom(test.reader(file))
			if err != nil || n != int64(len(test.want)) || kernel.got.String() != test.want || kernel.pauses < 3 {
				t.Errorf("%s, greedy %t: %d bytes, %v: %q after %d pauses", name, greedy, n, err, kernel.got.String(), kernel.pauses)
			}
		}
	}
}

// A client that is slower than the pace is cut while a file is sent.
func TestFilesOfSlowClientsAreCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n, err := newConnection(&kernelConn{perTurn: 3}, Pace{4, time.Minute}).ReadFrom(file)
	if n != 3 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// h2c is a server in a synctest bubble that speaks HTTP/2 without TLS.
func h2c(handler http.HandlerFunc) *running {
	stop, tellToStop := context.WithCancelCause(context.Background())
	r := &running{&pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}, tellToStop, make(chan error, 1)}
	server := newServer(handler, slog.New(slog.DiscardHandler), defaultTimeouts)
	server.Protocols = new(http.Protocols)
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { r.ended <- server.serveUntil(stop, Listener{Listener: r.listener}) }()
	return r
}

// h2client returns a client of HTTP/2.
func (r *running) h2client() *http.Client {
	transport := &http.Transport{
		Protocols: new(http.Protocols),
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			r.listener.connections <- theirs
			return ours, nil
		},
	}
	transport.Protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: transport}
}

// An answer that stands still is cut although its connection is well: here the
// client reads another answer over it meanwhile.
func TestStreamsOfHTTP2ThatStandStillAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := h2c(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/hello" {
				hello(w, r)
				return
			}
			began := time.Now()
			for range 20 { // more than the window of a stream
				if n, err := io.WriteString(w, strings.Repeat("a", large)); err != nil {
					result <- sent{n, err, time.Since(began)}
					return
				}
			}
		})
		client := server.h2client()
		still, err := client.Get("http://a/")
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			time.Sleep(defaultTimeouts.pace.Interval / 4)
			response, err := client.Get("http://a/hello")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
		got := <-result
		if got.err == nil || got.took > (streamPatience+1)*defaultTimeouts.pace.Interval {
			t.Errorf("the handler wrote %d bytes in %v: %v", got.n, got.took, got.err)
		}
		still.Body.Close()
		client.CloseIdleConnections()
		server.end(t)
	})
}

// Over HTTP/2, too, neither quiet streams nor slow handlers are cut.
func TestQuietStreamsOfHTTP2Last(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := h2c(func(w http.ResponseWriter, r *http.Request) {
			for piece := make([]byte, 4); ; time.Sleep(20 * defaultTimeouts.pace.Interval) {
				n, err := r.Body.Read(piece)
				if err != nil {
					fmt.Fprint(w, err)
					return
				}
				w.Write(piece[:n])
				http.NewResponseController(w).Flush()
			}
		})
		client := server.h2client()
		response, err := client.Post("http://a/", "text/plain", strings.NewReader("0123456789"))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); string(body) != "0123456789EOF" || err != nil {
			t.Errorf("the client got %q, %v", body, err)
		}
		response.Body.Close()
		client.CloseIdleConnections()
		server.end(t)
	})
}

func TestBodiesOfHTTP2ThatTrickleAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan sent, 1)
		server := h2c(func(_ http.ResponseWriter, r *http.Request) {
			began := time.Now()
			all, err := io.ReadAll(r.Body)
			result <- sent{len(all), err, time.Since(began)}
		})
		client := server.h2client()
		body, slowly := io.Pipe()
		var sending sync.WaitGroup
		sending.Go(func() {
			for {
				if _, err := io.WriteString(slowly, "a"); err != nil {
					return
				}
				time.Sleep(20 * time.Second)
			}
		})
		response, err := client.Post("http://a/", "text/plain", body)
		if err == nil {
			response.Body.Close()
		}
		body.Close()
		if got := <-result; !errors.Is(got.err, os.ErrDeadlineExceeded) || got.took > 2*defaultTimeouts.pace.Interval {
			t.Errorf("the handler read %d bytes in %v: %v", got.n, got.took, got.err)
		}
		client.CloseIdleConnections()
		server.end(t)
		sending.Wait()
	})
}
