package decant_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// newLogin is the application of the quickstart: a form, a greeting, a session.
func newLogin() *decant.App {
	app := decant.New("login")
	app.Config.SecretKey = "a long random secret key"
	app.Get("/", index)
	app.Route("/login", login, decant.Methods("GET", "POST"))
	app.Get("/logout", logout)
	return app
}

func index(c *decant.Context) (any, error) {
	if username, ok := c.Session.Lookup("username"); ok {
		return fmt.Sprintf("Logged in as %s", decant.Escape(username)), nil
	}
	return "You are not logged in", nil
}

func login(c *decant.Context) (any, error) {
	if c.Request.Method == http.MethodPost {
		username, err := c.Request.Form.Require("username")
		if err != nil {
			return nil, err
		}
		c.Session.Set("username", username)
		return c.Redirect(c.URLFor("index"))
	}
	return "<form method=post><input name=username></form>", nil
}

func logout(c *decant.Context) (any, error) {
	c.Session.Pop("username")
	return c.Redirect(c.URLFor("index"))
}

// browser sends requests to an application and keeps the session cookie.
type browser struct {
	app    *decant.App
	cookie string
}

func (b *browser) open(path string) *httptest.ResponseRecorder {
	return b.send(httptest.NewRequest("GET", path, nil))
}

func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	w := send(b.app, r)
	if set := w.Header().Get("Set-Cookie"); set != "" {
		b.cookie, _, _ = strings.Cut(set, ";")
	}
	return w
}

func mustSee(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("got %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

func TestQuickstart(t *testing.T) {
	b := &browser{app: newLogin()}
	mustSee(t, b.open("/"), 200, "You are not logged in")
	if w := b.post("/login", nil); w.Code != 400 {
		t.Errorf("a form without a name is answered with %d, want 400", w.Code)
	}
	if w := b.post("/login", url.Values{"username": {"<Ann>"}}); w.Code != 302 || w.Header().Get("Location") != "/" {
		t.Errorf("the login is answered with %d and Location %q", w.Code, w.Header().Get("Location"))
	}
	mustSee(t, b.open("/"), 200, "Logged in as &lt;Ann&gt;")
	b.open("/logout")
	mustSee(t, b.open("/"), 200, "You are not logged in")
}

// noted is a session interface that notes when it is asked.
type noted struct{ note func(step string) }

func (s noted) Open(*decant.Context) (map[string]any, error) {
	s.note("session opened")
	return nil, nil
}

func (s noted) Save(*decant.Context, *decant.Session, *decant.Response) error {
	s.note("session saved")
	return nil
}

// TestTheLifeOfARequest shows in which order a request meets what an application
// has registered.
func TestTheLifeOfARequest(t *testing.T) {
	var steps []string
	note := func(step string) { steps = append(steps, step) }
	app := decant.New("life")
	app.SessionInterface = noted{note}
	app.BeforeRequest(func(*decant.Context) (any, error) { note("before"); return nil, nil })
	app.AfterRequest(func(*decant.Context, *decant.Response) error { note("after"); return nil })
	app.TeardownRequest(func(*decant.Context, error) { note("teardown") })
	app.Get("/", func(c *decant.Context) (any, error) {
		note("view")
		c.AfterThisRequest(func(*decant.Response) { note("deferred") })
		c.SetCookie("language", "de")
		c.Session.Set("visits", 1)
		return "Hello", nil
	})

	w := get(app, "/")
	want := []string{"before", "view", "session opened", "deferred", "after", "session saved", "teardown"}
	if !slices.Equal(steps, want) {
		t.Errorf("the steps are %q, want %q", steps, want)
	}
	if got := w.Header().Get("Set-Cookie"); got != "language=de; Path=/" {
		t.Errorf("the deferred cookie is %q", got)
	}
}

func TestAnErrorIsAWholePage(t *testing.T) {
	app := decant.New("errors")
	app.Get("/error", func(*decant.Context) (any, error) { return nil, errors.New("broken") })
	app.Get("/panic", func(*decant.Context) (any, error) { panic("broken") })
	app.Get("/abort", func(*decant.Context) (any, error) { return nil, decant.Abort(403) })
	for path, status := range map[string]int{"/error": 500, "/panic": 500, "/abort": 403, "/nowhere": 404} {
		if w := get(app, path); w.Code != status || !strings.HasPrefix(w.Body.String(), "<!doctype html>") {
			t.Errorf("%s: got %d %q, want a page with %d", path, w.Code, w.Body, status)
		}
	}
}
