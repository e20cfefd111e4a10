package tests

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// traced is an application whose hooks note their names, with the views that
// the tests of the order need.
func traced(steps *[]string) *decant.App {
	app, _ := newTestApp()
	note := func(step string) { *steps = append(*steps, step) }
	for _, n := range []string{"1", "2"} {
		app.BeforeRequest(func(*decant.Context) (any, error) { note("before " + n); return nil, nil })
		app.AfterRequest(func(*decant.Context, *decant.Response) error { note("after " + n); return nil })
		app.TeardownRequest(func(_ *decant.Context, err error) { note(fmt.Sprint("teardown ", n, " ", err)) })
	}
	app.SessionInterface = tracedSessions{note}
	app.Get("/", func(c *decant.Context) (any, error) {
		note("view")
		c.AfterThisRequest(func(*decant.Response) {
			note("deferred 1")
			c.AfterThisRequest(func(*decant.Response) { note("deferred 3") })
		})
		c.AfterThisRequest(func(*decant.Response) { note("deferred 2") })
		c.Session.Set("a", 1)
		return "x", nil
	}, decant.Endpoint("index"))
	app.Get("/fails", func(c *decant.Context) (any, error) {
		note("view")
		return nil, errors.New("broken")
	}, decant.Endpoint("fails"))
	app.Get("/folder/", hello, decant.Endpoint("folder"))
	return app
}

// tracedSessions notes when a session is opened and saved.
type tracedSessions struct{ note func(string) }

func (s tracedSessions) Open(*decant.Context) (map[string]any, error) {
	s.note("open")
	return nil, nil
}

func (s tracedSessions) Save(*decant.Context, *decant.Session, *decant.Response) error {
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
	app, _ := appWith(func(*decant.Context) (any, error) { t.Error("the view ran"); return "", nil })
	app.BeforeRequest(func(*decant.Context) (any, error) { return "early", nil })
	app.BeforeRequest(func(*decant.Context) (any, error) { t.Error("the second hook ran"); return nil, nil })
	app.AfterRequest(func(_ *decant.Context, r *decant.Response) error { r.Header().Set("X-After", "1"); return nil })
	w := get(app, "/")
	mustAnswer(t, w, 200, "early")
	if w.Header().Get("X-After") != "1" {
		t.Error("the after-request function did not run")
	}
	mustAnswer(t, get(app, "/nowhere"), 200, "early")
}

func TestAnAfterHookMayReplaceWhatTheViewMade(t *testing.T) {
	app, _ := appWith(hello)
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		*r = *c.MakeResponse(decant.H{"replaced": true}, 202)
		return nil
	})
	mustAnswer(t, get(app, "/"), 202, "{\"replaced\":true}\n")
}

func TestADeferredCookieIsSetBeforeThereIsAResponse(t *testing.T) {
	for _, target := range []string{"/?language=de", "/nowhere?language=de"} {
		app, log := appWith(hello)
		app.BeforeRequest(func(c *decant.Context) (any, error) {
			language := c.Request.Args.Get("language")
			c.AfterThisRequest(func(r *decant.Response) { r.SetCookie("language", language) })
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
	app, _ := appWith(func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.Header().Set("X-Deferred", "1") })
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
		app.TeardownRequest(func(*decant.Context, error) { ran++; panic("torn") })
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
	app.BeforeRequest(func(c *decant.Context) (any, error) { c.Session.Set("hook", true); return nil, nil })
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
	app.Get("/", decant.Handler(teapot), decant.Endpoint("teapot"))
	app.AfterRequest(func(_ *decant.Context, r *decant.Response) error { r.Header().Set("X-After", "1"); return nil })
	w := get(app, "/")
	mustAnswer(t, w, http.StatusTeapot, "short and stout")
	want := http.Header{"Content-Type": {"text/plain"}, "X-After": {"1"}}
	if diff := cmp.Diff(want, w.Result().Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func anotherHello(*decant.Context) (any, error) { return "Hello again", nil }

func TestMistakesInRegistrationPanicWithWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		register func(app *decant.App)
		want     []string
	}{
		"function literal of another function": {
			func(app *decant.App) { app.Get("/x", guarded(hello)) },
			[]string{`"/x"`, "function literal", `Endpoint("...")`}},
		"two functions for one endpoint": {
			func(app *decant.App) { app.Get("/x", hello); app.Get("/y", anotherHello, decant.Endpoint("hello")) },
			[]string{`"/y"`, `"hello"`, "a second view", "app_test.go:"}},
		"nil view": {
			func(app *decant.App) { app.Get("/x", nil) },
			[]string{`"/x"`, "nil view"}},
		"methods of Get": {
			func(app *decant.App) { app.Get("/x", hello, decant.Methods("POST")) },
			[]string{"Get", `"/x"`, "use Route"}},
		"methods of Delete": {
			func(app *decant.App) { app.Delete("/x", hello, decant.Methods("POST")) },
			[]string{"Delete", "use Route"}},
		"a rule without a slash": {
			func(app *decant.App) { app.Get("x", hello) },
			[]string{`x`, "slash"}},
		"an unknown converter": {
			func(app *decant.App) { app.Get("/<what:x>", hello) },
			[]string{"what"}},
		"a code that is no error": {
			func(app *decant.App) { app.ErrorHandler(302, nil) },
			[]string{"302", "HandleError"}},
		"an unknown code": {
			func(*decant.App) { decant.Abort(999) },
			[]string{"999", "MakeResponse"}},
		"a trusted origin that is none": {
			func(app *decant.App) { app.Config.TrustedOrigins = []string{"example.com"}; get(app, "/") },
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
	for name, register := range map[string]func(app *decant.App){
		"Get":             func(app *decant.App) { app.Get("/x", hello) },
		"Post":            func(app *decant.App) { app.Post("/x", hello) },
		"Put":             func(app *decant.App) { app.Put("/x", hello) },
		"Patch":           func(app *decant.App) { app.Patch("/x", hello) },
		"Delete":          func(app *decant.App) { app.Delete("/x", hello) },
		"Route":           func(app *decant.App) { app.Route("/x", hello) },
		"BeforeRequest":   func(app *decant.App) { app.BeforeRequest(hello) },
		"AfterRequest":    func(app *decant.App) { app.AfterRequest(nil) },
		"TeardownRequest": func(app *decant.App) { app.TeardownRequest(nil) },
		"ErrorHandler":    func(app *decant.App) { app.ErrorHandler(404, nil) },
		"HandleError":     func(app *decant.App) { decant.HandleError[*decant.HTTPError](app, nil) },
		"Use":             func(app *decant.App) { app.Use(nil) },
		"Fallback":        func(app *decant.App) { app.Fallback(nil) },
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
	noting := func(name string) func(decant.View) decant.View {
		return func(view decant.View) decant.View {
			return func(c *decant.Context) (any, error) {
				steps = append(steps, name)
				return view(c)
			}
		}
	}
	app, _ := newTestApp()
	app.Get("/", hello, decant.Decorate(noting("outer"), noting("inner")))
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
	first.Get("/", func(c *decant.Context) (any, error) { c.Session.Set("who", "first"); return "first", nil }, decant.Endpoint("index"))
	second.Get("/", func(c *decant.Context) (any, error) {
		if c.Session.Len() != 0 {
			t.Error("the second application read the first one's session")
		}
		return nil, errors.New("second is broken")
	}, decant.Endpoint("index"))
	first.ErrorHandler(404, func(*decant.Context, *decant.HTTPError) (any, error) { return "first's page", nil })
	first.BeforeRequest(func(c *decant.Context) (any, error) {
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

// sessionPair is the cookie of a session of a user, for an application of newTestApp.
func sessionPair(t *testing.T) string {
	t.Helper()
	signer, _ := appWith(func(c *decant.Context) (any, error) { c.Session.Set("user", "ann"); return "", nil })
	return pairOf(get(signer, "/"))
}

func TestAnAnswerIsTheSameWhetherSomebodyObservesItOrNot(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, answer := range map[string]any{
		"text": "Hello", "empty": "", "long": long, "markup": decant.Markup("<b>"), "plain": decant.Text("<b>"), "long plain": decant.Text(long),
		"bytes": []byte("Hello"), "no bytes": []byte(nil), "map": decant.H{"a": 1}, "list": []int{1, 2}, "struct": struct{ A string }{long}, "error": decant.NewHTTPError(404),
		"channel": make(chan int), "bad map": decant.H{"a": make(chan int)}, "nil": nil,
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			answers := map[string]*httptest.ResponseRecorder{}
			for _, way := range []string{"unobserved", "after", "deferred", "signal", "lent"} {
				app, _ := newTestApp()
				app.Route("/", func(c *decant.Context) (any, error) {
					switch way {
					case "deferred":
						c.AfterThisRequest(func(*decant.Response) {})
					case "lent":
						c.MakeResponse("dropped").With("X-Dropped", "1")
					}
					return answer, nil
				}, decant.Methods("GET", "POST"), decant.Endpoint("view"))
				switch way {
				case "after":
					app.AfterRequest(func(*decant.Context, *decant.Response) error { return nil })
				case "signal":
					app.Signals.RequestFinished.Connect(func(*decant.Context, *decant.Response) {})
				}
				answers[way] = send(app, method, "/", "")
			}
			want := answers["after"]
			for way, got := range answers {
				if diff := cmp.Diff(want.Result().Header, got.Result().Header); diff != "" || got.Code != want.Code || got.Body.String() != want.Body.String() {
					t.Errorf("%s of %s, %s: status %d, want %d; headers (-want +got):\n%s", method, name, way, got.Code, want.Code, diff)
				}
			}
		}
	}
}

func TestHeadersOfADroppedResponseAreNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		view   decant.View
		status int
		want   string // of X-Kept
	}{
		"another response": {func(c *decant.Context) (any, error) {
			dropped, kept := c.MakeResponse("a").With("X-Dropped", "1"), c.MakeResponse("b").With("X-Kept", "2")
			dropped.Header().Add("X-Dropped", "2")
			return kept, nil
		}, 200, "2"},
		"the first of two": {func(c *decant.Context) (any, error) {
			kept, dropped := c.MakeResponse("a").With("X-Kept", "2"), c.MakeResponse("b")
			dropped.With("X-Dropped", "1")
			return kept, nil
		}, 200, "2"},
		"an error": {func(c *decant.Context) (any, error) {
			c.MakeResponse("a").With("X-Dropped", "1").SetCookie("x", "y")
			return nil, errors.New("no")
		}, 500, ""},
		"an answer without headers": {func(c *decant.Context) (any, error) {
			c.MakeResponse("a").With("X-Dropped", "1")
			return "b", nil
		}, 200, ""},
		"a copy": {func(c *decant.Context) (any, error) {
			r := c.MakeResponse("a").With("X-Kept", "1")
			other := *r
			other.With("X-Kept", "2")
			return &other, nil
		}, 200, "2"},
		"a range that does not exist": {func(c *decant.Context) (any, error) {
			r := c.MakeResponse("a").With("X-Dropped", "1")
			c.Request.Header.Set("Range", "bytes=5-")
			r.MakeConditional()
			return r, nil
		}, 416, ""},
	} {
		app, _ := appWith(c.view)
		w := get(app, "/")
		if w.Code != c.status || w.Header().Get("X-Dropped") != "" || w.Header().Get("Set-Cookie") != "" || w.Header().Get("X-Kept") != c.want {
			t.Errorf("%s: status %d, headers %v", name, w.Code, w.Header())
		}
	}
}

func TestHeadersOfMiddlewareStayBesideThoseOfTheView(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		return c.MakeResponse("a").With("X-View", "1").With("Vary", "Accept"), nil
	})
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Middleware", "1")
			w.Header().Set("Vary", "Origin")
			next.ServeHTTP(w, r)
		})
	})
	want := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Origin, Accept"}, "X-Middleware": {"1"}, "X-View": {"1"}}
	if diff := cmp.Diff(want, get(app, "/").Header()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAContextThatAGoroutineKeepsIsNeverUsedAgain runs under the race detector, too.
func TestAContextThatAGoroutineKeepsIsNeverUsedAgain(t *testing.T) {
	app, log := newTestApp()
	var readers sync.WaitGroup
	app.Get("/<name>", func(c *decant.Context) (any, error) {
		name := c.Param("name")
		c.Session.Set("name", name)
		readers.Go(func() {
			for range 50 {
				got := []string{c.Param("name"), c.Request.Path(), c.Request.Cookies.Get("name"), c.Session.String("name"), c.Request.Header.Get("X-Name")}
				if want := []string{name, "/" + name, name, name, name}; !slices.Equal(got, want) {
					t.Errorf("the context of %s shows %q", name, got)
					return
				}
				runtime.Gosched()
			}
		})
		return c.MakeResponse(decant.Text(name)).With("X-Name", name), nil
	}, decant.Endpoint("name"))
	server := httptest.NewServer(app)
	defer server.Close()
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := range 50 {
				name := fmt.Sprintf("n%d-%d", client, i)
				r, _ := http.NewRequest("GET", server.URL+"/"+name, nil)
				r.Header.Set("Cookie", "name="+name)
				r.Header.Set("X-Name", name)
				response, err := server.Client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(response.Body)
				response.Body.Close()
				if string(body) != name || response.Header.Get("X-Name") != name {
					t.Errorf("%s got %q, %v", name, body, response.Header)
				}
			}
		})
	}
	clients.Wait()
	readers.Wait()
	log.mustBeEmpty(t)
}

// TestNilIsRefused registers nil: a mistake in the program, which is told at once
// and not in each request.
func TestNilIsRefused(t *testing.T) {
	for method, register := range map[string]func(app *decant.App, blueprint *decant.Blueprint){
		"BeforeRequest":           func(app *decant.App, _ *decant.Blueprint) { app.BeforeRequest(nil) },
		"AfterRequest":            func(app *decant.App, _ *decant.Blueprint) { app.AfterRequest(nil) },
		"TeardownRequest":         func(app *decant.App, _ *decant.Blueprint) { app.TeardownRequest(nil) },
		"URLValuePreprocessor":    func(app *decant.App, _ *decant.Blueprint) { app.URLValuePreprocessor(nil) },
		"URLDefaults":             func(app *decant.App, _ *decant.Blueprint) { app.URLDefaults(nil) },
		"ContextProcessor":        func(app *decant.App, _ *decant.Blueprint) { app.ContextProcessor(nil) },
		"TeardownAppContext":      func(app *decant.App, _ *decant.Blueprint) { app.TeardownAppContext(nil) },
		"BuildErrorHandler":       func(app *decant.App, _ *decant.Blueprint) { app.BuildErrorHandler(nil) },
		"Use":                     func(app *decant.App, _ *decant.Blueprint) { app.Use(nil) },
		"Fallback":                func(app *decant.App, _ *decant.Blueprint) { app.Fallback(nil) },
		"Signal.Connect":          func(app *decant.App, _ *decant.Blueprint) { app.Signals.RequestStarted.Connect(nil) },
		"BeforeAppRequest":        func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.BeforeAppRequest(nil) },
		"AfterAppRequest":         func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.AfterAppRequest(nil) },
		"TeardownAppRequest":      func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.TeardownAppRequest(nil) },
		"AppURLValuePreprocessor": func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.AppURLValuePreprocessor(nil) },
		"AppURLDefaults":          func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.AppURLDefaults(nil) },
		"AppContextProcessor":     func(_ *decant.App, blueprint *decant.Blueprint) { blueprint.AppContextProcessor(nil) },
	} {
		t.Run(method, func(t *testing.T) {
			app, _ := newTestApp()
			mustPanic(t, func() { register(app, decant.NewBlueprint("shop")) }, "decant: "+method+" at ", "app_test.go", "got nil; pass the function or handler")
		})
	}
}

func TestNilOptionsAreRefused(t *testing.T) {
	for want, run := range map[string]func(app *decant.App){
		"option 1 of New is nil":               func(*decant.App) { decant.New("shop", nil) },
		`option 2 of the rule "/a" is nil`:     func(app *decant.App) { app.Get("/a", hello, decant.Endpoint("a"), nil) },
		`option 1 of the rule "/b" is nil`:     func(app *decant.App) { app.MethodView("/b", new(counter), nil) },
		"option 1 of a blueprint is nil":       func(*decant.App) { decant.NewBlueprint("shop", nil) },
		"option 1 of NewCookieSessions is nil": func(*decant.App) { decant.NewCookieSessions(nil) },
		"option 1 of Legacy is nil":            func(*decant.App) { decant.Legacy("http://127.0.0.1:1", nil) },
		"Decorate got nil":                     func(*decant.App) { decant.Decorate(loginRequired, nil) },
	} {
		t.Run(want, func(t *testing.T) {
			app, _ := newTestApp()
			mustPanic(t, func() { run(app) }, want)
		})
	}
}

type counter struct{}

func (*counter) Get(*decant.Context) (any, error) { return "1", nil }

// TestFieldsThatNewSetsAreNeeded takes away what New has put into an application: one
// field, and then those behind it, too. The message names the first.
func TestFieldsThatNewSetsAreNeeded(t *testing.T) {
	fields := []struct {
		name string
		take func(app *decant.App)
	}{
		{"Config", func(app *decant.App) { app.Config = nil }},
		{"SessionInterface", func(app *decant.App) { app.SessionInterface = nil }},
		{"JSON", func(app *decant.App) { app.JSON = nil }},
		{"Templates", func(app *decant.App) { app.Templates = nil }},
	}
	for i, field := range fields {
		t.Run(field.name, func(t *testing.T) {
			for end := i + 1; end <= len(fields); end++ {
				app, _ := appWith(hello)
				for _, missing := range fields[i:end] {
					missing.take(app)
				}
				mustPanic(t, func() { get(app, "/") }, "the field "+field.name+` of the application "test" is nil`)
			}
		})
	}
}

// A SessionInterface that is set once requests are served has no effect, as with
// all settings.
func TestSessionInterfaceIsFrozen(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		c.App.SessionInterface = nil
		c.Session.Set("a", 1)
		return "kept", nil
	})
	for range 2 {
		if got := get(app, "/"); got.Body.String() != "kept" || got.Header().Get("Set-Cookie") == "" {
			t.Errorf("the answer is %q with the headers %v", got.Body, got.Header())
		}
	}
	log.mustBeEmpty(t)
}
