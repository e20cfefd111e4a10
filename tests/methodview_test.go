package tests

import (
	"fmt"
	"testing"

	"github.com/decant-go/decant"
)

type thing struct{ calls int }

func (t *thing) Get(c *decant.Context) (any, error) {
	t.calls++
	return fmt.Sprint(c.Request.Method, t.calls), nil
}

func (t *thing) Post(c *decant.Context) (any, error) { return "posted", nil }

// special has an own HEAD and OPTIONS, and takes Post from thing.
type special struct{ thing }

func (*special) Head(c *decant.Context) (any, error) {
	return c.MakeResponse("", 204), nil
}

func (*special) Options(*decant.Context) (any, error) { return "my options", nil }

type wrongMethod struct{}

func (wrongMethod) Get() string { return "" }

func TestMethodViewPerRequest(t *testing.T) {
	app, _ := newTestApp()
	app.MethodView("/things", func() any { return new(thing) })
	mustAnswer(t, get(app, "/things"), 200, "GET1")
	mustAnswer(t, get(app, "/things"), 200, "GET1")
	mustAnswer(t, send(app, "POST", "/things", ""), 200, "posted")
	if w := send(app, "HEAD", "/things", ""); w.Code != 200 || w.Header().Get("Content-Length") != "5" {
		t.Error(w.Code, w.Header())
	}
	if w := send(app, "PUT", "/things", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Error(w.Code, w.Header())
	}
	if _, err := app.BuildURL("thing", "_external", false); err != nil {
		t.Errorf("the endpoint is not named after the type: %v", err)
	}
}

func TestMethodViewSharedByAllRequests(t *testing.T) {
	app, _ := newTestApp()
	bp := decant.NewBlueprint("shop")
	bp.MethodView("/special", new(special))
	bp.MethodView("/few", new(special), decant.Methods("GET"), decant.Endpoint("few"))
	app.RegisterBlueprint(bp)
	mustAnswer(t, get(app, "/special"), 200, "GET1")
	mustAnswer(t, get(app, "/special"), 200, "GET2")
	mustAnswer(t, send(app, "POST", "/special", ""), 200, "posted")
	mustAnswer(t, send(app, "OPTIONS", "/special", ""), 200, "my options")
	mustAnswer(t, send(app, "HEAD", "/special", ""), 204, "")
	if w := send(app, "POST", "/few", ""); w.Code != 405 {
		t.Errorf("status %d for a method that was left out", w.Code)
	}
}

func TestMethodViewUnderSeveralRules(t *testing.T) {
	app, _ := newTestApp()
	shared := new(thing)
	app.MethodView("/a", shared)
	app.MethodView("/b", shared)
	mustAnswer(t, get(app, "/a"), 200, "GET1")
	mustAnswer(t, get(app, "/b"), 200, "GET2")
	decorated := func(view decant.View) decant.View {
		return func(c *decant.Context) (any, error) { return "decorated", nil }
	}
	other, _ := newTestApp()
	other.MethodView("/", shared, decant.Decorate(decorated))
	mustAnswer(t, get(other, "/"), 200, "decorated")
}

func TestMethodViewMistakes(t *testing.T) {
	app := decant.New("shop")
	app.MethodView("/things", new(thing))
	mustPanic(t, func() { app.MethodView("/a", thing{}) }, "tests.thing", `"/a"`, "no method Get", "pass a pointer")
	mustPanic(t, func() { app.MethodView("/a", nil) }, `"/a"`, "no method Get")
	mustPanic(t, func() { app.MethodView("/a", wrongMethod{}) }, "tests.wrongMethod", `"/a"`, "Get(c *decant.Context) (any, error)")
	mustPanic(t, func() { app.MethodView("/a", new(thing), decant.Endpoint("x"), decant.Methods("GET", "PUT")) }, `"/a"`, "PUT", "*tests.thing", "leave PUT out")
	mustPanic(t, func() { app.MethodView("/a", new(thing)) }, `"/a"`, `"thing"`, "Use Endpoint", "methodview_test.go:")
	mustPanic(t, func() { app.MethodView("/a", struct{ *thing }{new(thing)}) }, `"/a"`, "without a name", "Endpoint(")
}
