package decanttest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/serversession"
)

// failing is a test that keeps its failure.
type failing struct {
	testing.TB
	message string
}

type failed struct{}

func (f *failing) Helper() {}

func (f *failing) Fatal(values ...any) {
	f.message = fmt.Sprint(values...)
	panic(failed{})
}

func (f *failing) Fatalf(format string, values ...any) { f.Fatal(fmt.Sprintf(format, values...)) }

// failureOf returns the message with which run fails its test.
func failureOf(t *testing.T, run func(t testing.TB)) (message string) {
	t.Helper()
	f := &failing{TB: t}
	defer func() {
		if value := recover(); value != (failed{}) {
			t.Fatalf("the test should have failed; got %v", value)
		}
		message = f.message
	}()
	run(f)
	return ""
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// echo is a view that answers with what it was sent.
func echo(c *decant.Context) (any, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s\n", c.Request.Method, c.Request.URL.RequestURI(), c.Request.MIMEType())
	for name, value := range c.Request.Form.All() {
		fmt.Fprintf(&text, "%s=%s\n", name, value)
	}
	for name, file := range c.Request.Files.All() {
		opened, err := file.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "%s: %s %s %q\n", name, file.Filename, file.ContentType(), content)
	}
	data, err := c.Request.Data()
	text.Write(data)
	return c.MakeResponse(text.String()).With("Content-Type", "text/plain"), err
}

func appThatEchoes() *decant.App {
	app := newApp()
	app.Route("/echo", echo, decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"))
	return app
}

func TestBodies(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, appThatEchoes())
	type cents int
	for _, test := range []struct {
		name string
		body any
		want string
	}{
		{"nothing", nil, "POST /echo \n"},
		{"a form", decanttest.Form{"b": []string{"x", "y z"}, "a": 1, "c": true, "d": cents(5), "e": []any{"ü", 0.5}},
			"POST /echo application/x-www-form-urlencoded\na=1\nb=x\nb=y z\nc=true\nd=5\ne=ü\ne=0.5\n"},
		{"an empty form", decanttest.Form{}, "POST /echo application/x-www-form-urlencoded\n"},
		{"url.Values", url.Values{"a": {"1"}}, "POST /echo application/x-www-form-urlencoded\na=1\n"},
		{"files", decanttest.Form{"title": "cats", "pictures": []decanttest.Upload{decanttest.File("a \"b\".css", "hi"), {Name: "c", Content: "\x00", ContentType: "image/x"}}},
			"POST /echo multipart/form-data\ntitle=cats\npictures: a \"b\".css text/css \"hi\"\npictures: c image/x \"\\x00\"\n"},
		{"bytes", []byte("raw"), "POST /echo \nraw"},
		{"a string", "raw", "POST /echo \nraw"},
		{"a map", decant.H{"b": 1, "a": "é"}, "POST /echo application/json\n" + `{"a": "\u00e9", "b": 1}`},
		{"a struct", struct{ A int }{1}, "POST /echo application/json\n" + `{"A": 1}`},
		{"JSON", decanttest.JSON("text"), "POST /echo application/json\n" + `"text"`},
		{"null", decanttest.JSON(nil), "POST /echo application/json\nnull"},
	} {
		mustBe(t, test.name, client.Post("/echo", test.body).Text, test.want)
	}
}

func TestBodiesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body any
		want string
	}{
		{decanttest.Form{"a": nil}, `the field "a" of the form is a <nil>`},
		{decanttest.Form{"a": []any{struct{}{}}}, `the field "a" of the form is a struct {}`},
		{map[string]any{"a": decanttest.File("a", "b")}, "write decanttest.Form{…}"},
		{make(chan int), "chan int"},
	} {
		message := failureOf(t, func(t testing.TB) { decanttest.NewClient(t, appThatEchoes()).Post("/echo", test.body) })
		mustContain(t, message, "POST /echo", test.want)
	}
}

func TestMethodsAndQueries(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, appThatEchoes())
	mustBe(t, "GET", client.Get("/echo?a=1").Text, "GET /echo?a=1 \n")
	mustBe(t, "a query that a browser encodes", client.Get(`/echo?a=b c&d="é"`).Text, "GET /echo?a=b%20c&d=%22%C3%A9%22 \n")
	mustBe(t, "a relative path", client.Get("echo").Text, "GET /echo \n")
	mustBe(t, "a query", client.Get("/echo", decanttest.Query("q", "x y", "ü"), decanttest.Query("p", "&")).Text, "GET /echo?q=x+y&q=%C3%BC&p=%26 \n")
	mustBe(t, "PUT", client.Put("/echo", "1").Text, "PUT /echo \n1")
	mustBe(t, "PATCH", client.Patch("/echo", "1").Text, "PATCH /echo \n1")
	mustBe(t, "DELETE", client.Delete("/echo").Text, "DELETE /echo \n")
	mustBe(t, "OPTIONS", client.Options("/echo").Header.Get("Allow"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	head := client.Head("/echo")
	mustBe(t, "HEAD", [2]string{head.Text, head.Header.Get("Content-Type")}, [2]string{"", "text/plain"})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		login, _ := c.Request.Authorization()
		return fmt.Sprint(c.Request.Header.Values("X-A"), login.Username, login.Password, c.Request.UserAgent()), nil
	})
	client := decanttest.NewClient(t, app, decanttest.Header("x-a", "0"))
	mustBe(t, "of the client", client.Get("/").Text, "[0]decanttest")
	rv := client.Get("/", decanttest.Header("X-A", "1", "2"), decanttest.BasicAuth("ann", "a:b"), decanttest.Header("User-Agent"))
	mustBe(t, "of the request", rv.Text, "[1 2]anna:b")
}

func TestRequestsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path    string
		options []decanttest.Option
		want    string
	}{
		{"/%zz", nil, "invalid URL escape"},
		{"/?a=1", []decanttest.Option{decanttest.Query("b", "2")}, "in one of the two places"},
		{"/", []decanttest.Option{decanttest.BaseURL("http://a"), decanttest.Scheme("https")}, "write them into the URL"},
		{"/", []decanttest.Option{decanttest.BaseURL("shop.example")}, "should have a scheme"},
		{"/", []decanttest.Option{decanttest.Header("Cookie", "a=1")}, "Client.SetCookie"},
	} {
		message := failureOf(t, func(t testing.TB) { decanttest.NewClient(t, newApp()).Get(test.path, test.options...) })
		mustContain(t, message, "GET ", test.want)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/a b", showURL)
	app.Get("/built", func(c *decant.Context) (any, error) { return c.URLFor("built"), nil }, decant.Endpoint("built"))
	client := decanttest.NewClient(t, app, decanttest.BaseURL("https://shop.example:8443/eu"))
	mustBe(t, "the URL", client.Get("/a b?q").Text, "https://shop.example:8443/eu/a%20b?q")
	mustBe(t, "a URL that is built", client.Get("/built").Text, "/eu/built")
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	app := appThatEchoes()
	for path, target := range map[string]string{"/302": "/echo", "/307": "/echo?a", "/twice": "/302", "/loop": "/loop", "/away": "https://other.example/", "/back": "http://localhost/echo"} {
		app.Route(path, func(c *decant.Context) (any, error) {
			if path == "/307" {
				return c.Redirect(target, 307)
			}
			return c.Redirect(target)
		}, decant.Methods("GET", "POST"), decant.Endpoint(path))
	}
	client := decanttest.NewClient(t, app)
	follow := decanttest.FollowRedirects()
	mustBe(t, "not followed", client.Post("/302", "x").Header.Get("Location"), "/echo")
	mustBe(t, "302", client.Post("/302", "x", follow).Text, "GET /echo \n")
	mustBe(t, "307", client.Post("/307", decanttest.JSON(1), follow).Text, "POST /echo?a application/json\n1")
	mustBe(t, "to the host", client.Get("/back", follow).Text, "GET /echo \n")
	rv := client.Get("/twice", follow)
	var steps []string
	for _, earlier := range rv.History {
		steps = append(steps, earlier.Request.URL.Path)
	}
	mustBe(t, "the history", steps, []string{"/twice", "/302"})
	for path, want := range map[string]string{"/loop": "go round in a circle", "/away": "leaves the application"} {
		mustContain(t, failureOf(t, func(t testing.TB) { client.In(t).Get(path, follow) }), want, "> GET "+path)
	}
}

func TestRedirectsWithoutAnEnd(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/page/<int:n>", func(c *decant.Context) (any, error) {
		if n := c.ParamInt("n"); n != 20 || c.Request.Args.Has("on") {
			return c.Redirect(fmt.Sprintf("/page/%d?%s", n+1, c.Request.URL.RawQuery))
		}
		return "the end", nil
	})
	client := decanttest.NewClient(t, app)
	mustBe(t, "20 redirects", client.Get("/page/0", decanttest.FollowRedirects()).Text, "the end")
	mustContain(t, failureOf(t, func(t testing.TB) { client.In(t).Get("/page/0?on", decanttest.FollowRedirects()) }), "20 redirects were followed")
}

func TestRedirectsToSubdomains(t *testing.T) {
	t.Parallel()
	app := decant.New("test", decant.SubdomainMatching())
	app.Config.ServerName = "shop.example"
	app.Get("/", func(c *decant.Context) (any, error) { return c.Redirect(c.URLFor("api")) }, decant.Endpoint("index"))
	app.Get("/", func(*decant.Context) (any, error) { return "api", nil }, decant.Endpoint("api"), decant.Subdomain("api"))
	client := decanttest.NewClient(t, app)
	mustBe(t, "the redirect", client.Get("/").Header.Get("Location"), "http://api.shop.example/")
	mustContain(t, failureOf(t, func(t testing.TB) { client.In(t).Get("/", decanttest.FollowRedirects()) }), "leaves the application")
}

func TestRedirectsBelowARoot(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Config.ApplicationRoot = "/shop"
	app.Get("/", func(c *decant.Context) (any, error) { return c.Redirect(c.URLFor("cart")) })
	app.Get("/cart", func(c *decant.Context) (any, error) { return c.Request.ScriptRoot() + c.Request.Path(), nil }, decant.Endpoint("cart"))
	app.Get("/out", func(c *decant.Context) (any, error) { return c.Redirect("/cart") })
	client := decanttest.NewClient(t, app)
	mustBe(t, "within", client.Get("/", decanttest.FollowRedirects()).Text, "/shop/cart")
	mustBe(t, "out of it", client.Get("/out", decanttest.FollowRedirects()).Text, "/cart")
}

func TestCookies(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/set", func(c *decant.Context) (any, error) {
		c.SetCookie("plain", "a b; ü", decant.Secure())
		c.SetCookie("deep", "1", decant.CookiePath("/deep"))
		c.SetCookie("wide", "2", decant.CookieDomain("example.com"))
		return "", nil
	})
	app.Get("/delete", func(c *decant.Context) (any, error) {
		c.DeleteCookie("plain")
		return "", nil
	})
	show := func(c *decant.Context) (any, error) { return fmt.Sprint(c.Request.Header["Cookie"]), nil }
	app.Get("/", show)
	app.Get("/deep/er", show)
	client := decanttest.NewClient(t, app, decanttest.BaseURL("http://example.com"))
	value, ok := client.Get("/set").Cookie("plain")
	mustBe(t, "the answer's cookie", value, "a b; ü")
	mustBe(t, "whether there is one", ok, true)
	value, _ = client.Cookie("plain")
	mustBe(t, "the client's cookie", value, "a b; ü")
	mustBe(t, "at the root", client.Get("/").Text, `[plain="a b\073 \303\274"; wide=2]`)
	mustBe(t, "below", client.Get("/deep/er").Text, `[deep=1; plain="a b\073 \303\274"; wide=2]`)
	mustBe(t, "of a subdomain", client.Get("http://a.example.com/").Text, `[wide=2]`)
	mustBe(t, "of another host", client.Get("http://example.org/").Text, `[]`)
	client.Get("/delete")
	client.DeleteCookie("wide")
	client.SetCookie("own", "ö")
	mustBe(t, "afterwards", client.Get("/").Text, `[own="\303\266"]`)
	if value, ok := client.Cookie("plain"); ok {
		t.Errorf("a deleted cookie is %q", value)
	}
	mustBe(t, "without cookies", decanttest.NewClient(t, app, decanttest.NoCookies()).Get("/", decanttest.Header("Cookie", "a=1")).Text, "[a=1]")
}

func TestSessionsOnTheServer(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.SessionInterface = serversession.New(serversession.NewMemory())
	app.Config.SessionCookieSecure = true
	app.Get("/", func(c *decant.Context) (any, error) { return fmt.Sprint(c.Session.Int("user_id")), nil })
	client := decanttest.NewClient(t, app)
	client.Session(func(s *decant.Session) { s.Set("user_id", 7) })
	mustBe(t, "the user", client.Get("/").Text, "7")
	client.Session(func(s *decant.Session) { s.Clear() })
	mustBe(t, "nobody", client.Get("/").Text, "0")
	mustBe(t, "another visitor", decanttest.NewClient(t, app).Get("/").Text, "0")
}

var errBroken = errors.New("the shop is closed")

func appThatFails() *decant.App {
	app := newApp()
	app.Post("/returned", func(*decant.Context) (any, error) { return nil, errBroken })
	app.Get("/panicked", func(c *decant.Context) (any, error) { panic(errBroken) })
	app.Get("/missing", func(*decant.Context) (any, error) { return nil, decant.NewHTTPError(404) })
	app.Get("/cut", func(*decant.Context) (any, error) { panic(http.ErrAbortHandler) })
	return app
}

func TestErrorsFailTheTest(t *testing.T) {
	t.Parallel()
	message := failureOf(t, func(t testing.TB) {
		decanttest.NewClient(t, appThatFails()).Post("/returned", decanttest.Form{"item": "tea"}, decanttest.Header("X-A", "1"))
	})
	mustContain(t, message, "the application failed: the shop is closed", "> POST /returned HTTP/1.1", "> X-A: 1", "> item=tea")
	message = failureOf(t, func(t testing.TB) { decanttest.NewClient(t, appThatFails()).Get("/panicked") })
	mustContain(t, message, "the shop is closed", "client_test.go")
	message = failureOf(t, func(t testing.TB) { decanttest.NewClient(t, appThatFails()).Get("/cut") })
	mustContain(t, message, http.ErrAbortHandler.Error())
}

func breakDown(*decant.Session) { panic("the shelf broke") }

func TestAPanicShowsItsPlace(t *testing.T) {
	t.Parallel()
	message := failureOf(t, func(t testing.TB) { decanttest.NewClient(t, newApp()).Session(breakDown) })
	mustContain(t, message, "the shelf broke", "decanttest_test.breakDown")
}

func TestErrorsThatAreExpected(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, appThatFails())
	for _, rv := range []*decanttest.Response{
		client.Post("/returned", nil, decanttest.ExpectError()),
		client.Get("/panicked", decanttest.ExpectError()),
	} {
		if !errors.Is(rv.Err, errBroken) || rv.Status != 500 {
			t.Error(rv)
		}
	}
	if rv := client.Get("/missing"); rv.Err != nil || rv.Status != 404 {
		t.Error(rv)
	}
	message := failureOf(t, func(t testing.TB) { client.In(t).Get("/missing", decanttest.ExpectError()) })
	mustContain(t, message, "should have failed", "< 404 Not Found")
}

func TestErrorsWithoutTesting(t *testing.T) {
	t.Parallel()
	app := appThatFails()
	app.Config.Testing = false
	app.Logger = slog.New(slog.DiscardHandler)
	rv := decanttest.NewClient(t, app).Post("/returned", nil)
	if !errors.Is(rv.Err, errBroken) || rv.Status != 500 {
		t.Error(rv)
	}
	mustContain(t, rv.Text, "Internal Server Error")
}

func TestTemplatesAndFlashes(t *testing.T) {
	t.Parallel()
	app := decant.New("test", decant.Templates(fstest.MapFS{
		"base.html":  {Data: []byte("<h1>{% block title %}{% endblock %}</h1>")},
		"index.html": {Data: []byte("{% extends 'base.html' %}{% block title %}{{ name }}{% endblock %}")},
	}))
	app.Config.SecretKey = "test key"
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"shop": "tea"} })
	app.Get("/", func(c *decant.Context) (any, error) {
		c.Flash("Welcome", "info")
		if _, err := c.RenderString("{{ 1 }}"); err != nil {
			return nil, err
		}
		return c.Render("index.html", decant.H{"name": "Ann"})
	})
	rv := decanttest.NewClient(t, app).Get("/")
	mustBe(t, "the page", rv.Text, "<h1>Ann</h1>")
	vars, ok := rv.Template("index.html")
	if !ok || vars["name"] != "Ann" || vars["shop"] != "tea" || len(rv.Templates) != 2 || rv.Templates[0].Name != "" {
		t.Errorf("the templates are %v", rv.Templates)
	}
	if _, ok := rv.Template("base.html"); ok {
		t.Error("the base was rendered by itself")
	}
	mustBe(t, "the messages", rv.Flashed, []decant.FlashMessage{{Category: "info", Message: "Welcome"}})
	mustBe(t, "whether the session has them", rv.Session.Has("_flashes"), true)
}

func TestContextsOfMountedApplications(t *testing.T) {
	t.Parallel()
	api, app := newApp(), newApp()
	api.Name = "api"
	api.Get("/", showURL)
	app.Get("/inner", decant.Handler(api), decant.Endpoint("inner"))
	app.Get("/<name>", showURL)
	app.Mount("/api", api)
	app.Mount("/none", http.NotFoundHandler())
	client := decanttest.NewClient(t, app)
	mustBe(t, "a mounted application", client.Get("/api/").Context.App.Name, "api")
	mustBe(t, "an application as a view", client.Get("/inner").Context.App.Name, "flask_test")
	mustBe(t, "the view arguments", client.Get("/x").Context.Param("name"), "x")
	if rv := client.Get("/none"); rv.Context != nil || rv.Session != nil || rv.Status != 404 {
		t.Error(rv)
	}
}

func TestJSONErrors(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/page", func(*decant.Context) (any, error) { return "<p>No", nil })
	app.Get("/list", func(*decant.Context) (any, error) { return []int{1}, nil })
	client := decanttest.NewClient(t, app)
	var text string
	mustContain(t, fmt.Sprint(client.Get("/page").JSON(&text)), `"text/html"`, "status 200", "<p>No")
	mustContain(t, fmt.Sprint(client.Get("/list").JSON(&text)), "*string", "[1]")
}

func TestTheExchangeIsShort(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/long", func(*decant.Context) (any, error) { return strings.Repeat("ü", 1<<20), nil })
	app.Get("/bytes", func(*decant.Context) (any, error) { return []byte{0xff, 0xfe}, nil })
	client := decanttest.NewClient(t, app)
	text := client.Get("/long").String()
	mustContain(t, text, "… (2097152 bytes)")
	if len(text) > 8192 {
		t.Errorf("the exchange has %d bytes", len(text))
	}
	mustContain(t, client.Get("/bytes").String(), "(2 bytes that are no text)")
}

func TestRequestFailsWithTheError(t *testing.T) {
	t.Parallel()
	message := failureOf(t, func(t testing.TB) {
		decanttest.Request(t, newApp(), "GET", "/a", func(*decant.Context) error { return errBroken })
	})
	mustContain(t, message, "GET /a", "the shop is closed")
}

// TestProductionIsFreeOfTests asks the go command what programs are made of.
func TestProductionIsFreeOfTests(t *testing.T) {
	t.Parallel()
	packages := []string{"..", "../serversession", "../htmltemplate", "../ext/login", "../ext/csrf", "../ext/form", "../_examples/login"}
	output, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for line := range bytes.Lines(output) {
		switch path := strings.TrimSpace(string(line)); path {
		case "testing", "net/http/httptest", "github.com/decant-go/decant/decanttest":
			t.Errorf("a program that uses %q contains %s", packages, path)
		}
	}
	if !strings.Contains(string(output), "github.com/decant-go/decant\n") {
		t.Errorf("the packages are\n%s", output)
	}
}
