package tests

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
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

func TestAllocationsOfARequest(t *testing.T) {
	app, _ := appWith(hello)
	plain := allocationsOf(app, httptest.NewRequest("GET", "/", nil))
	if plain > 3 {
		t.Errorf("%v allocations for a hello, want 3 at most", plain)
	}
	signer, _ := appWith(func(c *decant.Context) (any, error) { c.Session.Set("user", "ann"); return "", nil })
	withCookie := httptest.NewRequest("GET", "/", nil)
	withCookie.Header.Set("Cookie", pairOf(get(signer, "/")))
	if got := allocationsOf(app, withCookie); got != plain {
		t.Errorf("%v allocations with a session cookie that nobody reads, want %v as without", got, plain)
	}
}
