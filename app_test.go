package decant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// journal keeps what an application logs.
type journal struct {
	mutex   sync.Mutex
	entries []string
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithGroup(string) slog.Handler            { return j }

func (j *journal) WithAttrs(attributes []slog.Attr) slog.Handler {
	return journalOf{j, attributes}
}

func (j *journal) Handle(_ context.Context, record slog.Record) error {
	var entry strings.Builder
	fmt.Fprintf(&entry, "%s %s", record.Level, record.Message)
	record.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&entry, " %s=%v", a.Key, a.Value)
		return true
	})
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.entries = append(j.entries, entry.String())
	return nil
}

// journalOf is a journal whose entries end in the same attributes.
type journalOf struct {
	*journal
	attributes []slog.Attr
}

func (j journalOf) WithAttrs(attributes []slog.Attr) slog.Handler {
	return journalOf{j.journal, slices.Concat(j.attributes, attributes)}
}

func (j journalOf) Handle(c context.Context, record slog.Record) error {
	record.AddAttrs(j.attributes...)
	return j.journal.Handle(c, record)
}

// text is all that was logged.
func (j *journal) text() string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return strings.Join(j.entries, "\n")
}

func (j *journal) mustContain(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(j.text(), part) {
			t.Errorf("the log lacks %q:\n%s", part, j.text())
		}
	}
}

func (j *journal) mustBeEmpty(t *testing.T) {
	t.Helper()
	if text := j.text(); text != "" {
		t.Errorf("the log holds:\n%s", text)
	}
}

// newTestApp returns an application with the secret key "dev", and its log.
func newTestApp() (*App, *journal) {
	app, log := New("test"), new(journal)
	app.Config.SecretKey = "dev"
	app.Logger = slog.New(log)
	return app, log
}

// appWith is newTestApp with one view at "/", for GET and POST.
func appWith(view View) (*App, *journal) {
	app, log := newTestApp()
	app.Route("/", view, Methods("GET", "POST"), Endpoint("view"))
	return app, log
}

func hello(*Context) (any, error) { return "Hello", nil }

// get sends a GET request; headers are names and values in turn.
func get(app http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	return send(app, http.MethodGet, target, "", headers...)
}

func send(app http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

const (
	formType        = "application/x-www-form-urlencoded"
	serverErrorPage = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n"
)

func mustAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if diff := cmp.Diff(body, w.Body.String()); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// mustFail checks that the answer is one whole 500 page and nothing else.
func mustFail(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	mustAnswer(t, w, http.StatusInternalServerError, serverErrorPage)
}

// panicOf returns what run panics with.
func panicOf(t *testing.T, run func()) (value any) {
	t.Helper()
	defer func() {
		if value = recover(); value == nil {
			t.Error("there was no panic")
		}
	}()
	run()
	return nil
}

// mustPanic checks that run panics with a message that has all parts.
func mustPanic(t *testing.T, run func(), parts ...string) {
	t.Helper()
	message := fmt.Sprint(panicOf(t, run))
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("the panic says %q and lacks %q", message, part)
		}
	}
}

// traced is an application whose hooks note their names, with the views that
// the tests of the order need.
func traced(steps *[]string) *App {
	app, _ := newTestApp()
	note := func(step string) { *steps = append(*steps, step) }
	for _, n := range []string{"1", "2"} {
		app.BeforeRequest(func(*Context) (any, error) { note("before " + n); return nil, nil })
		app.AfterRequest(func(*Context, *Response) error { note("after " + n); return nil })
		app.TeardownRequest(func(_ *Context, err error) { note(fmt.Sprint("teardown ", n, " ", err)) })
	}
	app.SessionInterface = tracedSessions{note}
	app.Get("/", func(c *Context) (any, error) {
		note("view")
		c.AfterThisRequest(func(*Response) {
			note("deferred 1")
			c.AfterThisRequest(func(*Response) { note("deferred 3") })
		})
		c.AfterThisRequest(func(*Response) { note("deferred 2") })
		c.Session.Set("a", 1)
		return "x", nil
	}, Endpoint("index"))
	app.Get("/fails", func(c *Context) (any, error) {
		note("view")
		return nil, errors.New("broken")
	}, Endpoint("fails"))
	app.Get("/folder/", hello, Endpoint("folder"))
	return app
}

// tracedSessions notes when a session is opened and saved.
type tracedSessions struct{ note func(string) }

func (s tracedSessions) Open(*Context) (map[string]any, error) {
	s.note("open")
	return nil, nil
}

func (s tracedSessions) Save(*Context, *Session, *Response) error {
	s.note("save")
	return nil
}

func TestEverythingRunsInFlasksOrder(t *testing.T) {
	hooksOnly := []string{"before 1", "before 2", "after 2", "after 1", "teardown 2 <nil>", "teardown 1 <nil>"}
	for _, c := range []struct {
		method, target string
		status         int
		want           []string
	}{
		{"GET", "/", 200, []string{
			"before 1", "before 2", "view", "open", "deferred 1", "deferred 2", "deferred 3",
			"after 2", "after 1", "save", "teardown 2 <nil>", "teardown 1 <nil>"}},
		{"GET", "/fails", 500, []string{"before 1", "before 2", "view", "after 2", "after 1", "teardown 2 broken", "teardown 1 broken"}},
		{"GET", "/nowhere", 404, hooksOnly},
		{"POST", "/", 405, hooksOnly},
		{"GET", "/folder", 308, hooksOnly},
		{"OPTIONS", "/", 200, hooksOnly},
	} {
		t.Run(c.method+c.target, func(t *testing.T) {
			var steps []string
			if w := send(traced(&steps), c.method, c.target, ""); w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if diff := cmp.Diff(c.want, steps); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestABeforeHookThatAnswersEndsTheHooksAndSkipsTheView(t *testing.T) {
	app, _ := appWith(func(*Context) (any, error) { t.Error("the view ran"); return "", nil })
	app.BeforeRequest(func(*Context) (any, error) { return "early", nil })
	app.BeforeRequest(func(*Context) (any, error) { t.Error("the second hook ran"); return nil, nil })
	app.AfterRequest(func(_ *Context, r *Response) error { r.Header().Set("X-After", "1"); return nil })
	w := get(app, "/")
	mustAnswer(t, w, 200, "early")
	if w.Header().Get("X-After") != "1" {
		t.Error("the after-request function did not run")
	}
	mustAnswer(t, get(app, "/nowhere"), 200, "early")
}

func TestAnAfterHookMayReplaceWhatTheViewMade(t *testing.T) {
	app, _ := appWith(hello)
	app.AfterRequest(func(c *Context, r *Response) error {
		*r = *c.MakeResponse(H{"replaced": true}, 202)
		return nil
	})
	mustAnswer(t, get(app, "/"), 202, "{\"replaced\":true}\n")
}

func TestADeferredCookieIsSetBeforeThereIsAResponse(t *testing.T) {
	for _, target := range []string{"/?language=de", "/nowhere?language=de"} {
		app, log := appWith(hello)
		app.BeforeRequest(func(c *Context) (any, error) {
			language := c.Request.Args.Get("language")
			c.AfterThisRequest(func(r *Response) { r.SetCookie("language", language) })
			return nil, nil
		})
		w := get(app, target)
		if diff := cmp.Diff([]string{"language=de; Path=/"}, w.Result().Header["Set-Cookie"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
		log.mustBeEmpty(t)
	}
}

func TestDeferredFunctionsRunAgainOnTheErrorPage(t *testing.T) {
	app, _ := appWith(func(c *Context) (any, error) {
		c.AfterThisRequest(func(r *Response) { r.Header().Set("X-Deferred", "1") })
		return nil, errors.New("broken")
	})
	w := get(app, "/")
	mustFail(t, w)
	if w.Header().Get("X-Deferred") != "1" {
		t.Error("the error page lacks the header")
	}
}

func TestTeardownFunctionsAllRunWhateverOneDoes(t *testing.T) {
	app, log := appWith(hello)
	ran := 0
	for range 2 {
		app.TeardownRequest(func(*Context, error) { ran++; panic("torn") })
	}
	mustAnswer(t, get(app, "/"), 200, "Hello")
	if ran != 2 {
		t.Errorf("%d teardown functions ran, want 2", ran)
	}
	log.mustContain(t, "A teardown function panicked", "panic: torn")
}

func TestMiddlewareWrapsEverythingTheFirstOutermost(t *testing.T) {
	app, _ := appWith(hello)
	for _, name := range []string{"outer", "inner"} {
		app.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("X-Wrapped", name)
				next.ServeHTTP(w, r)
			})
		})
	}
	for _, target := range []string{"/", "/nowhere"} {
		if diff := cmp.Diff([]string{"outer", "inner"}, get(app, target).Header()["X-Wrapped"]); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

func TestFallbackTakesWhatNoRuleMatchesAndNothingElse(t *testing.T) {
	app, _ := appWith(hello)
	app.BeforeRequest(func(c *Context) (any, error) { c.Session.Set("hook", true); return nil, nil })
	app.Fallback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "old "+r.URL.Path)
	}))
	w := get(app, "/legacy/page")
	mustAnswer(t, w, 200, "old /legacy/page")
	if w.Header()["Set-Cookie"] != nil {
		t.Error("a hook ran for the fallback")
	}
	mustAnswer(t, get(app, "/"), 200, "Hello")
	if w := send(app, "DELETE", "/", ""); w.Code != 405 {
		t.Errorf("status %d, want 405", w.Code)
	}
}

func TestHandlerMakesAViewOfANetHTTPHandler(t *testing.T) {
	app, _ := newTestApp()
	teapot := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "short and stout")
	})
	app.Get("/", Handler(teapot), Endpoint("teapot"))
	app.AfterRequest(func(_ *Context, r *Response) error { r.Header().Set("X-After", "1"); return nil })
	w := get(app, "/")
	mustAnswer(t, w, http.StatusTeapot, "short and stout")
	want := http.Header{"Content-Type": {"text/plain"}, "X-After": {"1"}}
	if diff := cmp.Diff(want, w.Result().Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func anotherHello(*Context) (any, error) { return "Hello again", nil }

func TestMistakesInRegistrationPanicWithWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		register func(app *App)
		want     []string
	}{
		"function literal": {
			func(app *App) { app.Get("/x", func(*Context) (any, error) { return "", nil }) },
			[]string{`"/x"`, "function literal", `Endpoint("...")`}},
		"two functions for one endpoint": {
			func(app *App) { app.Get("/x", hello); app.Get("/y", anotherHello, Endpoint("hello")) },
			[]string{`"/y"`, `"hello"`, "a second view", "app_test.go:"}},
		"nil view": {
			func(app *App) { app.Get("/x", nil) },
			[]string{`"/x"`, "nil view"}},
		"methods of Get": {
			func(app *App) { app.Get("/x", hello, Methods("POST")) },
			[]string{"Get", `"/x"`, "use Route"}},
		"methods of Delete": {
			func(app *App) { app.Delete("/x", hello, Methods("POST")) },
			[]string{"Delete", "use Route"}},
		"a rule without a slash": {
			func(app *App) { app.Get("x", hello) },
			[]string{`x`, "slash"}},
		"an unknown converter": {
			func(app *App) { app.Get("/<what:x>", hello) },
			[]string{"what"}},
		"a code that is no error": {
			func(app *App) { app.ErrorHandler(302, nil) },
			[]string{"302", "HandleError"}},
		"an unknown code": {
			func(*App) { Abort(999) },
			[]string{"999", "MakeResponse"}},
		"a trusted origin that is none": {
			func(app *App) { app.Config.TrustedOrigins = []string{"example.com"}; get(app, "/") },
			[]string{"TrustedOrigins", "https://app.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newTestApp()
			mustPanic(t, func() { c.register(app) }, c.want...)
		})
	}
}

func TestOneFunctionMayServeSeveralRules(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/a", hello)
	app.Post("/a", hello)
	app.Get("/b", hello)
	for _, request := range [][2]string{{"GET", "/a"}, {"POST", "/a"}, {"GET", "/b"}} {
		mustAnswer(t, send(app, request[0], request[1], ""), 200, "Hello")
	}
}

func TestNothingCanBeRegisteredAfterTheFirstRequest(t *testing.T) {
	for name, register := range map[string]func(app *App){
		"Get":             func(app *App) { app.Get("/x", hello) },
		"Post":            func(app *App) { app.Post("/x", hello) },
		"Put":             func(app *App) { app.Put("/x", hello) },
		"Patch":           func(app *App) { app.Patch("/x", hello) },
		"Delete":          func(app *App) { app.Delete("/x", hello) },
		"Route":           func(app *App) { app.Route("/x", hello) },
		"BeforeRequest":   func(app *App) { app.BeforeRequest(hello) },
		"AfterRequest":    func(app *App) { app.AfterRequest(nil) },
		"TeardownRequest": func(app *App) { app.TeardownRequest(nil) },
		"ErrorHandler":    func(app *App) { app.ErrorHandler(404, nil) },
		"HandleError":     func(app *App) { HandleError[*HTTPError](app, nil) },
		"Use":             func(app *App) { app.Use(nil) },
		"Fallback":        func(app *App) { app.Fallback(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(hello)
			get(app, "/")
			mustPanic(t, func() { register(app) }, name, `"test"`, "first request")
		})
	}
}

func TestDecoratorsRunOutsideIn(t *testing.T) {
	var steps []string
	noting := func(name string) func(View) View {
		return func(view View) View {
			return func(c *Context) (any, error) {
				steps = append(steps, name)
				return view(c)
			}
		}
	}
	app, _ := newTestApp()
	app.Get("/", hello, Decorate(noting("outer"), noting("inner")))
	mustAnswer(t, get(app, "/"), 200, "Hello")
	if !slices.Equal(steps, []string{"outer", "inner"}) {
		t.Errorf("the order is %q", steps)
	}
	if url := app.URLFor("hello", "_external", false); url != "/" {
		t.Errorf("the endpoint lost its name: %q", url)
	}
}

func TestTwoApplicationsShareNothing(t *testing.T) {
	first, firstLog := newTestApp()
	second, secondLog := newTestApp()
	second.Config.SecretKey = "another"
	first.Get("/", func(c *Context) (any, error) { c.Session.Set("who", "first"); return "first", nil }, Endpoint("index"))
	second.Get("/", func(c *Context) (any, error) {
		if c.Session.Len() != 0 {
			t.Error("the second application read the first one's session")
		}
		return nil, errors.New("second is broken")
	}, Endpoint("index"))
	first.ErrorHandler(404, func(*Context, error) (any, error) { return "first's page", nil })
	first.BeforeRequest(func(c *Context) (any, error) {
		if c.App != first {
			t.Error("a hook ran for another application")
		}
		return nil, nil
	})

	w := get(first, "/")
	mustAnswer(t, w, 200, "first")
	mustFail(t, get(second, "/", "Cookie", pairOf(w)))
	mustAnswer(t, get(first, "/nowhere"), 404, "first's page")
	if body := get(second, "/nowhere").Body.String(); !strings.Contains(body, "<title>404 Not Found</title>") {
		t.Errorf("the second application's 404 is %q", body)
	}
	firstLog.mustBeEmpty(t)
	secondLog.mustContain(t, "second is broken")
}

// pairOf is the Cookie header for what an answer set.
func pairOf(w *httptest.ResponseRecorder) string {
	pairs := make([]string, 0, 1)
	for _, line := range w.Result().Header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}

// discard is a writer that costs no allocation.
type discard struct{ header http.Header }

func (d discard) Header() http.Header                { return d.header }
func (discard) WriteHeader(int)                      {}
func (discard) Write(text []byte) (int, error)       { return len(text), nil }
func (discard) WriteString(text string) (int, error) { return len(text), nil }

func allocationsOf(app *App, r *http.Request) float64 {
	w := discard{http.Header{}}
	app.ServeHTTP(w, r)
	return testing.AllocsPerRun(200, func() { app.ServeHTTP(w, r) })
}

func TestAllocationsOfARequest(t *testing.T) {
	app, _ := appWith(hello)
	plain := allocationsOf(app, httptest.NewRequest("GET", "/", nil))
	if plain > 3 {
		t.Errorf("%v allocations for a hello, want 3 at most", plain)
	}
	signer, _ := appWith(func(c *Context) (any, error) { c.Session.Set("user", "ann"); return "", nil })
	withCookie := httptest.NewRequest("GET", "/", nil)
	withCookie.Header.Set("Cookie", pairOf(get(signer, "/")))
	if got := allocationsOf(app, withCookie); got != plain {
		t.Errorf("%v allocations with a session cookie that nobody reads, want %v as without", got, plain)
	}
}
