package readers

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing/fstest"

	"github.com/decant-go/decant"
)

// All returns all readers.
func All() []Reader {
	return slices.Concat(headers(), conditions(), proxies(), urls(), bodies(), values(), tokens(), records(), forms(), texts(), pages(), answers())
}

const secretKey = "a key of the readers, for tests only"

// newApp is an application without rules that logs nothing.
func newApp() *decant.App {
	app := decant.New("readers")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	return app
}

// get is a request with a header of one field. The header is set as it is.
func get(name, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header[name] = []string{value}
	return r
}

// looking returns a reader of a header: look sees the request with it.
func looking(name string, look func(r *decant.Request)) func(text string) {
	app := newApp()
	return func(text string) { within(app, get(name, text), func(c *decant.Context) { look(c.Request) }) }
}

// within runs look with the context of a request. The getters of bad requests end it
// with an HTTPError.
func within(app *decant.App, r *http.Request, look func(c *decant.Context)) {
	err := app.InRequest(r, func(c *decant.Context) error {
		look(c)
		return nil
	})
	var refused *decant.HTTPError
	if !errors.As(err, &refused) {
		must(err)
	}
}

// must panics for mistakes of this package.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// serving returns a reader: a request that make makes of the text is served by the
// application.
func serving(app http.Handler, make func(text string) *http.Request) func(text string) {
	return func(text string) { app.ServeHTTP(httptest.NewRecorder(), make(text)) }
}

// folder is a folder of templates and static files.
var folder = fstest.MapFS{"file.txt": {Data: []byte("The quick brown fox.")}}

// use takes the results of a reader.
func use(...any) {}
