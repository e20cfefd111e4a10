package login

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// browser keeps the cookies of an application.
type browser struct {
	app     http.Handler
	agent   string
	cookies map[string]string
}

func newBrowser(app http.Handler) *browser {
	return &browser{app, "UA/1", map[string]string{}}
}

func (b *browser) get(path string) *httptest.ResponseRecorder { return b.do("GET", path) }

func (b *browser) do(method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("User-Agent", b.agent)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.app.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 || cookie.Value == "" {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie.Value
		}
	}
	return w
}

func (b *browser) mustSee(t *testing.T, path string, status int, body string) {
	t.Helper()
	if w := b.get(path); w.Code != status || !strings.Contains(w.Body.String(), body) {
		t.Errorf("%s: %d %s, want %d %q", path, w.Code, w.Body, status, body)
	}
}

// newSite is the application of the flows, with a manager that a test sets up.
func newSite(setUp func(users *Manager[*account], app *decant.App)) *decant.App {
	app := decant.New("site")
	app.Config.SecretKey = "a secret key of the tests"
	app.Logger = slog.New(slog.DiscardHandler)
	users := New(loadAccount)
	users.LoginView = "login"
	if setUp != nil {
		setUp(users, app)
	}
	users.Init(app)
	addFlowViews(app, users)
	return app
}

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	b := newBrowser(newSite(nil))
	b.mustSee(t, "/who", 200, "anonymous")
	b.mustSee(t, "/private", 302, "")
	b.mustSee(t, "/login", 200, "True")
	b.mustSee(t, "/who", 200, "42")
	b.mustSee(t, "/private", 200, "private of 42")
	b.mustSee(t, "/sensitive", 200, "sensitive of 42")
	b.mustSee(t, "/logout", 200, "True")
	b.mustSee(t, "/who", 200, "anonymous")
}

func TestRememberMeOutlivesTheSession(t *testing.T) {
	t.Parallel()
	b := newBrowser(newSite(func(users *Manager[*account], _ *decant.App) { users.RefreshView = "login" }))
	b.mustSee(t, "/login?remember=1", 200, "True")
	delete(b.cookies, "session") // the browser is closed
	b.mustSee(t, "/private", 200, "private of 42")
	b.mustSee(t, "/sensitive", 302, "") // not fresh any more
	b.mustSee(t, "/confirm", 200, "ok")
	b.mustSee(t, "/sensitive", 200, "sensitive of 42")
	b.mustSee(t, "/logout", 200, "True")
	if len(b.cookies["remember_token"]) > 0 {
		t.Error("the cookie is still there after logging out")
	}
	b.mustSee(t, "/who", 200, "anonymous")
}

func TestProtection(t *testing.T) {
	t.Parallel()
	for mode, want := range map[Protection]struct{ who, sensitive int }{Basic: {200, 302}, Strong: {302, 302}, Off: {200, 200}} {
		b := newBrowser(newSite(func(users *Manager[*account], _ *decant.App) {
			users.SessionProtection, users.RefreshView = mode, "login"
		}))
		b.mustSee(t, "/login", 200, "True")
		b.agent = "UA/2"
		b.mustSee(t, "/private", want.who, "")
		b.mustSee(t, "/sensitive", want.sensitive, "")
	}
}

func TestStrongProtectionAndRememberedLogins(t *testing.T) {
	t.Parallel()
	for bind, want := range map[bool]string{false: "anonymous", true: "42"} {
		b := newBrowser(newSite(func(users *Manager[*account], _ *decant.App) {
			users.SessionProtection, users.BindRemembered = Strong, bind
		}))
		b.mustSee(t, "/login?remember=1", 200, "True")
		delete(b.cookies, "session")
		b.mustSee(t, "/who", 200, "42")
		b.mustSee(t, "/who", 200, want)
	}
}

func TestWhereTheLoginPageSendsUsers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inSession bool
		path      string
		want      string
	}{
		"the query":           {false, "/private?a=1&b=%C3%A9", "/private?a=1&b=%C3%A9"},
		"the session":         {true, "/private?a=1", "/private?a=1"},
		"what leads away":     {false, "", "/who"},
		"nothing":             {true, "", "/who"},
		"another site's path": {false, "/private?next=//evil", "/private?next=//evil"},
	} {
		app := newSite(func(users *Manager[*account], app *decant.App) {
			app.Config.Set("USE_SESSION_FOR_NEXT", c.inSession)
			users.LoginView = "enter"
			app.Get("/enter", func(c *decant.Context) (any, error) {
				users.LoginUser(c, &account{id: "7"})
				return c.Redirect(users.Next(c, "/who"))
			}, decant.Endpoint("enter"))
		})
		b := newBrowser(app)
		location := "/enter?next=https://evil.example/"
		if c.path != "" {
			location = b.get(c.path).Header().Get("Location")
		}
		if got := b.get(location).Header().Get("Location"); got != c.want {
			t.Errorf("%s: the login page %s leads to %q, want %q", name, location, got, c.want)
		}
	}
}

func TestBlueprints(t *testing.T) {
	t.Parallel()
	app := newSite(func(users *Manager[*account], app *decant.App) {
		users.BlueprintLoginViews = map[string]string{"admin": "/admin-login", "bare": ""}
		for _, name := range []string{"admin", "bare", "other"} {
			blueprint := decant.NewBlueprint(name, decant.URLPrefix("/"+name))
			blueprint.BeforeRequest(users.CheckLogin)
			blueprint.Get("/", func(*decant.Context) (any, error) { return name, nil }, decant.Endpoint("index"))
			app.RegisterBlueprint(blueprint)
		}
		fresh := decant.NewBlueprint("fresh", decant.URLPrefix("/fresh"))
		fresh.BeforeRequest(users.CheckFreshLogin)
		fresh.Get("/", func(*decant.Context) (any, error) { return "fresh", nil }, decant.Endpoint("index"))
		app.RegisterBlueprint(fresh)
	})
	b := newBrowser(app)
	for path, want := range map[string]string{"/admin/": "/admin-login?next=%2Fadmin%2F", "/other/": "/login?next=%2Fother%2F", "/fresh/": "/login?next=%2Ffresh%2F"} {
		if got := b.get(path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	b.mustSee(t, "/bare/", 401, "")
	b.mustSee(t, "/login?fresh=0", 200, "True")
	b.mustSee(t, "/admin/", 200, "admin")
	b.mustSee(t, "/fresh/", 401, "") // there is no RefreshView
	b.mustSee(t, "/confirm", 200, "ok")
	b.mustSee(t, "/fresh/", 200, "fresh")
}

func TestHandlersAndMessages(t *testing.T) {
	t.Parallel()
	app := newSite(func(users *Manager[*account], _ *decant.App) {
		users.UnauthorizedHandler = func(*decant.Context) (any, error) { return "who are you?", nil }
		users.NeedsRefreshHandler = func(c *decant.Context) (any, error) { return "once more, please", nil }
	})
	b := newBrowser(app)
	b.mustSee(t, "/private", 200, "who are you?")
	b.mustSee(t, "/login?fresh=0", 200, "True")
	b.mustSee(t, "/sensitive", 200, "once more, please")

	app = newSite(func(users *Manager[*account], app *decant.App) {
		users.Localize = func(_ *decant.Context, message string) string { return "de: " + message }
		app.Get("/flashes", func(c *decant.Context) (any, error) {
			for _, flash := range c.FlashedMessages() {
				return flash.Category + " " + flash.String(), nil
			}
			return "", nil
		}, decant.Endpoint("flashes"))
	})
	b = newBrowser(app)
	b.mustSee(t, "/private", 302, "")
	b.mustSee(t, "/flashes", 200, "message de: Please log in to access this page.")
}

func TestRequestLoader(t *testing.T) {
	t.Parallel()
	app := newSite(func(users *Manager[*account], _ *decant.App) {
		users.RequestLoader = func(c *decant.Context) (*account, error) {
			if c.Request.Args.Get("token") == "t7" {
				return &account{id: "7"}, nil
			}
			return nil, nil
		}
	})
	b := newBrowser(app)
	b.mustSee(t, "/who?token=t7", 200, "7")
	b.mustSee(t, "/who?token=x", 200, "anonymous")
	b.mustSee(t, "/private?token=t7", 200, "private of 7")
	if len(b.cookies) != 0 {
		t.Errorf("the request loader left cookies: %v", b.cookies)
	}
}

// TestAPageThatAsksForNobodyOpensNoSession keeps such pages cacheable.
func TestAPageThatAsksForNobodyOpensNoSession(t *testing.T) {
	t.Parallel()
	b := newBrowser(newSite(nil))
	b.get("/login?remember=1")
	if w := b.get("/untouched"); w.Header().Get("Vary") != "" || len(w.Header()["Set-Cookie"]) > 0 {
		t.Errorf("the headers are %v", w.Header())
	}
}

func TestTemplatesKnowTheUserLazily(t *testing.T) {
	t.Parallel()
	loads := 0
	app := decant.New("templates")
	app.Config.SecretKey = "a secret key of the tests"
	users := New(func(_ *decant.Context, id string) (*account, error) { loads++; return loadAccount(nil, id) })
	users.Init(app)
	addFlowViews(app, users)
	page := func(source string) decant.View {
		return func(c *decant.Context) (any, error) { return c.RenderString(source) }
	}
	app.Get("/plain", page("nobody asks"), decant.Endpoint("plain"))
	app.Get("/page", page(`{{ current_user.is_authenticated }} {{ current_user.is_active }} {{ current_user.is_anonymous }} {{ current_user.get_id() or "" }}`), decant.Endpoint("page"))
	b := newBrowser(app)
	b.mustSee(t, "/page", 200, "False False True ")
	b.mustSee(t, "/login", 200, "True")
	b.mustSee(t, "/plain", 200, "nobody asks")
	if loads != 0 {
		t.Errorf("a page that does not ask loaded the user %d times", loads)
	}
	b.mustSee(t, "/page", 200, "True True False 42")
	if loads != 1 {
		t.Errorf("one page loaded the user %d times", loads)
	}
}

func TestSessionsOnTheServerGetANewID(t *testing.T) {
	t.Parallel()
	var renewed []bool
	app := newSite(nil)
	app.AfterRequest(func(c *decant.Context, _ *decant.Response) error {
		renewed = append(renewed, c.Session.Renewed())
		return nil
	})
	b := newBrowser(app)
	b.get("/login")
	b.get("/private")
	b.get("/confirm")
	b.get("/login?remember=1")
	delete(b.cookies, "session")
	b.get("/private")
	if diff := cmp.Diff([]bool{true, false, true, true, true}, renewed); diff != "" {
		t.Errorf("renewed at a login, in between, when confirmed, at a login, and when remembered (-want +got):\n%s", diff)
	}
}

func TestIdsThatFlaskWroteAsNumbers(t *testing.T) {
	t.Parallel()
	app := newSite(func(_ *Manager[*account], app *decant.App) {
		app.Get("/number", func(c *decant.Context) (any, error) { c.Session.Set("_user_id", 42); return "", nil }, decant.Endpoint("number"))
	})
	b := newBrowser(app)
	b.get("/number")
	b.mustSee(t, "/who", 200, "42")
}

func TestErrorsOfTheLoader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"any":                  {errors.New("no database"), 500},
		"one that is a status": {decant.NewHTTPError(503), 503},
	} {
		app := decant.New("errors")
		app.Config.SecretKey = "a secret key of the tests"
		app.Logger = slog.New(slog.DiscardHandler)
		users := New(func(*decant.Context, string) (*account, error) { return nil, c.err })
		users.Init(app)
		addFlowViews(app, users)
		b := newBrowser(app)
		b.mustSee(t, "/login", 200, "True")
		if w := b.get("/private"); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// TestMistakes finds the programmer's mistakes in the log, or in a panic.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setUp func(users *Manager[*account], app *decant.App)
		path  string
		want  string
	}{
		"nobody is logged in": {func(users *Manager[*account], app *decant.App) {
			app.Get("/nobody", func(c *decant.Context) (any, error) { return users.LoginUser(c, nil), nil }, decant.Endpoint("nobody"))
		}, "/nobody", "got nobody to log in"},
		"a key that Flask-Login cannot use": {func(_ *Manager[*account], app *decant.App) {
			app.Config.SecretKey = "ключ"
		}, "/login?remember=1", "choose a key of ASCII characters"},
		"no duration": {func(_ *Manager[*account], app *decant.App) {
			app.Config.Set("REMEMBER_COOKIE_DURATION", nil)
		}, "/login?remember=1", "REMEMBER_COOKIE_DURATION is nil"},
		"a handler without an answer": {func(users *Manager[*account], _ *decant.App) {
			users.UnauthorizedHandler = func(*decant.Context) (any, error) { return nil, nil }
		}, "/private", "the UnauthorizedHandler returned nil instead of an answer"},
		"a handler with a nil response, in a hook": {func(users *Manager[*account], app *decant.App) {
			users.UnauthorizedHandler = func(*decant.Context) (any, error) { return (*decant.Response)(nil), nil }
			hidden := decant.NewBlueprint("hidden", decant.URLPrefix("/hidden"))
			hidden.BeforeRequest(users.CheckLogin)
			hidden.Get("/", func(*decant.Context) (any, error) { return "hidden", nil }, decant.Endpoint("index"))
			app.RegisterBlueprint(hidden)
		}, "/hidden/", "the UnauthorizedHandler returned nil instead of an answer"},
		"a manager that was not started": {func(_ *Manager[*account], app *decant.App) {
			other := New(loadAccount)
			app.Get("/other", func(c *decant.Context) (any, error) { return other.IsFresh(c) || other.IsAuthenticated(c), nil }, decant.Endpoint("other"))
		}, "/other", "call its Init"},
	} {
		var log strings.Builder
		app := newSite(c.setUp)
		app.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if w := newBrowser(app).get(c.path); w.Code != 500 || !strings.Contains(log.String(), c.want) {
			t.Errorf("%s: %d, and the log says %s", name, w.Code, log.String())
		}
	}
	defer func() {
		if problem, _ := recover().(string); !strings.Contains(problem, "cannot find users") {
			t.Errorf("a manager without a loader: %q", problem)
		}
	}()
	New[*account](nil).Init(decant.New("empty"))
}

// TestWithoutASecretKey lets pages that only look at the user work.
func TestWithoutASecretKey(t *testing.T) {
	t.Parallel()
	app := newSite(func(_ *Manager[*account], app *decant.App) { app.Config.SecretKey = "" })
	b := newBrowser(app)
	b.mustSee(t, "/who", 200, "anonymous")
	b.mustSee(t, "/logout", 200, "True")
	b.mustSee(t, "/login", 500, "")
	b.cookies["remember_token"] = "42|x"
	b.mustSee(t, "/who", 200, "anonymous")
}

func TestSettingsAreThoseOfInit(t *testing.T) {
	t.Parallel()
	var users *Manager[*account]
	app := newSite(func(m *Manager[*account], _ *decant.App) { users = m })
	users.LoginView = "/changed"
	if got := newBrowser(app).get("/private").Header().Get("Location"); got != "/login?next=%2Fprivate" {
		t.Errorf("a setting that changed after Init leads to %q", got)
	}
}

func TestAttributesOfTheCookie(t *testing.T) {
	t.Parallel()
	app := newSite(func(_ *Manager[*account], app *decant.App) {
		for key, value := range map[string]any{
			"REMEMBER_COOKIE_NAME": "keep", "REMEMBER_COOKIE_DOMAIN": "example.com", "REMEMBER_COOKIE_PATH": "/x", "REMEMBER_COOKIE_SECURE": true,
			"REMEMBER_COOKIE_HTTPONLY": false, "REMEMBER_COOKIE_SAMESITE": "Lax", "REMEMBER_COOKIE_DURATION": 24 * time.Hour,
		} {
			app.Config.Set(key, value)
		}
	})
	line := newBrowser(app).get("/login?remember=1").Header()["Set-Cookie"][0]
	value, attributes, _ := strings.Cut(line, "; Domain=example.com; Expires=")
	if !strings.HasPrefix(value, "keep=42|") || !strings.HasSuffix(attributes, "; Secure; Path=/x; SameSite=Lax") {
		t.Errorf("the cookie is %s", line)
	}
}

func FuzzRememberToken(f *testing.F) {
	for _, seed := range []string{"42|", "|", "a|b|c", "é|00", "42|3ecc386d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := ParseRememberToken("key", text); ok {
			t.Fatalf("%q is believed to be of %q", text, id)
		}
		token, err := RememberToken("key", text)
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := ParseRememberToken("key", token); !ok || id != text {
			t.Errorf("%q comes back as %q, %v", text, id, ok)
		}
	})
}

// TestNextParamOfHostsThatPythonRefuses has the hosts for which urlsplit raises.
func TestNextParamOfHostsThatPythonRefuses(t *testing.T) {
	t.Parallel()
	for current, want := range map[string]string{
		"http://[::1]/x":            "http://[::1]/x",
		"http://[v1.x]/a":           "http://[v1.x]/a",
		"http://a[::1]/x":           "http://a[::1]/x",
		"http://ex\u00e4mple.com/x": "http://ex\u00e4mple.com/x",
		"http://[::1/x":             "",
		"http://[zz]/a":             "",
		"http://[v.x]/a":            "",
		"http://[vz.x]/a":           "",
		"http://[v1.]/a":            "",
		"http://[]/x":               "",
		"http://[127.0.0.1]/x":      "",
		"http://\u2100.com/x":       "",
		"http://ex\uff0fample.com/": "",
	} {
		if got := NextParam("http://auth.example.com/login", current); got != want {
			t.Errorf("%s: got %q, want %q", current, got, want)
		}
	}
}

// FuzzLoginURL checks that the parameter can be read again.
func FuzzLoginURL(f *testing.F) {
	for _, seed := range []string{"http://localhost/a?b=c", "//x", "http://[::1/", "a:b", "/%zz?%&=&a=1&a"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, login, current string) {
		next := NextParam(login, current)
		query := withParameter(login, "next", next)
		if !strings.Contains("&"+query, "&next=") {
			t.Errorf("%q has no next parameter", query)
		}
		if p, ok := splitURL(current); ok && strings.ContainsAny(p.host, "/?#") {
			t.Errorf("%q has the host %q", current, p.host)
		}
	})
}
