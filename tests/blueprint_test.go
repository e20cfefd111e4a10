package tests

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// tracedOn adds two of each hook, which write down that they ran.
func tracedOn(on decant.Scaffold, name string, steps *[]string) {
	for k := 1; k <= 2; k++ {
		note := func(step string) { *steps = append(*steps, fmt.Sprintf("%s %s%d", step, name, k)) }
		on.URLValuePreprocessor(func(*decant.Context, string, decant.H) { note("preprocess") })
		on.BeforeRequest(func(*decant.Context) (any, error) { note("before"); return nil, nil })
		on.AfterRequest(func(*decant.Context, *decant.Response) error { note("after"); return nil })
		on.TeardownRequest(func(*decant.Context, error) { note("teardown") })
	}
}

func describe(c *decant.Context) (any, error) {
	return fmt.Sprint(c.Request.Endpoint(), " ", c.Request.Blueprint(), " ", c.Request.Blueprints(), " ", c.URLFor(".describe")), nil
}

// nestedApp has the blueprint c in the blueprint a.
func nestedApp(steps *[]string) *decant.App {
	app, _ := newTestApp()
	outer := decant.NewBlueprint("a", decant.URLPrefix("/a"))
	inner := decant.NewBlueprint("c", decant.URLPrefix("c/"))
	tracedOn(app, "app", steps)
	tracedOn(outer, "a", steps)
	tracedOn(inner, "c", steps)
	inner.BeforeAppRequest(func(*decant.Context) (any, error) { *steps = append(*steps, "before all"); return nil, nil })
	inner.AfterAppRequest(func(*decant.Context, *decant.Response) error { *steps = append(*steps, "after all"); return nil })
	inner.TeardownAppRequest(func(*decant.Context, error) { *steps = append(*steps, "teardown all") })
	inner.Get("/x", describe)
	inner.Get("", hello, decant.Endpoint("bare"))
	inner.Get("/", hello, decant.Endpoint("slash"))
	outer.RegisterBlueprint(inner)
	outer.RegisterBlueprint(inner, decant.As("d"), decant.URLPrefix("/<int:i>/d"))
	app.RegisterBlueprint(outer)
	app.RegisterBlueprint(outer, decant.As("z"), decant.URLPrefix(""))
	return app
}

func TestHooksRunFromTheApplicationInwardsAndBack(t *testing.T) {
	var steps []string
	app := nestedApp(&steps)
	mustAnswer(t, get(app, "/a/c/x"), 200, "a.c.describe a.c [a.c a] /a/c/x")
	want := []string{
		"preprocess app1", "preprocess app2", "preprocess a1", "preprocess a2", "preprocess c1", "preprocess c2",
		"before app1", "before app2", "before all", "before a1", "before a2", "before c1", "before c2",
		"after c2", "after c1", "after a2", "after a1", "after all", "after app2", "after app1",
		"teardown c2", "teardown c1", "teardown a2", "teardown a1", "teardown all", "teardown app2", "teardown app1",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestBlueprintHooksDoNotRunWhereNoRuleMatches(t *testing.T) {
	var steps []string
	get(nestedApp(&steps), "/a/c/nothing")
	for _, step := range steps {
		if !strings.Contains(step, "app") && !strings.Contains(step, "all") {
			t.Errorf("%q ran", step)
		}
	}
	if len(steps) != 8+3 {
		t.Errorf("%d steps: %q", len(steps), steps)
	}
}

func TestPrefixesAndNamesOfNestedBlueprints(t *testing.T) {
	var steps []string
	var got []string
	for _, r := range nestedApp(&steps).Routes() {
		got = append(got, r.Endpoint+" "+r.Rule)
	}
	want := []string{
		"static /static/<path:filename>",
		"a.c.describe /a/c/x", "a.c.bare /a/c/", "a.c.slash /a/c/",
		"a.d.describe /a/<int:i>/d/x", "a.d.bare /a/<int:i>/d", "a.d.slash /a/<int:i>/d/",
		"z.c.describe /c/x", "z.c.bare /c/", "z.c.slash /c/",
		"z.d.describe /<int:i>/d/x", "z.d.bare /<int:i>/d", "z.d.slash /<int:i>/d/",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestPrefixJoining(t *testing.T) {
	for _, c := range []struct{ prefix, rule, want string }{
		{"/p", "/x", "/p/x"},
		{"/p/", "/x", "/p/x"},
		{"/p//", "//x", "/p/x"},
		{"/p", "x", "/p/x"},
		{"/p", "", "/p"},
		{"/p/", "", "/p/"},
		{"/p", "/", "/p/"},
		{"/<lang>/p", "/x", "/<lang>/p/x"},
	} {
		app := decant.New("test", decant.Static(nil))
		bp := decant.NewBlueprint("bp", decant.URLPrefix(c.prefix))
		bp.Get(c.rule, hello)
		app.RegisterBlueprint(bp)
		if got := app.Routes()[0].Rule; got != c.want {
			t.Errorf("%q and %q give %q, want %q", c.prefix, c.rule, got, c.want)
		}
	}
}

func TestAppWideHooksAreRegisteredOnce(t *testing.T) {
	app, _ := newTestApp()
	calls := 0
	bp := decant.NewBlueprint("bp")
	bp.BeforeAppRequest(func(*decant.Context) (any, error) { calls++; return nil, nil })
	bp.Get("/x", hello)
	app.RegisterBlueprint(bp, decant.URLPrefix("/1"))
	app.RegisterBlueprint(bp, decant.URLPrefix("/2"), decant.As("second"))
	get(app, "/1/x")
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

func TestRecordOnce(t *testing.T) {
	app, _ := newTestApp()
	app.Config.ServerName = "example.com"
	var seen []string
	inner := decant.NewBlueprint("inner")
	inner.RecordOnce(func(app *decant.App) { seen = append(seen, "inner on "+app.Config.ServerName) })
	bp := decant.NewBlueprint("bp")
	bp.RegisterBlueprint(inner)
	bp.RecordOnce(func(app *decant.App) {
		app.Converter("hex", decant.Converter{Pattern: "[0-9a-f]+"})
		seen = append(seen, fmt.Sprint("bp before ", len(app.Routes())))
	})
	bp.Get("/<hex:n>", func(c *decant.Context) (any, error) { return c.Param("n"), nil }, decant.Endpoint("n"))
	bp.RecordOnce(func(app *decant.App) { seen = append(seen, fmt.Sprint("bp after ", len(app.Routes()))) })
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, decant.As("again"), decant.URLPrefix("/again"))
	other, _ := newTestApp()
	other.RegisterBlueprint(inner)
	want := []string{"bp before 1", "bp after 2", "inner on example.com", "inner on "}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/again/ff"), 200, "ff")
	mustPanic(t, func() { bp.RecordOnce(func(*decant.App) {}) }, "RecordOnce", `"bp"`, "registered at")
	mustPanic(t, func() { decant.NewBlueprint("x").RecordOnce(nil) }, "RecordOnce", `"x"`, "nil")
}

type shortageError struct{ of string }

func (e *shortageError) Error() string { return "no " + e.of }

func says(text string) decant.ErrorView {
	return func(*decant.Context, *decant.HTTPError) (any, error) { return text, nil }
}

func TestErrorHandlersByScope(t *testing.T) {
	app, log := newTestApp()
	outer, inner := decant.NewBlueprint("outer"), decant.NewBlueprint("inner")
	fail := func(err error) decant.View { return func(*decant.Context) (any, error) { return nil, err } }
	inner.Get("/404", fail(decant.NewHTTPError(404)), decant.Endpoint("e404"))
	inner.Get("/403", fail(decant.NewHTTPError(403)), decant.Endpoint("e403"))
	inner.Get("/410", fail(decant.NewHTTPError(410)), decant.Endpoint("e410"))
	inner.Get("/shortage", fail(fmt.Errorf("wrapped: %w", &shortageError{"tea"})), decant.Endpoint("shortage"))
	outer.Get("/shortage/outer", fail(&shortageError{"milk"}), decant.Endpoint("shortage"))
	outer.Get("/unknown", fail(errors.New("unknown")), decant.Endpoint("unknown"))
	app.Get("/plain", fail(&shortageError{"sugar"}), decant.Endpoint("plain"))
	app.Post("/post", hello)

	app.ErrorHandler(404, says("app 404"))
	decant.HandleError(inner, func(*decant.Context, *decant.HTTPError) (any, error) { return "inner HTTPError", nil })
	outer.ErrorHandler(403, says("outer 403"))
	outer.ErrorHandler(405, says("outer 405"))
	decant.HandleError(app, func(_ *decant.Context, err *shortageError) (any, error) { return "app " + err.of, nil })
	decant.HandleError(inner, func(_ *decant.Context, err error) (any, error) { return "inner any", nil })
	decant.HandleError(outer, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return fmt.Sprint("outer ", err.Original), nil
	})
	inner.AppErrorHandler(405, says("405 from a blueprint"))
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)

	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/404", 404, "app 404"}, // the pass by code comes first
		{"/403", 403, "outer 403"},
		{"/410", 410, "inner HTTPError"},
		{"/shortage", 500, "inner any"}, // scope outranks how exact the type is
		{"/shortage/outer", 500, "app milk"},
		{"/plain", 500, "app sugar"},
		{"/unknown", 500, "outer unknown"},
		{"/post", 405, "405 from a blueprint"}, // no blueprint is known
		{"/nowhere", 404, "app 404"},
	} {
		mustAnswer(t, get(app, c.path), c.status, c.want)
	}
	log.mustContain(t, "Exception on /unknown")
}

func TestHandleAppError(t *testing.T) {
	app, _ := newTestApp()
	bp := decant.NewBlueprint("bp")
	decant.HandleAppError(bp, func(_ *decant.Context, err *shortageError) (any, error) { return "short of " + err.of, nil })
	app.RegisterBlueprint(bp)
	app.Get("/", func(*decant.Context) (any, error) { return nil, &shortageError{"tea"} }, decant.Endpoint("index"))
	mustAnswer(t, get(app, "/"), 500, "short of tea")
}

func TestURLValuePreprocessorAndURLDefaults(t *testing.T) {
	lang := decant.NewG[string]("lang")
	app, _ := newTestApp()
	bp := decant.NewBlueprint("shop", decant.URLPrefix("/<lang>"))
	bp.URLValuePreprocessor(func(c *decant.Context, endpoint string, values decant.H) {
		lang.Set(c, endpoint+":"+values["lang"].(string))
		delete(values, "lang")
	})
	bp.URLDefaults(func(c *decant.Context, endpoint string, values decant.H) {
		if _, given := values["lang"]; !given && c != nil {
			values["lang"] = "en"
		}
	})
	bp.Get("/item/<int:id>", func(c *decant.Context) (any, error) {
		return fmt.Sprint(lang.Get(c), c.ParamInt("id"), c.Param("id"), " ", c.URLFor(".item", "z", 1, "id", 8, "a", 2), " ", c.URLFor("home")), nil
	}, decant.Endpoint("item"))
	bp.Get("/gone", func(c *decant.Context) (any, error) { return c.Param("lang"), nil }, decant.Endpoint("gone"))
	app.RegisterBlueprint(bp)
	app.Get("/home", func(c *decant.Context) (any, error) { return c.URLFor("shop.item", "id", 1, "lang", "de"), nil }, decant.Endpoint("home"))

	mustAnswer(t, get(app, "/de/item/7"), 200, "shop.item:de77 /en/item/8?z=1&a=2 /home")
	mustAnswer(t, get(app, "/home"), 200, "/de/item/1")
	mustFail(t, get(app, "/de/gone"))
	if _, err := app.BuildURL("shop.item", "id", 1, "_external", false); err == nil {
		t.Error("the language is missing, and a URL was built")
	}
}

func TestAppWideURLCallbacksOfABlueprint(t *testing.T) {
	app, _ := newTestApp()
	var seen []string
	bp := decant.NewBlueprint("bp")
	bp.AppURLValuePreprocessor(func(_ *decant.Context, endpoint string, values decant.H) {
		seen = append(seen, fmt.Sprint(endpoint, values == nil))
	})
	bp.AppURLDefaults(func(_ *decant.Context, endpoint string, values decant.H) { values["from"] = endpoint })
	app.RegisterBlueprint(bp)
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("index"), nil }, decant.Endpoint("index"))
	mustAnswer(t, get(app, "/"), 200, "/?from=index")
	get(app, "/nowhere")
	if diff := cmp.Diff([]string{"indexfalse", "true"}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestBlueprintDefaultsAndSubdomains(t *testing.T) {
	app := decant.New("shop", decant.SubdomainMatching())
	app.Config.ServerName = "example.com"
	outer := decant.NewBlueprint("outer", decant.Subdomain("eu"), decant.Defaults("a", 1, "b", 2))
	inner := decant.NewBlueprint("inner", decant.Subdomain("<user>"), decant.Defaults("c", 3))
	view := func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.Request.ViewArgs(), c.URLFor("outer.show")), nil
	}
	outer.Get("/", view, decant.Endpoint("show"), decant.Defaults("b", 20))
	inner.Get("/in", view, decant.Endpoint("show"))
	outer.RegisterBlueprint(inner, decant.Defaults("d", 4))
	app.RegisterBlueprint(outer)
	mustAnswer(t, get(app, "http://eu.example.com/"), 200, "map[a:1 b:20]/")
	mustAnswer(t, get(app, "http://ann.eu.example.com/in"), 200, "map[c:3 d:4 user:ann]http://eu.example.com/")
	if got := get(app, "http://example.com/").Code; got != http.StatusNotFound {
		t.Errorf("status %d", got)
	}
}

func TestBlueprintRegistrationMistakes(t *testing.T) {
	registered := func() (*decant.App, *decant.Blueprint) {
		app, bp := decant.New("shop"), decant.NewBlueprint("bp")
		app.RegisterBlueprint(bp)
		return app, bp
	}
	mustPanic(t, func() { decant.NewBlueprint("") }, "empty name", "give it one")
	mustPanic(t, func() { decant.NewBlueprint("a.b") }, `"a.b"`, "dot", "leave it out")
	mustPanic(t, func() { decant.NewBlueprint("a", decant.As("b")) }, `"a"`, "As", "RegisterBlueprint")
	mustPanic(t, func() { decant.NewBlueprint("a", decant.Defaults("a")) }, "Defaults of a blueprint", "pairs", "1 arguments")
	mustPanic(t, func() { decant.New("shop").RegisterBlueprint(nil) }, "blueprint_test.go:", "nil", "NewBlueprint")
	mustPanic(t, func() { decant.New("shop").RegisterBlueprint(decant.NewBlueprint("a"), decant.As("x.y")) }, `"x.y"`, "dot")
	mustPanic(t, func() { decant.NewBlueprint("a").Get("/x", hello, decant.Endpoint("b.c")) }, `"/x"`, `"a"`, `"b.c"`, "leave it out")
	mustPanic(t, func() { app, bp := registered(); app.RegisterBlueprint(bp) }, `"bp"`, "blueprint_test.go:", "taken at", "As(")
	mustPanic(t, func() { app, _ := registered(); app.RegisterBlueprint(decant.NewBlueprint("bp")) }, `"bp"`, "As(")
	mustPanic(t, func() { bp := decant.NewBlueprint("a"); bp.RegisterBlueprint(bp) }, `"a"`, "on itself", "blueprint_test.go:", "on the application")
	mustPanic(t, func() {
		a, b := decant.NewBlueprint("a"), decant.NewBlueprint("b")
		a.RegisterBlueprint(b)
		b.RegisterBlueprint(a)
		decant.New("shop").RegisterBlueprint(a)
	}, `"a"`, "inside itself", `"a.b"`, "take it out")
	mustPanic(t, func() {
		bp := decant.NewBlueprint("bp")
		bp.Get("", hello)
		decant.New("shop").RegisterBlueprint(bp)
	}, `""`, "bp.hello", "blueprint_test.go:", "slash")
	for method, call := range map[string]func(*decant.Blueprint){
		"Get":                     func(b *decant.Blueprint) { b.Get("/", hello) },
		"Route":                   func(b *decant.Blueprint) { b.Route("/", hello) },
		"BeforeRequest":           func(b *decant.Blueprint) { b.BeforeRequest(nil) },
		"AfterAppRequest":         func(b *decant.Blueprint) { b.AfterAppRequest(nil) },
		"TeardownAppRequest":      func(b *decant.Blueprint) { b.TeardownAppRequest(nil) },
		"BeforeAppRequest":        func(b *decant.Blueprint) { b.BeforeAppRequest(nil) },
		"AppURLDefaults":          func(b *decant.Blueprint) { b.AppURLDefaults(nil) },
		"AppURLValuePreprocessor": func(b *decant.Blueprint) { b.AppURLValuePreprocessor(nil) },
		"URLDefaults":             func(b *decant.Blueprint) { b.URLDefaults(nil) },
		"ErrorHandler":            func(b *decant.Blueprint) { b.ErrorHandler(404, nil) },
		"AppErrorHandler":         func(b *decant.Blueprint) { b.AppErrorHandler(404, nil) },
		"HandleAppError":          func(b *decant.Blueprint) { decant.HandleAppError[*shortageError](b, nil) },
		"HandleError":             func(b *decant.Blueprint) { decant.HandleError[*shortageError](b, nil) },
		"RegisterBlueprint":       func(b *decant.Blueprint) { b.RegisterBlueprint(decant.NewBlueprint("c")) },
		"MethodView":              func(b *decant.Blueprint) { b.MethodView("/", nil) },
	} {
		_, bp := registered()
		mustPanic(t, func() { call(bp) }, method+" was called", `"bp"`, "registered at", "blueprint_test.go:")
	}
	mustPanic(t, func() { decant.NewBlueprint("a").AppErrorHandler(200, nil) }, "AppErrorHandler", "200", "HandleError")
	app, _ := registered()
	get(app, "/")
	mustPanic(t, func() { app.RegisterBlueprint(decant.NewBlueprint("late")) }, "RegisterBlueprint", `"shop"`, "first request")
}
