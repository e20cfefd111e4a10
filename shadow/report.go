package shadow

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/header"
)

// RuleReport tells how the answers to one rule compare.
type RuleReport struct {
	// Rule is the method and the rule, such as "GET /user/<name>".
	Rule string `json:"rule"`
	// Compared counts the requests that both sides answered: those that were Equal,
	// those that differ only where the old side differs from itself (Noise), and the
	// Different ones.
	Compared  int `json:"compared"`
	Equal     int `json:"equal"`
	Noise     int `json:"noise"`
	Different int `json:"different"`
	// OldP50 and the others are percentiles of how long the answers took.
	OldP50 time.Duration `json:"old_p50_ns"`
	OldP95 time.Duration `json:"old_p95_ns"`
	NewP50 time.Duration `json:"new_p50_ns"`
	NewP95 time.Duration `json:"new_p95_ns"`
	// Examples are the first few requests that differ in different places.
	Examples []Example `json:"examples,omitempty"`
}

// Example is a request whose answers differ.
type Example struct {
	// Curl repeats the request, without its cookies and other secrets.
	Curl        string       `json:"curl"`
	Differences []Difference `json:"differences"`
}

const (
	maxExamples = 5
	maxTimes    = 1000 // of each side of a rule; later ones replace earlier ones
	maxRules    = 5000
)

// Tally collects comparisons. Its zero value is ready, and its methods may be called
// from several goroutines.
type Tally struct {
	mutex sync.Mutex
	rules map[string]*record
}

type record struct {
	RuleReport
	old, new []time.Duration
	seen     map[[sha256.Size]byte]bool // the places of differences that have an example
}

// Add counts one request. The differences are those that [Diff] returned;
// isNoise says that there were some without the second answer of the old side.
func (t *Tally) Add(rule, curl string, old, new time.Duration, differences []Difference, isNoise bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	r := t.rules[rule]
	if r == nil {
		if len(t.rules) >= maxRules {
			return
		}
		r = &record{RuleReport: RuleReport{Rule: rule}, seen: map[[sha256.Size]byte]bool{}}
		if t.rules == nil {
			t.rules = map[string]*record{}
		}
		t.rules[rule] = r
	}
	r.old, r.new = kept(r.old, r.Compared, old), kept(r.new, r.Compared, new)
	r.Compared++
	switch {
	case len(differences) > 0:
		r.Different++
		r.keepExample(curl, differences)
	case isNoise:
		r.Noise++
	default:
		r.Equal++
	}
}

func kept(times []time.Duration, i int, took time.Duration) []time.Duration {
	if len(times) < maxTimes {
		return append(times, took)
	}
	times[i%maxTimes] = took
	return times
}

func (r *record) keepExample(curl string, differences []Difference) {
	places := sha256.New()
	for _, d := range differences {
		fmt.Fprintf(places, "%q", d.Where)
	}
	key := [sha256.Size]byte(places.Sum(nil))
	if len(r.Examples) >= maxExamples || r.seen[key] {
		return
	}
	r.seen[key] = true
	const most = 20
	shown := slices.Clone(differences[:min(most, len(differences))])
	for i := range shown {
		shown[i] = Difference{cut(shown[i].Where), cut(shown[i].Old), cut(shown[i].New)}
	}
	r.Examples = append(r.Examples, Example{curl, shown})
}

// cut makes a text fit to be shown.
func cut(text string) string {
	const most = 500
	text = withoutSecrets(text)
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// Report returns what was counted so far, those with differences first.
func (t *Tally) Report() []RuleReport {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var reports []RuleReport
	for _, name := range slices.Sorted(maps.Keys(t.rules)) {
		r := t.rules[name]
		report := r.RuleReport
		report.Examples = slices.Clone(r.Examples)
		report.OldP50, report.OldP95 = percentiles(r.old)
		report.NewP50, report.NewP95 = percentiles(r.new)
		reports = append(reports, report)
	}
	slices.SortStableFunc(reports, func(a, b RuleReport) int { return b.Different - a.Different })
	return reports
}

func percentiles(times []time.Duration) (p50, p95 time.Duration) {
	if len(times) == 0 {
		return 0, 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2], sorted[len(sorted)*95/100]
}

// WriteJSON writes the report as lines of JSON, one for each rule.
func (t *Tally) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, report := range t.Report() {
		if err := encoder.Encode(report); err != nil {
			return err
		}
	}
	return nil
}

// ServeHTTP shows the report as a page, or with ?format=jsonl as lines of JSON. It
// answers only requests that come from this machine and through no proxy; others get
// a 404.
func (t *Tally) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLocal(r) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Query().Get("format") == "jsonl" {
		w.Header().Set("Content-Type", "application/jsonl")
		t.WriteJSON(w)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page.Execute(w, t.Report())
}

// isLocal reports whether a request comes from this machine, as far as it can be seen.
// Proxies that add a header give themselves away, and so does HTTP/1.0, which nginx
// speaks unless it is told otherwise, and no browser does.
func isLocal(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && !header.NamesProxy(r.Header) && debugpage.IsLocal(r)
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Old and new answers</title>
<style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:left;vertical-align:top}.different{color:#a00}pre{white-space:pre-wrap;margin:.2em 0}</style>
<h1>Old and new answers</h1>
<table><tr><th>Rule<th>Compared<th>Equal<th>Noise<th>Different<th>Old, p50 and p95<th>New, p50 and p95
{{range .}}<tr{{if .Different}} class="different"{{end}}><td>{{.Rule}}<td>{{.Compared}}<td>{{.Equal}}<td>{{.Noise}}<td>{{.Different}}<td>{{.OldP50}} {{.OldP95}}<td>{{.NewP50}} {{.NewP95}}
{{range .Examples}}<tr><td colspan="7"><pre>{{.Curl}}</pre>{{range .Differences}}<pre>{{.Where}}
- {{.Old}}
+ {{.New}}</pre>{{end}}
{{end}}{{else}}<tr><td colspan="7">Nothing was compared yet.
{{end}}</table>
`))

// Curl is the command that repeats a request at an address, without its cookies, and
// without what looks secret in the address.
func Curl(method, address string) string {
	command := "curl -i"
	if method == http.MethodHead {
		command = "curl -I"
	}
	return fmt.Sprintf("%s '%s'", command, strings.ReplaceAll(withoutSecrets(address), "'", `'\''`))
}
