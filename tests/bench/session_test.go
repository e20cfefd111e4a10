package bench

import (
	"html"
	"net/http"
	"strconv"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/decant-go/decant"
	"github.com/gorilla/sessions"
)

const secretKey = "3527d4ab78545c8d275b5f9de7925382f549a8c15a3b0cdead18b57ef384e257"

// The session holds what a small site keeps of a user.
const (
	userID   = 4711
	username = "ann"
	theme    = "dark"
)

const loginForm = `<form method="post"><input name="username"><button>Log in</button></form>`

func describe(userID int, username, theme string) string {
	return strconv.Itoa(userID) + " " + html.EscapeString(username) + " " + theme
}

func sessionApps() []competitor {
	return []competitor{{"decant", decantSessions()}, {"gorilla", gorillaSessions()}, {"scs", scsSessions()}}
}

func decantSessions() *decant.App {
	app := decant.New("sessions")
	app.Config.SecretKey = secretKey
	app.Get("/hello", hello)
	app.Get("/login", func(c *decant.Context) (any, error) { return loginForm, nil }, decant.Endpoint("form"))
	app.Post("/login", decantLogin)
	app.Get("/", decantRead)
	app.Get("/write", decantWrite)
	app.Post("/logout", decantLogout)
	return app
}

func decantRead(c *decant.Context) (any, error) {
	s := c.Session
	return describe(s.Int("user_id"), s.String("username"), s.String("theme")), nil
}

func decantStore(c *decant.Context, name string) {
	c.Session.Set("user_id", userID)
	c.Session.Set("username", name)
	c.Session.Set("theme", theme)
}

func decantWrite(c *decant.Context) (any, error) {
	decantStore(c, username)
	return greeting, nil
}

func decantLogin(c *decant.Context) (any, error) {
	name, err := c.Request.Form.Require("username")
	if err != nil {
		return nil, err
	}
	c.Session.Clear()
	decantStore(c, name)
	return c.Redirect("/")
}

func decantLogout(c *decant.Context) (any, error) {
	c.Session.Clear()
	return c.Redirect("/")
}

// gorillaApp signs its cookie and does not encrypt it, as decant does.
type gorillaApp struct{ store *sessions.CookieStore }

func gorillaSessions() http.Handler {
	g := gorillaApp{sessions.NewCookieStore([]byte(secretKey))}
	g.store.Options = &sessions.Options{Path: "/", HttpOnly: true, MaxAge: 31 * 24 * 60 * 60}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", writeForm)
	mux.HandleFunc("POST /login", g.login)
	mux.HandleFunc("GET /{$}", g.read)
	mux.HandleFunc("GET /write", g.write)
	mux.HandleFunc("POST /logout", g.logout)
	return mux
}

func writeForm(w http.ResponseWriter, r *http.Request) { writeHTML(w, loginForm) }

func (g gorillaApp) read(w http.ResponseWriter, r *http.Request) {
	s, _ := g.store.Get(r, "session")
	id, _ := s.Values["user_id"].(int)
	name, _ := s.Values["username"].(string)
	theme, _ := s.Values["theme"].(string)
	writeHTML(w, describe(id, name, theme))
}

func (g gorillaApp) keep(w http.ResponseWriter, r *http.Request, name string) {
	s, _ := g.store.Get(r, "session")
	s.Values["user_id"] = userID
	s.Values["username"] = name
	s.Values["theme"] = theme
	g.save(w, r, s)
}

func (g gorillaApp) save(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
	if err := s.Save(r, w); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (g gorillaApp) write(w http.ResponseWriter, r *http.Request) {
	g.keep(w, r, username)
	writeHTML(w, greeting)
}

func (g gorillaApp) login(w http.ResponseWriter, r *http.Request) {
	g.keep(w, r, r.FormValue("username"))
	http.Redirect(w, r, "/", http.StatusFound)
}

func (g gorillaApp) logout(w http.ResponseWriter, r *http.Request) {
	s, _ := g.store.Get(r, "session")
	s.Options.MaxAge = -1
	g.save(w, r, s)
	http.Redirect(w, r, "/", http.StatusFound)
}

// scsApp keeps its sessions in memory.
type scsApp struct{ *scs.SessionManager }

func scsSessions() http.Handler {
	s := scsApp{scs.New()}
	s.Store = memstore.NewWithCleanupInterval(0)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", writeForm)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /{$}", s.read)
	mux.HandleFunc("GET /write", s.write)
	mux.HandleFunc("POST /logout", s.logout)
	return s.LoadAndSave(mux)
}

func (s scsApp) read(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	writeHTML(w, describe(s.GetInt(ctx, "user_id"), s.GetString(ctx, "username"), s.GetString(ctx, "theme")))
}

func (s scsApp) keep(r *http.Request, name string) {
	s.Put(r.Context(), "user_id", userID)
	s.Put(r.Context(), "username", name)
	s.Put(r.Context(), "theme", theme)
}

func (s scsApp) write(w http.ResponseWriter, r *http.Request) {
	s.keep(r, username)
	writeHTML(w, greeting)
}

func (s scsApp) login(w http.ResponseWriter, r *http.Request) {
	if err := s.RenewToken(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.keep(r, r.FormValue("username"))
	http.Redirect(w, r, "/", http.StatusFound)
}

func (s scsApp) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.Destroy(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusFound)
}

// loggedIn is the cookie of a user of that competitor.
func loggedIn(t testing.TB, handler http.Handler) string {
	t.Helper()
	c := newClient(handler)
	c.send(get("/write", ""))
	return c.sessionCookie()
}

func checkSession(t testing.TB, c *client, target, cookie, want string) message {
	t.Helper()
	m := get(target, cookie)
	got := c.ask(m)
	got.cookie = ""
	if got != page(want) {
		t.Fatalf("%s: got %+v, want %q", target, got, want)
	}
	return m
}

func TestSessions(t *testing.T) {
	for _, one := range sessionApps() {
		t.Run(one.name, func(t *testing.T) {
			cookie, c := loggedIn(t, one.handler), newClient(one.handler)
			checkSession(t, c, "/", cookie, describe(userID, username, theme))
			checkSession(t, c, "/", "", describe(0, "", ""))
			checkSession(t, c, "/write", cookie, greeting)
			checkSession(t, c, "/", c.sessionCookieOr(cookie), describe(userID, username, theme))
			newVisitor(one.handler).check(t)
		})
	}
}

// sessionCookieOr is for competitors that need not set the cookie again.
func (c *client) sessionCookieOr(cookie string) string {
	if len(c.writer.header["Set-Cookie"]) == 0 {
		return cookie
	}
	return c.sessionCookie()
}

func benchmarkSession(b *testing.B, target, want string, isNew bool) {
	for _, one := range sessionApps() {
		b.Run(one.name, func(b *testing.B) {
			cookie := ""
			if !isNew {
				cookie = loggedIn(b, one.handler)
			}
			c := newClient(one.handler)
			m := checkSession(b, c, target, cookie, want)
			b.ReportAllocs()
			for b.Loop() {
				c.send(m)
			}
		})
	}
}

func BenchmarkSessionRead(b *testing.B) {
	benchmarkSession(b, "/", describe(userID, username, theme), false)
}

// BenchmarkSessionWrite changes a session that is there.
func BenchmarkSessionWrite(b *testing.B) { benchmarkSession(b, "/write", greeting, false) }

// BenchmarkSessionCreate writes a new session.
func BenchmarkSessionCreate(b *testing.B) { benchmarkSession(b, "/write", greeting, true) }

// BenchmarkSessionUntouched is about what a session cookie costs a view that
// does not look at it.
func BenchmarkSessionUntouched(b *testing.B) {
	app := decantSessions()
	for _, one := range []struct{ name, cookie string }{
		{"without", ""},
		{"with", loggedIn(b, app)},
	} {
		b.Run(one.name, func(b *testing.B) {
			c, m := newClient(app), get("/hello", one.cookie)
			check(b, c, m, page(greeting))
			b.ReportAllocs()
			for b.Loop() {
				c.send(m)
			}
		})
	}
}

func TestUntouchedSessionIsFree(t *testing.T) {
	app := decantSessions()
	c := newClient(app)
	without, with := get("/hello", ""), get("/hello", loggedIn(t, app))
	plain := testing.AllocsPerRun(100, func() { c.send(without) })
	extra := testing.AllocsPerRun(100, func() { c.send(with) }) - plain
	if extra != 0 {
		t.Errorf("a session cookie that nobody looks at costs %v allocations", extra)
	}
}

// visitor logs in, looks at the greeting and logs out.
type visitor struct {
	*client
	form, login, read, logout message
}

func newVisitor(handler http.Handler) *visitor {
	return &visitor{newClient(handler), get("/login", ""), post("/login", "username=ann"), get("/", "-"), post("/logout", "")}
}

func (v *visitor) flow() {
	v.send(v.form)
	v.send(v.login)
	cookie := v.sessionCookie()
	v.read.request.Header["Cookie"] = []string{cookie}
	v.send(v.read)
	v.logout.request.Header["Cookie"] = []string{cookie}
	v.send(v.logout)
}

func (v *visitor) check(t testing.TB) {
	t.Helper()
	check(t, v.client, v.form, page(loginForm))
	toHome := answer{status: http.StatusFound, location: "/"}
	v.checkStep(t, v.login, toHome)
	cookie := v.sessionCookie()
	v.read.request.Header.Set("Cookie", cookie)
	v.logout.request.Header.Set("Cookie", cookie)
	v.checkStep(t, v.read, page(describe(userID, username, theme)))
	v.checkStep(t, v.logout, toHome)
	if v.sessionCookieOr("") == "" {
		t.Fatal("the logout told the browser nothing")
	}
}

func (v *visitor) checkStep(t testing.TB, m message, want answer) {
	t.Helper()
	got := v.ask(m)
	got.cookie = ""
	if got != want {
		t.Fatalf("%s %s: got %+v, want %+v", m.request.Method, m.request.URL, got, want)
	}
}

func BenchmarkLoginFlow(b *testing.B) {
	for _, one := range sessionApps() {
		b.Run(one.name, func(b *testing.B) {
			v := newVisitor(one.handler)
			v.check(b)
			b.ReportAllocs()
			for b.Loop() {
				v.flow()
			}
		})
	}
}
