package tests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// looking runs a view once, on a request with the given headers.
func looking(t *testing.T, target string, look func(r *decant.Request), headers ...string) {
	t.Helper()
	app, log := newTestApp()
	app.Get("/", func(c *decant.Context) (any, error) { look(c.Request); return "seen", nil }, decant.Endpoint("front"))
	app.Get("/<path:p>", func(c *decant.Context) (any, error) { look(c.Request); return "seen", nil }, decant.Endpoint("deep"))
	mustAnswer(t, get(app, target, headers...), 200, "seen")
	log.mustBeEmpty(t)
}

func TestNegotiation(t *testing.T) {
	looking(t, "/", func(r *decant.Request) {
		got := []any{
			r.BestMatch("text/html", "application/json"), r.BestMatch("image/png"), r.AcceptMIMETypes().Quality("application/json"),
			r.AcceptLanguages().BestMatch("de", "en"), r.AcceptEncodings().BestMatch("br", "gzip"), r.AcceptEncodings().Quality("zstd"),
			r.AcceptCharsets().BestMatch("latin1", "utf-8"),
		}
		want := []any{"application/json", "", 0.9, "en", "gzip", 0.0, "utf-8"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}, "Accept", "text/html;q=0.5", "Accept", "application/json;q=0.9", "Accept-Language", "en-GB, fr;q=0.1", "Accept-Encoding", "gzip, br;q=0.5", "Accept-Charset", "UTF-8")
	looking(t, "/", func(r *decant.Request) {
		if best := r.BestMatch("text/html"); best != "" {
			t.Errorf("without a header, the best match is %q", best)
		}
	})
}

func TestAuthorization(t *testing.T) {
	for header, want := range map[string]any{
		"":                           nil,
		"Basic YW5uOnM6M2NyZXQ=":     decant.Authorization{Scheme: "basic", Username: "ann", Password: "s:3cret"},
		"basic YW5u":                 decant.Authorization{Scheme: "basic", Username: "ann"},
		"Basic \xff":                 nil,
		"Basic /w==":                 nil,
		"Bearer a.b-c":               decant.Authorization{Scheme: "bearer", Token: "a.b-c"},
		"Bearer abc==":               decant.Authorization{Scheme: "bearer", Token: "abc=="},
		`Digest username="a", qop=x`: decant.Authorization{Scheme: "digest", Parameters: map[string]string{"username": "a", "qop": "x"}},
		"Negotiate":                  decant.Authorization{Scheme: "negotiate"},
	} {
		looking(t, "/", func(r *decant.Request) {
			var got any
			if authorization, ok := r.Authorization(); ok {
				got = authorization
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", header, diff)
			}
		}, "Authorization", header)
	}
}

func TestValidatorsAndDates(t *testing.T) {
	date := time.Date(1994, 11, 15, 8, 12, 31, 0, time.UTC)
	looking(t, "/", func(r *decant.Request) {
		got := []any{
			r.IfMatch().Contains("a"), r.IfMatch().Contains("b"), r.IfMatch().ContainsWeak("b"), r.IfMatch().ContainsWeak("c"), r.IfNoneMatch().Contains("x"),
			r.IfModifiedSince(), r.IfUnmodifiedSince(), r.Date(), r.CacheControl(),
		}
		want := []any{true, false, true, false, true, date, date, time.Time{}, map[string]string{"max-age": "60", "no-cache": ""}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}, "If-Match", `"a", W/"b"`, "If-None-Match", "*", "If-Modified-Since", "Tue, 15 Nov 1994 08:12:31 GMT",
		"If-Unmodified-Since", "Tuesday, 15-Nov-94 08:12:31 GMT", "Date", "yesterday", "Cache-Control", "max-age=60, no-cache")
	looking(t, "/", func(r *decant.Request) {
		if r.IfMatch().ContainsWeak("") || r.IfNoneMatch().Contains("a") || !r.IfModifiedSince().IsZero() || len(r.CacheControl()) > 0 {
			t.Error("something comes out of no headers")
		}
	})
}

func TestRange(t *testing.T) {
	for header, want := range map[string]string{
		"":                                 "0 0 false",
		"bytes=0-99":                       "0 100 true",
		"bytes=900-":                       "900 1000 true",
		"bytes=-1":                         "999 1000 true",
		"bytes=900-9999999999999999999999": "900 1000 true",
		"bytes=1000-":                      "0 0 false",
		"bytes=0-1,3-4":                    "0 0 false",
		"pages=1-2":                        "0 0 false",
		"nonsense":                         "0 0 false",
	} {
		looking(t, "/", func(r *decant.Request) {
			start, end, ok := r.Range(1000)
			if got := fmt.Sprint(start, end, ok); got != want {
				t.Errorf("%q: %s, want %s", header, got, want)
			}
		}, "Range", header)
	}
}

func TestMIMEType(t *testing.T) {
	looking(t, "/", func(r *decant.Request) {
		if diff := cmp.Diff(map[string]string{"charset": "utf-8", "x": "a;b"}, r.MIMETypeParameters()); r.MIMEType() != "text/html" || diff != "" {
			t.Errorf("%q\n%s", r.MIMEType(), diff)
		}
	}, "Content-Type", `Text/HTML; Charset=utf-8; x="a;b"`)
	looking(t, "/", func(r *decant.Request) {
		if r.MIMEType() != "" || len(r.MIMETypeParameters()) > 0 {
			t.Error("there is a type without one")
		}
	})
}

// The answers are Flask's.
func TestURLsOfARequest(t *testing.T) {
	for _, c := range []struct{ target, host, fullPath, url, base, root string }{
		{"/", "localhost", "/?", "http://localhost/", "http://localhost/", "http://localhost/"},
		{"/a%20b/%C3%A9?x=1&y=%20%C3%A9", "localhost", "/a b/é?x=1&y=%20%C3%A9", "http://localhost/a%20b/é?x=1&y=%20é", "http://localhost/a%20b/é", "http://localhost/"},
		{"/a?b=%ff", "localhost:80", "/a?b=%ff", "http://localhost/a?b=%FF", "http://localhost/a", "http://localhost/"},
		{"/a?b=%26+c", "localhost:8080", "/a?b=%26+c", "http://localhost:8080/a?b=%26+c", "http://localhost:8080/a", "http://localhost:8080/"},
		{"/", "a b", "/?", "http:///", "http:///", "http:///"},
		{"/", "xn--bcher-kva.example:81", "/?", "http://bücher.example:81/", "http://bücher.example:81/", "http://bücher.example:81/"},
	} {
		app, log := newTestApp()
		look := func(ctx *decant.Context) (any, error) {
			r := ctx.Request
			got := []string{r.FullPath(), r.FullURL(), r.BaseURL(), r.RootURL(), r.HostURL(), r.Scheme()}
			if diff := cmp.Diff([]string{c.fullPath, c.url, c.base, c.root, c.root, "http"}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.target, diff)
			}
			return "seen", nil
		}
		app.Get("/", look, decant.Endpoint("front"))
		app.Get("/<path:p>", look, decant.Endpoint("deep"))
		r := httptest.NewRequest("GET", c.target, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustAnswer(t, w, 200, "seen")
		log.mustBeEmpty(t)
	}
}

func TestURLsBehindAProxyAndBelowAMount(t *testing.T) {
	inner, log := newTestApp()
	inner.Get("/<name>", func(c *decant.Context) (any, error) {
		r := c.Request
		return strings.Join([]string{r.FullURL(), r.RootURL(), r.HostURL(), fmt.Sprint(r.IsSecure()), r.ScriptRoot()}, " "), nil
	}, decant.Endpoint("inner"))
	outer, _ := newTestApp()
	outer.Use(decant.ProxyFix(decant.Hops{Proto: 1}))
	outer.Mount("/ä", inner)
	mustAnswer(t, get(outer, "/%C3%A4/x?y", "X-Forwarded-Proto", "https"), 200, "https://example.com/ä/x?y https://example.com/ä/ https://example.com/ true /ä")
	log.mustBeEmpty(t)
}

func TestAccessRoute(t *testing.T) {
	looking(t, "/", func(r *decant.Request) {
		if diff := cmp.Diff([]string{"192.0.2.1"}, r.AccessRoute()); diff != "" {
			t.Error(diff)
		}
		r.RemoteAddr = "10.0.0.1"
		if diff := cmp.Diff([]string{"10.0.0.1"}, r.AccessRoute()); diff != "" {
			t.Error(diff)
		}
		r.RemoteAddr = "" // a Unix socket
		if route := r.AccessRoute(); len(route) > 0 {
			t.Error(route)
		}
	})
	looking(t, "/", func(r *decant.Request) {
		if diff := cmp.Diff([]string{"1.1.1.1", "2.2.2.2", "3.3.3.3"}, r.AccessRoute()); diff != "" {
			t.Error(diff)
		}
	}, "X-Forwarded-For", "1.1.1.1, 2.2.2.2", "X-Forwarded-For", "3.3.3.3")
}

func TestWhatIsKnownOfTheRoute(t *testing.T) {
	app, log := newTestApp()
	tell := func(c *decant.Context) (any, error) {
		r := c.Request
		return fmt.Sprint(r.URLRule(), " ", r.ViewArgs(), " ", r.RoutingError()), nil
	}
	app.Get("/user/<int:id>", tell, decant.Endpoint("user"), decant.Defaults("page", 2))
	app.ErrorHandler(404, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return tell(c) })
	app.ErrorHandler(405, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
		var page *decant.HTTPError
		return fmt.Sprint(errors.As(c.Request.RoutingError(), &page), " ", page.Code, page.Header), nil
	})
	mustAnswer(t, get(app, "/user/7"), 200, "/user/<int:id> map[id:7 page:2] <nil>")
	mustAnswer(t, get(app, "/nowhere"), 404, " map[] 404 Not Found: "+decant.NewHTTPError(404).Description)
	mustAnswer(t, send(app, "DELETE", "/user/7", ""), 405, "true 405 map[Allow:[GET, HEAD, OPTIONS]]")
	app, log2 := newTestApp()
	app.URLValuePreprocessor(func(_ *decant.Context, _ string, values decant.H) { values["lang"] = "en" })
	app.Get("/<name>", func(c *decant.Context) (any, error) {
		delete(c.Request.ViewArgs(), "name") // a copy
		return fmt.Sprint(c.Request.ViewArgs()), nil
	}, decant.Endpoint("name"))
	mustAnswer(t, get(app, "/x"), 200, "map[lang:en name:x]")
	log.mustBeQuiet(t)
	log2.mustBeEmpty(t)
}

// The pattern is in the request that the innermost middleware has passed on, and in
// that of the view.
func TestThePatternOfARequest(t *testing.T) {
	t.Parallel()
	show := func(c *decant.Context) (any, error) { return c.Request.Pattern, nil }
	app, log := newTestApp()
	app.Route("/user/<name>", show, decant.Methods("get", "POST"))
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"))
	shop.Put("/<int:id>", show)
	app.RegisterBlueprint(shop)
	inner, _ := newTestApp()
	inner.Get("/<page>", show)
	app.Mount("/inner", inner)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Pattern) })
	app.Mount("/mux", mux)
	app.Mount("/plain", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Pattern) }))
	patterns := make(chan string, 1)
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.WithContext(context.WithValue(r.Context(), contextKey{}, true))
			r.Pattern = "left over"
			next.ServeHTTP(w, r)
			patterns <- r.Pattern
		})
	})
	for request, want := range map[string]struct{ middleware, view string }{
		"GET /user/ann":     {"GET /user/<name>", "GET /user/<name>"},
		"POST /user/ann":    {"POST /user/<name>", "POST /user/<name>"},
		"post /user/ann":    {"POST /user/<name>", "POST /user/<name>"},
		"HEAD /user/ann":    {"HEAD /user/<name>", ""},
		"OPTIONS /user/ann": {"OPTIONS /user/<name>", ""},
		"PUT /shop/5":       {"PUT /shop/<int:id>", "PUT /shop/<int:id>"},
		"PUT /shop/x":       {"", errorPage(decant.NewHTTPError(404))},
		"DELETE /user/ann":  {"", errorPage(decant.NewHTTPError(405))},
		"GET /inner/x":      {"GET /inner/<page>", "GET /<page>"},
		"GET /inner/x/y":    {"", errorPage(decant.NewHTTPError(404))},
		"GET /mux/7":        {"GET /mux/{id}", "GET /{id}"},
		"GET /plain":        {"", ""},
	} {
		method, path, _ := strings.Cut(request, " ")
		w := send(app, method, path, "")
		if got := <-patterns; got != want.middleware || w.Body.String() != want.view {
			t.Errorf("%s: middleware sees %q, the view %q; want %q, %q", request, got, w.Body, want.middleware, want.view)
		}
	}
	app, _ = newTestApp()
	app.Fallback(mux)
	r := httptest.NewRequest("GET", "/7", nil)
	r.Pattern = "left over"
	app.ServeHTTP(httptest.NewRecorder(), r)
	if r.Pattern != "GET /{id}" {
		t.Errorf("the pattern of a fallback is %q", r.Pattern)
	}
	log.mustBeQuiet(t)
}

// Headers may have many thousand parts; package linear counts what reading them costs.
func TestHugeHeadersAreRead(t *testing.T) {
	var distinct, directives, continued strings.Builder
	continued.WriteString("text/plain")
	distinct.WriteString("text/plain")
	for i := range 100_000 {
		fmt.Fprintf(&distinct, ";a%d=1", i)
		fmt.Fprintf(&directives, "a%d=1,", i)
		fmt.Fprintf(&continued, ";a*%d=x", i)
	}
	looking(t, "/", func(r *decant.Request) {
		r.Header.Set("Content-Type", distinct.String())
		if n := len(r.MIMETypeParameters()); n != 100_000 {
			t.Errorf("%d parameters", n)
		}
		r.Header.Set("Content-Type", continued.String())
		if n := len(r.MIMETypeParameters()["a"]); n != 100_000 {
			t.Errorf("%d continuations", n)
		}
		r.Header.Set("Cache-Control", directives.String())
		if n := len(r.CacheControl()); n != 100_000 {
			t.Errorf("%d directives", n)
		}
		r.Header.Set("Accept", distinct.String())
		r.BestMatch("text/html")
		r.Header.Set("Accept", strings.Repeat("a/b;x=1,", 50_000))
		r.BestMatch("text/html", "text/plain")
		r.Header.Set("If-None-Match", strings.Repeat(`"a",`, 100_000))
		r.IfNoneMatch().Contains("b")
	})
}

// A day that its month does not have, and a year of five digits, are no dates
// in Python either.
func TestDatesThatAreNoneAreZero(t *testing.T) {
	for _, text := range []string{"Fri, 30 Feb 2024 08:12:31 GMT", "Tue, 15 Nov 20500 08:12:31 GMT"} {
		looking(t, "/", func(r *decant.Request) {
			if got := []time.Time{r.Date(), r.IfModifiedSince(), r.IfUnmodifiedSince()}; !cmp.Equal(got, make([]time.Time, 3)) {
				t.Errorf("%s: %v", text, got)
			}
		}, "Date", text, "If-Modified-Since", text, "If-Unmodified-Since", text)
	}
}

// Python looks up its codecs without an eye for punctuation.
func TestCharsetsAreComparedByTheirWords(t *testing.T) {
	for text, want := range map[string]string{"UTF8": "utf-8", "utf*": "utf-8", ":UTF_8=": "utf-8", "iso+-8859-1": "latin-1", "latin": "latin-1", "iso-8859.1": "latin-1", "utf-8.": "", "utf.8": "", "latin.1": "", "utf-88": ""} {
		looking(t, "/", func(r *decant.Request) {
			if got := r.AcceptCharsets().BestMatch("utf-8", "latin-1"); got != want {
				t.Errorf("%s: %q, want %q", text, got, want)
			}
		}, "Accept-Charset", text)
	}
}
