package tests

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// viewOf is an application with one view, at "/", whose log nobody reads.
func viewOf(view decant.View) *decant.App {
	app, _ := appWith(view)
	return app
}

func TestHeadersOfMiddlewareSurvive(t *testing.T) {
	app := viewOf(func(c *decant.Context) (any, error) {
		c.Session.Set("user", "ann")
		return "ok", nil
	})
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Vary", "Origin")
			http.SetCookie(w, &http.Cookie{Name: "csrf", Value: "token"})
			next.ServeHTTP(w, r)
		})
	})
	w := get(app, "/")
	if got := w.Header().Get("Vary"); got != "Origin, Cookie" {
		t.Errorf("Vary is %q", got)
	}
	if cookies := w.Header()["Set-Cookie"]; len(cookies) != 2 || !strings.HasPrefix(cookies[0], "csrf=") || !strings.HasPrefix(cookies[1], "session=") {
		t.Errorf("Set-Cookie is %q", cookies)
	}
}

func TestMiddlewareCannotReachOtherResponsesThroughHeaderValues(t *testing.T) {
	app := viewOf(func(c *decant.Context) (any, error) { return "ok", touch(c) })
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			for _, values := range w.Header() {
				values[0] = "spoilt"
			}
		})
	})
	get(app, "/")
	other := viewOf(func(c *decant.Context) (any, error) { return "ok", touch(c) })
	want := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Cookie"}}
	if diff := cmp.Diff(want, get(other, "/").Header()); diff != "" {
		t.Errorf("the next response (-want +got):\n%s", diff)
	}
}

// touch looks at the session.
func touch(c *decant.Context) error {
	c.Session.Len()
	return nil
}

type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic("boom") }

func TestEveryMistakeInAnAnswerIsAWholePage(t *testing.T) {
	_, failure := os.Open("no such file")
	var noError *decant.HTTPError
	var noPieces func(func(string) bool)
	var noReader *strings.Reader
	for name, answer := range map[string]any{
		"a panic in MarshalJSON": explosive{},
		"a nil *HTTPError":       noError,
		"a nil sequence":         noPieces,
		"a nil reader":           noReader,
		"an error":               failure,
	} {
		w := get(viewOf(func(*decant.Context) (any, error) { return answer, nil }), "/")
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "<h1>Internal Server Error</h1>") {
			t.Errorf("%s answers %d %q", name, w.Code, w.Body)
		}
	}
}

func TestAResponseThatCannotBeSentIsReplaced(t *testing.T) {
	for name, spoil := range map[string]func(*decant.Response){
		"status 0":          func(r *decant.Response) { r.Status = 0 },
		"status 199":        func(r *decant.Response) { r.Status = 199 },
		"a line break":      func(r *decant.Response) { r.Header().Set("X-A", "a\r\nEvil: 1") },
		"a name that is no": func(r *decant.Response) { r.Header()["X(Y)"] = []string{"1"} },
		"framing":           func(r *decant.Response) { r.Header().Set("Transfer-Encoding", "gzip") },
	} {
		app := viewOf(func(*decant.Context) (any, error) { return "ok", nil })
		app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
			spoil(r)
			return nil
		})
		w := get(app, "/")
		want := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		if diff := cmp.Diff(want, w.Header()); w.Code != http.StatusInternalServerError || diff != "" {
			t.Errorf("%s answers %d, headers (-want +got):\n%s", name, w.Code, diff)
		}
	}
}

func TestABodyIsMeasuredAndTypedByUs(t *testing.T) {
	server := httptest.NewServer(viewOf(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("<script>")
		r.Header().Set("Content-Length", "2")
		r.Header().Del("Content-Type")
		return r, nil
	}))
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if string(body) != "<script>" || answer.Header["Content-Type"] != nil {
		t.Errorf("got %q of type %q", body, answer.Header["Content-Type"])
	}
}

type closable struct {
	io.Reader
	closed int
}

func (c *closable) Close() error {
	c.closed++
	return nil
}

func TestABodyIsClosedOnceWhetherItIsSentOrNot(t *testing.T) {
	fail := func(*decant.Context, *decant.Response) error { return errors.New("after") }
	for name, test := range map[string]struct {
		method string
		after  func(*decant.Context, *decant.Response) error
	}{
		"sent":         {method: "GET"},
		"only headers": {method: "HEAD"},
		"replaced":     {method: "GET", after: fail},
	} {
		body := &closable{Reader: strings.NewReader("text")}
		app := viewOf(func(*decant.Context) (any, error) { return body, nil })
		if test.after != nil {
			app.AfterRequest(test.after)
		}
		app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(test.method, "/", nil))
		if body.closed != 1 {
			t.Errorf("%s: closed %d times", name, body.closed)
		}
	}
}

func TestMethodsAreReadInUpperCase(t *testing.T) {
	app := viewOf(func(c *decant.Context) (any, error) { return c.Request.Method, nil })
	for method, want := range map[string]string{"get": "GET", "options": "", "Post": "POST"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Method = method
		app.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s answers %d %q, want %q", method, w.Code, w.Body, want)
		}
		if r.Method != method {
			t.Errorf("the server's own request was changed to %s", r.Method)
		}
	}
}

func TestMiddlewareSeesThePathThatTheRulesMatch(t *testing.T) {
	app := decant.New("guarded")
	app.Get("/secret/<path:p>", func(*decant.Context) (any, error) { return "secret", nil }, decant.Endpoint("secret"))
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/secret/") {
				http.Error(w, "forbidden", http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	for _, path := range []string{"/secret/x", "//secret/x", "/%2Fsecret/x", "/%73ecret/x"} {
		r := httptest.NewRequest("GET", "http://example.test"+path, nil)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s answers %d %s", path, w.Code, w.Body)
		}
	}
}

func TestTeardownFunctionsAllRun(t *testing.T) {
	app := viewOf(func(*decant.Context) (any, error) { return "ok", nil })
	var ran []string
	app.TeardownRequest(func(*decant.Context, error) { ran = append(ran, "first") })
	app.TeardownRequest(func(*decant.Context, error) { panic(http.ErrAbortHandler) })
	app.TeardownRequest(func(*decant.Context, error) { ran = append(ran, "last") })
	get(app, "/")
	if diff := cmp.Diff([]string{"last", "first"}, ran); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
