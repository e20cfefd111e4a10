package rule

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/julienschmidt/httprouter"

	"github.com/decant-go/decant/internal/uuid"
)

func add(t testing.TB, m *Map, rules ...Rule) {
	t.Helper()
	for _, r := range rules {
		if _, err := m.Add(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRegistrationErrorsTeach(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want []string
	}{
		{Rule{Text: "x"}, []string{"start with a slash", `"/x"`}},
		{Rule{Text: ""}, []string{"start with a slash"}},
		{Rule{Text: "/<x"}, []string{`"<x"`, "<converter(arguments):name>"}},
		{Rule{Text: "/<>"}, []string{`"<>"`}},
		{Rule{Text: "/<1x>/y"}, []string{`"<1x>"`, "digit"}},
		{Rule{Text: "/<a<b>>"}, []string{`"<a<b>"`}},
		{Rule{Text: "/\xff"}, []string{"UTF-8"}},
		{Rule{Text: "/<itn:x>"}, []string{`"itn"`, `did you mean "int"?`}},
		{Rule{Text: "/<somethingelse:x>"}, []string{"use one of any, default, float"}},
		{Rule{Text: "/<a>/<a>"}, []string{`"a"`, "twice", "another name"}},
		{Rule{Text: "/" + strings.Repeat("<a>-", 255) + "<b>"}, []string{"255"}},
		{Rule{Text: "/x", Methods: []string{}}, []string{"empty"}},
		{Rule{Text: "/x", Methods: []string{"GET, POST"}}, []string{"one by one"}},
		{Rule{Text: "/<int(min=-5):x>"}, []string{`"min=-5"`}},
		{Rule{Text: "/<int(minimum=1):x>"}, []string{`"minimum"`, "fixed_digits, min, max, signed"}},
		{Rule{Text: "/<int(1, 2, 3, True, 5):x>"}, []string{"at most 4"}},
		{Rule{Text: "/<int(1, fixed_digits=2):x>"}, []string{"twice"}},
		{Rule{Text: "/<int(min='a'):x>"}, []string{"min", "'a'"}},
		{Rule{Text: "/<int(fixed_digits='a'):x>"}, []string{"fixed_digits", "'a'"}},
		{Rule{Text: "/<int(min=, max=3):x>"}, []string{`"min=, max=3"`, "separated by commas"}},
		{Rule{Text: "/<string(size=1):x>"}, []string{`"size"`, "minlength, maxlength, length"}},
		{Rule{Text: "/<string(length=-1):x>"}, []string{`"length=-1"`}},
		{Rule{Text: "/<string(length=1.5e99):x>"}, []string{"length", "not negative"}},
		{Rule{Text: "/<uuid(1):x>"}, []string{"at most 0"}},
		{Rule{Text: "/<path(1):x>"}, []string{"at most 0"}},
		{Rule{Text: "/<path(x=1):x>"}, []string{"pass none"}},
		{Rule{Text: "/<string(length=a):x>"}, []string{"length", "'a'"}},
		{Rule{Text: "/<string(5, 2):x>"}, []string{"minlength 5", "maxlength 2"}},
		{Rule{Text: "/<any():x>"}, []string{"any(about, help)"}},
		{Rule{Text: "/<any(1, 2):x>"}, []string{"quote it"}},
		{Rule{Text: "/<string(minlength=2000):a>-<b>"}, []string{"slash between them"}},
		{Rule{Text: "/<string(minlength=2000):a>-<b>/x"}, []string{"slash between them"}},
		{Rule{Text: "/x", Subdomain: "<itn:x>"}, []string{`"<itn:x>"`, `"itn"`, "did you mean"}},
		{Rule{Text: "/x", Subdomain: "a/b"}, []string{"slash", `"a/b"`}},
		{Rule{Text: "/x", Subdomain: "<path:p>"}, []string{"another one"}},
		{Rule{Text: "/x", Subdomain: "<p"}, []string{`"<p"`}},
		{Rule{Text: "/<x>", Subdomain: "<x>"}, []string{"twice"}},
		{Rule{Text: "/<int:n>", Defaults: map[string]any{"n": "no"}}, []string{`"n"`, "'no'", "give one"}},
		{Rule{Text: "/<x>", RedirectTo: "/y/<z>"}, []string{"<z>", "name a variable"}},
	} {
		m := New(Options{SubdomainMatching: true})
		c.rule.Place = "site.go:12"
		_, err := m.Add(c.rule)
		if err == nil {
			t.Errorf("rule %q is accepted", c.rule.Text)
			continue
		}
		checkTeaches(t, err, c.rule.Text)
		for _, want := range append(c.want, "site.go:12") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not say %q", err, want)
			}
		}
		if len(m.Rules()) != 0 {
			t.Errorf("rule %q is refused and added", c.rule.Text)
		}
	}
}

func TestNothingIsAddedAfterFreezing(t *testing.T) {
	m := New(Options{})
	m.Freeze()
	if _, err := m.Add(Rule{Text: "/late"}); err == nil || !strings.Contains(err.Error(), "add every rule before") {
		t.Errorf("Add = %v", err)
	}
	if err := m.AddConverter("late", Converter{Pattern: "x"}); err == nil || !strings.Contains(err.Error(), "add converters before") {
		t.Errorf("AddConverter = %v", err)
	}
	if shadows := m.Freeze(); shadows != nil {
		t.Errorf("a second Freeze = %v", shadows)
	}
}

func TestConverterErrorsTeach(t *testing.T) {
	m := New(Options{})
	if err := m.AddConverter("a-b", Converter{Pattern: "x"}); err == nil || !strings.Contains(err.Error(), `"a-b"`) {
		t.Errorf("bad name: %v", err)
	}
	if err := m.AddConverter("bad", Converter{Pattern: "(?<!x)"}); err == nil || !strings.Contains(err.Error(), "Pattern") {
		t.Errorf("bad pattern: %v", err)
	}
}

func TestAddCompletesMethods(t *testing.T) {
	m := New(Options{})
	for _, c := range []struct{ methods, want []string }{
		{nil, nil},
		{[]string{"get", "GET", "post"}, []string{"GET", "POST", "HEAD"}},
		{[]string{"HEAD"}, []string{"HEAD"}},
		{[]string{"propfind"}, []string{"PROPFIND"}},
	} {
		r, err := m.Add(Rule{Text: "/x", Methods: c.methods})
		if err != nil || !slices.Equal(r.Methods, c.want) {
			t.Errorf("methods %q become %q, %v, want %q", c.methods, r.Methods, err, c.want)
		}
	}
}

func TestArguments(t *testing.T) {
	m := New(Options{SubdomainMatching: true})
	r, err := m.Add(Rule{Text: "/<b>/<a>", Subdomain: "<z>", Defaults: map[string]any{"a": "x", "q": 1, "p": 2}})
	if want := []string{"z", "b", "a", "p", "q"}; err != nil || !slices.Equal(r.Arguments(), want) {
		t.Errorf("Arguments = %q, %v, want %q", r.Arguments(), err, want)
	}
}

// The expected values are Werkzeug's.
func TestParseArguments(t *testing.T) {
	for text, want := range map[string]Arguments{
		"":                      {},
		" ":                     {},
		"min=":                  {},
		"1, 2.5,":               {Positional: []any{1, 2.5}},
		"True, False, None":     {Positional: []any{true, false, nil}},
		`"a, b", 'c"d', word`:   {Positional: []any{"a, b", `c"d`, "word"}},
		"min = 1 , max=é":       {Named: map[string]any{"min": 1, "max": "é"}},
		"1_000, a.b, 1.2.3, 0x": {Positional: []any{1000, "a.b", "1.2.3", "0x"}},
		"length=٣":              {Named: map[string]any{"length": 3}},
		",":                     {},
		"a, --":                 {Positional: []any{"a"}},
		"16:9, 4:3":             {Positional: []any{"16:9", "4:3"}},
		"1-9,1+,480p, 1 2":      {Positional: []any{"1-9", "1+", "480p", "1 2"}},
		"1,2,3":                 {Positional: []any{"1,2", 3}},
		"1,a,2":                 {Positional: []any{1, "a", 2}},
		"10,20, 1.5,2.5":        {Positional: []any{"10,20", 1.5, 2.5}},
		`u'a', R"b", x=U'c', u`: {Positional: []any{"a", "b", "u"}, Named: map[string]any{"x": "c"}},
		"1., .5, 1e3, 1e400":    {Positional: []any{1.0, 0.5, 1000.0, math.Inf(1)}},
		"1_0.5, ٣.٥":            {Positional: []any{10.5, 3.5}},
	} {
		got, err := parseArguments(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got)\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"-5", "a b", "'a", "a=,b", "a,,b", "a-b", "=1", "ur'a'", "a:b", "min=1;max=2"} {
		if got, err := parseArguments(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// A look-up compares few candidates, however many rules share a leaf.
func TestFewCandidatesAreCompared(t *testing.T) {
	for _, c := range manyTables {
		m := frozen(t, Options{}, manyRules(c.rule, 2000)...)
		path := fmt.Sprintf(c.path, 1000)
		compared := 0
		for _, tree := range m.index.only.methods.stack("GET").trees {
			if l, params := tree.leaf(new(finder), path); l != nil {
				compared += comparisons(l, params)
			}
		}
		if compared > 20 {
			t.Errorf("%s is compared with %d candidates", path, compared)
		}
		if match, err := m.Match("GET", "", path); err != nil || match.Rule.Text != fmt.Sprintf(c.rule, 1000) {
			t.Errorf("%s matches %v, %v", path, match.Rule, err)
		}
		if match, err := m.Match("POST", "", path); describe(match, err) != "allow [GET HEAD OPTIONS]" {
			t.Errorf("%s for POST: %s", path, describe(match, err))
		}
	}
}

func comparisons(l *leaf, params httprouter.Params) int {
	count := len(l.candidates)
	for _, p := range l.probes {
		if next := p.leaves[p.read(params)]; next != nil {
			count += comparisons(next, params)
		}
	}
	return count
}

func TestShadowsNameBothRules(t *testing.T) {
	get, post := []string{"GET"}, []string{"POST"}
	for _, c := range []struct {
		first, second Rule
		shadowed      bool
	}{
		{Rule{Text: "/a"}, Rule{Text: "/a"}, true},
		{Rule{Text: "/<a>"}, Rule{Text: "/<b>", Methods: get}, true},
		{Rule{Text: "/<int(min=1):a>"}, Rule{Text: "/<int:a>"}, true},
		{Rule{Text: "/a//b"}, Rule{Text: "/a/b"}, true},
		{Rule{Text: "/a", Methods: get}, Rule{Text: "/a", Methods: []string{"HEAD"}}, true},
		{Rule{Text: "/a", Methods: get}, Rule{Text: "/a", Methods: post}, false},
		{Rule{Text: "/a", Methods: get}, Rule{Text: "/a"}, false},
		{Rule{Text: "/a"}, Rule{Text: "/a/"}, false},
		{Rule{Text: "/a"}, Rule{Text: "/a", BuildOnly: true}, false},
		{Rule{Text: "/<int:a>"}, Rule{Text: "/<a>"}, false},
		{Rule{Text: "/a", Subdomain: "x"}, Rule{Text: "/a", Subdomain: "y"}, false},
	} {
		m := New(Options{SubdomainMatching: true})
		c.first.Place, c.second.Place = "one.go:1", "two.go:2"
		add(t, m, c.first, c.second)
		shadows := m.Freeze()
		if (len(shadows) == 1) != c.shadowed {
			t.Errorf("%q beside %q: shadows %v", c.second.Text, c.first.Text, shadows)
			continue
		}
		for _, s := range shadows {
			if s.Rule.Place != "two.go:2" || s.By.Place != "one.go:1" || !strings.Contains(s.String(), "two.go:2 can never match, since rule") {
				t.Errorf("shadow %v", s)
			}
		}
	}
}

func TestRulesAreListedInMatchingOrder(t *testing.T) {
	m := New(Options{})
	add(t, m, Rule{Text: "/only", BuildOnly: true}, Rule{Text: "/<path:p>"}, Rule{Text: "/<x>"}, Rule{Text: "/<int:n>"},
		Rule{Text: "/<path:p>/edit"}, Rule{Text: "/about"}, Rule{Text: "/"})
	want := []string{"/about", "/", "/<path:p>/edit", "/<int:n>", "/<x>", "/<path:p>", "/only"}
	for _, when := range []string{"before", "after"} {
		var got []string
		for _, r := range m.Rules() {
			got = append(got, r.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s freezing: (-want +got)\n%s", when, diff)
		}
		m.Freeze()
	}
}

// The observed order of Werkzeug, from the heaviest literal text down.
func TestPartsAreOrderedAsInWerkzeug(t *testing.T) {
	want := []string{"/<a>-<b>-<c>", "/f<x>o", "/<path:p>/edit", "/foo<x>", "/<int:n>px", "/fo<x>", "/<x>oo", "/<x>px",
		"/<int:a>-<b>", "/<a>-<int:b>", "/<a>-<b>", "/<x>!", "/<int:n>", "/<float:f>", "/<x>", "/<path:p>"}
	m := New(Options{})
	// Ties keep the order of registration.
	for _, text := range want {
		add(t, m, Rule{Text: text})
	}
	var got []string
	for _, r := range m.Rules() {
		got = append(got, r.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	shuffled := New(Options{})
	for _, text := range slices.Backward(want) {
		add(t, shuffled, Rule{Text: text})
	}
	if first, last := shuffled.Rules()[0].Text, shuffled.Rules()[len(want)-1].Text; first != want[0] || last != want[len(want)-1] {
		t.Errorf("added in reverse, %q is first and %q last", first, last)
	}
}

func TestDomain(t *testing.T) {
	for _, c := range []struct {
		options                    Options
		scheme, host, server, want string
	}{
		{Options{}, "http", "api.example.test", "example.test", ""},
		{Options{HostMatching: true}, "http", "API.Example.test:80", "", "api.example.test"},
		{Options{HostMatching: true}, "https", "example.test:80", "", "example.test:80"},
		{Options{SubdomainMatching: true}, "http", "Api.Example.test", "example.test:80", "api"},
		{Options{SubdomainMatching: true}, "wss", "a.b.example.test:443", "example.test", "a.b"},
		{Options{SubdomainMatching: true}, "http", "example.test", "example.test", ""},
		{Options{SubdomainMatching: true}, "http", "badexample.test", "example.test", "<invalid>"},
		{Options{SubdomainMatching: true}, "http", "x.example.test:8080", "example.test", "<invalid>"},
		{Options{SubdomainMatching: true}, "http", "whatever.test", "", ""},
	} {
		if got := New(c.options).Domain(c.scheme, c.host, c.server); got != c.want {
			t.Errorf("%+v: Domain(%q, %q, %q) = %q, want %q", c.options, c.scheme, c.host, c.server, got, c.want)
		}
	}
}

func TestBuiltinConvertersWriteURLs(t *testing.T) {
	m := frozen(t, Options{}, "/<int:x>", "/<int(fixed_digits=4, signed=True):x>", "/<float:x>", "/<uuid:x>", "/<any(a, 'b c'):x>")
	id := uuid.UUID{0x12, 0x34}
	for _, c := range []struct {
		endpoint string
		value    any
		want     string
	}{
		{"e0", int8(-5), "/-5"}, {"e0", uint16(7), "/7"}, {"e0", " 12 ", "/12"}, {"e0", 2.9, "/2"}, {"e0", float32(1.5), "/1"},
		{"e0", true, "/1"}, {"e0", 1e20, "/100000000000000000000"},
		{"e1", -5, "/-005"}, {"e1", 12345, "/12345"},
		{"e2", 3, "/3.0"}, {"e2", "1.5", "/1.5"}, {"e2", true, "/1.0"}, {"e2", 1e300, "/1e+300"},
		{"e3", id, "/" + id.String()}, {"e4", "b c", "/b c"},
	} {
		url, err := m.Build(Build{Endpoint: c.endpoint, Values: []Value{{"x", c.value}}})
		if err != nil || url != c.want {
			t.Errorf("%s with %v: %q, %v, want %q", c.endpoint, c.value, url, err, c.want)
		}
	}
	for endpoint, value := range map[string]any{"e0": "abc", "e1": []int{1}, "e2": "0x1p4", "e4": "c"} {
		_, err := m.Build(Build{Endpoint: endpoint, Values: []Value{{"x", value}}})
		var missing *BuildError
		if err == nil || errors.As(err, &missing) || !strings.Contains(err.Error(), `value "x"`) || !strings.Contains(err.Error(), endpoint) {
			t.Errorf("%s with %v: error %v", endpoint, value, err)
		}
	}
}

func TestCustomConverterWithArguments(t *testing.T) {
	m := New(Options{})
	err := m.AddConverterFunc("list", func(arguments Arguments) (Converter, error) {
		passed, err := arguments.Bind("separator")
		separator, _ := passed["separator"].(string)
		return Converter{
			Pattern: "[a-z" + separator + "]+",
			ToGo:    func(text string) (any, error) { return strings.Split(text, separator), nil },
			ToURL:   func(value any) (string, error) { return strings.Join(value.([]string), separator), nil },
		}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	add(t, m, Rule{Text: "/<list('+'):names>/x", Endpoint: "names"})
	m.Freeze()
	match, err := m.Match("GET", "", "/ann+bob/x")
	value, ok := match.Value("names")
	if diff := cmp.Diff([]string{"ann", "bob"}, value); err != nil || !ok || diff != "" {
		t.Errorf("Value = %v, %v, %v", value, ok, err)
	}
	if text, _ := match.Text("names"); text != "ann+bob" {
		t.Errorf("Text = %q", text)
	}
	url, err := m.Build(Build{Endpoint: "names", Values: []Value{{"names", []string{"x", "y"}}}})
	if err != nil || url != "/x+y/x" {
		t.Errorf("Build = %q, %v", url, err)
	}
}

func TestRulesOfOtherRoutersInFlaskSyntax(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/user/{id}":              "/user/<id>",
		"/user/:id":               "/user/<id>",
		"/user/:id/posts/:post":   "/user/<id>/posts/<post>",
		"/user/{id:[0-9]+}/posts": "/user/<id>/posts",
		"/files/{path...}":        "/files/<path:path>",
		"/files/*name":            "/files/<path:name>",
		"/{a}-{b}.json":           "/<a>-<b>.json",
		"/:id.json":               "/<id>.json",
		"/<int:id>/{name}":        "/<int:id>/<name>",
		"/user/<id>":              "/user/<id>",
		"/v1/users:batch":         "/v1/users:batch",
		"/<a>:b":                  "/<a>:b",
		"/{}":                     "/{}",
		"/{1}":                    "/{1}",
		"/:":                      "/:",
		"/a*b":                    "/a*b",
		"/*":                      "/*",
		"/<any('{a}'):b>":         "/<any('{a}'):b>",
		"/<broken/{id}":           "/<broken/{id}",
		"":                        "",
	} {
		if got := InFlaskSyntax(text); got != want {
			t.Errorf("InFlaskSyntax(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	r := Rule{Text: "/user/<name>", Methods: []string{"GET", "HEAD"}}
	if diff := cmp.Diff([]string{"GET /user/<name>", "HEAD /user/<name>"}, r.Patterns()); diff != "" {
		t.Errorf("the patterns (-want +got):\n%s", diff)
	}
}
