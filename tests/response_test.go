package tests

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

type named string

type point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// closing notes that it was closed.
type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

func TestMakeResponse(t *testing.T) {
	const html, jsonType = "text/html; charset=utf-8", "application/json"
	words := slices.Values([]string{"a", "b", "c"})
	pieces := slices.Values([][]byte{[]byte("a"), []byte("b")})
	steps := func(yield func(string, error) bool) { _ = yield("a", nil) && yield("b", nil) }
	for name, c := range map[string]struct {
		answer      any
		status      int
		contentType string
		body        string
	}{
		"string":              {"<b>", 200, html, "<b>"},
		"empty string":        {"", 200, html, ""},
		"bytes":               {[]byte{0, 255}, 200, html, "\x00\xff"},
		"empty bytes":         {[]byte{}, 200, html, ""},
		"markup":              {decant.Markup("<b>"), 200, html, "<b>"},
		"named string":        {named("x"), 200, html, "x"},
		"H":                   {decant.H{"b": 1, "a": []int{1}, "é": nil}, 200, jsonType, `{"a":[1],"b":1,"\u00e9":null}` + "\n"},
		"map":                 {map[string]int{"a": 1}, 200, jsonType, `{"a":1}` + "\n"},
		"slice":               {[]string{"a"}, 200, jsonType, `["a"]` + "\n"},
		"empty slice":         {[]int{}, 200, jsonType, "[]\n"},
		"array":               {[2]int{1, 2}, 200, jsonType, "[1,2]\n"},
		"struct":              {point{1, 2}, 200, jsonType, `{"x":1,"y":2}` + "\n"},
		"pointer to struct":   {&point{1, 2}, 200, jsonType, `{"x":1,"y":2}` + "\n"},
		"date in JSON":        {decant.H{"d": time.Unix(0, 0).UTC()}, 200, jsonType, `{"d":"Thu, 01 Jan 1970 00:00:00 GMT"}` + "\n"},
		"UUID in JSON":        {decant.H{"u": decant.UUID{15: 1}}, 200, jsonType, `{"u":"00000000-0000-0000-0000-000000000001"}` + "\n"},
		"markup in JSON":      {decant.H{"m": decant.Markup("<b>")}, 200, jsonType, `{"m":"<b>"}` + "\n"},
		"error page":          {decant.NewHTTPError(404, "gone"), 404, html, errorPage(decant.NewHTTPError(404, "gone"))},
		"reader":              {strings.NewReader("read"), 200, html, "read"},
		"sequence of text":    {words, 200, html, "abc"},
		"plain function":      {func(yield func(string) bool) { yield("x") }, 200, html, "x"},
		"sequence of bytes":   {pieces, 200, html, "ab"},
		"function of bytes":   {func(yield func([]byte) bool) { yield([]byte("x")) }, 200, html, "x"},
		"sequence with error": {iter.Seq2[string, error](steps), 200, html, "ab"},
		"function with error": {steps, 200, html, "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return c.answer, nil })
			w := get(app, "/")
			mustAnswer(t, w, c.status, c.body)
			if got := w.Result().Header.Get("Content-Type"); got != c.contentType {
				t.Errorf("content type %q, want %q", got, c.contentType)
			}
			log.mustBeEmpty(t)
		})
	}
}

func TestAMistakeInAnAnswerIsA500ThatSaysWhatToDo(t *testing.T) {
	const choices = "return a string, []byte, map, slice, struct, *Response, io.Reader, iter.Seq or http.Handler"
	var none *point
	for name, c := range map[string]struct {
		answer any
		want   []string
	}{
		"nil":            {nil, []string{`endpoint "view"`, "returned nil", "return an answer, or an error"}},
		"tuple":          {decant.Tuple{"no", 404}, []string{`endpoint "view"`, "returned a Tuple", "c.MakeResponse(body, status)", "With(name, value)", "c.JSON(tuple)"}},
		"nil response":   {(*decant.Response)(nil), []string{`endpoint "view"`, "a nil *decant.Response"}},
		"int":            {5, []string{`endpoint "view"`, "returned a int", choices}},
		"float":          {1.5, []string{"float64", choices}},
		"bool":           {true, []string{"bool", choices}},
		"channel":        {make(chan int), []string{"chan int", choices}},
		"function":       {func() {}, []string{"func()", choices}},
		"nil pointer":    {none, []string{"a nil *tests.point", "return an answer, or an error"}},
		"channel inside": {decant.H{"deep": []any{make(chan int)}}, []string{`endpoint "view"`, `["deep"][0]`, "chan int"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, view := range []decant.View{
				func(*decant.Context) (any, error) { return c.answer, nil },
				func(context *decant.Context) (any, error) { return context.MakeResponse(c.answer), nil },
			} {
				app, log := appWith(view)
				mustFail(t, get(app, "/"))
				log.mustContain(t, append(c.want, "decant: ")...)
			}
		})
	}
}

func TestAResponseIsUsedAsItIs(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		other := c.MakeResponse("thrown away")
		other.Header().Set("X-Other", "1")
		r := c.MakeResponse("made", 201)
		r.Header().Set("Content-Type", "text/plain")
		r.Header().Add("X-Mine", "1")
		r.SetCookie("a", "1")
		r.AddVary("Accept")
		r.AddVary("accept")
		return r, nil
	})
	w := get(app, "/")
	mustAnswer(t, w, 201, "made")
	want := http.Header{"Content-Type": {"text/plain"}, "X-Mine": {"1"}, "Set-Cookie": {"a=1; Path=/"}, "Vary": {"Accept"}}
	if diff := cmp.Diff(want, w.Result().Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	log.mustBeEmpty(t)
}

func TestAResponseBelongsToOneRequest(t *testing.T) {
	made := map[string]*decant.Response{"literal": {Status: 202}}
	app, log := newTestApp()
	app.Get("/<kind>", func(c *decant.Context) (any, error) {
		kind := c.Param("kind")
		if made[kind] == nil {
			made[kind] = c.MakeResponse("made", 202)
		}
		return made[kind], nil
	}, decant.Endpoint("shared"))
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error { r.SetCookie("user", "ann"); return nil })
	for _, kind := range []string{"literal", "made"} {
		if w := get(app, "/"+kind); w.Code != 202 {
			t.Errorf("%s: status %d", kind, w.Code)
		}
		log.mustBeEmpty(t)
		mustFail(t, get(app, "/"+kind))
		log.mustContain(t, `"shared"`, "another request", "one for each request")
		log.entries = nil
	}
}

func TestAnAnswerDoesNotChangeTheNextOne(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("x")
		if c.Request.Args.Has("spoil") {
			r.AddVary("Cookie")
			r.Header()["Content-Type"][0] = "spoilt"
			r.Header()["Vary"][0] = "spoilt"
		} else {
			r.AddVary("Cookie")
		}
		return r, nil
	})
	get(app, "/?spoil")
	want := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Cookie"}}
	if diff := cmp.Diff(want, get(app, "/").Result().Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReaderIsClosed(t *testing.T) {
	closed := false
	app, _ := appWith(func(*decant.Context) (any, error) { return closing{strings.NewReader("x"), &closed}, nil })
	mustAnswer(t, get(app, "/"), 200, "x")
	if !closed {
		t.Error("the reader was not closed")
	}
}

func TestHEADAndBodilessAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		answer any
		status int
		length string
	}{
		"HEAD of text":        {"HEAD", "Hello", 200, "5"},
		"HEAD of bytes":       {"HEAD", []byte("Hello"), 200, "5"},
		"HEAD of nothing":     {"HEAD", "", 200, "0"},
		"HEAD of a stream":    {"HEAD", strings.NewReader("Hello"), 200, ""},
		"HEAD with a status":  {"HEAD", "Hello", 404, "5"},
		"204":                 {"GET", "ignored", 204, ""},
		"304":                 {"GET", "ignored", 304, ""},
		"204 of a stream":     {"GET", strings.NewReader("ignored"), 204, ""},
		"HEAD of a large one": {"HEAD", strings.Repeat("x", 10_000), 200, "10000"},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(context *decant.Context) (any, error) { return context.MakeResponse(c.answer, c.status), nil })
			w := send(app, c.method, "/", "")
			mustAnswer(t, w, c.status, "")
			if got := w.Result().Header.Get("Content-Length"); got != c.length {
				t.Errorf("content length %q, want %q", got, c.length)
			}
			log.mustBeEmpty(t)
		})
	}
}

func TestALargeBodyHasItsLength(t *testing.T) {
	app, _ := appWith(func(*decant.Context) (any, error) { return strings.Repeat("x", 100_000), nil })
	server := httptest.NewServer(app)
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ContentLength != 100_000 {
		t.Errorf("length %d", response.ContentLength)
	}
}

func TestAStreamThatFailsCutsTheConnection(t *testing.T) {
	for name, answer := range map[string]any{
		"error": iter.Seq2[string, error](func(yield func(string, error) bool) {
			_ = yield("first", nil) && yield("", errors.New("the source is dry"))
		}),
		"panic": func(yield func(string) bool) { yield("first"); panic("the source is dry") },
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return answer, nil })
			done := make(chan error, 1)
			app.TeardownRequest(func(_ *decant.Context, err error) { done <- err })
			server := httptest.NewServer(app)
			defer server.Close()
			response, err := http.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if string(body) != "first" || err == nil {
				t.Errorf("the client takes %q for the whole (%v)", body, err)
			}
			if err := <-done; err == nil {
				t.Error("the teardown function was not told")
			}
			log.mustContain(t, "the source is dry")
		})
	}
}

func TestHeadersThatWouldBreakOutAreA500(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *decant.Response)
		log    string
	}{
		"line break in a value":        {func(r *decant.Response) { r.Header().Set("X-Name", "a\r\nSet-Cookie: b=c") }, `"X-Name"`},
		"line feed in a value":         {func(r *decant.Response) { r.Header().Set("X-Name", "a\nb") }, `"X-Name"`},
		"NUL in a value":               {func(r *decant.Response) { r.Header().Set("X-Name", "a\x00b") }, `"X-Name"`},
		"line break in a name":         {func(r *decant.Response) { r.Header()["X\r\nY"] = []string{"1"} }, `X\r\nY`},
		"colon in a name":              {func(r *decant.Response) { r.Header()["X: Y"] = []string{"1"} }, `X: Y`},
		"a second length":              {func(r *decant.Response) { r.Header()["content-length"] = []string{"5"} }, `"content-length"`},
		"a second type":                {func(r *decant.Response) { r.Header()["content-type"] = []string{"text/plain"} }, `"Content-Type"`},
		"empty name":                   {func(r *decant.Response) { r.Header()[""] = []string{"1"} }, `""`},
		"line break in a cookie name":  {func(r *decant.Response) { r.SetCookie("a\r\nb", "1") }, "cookie"},
		"semicolon in a cookie domain": {func(r *decant.Response) { r.SetCookie("tasty", "1", decant.CookieDomain("a.test; Secure")) }, "tasty"},
		"line break in a domain":       {func(r *decant.Response) { r.SetCookie("tasty", "1", decant.CookieDomain("a\r\nb")) }, "tasty"},
		"a SameSite that is none":      {func(r *decant.Response) { r.SetCookie("tasty", "1", decant.SameSite(9)) }, "tasty"},
		"an escape in a value":         {func(r *decant.Response) { r.Header().Set("X-Name", "a\x1bb") }, "control character"},
		"a delete in a value":          {func(r *decant.Response) { r.Header().Set("X-Name", "\x7f") }, "control character"},
		"a cookie without a name":      {func(r *decant.Response) { r.SetCookie("", "1") }, "without a name"},
		"an equals sign in a name":     {func(r *decant.Response) { r.SetCookie("a=b", "1") }, "equals sign"},
		"SameSite=None over HTTP":      {func(r *decant.Response) { r.SetCookie("a", "1", decant.SameSite(http.SameSiteNoneMode)) }, "not Secure"},
		"__Secure- over HTTP":          {func(r *decant.Response) { r.SetCookie("__Secure-a", "1") }, "not Secure"},
		"__Host- with a path":          {func(r *decant.Response) { r.SetCookie("__Host-a", "1", decant.Secure(), decant.CookiePath("/p")) }, "Path is not /"},
		"deleting __Host- over HTTP":   {func(r *decant.Response) { r.DeleteCookie("__Host-a") }, "not Secure"},
		"deleting with a bad domain":   {func(r *decant.Response) { r.DeleteCookie("tasty", decant.CookieDomain("a\r\nb")) }, "tasty"},
		"status 99":                    {func(r *decant.Response) { r.Status = 99 }, "99 is no status code"},
		"status 1000":                  {func(r *decant.Response) { r.Status = 1000 }, "1000 is no status code"},
		"no status":                    {func(r *decant.Response) { r.Status = 0 }, "0 is no status code"},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(context *decant.Context) (any, error) {
				r := context.MakeResponse("x")
				c.change(r)
				return r, nil
			})
			w := get(app, "/")
			mustFail(t, w)
			if diff := cmp.Diff(http.Header{"Content-Type": []string{"text/html; charset=utf-8"}}, w.Result().Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			log.mustContain(t, "the response cannot be sent", c.log)
		})
	}
}

func TestHeadersAreSpelledAsTheirAuthorWrote(t *testing.T) {
	name := "X-API-Key" // canonical would be X-Api-Key
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("x")
		r.Header()[name] = []string{"1"}
		return r, nil
	})
	if got := get(app, "/").Header()[name]; len(got) != 1 {
		t.Errorf("%s is %q", name, got)
	}
	log.mustBeEmpty(t)
}

func TestTheHeadersOfAnErrorReplaceThoseOfItsPage(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) {
		e := decant.NewHTTPError(404)
		e.Header = http.Header{"content-type": {"text/plain"}}
		return nil, e
	})
	w := get(app, "/")
	if diff := cmp.Diff(http.Header{"Content-Type": {"text/plain"}}, w.Result().Header); diff != "" || w.Code != 404 {
		t.Errorf("status %d, headers (-want +got):\n%s", w.Code, diff)
	}
	log.mustBeEmpty(t)
}

func TestACookieValueNeverBreaksOut(t *testing.T) {
	value := "a; Domain=evil.test\r\nX-Evil: 1\x00\"é"
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("x")
		r.SetCookie("tasty", value)
		return r, nil
	})
	lines := get(app, "/").Result().Header["Set-Cookie"]
	if len(lines) != 1 || strings.ContainsAny(lines[0], "\r\n\x00") || strings.Count(lines[0], ";") != 1 {
		t.Errorf("the header is %q", lines)
	}
	pair, _, _ := strings.Cut(lines[0], ";")
	reader, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Cookies.Get("tasty"), nil })
	mustAnswer(t, get(reader, "/", "Cookie", pair), 200, value)
	log.mustBeEmpty(t)
}

func TestAnAnswerIsChangedInAChain(t *testing.T) {
	for name, c := range map[string]struct {
		view   decant.View
		status int
		body   string
		header http.Header
	}{
		"a status and headers": {
			func(c *decant.Context) (any, error) {
				return c.MakeResponse("Meh", 400).With("X-Foo", "a").With("X-Bar", "b"), nil
			},
			400, "Meh", http.Header{"Content-Type": {"text/html; charset=utf-8"}, "X-Foo": {"a"}, "X-Bar": {"b"}},
		},
		"a header is replaced": {
			func(c *decant.Context) (any, error) {
				return c.MakeResponse("").With("X-Foo", "a").With("x-foo", "b"), nil
			},
			200, "", http.Header{"Content-Type": {"text/html; charset=utf-8"}, "X-Foo": {"b"}},
		},
		"JSON with a status": {
			func(c *decant.Context) (any, error) { return c.JSON(decant.Tuple{1, nil}, 409) },
			409, "[1,null]\n", http.Header{"Content-Type": {"application/json"}},
		},
		"a redirect with a header": {
			func(c *decant.Context) (any, error) {
				answer, err := c.Redirect("/next", 303)
				if err != nil {
					return nil, err
				}
				answer.SetText("")
				return answer.With("X-Foo", "a"), nil
			},
			303, "", http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Location": {"/next"}, "X-Foo": {"a"}},
		},
		"JSON that cannot be written, which the view replaces": {
			func(c *decant.Context) (any, error) {
				if answer, err := c.JSON(make(chan int)); err != nil && answer == nil {
					return "no JSON", nil
				}
				return nil, nil
			},
			200, "no JSON", http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(c.view)
			w := get(app, "/")
			mustAnswer(t, w, c.status, c.body)
			if diff := cmp.Diff(c.header, w.Result().Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			log.mustBeEmpty(t)
		})
	}
}

// Werkzeug 3.1 gives these types.
func TestSetMIMEType(t *testing.T) {
	for mimeType, want := range map[string]string{
		"text/csv":                  "text/csv; charset=utf-8",
		"text/plain":                "text/plain; charset=utf-8",
		"application/xml":           "application/xml; charset=utf-8",
		"application/atom+xml":      "application/atom+xml; charset=utf-8",
		"application/javascript":    "application/javascript; charset=utf-8",
		"application/json":          "application/json",
		"image/png":                 "image/png",
		"text/csv; charset=latin-1": "text/csv; charset=latin-1",
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			r := c.MakeResponse("x")
			r.SetMIMEType(mimeType)
			return r, nil
		})
		if got := get(app, "/").Header().Get("Content-Type"); got != want {
			t.Errorf("%q gives %q, want %q", mimeType, got, want)
		}
		log.mustBeEmpty(t)
	}
}

func TestABodyIsReplacedAndGrows(t *testing.T) {
	given := append(make([]byte, 0, 16), "abc"...)
	for want, c := range map[string]struct {
		answer any
		change func(r *decant.Response)
	}{
		"new":     {"old", func(r *decant.Response) { r.SetText("new") }},
		"newer":   {[]byte("old"), func(r *decant.Response) { r.SetText("newer") }},
		"at once": {strings.NewReader("old"), func(r *decant.Response) { r.SetText("at once") }},
		"abcd":    {"ab", func(r *decant.Response) { r.Append("c"); r.Append("d") }},
		"abcde":   {given, func(r *decant.Response) { r.Append("d"); r.Append("e") }},
		"xyz":     {"", func(r *decant.Response) { r.SetData([]byte("xy")); r.Append("z") }},
	} {
		app, log := appWith(func(context *decant.Context) (any, error) {
			r := context.MakeResponse(c.answer)
			c.change(r)
			return r, nil
		})
		mustAnswer(t, get(app, "/"), 200, want)
		log.mustBeEmpty(t)
	}
	if got := string(given[:5]); got != "abc\x00\x00" {
		t.Errorf("the view's own bytes became %q", got)
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse(strings.NewReader("x"))
		r.Append("y")
		return r, nil
	})
	mustFail(t, get(app, "/"))
	log.mustContain(t, "Append: the response has no data", "IsStreamed")
}

func TestACookieIsSetFromAnywhere(t *testing.T) {
	app, log := newTestApp()
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		c.SetCookie("hook", "1", decant.HTTPOnly())
		if c.Request.Args.Has("stop") {
			return c.Redirect("/elsewhere")
		}
		return nil, nil
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		c.SetCookie("after", "1")
		if r.Status == 200 && c.Request.Args.Has("fail") {
			return errors.New("the after-request function failed")
		}
		return nil
	})
	app.Get("/", func(c *decant.Context) (any, error) {
		c.SetCookie("view", "1")
		c.DeleteCookie("old", decant.CookiePath("/p"))
		return "x", nil
	}, decant.Endpoint("index"))
	app.Get("/error", func(c *decant.Context) (any, error) {
		c.SetCookie("view", "1")
		return nil, decant.NewHTTPError(418)
	}, decant.Endpoint("error"))

	const hook, view, after = "hook=1; HttpOnly; Path=/", "view=1; Path=/", "after=1; Path=/"
	const gone = "old=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/p"
	for target, want := range map[string][]string{
		"/":       {hook, view, gone, after},
		"/?stop":  {hook, after},
		"/error":  {hook, view, after},
		"/absent": {hook, after},
	} {
		if diff := cmp.Diff(want, get(app, target).Result().Header["Set-Cookie"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
	log.mustBeEmpty(t)
	w := get(app, "/?fail")
	if diff := cmp.Diff([]string{hook, view, gone, after}, w.Result().Header["Set-Cookie"]); diff != "" || w.Code != 500 {
		t.Errorf("the error page: status %d (-want +got):\n%s", w.Code, diff)
	}
}

func TestACookieThatCannotBeSetIsA500(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		c.SetCookie("a\r\nb", "1")
		return "x", nil
	})
	mustFail(t, get(app, "/"))
	log.mustContain(t, "the response cannot be sent", "cookie")

	app, log = appWith(func(c *decant.Context) (any, error) {
		return func(yield func(string) bool) {
			yield("x")
			c.SetCookie("late", "1")
		}, nil
	})
	value := raised(func() { get(app, "/") })
	if value != http.ErrAbortHandler {
		t.Errorf("the stream ended with %v", value)
	}
	log.mustContain(t, `SetCookie("late") came too late`, "before the view returns")
}

func TestAHookThatReturnsANilResponseGoesOn(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) { return "the view", nil })
	nothing := func(*decant.Context) (*decant.Response, error) { return nil, nil }
	app.BeforeRequest(func(c *decant.Context) (any, error) { return nothing(c) })
	mustAnswer(t, get(app, "/"), 200, "the view")
	log.mustBeEmpty(t)
}

func TestCookieOptions(t *testing.T) {
	date := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for want, options := range map[string][]decant.CookieOption{
		"a=b; Path=/": nil,
		"a=b":         {decant.CookiePath("")},
		"a=b; Domain=x.test; Expires=Wed, 02 Jan 2030 03:04:05 GMT; Secure; HttpOnly; Path=/p; SameSite=Strict": {
			decant.CookieDomain("x.test"), decant.Expires(date), decant.Secure(), decant.HTTPOnly(), decant.CookiePath("/p"), decant.SameSite(http.SameSiteStrictMode)},
		"a=b; Secure; Path=/; Partitioned": {decant.Partitioned()},
	} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			r := c.MakeResponse("")
			r.SetCookie("a", "b", options...)
			return r, nil
		})
		if diff := cmp.Diff([]string{want}, get(app, "/").Result().Header["Set-Cookie"]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	app, _ := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("")
		r.SetCookie("a", "b", decant.MaxAge(90*time.Second))
		r.DeleteCookie("c", decant.CookiePath("/p"), decant.Secure())
		return r, nil
	})
	lines := get(app, "/").Result().Header["Set-Cookie"]
	if len(lines) != 2 || !strings.Contains(lines[0], "; Max-Age=90") || lines[1] != "c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; Path=/p" {
		t.Errorf("the cookies are %q", lines)
	}
}

func TestALargeCookieIsSentWithAWarning(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		r := c.MakeResponse("")
		r.SetCookie("large", strings.Repeat("x", 5000))
		r.SetCookie("small", "x")
		return r, nil
	})
	if lines := get(app, "/").Header()["Set-Cookie"]; len(lines) != 2 {
		t.Errorf("%d cookies", len(lines))
	}
	log.mustContain(t, "WARN", "cookie=large", "size=5014", "limit=4093")
	if strings.Contains(log.text(), "small") {
		t.Error("the small cookie is warned about")
	}
}

type redirectCase struct {
	ID, Op, Location string
	Code             *int
	Autocorrect      bool
	RequestURL       string        `json:"request_url"`
	Want             redirectWant  `json:"want"`
	WantStable       *redirectWant `json:"want_stable"`
}

type redirectWant struct {
	Status, Location, Body, Error string
	ContentType                   string `json:"content_type"`
}

// The headers are those of Werkzeug's WWWAuthenticate, ContentRange and dump_age.
func TestHeadersWithTypes(t *testing.T) {
	for want, got := range map[string]string{
		`Basic realm="Authentication Required"`:                decant.Challenge("basic", "realm", "Authentication Required"),
		"Basic realm=x":                                        decant.Challenge("BASIC", "realm", "x"),
		`Digest realm="x", nonce="n", algorithm=MD5, stale=""`: decant.Challenge("digest", "realm", "x", "nonce", "n", "algorithm", "MD5", "stale", ""),
		"Bearer abc=":                                          decant.Challenge("bearer", "abc="),
		`Bearer realm="a\"b", error=invalid_token, scope=""`:   decant.Challenge("bearer", "realm", `a"b`, "error", "invalid_token", "scope", ""),
		"Basic realm*=utf-8''%c3%a9":                           decant.Challenge("basic", "realm*", "utf-8''%c3%a9"),
		"Custom-X":                                             decant.Challenge("custom-x"),
		"bytes 0-499/1000":                                     decant.ContentRange(0, 500, 1000),
		"bytes 0-499/*":                                        decant.ContentRange(0, 500, -1),
		"bytes */1000":                                         decant.ContentRange(-1, -1, 1000),
		"bytes */*":                                            decant.ContentRange(-1, -1, -1),
		"120":                                                  decant.DeltaSeconds(2*time.Minute + 900*time.Millisecond),
		"0":                                                    decant.DeltaSeconds(-time.Minute),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	mustPanic(t, func() { decant.Challenge("Basic", "realm", "x", "charset") }, `Challenge("Basic") needs pairs`)
	mustPanic(t, func() { decant.ContentRange(5, 5, 10) }, "ContentRange(5, 5, 10) has no bytes")
}

// Werkzeug sends the redirects that are a 500 here.
func TestRedirectToAHostWithBlanks(t *testing.T) {
	for location, want := range map[string]string{
		"http://a b/": "", "http:// a/": "", "//a b/": "", "http://a\u00a0b/": "", "http://a\u3000b/": "", "http://[::1 ]/": "", "http://a\\b/": "",
		"http://a\tb/x": "http://ab/x", "http://a%20b/": "http://a%20b/", "/a b": "/a%20b",
	} {
		app, log := appWith(func(c *decant.Context) (any, error) { return c.Redirect(location) })
		w := get(app, "/")
		if got := w.Header().Get("Location"); got != want || w.Code != 302 && w.Code != 500 || (w.Code == 500) != (want == "") {
			t.Errorf("%q: %d %q, want %q", location, w.Code, got, want)
		}
		if want == "" {
			log.mustContain(t, fmt.Sprintf("Redirect to %q", location))
		}
	}
}

// Redirects with autocorrect_location_header, which Flask switches off, have
// no counterpart: a Location is sent as it was given.
func TestRedirectVectors(t *testing.T) {
	for _, c := range vectors.Select[redirectCase](t, vectors.Load(t, "http.json"), "redirect") {
		if c.Autocorrect {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			want := c.Want
			if c.WantStable != nil {
				want = *c.WantStable
			}
			app, log := appWith(func(context *decant.Context) (any, error) {
				if c.Code == nil {
					return context.Redirect(c.Location)
				}
				return context.Redirect(c.Location, *c.Code)
			})
			w := get(app, "/")
			if want.Error != "" {
				mustFail(t, w)
				log.mustContain(t, fmt.Sprintf("Redirect to %q", c.Location))
				return
			}
			mustAnswer(t, w, w.Code, want.Body)
			if !strings.HasPrefix(want.Status, fmt.Sprint(w.Code, " ")) {
				t.Errorf("status %d, want %s", w.Code, want.Status)
			}
			headers := http.Header{"Content-Type": {want.ContentType}, "Location": {want.Location}}
			if diff := cmp.Diff(headers, w.Result().Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			log.mustBeEmpty(t)
		})
	}
}

// The expected values are those of Werkzeug's get_wsgi_headers.
func TestLocationsThatAreSetByHandAreEncoded(t *testing.T) {
	for value, want := range map[string]string{
		"/é x":                   "/%C3%A9%20x",
		"/plain?a=b#c":           "/plain?a=b#c",
		"/%C3%A9":                "/%C3%A9",
		"http://bücher.example/": "http://xn--bcher-kva.example/",
		"relative":               "relative",
		"/a\x7f\x01":             "/a%7F%01",
	} {
		for _, name := range []string{"Location", "Content-Location"} {
			app, _ := appWith(func(c *decant.Context) (any, error) { return c.MakeResponse("x").With(name, value), nil })
			if got := get(app, "/").Header().Get(name); got != want {
				t.Errorf("%s: %q is sent as %q, want %q", name, value, got, want)
			}
		}
	}
	app, log := appWith(func(c *decant.Context) (any, error) {
		return c.MakeResponse("x").With("Location", "http://a..b/"), nil
	})
	mustFail(t, get(app, "/"))
	log.mustContain(t, "the header Location")
}
