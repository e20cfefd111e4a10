package login

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

// vectorCase is a case of extensions-login.json, whose cases were made by
// Flask-Login.
type vectorCase struct {
	ID, Op, Name    string
	RemoteAddr      *string `json:"remote_addr"`
	XForwardedFor   *string `json:"x_forwarded_for"`
	UserAgent       *string `json:"user_agent"`
	Key             json.RawMessage
	UserID          string `json:"user_id"`
	Cookie          string
	LoginURL        string  `json:"login_url"`
	CurrentURL      string  `json:"current_url"`
	LoginView       string  `json:"login_view"`
	NextURL         *string `json:"next_url"`
	NextField       string  `json:"next_field"`
	ForceHost       string  `json:"force_host"`
	Request         vectorRequest
	Config, Manager map[string]any
	Now             *int64
	Want            json.RawMessage
	Want07          json.RawMessage `json:"want_07"`
	WantHeader      string          `json:"want_header_value"`
}

type vectorRequest struct {
	Method, Path string
	UserAgent    *string           `json:"user_agent"`
	RemoteAddr   *string           `json:"remote_addr"`
	Forwarded    *string           `json:"x_forwarded_for"`
	Headers      map[string]string `json:"headers"`
	Session      map[string]any
	Cookies      map[string]string
}

const (
	vectorKey = "secret-key"
	vectorNow = 1767225600
)

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[vectorCase](t, vectors.Load(t, "extensions-login.json")) {
		t.Run(c.ID, func(t *testing.T) {
			synctest.Test(t, c.run)
		})
	}
}

// run runs the case at its time.
func (c vectorCase) run(t *testing.T) {
	now := int64(vectorNow)
	if c.Now != nil {
		now = *c.Now
	}
	time.Sleep(time.Until(time.Unix(now, 0)))
	switch c.Op {
	case "identifier":
		c.identifier(t)
	case "remember_encode":
		c.encode(t)
	case "remember_decode":
		c.decode(t)
	case "next_param":
		c.nextParam(t)
	case "login_url":
		c.loginURL(t)
	case "flow":
		c.flow(t, V06, c.Want)
		if len(c.Want07) > 0 {
			c.flow(t, V07, c.Want07)
		}
	default:
		t.Errorf("%s: the op %q is unknown", c.ID, c.Op)
	}
}

// wireBytes turns WSGI's text, one character a byte, into those bytes.
func wireBytes(text string) string {
	var bytes []byte
	for _, char := range text {
		bytes = append(bytes, byte(char))
	}
	return string(bytes)
}

// text reads what is wanted; ok is false where Python raised.
func (c vectorCase) text(t *testing.T, raw json.RawMessage) (text *string, ok bool) {
	t.Helper()
	return text, json.Unmarshal(raw, &text) == nil
}

// request builds the request of a case.
func (r vectorRequest) build(session string) *http.Request {
	request := httptest.NewRequest(r.Method, r.Path, nil)
	request.Host = "localhost"
	request.RemoteAddr = ""
	if r.RemoteAddr != nil {
		request.RemoteAddr = *r.RemoteAddr
		if !strings.Contains(*r.RemoteAddr, ":") {
			request.RemoteAddr += ":4711"
		}
	}
	if r.UserAgent != nil {
		request.Header["User-Agent"] = []string{wireBytes(*r.UserAgent)}
	}
	if r.Forwarded != nil {
		request.Header["X-Forwarded-For"] = []string{wireBytes(*r.Forwarded)}
	}
	for name, value := range r.Headers {
		request.Header.Set(name, wireBytes(value))
	}
	var cookies []string
	if session != "" {
		cookies = append(cookies, "session="+session)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Cookies)) {
		cookies = append(cookies, cookieLine(name, r.Cookies[name]))
	}
	if cookies != nil {
		request.Header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return request
}

// cookieLine writes a cookie as a browser sends it back.
func cookieLine(name, value string) string {
	r := new(decant.Response)
	r.SetCookie(name, value)
	line, _, _ := strings.Cut(r.Header().Get("Set-Cookie"), "; Path")
	return line
}

// in runs f in a request to an application with the settings.
func in(t *testing.T, settings map[string]any, r *http.Request, f func(c *decant.Context)) {
	t.Helper()
	app := decant.New("vectors")
	app.Config.SecretKey = vectorKey
	app.Config.Testing = true
	for key, value := range settings {
		app.Config.Set(key, value)
	}
	app.Get("/", func(c *decant.Context) (any, error) { f(c); return "", nil }, decant.Endpoint("index"))
	addFlowViews(app, New(loadAccount))
	app.ServeHTTP(httptest.NewRecorder(), r)
}

func (c vectorCase) identifier(t *testing.T) {
	r := vectorRequest{Method: "GET", Path: "/", UserAgent: c.UserAgent, RemoteAddr: c.RemoteAddr, Forwarded: c.XForwardedFor}
	in(t, nil, r.build(""), func(context *decant.Context) {
		for version, raw := range map[Version]json.RawMessage{V06: c.Want, V07: c.Want07} {
			want, ok := c.text(t, raw)
			if got := Identifier(context, version); ok && got != *want {
				t.Errorf("%s: version %d gives %s, want %s", c.ID, version, got, *want)
			}
		}
	})
}

// key reads a string, or bytes as {"b64": …}.
func (c vectorCase) key(t *testing.T) string {
	t.Helper()
	var text string
	if json.Unmarshal(c.Key, &text) == nil {
		return text
	}
	return string(vectors.Bytes(t, c.Key))
}

func (c vectorCase) encode(t *testing.T) {
	want, ok := c.text(t, c.Want)
	got, err := RememberToken(c.key(t), c.UserID)
	if !ok {
		if err == nil {
			t.Errorf("%s: got %q, want %s", c.ID, got, c.Want)
		}
		return
	}
	if err != nil || got != *want {
		t.Errorf("%s: got %q, %v, want %q", c.ID, got, err, *want)
	}
	if line := cookieLine(defaultCookieName, got); c.WantHeader != "" && line != c.WantHeader {
		t.Errorf("%s: the header says %s, want %s", c.ID, line, c.WantHeader)
	}
}

func (c vectorCase) decode(t *testing.T) {
	want, ok := c.text(t, c.Want)
	got, accepted := ParseRememberToken(c.key(t), c.Cookie)
	if accepted != (ok && want != nil) || accepted && got != *want {
		t.Errorf("%s: got %q, %v, want %s", c.ID, got, accepted, c.Want)
	}
}

func (c vectorCase) nextParam(t *testing.T) {
	want, ok := c.text(t, c.Want)
	if !ok {
		want = new(string)
	}
	if got := NextParam(c.LoginURL, c.CurrentURL); got != *want {
		t.Errorf("%s: got %q, want %q", c.ID, got, *want)
	}
}

func (c vectorCase) loginURL(t *testing.T) {
	want, ok := c.text(t, c.Want)
	if c.NextURL != nil && *c.NextURL == "" { // LoginURL leaves an empty URL out
		want, ok = &c.LoginView, strings.HasPrefix(c.LoginView, "/")
	}
	settings := map[string]any{"FORCE_HOST_FOR_REDIRECTS": c.ForceHost}
	in(t, settings, httptest.NewRequest("GET", "/", nil), func(context *decant.Context) {
		var next string
		if c.NextURL != nil {
			next = *c.NextURL
		}
		if got := LoginURL(context, c.LoginView, next, c.NextField); ok && got != *want {
			t.Errorf("%s: got %q, want %q", c.ID, got, *want)
		}
	})
}

// account is a user of the flows: 1, 7 and 42 exist.
type account struct {
	id       string
	inactive bool
}

func (a *account) GetID() string  { return a.id }
func (a *account) IsActive() bool { return !a.inactive }

func loadAccount(_ *decant.Context, id string) (*account, error) {
	if slices.Contains([]string{"1", "7", "42"}, id) {
		return &account{id: id}, nil
	}
	return nil, nil
}

// flowApp is the application of the flows.
func (c vectorCase) flowApp(t *testing.T, version Version) *decant.App {
	t.Helper()
	app := decant.New("flow")
	app.Config.SecretKey = vectorKey
	app.Logger = slog.New(slog.DiscardHandler)
	for key, value := range c.Config {
		app.Config.Set(key, setting(t, value))
	}
	users := New(loadAccount)
	users.Version = version
	c.configure(t, &users.Settings)
	users.Init(app)
	addFlowViews(app, users)
	return app
}

// setting reads the value of a configuration key, which may be a timedelta.
func setting(t *testing.T, value any) any {
	t.Helper()
	switch value := value.(type) {
	case float64:
		if value == float64(int(value)) {
			return int(value)
		}
	case map[string]any:
		seconds, ok := value["v"].(float64)
		if !ok || value["t"] != "timedelta" {
			t.Fatalf("the setting %v is unknown", value)
		}
		return time.Duration(seconds * float64(time.Second))
	}
	return value
}

// configure sets the attributes of LoginManager.
func (c vectorCase) configure(t *testing.T, s *Settings) {
	t.Helper()
	for name, value := range c.Manager {
		text, _ := value.(string)
		switch name {
		case "login_view":
			s.LoginView = text
		case "login_message":
			s.LoginMessage = text
		case "login_message_category":
			s.LoginMessageCategory = text
		case "refresh_view":
			s.RefreshView = text
		case "needs_refresh_message":
			s.NeedsRefreshMessage = text
		case "needs_refresh_message_category":
			s.NeedsRefreshMessageCategory = text
		case "session_protection":
			s.SessionProtection = Protection(text)
		default:
			t.Fatalf("%s: the attribute %q of the manager is unknown", c.ID, name)
		}
	}
}

func addFlowViews(app *decant.App, users *Manager[*account]) {
	who := func(c *decant.Context) string {
		if user := users.CurrentUser(c); user != nil {
			return user.id
		}
		return "anonymous"
	}
	add := func(path string, view func(c *decant.Context) string, decorators ...func(decant.View) decant.View) {
		app.Get(path, func(c *decant.Context) (any, error) { return view(c), nil }, decant.Endpoint(path[1:]), decant.Decorate(decorators...))
	}
	python := map[bool]string{true: "True", false: "False"}
	add("/login", func(c *decant.Context) string {
		args := c.Request.Args
		options := []Option{Fresh(args.Get("fresh") != "0")}
		if args.Has("remember") {
			options = append(options, Remember())
		}
		if seconds, err := strconv.ParseFloat(args.Get("duration"), 64); err == nil {
			options = append(options, Duration(time.Duration(seconds*float64(time.Second))))
		}
		if args.Has("force") {
			options = append(options, AllowInactive())
		}
		return python[users.LoginUser(c, &account{"42", args.Has("inactive")}, options...)]
	})
	add("/logout", func(c *decant.Context) string { users.Logout(c); return "True" })
	add("/confirm", func(c *decant.Context) string { users.Confirm(c); return "ok" })
	add("/who", who)
	add("/untouched", func(*decant.Context) string { return "hello" })
	add("/private", func(c *decant.Context) string { return "private of " + who(c) }, users.Required)
	add("/sensitive", func(c *decant.Context) string { return "sensitive of " + who(c) }, users.FreshRequired)
	add("/remembered", func(c *decant.Context) string { return python[users.IsRemembered(c)] })
}

// flowResult is what a request did, in the form of the vectors.
type flowResult struct {
	Status      int
	Body        *string
	Location    *string
	Session     map[string]any
	Flashes     []any
	SessionSent bool     `json:"session_cookie_sent"`
	SetCookie   []string `json:"set_cookie"`
}

var flowSessions = decant.NewSerializer(vectorKey, "cookie-session", decant.KeyDerivation("hmac"))

func (c vectorCase) flow(t *testing.T, version Version, raw json.RawMessage) {
	t.Helper()
	var want flowResult
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	session := c.sessionFor(t, version)
	var cookie string
	if session != nil {
		var err error
		if cookie, err = flowSessions.Dumps(session); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	c.flowApp(t, version).ServeHTTP(w, c.Request.build(cookie))
	got := resultOf(t, w, session)
	if want.Body == nil {
		got.Body = nil
	}
	if slices.ContainsFunc(want.SetCookie, isDropped) {
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%s (%s): sends a cookie that browsers drop", c.ID, c.Name)
		}
		return
	}
	if session["_permanent"] == true && !got.SessionSent && cmp.Equal(normalSession(t, want), normalSession(t, got)) {
		want.SessionSent = false // Decant refreshes what a request has looked at
	}
	if diff := cmp.Diff(normal(t, want), normal(t, got)); diff != "" {
		t.Errorf("%s (%s), version %d: %s", c.ID, c.Name, version, diff)
	}
}

// isDropped reports whether browsers drop the cookie of a Set-Cookie header, which
// Decant therefore does not send.
func isDropped(line string) bool {
	return strings.Contains(line, "; SameSite=None") && !strings.Contains(line, "; Secure")
}

// sessionFor is the session before the request, bound to the same browser by
// the identifier of the version.
func (c vectorCase) sessionFor(t *testing.T, version Version) map[string]any {
	t.Helper()
	if c.Request.Session == nil || version == V06 {
		return c.Request.Session
	}
	session := maps.Clone(c.Request.Session)
	request := c.Request
	request.Method, request.Path, request.Cookies = "GET", "/", nil
	in(t, nil, request.build(""), func(context *decant.Context) {
		if session[identifierKey] == Identifier(context, V06) {
			session[identifierKey] = Identifier(context, V07)
		}
	})
	return session
}

func resultOf(t *testing.T, w *httptest.ResponseRecorder, before map[string]any) flowResult {
	t.Helper()
	body := w.Body.String()
	got := flowResult{Status: w.Code, Body: &body, Session: maps.Clone(before), SetCookie: []string{}}
	if location := w.Header().Get("Location"); location != "" {
		got.Location = &location
	}
	for _, line := range w.Header()["Set-Cookie"] {
		value, isSession := strings.CutPrefix(line, "session=")
		if !isSession {
			got.SetCookie = append(got.SetCookie, line)
			continue
		}
		got.SessionSent, got.Session = true, nil
		if value, _, _ = strings.Cut(value, ";"); value != "" {
			if err := flowSessions.Loads(value, &got.Session); err != nil {
				t.Fatal(err)
			}
		}
	}
	if flashes, ok := got.Session["_flashes"].([]any); ok {
		for _, flash := range flashes {
			got.Flashes = append(got.Flashes, flash.(map[string]any)[" t"])
		}
		delete(got.Session, "_flashes")
	}
	return got
}

// normalSession writes the session of a result, as normal does.
func normalSession(t *testing.T, r flowResult) string {
	t.Helper()
	return normal(t, flowResult{Session: r.Session})
}

// normal writes a result in such a way that equal ones are the same string.
func normal(t *testing.T, r flowResult) string {
	t.Helper()
	if r.Session == nil {
		r.Session = map[string]any{}
	}
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s\n", text)
}
