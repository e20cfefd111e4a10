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

// dav is a method view that serves methods of WebDAV too.
type dav struct{ thing }

func (d *dav) Views() map[string]decant.View {
	return map[string]decant.View{"PROPFIND": d.find, "MKCOL": d.make}
}

func (d *dav) find(c *decant.Context) (any, error) {
	d.calls++
	return fmt.Sprint(c.Request.Method, d.calls), nil
}

func (d *dav) make(*decant.Context) (any, error) { return "made", nil }

func TestMethodViewForOtherMethods(t *testing.T) {
	shared, _ := newTestApp()
	shared.MethodView("/", new(dav))
	fresh, _ := newTestApp()
	fresh.MethodView("/", func() any { return new(dav) })
	fresh.MethodView("/few", func() any { return new(dav) }, decant.Methods("PROPFIND"), decant.Endpoint("few"))
	for app, second := range map[*decant.App]string{shared: "PROPFIND2", fresh: "PROPFIND1"} {
		mustAnswer(t, send(app, "PROPFIND", "/", ""), 200, "PROPFIND1")
		mustAnswer(t, send(app, "PROPFIND", "/", ""), 200, second)
		mustAnswer(t, send(app, "MKCOL", "/", ""), 200, "made")
		mustAnswer(t, send(app, "POST", "/", ""), 200, "posted")
		if w := send(app, "DELETE", "/", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, MKCOL, OPTIONS, POST, PROPFIND" {
			t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
		}
	}
	mustAnswer(t, send(fresh, "PROPFIND", "/few", ""), 200, "PROPFIND1")
	if w := get(fresh, "/few"); w.Code != 405 {
		t.Errorf("status %d for a method that was left out", w.Code)
	}
}

type (
	viewsBeside  struct{ thing }
	viewsInLower struct{}
	viewsNil     struct{}
	viewsOdd     struct{}

	viewsNilTwice struct{}
)

func (viewsBeside) Views() map[string]decant.View  { return map[string]decant.View{"POST": hello} }
func (viewsInLower) Views() map[string]decant.View { return map[string]decant.View{"propfind": hello} }
func (viewsNil) Views() map[string]decant.View     { return map[string]decant.View{"PROPFIND": nil} }
func (viewsOdd) Views() []decant.View              { return nil }

func (viewsNilTwice) Views() map[string]decant.View {
	return map[string]decant.View{"UNLOCK": nil, "LOCK": nil}
}

func TestMistakesInTheViewsOfAMethodView(t *testing.T) {
	for message, view := range map[string]any{
		"has a method for POST, which Views has too; keep one":                 new(viewsBeside),
		`Views of the method view tests.viewsInLower`:                          viewsInLower{},
		`has the key "propfind"; write the method in upper case`:               viewsInLower{},
		"has a nil view for PROPFIND; leave the method out":                    viewsNil{},
		"its signature must be Views() map[string]decant.View":                 viewsOdd{},
		"has no method Get, Post or the like, and no Views; add one, and pass": struct{}{},
	} {
		mustPanic(t, func() { decant.New("shop").MethodView("/a", view) }, `"/a"`, message)
	}
	for range 20 { // of several mistakes, the first in order is named
		mustPanic(t, func() { decant.New("shop").MethodView("/a", viewsNilTwice{}) }, "a nil view for LOCK")
	}
}
