package tests

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	neturl "net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

type urlForCase struct {
	ID, Op, Endpoint string
	Values           [][2]json.RawMessage
	CurrentPath      *string `json:"current_path"`
	BaseURL          string  `json:"base_url"`
	Config           map[string]any
	Want             struct{ URL, Error string }
}

func urlForApp(t *testing.T, config map[string]any) *decant.App {
	t.Helper()
	app, _ := newTestApp()
	for key, value := range config {
		app.Config.Set(key, value)
	}
	app.Get("/", hello, decant.Endpoint("index"))
	app.Route("/item/<int:id>", hello, decant.Methods("GET", "POST"), decant.Endpoint("item"))
	app.Put("/up/<path:p>", hello, decant.Endpoint("up"))
	blueprint := decant.NewBlueprint("bp", decant.URLPrefix("/bp"))
	blueprint.Get("/", hello, decant.Endpoint("home"))
	blueprint.Get("/view/<x>", hello, decant.Endpoint("view"))
	app.RegisterBlueprint(blueprint)
	return app
}

func TestURLForVectors(t *testing.T) {
	for _, c := range vectors.Select[urlForCase](t, vectors.Load(t, "http.json"), "url_for") {
		t.Run(c.ID, func(t *testing.T) {
			app := urlForApp(t, c.Config)
			url, err := c.build(t, app)
			switch {
			case c.Want.Error == "":
				if err != nil || url != c.Want.URL {
					t.Errorf("%q (%v), want %q", url, err, c.Want.URL)
				}
			case c.Want.Error == "RuntimeError" && err == nil && c.isPathAlone():
				// Flask needs SERVER_NAME even for a URL without a host
			case err == nil:
				t.Errorf("%q, want %s", url, c.Want.Error)
			default:
				var failure *decant.BuildError
				if !errors.As(err, &failure) || !strings.HasSuffix(failure.Endpoint, strings.TrimPrefix(c.Endpoint, ".")) {
					t.Errorf("the error is %v", err)
				}
			}
		})
	}
}

// isPathAlone reports whether the case asks for a URL without scheme and host outside
// of a request.
func (c urlForCase) isPathAlone() bool {
	return c.CurrentPath == nil && slices.ContainsFunc(c.Values, func(pair [2]json.RawMessage) bool {
		return string(pair[0]) == `"_external"` && strings.Contains(string(pair[1]), "false")
	})
}

func (c urlForCase) build(t *testing.T, app *decant.App) (url string, err error) {
	t.Helper()
	var values []any
	for _, pair := range c.Values {
		var name string
		if err := json.Unmarshal(pair[0], &name); err != nil {
			t.Fatal(err)
		}
		values = append(values, name, ownTypes.Value(t, pair[1]))
	}
	if c.CurrentPath == nil {
		return app.BuildURL(c.Endpoint, values...)
	}
	app.BeforeRequest(func(context *decant.Context) (any, error) {
		err = raisedBy(func() { url = context.URLFor(c.Endpoint, values...) })
		return "built", nil
	})
	base, parseErr := neturl.Parse(c.BaseURL)
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	server := app
	if prefix := strings.TrimSuffix(base.Path, "/"); prefix != "" {
		server, _ = newTestApp()
		server.Mount(prefix, app)
	}
	mustAnswer(t, get(server, strings.TrimSuffix(c.BaseURL, "/")+*c.CurrentPath), 200, "built")
	return url, err
}

func TestURLForMistakesAre500sThatSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint string
		values   []any
		want     []string
	}{
		"unknown endpoint":             {"itme", []any{"id", 1}, []string{`itme`, `item`}},
		"missing value":                {"item", nil, []string{"item", "id"}},
		"value of another type":        {"item", []any{"id", "x"}, []string{"item", "x"}},
		"a lone name":                  {"item", []any{"id"}, []string{"pairs of names and values", "1 arguments"}},
		"a name that is none":          {"item", []any{1, 2}, []string{"argument 1 is a int"}},
		"_external no bool":            {"item", []any{"_external", "yes"}, []string{"_external", "string"}},
		"_anchor no text":              {"item", []any{"_anchor", 5}, []string{"_anchor", "int"}},
		"empty _scheme, not _external": {"item", []any{"id", 1, "_scheme", "", "_external", false}, []string{"_scheme", "_external"}},
		"_scheme, not _external":       {"item", []any{"id", 1, "_scheme", "https", "_external", false}, []string{"_scheme", "_external"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(context *decant.Context) (any, error) { return context.URLFor(c.endpoint, c.values...), nil })
			app.Get("/item/<int:id>", hello, decant.Endpoint("item"))
			mustFail(t, get(app, "/"))
			log.mustContain(t, c.want...)
			_, err := app.BuildURL(c.endpoint, append(c.values, "_external", false)...)
			var failure *decant.BuildError
			if !errors.As(err, &failure) {
				t.Errorf("BuildURL gives %v", err)
			}
			failed, _ := panicOf(t, func() { app.URLFor(c.endpoint, c.values...) }).(*decant.BuildError)
			if failed == nil || failed.Unwrap() == nil {
				t.Errorf("URLFor panics with %v", failed)
			}
		})
	}
}

func TestURLForWritesQueriesInOrder(t *testing.T) {
	app := urlForApp(t, map[string]any{"SERVER_NAME": "site.test"})
	for want, values := range map[string][]any{
		"/?b=1&a=2":      {"b", 1, "a", 2},
		"/?tag=x&tag=y":  {"tag", []string{"x", "y"}},
		"/":              {"none", nil},
		"/?q=%C3%A9+%26": {"q", "é &"},
		"/?q=1#top":      {"q", 1, "_anchor", "top"},
	} {
		if got := app.URLFor("index", append(values, "_external", false)...); got != want {
			t.Errorf("%v gives %q, want %q", values, got, want)
		}
	}
}

func TestBuildURLOutsideOfARequestNeedsAServerName(t *testing.T) {
	app := urlForApp(t, nil)
	_, err := app.BuildURL("index")
	if err == nil || !strings.Contains(err.Error(), "Config.ServerName") {
		t.Errorf("the error is %v", err)
	}
	if url, err := app.BuildURL("index", "_external", false); url != "/" || err != nil {
		t.Errorf("the path alone is %q, %v", url, err)
	}
}

func TestURLForLeavesOutSpecialValuesThatAreNil(t *testing.T) {
	app := urlForApp(t, map[string]any{"SERVER_NAME": "site.test"})
	for want, values := range map[string][]any{
		"http://site.test/":      {"_external", nil, "_scheme", nil, "_method", nil, "_anchor", nil},
		"/":                      {"_scheme", nil, "_external", false},
		"http://site.test/#%3C":  {"_anchor", decant.Markup("<")},
		"https://site.test/?q=1": {"_external", nil, "_scheme", "https", "q", 1},
	} {
		if got := app.URLFor("index", values...); got != want {
			t.Errorf("%v gives %q, want %q", values, got, want)
		}
	}
}

func TestEndpointOfTheRequest(t *testing.T) {
	app, _ := newTestApp()
	var endpoints []string
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		endpoints = append(endpoints, c.Request.Endpoint())
		return nil, nil
	})
	app.Get("/", hello)
	get(app, "/")
	get(app, "/nowhere")
	if diff := cmp.Diff([]string{"hello", ""}, endpoints); diff != "" {
		t.Error(diff)
	}
}

// The expected URLs are Flask's.
func TestExternalURLsHaveTheHostInItsCommonForm(t *testing.T) {
	for name, want := range map[string][2]string{ // outside of a request, and in one over HTTP
		"bücher.example":    {"http://xn--bcher-kva.example/x", "http://xn--bcher-kva.example/x"},
		"Shop.EXAMPLE":      {"http://shop.example/x", "http://shop.example/x"},
		"shop.example:80":   {"http://shop.example:80/x", "http://shop.example/x"},
		"shop.example:8080": {"http://shop.example:8080/x", "http://shop.example:8080/x"},
		"":                  {"", "http://a.example/x"},
	} {
		app, _ := newTestApp()
		app.Config.ServerName = name
		app.Get("/x", func(c *decant.Context) (any, error) { return c.URLFor("x", "_external", true), nil }, decant.Endpoint("x"))
		for range 2 { // before and after the first request
			if got, _ := app.BuildURL("x"); got != want[0] {
				t.Errorf("%q: BuildURL gives %q, want %q", name, got, want[0])
			}
			mustAnswer(t, get(app, "http://A.Example:80/x"), 200, want[1])
		}
	}
}

func TestServerNameThatIsNoHost(t *testing.T) {
	for _, name := range []string{"a..b", "ﬁ.example"} {
		app, _ := appWith(hello)
		app.Config.ServerName = name
		if url, err := app.BuildURL("view"); err == nil || !strings.Contains(err.Error(), "Config.ServerName") {
			t.Errorf("%q: %q, %v", name, url, err)
		}
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, "Config.ServerName of the application") {
					t.Errorf("%q: the panic is %q", name, got)
				}
			}()
			get(app, "/")
		}()
	}
}

// Flask answers each path with 400, because it cannot encode the host.
func TestAHostWithABadLabelIsA400(t *testing.T) {
	app, _ := appWith(hello)
	for host, status := range map[string]int{"a.b": 200, "a_b": 200, "a.b.": 200, "a..b": 400, ".com": 400, strings.Repeat("x", 64) + ".com": 400} {
		for _, path := range []string{"/", "/static/x"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			if w.Code != status && !(status == 200 && path != "/") {
				t.Errorf("%s of %q: status %d, want %d", path, host, w.Code, status)
			}
		}
	}
	app, _ = appWith(hello)
	app.Config.TrustedHosts = []string{".example.org"}
	app.Config.ServerName = "example.org"
	for host, status := range map[string]int{"example.org": 200, "a.example.org": 200, ".example.org": 400, "a..example.org": 400} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%q: status %d, want %d", host, w.Code, status)
		}
	}
}

// shownURL is a line of the documentation that shows what URLFor returns.
var shownURL = regexp.MustCompile(`([a-z]+)\.URLFor\((.*?)\)+\s+// (/\S*)$`)

// TestDocsShowRealURLs builds the URLs that the documentation shows.
func TestDocsShowRealURLs(t *testing.T) {
	t.Parallel()
	app, _ := newTestApp()
	app.Get("/login", hello, decant.Endpoint("login"))
	app.Get("/user/<username>", hello, decant.Endpoint("profile"))
	parent := decant.NewBlueprint("parent", decant.URLPrefix("/parent"))
	child := decant.NewBlueprint("child", decant.URLPrefix("/child"))
	child.Get("/create", hello, decant.Endpoint("index"))
	parent.RegisterBlueprint(child)
	app.RegisterBlueprint(parent)
	shown := 0
	for _, page := range pages(t) {
		for line := range strings.Lines(read(t, page)) {
			match := shownURL.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if match == nil {
				continue
			}
			shown++
			var got string
			err := app.InRequest(httptest.NewRequest("GET", "/", nil), func(c *decant.Context) error {
				arguments := unquoted(t, match[2])
				got = c.URLFor(arguments[0].(string), arguments[1:]...)
				return nil
			})
			if err != nil || match[1] != "c" || got != match[3] {
				t.Errorf("%s shows %q, and c.URLFor returns %q, %v", page, line, got, err)
			}
		}
	}
	if shown < 4 {
		t.Errorf("the documentation shows only %d URLs", shown)
	}
}

// unquoted are the values of arguments that are strings.
func unquoted(t *testing.T, arguments string) (values []any) {
	t.Helper()
	for argument := range strings.SplitSeq(arguments, ", ") {
		value, err := strconv.Unquote(argument)
		if err != nil {
			t.Fatalf("%s is not a string: %v", argument, err)
		}
		values = append(values, value)
	}
	return values
}
