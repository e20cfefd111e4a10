package tests

import (
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

// The table of slashes in the package comment.
func TestSlashesOfTheManual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, path string
		status     int
		location   string
	}{
		{"/about/", "/about/", 200, ""},
		{"/about/", "/about", 308, "/about/"},
		{"/about", "/about", 200, ""},
		{"/about", "/about/", 404, ""},
		{"/about", "//about", 200, ""},
		{"/a/b", "/a//b", 308, "/a/b"},
	} {
		app, _ := newTestApp()
		app.Get(test.rule, hello, decant.Endpoint("view"))
		r := local("/")
		r.URL.Path = test.path
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != test.status || w.Header().Get("Location") != test.location {
			t.Errorf("the rule %s answers %s with %d %q", test.rule, test.path, w.Code, w.Header().Get("Location"))
		}
	}
}

// The rules and converters in the package comment.
func TestRulesOfTheManual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, path, want string }{
		{"/user/<name>", "/user/ann", "ann"},
		{"/post/<int:name>", "/post/7", "7"},
		{"/files/<path:name>", "/files/a/b", "a/b"},
		{"/<any(en, de):name>", "/de", "de"},
		{"/code/<string(length=2):name>", "/code/ab", "ab"},
		{"/n/<int(fixed_digits=2, min=1, max=9, signed=True):name>", "/n/07", "07"},
		{"/r/<float(min=0, max=2, signed=True):name>", "/r/1.5", "1.5"},
		{"/s/<string(minlength=1, maxlength=2):name>", "/s/ab", "ab"},
		{"/u/<uuid:name>", "/u/12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-567812345678"},
	} {
		app, _ := newTestApp()
		app.Get(test.rule, func(c *decant.Context) (any, error) { return c.Param("name"), nil }, decant.Endpoint("view"))
		if w := get(app, test.path); w.Code != 200 || test.want != w.Body.String() {
			t.Errorf("the rule %s answers %s with %d %q", test.rule, test.path, w.Code, w.Body)
		}
	}
}
