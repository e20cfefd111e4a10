package decant_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

func ExampleResponse_MakeConditional() {
	app := decant.New("news")
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.MakeResponse("Nothing new.")
		r.AddETag()
		r.MakeConditional()
		return r, nil
	}, decant.Endpoint("news"))

	first := get(app, "/")
	again := httptest.NewRequest(http.MethodGet, "/", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	part := httptest.NewRequest(http.MethodGet, "/", nil)
	part.Header.Set("Range", "bytes=0-6")
	fmt.Println(first.Code, send(app, again).Code)
	fmt.Println(send(app, part).Code, send(app, part).Body)
	// Output:
	// 200 304
	// 206 Nothing
}

func ExampleResponse_SetData() {
	app := decant.New("shout")
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if r.IsStreamed() {
			return nil
		}
		data, err := r.Data()
		if err != nil {
			return err
		}
		r.SetData([]byte(strings.ToUpper(string(data))))
		return nil
	})
	app.Get("/", func(*decant.Context) (any, error) { return "hello", nil }, decant.Endpoint("hello"))

	fmt.Println(get(app, "/").Body)
	// Output: HELLO
}

func ExampleResponse_AddCacheControl() {
	app := decant.New("cached")
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.MakeResponse("the same for an hour")
		r.AddCacheControl("public", "max-age=3600")
		r.Header().Set("Last-Modified", decant.HTTPDate(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)))
		return r, nil
	}, decant.Endpoint("page"))

	header := get(app, "/").Header()
	fmt.Println(header.Get("Cache-Control"))
	fmt.Println(header.Get("Last-Modified"))
	// Output:
	// public, max-age=3600
	// Thu, 29 Feb 2024 12:00:00 GMT
}

func ExampleEvent() {
	app := decant.New("prices")
	app.Get("/prices", func(c *decant.Context) (any, error) {
		last := c.Request.Header.Get("Last-Event-ID") // where a browser left off
		return slices.Values([]decant.Event{
			{Data: "you saw " + last},
			{ID: "8", Event: "price", Data: "first line\nsecond line"},
		}), nil
	}, decant.Endpoint("prices"))

	request := httptest.NewRequest(http.MethodGet, "/prices", nil)
	request.Header.Set("Last-Event-ID", "7")
	answer := send(app, request)
	fmt.Println(answer.Header().Get("Content-Type"))
	fmt.Print(answer.Body)
	// Output:
	// text/event-stream
	// data: you saw 7
	//
	// id: 8
	// event: price
	// data: first line
	// data: second line
}

func ExampleContext_MakeResponse_streamed() {
	app := decant.New("export")
	app.Get("/rows", func(c *decant.Context) (any, error) {
		rows := iter.Seq2[string, error](func(yield func(string, error) bool) {
			_ = yield("id,name\n", nil) && yield("1,Ann\n", nil)
		})
		r := c.MakeResponse(rows)
		r.Header().Set("Content-Type", "text/csv; charset=utf-8")
		return r, nil
	}, decant.Endpoint("rows"))
	app.Get("/report", func(c *decant.Context) (any, error) {
		return func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "for %s\n", c.Request.Args.Get("name"))
			return err
		}, nil
	}, decant.Endpoint("report"))

	fmt.Print(get(app, "/rows").Body)
	fmt.Print(get(app, "/report?name=Ann").Body)
	// Output:
	// id,name
	// 1,Ann
	// for Ann
}

func ExampleContext_JSON() {
	app := decant.New("api")
	app.Get("/", func(c *decant.Context) (any, error) { return c.JSON(nil) }, decant.Endpoint("nothing"))

	fmt.Print(get(app, "/").Body)
	// Output: null
}

func ExampleDefaultJSONProvider() {
	provider := decant.NewJSONProvider()
	provider.EnsureASCII = false
	provider.Default = func(value any) (any, bool) {
		if err, ok := value.(error); ok {
			return err.Error(), true
		}
		return nil, false
	}
	app := decant.New("api")
	app.JSON = provider
	app.Get("/", func(*decant.Context) (any, error) {
		return decant.H{"café": errors.New("closed")}, nil
	}, decant.Endpoint("cafe"))

	fmt.Print(get(app, "/").Body)
	// Output: {"café":"closed"}
}
