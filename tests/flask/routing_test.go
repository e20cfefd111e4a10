package flask

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// How much TestRoutingAgreesWithWerkzeug compares.
const (
	routeBatches     = 1000
	requestsPerBatch = 200
	buildsPerBatch   = 100
)

// routeOutcome is what became of a request: [status, text].
type routeOutcome [2]any

// builtURL is a URL and what became of a request for it, or why there is none.
type builtURL struct {
	URL     string `json:"url"`
	Refused string `json:"refused"` // the name of Python's exception
	// Suggested is the endpoint that the error says was meant.
	Suggested string        `json:"suggested"`
	Outcome   *routeOutcome `json:"outcome"`
}

// routeVerdict is the answer to a routeBatch.
type routeVerdict struct {
	Outcomes []routeOutcome `json:"outcomes"`
	URLs     []builtURL     `json:"urls"`
}

// routeApp is an application whose only view tells how it was reached.
type routeApp struct {
	*decant.App
	t testing.TB
}

func newRouteApp(t testing.TB, rules []routeRule) routeApp {
	app := routeApp{decant.New("routing", decant.Static(nil)), t}
	app.Logger = slog.New(slog.DiscardHandler) // rules that can never match are part of the test
	var arguments map[string]any
	app.URLValuePreprocessor(func(c *decant.Context, endpoint string, values decant.H) { arguments = values })
	view := func(c *decant.Context) (any, error) {
		for name, value := range arguments {
			if got := c.ParamValue(name); got != value {
				t.Errorf("ParamValue(%q) is %#v, and the view arguments have %#v", name, got, value)
			}
		}
		response := c.MakeResponse("")
		response.Header().Set("View", viewText(c.Request.Endpoint(), arguments)) // a HEAD request has no body
		return response, nil
	}
	for _, rule := range rules {
		app.Route(rule.Text, view, rule.options()...)
	}
	return app
}

func (rule *routeRule) options() []decant.RouteOption {
	options := []decant.RouteOption{decant.Endpoint(rule.Endpoint), decant.Defaults(rule.defaults...)}
	if rule.Methods != nil {
		options = append(options, decant.Methods(rule.Methods...))
	}
	if rule.Strict != nil {
		options = append(options, decant.StrictSlashes(*rule.Strict))
	}
	if rule.Merge != nil {
		options = append(options, decant.MergeSlashes(*rule.Merge))
	}
	return options
}

func viewText(endpoint string, arguments map[string]any) string {
	text, err := json.Marshal(describe(arguments))
	if err != nil {
		panic(err)
	}
	return endpoint + " " + string(text)
}

// outcome sends a request into the application.
func (app routeApp) outcome(method, target string) routeOutcome {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	text := w.Header().Get("View")
	switch {
	case w.Code == http.StatusPermanentRedirect:
		text = w.Header().Get("Location")
	case text == "":
		methods := strings.Split(w.Header().Get("Allow"), ", ")
		slices.Sort(methods)
		text = strings.Join(methods, ",")
	}
	return routeOutcome{float64(w.Code), text}
}

// built builds a URL and follows it.
func (app routeApp) built(b routeBuild) builtURL {
	values := append(slices.Clone(b.values), "_external", false)
	method := "GET"
	if b.Method != "" {
		method = b.Method
		values = append(values, "_method", method)
	}
	url, err := app.BuildURL(b.Endpoint, values...)
	if err != nil {
		return builtURL{Refused: err.Error(), Suggested: suggested(err)}
	}
	path, _, _ := strings.Cut(url, "?")
	// Neither side quotes what the uuid converter writes, whatever it was given.
	outcome := app.outcome(method, encodedPath(unquoted(app.t, path)))
	return builtURL{URL: url, Outcome: &outcome}
}

// suggested returns the endpoint that an error for an unknown one names.
func suggested(err error) string {
	_, question, _ := strings.Cut(err.Error(), "there is no such endpoint; did you mean ")
	endpoint, _ := strconv.Unquote(strings.TrimSuffix(question, "?"))
	return endpoint
}

// routeJudge is a running routing_judge.py.
type routeJudge struct {
	batches  *json.Encoder
	verdicts *json.Decoder
}

func startRouteJudge(t testing.TB) routeJudge {
	t.Helper()
	input, output := startPython(t, "routing_judge.py")
	return routeJudge{json.NewEncoder(input), json.NewDecoder(bufio.NewReaderSize(output, 1<<16))}
}

// TestRoutingAgreesWithWerkzeug lets both route the same random requests
// through the same random rules, and build the same URLs.
func TestRoutingAgreesWithWerkzeug(t *testing.T) {
	random, _ := newRandom(t)
	judge := startRouteJudge(t)
	tally := map[string]int{}
	for range routeBatches {
		batch := random.batch(requestsPerBatch, buildsPerBatch)
		must(t, judge.batches.Encode(batch)) // Werkzeug works while Decant does
		got := answerBatch(t, batch)
		var want routeVerdict
		must(t, judge.verdicts.Decode(&want))
		compareBatch(t, batch, want, got, tally)
		if t.Failed() {
			t.Fatalf("the rules:\n%s", listRules(batch.Rules))
		}
	}
	t.Logf("compared: %v", tally)
	requireVariety(t, tally)
}

func answerBatch(t testing.TB, batch routeBatch) (v routeVerdict) {
	app := newRouteApp(t, batch.Rules)
	for _, request := range batch.Requests {
		v.Outcomes = append(v.Outcomes, app.outcome(request[0], request[1]))
	}
	for _, b := range batch.Builds {
		v.URLs = append(v.URLs, app.built(b))
	}
	return v
}

func compareBatch(t *testing.T, batch routeBatch, want, got routeVerdict, tally map[string]int) {
	for i, request := range batch.Requests {
		tally[http.StatusText(int(want.Outcomes[i][0].(float64)))]++
		if want.Outcomes[i] != got.Outcomes[i] {
			t.Errorf("%s %s: Werkzeug %v, Decant %v", request[0], request[1], want.Outcomes[i], got.Outcomes[i])
		}
	}
	for i, b := range batch.Builds {
		compareURL(t, b, want.URLs[i], got.URLs[i], tally)
	}
}

func compareURL(t *testing.T, b routeBuild, want, got builtURL, tally map[string]int) {
	if want.Refused != "" {
		tally["no URL"]++
		if got.Refused == "" {
			t.Errorf("build %s%v (%s): Werkzeug %s, Decant %s", b.Endpoint, b.values, b.Method, want.Refused, got.URL)
		}
		if b.isMisspelt {
			tally["unknown endpoint"]++
			if got.Suggested != want.Suggested {
				t.Errorf("build %s%v (%s): Werkzeug suggests %q, Decant %q", b.Endpoint, b.values, b.Method, want.Suggested, got.Suggested)
			}
		}
		return
	}
	tally["URL"]++
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("build %s%v (%s): (-Werkzeug +Decant)\n%s", b.Endpoint, b.values, b.Method, diff)
		return
	}
	if got.Outcome[1] == b.view() {
		tally["round trip"]++
	}
}

// requireVariety keeps the comparison from becoming one of nothing.
func requireVariety(t *testing.T, tally map[string]int) {
	for _, kind := range []string{"OK", "Permanent Redirect", "Not Found", "Method Not Allowed", "no URL", "unknown endpoint", "URL", "round trip"} {
		if tally[kind] < routeBatches {
			t.Errorf("%q occurred %d times, which is too rare to say much", kind, tally[kind])
		}
	}
}

func listRules(rules []routeRule) string {
	var list strings.Builder
	for _, rule := range rules {
		text, _ := json.Marshal(rule)
		list.Write(append(text, '\n'))
	}
	return list.String()
}
