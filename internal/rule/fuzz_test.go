package rule

import (
	"errors"
	"strings"
	"testing"
)

// FuzzRule throws rule texts at the grammar. Whatever is accepted has the
// arguments that it says it has; whatever is refused says why.
func FuzzRule(f *testing.F) {
	for _, seed := range []string{
		"/", "/user/<name>", "/<int(min=1, max=5):n>/", "/<path:p>/edit", "/<a>-<b>.html", "/<x", "/<any(a, 'b/c'):x>//",
		"/<string(length=2):lang>/<uuid:id>", "/<float(signed=True):x>", "/a:b/*",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := New(Options{})
		r, err := m.Add(Rule{Text: text, Endpoint: "e"})
		if err != nil {
			checkTeaches(t, err, text)
			return
		}
		if m.Freeze() != nil {
			t.Errorf("rule %q hides itself", text)
		}
		if count := strings.Count(text, "<"); len(r.Arguments()) > count {
			t.Errorf("rule %q has arguments %q", text, r.Arguments())
		}
		m.Match("GET", "", text)
		if _, err := m.Build(Build{Endpoint: "e"}); (err != nil) != (len(r.Arguments()) > 0) {
			t.Errorf("rule %q with arguments %q builds with error %v", text, r.Arguments(), err)
		}
	})
}

// FuzzMatch compares Match with the reference.
func FuzzMatch(f *testing.F) {
	f.Add("/foo/ | GET\n/<x>", "GET", "a", "/foo")
	f.Add("/user/new\n/user/<name>\n/<path:p>/edit", "POST", "", "/user/new/edit")
	f.Add("/<int(max=5):n> | GET lax\n/<x>-<y> | PUT on:<d>", "PUT", "d", "//7//")
	f.Add("/<path:p>/a\n/<path:p>/b/\n/<path:p>/5/<int:n>\n/<path:p>/x/<n>b\n/<path:p>b\n/a<path:p>/b/c\n/<path:p>/b/a", "GET", "", "/a/x/b/")
	f.Add("/<a>/a\n/<a>/b\n/<a>/c\n/<a>/d | lax\n/<a>/e/a\n/<a>/e/b\n/a<a>\n/b<a>\n/<a>c\n/<a>/<path:p>", "PUT", "", "/x/e/b")
	f.Add("/<path:p>/\n/a:b\n/*/<string(minlength=0):x>", "GET", "", "/*/")
	f.Fuzz(func(t *testing.T, rules, method, domain, path string) {
		if strings.Count(rules, "\n") > 40 || len(path) > 200 || len(method) > 20 || strings.Contains(domain, "/") {
			return
		}
		for _, options := range []Options{{}, {SubdomainMatching: true, LaxSlashes: true}, {KeepSlashes: true}} {
			m, ref, _ := fuzzRules(options, rules)
			site := domain
			if !options.SubdomainMatching {
				site = ""
			}
			if difference := sameAnswer(m, ref, method, site, path); difference != "" {
				t.Errorf("%s\noptions %+v, rules:\n%s", difference, options, rules)
			}
		}
	})
}

// FuzzBuild throws values at building. A URL below the root of the application
// cannot leave it for another host, nor break a header; and no value slips from
// the path into the query.
func FuzzBuild(f *testing.F) {
	f.Add("ann", "/evil.test", "q", "a b&c=d", "/app")
	f.Add("//evil.test/", `\evil.test`, "é", "\x00\r\n", "")
	f.Add("%2f", "?x=1#y", "", "", "/")
	m := frozen(f, Options{}, "/user/<name>/files/<path:file>", "/<path:file>", "/<name><path:file>")
	f.Fuzz(func(t *testing.T, name, file, key, value, root string) {
		if strings.ContainsFunc(root, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '?' || c == '\\' }) {
			return
		}
		for _, endpoint := range []string{"e0", "e1", "e2"} {
			values := []Value{{"name", name}, {"file", file}, {key, value}}
			url, err := m.Build(Build{Endpoint: endpoint, Values: values, ScriptName: root, AppendUnknown: true})
			var missing *BuildError
			if err != nil && !errors.As(err, &missing) {
				t.Fatalf("Build(%q): %v", values, err)
			}
			if err == nil {
				checkOnSite(t, url)
			}
		}
	})
}

// checkOnSite fails unless a browser takes the location for a path of the host.
func checkOnSite(t *testing.T, location string) {
	t.Helper()
	if len(location) < 1 || location[0] != '/' || len(location) > 1 && (location[1] == '/' || location[1] == '\\') {
		t.Errorf("location %q leaves the host", location)
	}
	for i := range len(location) {
		if c := location[i]; c <= ' ' || c >= 0x7f {
			t.Errorf("location %q holds the byte %#x", location, c)
		}
	}
}
