// Package shadow compares the answers of an old Flask application with those of its
// views that have moved to Go, request by request, while visitors use the site:
//
//	flask := decant.Legacy("http://127.0.0.1:8000")
//	app.Fallback(flask)
//	compare := shadow.Compare(app, flask, shadow.Answer(shadow.Old), shadow.Sample(0.05))
//	app.Use(compare.Middleware)
//	app.Mount("/shadow", compare) // the report, for this machine only
//
// Only GET and HEAD requests that a rule of the application answers are compared;
// WebSockets, and whatever goes to the Fallback, are not touched. A difference is
// reported only if Flask, when it is asked again, does not differ from itself there.
package shadow

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant"
)

// Side is one of the two applications.
type Side int

const (
	// Old is the Flask application.
	Old Side = iota
	// New is the application in Go.
	New
)

// Option is a setting of [Compare].
type Option interface{ applyTo(*Shadow) }

type option func(*Shadow)

func (o option) applyTo(s *Shadow) { o(s) }

// Answer says whose answer visitors get: Old, which is the default, or New. With Old,
// Flask answers each GET and HEAD that a rule in Go matches, and the view in Go runs
// afterwards; its cookies, and what it puts into the session, are thrown away. With
// New, Flask is asked afterwards. Requests of other methods go to Go in both cases.
func Answer(side Side) Option { return option(func(s *Shadow) { s.side = side }) }

// Sample compares that part of the requests: 1, which is the default, is all of them.
func Sample(part float64) Option { return option(func(s *Shadow) { s.part = part }) }

// Parallel is how many comparisons may run at once: 4 by default. A request that comes
// while they do is not compared.
func Parallel(n int) Option {
	return option(func(s *Shadow) { s.slots = make(chan struct{}, max(1, n)) })
}

// IgnoreHeaders leaves headers out of the comparison.
func IgnoreHeaders(names ...string) Option {
	return option(func(s *Shadow) { s.comparison.IgnoredHeaders = append(s.comparison.IgnoredHeaders, names...) })
}

// Salts are those of itsdangerous with which both applications sign tokens of their
// own. Their signatures are then checked too, as those of the session, the remember
// cookie and CSRF tokens are.
func Salts(salts ...string) Option {
	return option(func(s *Shadow) { s.comparison.Salts = append(s.comparison.Salts, salts...) })
}

// ViewsOnlyRead promises that GET requests change no session in Flask. Answer(New)
// needs it where sessions are kept on the server, because what Flask's second run
// changes there is saved.
func ViewsOnlyRead() Option { return option(func(s *Shadow) { s.onlyRead = true }) }

// Shadow compares two applications. It is a handler that shows the report.
type Shadow struct {
	Tally
	app        *decant.App
	flask      http.Handler
	side       Side
	part       float64
	slots      chan struct{}
	comparison Comparison
	onlyRead   bool
	// unsavedCookie is the place of differences in the cookie of unsaved sessions.
	unsavedCookie string
	running       sync.WaitGroup
}

// Compare returns what compares an application with the old one, whose handler is
// mostly a [decant.Legacy]. Add its Middleware to the application. It panics without an
// application or without a handler.
func Compare(app *decant.App, flask http.Handler, options ...Option) *Shadow {
	if app == nil || flask == nil {
		panic("shadow: Compare got nil; pass the application, and the handler of the old one such as decant.Legacy(\"http://127.0.0.1:8000\")")
	}
	s := &Shadow{app: app, flask: flask, part: 1, slots: make(chan struct{}, 4)}
	for _, o := range options {
		o.applyTo(s)
	}
	return s
}

// Wait returns when all comparisons that have begun are done.
func (s *Shadow) Wait() { s.running.Wait() }

// Middleware is for [decant.App.Use]. It is called when the application is frozen. If
// its sessions are not those in the cookie, it keeps second runs from saving them, and
// it panics for Answer(New) without [ViewsOnlyRead].
func (s *Shadow) Middleware(next http.Handler) http.Handler {
	s.guardSessions()
	s.readConfig()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !s.concerns(r):
			next.ServeHTTP(w, r)
		case s.side == Old:
			s.serve(w, r, s.flask, next)
		default:
			s.serve(w, r, next, s.flask)
		}
	})
}

// readConfig takes the keys and names from the application.
func (s *Shadow) readConfig() {
	config := s.app.Config
	s.comparison.SecretKey, s.comparison.SessionCookie = config.SecretKey, config.SessionCookieName
	s.comparison.CSRFSecretKey, _ = config.Get("WTF_CSRF_SECRET_KEY").(string)
	s.comparison.RememberCookie, _ = config.Get("REMEMBER_COOKIE_NAME").(string)
}

// concerns reports whether a request may be compared.
func (s *Shadow) concerns(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Header.Get("Upgrade") != "" {
		return false
	}
	return s.app.Matches(r)
}

// serve lets one side answer the visitor, and asks the other one afterwards.
func (s *Shadow) serve(w http.ResponseWriter, r *http.Request, visible, hidden http.Handler) {
	if rand.Float64() >= s.part || !s.begin() {
		answer(visible, w, r)
		return
	}
	began := time.Now()
	hasEnded := false
	giveUp := func() {
		if !hasEnded {
			hasEnded = true
			s.end()
		}
	}
	copied := &copyingWriter{ResponseWriter: w, giveUp: giveUp}
	isDone := false
	defer func() {
		if !isDone { // the client has gone, or the handler panicked
			giveUp()
		}
	}()
	before := r.Clone(context.WithoutCancel(r.Context())) // as it came: handlers may change it
	answer(visible, copied, r)
	pattern := r.Pattern
	shown := copied.response(time.Since(began))
	if hasEnded || shown == nil {
		return
	}
	isDone = true
	go func() {
		defer s.end()
		s.compare(shown, hidden, before, pattern)
	}()
}

func (s *Shadow) begin() bool {
	select {
	case s.slots <- struct{}{}:
		s.running.Add(1)
		return true
	default:
		return false
	}
}

func (s *Shadow) end() {
	<-s.slots
	s.running.Done()
}

// askWithin bounds a second run.
const askWithin = 30 * time.Second

// compare asks the other side and counts what differs. The pattern is the one that the
// first side matched, "" for Flask.
func (s *Shadow) compare(shown *Response, hidden http.Handler, r *http.Request, pattern string) {
	other, matched := ask(hidden, r)
	if other == nil {
		return
	}
	old, new := shown, other
	if s.side == New {
		old, new = other, shown
	}
	differences := s.diff(old, new, nil)
	isNoise := len(differences) > 0
	if isNoise { // or the old side differs from itself
		again, _ := ask(s.flask, r)
		if again == nil {
			return
		}
		differences = s.diff(old, new, again)
	}
	rule := cmp.Or(pattern, matched, r.Method+" "+r.URL.Path)
	s.Add(rule, Curl(r.Method, addressOf(r)), old.Took, new.Took, differences, isNoise)
}

// diff leaves the cookie of a session out that a second run did not save.
func (s *Shadow) diff(old, new, again *Response) []Difference {
	differences := s.comparison.Diff(old, new, again)
	if s.unsavedCookie == "" {
		return differences
	}
	return slices.DeleteFunc(differences, func(d Difference) bool {
		return d.Where == s.unsavedCookie || strings.HasPrefix(d.Where, s.unsavedCookie+";")
	})
}

// addressOf is the URL of a request.
func addressOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.RequestURI()
}

// ask runs a handler in secret. It returns nil for an answer that is too long or does
// not end, and the pattern of the rule if the handler is an App.
func ask(handler http.Handler, r *http.Request) (response *Response, pattern string) {
	ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), secondRun{}, true), askWithin)
	defer cancel()
	again := r.Clone(ctx)
	again.Body, again.ContentLength = http.NoBody, 0
	again.Pattern = ""
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Range", "Range", "Accept-Encoding"} {
		again.Header.Del(name) // the sides may disagree about versions, and compress in other ways
	}
	kept := &copyingWriter{ResponseWriter: discarded{http.Header{}}}
	began := time.Now()
	defer func() {
		if recover() != nil {
			response = nil
		}
	}()
	answer(handler, kept, again)
	return kept.response(time.Since(began)), again.Pattern
}

// answer runs a handler. A page that it aborts with, as Legacy does when Flask is dead,
// is sent without the application's error handlers.
func answer(handler http.Handler, w http.ResponseWriter, r *http.Request) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		var page *decant.HTTPError
		err, _ := value.(error)
		if !errors.As(err, &page) {
			panic(value)
		}
		http.Error(w, page.Name, page.Code)
	}()
	handler.ServeHTTP(w, r)
}

// secondRun is the key in the context of a request that no visitor sees.
type secondRun struct{}

// guardSessions keeps second runs from saving sessions on the server.
func (s *Shadow) guardSessions() {
	inner := s.app.SessionInterface
	if reflect.TypeOf(inner) == reflect.TypeOf(decant.NewCookieSessions()) {
		return // they are saved in the cookie, which is thrown away
	}
	if s.side == New {
		if !s.onlyRead {
			panic("shadow: the sessions are kept on the server, and what Flask's second run changes there would be saved; use Answer(Old), or add ViewsOnlyRead() if GET requests change no session")
		}
		return
	}
	s.unsavedCookie = "cookie " + s.app.Config.SessionCookieName
	if stores, ok := inner.(storing); ok {
		s.app.SessionInterface = unsavedStoring{unsaved{inner}, stores}
		return
	}
	s.app.SessionInterface = unsaved{inner}
}

// unsaved sessions are not saved in a second run.
type unsaved struct{ decant.SessionInterface }

func (u unsaved) Save(c *decant.Context, session *decant.Session, r *decant.Response) error {
	if c.Value(secondRun{}) != nil {
		return nil
	}
	return u.SessionInterface.Save(c, session, r)
}

// storing is a SessionInterface that takes more types than JSON does.
type storing interface{ Stores(value any) bool }

type unsavedStoring struct {
	unsaved
	storing
}

// maxBody is the longest body that is compared.
const maxBody = 1 << 20

// copyingWriter keeps a copy of what goes to the client.
type copyingWriter struct {
	http.ResponseWriter
	status    int
	header    http.Header // as it was sent
	body      bytes.Buffer
	isTooLong bool
	giveUp    func() // is called when it is clear that nothing will be compared, if not nil
}

func (w *copyingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *copyingWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.header = status, w.Header().Clone()
		if isStream(w.header) {
			w.stopCopying()
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func isStream(header http.Header) bool {
	return strings.HasPrefix(header.Get("Content-Type"), "text/event-stream")
}

// stopCopying makes room for another comparison while this answer may go on for hours.
func (w *copyingWriter) stopCopying() {
	w.isTooLong, w.body = true, bytes.Buffer{}
	if w.giveUp != nil {
		w.giveUp()
	}
}

func (w *copyingWriter) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.isTooLong && w.body.Len()+len(data) > maxBody {
		w.stopCopying()
	}
	if !w.isTooLong {
		w.body.Write(data)
	}
	return w.ResponseWriter.Write(data)
}

// Flush serves handlers that look for an http.Flusher.
func (w *copyingWriter) Flush() { http.NewResponseController(w.ResponseWriter).Flush() }

// response is what was sent, or nil for what is not compared: what is too long, a
// stream of events, a part of a file, "not modified", or compressed by other means
// than gzip.
func (w *copyingWriter) response(took time.Duration) *Response {
	if w.status == 0 {
		w.status, w.header = http.StatusOK, w.Header().Clone()
	}
	isPart := w.status == http.StatusNotModified || w.status == http.StatusPartialContent
	if w.isTooLong || isPart || isStream(w.header) {
		return nil
	}
	body, ok := plainBody(w.header.Get("Content-Encoding"), w.body.Bytes())
	if !ok {
		return nil
	}
	return &Response{w.status, w.header, body, took}
}

// plainBody decompresses a body that is not too long then.
func plainBody(encoding string, body []byte) (plain []byte, ok bool) {
	if encoding == "" || len(body) == 0 {
		return body, true
	}
	if encoding != "gzip" {
		return nil, false
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	plain, err = io.ReadAll(io.LimitReader(reader, maxBody+1))
	return plain, err == nil && len(plain) <= maxBody
}

// discarded is the client of a second run.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header            { return d.header }
func (d discarded) WriteHeader(int)                {}
func (d discarded) Write(data []byte) (int, error) { return len(data), nil }
