package tests

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/decant-go/decant"
)

// local is a request of a browser on the server's own machine that has opened the
// link to the debug page.
func local(target string) *http.Request {
	r := locked(target)
	r.AddCookie(debugCookie())
	return r
}

// locked is a request of a browser that has not.
func locked(target string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return r
}

// debugCookie is the cookie that the link sets. It is the same for all
// applications of one user.
var debugCookie = sync.OnceValue(func() *http.Cookie {
	app, log := debugApp(breaks)
	app.ServeHTTP(httptest.NewRecorder(), locked("/"))
	return openedLink(app, linkIn(log.text())).Result().Cookies()[0]
})

// linkIn finds the link to the debug page.
func linkIn(text string) string {
	return regexp.MustCompile(`http://\S+/_decant/unlock/[\w-]+`).FindString(text)
}

// openedLink is the answer to a link that a browser on this machine opens.
func openedLink(app *decant.App, link string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, locked(link[strings.Index(link, "/_"):]))
	return w
}

func debugApp(view decant.View) (*decant.App, *journal) {
	app, log := appWith(view)
	app.Config.Debug = true
	return app, log
}

func breaks(*decant.Context) (any, error) { return nil, errors.New("<script>alert(1)</script> broke") }

func isDebugPage(w *httptest.ResponseRecorder) bool {
	return strings.Contains(w.Body.String(), "Config.Debug is on")
}

// IsForDeveloper has a test with all kinds of requests; here both answers that
// may be the page ask it.
func TestDebugPageIsForThisMachine(t *testing.T) {
	for address, shown := range map[string]bool{"127.0.0.1:40000": true, "192.168.0.5:40000": false} {
		for _, target := range []string{"/", "/unknown"} {
			app, _ := debugApp(breaks)
			r, w := local(target), httptest.NewRecorder()
			r.RemoteAddr = address
			app.ServeHTTP(w, r)
			if isDebugPage(w) != shown {
				t.Errorf("%s of %s: the page is shown: %v", target, address, !shown)
			}
			if target == "/" && !shown {
				mustAnswer(t, w, 500, serverErrorPage)
			}
		}
	}
}

// A proxy on the same machine makes all visitors seem to be local, and by default it
// names the application's own host, with HTTP/1.1 and without a header of its own.
func TestDebugPageNeedsTheCookieOfTheLink(t *testing.T) {
	app, log := debugApp(breaks)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, locked("/"))
	mustAnswer(t, w, 500, strings.Replace(serverErrorPage, "</p>", "<br>The error is in the terminal, and so is a link that makes this browser show errors.</p>", 1))
	log.mustContain(t, "INFO the debug page is locked", "link=http://localhost:5000/_decant/unlock/")

	w = httptest.NewRecorder()
	app.ServeHTTP(w, locked("/unknown"))
	if isDebugPage(w) || w.Code != 404 {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}

	r := locked("/")
	r.AddCookie(openedLink(app, linkIn(log.text())).Result().Cookies()[0])
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if !isDebugPage(w) {
		t.Errorf("the unlocked browser gets\n%s", w.Body)
	}
}

// The secret key plays no part: in tutorials it is known to everybody.
func TestDebugLinkDoesNotComeFromTheSecretKey(t *testing.T) {
	var links []string
	for _, key := range []string{"dev", testKey} {
		app, log := debugApp(breaks)
		app.Config.SecretKey = key
		app.ServeHTTP(httptest.NewRecorder(), locked("/"))
		links = append(links, linkIn(log.text()))
	}
	if links[0] == "" || links[0] != links[1] {
		t.Errorf("the links are %q", links)
	}
}

func TestThereIsNoLinkWithoutDebug(t *testing.T) {
	app, _ := appWith(hello)
	debug, log := debugApp(breaks)
	debug.ServeHTTP(httptest.NewRecorder(), locked("/"))
	if w := openedLink(app, linkIn(log.text())); w.Code != 404 {
		t.Errorf("status %d", w.Code)
	}
}

// ProxyFix makes the address of a client that lies about it look local.
func TestDebugPageIsNotForClientsOfAProxy(t *testing.T) {
	app, _ := debugApp(breaks)
	app.Use(decant.ProxyFix(decant.Hops{For: 1, Host: 1}))
	r := locked("/")
	r.RemoteAddr, r.Host = "192.0.2.1:1", "example.com"
	r.Header.Set("X-Forwarded-For", "127.0.0.1:5")
	r.Header.Set("X-Forwarded-Host", "localhost")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Code != 500 || isDebugPage(w) || strings.Contains(w.Body.String(), "broke") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
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
	app.ErrorHandler(500, func(*decant.Context, *decant.HTTPError) (any, error) { return "mine", nil })
	app.ErrorHandler(404, func(*decant.Context, *decant.HTTPError) (any, error) { return "nothing", nil })
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
		app, _ := debugApp(func(*decant.Context) (any, error) { return nil, decant.Abort(code) })
		w := httptest.NewRecorder()
		app.ServeHTTP(w, local("/"))
		mustAnswer(t, w, code, errorPage(decant.NewHTTPError(code)))
	}
}

// The page stays as it is, and hooks and the session still have their say.
func TestDebugPageInItsAnswer(t *testing.T) {
	app, log := debugApp(func(c *decant.Context) (any, error) {
		c.Session.Set("user", "ann")
		return breaks(c)
	})
	seen := 0
	app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
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
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Content-Type":            "text/html; charset=utf-8",
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

func raisesDeep(*decant.Context) (any, error) {
	var prices []int
	return prices[3], nil // this line fails
}

func TestDebugPageOfAPanic(t *testing.T) {
	app, _ := debugApp(raisesDeep)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustShow(t, w,
		"<h1>runtime error: index out of range [3] with length 0</h1>",
		"tests.raisesDeep</code>",
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
	r.Header.Add("Cookie", "session=geheim")
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
		"<span>func failsSlowly(c *decant.Context) (any, error) {</span>",
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

func failsSlowly(c *decant.Context) (any, error) {
	_, err := breaks(c)
	return nil, fmt.Errorf("%w, and %w", err, errors.New("unexpected end & more"))
}

// The values of a form are nobody's business, and a form that was not read is
// not read for the page.
func TestDebugPageShowsNoFormValues(t *testing.T) {
	for _, reads := range []bool{true, false} {
		app, _ := debugApp(func(c *decant.Context) (any, error) {
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

// A value that cannot be printed does not take the error page away.
func TestDebugPageOfAnErrorThatPanics(t *testing.T) {
	app, _ := debugApp(func(*decant.Context) (any, error) { panic(42) })
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	mustShow(t, w, "<p class=kind>panic(int)</p>", "<h1>panic: 42</h1>")

	app, _ = debugApp(func(*decant.Context) (any, error) { return nil, fickleError{new(int)} })
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
	app.Get("/order/<int:number>", hello, decant.Endpoint("order"))
	app.Get("/user/<name>/settings", hello, decant.Endpoint("settings"))
	app.Get("/links", func(c *decant.Context) (any, error) { return c.URLFor("ordre"), nil }, decant.Endpoint("links"))
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
		if got := decant.New("test").Config.Debug; got != want {
			t.Errorf("DECANT_DEBUG=%q gives %v", value, got)
		}
	}
}

// TestDebugPageShowsTheLinesOfTemplates walks from the line that fails to the page
// that includes it.
func TestDebugPageShowsTheLinesOfTemplates(t *testing.T) {
	app, _ := templateApp("page.html", "first\n{% include 'row.html' %}", "row.html", "\n\n{{ number / 0 }}")
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"number": 1} })
	app.Config.Debug = true
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/"))
	body := w.Body.String()
	for _, part := range []string{"ZeroDivisionError", "<strong>row.html:3</strong>", "{{ number / 0 }}", "<strong>page.html:2</strong>", "{% include &#39;row.html&#39; %}"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}
