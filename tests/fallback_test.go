package tests

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant"
)

// behindProxy is an application whose fallback is a server that is gone.
func behindProxy(t *testing.T) (*decant.App, *journal) {
	t.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	address, err := url.Parse(gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(address)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { decant.Abort(http.StatusBadGateway) }
	app, log := newTestApp()
	app.Fallback(proxy)
	app.AfterRequest(func(*decant.Context, *decant.Response) error { t.Error("a hook ran"); return nil })
	return app, log
}

func TestFallbackAborts(t *testing.T) {
	t.Parallel()
	app, log := behindProxy(t)
	mustAnswer(t, get(app, "/old"), 502, errorPage(decant.NewHTTPError(502)))
	log.mustBeEmpty(t)

	app, _ = behindProxy(t)
	app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) { return "gone fishing", nil })
	mustAnswer(t, get(app, "/old"), 502, "gone fishing")

	app, _ = behindProxy(t)
	app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		c.SetCookie("tried", "1")
		return "gone fishing", nil
	})
	if got := get(app, "/old").Header().Get("Set-Cookie"); got != "tried=1; Path=/" {
		t.Errorf("the cookie of the page is %q", got)
	}

	app, log = behindProxy(t)
	app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) { return nil, errors.New("broken too") })
	mustAnswer(t, get(app, "/old"), 502, errorPage(decant.NewHTTPError(502)))
	log.mustContain(t, "broken too")
}

func TestFallbackPagesReleaseWhatTheyOpen(t *testing.T) {
	t.Parallel()
	app, log := behindProxy(t)
	closed := false
	app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		c.MakeResponse("unsent").OnClose(func() { closed = true })
		return "sorry, " + c.Session.String("user"), nil
	})
	w := get(app, "/old", "Cookie", signedSession(t, testKey, map[string]any{"user": "ann"}))
	mustAnswer(t, w, 502, "sorry, ann")
	if vary := w.Header().Get("Vary"); !closed || vary != "Cookie" {
		t.Errorf("closed is %t, Vary is %q", closed, vary)
	}
	log.mustBeEmpty(t)
}

func TestFallbackPagesCannotChangeTheSession(t *testing.T) {
	t.Parallel()
	app, log := behindProxy(t)
	app.ErrorHandler(502, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		c.Flash("down")
		return "unreachable", nil
	})
	mustAnswer(t, get(app, "/old"), 502, errorPage(decant.NewHTTPError(502)))
	log.mustContain(t, "Fallback", "change it in a view")
}

func TestFallbackPanicsGoOn(t *testing.T) {
	t.Parallel()
	app, _ := newTestApp()
	app.Fallback(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if value := panicOf(t, func() { get(app, "/old") }); value != http.ErrAbortHandler {
		t.Errorf("the panic was %v", value)
	}
}

// TestFallbackServesItsOwnStaticFiles checks that the default rule for static
// files hides nothing as long as there are none.
func TestFallbackServesItsOwnStaticFiles(t *testing.T) {
	t.Parallel()
	answer := func(root string, options ...decant.AppOption) string {
		app := decant.New("test", append(options, decant.RootPath(root))...)
		app.Fallback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("Flask's " + r.URL.Path)) }))
		return get(app, "/static/style.css").Body.String()
	}
	here := t.TempDir()
	if got := answer(here); got != "Flask's /static/style.css" {
		t.Errorf("without a folder: %s", got)
	}
	if got := answer(here, decant.Static(fstest.MapFS{})); got != errorPage(decant.NewHTTPError(404)) {
		t.Errorf("with a folder that was given: %s", got)
	}
	if err := os.Mkdir(filepath.Join(here, "static"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := answer(here); got != errorPage(decant.NewHTTPError(404)) {
		t.Errorf("with the default folder: %s", got)
	}
	if got := answer(here, decant.Static(nil)); got != "Flask's /static/style.css" {
		t.Errorf("switched off: %s", got)
	}
}
