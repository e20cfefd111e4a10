package flask

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// The test is worth little with fewer.
const (
	fewestRoutes   = 80
	fewestRequests = 1500
	fewestKinds    = 25
)

func TestAnswersAreFlasks(t *testing.T) {
	folder := twinFolder(t)
	port := freePort(t)
	flask := startServer(t, pythonCommand(t, "flask_app.py", fmt.Sprint(port), folder), port)
	twin := newTwin(folder)
	visited := visits(twin)
	server := httptest.NewServer(twin)
	t.Cleanup(server.Close)
	judge := startJudge(t)
	random, _ := newRandom(t)

	if kinds := len(random.kinds(judge)); kinds < fewestKinds {
		t.Errorf("there are only %d kinds of random requests", kinds)
	}
	made, counts := randomExchanges(random, judge)
	all := append(fixedExchanges(judge), made...)
	version := flaskVersion(t)
	all = answeredAlike(all, version)
	known := knownDifferences(t)
	compared := 0
	for _, e := range all {
		want, got := judge.outcome(flask, e), judge.outcome(server.URL, e)
		want = known.adapt(e, want)
		if want.Headers["Content-Length"] == "" {
			delete(got.Headers, "Content-Length") // which net/http adds where it knows it
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Flask +Decant):\n%s", e, diff)
		}
		compared++
	}
	if version >= comparable3("3.1.0") {
		known.mustAllOccur(t)
		if missed := unvisited(twin, visited); len(missed) > 0 {
			t.Errorf("routes that no request reaches: %q", missed)
		}
	}
	if compared < fewestRequests || len(visited.rules) < fewestRoutes {
		t.Errorf("only %d requests to %d routes", compared, len(visited.rules))
	}
	t.Logf("random requests of %d kinds: %s", len(random.kinds(judge)), counts)
	t.Logf("%d requests to %d routes, %d answers with a known difference", compared, len(visited.rules), known.answers)
}

// visitors are the rules that requests were sent to.
type visitors struct {
	sync.Mutex
	rules map[string]bool
}

func visits(app *decant.App) *visitors {
	seen := &visitors{rules: map[string]bool{}}
	app.Signals.RequestStarted.Connect(func(c *decant.Context) {
		seen.Lock()
		defer seen.Unlock()
		if rule := c.Request.URLRule(); rule != "" {
			seen.rules[rule+" "+c.Request.Endpoint()] = true
		}
	})
	return seen
}

// unvisited are the rules with a view that no request was sent to.
func unvisited(app *decant.App, seen *visitors) (missed []string) {
	seen.Lock()
	defer seen.Unlock()
	for _, route := range app.Routes() {
		redirects := route.Endpoint == "built_only" || route.Rule == "/alias" || route.Endpoint == "old"
		if !redirects && !seen.rules[route.Rule+" "+route.Endpoint] {
			missed = append(missed, route.Rule)
		}
	}
	return missed
}

// twinFolder makes the files that both serve, with dates in whole seconds and
// with fractions.
func twinFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"secret.txt":            "nobody gets this",
		"uploads/a.txt":         "0123456789\n",
		"uploads/data.bin":      "\x00\x01\x02\xff",
		"uploads/empty.txt":     "",
		"uploads/sub/b.json":    `{"b": 1}`,
		"uploads/ünï cödé.html": "<p>é</p>",
		"uploads/.hidden":       "a dot file",
		"uploads/no extension":  "what am I?",
		"uploads/big.txt":       strings.Repeat("0123456789abcdef", 5000),
		"static/style.css":      "body {}",
		"static/icon.ico":       "icon",
		"static/sub/app.js":     "let a",
		"static/archive.tar.gz": "packed",
		"shop-files/shop.css":   "shop {}",
		"shop-files/sub/x.svg":  "<svg/>",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o644))
		date := time.Date(2024, 5, 6, 7, 8, len(name), len(name)*1_000_003, time.UTC)
		must(t, os.Chtimes(path, date, date))
	}
	return folder
}
