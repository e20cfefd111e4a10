package decant

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// behindProxy is an application whose fallback is a server that is gone.
func behindProxy(t *testing.T) (*App, *journal) {
	t.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	address, err := url.Parse(gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(address)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { Abort(http.StatusBadGateway) }
	app, log := newTestApp()
	app.Fallback(proxy)
	app.AfterRequest(func(*Context, *Response) error { t.Error("a hook ran"); return nil })
	return app, log
}

func TestFallbackAborts(t *testing.T) {
	t.Parallel()
	app, log := behindProxy(t)
	mustAnswer(t, get(app, "/old"), 502, NewHTTPError(502).page(false))
	log.mustBeEmpty(t)

	app, _ = behindProxy(t)
	app.ErrorHandler(502, func(c *Context, err error) (any, error) { return "gone fishing", nil })
	mustAnswer(t, get(app, "/old"), 502, "gone fishing")

	app, log = behindProxy(t)
	app.ErrorHandler(502, func(c *Context, err error) (any, error) { return nil, errors.New("broken too") })
	mustAnswer(t, get(app, "/old"), 502, NewHTTPError(502).page(false))
	log.mustContain(t, "broken too")
}

func TestFallbackPanicsGoOn(t *testing.T) {
	t.Parallel()
	app, _ := newTestApp()
	app.Fallback(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if value := panicOf(t, func() { get(app, "/old") }); value != http.ErrAbortHandler {
		t.Errorf("the panic was %v", value)
	}
}
