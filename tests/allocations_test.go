//go:build !race

// The race detector takes buffers out of pools at random, so allocations are counted
// without it.

package tests

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

func TestWhatARequestAllocates(t *testing.T) {
	const context, response = 208, 64 // bytes
	text := func(answer any) decant.View { return func(*decant.Context) (any, error) { return answer, nil } }
	withCookie := httptest.NewRequest("GET", "/", nil)
	withCookie.Header.Set("Cookie", sessionPair(t))
	for name, c := range map[string]struct {
		view        decant.View
		request     *http.Request
		allocations float64
		bytes       uint64
	}{
		"HTML":                     {text("Hello"), nil, 1, context},
		"plain text":               {text(decant.Text("Hello")), nil, 1, context},
		"markup":                   {text(decant.Markup("<p>Hello")), nil, 1, context},
		"bytes":                    {text([]byte("Hello")), nil, 1, context},
		"JSON of a struct":         {text(struct{ A, B string }{"x", "y"}), nil, 1, context},
		"JSON of a map":            {text(decant.H{"a": "x", "b": "y"}), nil, 1, context},
		"a session cookie at rest": {text("Hello"), withCookie, 1, context},
		"a header": {func(c *decant.Context) (any, error) {
			return c.MakeResponse("Hello").With("X-A", "1"), nil
		}, nil, 4, context + response + 32},
		"a cookie": {func(c *decant.Context) (any, error) {
			r := c.MakeResponse("Hello")
			r.SetCookie("seen", "yes", decant.HTTPOnly())
			return r, nil
		}, nil, 4, context + response + 32 + 16},
		"a session that is read": {func(c *decant.Context) (any, error) {
			return c.Session.String("user"), nil
		}, withCookie, 8, 640},
	} {
		app, _ := appWith(c.view)
		if c.request == nil {
			c.request = httptest.NewRequest("GET", "/", nil)
		}
		allocations, bytes := costOf(app, c.request)
		if allocations > c.allocations || bytes > c.bytes {
			t.Errorf("%s: %v allocations and %d bytes, want %v and %d at most", name, allocations, bytes, c.allocations, c.bytes)
		}
	}
}

// A variable at the end of a path is a part of the path. The view boxes its answer.
func TestAVariableAllocatesNothing(t *testing.T) {
	app, _ := newTestApp()
	app.Get("/user/<name>", func(c *decant.Context) (any, error) { return c.Param("name"), nil }, decant.Endpoint("user"))
	allocations, bytes := costOf(app, httptest.NewRequest("GET", "/user/ann", nil))
	if allocations > 2 || bytes > 208+16 {
		t.Errorf("%v allocations and %d bytes", allocations, bytes)
	}
}
