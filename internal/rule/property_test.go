package rule

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzzRules reads rules that a fuzzer can write, one a line: the text, then
// words among methods, "lax", "strict", "keep", "merge" and "on:" with a
// subdomain. Rules that Add refuses or the reference does not know are left
// out.
func fuzzRules(options Options, lines string) (*Map, *refMatcher, int) {
	m := New(options)
	var known []*refRule
	for _, line := range strings.Split(lines, "\n") {
		r, ok := fuzzRule(line)
		if !ok {
			continue
		}
		r.Endpoint = fmt.Sprint("e", len(known))
		ref, ok := newRefRule(r, options)
		if !ok {
			continue
		}
		added, err := m.Add(r)
		if err != nil {
			continue
		}
		ref.Methods = added.Methods
		known = append(known, ref)
	}
	m.Freeze()
	return m, newRefMatcher(options, known), len(known)
}

func fuzzRule(line string) (r Rule, ok bool) {
	text, words, _ := strings.Cut(line, " | ")
	if len(text) > 200 || !strings.HasPrefix(text, "/") {
		return r, false
	}
	r.Text = text
	yes, no := true, false
	for _, word := range strings.Fields(words) {
		if subdomain, ok := strings.CutPrefix(word, "on:"); ok {
			r.Subdomain = subdomain
			continue
		}
		switch word {
		case "lax":
			r.StrictSlashes = &no
		case "strict":
			r.StrictSlashes = &yes
		case "keep":
			r.MergeSlashes = &no
		case "merge":
			r.MergeSlashes = &yes
		default:
			r.Methods = append(r.Methods, word)
		}
	}
	return r, true
}

// describe puts what Match says into the words of the reference.
func describe(match Match, err error) string {
	var redirect *Redirect
	var notAllowed *NotAllowed
	switch {
	case err == nil:
		answer := "endpoint " + match.Rule.Endpoint
		for _, name := range match.Rule.Arguments() {
			text, _ := match.Text(name)
			answer += fmt.Sprintf(" %s=%q", name, text)
		}
		return answer
	case errors.As(err, &redirect):
		return "redirect " + redirect.Location
	case errors.As(err, &notAllowed):
		return fmt.Sprint("allow ", notAllowed.Methods)
	case errors.Is(err, ErrNotFound):
		return "not found"
	}
	return err.Error()
}

// sameAnswer compares Match with the reference. It returns "" if they agree.
func sameAnswer(m *Map, ref *refMatcher, method, domain, path string) string {
	match, err := m.Match(method, domain, path)
	got := describe(match, err)
	want := ref.answer(strings.ToUpper(method), domain, path)
	if location, ok := strings.CutPrefix(want, "redirect "); ok {
		want = "redirect " + ownPath(quote(location))
	}
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s %q on %q: got %s, want %s", method, path, domain, got, want)
}

// generator writes random rules and paths out of a small vocabulary, so that
// they often meet.
type generator struct{ *rand.Rand }

func (g generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

func (g generator) segment(variable int) string {
	name := fmt.Sprint("v", variable)
	switch g.IntN(20) {
	case 0, 1, 2:
		return "<" + name + ">"
	case 3, 4:
		return "<int:" + name + ">"
	case 5:
		return "<" + g.pick("float", "int(max=5)", "int(fixed_digits=2)", "int(signed=True)", "any(a, b)", "any(a, ab)",
			"string(length=2)", "string(minlength=0)", "string(maxlength=3)") + ":" + name + ">"
	case 6:
		return g.pick("a", "v", "x-") + "<" + g.pick("", "int:", "any(a, b):") + name + ">" + g.pick("", "b", ".html")
	case 7:
		return "<" + name + ">" + g.pick("-", ".") + "<" + g.pick("", "int:") + name + "b>"
	case 8, 9:
		return g.pick("", "x") + "<path:" + name + ">" + g.pick("", "", "b")
	case 10:
		return g.pick("", "a:b", "*", ":a", "b*")
	}
	return g.pick("a", "b", "ab", "new", "edit", "5")
}

func (g generator) rule() string {
	var text strings.Builder
	for i := range 1 + g.IntN(4) {
		text.WriteString("/" + g.segment(i))
	}
	if g.IntN(4) == 0 {
		text.WriteString("/")
	}
	text.WriteString(" | ")
	for _, method := range []string{"GET", "POST", "PUT"} {
		if g.IntN(3) == 0 {
			text.WriteString(method + " ")
		}
	}
	if g.IntN(4) == 0 {
		text.WriteString(g.pick("lax", "strict", "keep", "merge") + " ")
	}
	if g.IntN(3) == 0 {
		text.WriteString("on:" + g.pick("a", "<d>", "x<d>", "<d>-<e>", "<int:d>"))
	}
	return text.String()
}

func (g generator) rules() string {
	lines := make([]string, 2+g.IntN(39))
	template := g.template()
	for i := range lines {
		lines[i] = g.rule()
		if template != "" && g.IntN(3) > 0 {
			lines[i] = strings.ReplaceAll(template, "#", g.pick("a", "b", "ab", "new", "edit", "x", "5"))
		}
	}
	return strings.Join(lines, "\n")
}

// template is, now and then, a rule with gaps, so that a leaf has many
// candidates that differ in literal text.
func (g generator) template() string {
	if g.IntN(2) == 0 {
		return ""
	}
	return g.pick("/<path:p>/#", "/<path:p>/#/", "/<path:p>/#/<n>", "/<path:p>/#/<int:n>-#/edit", "/<path:p>#", "/#<path:p>/#",
		"/<path:p>/#/#", "/<path:p>/#/<path:q>", "/<path:p>-#/#", "/<path:p>/<a>-<b>#", "/<path:p>/#-<a>.#/", "/<name>#", "/#<name>", "/#-<name>.#", "/<a>/<b>#", "/<a>/#", "/<a>/#/#",
		"/<a>/#/<path:p>/#", "/a:#", "/<a>/*#/", "/#<a>-<b>#", "/<int:a>/#", "/<path:p>//#", "/#<a>/#<b>") + g.pick(" | ", " | lax", " | GET")
}

func (g generator) text() string {
	return g.pick("a", "b", "ab", "new", "edit", "5", "05", "x", "a-new", "a5", "newa", "7", "-3", "1.5", "v5", "a-b", "a-5", "xa", "a.html",
		"ab.html", "abc", "a:b", "*", ":a", "b*", "", "é", "x\ny", "a--b", "a.b-c")
}

func (g generator) path() string {
	var path strings.Builder
	for range g.IntN(6) {
		path.WriteString("/" + g.text())
	}
	if g.IntN(3) == 0 {
		path.WriteString("/")
	}
	return path.String()
}

var placeholder = regexp.MustCompile(`<.*?>`)

// pathFor fills one of the rules with values that it may like.
func (g generator) pathFor(rules string) string {
	lines := strings.Split(rules, "\n")
	text, _, _ := strings.Cut(lines[g.IntN(len(lines))], " | ")
	path := placeholder.ReplaceAllStringFunc(text, func(string) string { return g.text() })
	switch g.IntN(4) {
	case 0:
		return path + "/"
	case 1:
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// TestAgreesWithReference compares 20,000 requests, or two million when
// DECANT_LONG is set.
func TestAgreesWithReference(t *testing.T) {
	sets := 400
	if os.Getenv("DECANT_LONG") != "" {
		sets = 40_000
	}
	g := generator{rand.New(rand.NewPCG(1, 2))}
	for range sets {
		options := Options{SubdomainMatching: g.IntN(2) == 0, LaxSlashes: g.IntN(4) == 0, KeepSlashes: g.IntN(4) == 0}
		rules := g.rules()
		m, ref, _ := fuzzRules(options, rules)
		for range 50 {
			domain, path := "", g.path()
			if g.IntN(2) == 0 {
				path = g.pathFor(rules)
			}
			if options.SubdomainMatching {
				domain = g.pick("", "", "a", "b", "xa", "x-y", "5")
			}
			difference := sameAnswer(m, ref, g.pick("GET", "POST", "PUT", "DELETE", "HEAD"), domain, path)
			if difference != "" {
				t.Fatalf("%s\noptions %+v, rules:\n%s", difference, options, rules)
			}
		}
	}
}

// TestStacksUseEveryLayer makes sure that the random sets reach the merged
// layer and indexed leaves, without which the comparison would say little.
func TestStacksUseEveryLayer(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	var deepest, indexed int
	for range 50 {
		m, _, _ := fuzzRules(Options{}, g.rules())
		for _, n := range m.index.only.methods.named {
			deepest = max(deepest, len(n.trees))
		}
		for range 20 {
			for _, tree := range m.index.only.methods.stack("GET").trees {
				if l, _ := tree.leaf(new(finder), g.path()); l != nil {
					indexed += len(l.probes)
				}
			}
		}
	}
	if deepest != conflictFree+1 || indexed < 100 {
		t.Errorf("the deepest stack has %d trees, want %d; %d probes were used", deepest, conflictFree+1, indexed)
	}
}

// TestBuildAndMatchAreInverse builds URLs and finds rule and values again,
// where no other rule may take the URL.
func TestBuildAndMatchAreInverse(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(5, 6))}
	for range 5000 {
		text, _, _ := strings.Cut(g.rule(), " | ")
		m := New(Options{})
		_, err := m.Add(Rule{Text: text, Endpoint: "e"})
		if err != nil {
			t.Fatal(err)
		}
		m.Freeze()
		path := g.path()
		match, err := m.Match("GET", "", path)
		if err != nil {
			continue
		}
		built, err := m.Build(Build{Endpoint: "e", Values: match.list()})
		if err != nil {
			t.Fatalf("rule %q, path %q: %v", text, path, err)
		}
		again, err := m.Match("GET", "", unquote(t, built))
		if diff := cmp.Diff(match.Values(), again.Values()); err != nil || diff != "" {
			t.Fatalf("rule %q: path %q and its URL %q (%v): (-path +URL)\n%s", text, path, built, err, diff)
		}
	}
}

func unquote(t *testing.T, path string) string {
	t.Helper()
	decoded, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// TestTheTwoWaysOfMatchingAgree compares the look-up of usual requests with the
// search that all others take.
func TestTheTwoWaysOfMatchingAgree(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(7, 8))}
	settled := 0
	for range 400 {
		options := Options{LaxSlashes: g.IntN(4) == 0, KeepSlashes: g.IntN(4) == 0}
		rules := g.rules()
		m, _, _ := fuzzRules(options, rules)
		for range 50 {
			path, method := "/"+strings.TrimLeft(g.pathFor(rules), "/"), g.pick("GET", "POST", "PUT", "HEAD")
			var quick, careful Match
			quickError := m.MatchInto(&quick, nil, method, "", path)
			carefulError := m.search(&careful, &request{method: method, path: path})
			if got, want := describe(quick, quickError), describe(careful, carefulError); got != want {
				t.Fatalf("%s %q: got %s, want %s\noptions %+v, rules:\n%s", method, path, got, want, options, rules)
			}
			if quickError == nil {
				settled++
			}
		}
	}
	if settled < 5000 {
		t.Errorf("only %d requests matched", settled)
	}
}

// TestTailsAgreeWithTheirTree compares the look-up of paths that end in their only
// variable with that of httprouter.
func TestTailsAgreeWithTheirTree(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9, 10))}
	used := 0
	for range 400 {
		rules := g.rules()
		m, _, _ := fuzzRules(Options{LaxSlashes: g.IntN(4) == 0}, rules)
		for range 50 {
			path := "/" + strings.TrimLeft(g.pathFor(rules), "/")
			m.index.only.methods.distinct(func(s *stack) {
				for i := range s.trees {
					tree := &s.trees[i]
					got, params := tree.find(new(finder), path)
					if params == nil && got != nil {
						used++
					}
					var want *candidate
					if l, params := tree.leaf(new(finder), path); l != nil {
						want = l.first(params)
					}
					if got != want {
						t.Fatalf("%q: got %+v, want %+v, rules:\n%s", path, got, want, rules)
					}
				}
			})
		}
	}
	if used < 1000 {
		t.Errorf("only %d paths were found by their tails", used)
	}
}
