package tests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestLoggerCarriesTheRequest(t *testing.T) {
	var id string
	app, log := appWith(func(c *decant.Context) (any, error) {
		id = c.RequestID()
		c.Logger().Info("logged in", "user", "ann")
		c.Logger().Info("again")
		return nil, errors.New("broken")
	})
	send(app, "POST", "/?secret=1", "")
	if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(id) {
		t.Errorf("the id is %q", id)
	}
	lines := strings.Split(log.text(), "\n")
	if len(lines) != 3 {
		t.Fatalf("the log is\n%s", log.text())
	}
	for i, begin := range []string{"INFO logged in user=ann", "INFO again", "ERROR Exception on / [POST] error=broken"} {
		if want := begin + " request_id=" + id + " method=POST path=/"; lines[i] != want {
			t.Errorf("entry %d is %q, and should be %q", i, lines[i], want)
		}
	}
}

func TestRequestID(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := []struct {
		sent     string
		trusting bool
		believed bool
	}{
		{"f3b8-41", false, false},
		{"f3b8-41", true, true},
		{"Root=1-67891233-abcdef012345678912345678", true, true},
		{"a_b.c:d;e+f/g@h", true, true},
		{long, true, true},
		{long + "a", true, false},
		{"", true, false},
		{"a b", true, false},
		{"a\"b", true, false},
		{"a\nb", true, false},
		{"<b>", true, false},
		{"é", true, false},
		{"a\x00", true, false},
	}
	for _, test := range tests {
		var first, second string
		app, _ := appWith(func(c *decant.Context) (any, error) {
			first, second = c.RequestID(), c.RequestID()
			return "", nil
		})
		app.Config.TrustRequestID = test.trusting
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Request-Id"] = []string{test.sent}
		app.ServeHTTP(httptest.NewRecorder(), r)
		if first != second || first == "" || (first == test.sent) != test.believed {
			t.Errorf("%q, trusting %v: the id is %q, then %q", test.sent, test.trusting, first, second)
		}
	}
}

// A path is the client's text. Handlers that write messages as they are must
// not be made to write a line that never happened (gin CVE-2020-36567).
func TestNoLogLineCanBeForged(t *testing.T) {
	var written bytes.Buffer
	standard := log.New(&written, "", 0)
	app := decant.New("test")
	app.Logger = slog.New(plainHandler{standard, slog.NewTextHandler(standard.Writer(), nil)})
	app.BeforeRequest(func(*decant.Context) (any, error) { return nil, errors.New("broken") })
	app.Use(decant.AccessLog(app.Logger))
	for _, target := range []string{"/a%0aERROR%20forged", "/a%0d%0aERROR forged", "/%1b[31mred", "/%e2%80%a8ERROR forged", "/\"%20200%20-"} {
		written.Reset()
		r := httptest.NewRequest("GET", "/", nil)
		r.RequestURI = target
		r.URL.Path, _ = url.PathUnescape(target)
		app.ServeHTTP(httptest.NewRecorder(), r)
		for _, line := range strings.Split(strings.TrimSuffix(written.String(), "\n"), "\n") {
			if !strings.HasPrefix(line, "Exception on ") && !strings.HasPrefix(line, "192.0.2.1 - - [") {
				t.Errorf("%q made the line %q", target, line)
			}
		}
		if strings.ContainsAny(written.String(), "\r\x1b\u2028") || strings.Count(written.String(), "\n") != 2 {
			t.Errorf("%q is logged as it is: %q", target, written.String())
		}
	}
}

// plainHandler writes messages without quotes, as slog's default handler does.
type plainHandler struct {
	out *log.Logger
	slog.Handler
}

func (h plainHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h plainHandler) Handle(_ context.Context, record slog.Record) error {
	h.out.Print(record.Message)
	return nil
}

// The log is read by many, and kept for long.
func TestSecretsAreNotLogged(t *testing.T) {
	const secret = "hunter2-geheim"
	app, log := newTestApp()
	app.Config.SecretKey = secret
	app.Config.MaxCookieSize = 10
	app.Config.Debug = true
	app.Use(decant.AccessLog(app.Logger))
	app.Post("/<ending>", func(c *decant.Context) (any, error) {
		c.Session.Set("password", secret)
		c.Logger().Info("working", "field", c.Request.Form.Get("name"))
		switch c.Param("ending") {
		case "panic":
			panic("broken")
		case "error":
			return nil, errors.New("broken")
		case "key":
			_, err := c.Request.Form.Require("missing")
			return nil, err
		}
		c.MakeResponse("").SetCookie("token", secret)
		return "ok", nil
	}, decant.Endpoint("view"))
	for _, ending := range []string{"panic", "error", "key", "ok"} {
		r := httptest.NewRequest("POST", "/"+ending, strings.NewReader("password="+secret+"&name=ann"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Cookie", "session="+secret+"; other="+secret)
		r.Header.Set("X-Api-Key", secret)
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
	if strings.Contains(log.text(), "hunter2") {
		t.Errorf("the log holds the secret:\n%s", log.text())
	}
	log.mustContain(t, "working", "stack=goroutine", "the session cookie is too large", "a cookie is too large", `"POST /ok HTTP/1.1" 200 -`)
}

func TestAccessLog(t *testing.T) {
	answers := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		change  func(*http.Request)
		want    string
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
		{"text", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hi")); w.WriteHeader(404) }, nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
		{"status", answers(404), nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 404 -`},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 201 -`},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" - -`},
		{"cut later", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(206); panic(http.ErrAbortHandler) }, nil, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 206 -`},
		{"IPv6", answers(200), func(r *http.Request) { r.RemoteAddr = "[::1]:5000" }, `::1 - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
		{"from a proxy", answers(200), func(r *http.Request) { r.RemoteAddr = "203.0.113.7" }, `203.0.113.7 - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
		{"odd address", answers(200), func(r *http.Request) { r.RemoteAddr = "a\nb" }, `"a\nb" - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
		{"odd path", answers(200), func(r *http.Request) { r.RequestURI = "/\"\xff\x1b\\" }, `192.0.2.1 - - [] "GET /\"\xff\x1b\\ HTTP/1.1" 200 -`},
		{"no server", answers(200), func(r *http.Request) { r.RequestURI = "" }, `192.0.2.1 - - [] "GET /x?a=%20b HTTP/1.1" 200 -`},
	}
	date := regexp.MustCompile(`\[\d\d/[A-Z][a-z][a-z]/\d{4} \d\d:\d\d:\d\d\]`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := new(journal)
			handler := decant.AccessLog(slog.New(log))(test.handler)
			r := httptest.NewRequest("GET", "/x?a=%20b", nil)
			if test.change != nil {
				test.change(r)
			}
			func() {
				defer func() { recover() }()
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}()
			line, duration, _ := strings.Cut(log.text(), " duration=")
			if got := date.ReplaceAllString(line, "[]"); got != "INFO "+test.want {
				t.Errorf("the line is\n%s, and should be\n%s", got, "INFO "+test.want)
			}
			if duration == "" {
				t.Error("it does not say how long that took")
			}
		})
	}
}

// fullWriter can do what net/http's writer can, and notes what it was asked.
type fullWriter struct {
	*httptest.ResponseRecorder
	asked []string
}

func (w *fullWriter) ReadFrom(body io.Reader) (int64, error) {
	w.asked = append(w.asked, "ReadFrom")
	return io.Copy(w.ResponseRecorder, body)
}

func (w *fullWriter) WriteString(text string) (int, error) {
	w.asked = append(w.asked, "WriteString")
	return w.ResponseRecorder.WriteString(text)
}

func (w *fullWriter) SetWriteDeadline(time.Time) error {
	w.asked = append(w.asked, "SetWriteDeadline")
	return nil
}

func (w *fullWriter) Flush() { w.asked = append(w.asked, "Flush") }

// The middleware must not cost an application what the server can do: a file
// is sent by the system only if the server's own ReadFrom gets to see it.
func TestAccessLogKeepsTheWriter(t *testing.T) {
	app, log := newTestApp()
	app.Use(decant.AccessLog(app.Logger))
	app.Get("/file", func(*decant.Context) (any, error) { return os.Open("../go.mod") }, decant.Endpoint("file"))
	app.Get("/text", hello)
	app.Get("/stream", decant.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		controller := http.NewResponseController(w)
		if err := errors.Join(controller.SetWriteDeadline(time.Time{}), controller.Flush()); err != nil {
			panic(err)
		}
		w.(http.Flusher).Flush()
	})), decant.Endpoint("stream"))
	for path, want := range map[string][]string{
		"/file":   {"ReadFrom"},
		"/text":   {"WriteString"},
		"/stream": {"SetWriteDeadline", "Flush", "Flush"},
	} {
		w := &fullWriter{ResponseRecorder: httptest.NewRecorder()}
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if diff := cmp.Diff(want, w.asked); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		log.mustContain(t, `"GET `+path+` HTTP/1.1" 200 -`)
	}
}

func TestAccessLogSeesWhatProxyFixMade(t *testing.T) {
	app, log := appWith(hello)
	app.Use(decant.ProxyFix(decant.Hops{For: 1}))
	app.Use(decant.AccessLog(app.Logger))
	get(app, "/", "X-Forwarded-For", "203.0.113.7")
	log.mustContain(t, "203.0.113.7 - - [")
}

func TestAccessLogOfAConnectionTakenOver(t *testing.T) {
	app, log := newTestApp()
	app.Get("/socket", decant.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n")
		connection.Close()
	})), decant.Endpoint("socket"))
	done := make(chan bool)
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			next.ServeHTTP(w, r)
		})
	})
	app.Use(decant.AccessLog(app.Logger))
	server := httptest.NewServer(app)
	defer server.Close()
	response, err := http.Get(server.URL + "/socket")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	<-done
	log.mustContain(t, `"GET /socket HTTP/1.1" 101 -`)
}

// A panic is a mistake in the program. A full disk, a store that is down, and a
// client that goes away are not, wherever in a request they show.
func TestErrorsOfTheClientAndTheDiskAreNoPanics(t *testing.T) {
	form := func(c *decant.Context) { c.Request.Form.Get("a") }
	session := func(c *decant.Context) { c.Session.Get("user") }
	places := map[string]func(*decant.App, func(*decant.Context)){
		"view": func(app *decant.App, touch func(*decant.Context)) {
			app.Post("/", func(c *decant.Context) (any, error) { touch(c); return "touched", nil }, decant.Endpoint("view"))
		},
		"template": func(app *decant.App, touch func(*decant.Context)) {
			app.Post("/", func(c *decant.Context) (any, error) {
				return c.RenderString("{{ touch() }}", decant.H{"touch": func() string { touch(c); return "" }})
			}, decant.Endpoint("view"))
		},
		"stream": func(app *decant.App, touch func(*decant.Context)) {
			app.Post("/", func(c *decant.Context) (any, error) {
				return func(yield func(string) bool) { touch(c) }, nil
			}, decant.Endpoint("view"))
		},
		"teardown": func(app *decant.App, touch func(*decant.Context)) {
			app.Post("/", hello)
			app.TeardownRequest(func(c *decant.Context, _ error) { touch(c) })
		},
	}
	for name, c := range map[string]struct {
		touch func(*decant.Context)
		body  string
		end   error
		want  string
	}{
		"the disk":   {form, upload("f", "f.bin", strings.Repeat("x", 2<<20)), io.EOF, "reading the form for endpoint"},
		"the client": {form, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n", io.ErrUnexpectedEOF, ""},
		"the store":  {session, "", io.EOF, "the session cannot be opened: no store"},
	} {
		for place, register := range places {
			t.Run(name+" in the "+place, func(t *testing.T) {
				t.Setenv("TMPDIR", "/nowhere")
				app, log := newTestApp()
				app.SessionInterface = &countedSessions{open: errors.New("no store")}
				register(app, c.touch)
				r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(c.body), iotest.ErrReader(c.end)))
				r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
				raised(func() { app.ServeHTTP(httptest.NewRecorder(), r) })
				if text := log.text(); strings.Contains(text, "panic: ") || strings.Contains(text, "panicked") || !strings.Contains(text, c.want) {
					t.Errorf("the log is\n%s", text)
				}
			})
		}
	}
}

// standardLog lets the standard log write to a buffer.
func standardLog(t *testing.T) *bytes.Buffer {
	t.Helper()
	written := new(bytes.Buffer)
	restored := slog.Default()
	log.SetOutput(written)
	t.Cleanup(func() {
		slog.SetDefault(restored)
		log.SetOutput(os.Stderr)
		log.SetFlags(log.LstdFlags)
	})
	return written
}

func breaksOnPurpose(*decant.Context) (any, error) { panic("on purpose") }

// In debug mode a stack is as readable as Flask's traceback.
func TestADeveloperReadsTheStack(t *testing.T) {
	written := standardLog(t)
	app := decant.New("shop")
	app.Config.Debug = true
	app.Get("/", breaksOnPurpose)
	get(app, "/")
	lines := strings.Split(written.String(), "\n")
	if !regexp.MustCompile(`^\S+ \S+ ERROR Exception on / \[GET\] request_id=\S+ method=GET path=/ error="panic: on purpose"$`).MatchString(lines[0]) {
		t.Errorf("the entry is %q", lines[0])
	}
	for i, want := range []string{`^\S+ \S+ The stack of this error:$`, `^    github\.com/decant-go/decant/tests\.breaksOnPurpose$`, `^        .+/logging_test\.go:\d+$`, `^            func breaksOnPurpose.*panic\("on purpose"\)`} {
		if !regexp.MustCompile(want).MatchString(lines[i+1]) {
			t.Errorf("line %d of the stack is %q, want %s", i+1, lines[i+1], want)
		}
	}
}

// A log that machines read, or that the program has configured, stays structured.
func TestALogForMachinesStaysStructured(t *testing.T) {
	for name, change := range map[string]func(*decant.App, *bytes.Buffer){
		"in production": func(*decant.App, *bytes.Buffer) {},
		"a Logger of its own": func(app *decant.App, out *bytes.Buffer) {
			app.Config.Debug = true
			app.Logger = slog.New(slog.NewTextHandler(out, nil))
		},
		"a default of slog": func(app *decant.App, out *bytes.Buffer) {
			app.Config.Debug = true
			slog.SetDefault(slog.New(slog.NewTextHandler(out, nil)))
		},
		"set after the first": func(app *decant.App, out *bytes.Buffer) {
			app.Config.Debug = true
			get(app, "/nothing")
			slog.SetDefault(slog.New(slog.NewTextHandler(out, nil)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			written := standardLog(t)
			app := decant.New("shop")
			app.Config.Debug = false
			app.Get("/", breaksOnPurpose)
			change(app, written)
			get(app, "/")
			if text := written.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `stack="goroutine `) {
				t.Errorf("the log is\n%s", text)
			}
		})
	}
}
