package tests

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestStreams(t *testing.T) {
	bytesAndErrors := func(yield func([]byte, error) bool) { _ = yield([]byte("a"), nil) && yield([]byte("b"), nil) }
	for name, answer := range map[string]any{
		"sequence of bytes and errors": iter.Seq2[[]byte, error](bytesAndErrors),
		"function of bytes and errors": bytesAndErrors,
		"writer": func(w io.Writer) error {
			_, err := io.WriteString(w, "ab")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) {
				r := c.MakeResponse(answer, 202)
				if !r.IsStreamed() {
					t.Error("the response is not streamed")
				}
				return r, nil
			})
			mustAnswer(t, get(app, "/"), 202, "ab")
			log.mustBeEmpty(t)
		})
	}
}

func TestDataOfAResponse(t *testing.T) {
	for name, c := range map[string]struct {
		answer any
		want   string
	}{
		"text":  {"ann", "ANN"},
		"bytes": {[]byte("ann"), "ANN"},
		"JSON":  {decant.H{"name": "ann"}, `{"NAME":"ANN"}` + "\n"},
		"none":  {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return c.answer, nil })
			app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
				data, err := r.Data()
				r.SetData([]byte(strings.ToUpper(string(data))))
				return err
			})
			mustAnswer(t, get(app, "/"), 200, c.want)
			log.mustBeEmpty(t)
		})
	}
}

func TestDataOfAStream(t *testing.T) {
	for name, answer := range map[string]any{
		"reader":   strings.NewReader("x"),
		"sequence": func(yield func(string) bool) { yield("x") },
		"handler":  http.NotFoundHandler(),
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return answer, nil })
			app.Get("/tagged", func(c *decant.Context) (any, error) {
				r := c.MakeResponse(answer)
				r.AddETag()
				return r, nil
			}, decant.Endpoint("tagged"))
			app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
				if data, err := r.Data(); r.IsStreamed() && err == nil {
					t.Errorf("the data is %q", data)
				}
				return nil
			})
			get(app, "/")
			log.mustBeEmpty(t)
			mustFail(t, get(app, "/tagged"))
			log.mustContain(t, "the response cannot be sent: AddETag: the response has no data", "IsStreamed")
		})
	}
}

func TestSetDataTakesThePlaceOfAStream(t *testing.T) {
	closed := false
	app, log := appWith(func(*decant.Context) (any, error) { return closing{strings.NewReader("x"), &closed}, nil })
	app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
		r.SetData([]byte("set"))
		if r.IsStreamed() {
			t.Error("the response is still streamed")
		}
		return nil
	})
	mustAnswer(t, get(app, "/"), 200, "set")
	if !closed {
		t.Error("the stream was not closed")
	}
	log.mustBeEmpty(t)
}

func TestAddCacheControl(t *testing.T) {
	for _, c := range []struct {
		before string
		add    []string
		want   string
	}{
		{"", []string{"public", "max-age=300", `private="set-cookie, x"`, "no-cache"}, `public, max-age=300, private="set-cookie, x", no-cache`},
		{"no-store", nil, "no-store"},
		{"max-age=300, public", []string{"max-age=60"}, "max-age=60, public"},
		{"no-cache=x", []string{"no-cache"}, "no-cache"},
	} {
		app, log := appWith(func(context *decant.Context) (any, error) {
			r := context.MakeResponse("")
			if c.before != "" {
				r.Header().Set("Cache-Control", c.before)
			}
			r.AddCacheControl(c.add...)
			return r, nil
		})
		if diff := cmp.Diff(c.want, get(app, "/").Header().Get("Cache-Control")); diff != "" {
			t.Errorf("%q and %q (-want +got):\n%s", c.before, c.add, diff)
		}
		log.mustBeEmpty(t)
	}
}

func TestOnCloseRunsLastAndInOrder(t *testing.T) {
	var steps []string
	note := func(step string) func() { return func() { steps = append(steps, step) } }
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(func(yield func(string) bool) { note("stream")(); yield("x") })
		r.OnClose(note("first"))
		r.OnClose(func() { panic("the second is broken") })
		r.OnClose(note("third"))
		r.OnClose(func() { r.OnClose(note("late")) })
		return r, nil
	})
	app.TeardownRequest(func(*decant.Context, error) { note("teardown")() })
	mustAnswer(t, get(app, "/"), 200, "x")
	if diff := cmp.Diff([]string{"stream", "teardown", "first", "third", "late"}, steps); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	log.mustContain(t, "Closing the answer panicked", "the second is broken", "stack=")
}

func TestABodyThatIsNotAllowedIsClosedUnsent(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		status int
	}{
		"HEAD": {"HEAD", 200},
		"204":  {"GET", 204},
		"304":  {"GET", 304},
	} {
		closed, read := 0, false
		body := readerFunc(func([]byte) (int, error) { read = true; return 0, io.EOF })
		app, log := appWith(func(context *decant.Context) (any, error) {
			r := context.MakeResponse(body, c.status)
			r.OnClose(func() { closed++ })
			return r, nil
		})
		mustAnswer(t, send(app, c.method, "/", ""), c.status, "")
		if closed != 1 || read {
			t.Errorf("%s: closed %d times, read: %v", name, closed, read)
		}
		log.mustBeEmpty(t)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestOnCloseRunsForAnAnswerThatIsNotSent(t *testing.T) {
	closed := false
	app, _ := appWith(func(c *decant.Context) (any, error) {
		c.MakeResponse("abandoned").OnClose(func() { closed = true })
		return nil, errors.New("the view is broken")
	})
	mustFail(t, get(app, "/"))
	if !closed {
		t.Error("the function did not run")
	}
}

func TestTheRequestCanBeUsedWhileItIsStreamed(t *testing.T) {
	user := decant.NewG[string]("user")
	app, log := appWith(func(c *decant.Context) (any, error) {
		user.Set(c, "ann")
		return func(yield func(string) bool) {
			_ = yield(user.Get(c)) && yield(c.Request.Args.Get("q")) && yield(c.Session.String("user"))
		}, nil
	})
	w := get(app, "/?q=-", "Cookie", signedSession(t, testKey, map[string]any{"user": "bob"}))
	mustAnswer(t, w, 200, "ann-bob")
	if vary := w.Header().Get("Vary"); vary != "" {
		t.Errorf("Vary is %q, although the headers were sent before the session was read", vary)
	}
	log.mustBeEmpty(t)
}

// unreadLimit is how many bytes of an unread body net/http reads by itself before
// it closes the connection.
const unreadLimit = 256 << 10

// net/http throws up to 256 KiB of a body away when the answer begins.
func TestAStreamReadsTheRequestsBodyLate(t *testing.T) {
	t.Parallel()
	streams := map[string]func(r *decant.Request) any{
		"form": func(r *decant.Request) any {
			return func(yield func(string) bool) { _ = yield("a=") && yield(r.Form.Get("a")) }
		},
		"data": func(r *decant.Request) any {
			return func(w io.Writer) error {
				http.NewResponseController(w.(http.ResponseWriter)).Flush()
				data, err := r.Data()
				w.Write(data)
				return err
			}
		},
		"reader": func(r *decant.Request) any { return io.MultiReader(strings.NewReader(""), r.Body) },
		"unread": func(*decant.Request) any { return func(yield func(string) bool) { yield("a=x") } },
	}
	enough := map[string]int{"form": 1 << 30, "data": 1 << 30, "reader": 1 << 30, "unread": 3}
	for name, stream := range streams {
		app, log := newTestApp()
		app.Config.MaxFormMemorySize = 0
		app.Post("/", func(c *decant.Context) (any, error) { return stream(c.Request), nil }, decant.Endpoint("stream"))
		server := httptest.NewServer(app)
		for _, size := range []int{1, unreadLimit - 3, unreadLimit - 2, unreadLimit - 1, 2*unreadLimit + 1} {
			form := "a=" + strings.Repeat("x", size)
			for _, source := range []io.Reader{strings.NewReader(form), struct{ io.Reader }{strings.NewReader(form)}} {
				response, err := server.Client().Post(server.URL, formType, source)
				if err != nil {
					t.Fatalf("%s, %d: %v", name, size, err)
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if want := min(len(form), enough[name]); len(body) != want || err != nil {
					t.Errorf("%s, %d, %T: got %d bytes: %v", name, size, source, len(body), err)
				}
			}
		}
		server.Close()
		log.mustBeEmpty(t)
	}
}

// A client that goes is noticed only once its whole request was read.
func TestAStreamThatLeavesTheBodyAloneSeesItsClientGo(t *testing.T) {
	t.Parallel()
	stopped := make(chan error, 1)
	app, _ := newTestApp()
	app.Post("/", waiting(stopped, func(c *decant.Context) { <-c.Done() }), decant.Endpoint("stream"))
	server := httptest.NewServer(app)
	defer server.Close()
	response, err := server.Client().Post(server.URL, "text/plain", strings.NewReader("unread"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	<-stopped
}

func TestASessionIsNotChangedAfterItWasSent(t *testing.T) {
	cookie := signedSession(t, testKey, map[string]any{"user": "ann"})
	for want, change := range map[string]func(*decant.Session){
		`Session.Set("cart")`:       func(s *decant.Session) { s.Set("cart", 1) },
		`Session.Pop("user")`:       func(s *decant.Session) { s.Pop("user") },
		`Session.Set("_permanent")`: func(s *decant.Session) { s.SetPermanent(true) },
		"Session.Clear()":           (*decant.Session).Clear,
	} {
		advice := "change it before the view returns"
		t.Run(want, func(t *testing.T) {
			app, log := appWith(func(c *decant.Context) (any, error) {
				return func(w io.Writer) error { change(c.Session); return nil }, nil
			})
			aborts(t, app, "Cookie", cookie)
			log.mustContain(t, want, advice)

			app, log = appWith(hello)
			app.TeardownRequest(func(c *decant.Context, _ error) { change(c.Session) })
			mustAnswer(t, get(app, "/", "Cookie", cookie), 200, "Hello")
			log.mustContain(t, "A teardown function panicked", want, advice)
		})
	}
}

// aborts checks that the connection is cut.
func aborts(t *testing.T, app *decant.App, headers ...string) {
	t.Helper()
	if value := panicOf(t, func() { get(app, "/", headers...) }); value != http.ErrAbortHandler {
		t.Errorf("the panic is %v", value)
	}
}

// connection is a client that speaks HTTP by hand to a server of its own, both
// of which write their complaints to one log.
type connection struct {
	net.Conn
	server *httptest.Server
	log    *journal
}

func connect(t *testing.T, app *decant.App, log *journal) *connection {
	t.Helper()
	server := httptest.NewUnstartedServer(app)
	server.Config.ErrorLog = slog.NewLogLogger(log, slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n")
	return &connection{conn, server, log}
}

// answer reads all that the server sends, which ends the connection.
func (c *connection) answer(t *testing.T) (response *http.Response, body string, err error) {
	t.Helper()
	response, err = http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return nil, "", err
	}
	data, err := io.ReadAll(response.Body)
	return response, string(data), err
}

// mustGoOn checks that the server answers others.
func (c *connection) mustGoOn(t *testing.T) {
	t.Helper()
	answer, err := http.Get(c.server.URL + "/alive")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); string(body) != "alive" || err != nil {
		t.Errorf("the server answers %q (%v)", body, err)
	}
}

// mustHaveLogged checks that there is one entry for each text, and no other.
func (c *connection) mustHaveLogged(t *testing.T, entries ...string) {
	t.Helper()
	c.log.mustContain(t, entries...)
	if len(c.log.entries) != len(entries) {
		t.Errorf("%d log entries, want %d:\n%s", len(c.log.entries), len(entries), c.log.text())
	}
}

func TestFaultsOfAnAnswer(t *testing.T) {
	pieces := func(after func(yield func(string) bool)) any {
		return func(yield func(string) bool) {
			_ = yield("one,") && yield("two")
			after(yield)
		}
	}
	broken := func(func(string) bool) { panic("it is broken") }
	for name, c := range map[string]struct {
		answer func(*decant.Context) (any, error)
		status int // 0: cut before the headers
		body   string
		isCut  bool
		log    []string
	}{
		"panic before": {
			answer: func(*decant.Context) (any, error) { panic("it is broken") },
			status: 500, body: serverErrorPage, log: []string{"it is broken"},
		},
		"panic in the middle": {
			answer: func(*decant.Context) (any, error) { return pieces(broken), nil },
			status: 200, body: "one,two", isCut: true, log: []string{"it is broken"},
		},
		"abort in the middle": {
			answer: func(*decant.Context) (any, error) {
				return pieces(func(func(string) bool) { decant.Abort(403) }), nil
			},
			status: 200, body: "one,two", isCut: true, log: []string{"403 Forbidden"},
		},
		"panic after": {
			answer: func(c *decant.Context) (any, error) {
				r := c.MakeResponse(pieces(func(func(string) bool) {}))
				r.OnClose(func() { panic("it is broken") })
				return r, nil
			},
			status: 200, body: "one,two", log: []string{"it is broken"},
		},
		"handler that panics": {
			answer: func(*decant.Context) (any, error) {
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("it is broken") }), nil
			},
			isCut: true, log: []string{"it is broken"},
		},
		"handler that gives up": {
			answer: func(*decant.Context) (any, error) {
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), nil
			},
			isCut: true,
		},
		"handler that hijacks": {
			answer: func(*decant.Context) (any, error) { return http.HandlerFunc(hijack), nil },
			status: 200, body: "mine",
		},
		"handler that hijacks and panics": {
			answer: func(*decant.Context) (any, error) {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					hijack(w, r)
					panic("it is broken")
				}), nil
			},
			status: 200, body: "mine", log: []string{"it is broken"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(c.answer)
			app.Get("/alive", func(*decant.Context) (any, error) { return "alive", nil }, decant.Endpoint("alive"))
			over := make(chan struct{}, 2)
			app.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() { over <- struct{}{} }()
					next.ServeHTTP(w, r)
				})
			})
			client := connect(t, app, log)
			response, body, err := client.answer(t)
			<-over
			if (err != nil) != c.isCut {
				t.Errorf("the client is told %v", err)
			}
			if response != nil && (response.StatusCode != c.status || body != c.body) || response == nil && c.status != 0 {
				t.Errorf("got %v %q, want %d %q", response, body, c.status, c.body)
			}
			client.mustGoOn(t)
			client.mustHaveLogged(t, c.log...)
		})
	}
}

func hijack(w http.ResponseWriter, _ *http.Request) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine")
	buffer.Flush()
}

// waiting streams until the client is gone, and says when that was noticed.
func waiting(stopped chan<- error, end func(*decant.Context)) decant.View {
	return func(c *decant.Context) (any, error) {
		return func(yield func(string) bool) {
			defer end(c)
			for yield("more ") {
			}
			<-c.Done()
			stopped <- c.Err()
		}, nil
	}
}

func TestAClientThatIsGoneStopsTheStream(t *testing.T) {
	stopped := make(chan error, 1)
	app, log := appWith(waiting(stopped, func(*decant.Context) {}))
	app.Get("/alive", func(*decant.Context) (any, error) { return "alive", nil }, decant.Endpoint("alive"))
	closed := make(chan error, 1)
	app.TeardownRequest(func(c *decant.Context, err error) {
		if c.Request.Path() == "/" {
			closed <- err
		}
	})
	client := connect(t, app, log)
	if _, err := io.ReadFull(client, make([]byte, 200)); err != nil {
		t.Fatal(err)
	}
	client.Close()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ends with %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("the teardown function is told %v", err)
	}
	client.mustGoOn(t)
	client.mustHaveLogged(t)
}

func TestAPanicIsLoggedThoughTheClientIsGone(t *testing.T) {
	stopped, over := make(chan error, 1), make(chan error, 1)
	app, log := appWith(waiting(stopped, func(*decant.Context) { panic("it is broken") }))
	app.Get("/alive", func(*decant.Context) (any, error) { return "alive", nil }, decant.Endpoint("alive"))
	app.TeardownRequest(func(c *decant.Context, err error) {
		if c.Request.Path() == "/" {
			over <- err
		}
	})
	client := connect(t, app, log)
	client.Close()
	<-stopped
	if err := <-over; err == nil {
		t.Error("the teardown function was not told")
	}
	client.mustGoOn(t)
	client.mustHaveLogged(t, "it is broken")
}

// brokenWriter is a server's writer whose connection fails.
type brokenWriter struct {
	discard
	err error
}

func (w brokenWriter) Write([]byte) (int, error)         { return 0, w.err }
func (w brokenWriter) WriteString(string) (int, error)   { return 0, w.err }
func (w brokenWriter) ReadFrom(io.Reader) (int64, error) { return 0, w.err }

func TestAClientThatIsGoneIsNoError(t *testing.T) {
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000}
	other := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40001}
	for name, c := range map[string]struct {
		err      error
		isLogged bool
	}{
		"pipe":          {&net.OpError{Op: "write", Source: local, Err: os.NewSyscallError("write", syscall.EPIPE)}, false},
		"reset":         {&net.OpError{Op: "readfrom", Source: local, Err: os.NewSyscallError("sendfile", syscall.ECONNRESET)}, false},
		"another place": {&net.OpError{Op: "read", Source: other, Err: os.NewSyscallError("read", syscall.ECONNRESET)}, true},
		"no place":      {syscall.EPIPE, true},
		"disk":          {&net.OpError{Op: "readfrom", Source: local, Err: syscall.EIO}, true},
	} {
		app, log := appWith(func(c *decant.Context) (any, error) { return strings.NewReader("text"), nil })
		r := httptest.NewRequest("GET", "/", nil)
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		if value := raised(func() { app.ServeHTTP(brokenWriter{discard{http.Header{}}, c.err}, r) }); value != http.ErrAbortHandler {
			t.Errorf("%s: the request ends with %v", name, value)
		}
		if isLogged := log.text() != ""; isLogged != c.isLogged {
			t.Errorf("%s: the log is %q", name, log.text())
		}
	}
}
