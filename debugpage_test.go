package decant

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// local is a request of a browser on the server's own machine.
func local(target string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return r
}

func debugApp(view View) (*App, *journal) {
	app, log := appWith(view)
	app.Config.Debug = true
	return app, log
}

func breaks(*Context) (any, error) { return nil, errors.New("<script>alert(1)</script> broke") }

func isDebugPage(w *httptest.ResponseRecorder) bool {
	return strings.Contains(w.Body.String(), "Config.Debug is on")
}

// The page shows source code. Only who sits at the machine gets it, whatever
// brings the request: a network, a proxy, a name that resolves to 127.0.0.1
// (Werkzeug CVE-2024-34069), or another site's script.
func TestDebugPageIsForThisMachine(t *testing.T) {
	served := func(address net.Addr) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request {
			return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, address))
		}
	}
	from := func(address string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request { r.RemoteAddr = address; return r }
	}
	host := func(host string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request { r.Host = host; return r }
	}
	headers := func(pairs ...string) func(*http.Request) *http.Request {
		return func(r *http.Request) *http.Request {
			for i := 0; i < len(pairs); i += 2 {
				r.Header.Set(pairs[i], pairs[i+1])
			}
			return r
		}
	}
	tests := []struct {
		name   string
		change func(*http.Request) *http.Request
		shown  bool
	}{
		{"as it is", headers(), true},
		{"127.0.0.2", from("127.0.0.2:1"), true},
		{"IPv6", from("[::1]:40000"), true},
		{"IPv4 in IPv6", from("[::ffff:127.0.0.1]:40000"), true},
		{"the network", from("192.168.0.5:40000"), false},
		{"all addresses", from("0.0.0.0:1"), false},
		{"no port", from("127.0.0.1"), false},
		{"no address", from(""), false},
		{"a socket", from("@"), false},
		{"a name", from("localhost:40000"), false},
		{"served at 127.0.0.1", served(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000}), true},
		{"served at ::1", served(&net.TCPAddr{IP: net.IPv6loopback, Port: 5000}), true},
		{"served to the network", served(&net.TCPAddr{IP: net.IPv4(192, 168, 0, 1), Port: 5000}), false},
		{"served at a socket", served(&net.UnixAddr{Name: "/run/app", Net: "unix"}), false},
		{"localhost", host("localhost"), true},
		{"LOCALHOST", host("LocalHost:80"), true},
		{"127.0.0.1", host("127.0.0.1:5000"), true},
		{"[::1]", host("[::1]:5000"), true},
		{"no host", host(""), false},
		{"rebinding", host("evil.example:5000"), false},
		{"a subdomain of the attacker's", host("localhost.evil.example"), false},
		{"127.0.0.1 as a subdomain", host("127.0.0.1.nip.io"), false},
		{"subdomain of localhost", host("evil.localhost"), false},
		{"user", host("localhost@evil.example"), false},
		{"port that is none", host("localhost:evil"), false},
		{"line", host("localhost\n"), false},
		{"X-Forwarded-For", headers("X-Forwarded-For", "127.0.0.1"), false},
		{"X-Forwarded-Host", headers("X-Forwarded-Host", "localhost"), false},
		{"X-Forwarded-Proto", headers("X-Forwarded-Proto", "http"), false},
		{"Forwarded", headers("Forwarded", "for=127.0.0.1"), false},
		{"Via", headers("Via", "1.1 proxy"), false},
		{"X-Real-IP", headers("X-Real-IP", "127.0.0.1"), false},
		{"True-Client-IP", headers("True-Client-IP", "127.0.0.1"), false},
		{"CF-Connecting-IP", headers("CF-Connecting-IP", "127.0.0.1"), false},
		{"nginx as it comes", func(r *http.Request) *http.Request { r.Proto, r.ProtoMinor = "HTTP/1.0", 0; return r }, false},
		{"HTTP/2", func(r *http.Request) *http.Request { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0; return r }, true},
		{"JSON", headers("Accept", "application/json"), false},
		{"anything", headers("Accept", "*/*"), false},
		{"script of another site", headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"), false},
		{"script of another port", headers("Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"), false},
		{"script of its own", headers("Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"), true},
		{"link from another site", headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), true},
		{"typed address", headers("Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"), true},
		{"old browser's script", headers("Origin", "https://evil.example"), false},
		{"old browser, opaque origin", headers("Origin", "null"), false},
		{"old browser, its own", headers("Origin", "http://localhost:5000"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app, _ := debugApp(breaks)
			for _, target := range []string{"/", "/unknown"} {
				w := httptest.NewRecorder()
				app.ServeHTTP(w, test.change(local(target)))
				if isDebugPage(w) != test.shown {
					t.Errorf("%s: the page is shown: %v", target, !test.shown)
				}
				if target == "/" && !test.shown {
					mustAnswer(t, w, 500, serverErrorPage)
				}
			}
		})
	}
}

// ProxyFix makes the address of a client that lies about it look local.
func TestDebugPageIsNotForClientsOfAProxy(t *testing.T) {
	app, _ := debugApp(breaks)
	app.Use(ProxyFix(Hops{For: 1, Host: 1}))
	r := local("/")
	r.RemoteAddr, r.Host = "192.0.2.1:1", "example.com"
	r.Header.Set("X-Forwarded-For", "127.0.0.1:5")
	r.Header.Set("X-Forwarded-Host", "localhost")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	mustAnswer(t, w, 500, serverErrorPage)
}

func TestDebugPageNeedsDebug(t *testing.T) {
	app, _ := appWith(breaks)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustAnswer(t, w, 500, serverErrorPage)
	w = httptest.NewRecorder()
	app.ServeHTTP(w, local("/unknown"))
	if isDebugPage(w) || w.Code != 404 {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

func TestDebugPageGivesWayToHandlers(t *testing.T) {
	app, _ := debugApp(breaks)
	app.ErrorHandler(500, func(*Context, error) (any, error) { return "mine", nil })
	app.ErrorHandler(404, func(*Context, error) (any, error) { return "nothing", nil })
	for target, want := range map[string]string{"/": "mine", "/unknown": "nothing"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, local(target))
		if w.Body.String() != want {
			t.Errorf("%s is\n%s", target, w.Body)
		}
	}
}

// A 404 of a view is the view's answer; a rule was found.
func TestDebugPageLeavesOtherErrorsAlone(t *testing.T) {
	for _, code := range []int{404, 403, 500} {
		app, _ := debugApp(func(*Context) (any, error) { return nil, Abort(code) })
		w := httptest.NewRecorder()
		app.ServeHTTP(w, local("/"))
		mustAnswer(t, w, code, NewHTTPError(code).page(false))
	}
}

// The page stays as it is, and hooks and the session still have their say.
func TestDebugPageInItsAnswer(t *testing.T) {
	app, log := debugApp(func(c *Context) (any, error) {
		c.Session.Set("user", "ann")
		return breaks(c)
	})
	seen := 0
	app.AfterRequest(func(_ *Context, r *Response) error {
		seen = r.Status
		r.Header().Set("Content-Security-Policy", "default-src https:")
		r.Header().Set("X-Hook", "ran")
		return nil
	})
	for target, status := range map[string]int{"/": 500, "/unknown": 404} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, local(target))
		if w.Code != status || seen != status || !isDebugPage(w) {
			t.Errorf("%s: status %d, and %d for the hook", target, w.Code, seen)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": debugPolicy,
			"Content-Type":            typeHTML,
			"Cache-Control":           "no-store",
			"X-Hook":                  "ran",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		if hasCookie := w.Header().Get("Set-Cookie") != ""; hasCookie != (status == 500) {
			t.Errorf("%s: the session was saved: %v", target, hasCookie)
		}
	}
	log.mustContain(t, "Exception on / [GET]")
}

func mustShow(t *testing.T, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("the page lacks %q:\n%s", part, w.Body)
		}
	}
}

func mustHide(t *testing.T, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(w.Body.String(), part) {
			t.Errorf("the page shows %q:\n%s", part, w.Body)
		}
	}
}

func raisesDeep(*Context) (any, error) {
	var prices []int
	return prices[3], nil // this line fails
}

func TestDebugPageOfAPanic(t *testing.T) {
	app, _ := debugApp(raisesDeep)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustShow(t, w,
		"<h1>runtime error: index out of range [3] with length 0</h1>",
		"decant.raisesDeep</code>",
		"<strong>debugpage_test.go:",
		"</i><span>\treturn prices[3], nil // this line fails</span></mark>",
		"calls in packages that are not the application's",
		"<th>Endpoint<td>view\n")
	if count := strings.Count(w.Body.String(), "<mark"); count != 2 { // of the view, and of this test
		t.Errorf("%d lines are marked", count)
	}
	mustHide(t, w, "recoverInto", "runtime/debug")
}

func TestDebugPageOfAnError(t *testing.T) {
	app, _ := newTestApp()
	app.Config.Debug = true
	app.Get("/<name>/<token>", failsSlowly)
	r := local("/a%3Cb/geheim?q=%3Ci%3E&api_key=geheim&bad=%ff")
	r.Header.Set("Cookie", "session=geheim")
	r.Header.Set("Authorization", "Bearer geheim")
	r.Header.Set("X-CSRF-Token", "geheim")
	r.Header.Set("X-Note", "<i>")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	mustShow(t, w,
		"<p class=kind>*fmt.wrapErrors</p>",
		"<h1>&lt;script&gt;alert(1)&lt;/script&gt; broke, and unexpected end &amp; more</h1>",
		"This error was returned",
		"It came from the view of the endpoint &#34;failsSlowly&#34;, which is registered at ",
		"<span>func failsSlowly(c *Context) (any, error) {</span>",
		"<tr><th>*errors.errorString<td>&lt;script&gt;alert(1)&lt;/script&gt; broke\n",
		"<tr><th>*errors.errorString<td>unexpected end &amp; more\n",
		"<tr><th>Rule<td>/&lt;name&gt;/&lt;token&gt;\n",
		"<tr><th>name<td>&#34;a&lt;b&#34;\n",
		"<tr><th>token<td>(not shown)\n",
		"<tr><th>q<td>&#34;&lt;i&gt;&#34;\n",
		"<tr><th>api_key<td>(not shown)\n",
		"<tr><th>Cookie<td>(not shown)\n",
		"<tr><th>Authorization<td>(not shown)\n",
		"<tr><th>X-Csrf-Token<td>(not shown)\n",
		"<tr><th>X-Note<td>&lt;i&gt;\n")
	mustHide(t, w, "<script", "<i>\n", "Bearer", "api_key=")
}

func failsSlowly(c *Context) (any, error) {
	_, err := breaks(c)
	return nil, fmt.Errorf("%w, and %w", err, errors.New("unexpected end & more"))
}

// The values of a form are nobody's business, and a form that was not read is
// not read for the page.
func TestDebugPageShowsNoFormValues(t *testing.T) {
	for _, reads := range []bool{true, false} {
		app, _ := debugApp(func(c *Context) (any, error) {
			if reads {
				c.Request.Form.Get("name")
			}
			return breaks(c)
		})
		r := local("/")
		body := strings.NewReader("name=geheim&password=geheim")
		post := httptest.NewRequest("POST", "/", body)
		post.RemoteAddr, post.Host, post.Header = r.RemoteAddr, r.Host, r.Header
		post.Header.Set("Content-Type", formType)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, post)
		mustHide(t, w, "geheim")
		if reads {
			mustShow(t, w, "<tr><th>name<td>6 bytes", "<tr><th>password<td>6 bytes")
		} else if body.Len() == 0 {
			t.Error("the form was read")
		}
	}
}

func TestDebugPageOfHooks(t *testing.T) {
	app, _ := debugApp(hello)
	app.BeforeRequest(breaks)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/unknown"))
	if w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	mustShow(t, w, "It came from a hook: no rule matches the request.")
}

// What cannot be shown must not take the error page away.
func TestDebugPageOfAnErrorThatPanics(t *testing.T) {
	app, _ := debugApp(func(*Context) (any, error) { panic(42) })
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustShow(t, w, "<p class=kind>panic(int)</p>", "<h1>panic: 42</h1>")

	app, _ = debugApp(func(*Context) (any, error) { return nil, fickleError{new(int)} })
	w = httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustAnswer(t, w, 500, serverErrorPage)
}

// fickleError can be written once, which the log does.
type fickleError struct{ times *int }

func (e fickleError) Error() string {
	*e.times++
	if *e.times > 1 {
		panic("I said that already")
	}
	return "fickle"
}

func TestDebugPageNamesTheNearestRules(t *testing.T) {
	app, _ := newTestApp()
	app.Config.Debug = true
	app.Get("/order/<int:number>", hello, Endpoint("order"))
	app.Get("/user/<name>/settings", hello, Endpoint("settings"))
	app.Get("/links", func(c *Context) (any, error) { return c.URLFor("ordre"), nil }, Endpoint("links"))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/odrer/7"))
	mustShow(t, w, "<p class=kind>No rule matches</p>", "<h1>/odrer/7</h1>",
		"<tbody>\n<tr><td><b>/order/&lt;int:number&gt;</b><td>GET, OPTIONS, HEAD<td>order<td class=place>")
	w = httptest.NewRecorder()
	app.ServeHTTP(w, local("/links"))
	mustShow(t, w, "*decant.BuildError", "did you mean &#34;order&#34;?", "<tbody>\n<tr><td><b>/order/")
}

func TestDebugFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "0": false, "false": false, "no": false, "False": false, "NO": false,
		"1": true, "true": true, "yes": true, "off": true, " ": true,
	} {
		t.Setenv("DECANT_DEBUG", value)
		if got := New("test").Config.Debug; got != want {
			t.Errorf("DECANT_DEBUG=%q gives %v", value, got)
		}
	}
}
