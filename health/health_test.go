package health

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func works(context.Context) error { return nil }

func fails(context.Context) error { return errors.New("password=hunter2 refused") }

// newApp returns an application with probes, and its log.
func newApp(options ...Option) (*decant.App, *bytes.Buffer) {
	log := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(log, nil))
	app := decant.New("shop")
	app.Logger = logger
	app.Use(Probes(append([]Option{Logger(logger)}, options...)...))
	app.Get("/", func(*decant.Context) (any, error) { return "the shop", nil })
	return app, log
}

func ask(app http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func mustAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("the answer is %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

func TestProbes(t *testing.T) {
	tests := map[string]struct {
		options      []Option
		method, path string
		status       int
		body         string
	}{
		"lives":              {nil, "GET", "/livez", 200, "ok\n"},
		"lives unready":      {[]Option{Check("a", fails)}, "GET", "/livez", 200, "ok\n"},
		"ready":              {nil, "GET", "/readyz", 200, "ok\n"},
		"checks":             {[]Option{Check("a", works), Check("b", works)}, "GET", "/readyz", 200, "ok\na: ok\nb: ok\n"},
		"one fails":          {[]Option{Check("a", works), Check("b", fails)}, "GET", "/readyz", 503, "not ready\na: ok\nb: failed\n"},
		"panics":             {[]Option{Check("a", func(context.Context) error { panic("x") })}, "GET", "/readyz", 503, "not ready\na: failed\n"},
		"HEAD":               {[]Option{Check("a", fails)}, "HEAD", "/readyz", 503, ""},
		"HEAD of the living": {nil, "HEAD", "/livez", 200, ""},
		"POST":               {nil, "POST", "/readyz", 405, ""},
		"another path":       {nil, "GET", "/", 200, "the shop"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp(test.options...)
			w := ask(app, test.method, test.path)
			mustAnswer(t, w, test.status, test.body)
			if test.path == "/" {
				return
			}
			want := http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Cache-Control": {"no-store"}}
			if test.status == 405 {
				want["Allow"] = []string{"GET, HEAD"}
			}
			if diff := cmp.Diff(want, w.Header()); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// Probes come by address, and hooks may need what is not there yet.
func TestProbesComeBeforeTheApplication(t *testing.T) {
	app, _ := newApp()
	app.Config.TrustedHosts = []string{"shop.example"}
	app.BeforeRequest(func(*decant.Context) (any, error) { return nil, errors.New("no database") })
	mustAnswer(t, ask(app, "GET", "http://10.0.0.7/readyz"), 200, "ok\n")
}

// The log tells when a check begins to fail and when it works again. The answer,
// which anybody may read, does not tell why.
func TestTheLogTellsWhatChanged(t *testing.T) {
	var broken atomic.Bool
	app, log := newApp(Check("database", func(c context.Context) error {
		if broken.Load() {
			return fails(c)
		}
		return nil
	}))
	for _, isBroken := range []bool{false, true, true, false, false} {
		broken.Store(isBroken)
		if w := ask(app, "GET", "/readyz"); strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("the answer holds the error: %s", w.Body)
		}
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN`) || !strings.Contains(lines[0], `check=database error="password=hunter2 refused"`) ||
		!strings.Contains(lines[1], `level=INFO`) || !strings.Contains(lines[1], "succeeds again") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestASlowCheckIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, log := newApp(Timeout(3*time.Second), Check("slow", func(c context.Context) error {
			<-c.Done()
			return c.Err()
		}), Check("quick", works))
		began := time.Now()
		mustAnswer(t, ask(app, "GET", "/readyz"), 503, "not ready\nslow: timed out\nquick: ok\n")
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the probe took %v", took)
		}
		synctest.Wait()
		if !strings.Contains(log.String(), "health: the check takes too long") {
			t.Errorf("the log is\n%s", log)
		}
	})
}

func TestTheDefaultTimeoutIsThatOfKubernetes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, _ := newApp(Check("slow", func(c context.Context) error { <-c.Done(); return nil }))
		began := time.Now()
		mustAnswer(t, ask(app, "GET", "/readyz"), 503, "not ready\nslow: timed out\n")
		if took := time.Since(began); took != time.Second {
			t.Errorf("the probe took %v", took)
		}
	})
}

// A check that ignores its context keeps one goroutine, not one for each probe.
func TestProbesShareARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		goOn := make(chan bool)
		app, _ := newApp(Check("stuck", func(context.Context) error {
			runs.Add(1)
			<-goOn
			return nil
		}))
		answers := make(chan int)
		for range 10 {
			go func() { answers <- ask(app, "GET", "/readyz").Code }()
		}
		for range 10 {
			if code := <-answers; code != 503 {
				t.Errorf("a probe has the status %d", code)
			}
		}
		close(goOn)
		synctest.Wait()
		mustAnswer(t, ask(app, "GET", "/readyz"), 200, "ok\nstuck: ok\n")
		if n := runs.Load(); n != 2 {
			t.Errorf("the check ran %d times", n)
		}
	})
}

// Wherever the access log is, it has no lines of probes.
func TestProbesAreNotInTheAccessLog(t *testing.T) {
	for name, isOutside := range map[string]bool{"outside": true, "inside": false} {
		log := new(bytes.Buffer)
		logger := slog.New(slog.NewTextHandler(log, nil))
		app := decant.New("shop")
		if isOutside {
			app.Use(decant.AccessLog(logger))
			app.Use(decant.AccessLog(logger))
		}
		app.Use(Probes())
		if !isOutside {
			app.Use(decant.AccessLog(logger))
		}
		for _, path := range []string{"/livez", "/readyz", "/"} {
			ask(app, "GET", path)
		}
		if text := log.String(); strings.Contains(text, "livez") || strings.Contains(text, "readyz") || !strings.Contains(text, "GET / ") {
			t.Errorf("%s: the log is\n%s", name, text)
		}
	}
}

func TestMistakesPanic(t *testing.T) {
	for want, mistake := range map[string]func(){
		`needs a name`:          func() { Probes(Check("", works)) },
		`a name of one line`:    func() { Probes(Check("a\nb", works)) },
		`has a nil function`:    func() { Probes(Check("a", nil)) },
		`"a" of a check is tak`: func() { Probes(Check("a", works), Check("a", works)) },
		`the timeout is 0s`:     func() { Timeout(0) },
	} {
		func() {
			defer func() {
				if message := fmt.Sprint(recover()); !strings.Contains(message, want) {
					t.Errorf("the panic says %q, want %q", message, want)
				}
			}()
			mistake()
		}()
	}
}
