package tests

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func pathOf(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s|%s|%s", r.URL.Path, r.URL.RawPath, r.URL.EscapedPath())
}

func TestMountStripsThePrefix(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/<path:rest>", hello, decant.Endpoint("rest"))
	app.Mount("/files", http.HandlerFunc(pathOf))
	app.Mount("/files/deep er", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "deeper ", r.URL.Path)
	}))
	for target, want := range map[string]string{
		"/files":               "/||/",
		"/files/":              "/||/",
		"/files/a/b":           "/a/b||/a/b",
		"/files/a%2Fb":         "/a/b|/a%2Fb|/a%2Fb",
		"/%66iles/a%2Fb":       "/a/b|/a%2Fb|/a%2Fb",
		"/files%2Fa%2Fb":       "/a/b|%2Fa%2Fb|%2Fa%2Fb",
		"/files/%25":           "/%||/%25",
		"/files/deep%20er/x":   "deeper /x",
		"/files/deep%20er":     "deeper /",
		"/filesystem":          "Hello",
		"/FILES/x":             "Hello",
		"/files/../files/x":    "/../files/x||/../files/x",
		"/other/../files/x":    "Hello",
		"/files//evil.test":    "//evil.test||//evil.test",
		"/files/deep%2520er/x": "/deep%20er/x||/deep%2520er/x",
	} {
		w := get(app, target)
		if w.Body.String() != want || w.Code != 200 {
			t.Errorf("%q: status %d, %q; want %q", target, w.Code, w.Body, want)
		}
	}
}

// shopApp shows the URLs that it builds.
func shopApp() *decant.App {
	app, _ := newTestApp()
	app.Get("/item/<int:id>/", func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.Request.ScriptRoot(), " ", c.Request.Path(), " ", c.URLFor("item", "id", 2), " ", c.URLFor("item", "id", 3, "_external", true)), nil
	}, decant.Endpoint("item"))
	app.Get("/old", hello, decant.Endpoint("old"), decant.RedirectTo("item/1/"))
	return app
}

func TestMountedAppKnowsItsPrefix(t *testing.T) {
	outer, _ := newTestApp()
	middle, _ := newTestApp()
	ran := 0
	outer.BeforeRequest(func(*decant.Context) (any, error) { ran++; return nil, nil })
	middle.Mount("/b c", shopApp())
	outer.Mount("/a", middle)
	mustAnswer(t, get(outer, "/a/b%20c/item/1/"), 200, "/a/b c /item/1/ /a/b%20c/item/2/ http://example.com/a/b%20c/item/3/")
	mustRedirect(t, get(outer, "/a/b%20c/item/1?x=y"), "/a/b%20c/item/1/?x=y")
	mustRedirect(t, get(outer, "/a/b%20c/old"), "/a/b%20c/item/1/")
	if w := get(outer, "/a/nothing"); w.Code != 404 || ran != 0 {
		t.Errorf("status %d, %d hooks of the outer application ran", w.Code, ran)
	}
	mustAnswer(t, get(shopApp(), "/item/1/"), 200, " /item/1/ /item/2/ http://example.com/item/3/")
}

func TestMountLeavesTheRequestAsItWas(t *testing.T) {
	app, _ := newTestApp()
	app.Mount("/a", http.HandlerFunc(pathOf))
	r := httptest.NewRequest("GET", "/a/b%2Fc", nil)
	app.ServeHTTP(httptest.NewRecorder(), r)
	if r.URL.Path != "/a/b/c" || r.URL.RawPath != "/a/b%2Fc" {
		t.Errorf("%q, %q", r.URL.Path, r.URL.RawPath)
	}
}

func TestMountMistakes(t *testing.T) {
	app := decant.New("shop")
	app.Mount("/a", http.NotFoundHandler())
	for _, prefix := range []string{"", "/", "a", "/a/", "//a", "/a//b", "/a/../b", "/./a"} {
		mustPanic(t, func() { app.Mount(prefix, http.NotFoundHandler()) }, fmt.Sprintf("%q", prefix), "mount_test.go:", "/admin")
	}
	mustPanic(t, func() { app.Mount("/a", http.NotFoundHandler()) }, `"/a"`, "was mounted at", "another one")
	mustPanic(t, func() { app.Mount("/b", nil) }, `"/b"`, "mount_test.go:", "nil handler")
}

func TestTheSessionCookieOfAMountedAppKeepsToItsPrefix(t *testing.T) {
	inner := decant.New("inner")
	inner.Config.SecretKey = "the key of the mounted application"
	inner.Get("/in", func(c *decant.Context) (any, error) {
		c.Session.Set("user", "ann")
		return "in", nil
	}, decant.Endpoint("in"))
	inner.Get("/out", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		return "out", nil
	}, decant.Endpoint("out"))
	outer := decant.New("outer")
	outer.Mount("/admin", inner)
	for _, path := range []string{"/admin/in", "/admin/out", "//admin/in"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		outer.ServeHTTP(w, r)
		if cookie := w.Header().Get("Set-Cookie"); !strings.Contains(cookie, "; Path=/admin") {
			t.Errorf("%s answers %d and sets %q, want the path of the mount", path, w.Code, cookie)
		}
	}
}
