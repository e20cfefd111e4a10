package serversession

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
)

// newApp is an application whose view does what the test wants.
func newApp(sessions decant.SessionInterface, do func(*decant.Session)) *decant.App {
	app := decant.New("test")
	app.Config.SecretKey = "the key of the tests, which signs nothing else"
	app.Config.PermanentSessionLifetime = time.Hour
	app.SessionInterface = sessions
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/", func(c *decant.Context) (any, error) {
		do(c.Session)
		return c.Session.String("user"), nil
	}, decant.Endpoint("view"))
	return app
}

// ask sends the cookie and returns the answer and the cookie to send next.
func ask(app http.Handler, cookie string) (w *httptest.ResponseRecorder, next string) {
	r := httptest.NewRequest("GET", "/", nil)
	if cookie != "" {
		r.Header.Set("Cookie", "session="+cookie)
	}
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if cookies := w.Result().Cookies(); len(cookies) > 0 {
		return w, cookies[0].Value
	}
	return w, cookie
}

// login returns the cookie of a new session.
func login(t *testing.T, sessions decant.SessionInterface, permanent bool) string {
	t.Helper()
	_, cookie := ask(newApp(sessions, func(s *decant.Session) {
		s.Set("user", "ann")
		s.SetPermanent(permanent)
	}), "")
	if cookie == "" {
		t.Fatal("no cookie")
	}
	return cookie
}

func read(s *decant.Session) { s.Len() }

func mustSee(t *testing.T, app http.Handler, cookie, user string) (next string) {
	t.Helper()
	w, next := ask(app, cookie)
	if w.Code != http.StatusOK || w.Body.String() != user {
		t.Errorf("status %d, user %q, want %q", w.Code, w.Body, user)
	}
	return next
}

func TestASessionEndsALifetimeAfterItWasWritten(t *testing.T) {
	for _, permanent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := NewMemory()
			sessions := New(store)
			app := newApp(sessions, read)
			app.Config.SessionRefreshEachRequest = false
			cookie := login(t, sessions, permanent)
			time.Sleep(59 * time.Minute)
			if next := mustSee(t, app, cookie, "ann"); next != cookie {
				t.Error("reading sent a cookie")
			}
			time.Sleep(2 * time.Minute)
			mustSee(t, app, cookie, "")
			login(t, sessions, false)
			if len(store.entries) != 1 {
				t.Errorf("%d entries are left", len(store.entries))
			}
		})
	}
}

func TestTheStoreHasTheLastWordOnExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		sessions := New(store)
		cookie := login(t, sessions, false)
		patient := newApp(sessions, read)
		patient.Config.PermanentSessionLifetime = 24 * time.Hour // believes the cookie for longer
		time.Sleep(2 * time.Hour)
		mustSee(t, patient, cookie, "")
	})
}

func TestAPermanentSessionIsProlongedByBeingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newSpy()
		sessions := New(store)
		app := newApp(sessions, read)
		cookie := login(t, sessions, true)

		store.calls = nil
		time.Sleep(2 * time.Minute) // less than a twentieth of an hour
		if next := mustSee(t, app, cookie, "ann"); next != cookie || !slices.Equal(store.calls, []string{"find"}) {
			t.Errorf("reading a fresh session did %q", store.calls)
		}
		first := cookie
		for range 10 {
			time.Sleep(50 * time.Minute)
			next := mustSee(t, app, cookie, "ann")
			if next == cookie {
				t.Fatal("the session was not prolonged")
			}
			cookie = next
		}
		mustSee(t, app, first, "") // the id is good and the date is not
		time.Sleep(61 * time.Minute)
		mustSee(t, app, cookie, "")
	})
}

func TestProlongingLosesNoWriteAndRaisesNoDead(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*decant.Session)
		want      string
	}{
		"written":    {func(s *decant.Session) { s.Set("user", "bob") }, "bob"},
		"logged out": {func(s *decant.Session) { s.Clear() }, ""},
		"renewed":    {func(s *decant.Session) { s.Renew() }, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			sessions := New(NewMemory())
			cookie := login(t, sessions, true)
			time.Sleep(30 * time.Minute)
			slow := newApp(sessions, func(s *decant.Session) {
				s.Len()
				ask(newApp(sessions, c.meanwhile), cookie)
			})
			if w, next := ask(slow, cookie); w.Code != 200 || next != cookie != (name == "written") {
				t.Errorf("%s: status %d, cookies %q", name, w.Code, w.Header()["Set-Cookie"])
			}
			if w, _ := ask(newApp(sessions, read), cookie); w.Body.String() != c.want {
				t.Errorf("%s: the session is that of %q", name, w.Body)
			}
		})
	}
}

// TestLogoutWinsInEveryOrder ends the session before each call to the store
// that a request makes which prolongs or writes it.
func TestLogoutWinsInEveryOrder(t *testing.T) {
	for name, do := range map[string]func(*decant.Session){
		"reads":  read,
		"writes": func(s *decant.Session) { s.Set("x", 1) },
		"renews": func(s *decant.Session) { s.Renew() },
	} {
		for at := range 8 {
			synctest.Test(t, func(t *testing.T) {
				store := newSpy()
				sessions := New(store)
				cookie := login(t, sessions, true)
				time.Sleep(30 * time.Minute)
				logout := newApp(sessions, func(s *decant.Session) { s.Clear() })
				store.calls, store.before = nil, func(string) error {
					if len(store.calls) == at+1 {
						store.before = nil
						ask(logout, cookie)
					}
					return nil
				}
				ask(newApp(sessions, do), cookie)
				if store.before != nil {
					return // it made fewer calls
				}
				mustSee(t, newApp(sessions, read), cookie, "")
				if t.Failed() {
					t.Fatalf("%s, logged out before call %d", name, at)
				}
			})
		}
	}
}

func TestALifetimeOfNothingIsAMistake(t *testing.T) {
	var log strings.Builder
	app := newApp(New(NewMemory()), func(s *decant.Session) { s.Set("user", "ann") })
	app.Config.PermanentSessionLifetime = 0
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	if w, cookie := ask(app, ""); w.Code != 500 || cookie != "" {
		t.Errorf("status %d, cookie %q", w.Code, cookie)
	}
	if !strings.Contains(log.String(), "set Config.PermanentSessionLifetime") {
		t.Errorf("the log says %q", log.String())
	}
}

// spy is a Memory that knows contexts, and tells what it is asked to do. Its
// methods without a context must not be called.
type spy struct {
	Store
	memory *Memory
	calls  []string
	before func(call string) error
}

func newSpy() *spy { return &spy{memory: NewMemory()} }

var (
	errDown = errors.New("no route to the store")
	errHang = errors.New("for as long as the store may")
)

// note fails, too, for a context that ended.
func (s *spy) note(ctx context.Context, call string) error {
	s.calls = append(s.calls, call)
	if s.before == nil {
		return ctx.Err()
	}
	err := s.before(call)
	if err == errHang {
		<-ctx.Done()
	}
	return cmp.Or(ctx.Err(), err)
}

func TestASlowWriterOfAnEndedSessionSendsNoCookie(t *testing.T) {
	sessions := New(NewMemory())
	cookie := login(t, sessions, false)
	slow := newApp(sessions, func(s *decant.Session) {
		s.Set("x", 1)
		ask(newApp(sessions, func(s *decant.Session) { s.Clear() }), cookie)
	})
	if w, _ := ask(slow, cookie); w.Code != 200 || w.Header()["Set-Cookie"] != nil {
		t.Errorf("status %d, cookies %q", w.Code, w.Header()["Set-Cookie"])
	}
}

// TestAnErrorPageMayBeginAgain has a session be emptied and saved, and written
// again by the page for what went wrong after that.
func TestAnErrorPageMayBeginAgain(t *testing.T) {
	for name, empty := range map[string]func(*decant.Session){
		"popped":  func(s *decant.Session) { s.Pop("user"); s.Pop("_permanent") },
		"cleared": func(s *decant.Session) { s.Clear() },
	} {
		sessions := New(NewMemory())
		cookie := login(t, sessions, true)
		app := newApp(sessions, empty)
		app.AfterRequest(func(_ *decant.Context, r *decant.Response) error {
			if r.Status == 200 {
				r.Header().Set("X-Broken", "a\nb")
			}
			return nil
		})
		app.ErrorHandler(500, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
			c.Session.Set("user", "nobody")
			return "sorry", nil
		})
		w, next := ask(app, cookie)
		if w.Code != 500 || next == cookie || len(w.Header()["Set-Cookie"]) != 1 {
			t.Errorf("%s: status %d, cookies %q", name, w.Code, w.Header()["Set-Cookie"])
		}
		mustSee(t, newApp(sessions, read), cookie, "")
		mustSee(t, newApp(sessions, read), next, "nobody")
	}
}
