package decanttest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
)

// The tests in this file are those of Flask's own test client, told in Go. The tests
// of its command line runner are in the package cli.

// newApp returns an application as Flask's tests have one.
func newApp() *decant.App {
	app := decant.New("flask_test")
	app.Config.SecretKey = "test key"
	app.Config.Testing = true
	return app
}

// showURL is a view that answers with the URL of the request.
func showURL(c *decant.Context) (any, error) { return c.Request.FullURL(), nil }

func mustBe[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// urlOf returns the URL of a request that is not served.
func urlOf(t *testing.T, app *decant.App, options ...decanttest.Option) (url string) {
	t.Helper()
	decanttest.Request(t, app, "GET", "/", func(c *decant.Context) error {
		url = c.Request.FullURL()
		return nil
	}, options...)
	return url
}

func TestEnvironDefaultsFromConfig(t *testing.T) {
	t.Parallel()
	app := newApp()
	client := decanttest.NewClient(t, app)
	app.Config.ServerName = "example.com:1234"
	app.Config.ApplicationRoot = "/foo"
	app.Get("/", showURL)
	mustBe(t, "of a context", urlOf(t, app), "http://example.com:1234/foo/")
	mustBe(t, "of a request", client.Get("/").Text, "http://example.com:1234/foo/")
}

func TestEnvironDefaults(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", showURL)
	mustBe(t, "of a context", urlOf(t, app), "http://localhost/")
	mustBe(t, "of a request", decanttest.NewClient(t, app).Get("/").Text, "http://localhost/")
}

var userAgent = decant.NewG[string]("user_agent")

func appThatShowsAddresses() *decant.App {
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		userAgent.Set(c, c.Request.UserAgent())
		return c.Request.RemoteIP(), nil
	})
	return app
}

func TestEnvironBaseDefault(t *testing.T) {
	t.Parallel()
	rv := decanttest.NewClient(t, appThatShowsAddresses()).Get("/")
	mustBe(t, "the address", rv.Text, "127.0.0.1")
	mustBe(t, "the browser", userAgent.Get(rv.Context), "decanttest")
}

func TestEnvironBaseModified(t *testing.T) {
	t.Parallel()
	app := appThatShowsAddresses()
	client := decanttest.NewClient(t, app, decanttest.Address("0.0.0.0"), decanttest.UserAgent("Foo"))
	rv := client.Get("/")
	mustBe(t, "the address", rv.Text, "0.0.0.0")
	mustBe(t, "the browser", userAgent.Get(rv.Context), "Foo")

	rv = client.Get("/", decanttest.Address("0.0.0.1"), decanttest.UserAgent("Bar"))
	mustBe(t, "the address of one request", rv.Text, "0.0.0.1")
	mustBe(t, "the browser of one request", userAgent.Get(rv.Context), "Bar")
}

func TestClientOpenEnviron(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, appThatShowsAddresses())
	mustBe(t, "the default", client.Open("GET", "/", nil).Text, "127.0.0.1")
	prepared := decanttest.Prepare(func(r *http.Request) { r.RemoteAddr = "127.0.0.2:80" })
	mustBe(t, "prepared", client.Open("GET", "/", nil, prepared).Text, "127.0.0.2")
}

func TestSpecifyURLScheme(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", showURL)
	mustBe(t, "of a context", urlOf(t, app, decanttest.Scheme("https")), "https://localhost/")
	mustBe(t, "of a request", decanttest.NewClient(t, app).Get("/", decanttest.Scheme("https")).Text, "https://localhost/")
}

func TestPathIsURL(t *testing.T) {
	t.Parallel()
	decanttest.Request(t, newApp(), "GET", "https://example.com/", func(c *decant.Context) error {
		r := c.Request
		mustBe(t, "the parts", []string{r.Scheme(), r.Host, r.ScriptRoot(), r.Path()}, []string{"https", "example.com", "", "/"})
		return nil
	})
}

func TestEnvironBuilderJSONDumps(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.JSON.EnsureASCII = false
	decanttest.Request(t, app, "POST", "/", func(c *decant.Context) error {
		data, err := c.Request.Data()
		mustBe(t, "the body", string(data), `"€"`)
		return err
	}, decanttest.Body(decanttest.JSON("€")))
}

func TestBlueprintWithSubdomain(t *testing.T) {
	t.Parallel()
	app := decant.New("flask_test", decant.SubdomainMatching())
	app.Config.ServerName = "example.com:1234"
	app.Config.ApplicationRoot = "/foo"
	company := decant.NewBlueprint("company", decant.Subdomain("xxx"))
	company.Get("/", showURL)
	app.RegisterBlueprint(company)
	decanttest.Request(t, app, "GET", "/", func(c *decant.Context) error {
		mustBe(t, "the URL", c.Request.FullURL(), "http://xxx.example.com:1234/foo/")
		mustBe(t, "the blueprint", c.Request.Blueprint(), "company")
		return nil
	}, decanttest.Subdomain("xxx"))
	rv := decanttest.NewClient(t, app).Get("/", decanttest.Subdomain("xxx"))
	mustBe(t, "of a request", rv.Text, "http://xxx.example.com:1234/foo/")
}

func TestRedirectKeepSession(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) {
		c.Session.Set("data", "foo")
		return "index", nil
	})
	app.Post("/", func(c *decant.Context) (any, error) { return c.Redirect("/getsession") })
	app.Get("/getsession", func(c *decant.Context) (any, error) { return c.Session.String("data", "<missing>"), nil })

	client := decanttest.NewClient(t, app)
	mustBe(t, "before", client.Get("/getsession").Text, "<missing>")
	rv := client.Get("/")
	mustBe(t, "the page", rv.Text, "index")
	mustBe(t, "the session", rv.Session.String("data"), "foo")
	rv = client.Post("/", decanttest.Form{}, decanttest.FollowRedirects())
	mustBe(t, "after the redirect", rv.Text, "foo")
	mustBe(t, "the session after the redirect", rv.Session.String("data"), "foo")
	mustBe(t, "the next page", client.Get("/getsession").Text, "foo")
}

func TestSessionTransactions(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", func(c *decant.Context) (any, error) { return fmt.Sprint(c.Session.Get("foo")), nil })
	client := decanttest.NewClient(t, app)
	client.Session(func(s *decant.Session) {
		mustBe(t, "the length before", s.Len(), 0)
		s.Set("foo", []any{42})
		mustBe(t, "the length after", s.Len(), 1)
	})
	mustBe(t, "the page", client.Get("/").Text, "[42]")
	client.Session(func(s *decant.Session) {
		mustBe(t, "the length", s.Len(), 1)
		mustBe(t, "the value", s.Get("foo"), any([]any{42}))
	})
}

func TestSessionTransactionsNoNullSessions(t *testing.T) {
	t.Parallel()
	message := failureOf(t, func(t testing.TB) {
		decanttest.NewClient(t, decant.New("flask_test")).Session(func(s *decant.Session) { s.Set("a", 1) })
	})
	mustContain(t, message, "no secret key was set", "Config.SecretKey")
}

func TestSessionTransactionsKeepContext(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Get("/", showURL)
	client := decanttest.NewClient(t, app)
	rv := client.Get("/?a=1")
	before := rv.Context
	client.Session(func(s *decant.Session) { s.Set("a", 2) })
	if rv.Context != before || rv.Context.Request.Args.Get("a") != "1" || rv.Session.Has("a") {
		t.Error("the session of the client changed an answer")
	}
}

func TestSessionTransactionNeedsCookies(t *testing.T) {
	t.Parallel()
	message := failureOf(t, func(t testing.TB) {
		decanttest.NewClient(t, newApp(), decanttest.NoCookies()).Session(func(*decant.Session) {})
	})
	mustContain(t, message, "the client has no cookies", "NoCookies")
}

func TestClientContextBinding(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Config.Testing = false
	app.Logger = slog.New(slog.DiscardHandler)
	value := decant.NewG[int]("value")
	app.Get("/", func(c *decant.Context) (any, error) {
		value.Set(c, 42)
		return "Hello World!", nil
	})
	app.Get("/other", func(c *decant.Context) (any, error) { return nil, fmt.Errorf("one divided by zero") })

	client := decanttest.NewClient(t, app)
	first := client.Get("/")
	mustBe(t, "the value", value.Get(first.Context), 42)
	mustBe(t, "the page", first.Text, "Hello World!")
	mustBe(t, "the status", first.Status, 200)

	other := client.Get("/other")
	mustBe(t, "whether another request has the value", value.Has(other.Context), false)
	mustContain(t, other.Text, "Internal Server Error")
	mustBe(t, "the status of a failure", other.Status, 500)
	mustBe(t, "the value of the first request", value.Get(first.Context), 42)
}

func TestReuseClient(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newApp())
	for range 2 {
		mustBe(t, "the status", client.Get("/").Status, 404)
	}
	t.Run("in a subtest", func(t *testing.T) {
		mustBe(t, "the status", client.In(t).Get("/").Status, 404)
	})
}

func TestFullURLRequest(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Post("/action", func(*decant.Context) (any, error) { return "x", nil })
	rv := decanttest.NewClient(t, app).Post("http://domain.com/action?vodka=42", decanttest.Form{"gin": 43})
	mustBe(t, "the status", rv.Status, 200)
	mustBe(t, "the form", rv.Context.Request.Form.Get("gin"), "43")
	mustBe(t, "the query", rv.Context.Request.Args.Get("vodka"), "42")
}

func TestJSONRequestAndResponse(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Post("/echo", func(c *decant.Context) (any, error) {
		var value any
		if err := c.Request.JSON(&value); err != nil {
			return nil, err
		}
		return c.JSON(value)
	})
	sent := map[string]any{"drink": map[string]any{"gin": 1.0, "tonic": true}, "price": 10.0}
	rv := decanttest.NewClient(t, app).Post("/echo", sent)
	mustBe(t, "whether the request was JSON", rv.Context.Request.IsJSON(), true)
	var received, answered map[string]any
	if err := rv.Context.Request.JSON(&received); err != nil {
		t.Error(err)
	}
	mustBe(t, "the request", received, sent)
	mustBe(t, "the status", rv.Status, 200)
	mustBe(t, "the type", rv.MIMEType(), "application/json")
	if err := rv.JSON(&answered); err != nil {
		t.Error(err)
	}
	mustBe(t, "the answer", answered, sent)
}

func TestClientJSONNoAppContext(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Post("/hello", func(c *decant.Context) (any, error) {
		var person struct{ Name string }
		err := c.Request.JSON(&person)
		return "Hello, " + person.Name + "!", err
	})
	popped := 0
	app.Signals.ContextPopped.Connect(func(*decant.Context) { popped++ })
	rv := decanttest.NewClient(t, app).Post("/hello", decant.H{"name": "Flask"})
	mustBe(t, "the page", rv.Text, "Hello, Flask!")
	mustBe(t, "the contexts that ended", popped, 1)
}

func TestSubdomain(t *testing.T) {
	t.Parallel()
	app := decant.New("flask_test", decant.SubdomainMatching())
	app.Config.ServerName = "example.com"
	app.Get("/", showCompany, decant.Subdomain("<company_id>"))
	visitURLFor(t, app)
}

func TestNoSubdomain(t *testing.T) {
	t.Parallel()
	app := newApp()
	app.Config.ServerName = "example.com"
	app.Get("/<company_id>", showCompany)
	visitURLFor(t, app)
}

func showCompany(c *decant.Context) (any, error) { return c.Param("company_id"), nil }

// visitURLFor visits the URL that a context builds for a company.
func visitURLFor(t *testing.T, app *decant.App) {
	t.Helper()
	var url string
	decanttest.Request(t, app, "GET", "/", func(c *decant.Context) error {
		url = c.URLFor("showCompany", "company_id", "xxx")
		return nil
	})
	rv := decanttest.NewClient(t, app).Get(url)
	mustBe(t, "the status", rv.Status, 200)
	mustBe(t, "the page", rv.Text, "xxx")
}

func TestClientPopAllPreserved(t *testing.T) {
	t.Parallel()
	app := newApp()
	ended := 0
	app.TeardownRequest(func(*decant.Context, error) { ended++ })
	app.Get("/", func(c *decant.Context) (any, error) {
		return strings.NewReader("hello"), nil
	})
	rv := decanttest.NewClient(t, app).Get("/")
	mustBe(t, "the stream", rv.Text, "hello")
	mustBe(t, "the requests that ended", ended, 1)
}
