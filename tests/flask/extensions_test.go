package flask

import (
	"fmt"
	"html"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/goredisstore"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/serversession/flasksession"
)

// debianPython has Flask's extensions.
const debianPython = "/usr/bin/python3"

// half says how the two halves of an application keep their sessions, which are in
// Redis. moving_test.go has an application with sessions in the cookie.
type half struct {
	redis      *redisServer
	signer     bool
	protection login.Protection
}

// startHalfMoved starts extensions_app.py behind an application in Go, and
// returns the address of the latter.
func startHalfMoved(t *testing.T, h half) string {
	t.Helper()
	port := freePort(t)
	command := exec.Command(debianPython, "-B", "extensions_app.py")
	command.Env = append(os.Environ(), "FLASK_SECRET="+secretKey, fmt.Sprintf("PORT=%d", port), "PYTHONIOENCODING=utf-8",
		"PROTECTION="+string(h.protection), "REDIS="+h.redis.address())
	if h.signer {
		command.Env = append(command.Env, "SIGNER=yes")
	}
	legacy := startServer(t, command, port)
	app := newGoHalf(t, h)
	app.Fallback(decant.Legacy(legacy))
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	return server.URL
}

// member is a user of the Go half.
type member struct{ name string }

func (m *member) GetID() string { return m.name }

func loadMember(_ *decant.Context, id string) (*member, error) {
	switch id {
	case "ann", "bob", "é☃":
		return &member{id}, nil
	}
	return nil, nil
}

func newGoHalf(t *testing.T, h half) *decant.App {
	app := decant.New("half")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.DiscardHandler)
	app.Config.Set("SESSION_SERIALIZATION_FORMAT", "pickle")
	app.Config.Set("SESSION_USE_SIGNER", h.signer)
	flasksession.New(goredisstore.NewWithPrefix(h.redis.client(t), "")).Init(app)
	users := login.New(loadMember)
	users.SessionProtection = h.protection
	users.LoginView, users.RefreshView = "login", "login"
	users.Init(app)
	csrf.Protect(app)
	addGoViews(app, users)
	return app
}

func addGoViews(app *decant.App, users *login.Manager[*member]) {
	python := map[bool]string{true: "True", false: "False"}
	name := func(c *decant.Context) string {
		if user := users.CurrentUser(c); user != nil {
			return user.name
		}
		return "anonymous"
	}
	add := func(method, path string, view func(c *decant.Context) any, decorators ...func(decant.View) decant.View) {
		app.Route("/go"+path, func(c *decant.Context) (any, error) { return view(c), nil },
			decant.Endpoint(path[1:]), decant.Methods(strings.Split(method, ",")...), decant.Decorate(decorators...))
	}
	add("GET", "/who", func(c *decant.Context) any {
		return name(c) + " " + python[users.IsAuthenticated(c) && users.IsFresh(c)]
	})
	add("GET", "/form", func(c *decant.Context) any { return csrf.Field(c) })
	add("POST", "/save", func(c *decant.Context) any { return "saved " + c.Request.Form.Get("text") })
	add("GET,POST", "/login", func(c *decant.Context) any {
		if c.Request.Method == http.MethodGet {
			return "log in"
		}
		var options []login.Option
		if c.Request.Form.Has("remember") {
			options = append(options, login.Remember())
		}
		return python[users.LoginUser(c, &member{c.Request.Form.Get("name")}, options...)]
	})
	add("POST", "/logout", func(c *decant.Context) any { users.Logout(c); return "True" })
	add("POST", "/confirm", func(c *decant.Context) any { users.Confirm(c); return "confirmed" })
	add("GET", "/private", func(c *decant.Context) any { return "private of " + name(c) }, users.Required)
	add("GET", "/sensitive", func(c *decant.Context) any { return "sensitive of " + name(c) }, users.FreshRequired)
	add("POST", "/flash", func(c *decant.Context) any { c.Flash(c.Request.Form.Get("text"), "info"); return "kept" })
	add("GET", "/flashes", func(c *decant.Context) any {
		var messages []string
		for _, flash := range c.FlashedMessages() {
			messages = append(messages, flash.Category+":"+flash.String())
		}
		return strings.Join(messages, " ")
	})
}

// visitor asks both halves, and knows what they should answer.
type visitor struct {
	*cookieClient
	user              string // "" for nobody
	fresh, remembered bool
	flashes           []string
}

func newVisitor(t *testing.T, address string) *visitor {
	return &visitor{cookieClient: newCookieClient(t, address)}
}

func (v *visitor) see(what, path string, status int, body string) {
	v.t.Helper()
	if gotStatus, got := v.do("GET", path, nil); gotStatus != status || status == 200 && got != body {
		v.t.Fatalf("%s, request %d: GET %s gives %d %s, want %d %q", what, v.requests, path, gotStatus, got, status, body)
	}
}

var tokenField = regexp.MustCompile(`name="csrf_token" type="hidden" value="([^"]*)"`)

// post fills the form of one half and sends it to the other, or to the same.
func (v *visitor) post(what, formSide, path, want string, pairs ...string) {
	v.t.Helper()
	_, page := v.do("GET", formSide+"/form", nil)
	token := tokenField.FindStringSubmatch(page)
	if token == nil {
		v.t.Fatalf("%s: the form of %s has no token: %s", what, formSide, page)
	}
	form := url.Values{"csrf_token": {html.UnescapeString(token[1])}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if status, got := v.do("POST", path, form); status != 200 || got != want {
		v.t.Fatalf("%s, request %d: POST %s with a token of %s gives %d %s, want %q", what, v.requests, path, formSide, status, got, want)
	}
}

// step sends one random request, or a few that belong together, and compares
// what comes with what a user would expect.
func (v *visitor) step(random *rand.Rand, i int) {
	sides := []string{"/flask", "/go"}
	side, other := sides[random.IntN(2)], sides[random.IntN(2)]
	what := fmt.Sprintf("step %d", i)
	python := map[bool]string{true: "True", false: "False"}
	switch random.IntN(12) {
	case 0, 1:
		name := v.user
		if name == "" {
			name = "anonymous"
		}
		v.see(what, side+"/who", 200, name+" "+python[v.user != "" && v.fresh])
	case 2:
		v.see(what, side+"/private", map[bool]int{true: 200, false: 302}[v.user != ""], "private of "+v.user)
	case 3:
		v.see(what, side+"/sensitive", map[bool]int{true: 200, false: 302}[v.user != "" && v.fresh], "sensitive of "+v.user)
		v.forgetFlashes(side)
	case 4, 5, 6:
		text := fmt.Sprintf("note %d é<&>", i)
		v.post(what, other, side+"/save", "saved "+text, "text", text)
	case 7:
		v.user = []string{"ann", "bob", "é☃"}[random.IntN(3)]
		form := []string{"name", v.user}
		v.remembered = random.IntN(2) == 0
		if _, old := v.cookies["remember_token"]; old && !v.remembered {
			v.post(what, other, side+"/logout", "True") // or the old cookie would stay
		}
		if v.remembered {
			form = append(form, "remember", "1")
		}
		v.post(what, other, side+"/login", "True", form...)
		v.fresh = true
	case 8:
		if random.IntN(3) > 0 {
			return // logouts are rarer, so that there is something to lose
		}
		v.post(what, other, side+"/logout", "True")
		v.user, v.fresh, v.remembered = "", false, false
	case 9:
		delete(v.cookies, "session") // the browser was closed, or the session has ended
		v.fresh, v.flashes = false, nil
		if !v.remembered {
			v.user = ""
		}
	case 10:
		if random.IntN(4) == 0 {
			v.agent++ // the browser was updated
			v.fresh = false
		} else if v.user != "" {
			v.see(what, side+"/private", 200, "private of "+v.user)
			v.post(what, other, side+"/confirm", "confirmed")
			v.fresh = true
		}
	case 11:
		v.forgetFlashes(other)
		v.post(what, other, side+"/flash", "kept", "text", what)
		v.see(what, other+"/flashes", 200, "info:"+what)
	}
}

// forgetFlashes reads the messages of refused requests.
func (v *visitor) forgetFlashes(side string) {
	v.t.Helper()
	if status, body := v.do("GET", side+"/flashes", nil); status != 200 {
		v.t.Fatalf("the messages cannot be shown: %d %s", status, body)
	}
}

// TestAHalfMovedApplicationLogsNobodyOut sends visitors to both halves at
// random: logins, logouts, forms of one half that the other receives, closed
// and updated browsers, flashed messages.
func TestAHalfMovedApplicationLogsNobodyOut(t *testing.T) {
	for name, h := range map[string]half{
		"Redis":         {protection: login.Basic, redis: startRedis(t)},
		"Redis, signed": {protection: login.Basic, redis: startRedis(t), signer: true},
		"permanent":     {protection: login.Strong, redis: startRedis(t)}, // strong is basic for permanent sessions
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			address := startHalfMoved(t, h)
			visitors := []*visitor{newVisitor(t, address), newVisitor(t, address), newVisitor(t, address)}
			requests := 0
			for i := 0; requests < alternations; i++ {
				v := visitors[random.IntN(len(visitors))]
				before := v.requests
				v.step(random, i)
				requests += v.requests - before
			}
		})
	}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 678901000, time.UTC)

// TestPicklesBesidePython has Python read what Go writes, and the other way
// round.
func TestPicklesBesidePython(t *testing.T) {
	session := map[string]any{
		"none": nil, "yes": true, "int": 42, "negative": -129, "wide": 1 << 40, "float": 1.5, "text": "é☃\x00\"'", "bytes": []byte{0, 255},
		"tuple": decant.Tuple{1, "x"}, "list": []any{1, []any{}}, "dict": map[string]any{"a": map[string]any{}}, "set": flasksession.Set{1},
		"markup": decant.Markup("<b>"), "uuid": decant.UUID{1, 15: 2}, "decimal": flasksession.Decimal("1.50"),
		"naive": flasksession.NaiveTime{Time: noon}, "aware": noon, "duration": -90 * time.Second, "date": flasksession.Date{Year: 2026, Month: 1, Day: 2},
	}
	pickled, err := flasksession.Encode(session, flasksession.Pickle)
	must(t, err)
	for protocol := 2; protocol <= 5; protocol++ {
		command := exec.Command(debianPython, "-c", fmt.Sprintf(
			"import pickle, sys\nsys.stdout.buffer.write(pickle.dumps(pickle.load(sys.stdin.buffer), %d))", protocol))
		command.Stdin, command.Stderr = strings.NewReader(string(pickled)), os.Stderr
		again, err := command.Output()
		must(t, err)
		value, err := flasksession.Decode(again, flasksession.Pickle)
		must(t, err)
		want, got := fmt.Sprintf("%#v", session), fmt.Sprintf("%#v", value)
		if want != got {
			t.Errorf("protocol %d: got\n%s, want\n%s", protocol, got, want)
		}
	}
}
