package tests

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// endpointsOf are the endpoints of an application without that of the static
// files.
func endpointsOf(app *decant.App) (names []string) {
	for _, r := range app.Routes() {
		if !slices.Contains(names, r.Endpoint) && r.Endpoint != "static" {
			names = append(names, r.Endpoint)
		}
	}
	slices.Sort(names)
	return names
}

// guarded is a decorator that keeps nothing of the view's name.
func guarded(view decant.View) decant.View {
	return func(c *decant.Context) (any, error) { return view(c) }
}

func registerAll(s decant.Scaffold) {
	s.Get("/", func(*decant.Context) (any, error) { return "index", nil })
	s.Route("/login", func(*decant.Context) (any, error) { return "login", nil }, decant.Methods("get", "POST"))
	s.Delete("/robots.txt", func(*decant.Context) (any, error) { return "gone", nil })
	s.Route("/plain", func(*decant.Context) (any, error) { return "plain", nil })
	for _, name := range []string{"a", "b"} {
		s.Get("/"+name, func(*decant.Context) (any, error) { return name, nil })
	}
	view := func(*decant.Context) (any, error) { return "view", nil }
	s.Put("/variable", view, decant.Decorate(guarded))
}

func TestAFunctionLiteralIsCalledByItsRule(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	registerAll(app)
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"))
	registerAll(shop)
	shop.Get("", func(c *decant.Context) (any, error) { return c.URLFor(".GET /a") + c.URLFor("GET /a"), nil })
	app.RegisterBlueprint(shop)

	want := []string{
		"DELETE /robots.txt", "GET /", "GET /a", "GET /b", "GET /plain", "GET,POST /login", "PUT /variable",
		"shop.DELETE /robots.txt", "shop.GET", "shop.GET /", "shop.GET /a", "shop.GET /b", "shop.GET /plain", "shop.GET,POST /login", "shop.PUT /variable",
	}
	if diff := cmp.Diff(want, endpointsOf(app)); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/b"), 200, "b")
	mustAnswer(t, get(app, "/shop"), 200, "/shop/a/a")
	mustAnswer(t, send(app, http.MethodPut, "/shop/variable", ""), 200, "view")
	log.mustBeEmpty(t)
}

func TestAFunctionThatAnotherOneReturnedNeedsAName(t *testing.T) {
	t.Parallel()
	app := decant.New("shop")
	const advice = `name the endpoint with Endpoint("...")`
	mustPanic(t, func() { app.Get("/create", guarded(hello)) },
		`decant: the view of the rule "/create" is a function literal of guarded`, "If guarded is a decorator", "Decorate(guarded), which keeps its name", advice)
	mustPanic(t, func() { app.Post("/create", guarded(func(*decant.Context) (any, error) { return "", nil })) },
		`"/create"`, "a function literal of guarded", advice)
	mustPanic(t, func() { app.Get("/files", decant.Handler(http.NotFoundHandler())) },
		`"/files"`, "a function literal of Handler", advice)
	mustPanic(t, func() { decant.NewBlueprint("a").Get("/create", guarded(hello)) }, `"/create"`, "guarded", advice)
	mustPanic(t, func() { app.Get("/kept", packageView) }, `"/kept"`, "not written in the call that registers it", advice)

	app.Get("/create", guarded(hello), decant.Endpoint("create"))
	app.Get("/delete", hello, decant.Decorate(guarded))
	if diff := cmp.Diff([]string{"create", "hello"}, endpointsOf(app)); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
}

var packageView = func(*decant.Context) (any, error) { return "", nil }

func TestTwoLiteralsOfOneRuleAreAMistake(t *testing.T) {
	t.Parallel()
	app := decant.New("shop")
	app.Get("/x", func(*decant.Context) (any, error) { return 1, nil })
	mustPanic(t, func() { app.Get("/x", func(*decant.Context) (any, error) { return 2, nil }) },
		`"/x"`, `the endpoint "GET /x" a second view`, "endpoint_test.go:", "Use Endpoint")
	app.Post("/x", func(*decant.Context) (any, error) { return 2, nil })
}

type userAPI struct{}

func (userAPI) Get(*decant.Context) (any, error) { return "", nil }

func viewGet(*decant.Context) (any, error)       { return "", nil }
func getHTTPStatus(*decant.Context) (any, error) { return "", nil }
func viewURL(c *decant.Context) (any, error)     { return c.URLFor("pages.view_url"), nil }

func TestSnakeCaseEndpoints(t *testing.T) {
	t.Parallel()
	app := decant.New("httpbin", decant.SnakeCaseEndpoints())
	app.Get("/get", viewGet)
	app.Get("/status", getHTTPStatus)
	app.MethodView("/user", userAPI{})
	app.Get("/own", hello, decant.Endpoint("ownName"))
	app.Get("/viewLiteral", func(*decant.Context) (any, error) { return "", nil })
	pages := decant.NewBlueprint("pages", decant.URLPrefix("/pages"))
	pages.Get("/url", viewURL)
	pages.Get("/own", hello, decant.Endpoint("ownName"))
	app.RegisterBlueprint(pages)
	want := []string{"GET /viewLiteral", "get_http_status", "ownName", "pages.ownName", "pages.view_url", "user_api", "view_get"}
	if diff := cmp.Diff(want, endpointsOf(app)); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/pages/url"), 200, "/pages/url")

	plain := decant.New("plain")
	plain.RegisterBlueprint(pages)
	if diff := cmp.Diff([]string{"pages.ownName", "pages.viewURL"}, endpointsOf(plain)); diff != "" {
		t.Errorf("endpoints of another application (-want +got):\n%s", diff)
	}
}

// A rule that only builds needs no view, and neither does one that redirects.
func TestARuleWithoutAView(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	app.Get("/report/<int:id>", nil, decant.BuildOnly(), decant.Endpoint("report"))
	app.Get("/", nil, decant.BuildOnly(), decant.Endpoint("index"), decant.Decorate(guarded))
	app.Get("/old", nil, decant.RedirectTo("/new"), decant.Endpoint("old"))
	blog := decant.NewBlueprint("blog")
	blog.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("index") + c.URLFor("report", "id", 5), nil })
	blog.Get("/archive", nil, decant.BuildOnly(), decant.Endpoint("archive"))
	app.RegisterBlueprint(blog)
	app.Fallback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Flask answers ", r.URL) }))

	mustAnswer(t, get(app, "/"), 200, "//report/5")
	mustAnswer(t, get(app, "/report/5"), 200, "Flask answers /report/5")
	mustRedirect(t, get(app, "/old"), "/new")
	log.mustBeEmpty(t)
	for _, name := range []string{"blog.archive", "old"} {
		if url, err := app.BuildURL(name, "_external", false); url == "" || err != nil {
			t.Errorf("%s: %q, %v", name, url, err)
		}
	}

	late := decant.New("shop")
	late.Get("/", nil, decant.BuildOnly(), decant.Endpoint("hello"))
	late.Get("/hello", hello) // the view comes after the name
	mustAnswer(t, get(late, "/hello"), 200, "Hello")
	mustPanic(t, func() { decant.New("shop").Get("/", nil, decant.BuildOnly()) }, `"/"`, "nil view", `decant.BuildOnly()`, `decant.Endpoint("...")`)
	mustPanic(t, func() { decant.New("shop").Get("/", nil, decant.Endpoint("x")) }, `"/"`, "nil view", `decant.BuildOnly()`)
}

func TestPlaceholdersOfOtherRoutersAreWarnedAbout(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	app.Get("/user/{id}", hello)
	app.Get("/post/:id/{slug...}", hello)
	app.Get("/fine/<id>/a:b", hello)
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop/{name}"))
	shop.Get("/x", hello)
	app.RegisterBlueprint(shop)
	mustAnswer(t, get(app, "/user/%7Bid%7D"), 200, "Hello") // as in Flask
	log.mustContain(t, "WARN a rule has placeholders of another router",
		`write "/user/<id>"`, `write "/post/<id>/<path:slug>"`, `write "/shop/<name>/x"`, `rule "/user/{id}" (endpoint "hello") at `, "endpoint_test.go:")
	if strings.Contains(log.text(), "fine") || len(log.entries) != 3 {
		t.Errorf("the log holds:\n%s", log.text())
	}
}
