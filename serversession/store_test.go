package serversession

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
)

func (s *spy) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	if err := s.note(ctx, "find"); err != nil {
		return nil, false, err
	}
	return s.memory.Find(token)
}

func (s *spy) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	if err := s.note(ctx, "commit"); err != nil {
		return err
	}
	return s.memory.Commit(token, data, expiry)
}

func (s *spy) DeleteCtx(ctx context.Context, token string) error {
	if err := s.note(ctx, "delete"); err != nil {
		return err
	}
	return s.memory.Delete(token)
}

// flows are what a request can do to a session, and the calls that it takes.
var flows = map[string]struct {
	isNew bool
	do    func(*decant.Session)
	calls []string
}{
	"a new one is read": {true, read, nil},
	"a new one":         {true, func(s *decant.Session) { s.Set("user", "bob") }, []string{"commit"}},
	"read":              {false, read, []string{"find"}},
	"written":           {false, func(s *decant.Session) { s.Set("user", "bob") }, []string{"find", "commit", "find"}},
	"logged out":        {false, func(s *decant.Session) { s.Clear() }, []string{"find", "commit", "delete"}},
	"renewed":           {false, func(s *decant.Session) { s.Renew() }, []string{"find", "commit", "commit", "delete"}},
}

func TestWhatTheStoreIsAsked(t *testing.T) {
	for name, flow := range flows {
		store := newSpy()
		sessions := New(store)
		cookie := login(t, sessions, false)
		if flow.isNew {
			cookie = ""
		}
		store.calls = nil
		if ask(newApp(sessions, flow.do), cookie); !slices.Equal(store.calls, flow.calls) {
			t.Errorf("%s: %q, want %q", name, store.calls, flow.calls)
		}
	}
}

// TestAStoreThatFailsIsA503 has each call of each flow fail in turn.
func TestAStoreThatFailsIsA503(t *testing.T) {
	for name, flow := range flows {
		for at := range flow.calls {
			for _, failure := range []error{errDown, errHang} {
				t.Run(fmt.Sprint(name, at, failure), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { failAt(t, flow.isNew, flow.do, at, failure) })
				})
			}
		}
	}
}

func failAt(t *testing.T, isNew bool, do func(*decant.Session), at int, failure error) {
	store := newSpy()
	sessions := New(store, Timeout(5*time.Second))
	cookie := login(t, sessions, false)
	if isNew {
		cookie = ""
	}
	store.calls, store.before = nil, func(string) error {
		if len(store.calls) > at {
			return failure
		}
		return nil
	}
	var log strings.Builder
	app := newApp(sessions, do)
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	app.ErrorHandler(503, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		c.Session.Len()
		return "come back later", nil
	})
	began := time.Now()
	w, _ := ask(app, cookie)
	if w.Code != 503 || w.Body.String() != "come back later" || w.Header()["Set-Cookie"] != nil {
		t.Errorf("status %d, body %q, cookies %q", w.Code, w.Body, w.Header()["Set-Cookie"])
	}
	want := map[error]string{errDown: "no route to the store", errHang: "deadline exceeded"}[failure]
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), want) {
		t.Errorf("the log says %q", log.String())
	}
	if len(store.calls) != at+1 {
		t.Errorf("the store was asked for %q", store.calls)
	}
	if waited := time.Since(began); failure == errHang && waited != 5*time.Second {
		t.Errorf("the request took %v", waited)
	}
	store.before = nil
	if cookie != "" && at == 0 {
		mustSee(t, newApp(sessions, read), cookie, "ann") // it was only down
	}
}

func TestAClientThatHangsUpStillLogsOut(t *testing.T) {
	store := newSpy()
	sessions := New(store)
	cookie := login(t, sessions, false)
	ctx, cancel := context.WithCancel(t.Context())
	app := newApp(sessions, func(s *decant.Session) { s.Clear(); cancel() })
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	r.Header.Set("Cookie", "session="+cookie)
	app.ServeHTTP(httptest.NewRecorder(), r)
	mustSee(t, newApp(sessions, read), cookie, "")
}

// TestTheStoreCannotOpenSessions makes sure that what the store holds is not
// what the cookie holds.
func TestTheStoreCannotOpenSessions(t *testing.T) {
	store := NewMemory()
	sessions := New(store)
	app := newApp(sessions, read)
	cookie := login(t, sessions, true)
	id, _, _ := strings.Cut(cookie, ".")
	if len(id) != 43 || len(store.entries) != 1 {
		t.Fatalf("the id %q, %d entries", id, len(store.entries))
	}
	for token, e := range store.entries {
		if len(token) != 43 || strings.Contains(cookie, token) || strings.Contains(string(e.data), id) {
			t.Errorf("the store holds %q: %q for the cookie %q", token, e.data, cookie)
		}
		if string(e.data) != `{"_permanent":true,"user":"ann"}` {
			t.Errorf("the store holds %s", e.data)
		}
		mustSee(t, app, token, "")
		mustSee(t, app, strings.Replace(cookie, id, token, 1), "")
	}
	mustSee(t, app, id, "")
}

func TestApplicationsWithOtherKeysShareAnInterfaceAndNoSessions(t *testing.T) {
	sessions := New(NewMemory())
	one, other := newApp(sessions, read), newApp(sessions, read)
	other.Config.SecretKey = "another key"
	cookie := login(t, sessions, false)
	for range 2 {
		mustSee(t, one, cookie, "ann")
		mustSee(t, other, cookie, "")
	}
}

func TestAnEntryThatMakesNoSenseIsA500(t *testing.T) {
	store := NewMemory()
	sessions := New(store)
	cookie := login(t, sessions, false)
	for _, e := range store.entries {
		e.data = []byte("[1")
	}
	if w, _ := ask(newApp(sessions, read), cookie); w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
}

func TestMistakesInTheSettingsPanic(t *testing.T) {
	for want, make := range map[string]func(){
		"got a nil store":         func() { New(nil) },
		"leaves the store no tim": func() { New(NewMemory(), Timeout(0)) },
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, want) {
					t.Errorf("%q, want %q", text, want)
				}
			}()
			make()
		}()
	}
}
