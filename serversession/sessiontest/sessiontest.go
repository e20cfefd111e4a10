// Package sessiontest checks that a [decant.SessionInterface] keeps the
// promises that [decant.Session] makes. It belongs in tests:
//
//	func TestContract(t *testing.T) {
//		store := newStore()
//		sessiontest.Run(t, func() decant.SessionInterface { return &sessions{store} })
//	}
package sessiontest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/decant-go/decant"
)

// Run runs a subtest for each promise. All interfaces that newInterface
// returns must share what they keep, as one application does before and after a
// restart, and sign their cookies with Config.SecretKey. Run it under the race
// detector.
func Run(t *testing.T, newInterface func() decant.SessionInterface) {
	for name, test := range map[string]func(*suite){
		"every type survives":                     (*suite).types,
		"values changed in place are not shared":  (*suite).changedInPlace,
		"what makes a session be saved":           (*suite).saving,
		"permanence is a date in the cookie":      (*suite).permanence,
		"the cookie has the attributes of Config": (*suite).attributes,
		"other cookies are new sessions":          (*suite).foreignCookies,
		"secret keys rotate":                      (*suite).keyRotation,
		"no session without a secret key":         (*suite).noKey,
		"hooks may write":                         (*suite).hooks,
		"error pages save":                        (*suite).errorPages,
		"what cannot be stored changes nothing":   (*suite).unstorable,
		"renewal keeps what is there":             (*suite).renewal,
		"users never meet":                        (*suite).users,
		"requests of one user side by side":       (*suite).sideBySide,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{t, newInterface}) })
	}
}

// RunServer is [Run] for sessions that are kept on the server, of which one
// expects more: that a session which ended is over for every copy of its
// cookie.
func RunServer(t *testing.T, newInterface func() decant.SessionInterface) {
	Run(t, newInterface)
	for name, test := range map[string]func(*suite){
		"the cookie tells nothing":              (*suite).opaque,
		"an old cookie opens nothing":           (*suite).replay,
		"an id is never taken from the client":  (*suite).fixation,
		"logging out wins over slower requests": (*suite).slowRequests,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{t, newInterface}) })
	}
}

type suite struct {
	*testing.T
	newInterface func() decant.SessionInterface
}

const secretKey = "the secret key of the contract test"

// app is an application that does to the session what the test wants.
func (s *suite) app(do func(c *decant.Context) (any, error)) *decant.App {
	app := decant.New("sessiontest")
	app.Config.SecretKey = secretKey
	app.SessionInterface = s.newInterface()
	app.Logger = discard
	app.Get("/", do, decant.Endpoint("view"))
	return app
}

// once has a browser visit an application that is made for the occasion, and
// so every time a new one with the same sessions.
func (s *suite) once(b *browser, do func(*decant.Session)) *httptest.ResponseRecorder {
	s.Helper()
	w := b.visit(s.app(func(c *decant.Context) (any, error) { do(c.Session); return "", nil }))
	if w.Code != http.StatusOK {
		s.Errorf("status %d", w.Code)
	}
	return w
}

// userOf is the user that a browser is logged in as.
func (s *suite) userOf(b *browser) (user string) {
	s.Helper()
	s.once(b, func(session *decant.Session) { user = session.String("user") })
	return user
}

// login is a browser that is logged in.
func (s *suite) login(user string) *browser {
	s.Helper()
	b := new(browser)
	s.once(b, func(session *decant.Session) { session.Set("user", user) })
	if b.cookie == "" {
		s.Fatal("a session that was written got no cookie")
	}
	return b
}

// browser keeps the session cookie as browsers do. Several goroutines may use
// it at once.
type browser struct {
	mutex  sync.Mutex
	name   string // of the cookie; "" is "session"
	cookie string
}

func (b *browser) cookieName() string {
	if b.name == "" {
		return "session"
	}
	return b.name
}

// copy is another browser with the same cookie, such as a thief's.
func (b *browser) copy() *browser { return &browser{name: b.name, cookie: b.cookie} }

func (b *browser) visit(app http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	b.mutex.Lock()
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookieName()+"="+b.cookie)
	}
	b.mutex.Unlock()
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == b.cookieName() {
			b.cookie = cookie.Value
		}
	}
	return w
}

// outcome says what an answer tells the browser and caches of the session.
func outcome(w *httptest.ResponseRecorder) string {
	var said []string
	if slices.Equal(w.Header()["Vary"], []string{"Cookie"}) {
		said = append(said, "Vary")
	}
	for _, line := range w.Header()["Set-Cookie"] {
		if strings.HasPrefix(line, "session=; ") && strings.Contains(line, "Max-Age=0") {
			said = append(said, "Deleted")
		} else {
			said = append(said, "Set")
		}
	}
	return strings.Join(said, " ")
}
