package bench

import (
	"io"
	"net/http"
	"testing"

	"github.com/julienschmidt/httprouter"
)

// bareName is the peer that shows the limit: a handler on httprouter that does
// nothing but answer, and allocates as many objects of the same sizes as Decant does
// for this answer. A framework that gives each request a context of its own of that
// size cannot be faster.
const bareName = "bare handler, same allocations"

// bareContext has the size of a Context in words that the collector looks at.
type bareContext [25]*int

// bareResponse has the size of a Response.
type bareResponse [8]*int

// sink keeps what bare handlers allocate from being left out by the compiler.
var sink struct {
	context  *bareContext
	response *bareResponse
	answer   any
}

func bare(path string, handler httprouter.Handle) competitor {
	router := httprouter.New()
	router.GET(path, handler)
	return competitor{bareName, router}
}

func bareHello(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
	sink.context = new(bareContext)
	w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
	io.WriteString(w, greeting)
}

// bareParameter boxes its answer, as a View does that returns any.
func bareParameter(w http.ResponseWriter, _ *http.Request, p httprouter.Params) {
	sink.context, sink.answer = new(bareContext), p[0].Value
	w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
	io.WriteString(w, p[0].Value)
}

func bareCookies(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	sink.context, sink.response = new(bareContext), new(bareResponse)
	language, err := r.Cookie("language")
	if err != nil {
		refuse(w, err)
		return
	}
	sink.answer = language.Value
	http.SetCookie(w, seen())
	writeHTML(w, language.Value)
}

func TestBareHandlers(t *testing.T) {
	agree(t, get("/hello", ""), page(greeting), []competitor{bare("/hello", bareHello)})
	agree(t, get("/user/ann", ""), page("ann"), []competitor{bare("/user/:name", bareParameter)})
	m, want := cookieRequest()
	agree(t, m, want, []competitor{bare("/", bareCookies)})
}
