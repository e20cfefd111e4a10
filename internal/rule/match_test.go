package rule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/uuid"
)

func TestMatchIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Match{}); size > 32 {
		t.Errorf("a Match takes %d bytes", size)
	}
}

// httprouter allocates the parameters that it finds.
func TestMatchAllocatesOnlyParameters(t *testing.T) {
	m := frozen(t, Options{}, "/", "/about", "/user/<name>", "/n/<int:n>", "/files/<path:p>", "/x/<a>/<b>", "/<page>")
	var match Match
	for path, want := range map[string]float64{"/": 0, "/about": 0, "/user/ann": 0, "/n/5": 0, "/files/a/b": 1, "/x/1/2": 1} {
		if got := testing.AllocsPerRun(100, func() { m.MatchInto(&match, nil, "GET", "", path) }); got > want {
			t.Errorf("MatchInto %q allocates %v times", path, got)
		}
		if got := testing.AllocsPerRun(100, func() { m.Match("GET", "", path) }); got > want {
			t.Errorf("Match %q allocates %v times", path, got)
		}
	}
}

func TestEmptyMap(t *testing.T) {
	for _, options := range []Options{{}, {HostMatching: true}, {SubdomainMatching: true}} {
		m := New(options)
		for range 2 {
			if _, err := m.Match("GET", "", "/"); !errors.Is(err, ErrNotFound) {
				t.Errorf("Match = %v", err)
			}
			if allowed := m.Allowed("", "/"); allowed != nil {
				t.Errorf("Allowed = %q", allowed)
			}
			if _, err := m.Build(Build{Endpoint: "x"}); err == nil {
				t.Error("Build of nothing succeeds")
			}
			m.Freeze()
		}
	}
}

func TestUnknownMethods(t *testing.T) {
	m := New(Options{})
	add(t, m, Rule{Text: "/dav", Endpoint: "dav", Methods: []string{"PROPFIND"}}, Rule{Text: "/any", Endpoint: "any"})
	m.Freeze()
	for _, c := range []struct{ method, path, want string }{
		{"PROPFIND", "/dav", "endpoint dav"},
		{"propfind", "/dav", "endpoint dav"},
		{"GET", "/dav", "allow [PROPFIND]"},
		{"", "/dav", "allow [PROPFIND]"},
		{"BREW", "/any", "endpoint any"},
		{"", "/any", "endpoint any"},
		{"BREW", "/none", "not found"},
	} {
		match, err := m.Match(c.method, "", c.path)
		if got := describe(match, err); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got, c.want)
		}
	}
}

func TestAllowed(t *testing.T) {
	m := New(Options{})
	add(t, m, Rule{Text: "/a", Methods: []string{"GET", "OPTIONS"}}, Rule{Text: "/<x>", Methods: []string{"POST"}},
		Rule{Text: "/free"}, Rule{Text: "/dir/", Methods: []string{"GET"}})
	m.Freeze()
	for path, want := range map[string][]string{
		"/a":    {"GET", "HEAD", "OPTIONS", "POST"},
		"/b":    {"POST"},
		"/free": nil,
		"/dir":  {"POST"},
		"/c/d":  nil,
	} {
		if got := m.Allowed("", path); !slices.Equal(got, want) {
			t.Errorf("Allowed(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestValues(t *testing.T) {
	m := New(Options{SubdomainMatching: true})
	add(t, m, Rule{
		Text:      "/<int:n>/<float:f>/<uuid:id>/v<x>.html/<any(a, b):k>/<path:p>",
		Subdomain: "<site>-<lang>",
		Defaults:  map[string]any{"page": 1, "k": "b"},
	})
	m.Freeze()
	match, err := m.Match("GET", "blog-de", "/7/1.50/12345678-1234-5678-9ABC-DEF012345678/va b.html/a/x//y/")
	if err != nil {
		t.Fatal(err)
	}
	id, _ := uuid.Parse("12345678-1234-5678-9abc-def012345678")
	want := map[string]any{
		"site": "blog", "lang": "de", "n": 7, "f": 1.5, "id": id, "x": "a b", "k": "b", "p": "x//y/", "page": 1,
	}
	if diff := cmp.Diff(want, match.Values()); diff != "" {
		t.Errorf("Values: (-want +got)\n%s", diff)
	}
	for name, value := range want {
		if got, ok := match.Value(name); !ok || got != value {
			t.Errorf("Value(%q) = %v, %v, want %v", name, got, ok, value)
		}
	}
	if text, ok := match.Text("f"); text != "1.50" || !ok {
		t.Errorf("Text = %q, %v", text, ok)
	}
	if text, ok := match.Text("k"); text != "a" || !ok {
		t.Errorf("Text of a defaulted variable = %q, %v", text, ok)
	}
	for _, name := range []string{"page", "nope", ""} {
		if text, ok := match.Text(name); ok {
			t.Errorf("Text(%q) = %q", name, text)
		}
	}
	if value, ok := match.Value("nope"); ok {
		t.Errorf("Value of nothing = %v", value)
	}
}

func TestZeroMatch(t *testing.T) {
	var match Match
	if _, ok := match.Text("x"); ok {
		t.Error("the zero Match has text")
	}
	if _, ok := match.Value("x"); ok {
		t.Error("the zero Match has a value")
	}
	if values := match.Values(); values == nil || len(values) > 0 {
		t.Errorf("the zero Match has the values %v", values)
	}
}

// A Match that is used again keeps nothing of the last request.
func TestMatchIntoStartsAfresh(t *testing.T) {
	m := New(Options{})
	add(t, m, Rule{Text: "/user/<name>", Methods: []string{"GET"}}, Rule{Text: "/n/<int(max=5):n>", Methods: []string{"GET"}})
	m.Freeze()
	var match Match
	for _, path := range []string{"/none", "/n/9", "/user/ann/", "/user/"} {
		if err := m.MatchInto(&match, nil, "GET", "", "/user/ann"); err != nil {
			t.Fatal(err)
		}
		if err := m.MatchInto(&match, nil, "GET", "", path); err == nil || match.Rule != nil || len(match.Values()) > 0 {
			t.Errorf("%q: %v leaves %v behind", path, err, match.Values())
		}
	}
}

func TestRefusedValuesEndMatching(t *testing.T) {
	m := New(Options{})
	converted := 0
	m.AddConverter("odd", Converter{Pattern: "[0-9]+", Weight: 10, ToGo: func(text string) (any, error) {
		converted++
		if strings.HasSuffix(text, "2") {
			return nil, errors.New("even")
		}
		return text, nil
	}})
	add(t, m, Rule{Text: "/<odd:n>", Endpoint: "odd"}, Rule{Text: "/<x>", Endpoint: "x"},
		Rule{Text: "/m/<int(max=5):n>", Endpoint: "m", Methods: []string{"GET"}}, Rule{Text: "/m/<x>", Methods: []string{"POST"}},
		Rule{Text: "/p/<int:n>", Methods: []string{"POST"}}, Rule{Text: "/p/<int(min=9):n>", Methods: []string{"GET"}})
	m.Freeze()
	for path, want := range map[string]string{
		"/2": "not found", "/3": `endpoint odd n="3"`, "/two": `endpoint x x="two"`,
		"/m/9": "not found", "/m/4": `endpoint m n="4"`, "/p/5": "allow [POST]",
		"/m/99999999999999999999": "not found",
	} {
		before := converted
		match, err := m.Match("GET", "", path)
		if got := describe(match, err); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if match.Value("n"); converted-before > 1 {
			t.Errorf("%s: its value is made %d times", path, converted-before)
		}
	}
}

func TestRedirects(t *testing.T) {
	m := New(Options{SubdomainMatching: true})
	add(t, m,
		Rule{Text: "/all/", Endpoint: "all", Defaults: map[string]any{"page": 1}},
		Rule{Text: "/all/<int:page>", Endpoint: "all"},
		Rule{Text: "/home", Endpoint: "home", Subdomain: "www"},
		Rule{Text: "/start", Endpoint: "home", Subdomain: "old", Alias: true},
		Rule{Text: "/lonely", Endpoint: "lonely", Alias: true},
		Rule{Text: "/é/", Endpoint: "e"},
		Rule{Text: "/moved/<x>", RedirectTo: "/there/<x>?y=<x>"},
		Rule{Text: "/up/<x>", RedirectTo: "../x/..//c//./<x>/."},
		Rule{Text: "/fn/<int:n>", RedirectFunc: func(_ any, values map[string]any) string { return fmt.Sprint("n/", values["n"].(int)+1) }},
	)
	m.Freeze()
	for _, c := range []struct{ domain, path, root, want string }{
		{"", "/all/1", "", "/all/?q=1"},
		{"", "/all", "/app/", "/app/all/?q=1"},
		{"", "/é", "", "/%C3%A9/?q=1"},
		{"", "//é//", "", "/%C3%A9/?q=1"},
		{"old", "/start", "/app", "https://www.example.test/app/home?q=1"},
		{"", "/moved/a b", "/app", "/there/a%20b?y=a%20b"},
		{"", "/fn/4", "/app", "/app/n/5"},
		{"", "/up/b", "/app/deep", "/app/c/b/"},
	} {
		_, err := m.Match("GET", c.domain, c.path)
		var redirect *Redirect
		if !errors.As(err, &redirect) || redirect.Code != 308 {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if got := redirect.URL(nil, "https", "example.test", c.root, "q=1"); got != c.want {
			t.Errorf("%s leads to %s, want %s", c.path, got, c.want)
		}
	}
	if match, err := m.Match("GET", "", "/lonely"); describe(match, err) != "endpoint lonely" {
		t.Errorf("an alias of nothing: %v", err)
	}
}

func TestHostMatchingRedirectsToTheRulesHost(t *testing.T) {
	m := New(Options{HostMatching: true})
	add(t, m, Rule{Text: "/", Host: "www.example.test", Endpoint: "home", Defaults: map[string]any{"n": 1}},
		Rule{Text: "/<int:n>", Host: "example.test", Endpoint: "home"})
	m.Freeze()
	_, err := m.Match("GET", "example.test", "/1")
	var redirect *Redirect
	if !errors.As(err, &redirect) || redirect.URL(nil, "http", "ignored.test", "", "") != "http://www.example.test/" {
		t.Errorf("Match = %v", err)
	}
}

// Segments with httprouter's own marks are ordinary text to Flask.
func TestLiteralMarks(t *testing.T) {
	m := frozen(t, Options{}, "/v1/items:batch", "/v1/<id>", "/*", "/:a/b", "/<x>/c", "/a*/<path:p>")
	for path, want := range map[string]string{
		"/v1/items:batch": "endpoint e0", "/v1/items": `endpoint e1 id="items"`, "/*": "endpoint e2",
		"/:a/b": "endpoint e3", "/:x/b": "not found", "/:a/c": `endpoint e4 x=":a"`, "/a*/p/q": `endpoint e5 p="p/q"`,
	} {
		match, err := m.Match("GET", "", path)
		if got := describe(match, err); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// More wildcards than httprouter can count must not become literal text.
func TestManyWildcards(t *testing.T) {
	deep := strings.Repeat("/x", 300)
	variables := ""
	for i := range 255 {
		variables += fmt.Sprintf("/<v%d>", i)
	}
	m := New(Options{})
	add(t, m, Rule{Text: "/<a>" + deep, Endpoint: "mixed"}, Rule{Text: "/y" + strings.Repeat("/a:b", 300), Endpoint: "marks"},
		Rule{Text: variables, Endpoint: "many"})
	m.Freeze()
	for path, want := range map[string]string{
		"/q" + deep:                         "mixed",
		"/y" + strings.Repeat("/a:b", 300):  "marks",
		strings.Repeat("/z", 255):           "many",
		"/y" + strings.Repeat("/a:b", 254):  "many",
		"/y" + strings.Repeat("/a:b", 299):  "",
		"/q" + deep + "x":                   "",
		strings.Repeat("/z", 256):           "",
		"/q" + strings.Repeat("/x", 253):    "",
		"/:0" + strings.Repeat("/:x", 254):  "many",
		"/*254" + strings.Repeat("/:x", 10): "",
	} {
		match, err := m.Match("GET", "", path)
		if (err == nil) != (want != "") || err == nil && match.Rule.Endpoint != want {
			t.Errorf("%.20s… with %d segments: %v, %v, want %q", path, strings.Count(path, "/"), match.Rule, err, want)
		}
	}
}

// With host matching, an alias leads to the rule of its own host, wherever it stands, and
// else to the first.
func TestAnAliasPrefersTheRuleOfItsHost(t *testing.T) {
	m := New(Options{HostMatching: true})
	add(t, m, Rule{Text: "/one/<int:n>", Endpoint: "page", Host: "one.test"},
		Rule{Text: "/two/<int:n>", Endpoint: "page", Host: "two.test"},
		Rule{Text: "/old/<int:n>", Endpoint: "page", Host: "one.test", Alias: true},
		Rule{Text: "/old/<int:n>", Endpoint: "page", Host: "two.test", Alias: true},
		Rule{Text: "/old/<int:n>", Endpoint: "page", Host: "three.test", Alias: true})
	m.Freeze()
	for host, want := range map[string]string{
		"one.test":   "/one/7",
		"two.test":   "/two/7",
		"three.test": "http://one.test/one/7",
	} {
		_, err := m.Match("GET", host, "/old/7")
		var redirect *Redirect
		if !errors.As(err, &redirect) {
			t.Errorf("%s: %v, want a redirect", host, err)
			continue
		}
		if got := redirect.URL(nil, "http", "", "", ""); got != want {
			t.Errorf("%s: redirected to %q, want %q", host, got, want)
		}
	}
}
