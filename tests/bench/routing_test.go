package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/rule"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
)

var collections = strings.Fields(`issues pulls commits branches releases tags
	labels milestones projects deployments environments hooks keys forks
	stars watchers teams members packages actions runners secrets
	variables alerts advisories comments reviews checks statuses pages
	discussions gists notes boards cards events`)

// freeTable is an API without conflicts, in Flask's notation.
func freeTable() []string {
	var rules []string
	for _, name := range collections {
		rules = append(rules,
			"/repos/<owner>/<repo>/"+name,
			"/repos/<owner>/<repo>/"+name+"/<int:number>",
			"/repos/<owner>/<repo>/"+name+"/<int:number>/events",
			"/user/"+name,
			"/orgs/<org>/"+name,
			"/orgs/<org>/"+name+"/<int:number>",
		)
	}
	return rules
}

// apiTable adds what httprouter alone refuses: words beside numbers.
func apiTable() []string {
	rules := freeTable()
	for _, name := range collections {
		rules = append(rules, "/repos/<owner>/<repo>/"+name+"/latest")
	}
	return rules
}

var freePaths = []string{
	"/user/gists",
	"/orgs/acme/teams",
	"/repos/ann/tool/issues",
	"/repos/ann/tool/issues/42",
	"/repos/ann/tool/pulls/7/events",
}

var apiPaths = append([]string{"/repos/ann/tool/issues/latest"}, freePaths...)

// braced and coloned write a rule in the notations of the others.
func braced(text string) string {
	return strings.NewReplacer("<path:filename>", "*", "<int:", "{", "<", "{", ">", "}").Replace(text)
}

func coloned(text string) string {
	return strings.NewReplacer("<int:", ":", "<path:filename>", "*", "<", ":", ">", "").Replace(text)
}

// builders make an app in which each rule answers with its own text. They
// panic over a table that their router refuses.
var builders = []struct {
	name  string
	build func(rules []string) http.Handler
}{
	{"decant", decantRouting},
	{"nethttp", nethttpRouting},
	{"chi", chiRouting},
	{"echo", echoRouting},
	{"gin", ginRouting},
}

func decantRouting(rules []string) http.Handler {
	app := decant.New("routing", decant.Static(nil)) // the rules have one of their own
	for i, text := range rules {
		app.Get(text, func(*decant.Context) (any, error) { return text, nil }, decant.Endpoint(fmt.Sprint("view", i)))
	}
	return app
}

func htmlHandler(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { writeHTML(w, text) }
}

func nethttpRouting(rules []string) http.Handler {
	mux := http.NewServeMux()
	for _, text := range rules {
		mux.HandleFunc("GET "+exact(strings.Replace(braced(text), "*", "{filename...}", 1)), htmlHandler(text))
	}
	return mux
}

func chiRouting(rules []string) http.Handler {
	mux := chi.NewRouter()
	for _, text := range rules {
		mux.Get(braced(text), htmlHandler(text))
	}
	return mux
}

func echoRouting(rules []string) http.Handler {
	e := echo.New()
	for _, text := range rules {
		e.GET(coloned(text), func(c *echo.Context) error { return c.HTML(http.StatusOK, text) })
	}
	return e
}

func ginRouting(rules []string) http.Handler {
	engine := newGin()
	for _, text := range rules {
		engine.GET(strings.Replace(coloned(text), "*", "*filename", 1), ginText(text))
	}
	return engine
}

// routingApps are those that accept the table.
func routingApps(rules []string) (accepting []competitor) {
	for _, one := range builders {
		if handler := tryBuild(one.build, rules); handler != nil {
			accepting = append(accepting, competitor{one.name, handler})
		}
	}
	return accepting
}

func tryBuild(build func([]string) http.Handler, rules []string) (handler http.Handler) {
	defer func() {
		if recover() != nil {
			handler = nil
		}
	}()
	return build(rules)
}

// exact keeps "/" from taking every path there is.
func exact(pattern string) string {
	if pattern == "/" {
		return "/{$}"
	}
	return pattern
}

// journey is a request for each path, with the rule that has to answer it.
type journey struct {
	messages []message
	rules    []string
}

func (j *journey) add(path, rule string) {
	j.messages, j.rules = append(j.messages, get(path, "")), append(j.rules, rule)
}

func (j *journey) check(t testing.TB, c *client) {
	t.Helper()
	for i, m := range j.messages {
		check(t, c, m, page(j.rules[i]))
	}
}

func apiJourney() *journey {
	j := new(journey)
	j.add("/repos/ann/tool/issues/latest", "/repos/<owner>/<repo>/issues/latest")
	j.add("/user/gists", "/user/gists")
	j.add("/orgs/acme/teams", "/orgs/<org>/teams")
	j.add("/repos/ann/tool/issues", "/repos/<owner>/<repo>/issues")
	j.add("/repos/ann/tool/issues/42", "/repos/<owner>/<repo>/issues/<int:number>")
	j.add("/repos/ann/tool/pulls/7/events", "/repos/<owner>/<repo>/pulls/<int:number>/events")
	return j
}

// flaskTable is how small Flask sites look. ServeMux refuses it, and nobody
// else knows a rule that goes on after a path, which is compared separately.
var flaskTable = []string{
	"/", "/about", "/login", "/static/<path:filename>", "/<username>", "/<username>/followers",
}

const editRule = "/<path:p>/edit"

func flaskJourney() *journey {
	j := new(journey)
	j.add("/", "/")
	j.add("/about", "/about")
	j.add("/static/css/site.css", "/static/<path:filename>")
	j.add("/ann", "/<username>")
	j.add("/ann/followers", "/<username>/followers")
	return j
}

func wikiTable() []string { return append([]string{editRule}, flaskTable...) }

func flaskApps() []competitor {
	return append(routingApps(flaskTable), competitor{"decant-with-edit", decantRouting(wikiTable())})
}

func TestRouting(t *testing.T) {
	for _, one := range routingApps(apiTable()) {
		t.Run("api/"+one.name, func(t *testing.T) { apiJourney().check(t, newClient(one.handler)) })
	}
	for _, one := range flaskApps() {
		t.Run("flask/"+one.name, func(t *testing.T) { flaskJourney().check(t, newClient(one.handler)) })
	}
	check(t, newClient(decantRouting(wikiTable())), get("/wiki/go/edit", ""), page(editRule))
}

// BenchmarkRoutingAPI makes six requests to 252 rules; the time is that of all.
func BenchmarkRoutingAPI(b *testing.B) { benchmarkJourney(b, apiJourney(), routingApps(apiTable())) }

// BenchmarkRoutingFlask makes five requests to a table as Flask sites have it.
func BenchmarkRoutingFlask(b *testing.B) { benchmarkJourney(b, flaskJourney(), flaskApps()) }

func benchmarkJourney(b *testing.B, j *journey, competitors []competitor) {
	for _, one := range competitors {
		b.Run(one.name, func(b *testing.B) {
			c := newClient(one.handler)
			j.check(b, c)
			b.ReportAllocs()
			for b.Loop() {
				for _, m := range j.messages {
					c.send(m)
				}
			}
		})
	}
}

// BenchmarkLookup is the search alone, without any request around it.
func BenchmarkLookup(b *testing.B) {
	raw := httprouter.New()
	for _, text := range freeTable() {
		raw.GET(coloned(text), func(http.ResponseWriter, *http.Request, httprouter.Params) {})
	}
	b.Run("httprouter", func(b *testing.B) {
		lookUp(b, freePaths, func(path string) bool { handle, _, _ := raw.Lookup("GET", path); return handle != nil })
	})
	b.Run("decant", func(b *testing.B) { benchmarkRules(b, freeTable(), freePaths) })
	b.Run("decant-with-conflicts", func(b *testing.B) { benchmarkRules(b, apiTable(), apiPaths) })
}

func benchmarkRules(b *testing.B, texts, paths []string) {
	rules := rule.New(rule.Options{})
	for i, text := range texts {
		if _, err := rules.Add(rule.Rule{Text: text, Endpoint: fmt.Sprint("view", i), Methods: []string{"GET", "OPTIONS"}}); err != nil {
			b.Fatal(err)
		}
	}
	rules.Freeze()
	var match rule.Match
	lookUp(b, paths, func(path string) bool { return rules.MatchInto(&match, nil, "GET", "", path) == nil })
}

func lookUp(b *testing.B, paths []string, find func(string) bool) {
	for _, path := range paths {
		if !find(path) {
			b.Fatal("nothing found for", path)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, path := range paths {
			find(path)
		}
	}
}
