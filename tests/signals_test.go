package tests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// listen connects a subscriber to every signal.
func listen(app *decant.App, steps *[]string) {
	note := func(format string, values ...any) { *steps = append(*steps, fmt.Sprintf(format, values...)) }
	s := &app.Signals
	s.ContextPushed.Connect(func(*decant.Context) { note("pushed") })
	s.RequestStarted.Connect(func(c *decant.Context) { note("started %s", c.Request.Endpoint()) })
	s.MessageFlashed.Connect(func(_ *decant.Context, message any, category string) { note("flashed %v as %s", message, category) })
	s.GotRequestException.Connect(func(_ *decant.Context, err error) { note("exception %v", err) })
	s.RequestFinished.Connect(func(_ *decant.Context, r *decant.Response) { note("finished %d", r.Status) })
	s.RequestTearingDown.Connect(func(_ *decant.Context, err error) { note("request tearing down %v", err) })
	s.ContextTearingDown.Connect(func(_ *decant.Context, err error) { note("context tearing down %v", err) })
	s.ContextPopped.Connect(func(*decant.Context) { note("popped") })
}

func signalling(steps *[]string) *decant.App {
	app, _ := newTestApp()
	note := func(step string) { *steps = append(*steps, step) }
	app.BeforeRequest(func(*decant.Context) (any, error) { note("before"); return nil, nil })
	app.AfterRequest(func(*decant.Context, *decant.Response) error { note("after"); return nil })
	app.TeardownRequest(func(*decant.Context, error) { note("teardown request") })
	app.TeardownAppContext(func(*decant.Context, error) { note("teardown context 1") })
	app.TeardownAppContext(func(*decant.Context, error) { note("teardown context 2") })
	app.Get("/", hello)
	app.Get("/flash", func(c *decant.Context) (any, error) { c.Flash("hi", "greeting"); return "", nil }, decant.Endpoint("flash"))
	app.Get("/fails", func(*decant.Context) (any, error) { return nil, errors.New("broken") }, decant.Endpoint("fails"))
	app.Get("/abort", func(*decant.Context) (any, error) { return nil, decant.Abort(500) }, decant.Endpoint("abort"))
	listen(app, steps)
	return app
}

func TestSignals(t *testing.T) {
	t.Parallel()
	end := func(err string) []string {
		return []string{"teardown request", "request tearing down " + err, "teardown context 2", "teardown context 1", "context tearing down " + err, "popped"}
	}
	for _, test := range []struct {
		path string
		want []string
	}{
		{"/", append([]string{"pushed", "started hello", "before", "after", "finished 200"}, end("<nil>")...)},
		{"/flash", append([]string{"pushed", "started flash", "before", "flashed hi as greeting", "after", "finished 200"}, end("<nil>")...)},
		{"/fails", append([]string{"pushed", "started fails", "before", "exception broken", "after", "finished 500"}, end("broken")...)},
		{"/abort", append([]string{"pushed", "started abort", "before", "after", "finished 500"}, end("<nil>")...)},
		{"/nowhere", append([]string{"pushed", "started ", "before", "after", "finished 404"}, end("<nil>")...)},
	} {
		var steps []string
		get(signalling(&steps), test.path)
		if diff := cmp.Diff(test.want, steps); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
	}
}

// Middleware is put around the application when the first request comes, and may
// connect signals then.
func TestSignalsOfMiddleware(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/shop/"} {
		var steps []string
		app, _ := newTestApp()
		app.Get("/", hello)
		shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"))
		shop.Get("/", hello)
		app.RegisterBlueprint(shop)
		app.Use(func(next http.Handler) http.Handler {
			listen(app, &steps)
			return next
		})
		w := get(app, path)
		endpoint := map[string]string{"/": "hello", "/shop/": "shop.hello"}[path]
		want := []string{"pushed", "started " + endpoint, "finished 200", "request tearing down <nil>", "context tearing down <nil>", "popped"}
		if diff := cmp.Diff(want, steps); diff != "" || w.Code != 200 {
			t.Errorf("%s: %d (-want +got):\n%s", path, w.Code, diff)
		}
	}
}

// TestPanickingSubscribers checks that one which panics is a failure of the
// step it listens to, and never of the server.
func TestPanickingSubscribers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		connect func(*decant.Signals)
		status  int
	}{
		"ContextPushed":  {func(s *decant.Signals) { s.ContextPushed.Connect(func(*decant.Context) { panic("late") }) }, 500},
		"RequestStarted": {func(s *decant.Signals) { s.RequestStarted.Connect(func(*decant.Context) { panic("late") }) }, 500},
		"RequestFinished": {func(s *decant.Signals) {
			s.RequestFinished.Connect(func(*decant.Context, *decant.Response) { panic("late") })
		}, 500},
		"GotRequestException": {func(s *decant.Signals) { s.GotRequestException.Connect(func(*decant.Context, error) { panic("late") }) }, 500},
		"RequestTearingDown":  {func(s *decant.Signals) { s.RequestTearingDown.Connect(func(*decant.Context, error) { panic("late") }) }, 500},
		"ContextTearingDown":  {func(s *decant.Signals) { s.ContextTearingDown.Connect(func(*decant.Context, error) { panic("late") }) }, 500},
		"ContextPopped":       {func(s *decant.Signals) { s.ContextPopped.Connect(func(*decant.Context) { panic("late") }) }, 500},
	} {
		app, log := appWith(func(*decant.Context) (any, error) { return nil, errors.New("broken") })
		tornDown := 0
		app.TeardownAppContext(func(*decant.Context, error) { tornDown++ })
		test.connect(&app.Signals)
		w := get(app, "/")
		if w.Code != test.status || tornDown != 1 {
			t.Errorf("%s: status %d, %d teardowns", name, w.Code, tornDown)
		}
		log.mustContain(t, "late")
	}
}

func TestSignalsAreFrozen(t *testing.T) {
	t.Parallel()
	app, _ := appWith(hello)
	get(app, "/")
	mustPanic(t, func() { app.Signals.RequestStarted.Connect(func(*decant.Context) {}) }, "Signal.Connect", "first request")
	mustPanic(t, func() { app.TeardownAppContext(func(*decant.Context, error) {}) }, "TeardownAppContext", "first request")
}

func TestInContext(t *testing.T) {
	t.Parallel()
	var steps []string
	app := signalling(&steps)
	app.Config.ServerName = "example.com"
	user := decant.NewG[string]("user")
	broken := errors.New("broken")
	err := app.InContext(context.Background(), func(c *decant.Context) error {
		user.Set(c, "ann")
		c.MakeResponse("never sent").OnClose(func() { steps = append(steps, "closed") })
		steps = append(steps, user.Get(c), c.URLFor("hello"), c.URLFor("hello", "_external", false))
		if c.HasRequest() || c.Session.Len() != 0 {
			t.Error("there is a request, or a session with something in it")
		}
		return broken
	})
	if err != broken {
		t.Errorf("the error is %v", err)
	}
	want := []string{"pushed", "ann", "http://example.com/", "/",
		"teardown context 2", "teardown context 1", "context tearing down broken", "popped", "closed"}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mustPanic(t, func() { app.Get("/late", hello) }, "first request")
}

func TestInContextEndings(t *testing.T) {
	t.Parallel()
	var told error
	app, _ := newTestApp()
	app.TeardownAppContext(func(_ *decant.Context, err error) { told = err })
	in := func(work func(*decant.Context) error) error { return app.InContext(context.Background(), work) }

	var page *decant.HTTPError
	if err := in(func(*decant.Context) error { return decant.Abort(http.StatusNotFound) }); !errors.As(err, &page) || page.Code != 404 || told != err {
		t.Errorf("Abort ended in %v, teardown told of %v", err, told)
	}
	if value := panicOf(t, func() { _ = in(func(*decant.Context) error { panic("broken") }) }); value != "broken" || told == nil {
		t.Errorf("the panic was %v, teardown told of %v", value, told)
	}
	told = errors.New("another")
	if err := in(func(*decant.Context) error { return nil }); err != nil || told != nil {
		t.Errorf("the work ended in %v, teardown told of %v", err, told)
	}
	for part, work := range map[string]func(*decant.Context) error{
		"outside of a request":                              func(c *decant.Context) error { c.Session.Set("a", 1); return nil },
		"no response will ever":                             func(c *decant.Context) error { c.AfterThisRequest(func(*decant.Response) {}); return nil },
		"decant: SetCookie was called outside of a request": func(c *decant.Context) error { c.SetCookie("a", "b"); return nil },
		"outside of a request;":                             func(c *decant.Context) error { c.Flash("hi"); return nil },
		"Config.ServerName":                                 func(c *decant.Context) error { c.URLFor("static", "filename", "x"); return nil },
	} {
		mustPanic(t, func() { _ = in(work) }, part)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := app.InContext(ended, func(c *decant.Context) error { return c.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended in %v", err)
	}
}
