package tests

import (
	"encoding/base64"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"iter"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/form"
)

// entryTitle finds the entries of the page: the words in bold at the beginning of a
// bullet.
var entryTitle = regexp.MustCompile(`(?m)^- \*\*(.+?)\*\*(?: |$)`)

// aRule stands for a rule of the comparison with live Flask.
const aRule = "a rule"

// TestEachDifferenceIsTested holds the page of differences against its tests:
// differences below, the rules of tests/flask, and testdata/differences.txt, which
// names tests by folder and name. Both name an entry by words that only its title
// has.
func TestEachDifferenceIsTested(t *testing.T) {
	t.Parallel()
	var titles []string
	for _, match := range entryTitle.FindAllStringSubmatch(read(t, "docs/differences.md"), -1) {
		titles = append(titles, match[1])
	}
	tests := differenceTests(t)
	for words := range differences {
		tests[words] = append(tests[words], "tests TestDifferences")
	}
	found := map[string][]string{}
	for words, named := range tests {
		entries := slices.DeleteFunc(slices.Clone(titles), func(title string) bool { return !strings.Contains(title, words) })
		if len(entries) != 1 {
			t.Errorf("%d entries of the page have the words %q in their titles, want one", len(entries), words)
			continue
		}
		found[entries[0]] = append(found[entries[0]], named...)
	}
	rules, known := ruleTitles(t), map[string][]string{} // the tests of each folder
	for _, title := range titles {
		named := found[title]
		if len(named) == 0 {
			t.Errorf("%q has no test; write one in differences_test.go, or name one in tests/testdata/differences.txt", title)
		}
		if isRule := slices.Contains(named, aRule); isRule != slices.Contains(rules, title) {
			t.Errorf("%q: differences.txt and tests/flask disagree on whether there is a rule", title)
		}
		for _, name := range named {
			folder, _, _ := strings.Cut(name, " ")
			if name == aRule {
				continue
			}
			if known[folder] == nil {
				known[folder] = testsIn(t, folder)
			}
			if !slices.Contains(known[folder], name) {
				t.Errorf("%q: there is no test %q", title, name)
			}
		}
	}
}

// differenceTests reads testdata/differences.txt: a title in each line, and below
// it, indented, the tests.
func differenceTests(t *testing.T) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	title := ""
	for line := range strings.Lines(read(t, "tests/testdata/differences.txt")) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "\t"); ok {
			tests[title] = append(tests[title], name)
		} else if !strings.HasPrefix(line, "#") {
			title = line
			tests[title] = nil
		}
	}
	for title, named := range tests {
		if named == nil {
			t.Errorf("differences.txt names no test for %q", title)
		}
	}
	return tests
}

// ruleTitles are the bullets of the rules of tests/flask.
func ruleTitles(t *testing.T) (titles []string) {
	t.Helper()
	rule := regexp.MustCompile("bullet:\\s+(\"[^\"]*\"|`[^`]*`)")
	for _, match := range rule.FindAllStringSubmatch(read(t, "tests/flask/differencesrules_test.go"), -1) {
		titles = append(titles, match[1][1:len(match[1])-1])
	}
	return titles
}

// testsIn are the test functions of a folder.
func testsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(house, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, folder+" "+f.Name.Name)
			}
		}
	}
	return names
}

func TestDifferences(t *testing.T) {
	for title, test := range differences {
		t.Run(title, test)
	}
}

// differences tests entries of the page, by their words in bold.
var differences = map[string]func(t *testing.T){
	"A broken tag is an error even if a later, repeated key would replace it.": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Session.String("a"), nil })
		signer := decant.NewTimestampSigner(app.Config.SecretKey, "cookie-session", decant.KeyDerivation("hmac"))
		for payload, status := range map[string]int{
			`{"a":{" b":"YQ=="},"a":"x"}`: 200,
			`{"a":{" b":5},"a":"x"}`:      500,
		} {
			signed, err := signer.Sign(base64.RawURLEncoding.EncodeToString([]byte(payload)))
			if err != nil {
				t.Fatal(err)
			}
			if w := get(app, "/", "Cookie", "session="+signed); w.Code != status {
				t.Errorf("%s: status %d, want %d", payload, w.Code, status)
			}
		}
	},
	"A good signature whose date is after the year 9999 is `ErrBadData`.": func(t *testing.T) {
		date := base64.RawURLEncoding.EncodeToString(big.NewInt(300_000_000_000).Bytes())
		signed, err := decant.NewSigner("key", "salt").Sign("value." + date)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := decant.NewTimestampSigner("key", "salt").Unsign(signed); !errors.Is(err, decant.ErrBadData) {
			t.Errorf("Unsign: %v", err)
		}
	},
	"A streamed template is sent in pieces of 4 KB, and before a loop waits for the next element of an iterator.": func(t *testing.T) {
		app, _ := templateApp("page.html", "<p>{% for i in numbers %}{{ i }}{% endfor %}", "long.html", "{% for i in range(5000) %}xx{% endfor %}")
		w := new(writes)
		numbers := func(yield func(int) bool) {
			for i := range 2 {
				w.sizes = append(w.sizes, -1) // the loop waits
				if !yield(i) {
					return
				}
			}
		}
		app.Get("/<name>", func(c *decant.Context) (any, error) {
			return c.RenderStream(c.Param("name"), decant.H{"numbers": iter.Seq[int](numbers)})
		}, decant.Endpoint("view"))
		for page, want := range map[string][]int{"page.html": {3, -1, 1, -1, 1}, "long.html": {4096, 4096, 1808}} {
			*w = writes{ResponseRecorder: httptest.NewRecorder()}
			app.ServeHTTP(w, httptest.NewRequest("GET", "/"+page, nil))
			if diff := cmp.Diff(want, w.sizes); diff != "" {
				t.Errorf("%s (-want +got):\n%s", page, diff)
			}
		}
	},
	"A view gets a `*decant.Context`.": func(t *testing.T) {
		user := decant.NewG[string]("user")
		app, _ := newTestApp()
		app.Get("/<name>", func(c *decant.Context) (any, error) {
			user.Set(c, c.Session.String("user")+"nobody")
			return fmt.Sprint(c.Request.Path(), " ", user.Get(c), " ", c.App == app), nil
		}, decant.Endpoint("view"))
		mustAnswer(t, get(app, "/ann"), 200, "/ann nobody true")
	},
	"Errors are returned.": func(t *testing.T) {
		cause := errors.New("sold out")
		app, _ := appWith(func(*decant.Context) (any, error) { return nil, fmt.Errorf("ordering: %w", decant.Abort(409)) })
		app.ErrorHandler(409, func(_ *decant.Context, err *decant.HTTPError) (any, error) { return "handled", nil })
		app.Get("/alone", func(*decant.Context) (any, error) {
			decant.Abort(403)
			return "let through", cause
		}, decant.Endpoint("alone"))
		mustAnswer(t, get(app, "/"), 409, "handled")
		if w := get(app, "/alone"); w.Code == 200 {
			t.Errorf("a bare Abort lets the request through: %s", w.Body)
		}
	},
	"`from_pyfile` and `from_object` are not there.":              notThere(new(decant.Config), "FromPyfile", "FromPyFile", "FromObject"),
	"`from_envvar` is not there, and `FromFile` has no `silent`.": notThere(new(decant.Config), "FromEnvvar", "FromEnvVar", "Silent"),
	"`app.jinja_env` does not exist.":                             notThere(new(decant.App), "JinjaEnv", "JinjaEnvironment", "JinjaOptions"),
	"There are no `view_functions` and no `endpoint` decorator.":  notThere(new(decant.App), "ViewFunctions", "Endpoint"),
	"A blueprint has `RecordOnce` and no `record`.":               notThere(new(decant.Blueprint), "Record"),
	"There is no `remote_user`.":                                  notThere(new(decant.Request), "RemoteUser"),
	"There is no instance folder.":                                notThere(new(decant.App), "InstancePath", "OpenInstanceResource", "AutoFindInstancePath"),
	"Every error of a converter's `ToGo` is a 404.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Converter("odd", oddConverter())
		app.Get("/<odd:n>", hello)
		mustAnswer(t, get(app, "/1"), 200, "Hello")
		mustFailWith(t, get(app, "/2"), 404)
	},
	"After a URL value preprocessor, `c.Param` returns the value as a string.": func(t *testing.T) {
		app, _ := newTestApp()
		view := func(c *decant.Context) (any, error) { return c.Param("n"), nil }
		app.Get("/<int:n>", view, decant.Endpoint("view"))
		mustAnswer(t, get(app, "/007"), 200, "007")
		app, _ = newTestApp()
		app.Get("/<int:n>", view, decant.Endpoint("view"))
		app.URLValuePreprocessor(func(*decant.Context, string, decant.H) {})
		mustAnswer(t, get(app, "/007"), 200, "7")
	},
	"A request for the prefix of a `Mount`, without a slash behind it, has the path `/`.": func(t *testing.T) {
		below, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Path(), nil })
		app, _ := newTestApp()
		app.Mount("/below", below)
		mustAnswer(t, get(app, "/below"), 200, "/")
	},
	"A rule with `Alias` is never redirected to itself.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Get("/nickname", hello, decant.Alias())
		mustAnswer(t, get(app, "/nickname"), 200, "Hello")

		app = decant.New("test", decant.HostMatching())
		app.Get("/name", hello, decant.RuleHost("one.test"))
		app.Get("/nickname", hello, decant.RuleHost("two.test"), decant.Alias())
		w := get(app, "http://two.test/nickname")
		if location := w.Header().Get("Location"); w.Code != 308 || location != "http://one.test/name" {
			t.Errorf("status %d, Location %q", w.Code, location)
		}
	},
	"`RedirectTo` leaves the host only with `://` or `//`.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Get("/mail", nil, decant.RedirectTo("mailto:me@shop.example"), decant.Endpoint("mail"))
		w := get(app, "/mail")
		if location := w.Header().Get("Location"); w.Code != 308 || location != "/mailto:me@shop.example" {
			t.Errorf("status %d, Location %q", w.Code, location)
		}
	},
	"Arguments that a converter cannot use are refused.": func(t *testing.T) {
		for _, text := range []string{"/<int(min='a'):n>", "/<any():n>", "/<int(4,9):n>", "/<int(fixed_digits=2.5):n>"} {
			app, _ := newTestApp()
			mustPanic(t, func() { app.Get(text, hello) }, text)
		}
	},
	"A rule has at most 255 variables.": func(t *testing.T) {
		rule := func(n int) (rule string) {
			for i := range n {
				rule += fmt.Sprintf("/<a%d>", i)
			}
			return rule
		}
		app, _ := newTestApp()
		app.Get(rule(255), hello)
		mustPanic(t, func() { app.Get(rule(256), hello, decant.Endpoint("more")) }, "255")
	},
	"A rule that can never match is logged.": func(t *testing.T) {
		app, log := newTestApp()
		app.Get("/<name>", hello)
		app.Get("/<other>", anotherHello)
		get(app, "/x")
		log.mustContain(t, "WARN", "/<other>")
	},
	"`SubdomainMatching` without `Config.ServerName` panics at the first request.": func(t *testing.T) {
		app := decant.New("test", decant.SubdomainMatching())
		app.Get("/", hello, decant.Subdomain("api"))
		mustPanic(t, func() { get(app, "/") }, "ServerName")
	},
	"A query with bytes that are not UTF-8 is a 400.": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Args.Get("q"), nil })
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = "q=\xff"
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustFailWith(t, w, 400)
	},
	"Iteration gives the fields in the order in which they came.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			var pairs []string
			for name, value := range c.Request.Form.All() {
				pairs = append(pairs, name+value)
			}
			return fmt.Sprint(pairs, c.Request.Form.List("a")), nil
		}, decant.Endpoint("view"))
		mustAnswer(t, send(app, "POST", "/", "a=1&b=2&a=3", "Content-Type", formType), 200, "[a1 b2 a3] [1 3]")
	},
	"A document that is nested more than 1,000 levels deep is a 400.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			var body any
			return "read", c.Request.JSON(&body)
		}, decant.Endpoint("view"))
		for depth, status := range map[int]int{1000: 200, 1001: 400} {
			body := strings.Repeat("[", depth) + strings.Repeat("]", depth)
			if w := send(app, "POST", "/", body, "Content-Type", "application/json"); w.Code != status {
				t.Errorf("depth %d: status %d, want %d", depth, w.Code, status)
			}
		}
	},
	"A parameter named `*` in an `Accept` header is an ordinary parameter.": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			return "best: " + c.Request.AcceptMIMETypes().BestMatch("text/html", "text/plain"), nil
		})
		for accept, want := range map[string]string{"text/html;q=0.5, text/plain;NAME=x": "text/html", "text/plain;q=0.5, text/html; NAME=utf-8''x": "text/plain", "text/html;NAME=x": ""} {
			for _, name := range []string{"a", "*", "*0"} {
				mustAnswer(t, get(app, "/", "Accept", strings.ReplaceAll(accept, "NAME", name)), 200, "best: "+want)
			}
		}
	},
	"Reason phrases are those of net/http.": func(t *testing.T) {
		app, _ := newTestApp()
		server := httptest.NewServer(app)
		defer server.Close()
		response, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.Status != "404 Not Found" {
			t.Errorf("status %q", response.Status)
		}
	},
	"A struct is sent as JSON.": func(t *testing.T) {
		app, _ := appWith(func(*decant.Context) (any, error) { return struct{ ID int }{7}, nil })
		w := get(app, "/")
		mustAnswer(t, w, 200, `{"ID":7}`+"\n")
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("the type is %q", got)
		}
	},
	"A view may return an `http.Handler`, which runs when the response is sent.": func(t *testing.T) {
		seen := 0
		app, _ := appWith(func(*decant.Context) (any, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(202)
				fmt.Fprint(w, "handled after ", seen)
			}), nil
		})
		app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
			seen = r.Status
			r.Header().Set("X-Added", "1")
			return nil
		})
		w := get(app, "/")
		mustAnswer(t, w, 202, "handled after 200")
		if w.Header().Get("X-Added") != "1" {
			t.Error("the header is lost")
		}
	},
	"If an after-request function calls `AfterThisRequest`, the callback runs.": func(t *testing.T) {
		app, _ := appWith(hello)
		app.AfterRequest(func(c *decant.Context, _ *decant.Response) error {
			c.AfterThisRequest(func(r *decant.Response) { r.Header().Set("X-Later", "1") })
			return nil
		})
		if w := get(app, "/"); w.Header().Get("X-Later") != "1" {
			t.Error("the callback did not run")
		}
	},
	"A redirect to a location with a line break is a 500 whose log entry names the location.": func(t *testing.T) {
		app, log := appWith(func(c *decant.Context) (any, error) { return c.Redirect("/a\nb") })
		mustFail(t, get(app, "/"))
		log.mustContain(t, `/a\nb`)
	},
	"a blank": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Redirect("http://a b/") })
		mustFail(t, get(app, "/"))
	},
	"An answer with a status from 100 to 199 is a 500.": func(t *testing.T) {
		for _, status := range []int{100, 103, 199} {
			app, _ := appWith(func(c *decant.Context) (any, error) { return c.MakeResponse("early", status), nil })
			mustFail(t, get(app, "/"))
		}
	},
	"A cookie value with one of the bytes 1A to 1F is an error.": func(t *testing.T) {
		for value, status := range map[string]int{"\x19": 200, "\x1a": 500, "\x1f": 500, "\x7f": 200} {
			app, _ := appWith(func(c *decant.Context) (any, error) {
				c.SetCookie("a", value)
				return "set", nil
			})
			if w := get(app, "/"); w.Code != status {
				t.Errorf("%q: status %d, want %d", value, w.Code, status)
			}
		}
	},
	"`Abort` takes a status, not a response.": func(t *testing.T) {
		if takes := reflect.TypeOf(decant.Abort).In(0); takes.Kind() != reflect.Int {
			t.Errorf("Abort takes %s", takes)
		}
	},
	"If a handler for 500 fails, the error is logged and the client gets the default page.": func(t *testing.T) {
		app, log := appWith(func(*decant.Context) (any, error) { return nil, errors.New("first") })
		app.ErrorHandler(500, func(*decant.Context, *decant.HTTPError) (any, error) { return nil, errors.New("second") })
		w := get(app, "/")
		mustFail(t, w)
		if body := w.Body.String(); !strings.Contains(body, "<h1>Internal Server Error</h1>") {
			t.Errorf("the page is %s", body)
		}
		log.mustContain(t, "first", "second")
	},
	"Messages begin with \"decant: \" and end in advice.": func(t *testing.T) {
		_, err := decant.NewSigner("a key for this test", "salt").Unsign("x")
		if err == nil || !strings.HasPrefix(err.Error(), "decant: ") {
			t.Errorf("the error is %v", err)
		}
	},
	"Maps are written with sorted keys.": func(t *testing.T) {
		serializer := decant.NewSerializer("a key for this test", "salt")
		first, err := serializer.Dumps(map[string]int{"c": 3, "a": 1, "b": 2})
		if err != nil {
			t.Fatal(err)
		}
		second, err := serializer.Dumps(struct {
			A int `json:"a"`
			B int `json:"b"`
			C int `json:"c"`
		}{1, 2, 3})
		if err != nil || first != second {
			t.Errorf("%q and %q, %v", first, second, err)
		}
	},
	"A rule without a view needs `BuildOnly` or `RedirectTo`, and an `Endpoint`.": func(t *testing.T) {
		app, _ := newTestApp()
		mustPanic(t, func() { app.Get("/a", nil, decant.Endpoint("a")) }, "BuildOnly")
		mustPanic(t, func() { app.Get("/a", nil, decant.BuildOnly()) }, "Endpoint")
		app.Get("/a", nil, decant.BuildOnly(), decant.Endpoint("a"))
		app.Get("/b", nil, decant.RedirectTo("/c"), decant.Endpoint("b"))
	},
	"Patterns of converters are written in Go's regular expressions.": func(t *testing.T) {
		app, _ := newTestApp()
		mustPanic(t, func() { app.Converter("odd", decant.Converter{Pattern: "(?=a)a"}) }, "package regexp")
		mustPanic(t, func() { app.Converter("odd", decant.Converter{Pattern: `(a)\1`}) }, "package regexp")
	},
	"Arguments that a converter does not know are refused.": func(t *testing.T) {
		app, _ := newTestApp()
		mustPanic(t, func() { app.Get("/<path(maxlength=3):p>", hello) }, "maxlength")
	},
	"Outside of a request, build-error handlers and `URLDefaults` functions get a nil context.": func(t *testing.T) {
		app, _ := appWith(hello)
		app.Config.ServerName = "example.com"
		app.Get("/<lang>", hello, decant.Endpoint("page"))
		var seen []bool
		app.URLDefaults(func(c *decant.Context, _ string, values decant.H) {
			seen = append(seen, c == nil)
			values["lang"] = "de"
		})
		if url, err := app.BuildURL("page"); err != nil || url != "http://example.com/de" || !slices.Equal(seen, []bool{true}) {
			t.Errorf("%q, %v, %v", url, err, seen)
		}
	},
	"Values that a `URLDefaults` function adds come last in the query, sorted by name.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("index", "z", 1, "y", 2), nil }, decant.Endpoint("index"))
		app.URLDefaults(func(_ *decant.Context, _ string, values decant.H) { values["b"], values["a"] = 4, 3 })
		mustAnswer(t, get(app, "/"), 200, "/?z=1&y=2&a=3&b=4")
	},
	"Building an external URL in a request with a malformed `Host` is a 400.": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			return c.URLFor("static", "filename", "a", "_external", true), nil
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = "a_b<.example"
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustFailWith(t, w, 400)
	},
	"Building a URL refuses a `UUID` for an `<int>` variable.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Get("/<int:n>", hello)
		if url, err := app.BuildURL("hello", "n", decant.UUID{15: 1}, "_external", false); err == nil {
			t.Errorf("the URL is %q", url)
		}
	},
	"A multipart body whose boundary has more than 256 bytes is read as an empty form.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) { return c.Request.Form.Get("a"), nil }, decant.Endpoint("view"))
		for size, want := range map[int]string{256: "1", 257: ""} {
			boundary := strings.Repeat("x", size)
			body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--" + boundary + "--\r\n"
			if w := send(app, "POST", "/", body, "Content-Type", "multipart/form-data; boundary="+boundary); w.Body.String() != want {
				t.Errorf("%d bytes: %d %q, want %q", size, w.Code, w.Body, want)
			}
		}
	},
	"A field without a name has the name \"\".": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) { return c.Request.Form.Get(""), nil }, decant.Endpoint("view"))
		body := "--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n"
		mustAnswer(t, send(app, "POST", "/", body, "Content-Type", "multipart/form-data; boundary=x"), 200, "nameless")
	},
	"The headers of one part of a multipart body may have 64 KiB.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) { return c.Request.Form.Get("a"), nil }, decant.Endpoint("view"))
		for size, status := range map[int]int{60 << 10: 200, 70 << 10: 413} {
			body := "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nX-Own: " + strings.Repeat("y", size) + "\r\n\r\n1\r\n--x--\r\n"
			mustFailWith(t, send(app, "POST", "/", body, "Content-Type", "multipart/form-data; boundary=x"), status)
		}
	},
	"A boundary with more than 1 KiB of blanks after it counts as data.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) { return c.Request.Form.Get("b"), nil }, decant.Endpoint("view"))
		part := func(name, value string) string {
			return "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value
		}
		for size, want := range map[int]string{1000: "2", 2000: ""} {
			body := "--x\r\n" + part("a", "1") + "\r\n--x" + strings.Repeat(" ", size) + "\r\n" + part("b", "2") + "\r\n--x--\r\n"
			if w := send(app, "POST", "/", body, "Content-Type", "multipart/form-data; boundary=x"); w.Body.String() != want {
				t.Errorf("%d blanks: %d %q, want %q", size, w.Code, w.Body, want)
			}
		}
	},
	"There is no `silent` for JSON.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			value := any("as it was")
			err := c.Request.JSON(&value)
			return fmt.Sprint(value, " ", err != nil), nil
		}, decant.Endpoint("view"))
		mustAnswer(t, send(app, "POST", "/", "{", "Content-Type", "application/json"), 200, "as it was true")
	},
	"A function that needs the request has `*decant.Context` as its first parameter.": func(t *testing.T) {
		app, _ := templateApp("page.html", "{{ here() }}")
		app.Templates.Global("here", func(c *decant.Context) string { return c.Request.Path() })
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("page"))
		mustAnswer(t, get(app, "/page"), 200, "/page")
	},
	"A loop over a Go map goes by sorted keys.":             rendered("{% for k in x %}{{ k }}{% endfor %}", decant.H{"x": map[string]int{"c": 3, "a": 1, "b": 2}}, "abc"),
	"Attributes that all Python objects have do not exist.": rendered(`[{{ "".__class__ }}]`, nil, "[]"),
	"A template that changes a list or a map of the application changes a copy.": func(t *testing.T) {
		list := make([]any, 1, 4)
		list[0] = 1
		rendered("{{ x.append(2) }}{{ x }}", decant.H{"x": list}, "None[1, 2]")(t)
		if list[0] != 1 || list[:2][1] != nil {
			t.Errorf("the list is %v", list[:2])
		}
	},
	"`g` in a template has the values that were set before the render began.": func(t *testing.T) {
		user := decant.NewG[string]("user")
		app, _ := templateApp("page.html", "{{ g.user }}{{ change() }}{{ g.user }}")
		app.Templates.Global("change", func(c *decant.Context) string {
			user.Set(c, "eve")
			return "-"
		})
		app.Get("/page", func(c *decant.Context) (any, error) {
			user.Set(c, "ann")
			return c.Render("page.html")
		}, decant.Endpoint("page"))
		mustAnswer(t, get(app, "/page"), 200, "ann-ann")
	},
	"Context processors run before the template is looked for.": func(t *testing.T) {
		app, _ := templateApp("page.html", "")
		ran := false
		app.ContextProcessor(func(*decant.Context) decant.H {
			ran = true
			return nil
		})
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("missing.html") }, decant.Endpoint("page"))
		mustFail(t, get(app, "/page"))
		if !ran {
			t.Error("the context processor did not run")
		}
	},
	"With `HostMatching` and no `StaticHost` there are no static files.": func(t *testing.T) {
		app := decant.New("test", decant.HostMatching(), decant.Static(folderOf("a.txt", "text")))
		mustFailWith(t, get(app, "/static/a.txt"), 404)
		app = decant.New("test", decant.Static(folderOf("a.txt", "text")))
		mustAnswer(t, get(app, "/static/a.txt"), 200, "text")
	},
	"An empty key among the fallbacks is an error.": func(t *testing.T) {
		app, log := appWith(func(c *decant.Context) (any, error) { return c.Session.String("user"), nil })
		app.Config.SecretKey = testKey
		app.Config.SecretKeyFallbacks = []string{""}
		mustFail(t, get(app, "/", "Cookie", "session=e30.x.y"))
		log.mustContain(t, "empty")
	},
	"There is no `NoneAlgorithm`": func(t *testing.T) {
		packages, err := filepath.Glob(filepath.Join(house, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range packages {
			if strings.Contains(read(t, filepath.Base(file)), "func NoneAlgorithm") {
				t.Errorf("%s has it", file)
			}
		}
	},
	"A UUID or a date in `Format` takes no specification.": func(t *testing.T) {
		id := decant.UUID{15: 1}
		if got := decant.Markup("{}").Format(id); string(got) != id.String() {
			t.Errorf("a UUID is %s", got)
		}
		mustPanic(t, func() { decant.Markup("{:>40}").Format(id) })
		mustPanic(t, func() { decant.Markup("{:%Y}").Format(time.Unix(0, 0)) })
	},
	"`Sprintf` has Go's verbs, and `%r`.": func(t *testing.T) {
		if got := decant.Markup("%d %r").Sprintf(7, "a"); got != "7 &#39;a&#39;" {
			t.Errorf("got %s", got)
		}
		mustPanic(t, func() { decant.Markup("%i").Sprintf(7) })
		mustPanic(t, func() { decant.Markup("%(name)s").Sprintf(map[string]any{"name": "ann"}) })
	},
	"In a pipeline the value is a function's last argument.": func(t *testing.T) {
		app, _ := htmlApp("page.html", "{{.n | price}} {{price .n}}")
		app.Templates.Filter("price", func(n int) string { return fmt.Sprint(n, " cents") })
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html", decant.H{"n": 5}) }, decant.Endpoint("page"))
		mustAnswer(t, get(app, "/page"), 200, "5 cents 5 cents")
	},
	"Debug mode does not change the level of the log.": func(t *testing.T) {
		var log strings.Builder
		app, _ := appWith(func(c *decant.Context) (any, error) {
			c.Logger().Info("quiet")
			c.Logger().Warn("loud")
			return "", nil
		})
		app.Config.Debug = true
		app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		get(app, "/")
		if got := log.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
			t.Errorf("the log is %s", got)
		}
	},
	"The output of `{% include … without context %}` inside of a macro, a set block, a filter or a call stays there.": func(t *testing.T) {
		app, _ := templateApp(
			"page.html", `-{% macro m() %}[{% include "a.html" without context %}]{% endmacro %}{{ m() }}{% set x %}({% include "a.html" without context %}){% endset %}{{ x }}`,
			"a.html", "a",
		)
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("page"))
		mustAnswer(t, get(app, "/page"), 200, "-[a](a)")
	},
	"The readable form of a URL keeps a host that is malformed punycode.": func(t *testing.T) {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.FullURL(), nil })
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = "xn--99999999.example"
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustAnswer(t, w, 200, "http://xn--99999999.example/")
	},
	"There is no type for a date without a time or for a decimal number.": func(t *testing.T) {
		app, log := newTestApp()
		app.Config.SecretKey = testKey
		app.Get("/", func(c *decant.Context) (any, error) {
			c.Session.Set("price", big.NewRat(3, 2))
			return "", nil
		}, decant.Endpoint("view"))
		mustFail(t, get(app, "/"))
		log.mustContain(t, "price")
	},
	"The factory of a method view is called once at registration, besides once per request.": func(t *testing.T) {
		app, _ := newTestApp()
		calls := 0
		app.MethodView("/things", func() any {
			calls++
			return new(thing)
		})
		registered := calls
		get(app, "/things")
		get(app, "/things")
		if registered != 1 || calls != 3 {
			t.Errorf("%d calls at registration, %d in all", registered, calls)
		}
	},
	"The pieces in which the network delivers a body never change the form.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			var pairs []string
			for name, value := range c.Request.Form.All() {
				pairs = append(pairs, name, value)
			}
			return fmt.Sprintf("%q", pairs), nil
		}, decant.Endpoint("view"))
		for _, value := range []string{"", "\r", "\n", "\r\n", "\r\n-", "\r\n--", "\r\n--x", "--x--", "\n--x\n", "\r\r\n"} {
			body := "--xy\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + value + "\r\n--xy--\r\n"
			answer := func(reader io.Reader) string {
				r := httptest.NewRequest("POST", "/", reader)
				r.ContentLength = int64(len(body))
				r.Header.Set("Content-Type", "multipart/form-data; boundary=xy")
				w := httptest.NewRecorder()
				app.ServeHTTP(w, r)
				return fmt.Sprint(w.Code, w.Body)
			}
			whole, pieces := answer(strings.NewReader(body)), answer(iotest.OneByteReader(strings.NewReader(body)))
			if whole != pieces || !strings.HasPrefix(whole, "200") {
				t.Errorf("%q: %s as a whole, and %s in pieces", value, whole, pieces)
			}
		}
	},
	"Each response of the test client keeps its context.": func(t *testing.T) {
		app, _ := newTestApp()
		app.Get("/<name>", hello, decant.Endpoint("view"))
		client := decanttest.NewClient(t, app)
		first, second := client.Get("/ann"), client.Get("/bob")
		if got := first.Context.Param("name") + second.Context.Param("name"); got != "annbob" {
			t.Errorf("the contexts are of %s", got)
		}
	},
	"An integer has the size of an `int`.": validated(func(f *differentForm) any { return f.Number.Errors() }, url.Values{"number": {"9223372036854775808"}}, "[Not a valid integer value.]"),
	"A UUID field that was not sent":       validated(func(f *differentForm) any { return f.ID.Errors() }, url.Values{}, "[Invalid UUID.]"),
	"`Regexp` takes Go's regular expressions.": validated(
		func(f *differentForm) any { return f.Word.Errors() }, url.Values{"word": {"abc\n"}, "number": {"1"}}, "[]",
	),
}

// differentForm has the fields that differ from WTForms'.
type differentForm struct {
	form.Form
	Number form.Integer
	ID     form.String
	Word   form.String
}

// validated tests what a form says of the values that are sent.
func validated(look func(f *differentForm) any, sent url.Values, want string) func(t *testing.T) {
	return func(t *testing.T) {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			f := differentForm{
				ID:   form.String{Validators: form.Validators{form.UUID()}},
				Word: form.String{Validators: form.Validators{form.Regexp(regexp.MustCompile("[a-z]+$"))}},
			}
			if err := form.Bind(c, &f, form.WithoutCSRF()); err != nil {
				return nil, err
			}
			_, err := f.Validate()
			return fmt.Sprint(look(&f)), err
		}, decant.Endpoint("view"))
		mustAnswer(t, send(app, "POST", "/", sent.Encode(), "Content-Type", formType), 200, want)
	}
}

// rendered tests that a template of Jinja prints something.
func rendered(template string, values decant.H, want string) func(t *testing.T) {
	return func(t *testing.T) {
		app, _ := templateApp("page.html", template)
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render("page.html", values) }, decant.Endpoint("page"))
		mustAnswer(t, get(app, "/page"), 200, want)
	}
}

// notThere tests that a type has none of Flask's names.
func notThere(value any, names ...string) func(t *testing.T) {
	return func(t *testing.T) {
		kind := reflect.TypeOf(value)
		for _, name := range names {
			if _, ok := kind.MethodByName(name); ok {
				t.Errorf("%s has the method %s", kind, name)
			}
			if _, ok := kind.Elem().FieldByName(name); ok {
				t.Errorf("%s has the field %s", kind, name)
			}
		}
	}
}

// oddConverter converts odd digits, and fails for others.
func oddConverter() decant.Converter {
	return decant.Converter{Pattern: "[0-9]", ToGo: func(text string) (any, error) {
		if strings.Contains("13579", text) {
			return text, nil
		}
		return nil, io.ErrUnexpectedEOF
	}}
}

func mustFailWith(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
}

// writes keeps the sizes of what is written.
type writes struct {
	*httptest.ResponseRecorder
	sizes []int
}

func (w *writes) Write(text []byte) (int, error) {
	if len(text) > 0 {
		w.sizes = append(w.sizes, len(text))
	}
	return w.ResponseRecorder.Write(text)
}

func (w *writes) WriteString(text string) (int, error) { return w.Write([]byte(text)) }
