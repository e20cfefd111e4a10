package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"
)

// frozen makes a map of rules that answer GET.
func frozen(t testing.TB, options Options, texts ...string) *Map {
	t.Helper()
	m := New(options)
	for i, text := range texts {
		if _, err := m.Add(Rule{Text: text, Endpoint: fmt.Sprint("e", i), Methods: []string{"GET", "OPTIONS"}}); err != nil {
			t.Fatal(err)
		}
	}
	m.Freeze()
	return m
}

// resources name the collections of a made-up API.
var resources = strings.Fields(`accounts albums articles badges branches builds
	calendars carts charges comments contacts courses customers devices domains
	drafts events exports feeds files forks grants groups hooks images invoices
	issues items jobs keys labels licences links lists members merges messages
	notes orders pages`)

// apiTable is an API of 250 rules and more, without conflicts: of each resource
// a collection, an item and what belongs to it.
func apiTable() []string {
	var rules []string
	for _, name := range resources {
		rules = append(rules,
			"/"+name, "/"+name+"/<id>", "/"+name+"/<id>/history", "/"+name+"/<id>/owner",
			"/"+name+"/<id>/tags/<tag>", "/"+name+"/<id>/files/<path:file>", "/-/"+name)
	}
	return rules
}

// conflictingTable adds literal text beside the items.
func conflictingTable() []string {
	rules := apiTable()
	for _, name := range resources {
		rules = append(rules, "/"+name+"/new", "/"+name+"/search/<query>")
	}
	return rules
}

func BenchmarkMatch(b *testing.B) {
	free, conflicting := frozen(b, Options{}, apiTable()...), frozen(b, Options{}, conflictingTable()...)
	raw := httprouter.New()
	for _, text := range apiTable() {
		raw.GET(httprouterPath(text), (&ending{leaf: &leaf{}}).handle)
	}
	for _, c := range []struct{ name, path string }{
		{"static", "/issues"},
		{"one", "/issues/42"},
		{"name", "/issues/glass"}, // ends as literal paths do
		{"two", "/issues/42/tags/red"},
		{"path", "/issues/42/files/a/b/c.txt"},
		{"miss", "/nowhere/42"},
	} {
		b.Run(c.name+"/httprouter", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				raw.Lookup("GET", c.path)
			}
		})
		b.Run(c.name+"/free", func(b *testing.B) { benchmarkMatch(b, free, c.path) })
		b.Run(c.name+"/conflicting", func(b *testing.B) { benchmarkMatch(b, conflicting, c.path) })
	}
	b.Run("static/value", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			free.Match("GET", "", "/issues")
		}
	})
	b.Run("literal/conflicting", func(b *testing.B) { benchmarkMatch(b, conflicting, "/issues/new") })
}

func benchmarkMatch(b *testing.B, m *Map, path string) {
	b.ReportAllocs()
	var match Match
	for b.Loop() {
		m.MatchInto(&match, nil, "GET", "", path)
	}
}

// httprouterPath writes a rule in httprouter's own syntax.
func httprouterPath(text string) string {
	return strings.NewReplacer("<path:", "*", "<", ":", ">", "").Replace(text)
}

func BenchmarkMatchParallel(b *testing.B) {
	m := frozen(b, Options{}, apiTable()...)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.Match("GET", "", "/issues")
		}
	})
}

func BenchmarkMatchConverters(b *testing.B) {
	m := frozen(b, Options{}, "/i/<int:n>", "/i/<name>", "/u/<uuid:id>", "/d/<int:y>-<int:m>-<int:d>", "/v<float:x>")
	for _, path := range []string{
		"/i/42", "/i/ann", "/u/12345678-1234-5678-9abc-def012345678", "/d/2024-02-29", "/v1.5",
	} {
		b.Run(path[1:2]+path[len(path)-1:], func(b *testing.B) { benchmarkMatch(b, m, path) })
	}
}

func BenchmarkBuild(b *testing.B) {
	m := frozen(b, Options{}, "/", "/user/<name>", "/issues/<int:id>/tags/<tag>")
	for _, c := range []struct {
		name  string
		build Build
	}{
		{"static", Build{Endpoint: "e0"}},
		{"one", Build{Endpoint: "e1", Values: []Value{{"name", "ann"}}}},
		{"query", Build{Endpoint: "e2", AppendUnknown: true, Values: []Value{{"id", 5}, {"tag", "red"}, {"page", 2}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Build(c.build)
			}
		})
	}
}

// largeTable is 10,000 rules of all kinds.
func largeTable() []string {
	var rules []string
	for i := range 1000 {
		rules = append(rules,
			fmt.Sprintf("/r%d", i), fmt.Sprintf("/r%d/", i), fmt.Sprintf("/r%d/<int:n>", i), fmt.Sprintf("/r%d/<name>", i),
			fmt.Sprintf("/r%d/new", i), fmt.Sprintf("/r%d/<path:p>/edit", i), fmt.Sprintf("/<name>/s%d", i),
			fmt.Sprintf("/<int:n>/t%d/<x>", i), fmt.Sprintf("/<path:p>/q%d", i), fmt.Sprintf("/u%d/<a>-<b>", i))
	}
	return rules
}

func TestFreezeOfTenThousandRulesIsQuick(t *testing.T) {
	m := New(Options{})
	for i, text := range largeTable() {
		if _, err := m.Add(Rule{Text: text, Endpoint: fmt.Sprint("e", i), Methods: []string{"GET", "OPTIONS"}}); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	m.Freeze()
	if elapsed := time.Since(start); elapsed > 2*time.Second {
		t.Errorf("Freeze took %v", elapsed)
	}
	if match, err := m.Match("GET", "", "/r7/new"); err != nil || match.Rule.Text != "/r7/new" {
		t.Errorf("Match = %v, %v", match.Rule, err)
	}
}

func BenchmarkFreeze(b *testing.B) {
	texts := largeTable()
	for b.Loop() {
		m := New(Options{})
		for i, text := range texts {
			m.Add(Rule{Text: text, Endpoint: fmt.Sprint("e", i), Methods: []string{"GET", "OPTIONS"}})
		}
		start := time.Now()
		m.Freeze()
		b.ReportMetric(time.Since(start).Seconds()*1000, "ms/freeze")
	}
}

func BenchmarkMatchAmongTenThousand(b *testing.B) {
	m := frozen(b, Options{}, largeTable()...)
	for _, path := range []string{"/r500", "/r500/new", "/r500/5", "/r500/ann", "/r500/a/b/edit", "/ann/s500", "/x/y/q500"} {
		b.Run(path[1:], func(b *testing.B) { benchmarkMatch(b, m, path) })
	}
}

// manyTables are tables in which all rules share their wildcards and differ in
// the literal text around them.
var manyTables = []struct{ name, rule, path string }{
	{"tail", "/<path:p>/q%d", "/a/b/c/q%d"},
	{"closed", "/<path:p>/q%d/", "/a/b/c/q%d/"},
	{"middle", "/<path:p>/q%d/<int:id>", "/a/b/c/q%d/5"},
	{"both", "/<path:p>/q%d/edit", "/a/b/c/q%d/edit"},
	{"suffix", "/<name>.txt%d", "/ann.txt%d"},
	{"prefix", "/v%d-<name>", "/v%d-ann"},
	{"segment", "/<name>/s%d", "/ann/s%d"},
	{"colon", "/items:verb%d", "/items:verb%d"},
	{"pair", "/<path:p>/<a>-<b>.x%d", "/a/b/c-d.x%d"},
}

func manyRules(format string, count int) []string {
	rules := []string{"/<a>/<b>/<c>", "/<path:p>/", "/<path:p>"}
	for i := range count {
		rules = append(rules, fmt.Sprintf(format, i))
	}
	return rules
}

func BenchmarkMatchManyPathRules(b *testing.B) {
	for _, c := range manyTables {
		for _, count := range []int{10, 1000, 10_000} {
			m := frozen(b, Options{}, manyRules(c.rule, count)...)
			path := fmt.Sprintf(c.path, count/2)
			if match, err := m.Match("GET", "", path); err != nil || match.Rule.Text != fmt.Sprintf(c.rule, count/2) {
				b.Fatalf("%s matches %v, %v", path, match.Rule, err)
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, count), func(b *testing.B) { benchmarkMatch(b, m, path) })
		}
	}
}
