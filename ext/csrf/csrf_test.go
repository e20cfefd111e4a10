package csrf

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// site is an application with a form, and a browser that keeps its cookie.
type site struct {
	*decant.App
	cookie string
}

func newSite(options ...Option) *site {
	app := decant.New("site")
	app.Config.SecretKey = "a secret key of the tests"
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/form", func(c *decant.Context) (any, error) { return Token(c), nil }, decant.Endpoint("form"))
	app.Post("/save", saved, decant.Endpoint("save"))
	app.Post("/hook", saved, decant.Endpoint("hook"))
	api := decant.NewBlueprint("api", decant.URLPrefix("/api"))
	api.Post("/save", saved, decant.Endpoint("save"))
	inner := decant.NewBlueprint("inner", decant.URLPrefix("/inner"))
	inner.Post("/save", saved, decant.Endpoint("save"))
	api.RegisterBlueprint(inner)
	app.RegisterBlueprint(api)
	Protect(app, options...)
	return &site{App: app}
}

func saved(*decant.Context) (any, error) { return "saved", nil }

func (s *site) do(r *http.Request) (status int, body string) {
	if s.cookie != "" {
		r.Header.Set("Cookie", s.cookie)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if set := w.Header().Get("Set-Cookie"); set != "" {
		s.cookie, _, _ = strings.Cut(set, ";")
	}
	return w.Code, w.Body.String()
}

func (s *site) get(path string) (status int, body string) {
	return s.do(httptest.NewRequest("GET", path, nil))
}

func (s *site) post(path string, form url.Values, headers ...string) (status int, body string) {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(r)
}

func TestATokenOpensItsOwnSessionOnly(t *testing.T) {
	t.Parallel()
	ann, bob := newSite(), newSite()
	_, token := ann.get("/form")
	_, other := bob.get("/form")
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"her token":  {token, 200},
		"his token":  {other, 400},
		"no token":   {"", 400},
		"half of it": {token[:len(token)/2], 400},
	} {
		if status, body := ann.post("/save", url.Values{"csrf_token": {c.token}}); status != c.want {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestATokenIsMadeOnceInARequest(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.Get("/twice", func(c *decant.Context) (any, error) {
		first, second := Token(c), Token(c)
		c.Session.Clear() // as a login does
		third := Token(c)
		if first != second || third == second {
			t.Errorf("tokens %q, %q, and after the session was cleared %q", first, second, third)
		}
		return third, nil
	}, decant.Endpoint("twice"))
	_, token := s.get("/twice")
	if status, body := s.post("/save", url.Values{"csrf_token": {token}}); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestExemptions(t *testing.T) {
	t.Parallel()
	s := newSite(Exempt("hook"), ExemptBlueprint("api"))
	for path, want := range map[string]int{"/save": 400, "/hook": 200, "/api/save": 200, "/api/inner/save": 400, "/nowhere": 404} {
		if status, body := s.post(path, nil); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
}

func TestAnExemptionOfNothingIsAMistake(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]Option{"hok": Exempt("hok"), "apis": ExemptBlueprint("apis")} {
		var log strings.Builder
		s := newSite(option)
		s.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if status, _ := s.post("/save", nil); status != 500 || !strings.Contains(log.String(), name) {
			t.Errorf("%s: %d, and the log says %s", name, status, log.String())
		}
	}
}

func TestAnErrorHandlerSeesTheReason(t *testing.T) {
	t.Parallel()
	s := newSite()
	decant.HandleError(s.App, func(_ *decant.Context, err *Error) (any, error) { return "sorry: " + err.Reason, nil })
	if status, body := s.post("/save", nil); status != 400 || body != "sorry: The CSRF token is missing." {
		t.Errorf("%d %s", status, body)
	}
}

func TestCheckInAChosenView(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.Config.Set("WTF_CSRF_CHECK_DEFAULT", false)
	s.Post("/careful", func(c *decant.Context) (any, error) {
		if err := Check(c); err != nil {
			return nil, err
		}
		if !Valid(c) {
			t.Error("the request is not marked as valid")
		}
		return "careful", nil
	}, decant.Endpoint("careful"))
	_, token := s.get("/form")
	for path, want := range map[string]int{"/save": 200, "/careful": 400} {
		if status, _ := s.post(path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if status, body := s.post("/careful", nil, "X-CSRF-Token", token); status != 200 {
		t.Errorf("with a token: %d %s", status, body)
	}
}

func TestReferrers(t *testing.T) {
	t.Parallel()
	s := newSite()
	_, token := s.get("/form")
	for referrer, want := range map[string]int{
		"":                           400,
		"https://example.com/form":   200,
		"https://example.com":        200,
		"https://EXAMPLE.com/%zz?%":  200, // only the beginning counts
		" https://example.com/":      200,
		"https://ann@example.com/":   200,
		"http://example.com/":        400,
		"https://example.com:443/":   400, // Flask-WTF compares what is written
		"https://example.com:8443/":  400,
		"https://example.com:x/":     400,
		"https://example.com.evil/":  400,
		"https://evil/example.com/":  400,
		"https://evil@evil.example/": 400,
		"https:example.com":          400,
		"example.com":                400,
		"https://[::1]/":             400,
	} {
		r := httptest.NewRequest("POST", "https://example.com/save", nil)
		r.Header.Set("X-CSRFToken", token)
		if referrer != "" {
			r.Header.Set("Referer", referrer)
		}
		if status, body := s.do(r); status != want {
			t.Errorf("%q: %d %s, want %d", referrer, status, body, want)
		}
	}
}

func TestWhereATokenIsLookedFor(t *testing.T) {
	t.Parallel()
	s := newSite()
	_, token := s.get("/form")
	for name, c := range map[string]struct {
		form    url.Values
		headers []string
		want    int
	}{
		"the field of a form with a prefix": {url.Values{"a-csrf_token": {token}}, nil, 200},
		"an empty field before a good one":  {url.Values{"a-csrf_token": {""}, "b-csrf_token": {token}}, nil, 200},
		"the second value of a field":       {url.Values{"a-csrf_token": {"", token}}, nil, 400},
		"a bad field and a good header":     {url.Values{"csrf_token": {"x"}}, []string{"X-CSRFToken", token}, 400},
		"a field whose name goes on":        {url.Values{"csrf_token_": {token}}, nil, 400},
	} {
		if status, body := s.post("/save", c.form, c.headers...); status != c.want {
			t.Errorf("%s: %d %s, want %d", name, status, body, c.want)
		}
	}
	if status, _ := s.post("/save?csrf_token="+url.QueryEscape(token), nil); status != 400 {
		t.Errorf("a token in the query is accepted: %d", status)
	}
}

// TestManyFieldsTakeLinearTime posts as many empty fields as fit into the memory of a
// form. In quadratic time it would run into the timeout of the tests.
func TestManyFieldsTakeLinearTime(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.Config.MaxFormFields = 0
	body := strings.Repeat("x&", 100_000) + strings.Repeat("acsrf_token=&", 20_000)
	r := httptest.NewRequest("POST", "/save", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _ := s.do(r); status != 400 {
		t.Errorf("status %d, want 400", status)
	}
}

func TestTemplatesKnowTheTokens(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.Get("/page", func(c *decant.Context) (any, error) {
		page, err := c.RenderString(`{{ csrf_token() }} {{ csrf_meta_tag() }}`)
		if err == nil && page != Token(c)+" "+string(MetaTag(c)) {
			t.Errorf("the page is %s", page)
		}
		return page, err
	}, decant.Endpoint("page"))
	if status, body := s.get("/page"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestTokenForATestsSession(t *testing.T) {
	t.Parallel()
	s := newSite()
	var token string
	s.Get("/prepare", func(c *decant.Context) (any, error) {
		token = TokenFor(s.App, c.Session)
		return "", nil
	}, decant.Endpoint("prepare"))
	s.get("/prepare")
	if status, body := s.post("/save", url.Values{"csrf_token": {token}}); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestWithoutASecretKey(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.Config.SecretKey = ""
	if status, _ := s.get("/form"); status != 500 {
		t.Errorf("a token without a key: %d", status)
	}
	if status, _ := s.post("/save", url.Values{"csrf_token": {"x"}}); status != 400 {
		t.Errorf("a post without a key: %d", status)
	}
}

func TestSettingsOfTheWrongType(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]any{
		"WTF_CSRF_ENABLED": 1.5, "WTF_CSRF_METHODS": []any{1}, "WTF_CSRF_TIME_LIMIT": "hour", "WTF_CSRF_FIELD_NAME": 1,
	} {
		var log strings.Builder
		s := newSite()
		s.Logger = slog.New(slog.NewTextHandler(&log, nil))
		s.Config.Set(key, value)
		if status, _ := s.post("/save", nil); status != 500 || !strings.Contains(log.String(), key) {
			t.Errorf("%s: %d, and the log says %s", key, status, log.String())
		}
	}
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{"https://example.com:443/x", "http://[::1]:80", "//", "a://@:1", "https://a@b@c:x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, ok := originOf(text)
		if ok && (o.port < -1 || o.port > 65535 || strings.ContainsAny(o.host, "/?#@")) {
			t.Errorf("%q has the origin %+v", text, o)
		}
	})
}

// TestErrorsAreA400 keeps the reason and the page of an Error together.
func TestErrorsAreA400(t *testing.T) {
	t.Parallel()
	var page *decant.HTTPError
	if refused := error(refuse(tokenInvalid)); !errors.As(refused, &page) || page.Code != 400 || page.Description != tokenInvalid || refused.Error() != tokenInvalid {
		t.Errorf("the page is %v", page)
	}
}

func TestMetaTagHasTheNameOfTheSetting(t *testing.T) {
	t.Parallel()
	app := decant.New("meta")
	app.Config.SecretKey = "secret-key"
	app.Config.Set("WTF_CSRF_META_NAME", `x"y`)
	app.Get("/", func(c *decant.Context) (any, error) { return string(MetaTag(c)), nil }, decant.Endpoint("index"))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !strings.HasPrefix(w.Body.String(), `<meta name="x&#34;y" content="`) {
		t.Errorf("got %s", w.Body)
	}
}

func TestTokensOutsideOfASCIINeverMatch(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]bool{"da39": true, "\u00e9": false, "": true} {
		if got := same(token, token); got != want {
			t.Errorf("%q: got %t, want %t", token, got, want)
		}
	}
}
