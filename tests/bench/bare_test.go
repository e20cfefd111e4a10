package bench

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/pyjson"
)

// bareName is the peer that shows the limit: a handler that does nothing but answer,
// and allocates as many bytes as Decant does for this answer, in objects of about the
// same sizes. A framework that gives each request a context of its own of that size
// cannot be faster.
const bareName = "bare handler, same allocations"

// bareContext is a Context in words that the collector looks at, without the 16 bytes
// in which it holds the Content-Type. bareResponse is a Response.
type (
	bareContext  [24]*int
	bareResponse [8]*int
)

// sink keeps the compiler from leaving out what bare handlers allocate.
var sink struct {
	context  *bareContext
	response *bareResponse
	answer   any
}

func bare(handler http.HandlerFunc) competitor { return competitor{bareName, handler} }

func bareHello(w http.ResponseWriter, _ *http.Request) { bareAnswer(w, greeting) }

// bareHooks has the Response that after-request functions get.
func bareHooks(w http.ResponseWriter, _ *http.Request) {
	sink.response = new(bareResponse)
	bareAnswer(w, greeting)
}

// bareJSON writes its answer as Decant does.
func bareJSON() http.HandlerFunc {
	value, encoder := newOrder(), &pyjson.Encoder{ASCII: true, SortKeys: true}
	return func(w http.ResponseWriter, _ *http.Request) {
		sink.context, sink.answer = new(bareContext), value
		line, err := encoder.Scratch(sink.answer)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer line.Release()
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Write(line.Bytes())
	}
}

// bareParameter boxes its answer, as a view does that returns any.
func bareParameter(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/user/")
	sink.answer = name
	bareAnswer(w, name)
}

func bareCookies(w http.ResponseWriter, r *http.Request) {
	_, rest, _ := strings.Cut(r.Header["Cookie"][0], "language=")
	language, _, _ := strings.Cut(rest, ";")
	sink.answer, sink.response = language, new(bareResponse)
	w.Header()["Set-Cookie"] = []string{strings.Clone("seen=yes; HttpOnly; Path=/")}
	bareAnswer(w, language)
}

func bareAnswer(w http.ResponseWriter, text string) {
	sink.context = new(bareContext)
	w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
	io.WriteString(w, text)
}

func TestBareHandlers(t *testing.T) {
	agree(t, get("/hello", ""), page(greeting), []competitor{bare(bareHello)})
	agree(t, get("/user/ann", ""), page("ann"), []competitor{bare(bareParameter)})
	agree(t, get("/hello", ""), page(greeting), []competitor{bare(bareHooks)})
	agree(t, get("/json", ""), jsonAnswer(), []competitor{bare(bareJSON())})
	m, want := cookieRequest()
	agree(t, m, want, []competitor{bare(bareCookies)})
}
