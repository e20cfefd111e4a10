package tests

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// journal keeps what an application logs.
type journal struct {
	mutex   sync.Mutex
	entries []string
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithGroup(string) slog.Handler            { return j }

func (j *journal) WithAttrs(attributes []slog.Attr) slog.Handler {
	return journalOf{j, attributes}
}

func (j *journal) Handle(_ context.Context, record slog.Record) error {
	var entry strings.Builder
	fmt.Fprintf(&entry, "%s %s", record.Level, record.Message)
	record.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&entry, " %s=%v", a.Key, a.Value)
		return true
	})
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.entries = append(j.entries, entry.String())
	return nil
}

// journalOf is a journal whose entries end in the same attributes.
type journalOf struct {
	*journal
	attributes []slog.Attr
}

func (j journalOf) WithAttrs(attributes []slog.Attr) slog.Handler {
	return journalOf{j.journal, slices.Concat(j.attributes, attributes)}
}

func (j journalOf) Handle(c context.Context, record slog.Record) error {
	record.AddAttrs(j.attributes...)
	return j.journal.Handle(c, record)
}

// text is all that was logged.
func (j *journal) text() string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return strings.Join(j.entries, "\n")
}

func (j *journal) mustContain(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(j.text(), part) {
			t.Errorf("the log lacks %q:\n%s", part, j.text())
		}
	}
}

// mustHoldOnly checks that each entry has a part, such as that of a warning that the
// test does not mind.
func (j *journal) mustHoldOnly(t *testing.T, part string) {
	t.Helper()
	for _, entry := range j.entries {
		if !strings.Contains(entry, part) {
			t.Errorf("the log holds:\n%s", entry)
		}
	}
}

// mustBeQuiet checks that there are neither warnings nor errors. Advice on what
// clients did is no warning.
func (j *journal) mustBeQuiet(t *testing.T) {
	t.Helper()
	for _, entry := range j.entries {
		if !strings.HasPrefix(entry, "INFO ") {
			t.Errorf("the log holds:\n%s", entry)
		}
	}
}

func (j *journal) mustBeEmpty(t *testing.T) {
	t.Helper()
	if text := j.text(); text != "" {
		t.Errorf("the log holds:\n%s", text)
	}
}

// testKey is the secret key of most applications in the tests.
const testKey = "the key of the tests, which signs nothing else"

// newTestApp returns an application with a secret key, and its log.
func newTestApp() (*decant.App, *journal) {
	app, log := decant.New("test"), new(journal)
	app.Config.SecretKey = testKey
	app.Logger = slog.New(log)
	return app, log
}

// appWith is newTestApp with one view at "/", for GET and POST.
func appWith(view decant.View) (*decant.App, *journal) {
	app, log := newTestApp()
	app.Route("/", view, decant.Methods("GET", "POST"), decant.Endpoint("view"))
	return app, log
}

func hello(*decant.Context) (any, error) { return "Hello", nil }

// get sends a GET request; headers are names and values in turn.
func get(app http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	return send(app, http.MethodGet, target, "", headers...)
}

func send(app http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

const (
	formType        = "application/x-www-form-urlencoded"
	serverErrorPage = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n"
)

func mustAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if diff := cmp.Diff(body, w.Body.String()); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// mustFail checks that the answer is one whole 500 page and nothing else.
func mustFail(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	mustAnswer(t, w, http.StatusInternalServerError, serverErrorPage)
}

// panicOf returns what run panics with.
func panicOf(t *testing.T, run func()) (value any) {
	t.Helper()
	defer func() {
		if value = recover(); value == nil {
			t.Error("there was no panic")
		}
	}()
	run()
	return nil
}

// mustPanic checks that run panics with a message that has all parts.
func mustPanic(t *testing.T, run func(), parts ...string) {
	t.Helper()
	message := fmt.Sprint(panicOf(t, run))
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("the panic says %q and lacks %q", message, part)
		}
	}
}

// pairOf is the Cookie header for what an answer set.
func pairOf(w *httptest.ResponseRecorder) string {
	pairs := make([]string, 0, 1)
	for _, line := range w.Result().Header["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}

// discard is a writer that costs no allocation.
type discard struct{ header http.Header }

func (d discard) Header() http.Header                { return d.header }
func (discard) WriteHeader(int)                      {}
func (discard) Write(text []byte) (int, error)       { return len(text), nil }
func (discard) WriteString(text string) (int, error) { return len(text), nil }

func allocationsOf(app *decant.App, r *http.Request) float64 {
	w := discard{http.Header{}}
	app.ServeHTTP(w, r)
	return testing.AllocsPerRun(200, func() { app.ServeHTTP(w, r) })
}

// folderOf is a folder of templates, given as names and texts in turn.
func folderOf(files ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return folder
}

// errorPage is the page that an application makes of an error.
func errorPage(err *decant.HTTPError) string {
	app, _ := appWith(func(*decant.Context) (any, error) { return nil, err })
	return get(app, "/").Body.String()
}

// raised returns the value that run panics with.
func raised(run func()) (value any) {
	defer func() { value = recover() }()
	run()
	return nil
}

// raisedBy returns the error that run panics with.
func raisedBy(run func()) error {
	err, _ := raised(run).(error)
	return err
}

// ownTypes reads typed values with the types of the framework.
var ownTypes = vectors.Decoder{
	Markup: func(html string) any { return decant.Markup(html) },
	Tuple:  func(items []any) any { return decant.Tuple(items) },
	UUID:   func(id vectors.UUID) any { return decant.UUID(id) },
}

// costOf returns the allocations and the bytes of a request. The writer begins each
// with an empty map of headers, as a server's does.
func costOf(app http.Handler, r *http.Request) (allocations float64, bytes uint64) {
	const runs = 200
	w := discard{http.Header{}}
	run := func() { clear(w.header); app.ServeHTTP(w, r) }
	allocations = testing.AllocsPerRun(runs, run)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		run()
	}
	runtime.ReadMemStats(&after)
	return allocations, (after.TotalAlloc - before.TotalAlloc) / runs
}
