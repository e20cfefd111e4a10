package flask

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

// sessions is how many random sessions travel in each direction.
const sessions = 600

// newApp is an application with one view, which does with the session what the
// test wants.
func newApp(view func(*decant.Session)) *decant.App {
	app := decant.New("interop")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/", func(c *decant.Context) (any, error) {
		view(c.Session)
		return "done", nil
	}, decant.Endpoint("view"))
	return app
}

// visit sends a request with a session cookie, if one is given, and returns the
// session cookie that comes back, if one does.
func visit(app http.Handler, cookie string) (status int, answered string) {
	request := httptest.NewRequest("GET", "/", nil)
	if cookie != "" {
		request.Header.Set("Cookie", "session="+cookie)
	}
	recorder := httptest.NewRecorder()
	app.ServeHTTP(recorder, request)
	for _, cookie := range recorder.Result().Cookies() {
		if cookie.Name == "session" {
			answered = cookie.Value
		}
	}
	return recorder.Code, answered
}

// sign has a Decant view set each key, and returns the cookie.
func sign(t testing.TB, app *decant.App) string {
	t.Helper()
	status, cookie := visit(app, "")
	if status != http.StatusOK || cookie == "" {
		t.Fatalf("saving the session gave status %d and the cookie %q", status, cookie)
	}
	return cookie
}

// load reads a session cookie in a Decant view, and the status of the answer.
func load(app *decant.App, seen *typed, cookie string) (typed, int) {
	*seen = typed{}
	status, _ := visit(app, cookie)
	return *seen, status
}

// newReader is an application that describes into seen what is in the session.
func newReader(seen *typed) *decant.App {
	return newApp(func(s *decant.Session) { *seen = describeSession(s) })
}

func describeSession(s *decant.Session) typed {
	values := map[string]any{}
	for key, value := range s.All() {
		values[key] = value
	}
	return describe(values)
}

func setAll(values map[string]any) func(*decant.Session) {
	return func(s *decant.Session) {
		for key, value := range values {
			s.Set(key, value)
		}
	}
}

func TestFlaskLoadsWhatDecantSaved(t *testing.T) {
	judge := startJudge(t)
	random, _ := newRandom(t)
	var values map[string]any
	app := newApp(func(s *decant.Session) { setAll(values)(s) })
	for range sessions {
		values = random.session()
		cookie := sign(t, app)
		got := judge.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: cookie}).Session
		if diff := diffTyped(describe(values), *got); diff != "" {
			t.Fatalf("%#v changed on its way (-Decant +Flask):\n%s\nin the cookie %s", values, diff, cookie)
		}
	}
}

// addedKey is what the view adds to a session of Flask's; generate.py never
// makes such a key.
const addedKey = "added by Decant"

func TestFlaskGetsBackWhatItSaved(t *testing.T) {
	judge := startJudge(t)
	_, seed := newRandom(t)
	var seen typed
	app := newApp(func(s *decant.Session) {
		seen = describeSession(s)
		s.Set(addedKey, true)
	})
	for i := range uint64(sessions) {
		made := judge.ask(question{Command: "generate", Secret: secretKey, Seed: seed + i})
		status, cookie := visit(app, made.Cookie)
		if status != http.StatusOK {
			t.Fatalf("seed %d: Decant answers with %d to the cookie %s", seed+i, status, made.Cookie)
		}
		if diff := diffTyped(*made.Session, seen); diff != "" {
			t.Errorf("seed %d: (-Flask +Decant):\n%s", seed+i, diff)
		}
		back := judge.ask(question{Command: "load_cookie", Secret: secretKey, Cookie: cookie}).Session
		if diff := diffTyped(*made.Session, back.without(addedKey)); diff != "" {
			t.Fatalf("seed %d: (-Flask +Flask after Decant):\n%s", seed+i, diff)
		}
		if diff := diffTyped(describe(true), keyOf(back, addedKey)); diff != "" {
			t.Fatalf("seed %d: the added key is wrong:\n%s", seed+i, diff)
		}
	}
}

// keyOf gives the value of one key of a typed dict, the zero value without it.
func keyOf(dict *typed, key string) typed {
	for _, pair := range dict.Value.([]any) {
		if items := pair.([]any); items[0] == quoted(key) {
			value := items[1].(map[string]any)
			return typed{value["t"].(string), value["v"]}
		}
	}
	return typed{}
}
