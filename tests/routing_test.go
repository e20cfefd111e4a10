package tests

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestDefaultsChooseTheShortRule(t *testing.T) {
	app, _ := newTestApp()
	show := func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.ParamInt("page"), c.URLFor("show", "page", 1)), nil
	}
	app.Get("/d/", show, decant.Endpoint("show"), decant.Defaults("page", 1))
	app.Get("/d/<int:page>", show, decant.Endpoint("show"))
	mustAnswer(t, get(app, "/d/"), 200, "1/d/")
	mustAnswer(t, get(app, "/d/2"), 200, "2/d/")
	mustRedirect(t, get(app, "/d/1?a=b"), "/d/?a=b")
}

func mustRedirect(t *testing.T, w *httptest.ResponseRecorder, location string) {
	t.Helper()
	if got := w.Header().Get("Location"); w.Code != 308 || got != location {
		t.Errorf("status %d, location %q; want 308, %q", w.Code, got, location)
	}
}

func TestSlashes(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/folder/", hello)
	app.Get("/lax/", hello, decant.StrictSlashes(false))
	app.Get("/file", hello)
	app.Get("/raw/<path:rest>", func(c *decant.Context) (any, error) { return c.Param("rest"), nil }, decant.Endpoint("raw"), decant.MergeSlashes(false))
	mustRedirect(t, get(app, "/folder?q=1"), "/folder/?q=1")
	mustAnswer(t, get(app, "/lax"), 200, "Hello")
	if w := send(app, "OPTIONS", "/lax", ""); w.Code != 200 || w.Header()["Allow"] != nil {
		t.Errorf("status %d, Allow %q; Werkzeug lists no methods here, and sends no header", w.Code, w.Header()["Allow"])
	}
	mustAnswer(t, get(app, "//file"), 200, "Hello") // slashes in front do not count
	mustRedirect(t, get(app, "/folder//?q=1"), "/folder/?q=1")
	mustAnswer(t, get(app, "/raw/a//b"), 200, "a//b")
	if got := get(app, "/file/").Code; got != 404 {
		t.Errorf("status %d for a slash too many", got)
	}

	lax := decant.New("lax", decant.StrictSlashes(false))
	lax.Get("/folder/", hello)
	lax.Get("/file", hello)
	lax.Get("/strict/", hello, decant.StrictSlashes(true))
	mustAnswer(t, get(lax, "/folder"), 200, "Hello")
	mustAnswer(t, get(lax, "/file/"), 200, "Hello")
	mustRedirect(t, get(lax, "/strict"), "/strict/")
}

func TestRedirectToAliasAndBuildOnly(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/old/<int:id>", hello, decant.Endpoint("old"), decant.RedirectTo("/new/<id>"))
	app.Get("/new/<int:id>", anotherHello, decant.Endpoint("new"))
	app.Get("/nickname/<int:id>", anotherHello, decant.Endpoint("new"), decant.Alias())
	app.Get("/elsewhere", hello, decant.Endpoint("elsewhere"), decant.BuildOnly())
	mustRedirect(t, get(app, "/old/3"), "/new/3")
	mustRedirect(t, get(app, "/nickname/4"), "/new/4")
	if got := get(app, "/elsewhere").Code; got != 404 {
		t.Errorf("status %d for a rule that only builds", got)
	}
	if got, err := app.BuildURL("elsewhere", "_external", false); got != "/elsewhere" || err != nil {
		t.Error(got, err)
	}
}

func TestRouteWithoutMethodsAnswersGet(t *testing.T) {
	app, _ := newTestApp()
	app.Route("/x", hello)
	mustAnswer(t, get(app, "/x"), 200, "Hello")
	if w := send(app, "POST", "/x", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Error(w.Code, w.Header())
	}
}

func TestKeepSlashes(t *testing.T) {
	app := decant.New("keep", decant.MergeSlashes(false))
	app.Get("/a//b", hello)
	app.Get("/a/b", anotherHello)
	app.Get("/merge/x", hello, decant.MergeSlashes(true))
	mustAnswer(t, get(app, "/a//b"), 200, "Hello")
	mustAnswer(t, get(app, "/a/b"), 200, "Hello again")
	if got := get(app, "/a///b").Code; got != 404 {
		t.Errorf("status %d for slashes that no rule has", got)
	}
	if got := get(app, "/merge//x").Code; got != 404 { // as in Werkzeug, where the map decides what is searched
		t.Errorf("status %d for /merge//x", got)
	}
}

func TestRedirectToFunc(t *testing.T) {
	app, _ := newTestApp()
	user := decant.NewG[string]("user")
	app.BeforeRequest(func(c *decant.Context) (any, error) { user.Set(c, "ann"); return nil, nil })
	app.Get("/post/<slug>", hello, decant.Endpoint("post"))
	app.Get("/old/<int:id>", hello, decant.Endpoint("old"), decant.RedirectToFunc(func(c *decant.Context, values decant.H) string {
		return c.URLFor("post", "slug", fmt.Sprint(user.Get(c), "-", values["id"].(int)))
	}))
	app.Get("/near/<x>", hello, decant.Endpoint("near"), decant.RedirectToFunc(func(_ *decant.Context, values decant.H) string { return "post/" + values["x"].(string) }))
	app.Get("/far/<x>", hello, decant.Endpoint("far"), decant.RedirectToFunc(func(_ *decant.Context, values decant.H) string { return "https://example.org/" + values["x"].(string) }))
	app.Get("/path/<path:x>", hello, decant.Endpoint("path"), decant.RedirectToFunc(func(_ *decant.Context, values decant.H) string { return "/" + values["x"].(string) }))
	app.Get("/wrong", hello, decant.Endpoint("wrong"), decant.RedirectToFunc(func(c *decant.Context, _ decant.H) string { return c.URLFor("absent") }))
	mustRedirect(t, get(app, "/old/7?q=1"), "/post/ann-7")
	mustRedirect(t, get(app, "/near/x"), "/post/x")
	mustRedirect(t, get(app, "/far/x"), "https://example.org/x")
	mustRedirect(t, get(app, `/path/%5cevil.test`), "/evil.test")
	mustRedirect(t, get(app, "/path/x/..//%2f/evil.test"), "/evil.test")
	mustFail(t, get(app, "/wrong"))
	mounting, _ := newTestApp()
	mounting.Mount("/below", app)
	mustRedirect(t, get(mounting, "/below/old/7"), "/below/post/ann-7")
	mustRedirect(t, get(mounting, "/below/near/x"), "/below/post/x")
}

func TestIsEndpointExpecting(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/<lang>/<int:page>", hello, decant.Endpoint("both"))
	app.Get("/<lang>/", hello, decant.Endpoint("one"))
	app.Get("/x", hello, decant.Endpoint("one"), decant.Defaults("page", 1))
	for _, c := range []struct {
		endpoint  string
		arguments []string
		want      bool
	}{
		{"both", []string{"lang"}, true},
		{"both", []string{"page", "lang"}, true},
		{"both", []string{"lang", "name"}, false},
		{"both", nil, true},
		{"one", []string{"lang"}, true},
		{"one", []string{"page"}, true},
		{"one", []string{"lang", "page"}, false}, // in two rules, not in one
		{"absent", nil, false},
	} {
		if got := app.IsEndpointExpecting(c.endpoint, c.arguments...); got != c.want {
			t.Errorf("%s expects %q: %v", c.endpoint, c.arguments, got)
		}
	}
}

// A handler that takes the connection over is how a WebSocket is served.
func TestHandshakesAreOrdinaryRequests(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/chat/<room>", func(c *decant.Context) (any, error) {
		room := c.Param("room")
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer connection.Close()
			fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nroom %s", room)
		}), nil
	}, decant.Endpoint("chat"))
	server := httptest.NewServer(app)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET /chat/go HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	answer, err := io.ReadAll(connection)
	if text := string(answer); err != nil || !strings.HasPrefix(text, "HTTP/1.1 101 ") || !strings.HasSuffix(text, "room go") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAutomaticOptions(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/a", hello)
	app.Get("/none", hello, decant.ProvideAutomaticOptions(false))
	app.Route("/own", hello, decant.Methods("OPTIONS"))
	app.Route("/both", hello, decant.Methods("OPTIONS", "GET"), decant.ProvideAutomaticOptions(true))
	if w := send(app, "OPTIONS", "/a", ""); w.Header().Get("Allow") != "GET, HEAD, OPTIONS" || w.Body.Len() > 0 {
		t.Error(w.Header(), w.Body)
	}
	if w := send(app, "OPTIONS", "/none", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Error(w.Code, w.Header())
	}
	mustAnswer(t, send(app, "OPTIONS", "/own", ""), 200, "Hello")
	mustAnswer(t, send(app, "OPTIONS", "/both", ""), 200, "")
}

// The setting counts when a rule is registered, and the rule's own word more.
func TestAutomaticOptionsByConfig(t *testing.T) {
	app, _ := newTestApp()
	bp := decant.NewBlueprint("bp")
	bp.Get("/bp", hello)
	app.Get("/before", hello)
	app.Config.ProvideAutomaticOptions = false
	app.Get("/after", hello)
	app.RegisterBlueprint(bp)
	app.Get("/asked", hello, decant.ProvideAutomaticOptions(true))
	app.Config.ProvideAutomaticOptions = true
	for target, want := range map[string]int{"/before": 200, "/after": 405, "/bp": 405, "/asked": 200} {
		w := send(app, "OPTIONS", target, "")
		allow := map[int]string{200: "GET, HEAD, OPTIONS", 405: "GET, HEAD"}[want]
		if w.Code != want || w.Header().Get("Allow") != allow {
			t.Errorf("%s: status %d, Allow %q", target, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestHostMatching(t *testing.T) {
	app := decant.New("hosts", decant.HostMatching())
	app.Get("/", func(c *decant.Context) (any, error) { return c.Param("user") + c.URLFor("www"), nil }, decant.Endpoint("user"), decant.RuleHost("<user>.example.com"))
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("www") + c.URLFor("user", "user", "bob"), nil }, decant.Endpoint("www"), decant.RuleHost("www.example.com"))
	mustAnswer(t, get(app, "http://ann.example.com/"), 200, "annhttp://www.example.com/")
	mustAnswer(t, get(app, "http://WWW.example.com:80/"), 200, "/http://bob.example.com/")
	if got := get(app, "http://example.org/").Code; got != 404 {
		t.Errorf("status %d for an unknown host", got)
	}
	if w := send(app, "OPTIONS", "http://www.example.com/", ""); w.Header().Get("Allow") == "" {
		t.Error("no Allow", w.Code)
	}
}

func TestRoutes(t *testing.T) {
	app := decant.New("shop", decant.SubdomainMatching())
	app.Get("/<name>", hello, decant.Endpoint("dynamic"))
	app.Post("/static", hello, decant.Endpoint("fixed"), decant.Subdomain("api"))
	app.Get("/link", hello, decant.Endpoint("link"), decant.BuildOnly())
	var got []string
	for _, r := range app.Routes() {
		if !strings.Contains(r.Place, "routing_test.go:") {
			t.Errorf("the place is %q", r.Place)
		}
		got = append(got, fmt.Sprint(r.Endpoint, r.Methods, r.Rule, " ", r.Domain))
	}
	want := []string{"static[GET OPTIONS HEAD]/static/<path:filename> ", "dynamic[GET OPTIONS HEAD]/<name> ", "fixed[POST OPTIONS]/static api", "link[GET OPTIONS HEAD]/link "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	app.Routes()[0].Methods[0] = "changed"
	if app.Routes()[0].Methods[0] != "GET" {
		t.Error("changing the list changes the rules")
	}
}

func TestRelativeEndpointsOutsideOfBlueprints(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/x", func(c *decant.Context) (any, error) { return c.URLFor(".x"), nil }, decant.Endpoint("x"))
	app.ErrorHandler(404, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return c.URLFor(".x"), nil })
	mustAnswer(t, get(app, "/x"), 200, "/x")
	mustAnswer(t, get(app, "/nowhere"), 404, "/x")
}

func TestBuildErrorHandlers(t *testing.T) {
	app, _ := newTestApp()
	var seen decant.H
	app.BuildErrorHandler(func(*decant.Context, *decant.BuildError, decant.H) (string, bool) { return "/wrong", false })
	app.BuildErrorHandler(func(_ *decant.Context, err *decant.BuildError, values decant.H) (string, bool) {
		seen = values
		return "/legacy/" + err.Endpoint, err.Endpoint != "hopeless"
	})
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("absent", "a", 1, "_anchor", "top"), nil }, decant.Endpoint("index"))
	app.Get("/hopeless", func(c *decant.Context) (any, error) { return c.URLFor("hopeless"), nil }, decant.Endpoint("h"))
	app.Get("/<int:n>", func(c *decant.Context) (any, error) { return c.URLFor("number", "n", "text"), nil }, decant.Endpoint("number"))
	mustAnswer(t, get(app, "/"), 200, "/legacy/absent")
	if diff := cmp.Diff(decant.H{"a": 1, "_anchor": "top", "_external": false, "_method": "", "_scheme": ""}, seen); diff != "" {
		t.Error(diff)
	}
	mustFail(t, get(app, "/hopeless"))
	mustFail(t, get(app, "/1")) // the converter's error is none of the handlers'
}

func TestTrustedHosts(t *testing.T) {
	app, _ := newTestApp()
	app.Config.TrustedHosts = []string{"example.com", ".example.org"}
	ran := false
	app.BeforeRequest(func(*decant.Context) (any, error) { ran = true; return nil, nil })
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("index", "_external", true), nil }, decant.Endpoint("index"))
	app.Fallback(http.NotFoundHandler())
	mustAnswer(t, get(app, "http://example.com/"), 200, "http://example.com/")
	mustAnswer(t, get(app, "http://a.example.org:81/"), 200, "http://a.example.org:81/")
	ran = false
	for _, host := range []string{"evil.test", "example.com.evil.test", "evil.test:80", "example.com@evil.test", ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != 400 {
			t.Errorf("status %d for the host %q", w.Code, host)
		}
	}
	if !ran {
		t.Error("the before-request functions did not run")
	}
}

// Security item 3: redirects stay on this host whatever the request line says.
// echo CVE-2022-40083 and GHSA-v753-g4cw-jm48; chi GHSA-vrw8-fxc6-2r93 and
// GHSA-mqqf-5wvp-8fh8; Werkzeug CVE-2020-28724.
func TestNoRequestMakesARedirectLeaveTheHost(t *testing.T) {
	app, _ := newTestApp()
	app.Use(decant.ProxyFix(decant.Hops{}))
	app.Get("/<a>/", hello, decant.Endpoint("one"))
	app.Get("/<a>/<b>/", hello, decant.Endpoint("two"))
	app.Get("/files/<path:rest>/", hello, decant.Endpoint("files"))
	app.Get("/go/<path:rest>", hello, decant.Endpoint("go"), decant.RedirectTo("<rest>"))
	app.Get("/call/<path:rest>", hello, decant.Endpoint("call"), decant.RedirectToFunc(func(_ *decant.Context, values decant.H) string { return "/" + values["rest"].(string) }))
	mounting, _ := newTestApp()
	mounting.Mount("/below", app)
	redirected := 0
	for _, target := range []string{
		"//evil.test", "//evil.test/x", "///evil.test/x", // Werkzeug CVE-2020-28724
		`/\evil.test`, `/\/evil.test`, `/\evil.test/x`, "/%5cevil.test", "/%5c%5cevil.test/x", // echo CVE-2022-40083, GHSA-v753-g4cw-jm48
		"/%09/evil.test", "/%09//evil.test", "/%0a/evil.test", "/%20//evil.test", // probo GHSA-p6m2-fv55-v5wp
		"/%0d%0aLocation:%20evil.test/x", "/%00/evil.test", // response splitting: CWE-113
		"/%2fevil.test", "/%2f%2fevil.test/x", "/%252fevil.test", // echo GHSA-vfp3-v2gw-7wfq, fiber CVE-2026-25891
		"/%2e%2e//evil.test",                                                           // echo GHSA-3pmx-cf9f-34xr
		"http://evil.test//evil.test/x", "http://evil.test/x", "https://evil.test/a/b", // chi GHSA-vrw8-fxc6-2r93, GHSA-mqqf-5wvp-8fh8
		"/go///evil.test", "/go//evil.test", "/go/%5c%5cevil.test", "/go/https://evil.test", "/go/javascript:alert(1)", // echo CVE-2022-40083
		"/call//evil.test", "/call/%5cevil.test", "/call/%09/evil.test", "/call/https://evil.test", // echo CVE-2022-40083
		"/files//evil.test", // Werkzeug CVE-2020-28724
	} {
		for _, handler := range []http.Handler{app, mounting} {
			for _, prefix := range []string{"", "/below"} {
				if location := locationFor(t, handler, prefix, target); location != "" {
					redirected++
				}
			}
		}
	}
	if redirected < 20 {
		t.Errorf("only %d requests were redirected", redirected)
	}
}

func locationFor(t *testing.T, handler http.Handler, prefix, target string) string {
	t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = prefix + target
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: evil.test\r\n" +
		"X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: javascript\r\nX-Forwarded-Prefix: //evil.test\r\nX-Forwarded-For: evil.test\r\n\r\n")))
	if err != nil {
		return "" // net/http answers such a request line with 400
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	location := w.Header().Get("Location")
	if w.Code < 300 || w.Code > 399 {
		return ""
	}
	own := strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//")
	if !own || strings.ContainsAny(location, "\\\t\r\n\x00 ") {
		t.Errorf("%q below %q is redirected to %q", target, prefix, location)
	}
	return location
}

// Security item 1: guards see the path that rules match, decoded once. echo
// GHSA-vfp3-v2gw-7wfq, GHSA-375p-5qhx-8wq4, GHSA-3pmx-cf9f-34xr; fiber
// CVE-2026-25891.
func TestNoEncodingSkipsAGuard(t *testing.T) {
	admin, _ := newTestApp()
	guarded, _ := newTestApp()
	bp := decant.NewBlueprint("admin", decant.URLPrefix("/admin"))
	bp.BeforeRequest(func(*decant.Context) (any, error) { return nil, decant.NewHTTPError(403) })
	for _, on := range []decant.Scaffold{bp, admin} {
		on.Get("/", func(*decant.Context) (any, error) { return "secret", nil }, decant.Endpoint("index"))
		on.Get("/<path:rest>", func(*decant.Context) (any, error) { return "secret", nil }, decant.Endpoint("rest"))
	}
	guarded.RegisterBlueprint(bp)
	byPath, _ := newTestApp()
	byPath.BeforeRequest(func(c *decant.Context) (any, error) {
		if strings.HasPrefix(c.Request.Path(), "/admin/") {
			return nil, decant.NewHTTPError(403)
		}
		return nil, nil
	})
	byPath.Get("/admin/<path:rest>", func(*decant.Context) (any, error) { return "secret", nil }, decant.Endpoint("rest"))
	for _, target := range []string{
		"/admin/", "/admin/x", "/%61dmin/x", "/%61%64%6d%69%6e/x", "/admin%2fx", "/admin%2Fx", // echo GHSA-vfp3-v2gw-7wfq
		"/%2561dmin/x", "//admin/x", // fiber CVE-2026-25891, Werkzeug CVE-2020-28724
		"/./admin/x", "/a/../admin/x", "/%2e/admin/x", "/admin/../admin/x", "/admin/%2e%2e/x", // echo GHSA-3pmx-cf9f-34xr
		"/ADMIN/x", "/admin;/x", `/admin\x`, "/admin%00/x", // echo GHSA-375p-5qhx-8wq4
	} {
		for name, app := range map[string]*decant.App{"blueprint": guarded, "path": byPath} {
			if w := get(app, target); strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s: %q got past the guard", name, target)
			}
		}
	}
	mustAnswer(t, get(admin, "/x"), 200, "secret")
}

func TestSchemeOfTheConnection(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("index", "_external", true), nil }, decant.Endpoint("index"))
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = new(tls.ConnectionState)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	mustAnswer(t, w, 200, "https://example.com/")
	r = httptest.NewRequest("GET", "/", nil)
	r.Host = "evil'test"
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("status %d for a host that is none", w.Code)
	}
}

func TestRouteMistakes(t *testing.T) {
	app := decant.New("shop")
	app.Get("/taken", hello, decant.Endpoint("taken"))
	place := "routing_test.go:"
	mustPanic(t, func() { app.Get("/a", hello, decant.Defaults("page")) }, `"/a"`, "Defaults", "pairs")
	mustPanic(t, func() { app.Get("/a", hello, decant.Defaults(1, 2)) }, `"/a"`, "Defaults", "a name belongs")
	mustPanic(t, func() { app.Get("/a", hello, decant.Subdomain("api")) }, `"/a"`, place, "Subdomain", "SubdomainMatching()")
	mustPanic(t, func() { app.Get("/a", hello, decant.RuleHost("a.b")) }, `"/a"`, place, "RuleHost", "HostMatching()")
	mustPanic(t, func() { app.Get("/a", anotherHello, decant.Endpoint("taken")) }, `"/a"`, `"taken"`, place, "Use Endpoint")
	mustPanic(t, func() { app.Get("/a/<no:x>", hello) }, `"/a/<no:x>"`, place, "no converter", "add your own")
	mustPanic(t, func() { app.Get("/b", hello, decant.RedirectTo("/<x>")) }, `"/b"`, place, "redirect_to")
	mustPanic(t, func() { app.Get("/a", hello, decant.RedirectToFunc(nil)) }, `"/a"`, "RedirectToFunc", "nil", "pass the function")
	mustPanic(t, func() { app.Get("/a", nil) }, `"/a"`, "nil view")
	mustPanic(t, func() { app.Put("/a", hello, decant.Methods("GET")) }, `"/a"`, "Put", "use Route")
	mustPanic(t, func() {
		app := decant.New("shop")
		app.Config.TrustedHosts = []string{""}
		get(app, "/")
	}, "Config.TrustedHosts", "example.com")
	mustPanic(t, func() { get(decant.New("shop", decant.SubdomainMatching()), "/") }, `"shop"`, "SubdomainMatching", "Config.ServerName")
}
