package tests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/arrival"
)

// The answers are Flask's. The letters stand for what a view asks for, one
// after the other: d for Data, f for Form, F for Files, j for JSON by force, s
// for the rest of the raw Body.
func TestDataFormAndJSONShareOneBody(t *testing.T) {
	const multipartType = "multipart/form-data; boundary=b"
	mixed := "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=x; filename=n\r\n\r\nhi\r\n--b--\r\n"
	for _, c := range []struct{ order, contentType, body, want string }{
		{"fd", formType, "a=1", "map[a:1] []"},
		{"df", formType, "a=1", "[a=1] map[a:1]"},
		{"ddff", formType, "a=1", "[a=1] [a=1] map[a:1] map[a:1]"},
		{"dFf", formType, "a=1", "[a=1] 0 map[a:1]"},
		{"Fd", formType, "a=1", "0 []"},
		{"fj", formType, "a=1", "map[a:1] 400"},
		{"jf", formType, "a=1", "400 map[a:1]"},
		{"sd", formType, "a=1", "{a=1} []"},
		{"sf", formType, "a=1", "{a=1} map[]"},
		{"ds", formType, "a=1", "[a=1] {}"},
		{"jd", "application/json", "[1]", "[1] [[1]]"},
		{"djj", "application/json", "[1]", "[[1]] [1] [1]"},
		{"fd", "application/json", "[1]", "map[] [[1]]"},
		{"dfd", "application/json", "[1]", "[[1]] map[] [[1]]"},
		{"fFd", multipartType, mixed, "map[a:1] 1 []"},
		{"dfF", multipartType, mixed, "[" + mixed + "] map[a:1] 1"},
		{"fd", multipartType, "[1]", "map[] []"},
		{"dfd", multipartType, "[1]", "[[1]] map[] [[1]]"},
		{"fd", "multipart/form-data", "[1]", "map[] [[1]]"},
		{"d", "", "", "[]"},
		{"j", "application/json", "", "400"},
	} {
		t.Run(c.order+" "+c.contentType, func(t *testing.T) {
			app, log := appWith(func(ctx *decant.Context) (any, error) { return readInOrder(ctx.Request, c.order) })
			mustAnswer(t, send(app, "POST", "/", c.body, "Content-Type", c.contentType), 200, c.want)
			log.mustBeEmpty(t)
		})
	}
}

func readInOrder(r *decant.Request, order string) (string, error) {
	var results []string
	for _, what := range order {
		switch what {
		case 'd':
			data, err := r.Data()
			if err != nil {
				return "", err
			}
			results = append(results, "["+string(data)+"]")
		case 'f':
			results = append(results, fmt.Sprint(maps.Collect(r.Form.All())))
		case 'F':
			results = append(results, fmt.Sprint(len(maps.Collect(r.Files.All()))))
		case 'j':
			var value any
			if err := r.JSON(&value, decant.ForceJSON()); err != nil {
				value = err.(*decant.HTTPError).Code
			}
			results = append(results, fmt.Sprint(value))
		case 's':
			rest, err := io.ReadAll(r.Body)
			if err != nil {
				return "", err
			}
			results = append(results, "{"+string(rest)+"}")
		}
	}
	return strings.Join(results, " "), nil
}

// The two lines that the doc comment of Data gives for Flask's request.data, which is
// the body of all but forms.
func TestDataOfFlask(t *testing.T) {
	for contentType, want := range map[string]string{
		formType: "", "application/json": "a=1", "text/plain": "a=1", "": "a=1",
	} {
		app, _ := newTestApp()
		app.Post("/", func(c *decant.Context) (any, error) {
			c.Request.Form.Keys()
			data, err := c.Request.Data()
			return string(data), err
		}, decant.Endpoint("index"))
		mustAnswer(t, send(app, "POST", "/", "a=1", "Content-Type", contentType), 200, want)
	}
}

func TestLimitsOfOneRequest(t *testing.T) {
	const multipartType = "multipart/form-data; boundary=b"
	hundred := strings.Repeat("x", 100)
	field := "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + hundred + "\r\n--b--\r\n"
	for name, c := range map[string]struct {
		set               func(r *decant.Request)
		order             string
		contentType, body string
		status            int
	}{
		"data, above":                {func(r *decant.Request) { r.SetMaxContentLength(99) }, "d", "", hundred, 413},
		"data, exactly":              {func(r *decant.Request) { r.SetMaxContentLength(100) }, "d", "", hundred, 200},
		"data, none":                 {func(r *decant.Request) { r.SetMaxContentLength(0) }, "d", "", strings.Repeat(hundred, 20), 200},
		"data, raised":               {func(r *decant.Request) { r.SetMaxContentLength(2000) }, "d", "", strings.Repeat(hundred, 20), 200},
		"data, the config's":         {func(*decant.Request) {}, "d", "", strings.Repeat(hundred, 20), 413},
		"the body itself, above":     {func(r *decant.Request) { r.SetMaxContentLength(99) }, "s", "", hundred, 413},
		"the body itself, raised":    {func(r *decant.Request) { r.SetMaxContentLength(2000) }, "s", "", strings.Repeat(hundred, 20), 200},
		"JSON":                       {func(r *decant.Request) { r.SetMaxContentLength(99) }, "d", "application/json", `"` + hundred + `"`, 413},
		"form":                       {func(r *decant.Request) { r.SetMaxContentLength(99) }, "f", formType, hundred, 413},
		"form memory":                {func(r *decant.Request) { r.SetMaxFormMemorySize(99) }, "f", formType, hundred, 413},
		"form memory, enough":        {func(r *decant.Request) { r.SetMaxFormMemorySize(100) }, "f", formType, hundred, 200},
		"form memory, after data":    {func(r *decant.Request) { r.SetMaxFormMemorySize(99) }, "df", formType, hundred, 413},
		"form memory, multipart":     {func(r *decant.Request) { r.SetMaxFormMemorySize(99) }, "f", multipartType, field, 413},
		"parts":                      {func(r *decant.Request) { r.SetMaxFormParts(1) }, "f", multipartType, parts("a", "b"), 413},
		"parts, enough":              {func(r *decant.Request) { r.SetMaxFormParts(2) }, "F", multipartType, parts("a", "b"), 200},
		"parts, none":                {func(r *decant.Request) { r.SetMaxFormParts(-1) }, "F", multipartType, parts("a", "b", "c"), 200},
		"lowered while it is read":   {func(r *decant.Request) { io.CopyN(io.Discard, r.Body, 50); r.SetMaxContentLength(60) }, "s", "", hundred, 413},
		"raised while it is read":    {func(r *decant.Request) { io.CopyN(io.Discard, r.Body, 50); r.SetMaxContentLength(2000) }, "s", "", strings.Repeat(hundred, 20), 200},
		"below what has been read":   {func(r *decant.Request) { io.CopyN(io.Discard, r.Body, 50); r.SetMaxContentLength(10) }, "s", "", hundred, 413},
		"others stay as they are":    {func(r *decant.Request) { r.SetMaxFormParts(1) }, "d", "", strings.Repeat(hundred, 20), 413},
		"a failed form has no data":  {func(r *decant.Request) { r.SetMaxFormParts(1); recovered(func() { r.Form.Get("a") }) }, "d", multipartType, parts("a", "b"), 413},
		"failed data has no form":    {func(r *decant.Request) { r.SetMaxContentLength(9); r.Data() }, "f", formType, hundred, 413},
		"failed data has no values":  {func(r *decant.Request) { r.SetMaxContentLength(9); r.Data(); recovered(func() { r.Form.Get("a") }) }, "f", formType, hundred, 413},
		"without a body, no trouble": {func(r *decant.Request) { r.SetMaxContentLength(1) }, "dfFs", "", "", 200},
	} {
		for _, length := range []string{"declared", "chunked"} {
			t.Run(name+" "+length, func(t *testing.T) {
				app, log := appWith(func(ctx *decant.Context) (any, error) {
					c.set(ctx.Request)
					text, err := readInOrder(ctx.Request, c.order)
					var tooLarge *http.MaxBytesError
					if c.order == "s" && errors.As(err, &tooLarge) {
						return nil, decant.NewHTTPError(413)
					}
					return text, err
				})
				app.Config.MaxContentLength, app.Config.MaxFormParts = 1000, 2
				r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
				r.Header.Set("Content-Type", c.contentType)
				if length == "chunked" {
					r.ContentLength = -1
				}
				w := httptest.NewRecorder()
				app.ServeHTTP(w, r)
				if w.Code != c.status {
					t.Errorf("status %d, want %d", w.Code, c.status)
				}
				log.mustBeQuiet(t)
			})
		}
	}
}

func recovered(run func()) {
	defer func() { recover() }()
	run()
}

// A body above the limit closes the connection, which only the server's own
// writer can do.
func TestTooMuchClosesTheConnection(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) {
		c.Request.SetMaxContentLength(10)
		return c.Request.Data()
	})
	server := httptest.NewServer(app)
	defer server.Close()
	response, err := http.Post(server.URL, "text/plain", io.MultiReader(strings.NewReader(strings.Repeat("x", 10_000))))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 413 || !response.Close {
		t.Errorf("status %d, closing %t", response.StatusCode, response.Close)
	}
}

// A client that goes away in the middle of its body is a 400 for the view, and
// nothing to the next one.
func TestABodyThatStopsHalfWay(t *testing.T) {
	seen := make(chan error, 1)
	app, log := newTestApp()
	read := map[string]func(r *decant.Request) error{
		"/data":  func(r *decant.Request) error { _, err := r.Data(); return err },
		"/json":  func(r *decant.Request) error { var v any; return r.JSON(&v) },
		"/form":  func(r *decant.Request) error { return raisedBy(func() { r.Form.Get("a") }) },
		"/files": func(r *decant.Request) error { return raisedBy(func() { r.Files.Get("a") }) },
	}
	for path, f := range read {
		app.Post(path, func(c *decant.Context) (any, error) {
			err := f(c.Request)
			seen <- err
			return nil, err
		}, decant.Endpoint(path[1:]))
	}
	app.Get("/alive", hello, decant.Endpoint("alive"))
	server := httptest.NewServer(app)
	defer server.Close()
	types := map[string]string{"/data": "text/plain", "/json": "application/json", "/form": formType, "/files": "multipart/form-data; boundary=b"}
	for _, path := range slices.Sorted(maps.Keys(read)) {
		for _, head := range []string{"Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"} {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: site.test\r\nContent-Type: %s\r\n%s--b\r\n", path, types[path], head)
			connection.Close()
			var page *decant.HTTPError
			if err := <-seen; !errors.As(err, &page) || page.Code != 400 || page.Original == nil {
				t.Errorf("%s: the view saw %v", path, err)
			}
			if line := exchange(t, server, request("GET /alive", "")); line != "HTTP/1.1 200 OK" {
				t.Errorf("%s: the next request got %q", path, line)
			}
		}
	}
	log.mustBeEmpty(t)
}

// The end of a body of unknown length may come together with its last bytes or
// after them, as the network will have it. The answer is the same. A form must be
// shorter than the limit.
func TestTheLimitOfABodyOfUnknownLength(t *testing.T) {
	const multipartBody = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n"
	for _, c := range []struct {
		order, contentType, body string
		exactly                  int // the status at the limit
	}{
		{"d", "text/plain", "twelve bytes", 200},
		{"f", formType, "a=1&b=2&c=3", 413},
		{"F", "multipart/form-data; boundary=b", multipartBody, 413},
		{"s", "text/plain", "twelve bytes", 200},
	} {
		for limit, want := range map[int]int{len(c.body) + 1: 200, len(c.body): c.exactly, len(c.body) - 1: 413} {
			for way, body := range arrival.Ways(c.body, io.EOF) {
				t.Run(fmt.Sprintf("%s %s, limit %d, %s", c.order, c.contentType, limit, way), func(t *testing.T) {
					app, _ := appWith(func(ctx *decant.Context) (any, error) { return readInOrder(ctx.Request, c.order) })
					app.Config.MaxContentLength = int64(limit)
					mustHaveStatus(t, app, c.contentType, body, want)
				})
			}
			for way, body := range arrival.Ways(c.body, io.EOF) {
				t.Run(fmt.Sprintf("%s %s put in place, limit %d, %s", c.order, c.contentType, limit, way), func(t *testing.T) {
					app, _ := appWith(func(ctx *decant.Context) (any, error) {
						ctx.Request.Body = io.NopCloser(body)
						return readInOrder(ctx.Request, strings.Replace(c.order, "s", "d", 1))
					})
					app.Config.MaxContentLength = int64(limit)
					mustHaveStatus(t, app, c.contentType, strings.NewReader("another"), want)
				})
			}
		}
	}
}

// A malformed form is empty, and the application may read what it likes. Data is the
// rest in each case, and nobody knows whether a body goes on after its limit.
func TestTheRestOfABodyAtItsLimit(t *testing.T) {
	for _, c := range []struct{ order, contentType, body string }{
		{"Fd", "multipart/form-data; boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--"},
		{"sd", "text/plain", "twelve bytes"},
	} {
		for limit, want := range map[int]int{len(c.body) + 1: 200, len(c.body): 413, len(c.body) - 1: 413} {
			for way, body := range arrival.Ways(c.body, io.EOF) {
				t.Run(fmt.Sprintf("%s %s, limit %d, %s", c.order, c.contentType, limit, way), func(t *testing.T) {
					app, _ := appWith(func(ctx *decant.Context) (any, error) { return readInOrder(ctx.Request, c.order) })
					app.Config.MaxContentLength = int64(limit)
					mustHaveStatus(t, app, c.contentType, body, want)
				})
			}
		}
	}
}

// mustHaveStatus sends a body without its length.
func mustHaveStatus(t *testing.T, app *decant.App, contentType string, body io.Reader, want int) {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), "POST", "/", io.MultiReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Code != want {
		t.Errorf("status %d, want %d", w.Code, want)
	}
}

// A body that middleware puts in place of the first one is read as it is.
func TestABodyOfSomebodyElse(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		c.Request.Body = io.NopCloser(strings.NewReader("a=2"))
		c.Request.ContentLength = -1
		return c.Request.Form.Require("a")
	})
	mustAnswer(t, send(app, "POST", "/", "a=1", "Content-Type", formType), 200, "2")
	log.mustBeEmpty(t)
	app, _ = appWith(func(c *decant.Context) (any, error) {
		c.Request.Body = io.NopCloser(brokenReader{})
		return c.Request.Data()
	})
	if w := send(app, "POST", "/", "a=1"); w.Code != 400 {
		t.Errorf("status %d", w.Code)
	}
	app, _ = appWith(func(c *decant.Context) (any, error) {
		c.Request.Body = nil
		data, err := c.Request.Data()
		return fmt.Sprint(data, err, c.Request.Form.Has("a")), nil
	})
	mustAnswer(t, send(app, "POST", "/", "a=1"), 200, "[] <nil> false")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestTheServersRequestKeepsItsBody(t *testing.T) {
	app, _ := appWith(hello)
	raw := httptest.NewRequestWithContext(context.Background(), "POST", "/", strings.NewReader("a=1"))
	own := raw.Body
	app.ServeHTTP(httptest.NewRecorder(), raw)
	if raw.Body != own {
		t.Error("the body of the server's request was replaced")
	}
}

func TestMaxFormFields(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) { return c.Request.Form.Get("last"), nil })
	app.Config.MaxFormFields = 3
	for body, status := range map[string]int{
		"a=1&b=2&last=x":                200,
		"&&&a=1&&b=2&&&&last=x&&&":      200, // empty pairs are not fields
		"a=1&b=2&c=3&last=x":            413,
		strings.Repeat("a&", 1000) + "": 413,
	} {
		if w := send(app, "POST", "/", body, "Content-Type", formType); w.Code != status {
			t.Errorf("%q: status %d, want %d", body, w.Code, status)
		}
	}
	log.mustBeQuiet(t)

	app, _ = appWith(func(c *decant.Context) (any, error) { return c.Request.Form.Get("last"), nil })
	app.Config.MaxFormFields = 0
	mustAnswer(t, send(app, "POST", "/", strings.Repeat("a=1&", 20_000)+"last=x", "Content-Type", formType), 200, "x")
}

// A view that reads the body itself may return the error that it gets: the client is
// to blame, and not the program.
func TestTheErrorOfABodyHasAStatus(t *testing.T) {
	for name, c := range map[string]struct {
		body   io.Reader
		length int64
		status int
	}{
		"too large":                   {strings.NewReader("0123456789"), 10, 413},
		"too large, of hidden length": {strings.NewReader("0123456789"), -1, 413},
		"too slow":                    {slowBody{}, -1, 408},
		"broken off":                  {iotest.ErrReader(io.ErrUnexpectedEOF), -1, 400},
	} {
		t.Run(name, func(t *testing.T) {
			var seen error
			app, log := appWith(func(c *decant.Context) (any, error) {
				_, seen = io.Copy(io.Discard, c.Request.Body)
				return nil, seen
			})
			app.Config.MaxContentLength = 5
			r := httptest.NewRequest("POST", "/", c.body)
			r.ContentLength = c.length
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			mustAnswer(t, w, c.status, errorPage(decant.NewHTTPError(c.status)))
			var tooLarge *http.MaxBytesError
			if errors.As(seen, &tooLarge) != (c.status == 413) || errors.Is(seen, io.ErrUnexpectedEOF) != (c.status == 400) {
				t.Errorf("the error is %v", seen)
			}
			log.mustBeQuiet(t)
		})
	}
}
