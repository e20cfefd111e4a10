package serversession

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/decant-go/decant"
)

// TestMemoryIsAMapWithExpiry compares it with the simplest thing that works.
func TestMemoryIsAMapWithExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type kept struct {
			data   string
			expiry time.Time
		}
		random := rand.New(rand.NewPCG(1, 2))
		store, model := NewMemory(), map[string]kept{}
		for step := range 20_000 {
			token := strconv.Itoa(random.IntN(50))
			switch random.IntN(4) {
			case 0:
				next := kept{strconv.Itoa(step), time.Now().Add(time.Duration(random.IntN(100)-10) * time.Second)}
				model[token] = next
				store.Commit(token, []byte(next.data), next.expiry)
			case 1:
				delete(model, token)
				store.Delete(token)
			case 2:
				time.Sleep(time.Second)
			}
			want, found := model[token]
			found = found && time.Now().Before(want.expiry)
			if data, ok, err := store.Find(token); ok != found || err != nil || ok && string(data) != want.data {
				t.Fatalf("step %d: %q, %v, %v, want %q, %v", step, data, ok, err, want.data, found)
			}
			checkQueue(t, store)
		}
	})
}

func checkQueue(t *testing.T, store *Memory) {
	t.Helper()
	if len(store.queue) != len(store.entries) {
		t.Fatalf("%d entries and %d in the queue", len(store.entries), len(store.queue))
	}
	for place, e := range store.queue {
		if e.place != place || store.entries[e.token] != e || store.queue[0].expiry.After(e.expiry) {
			t.Fatalf("the queue is out of order at %d", place)
		}
	}
}

func TestMemoryForgetsWhatExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemory()
		for i := range 10_000 {
			store.Commit(strconv.Itoa(i), nil, time.Now().Add(time.Minute))
		}
		time.Sleep(time.Minute)
		store.Commit("new", nil, time.Now().Add(time.Minute))
		if len(store.entries) != 1 || len(store.queue) != 1 {
			t.Errorf("%d entries are left", len(store.entries))
		}
	})
}

// TestThousandsOfLoginsNeverMeet has each client log in, look, write, log in as
// somebody else and log out, beside all the others.
func TestThousandsOfLoginsNeverMeet(t *testing.T) {
	store := NewMemory()
	app := newApp(New(store), func(*decant.Session) {})
	app.Get("/do/<verb>/<user>", func(c *decant.Context) (any, error) {
		switch c.Param("verb") {
		case "login":
			c.Session.Clear()
			c.Session.Set("user", c.Param("user"))
			c.Session.Set("list", []any{c.Param("user")})
		case "write":
			c.Session.Set("count", c.Session.Int("count")+1)
		case "renew":
			c.Session.Renew()
		case "logout":
			c.Session.Clear()
			return "", nil
		}
		return fmt.Sprintf("%s %v %d", c.Session.String("user"), c.Session.Get("list"), c.Session.Int("count")), nil
	}, decant.Endpoint("do"))

	const workers, clients = 16, 200 // clients of each worker
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for client := range clients {
				if err := liveOneLife(app, fmt.Sprintf("ann-%d-%d", worker, client)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	// The marks of ended sessions are left: of the login as somebody else, of the
	// renewal and of the logout.
	if n := len(store.entries); n != 3*workers*clients {
		t.Errorf("%d entries are left, want %d", n, 3*workers*clients)
	}
}

func liveOneLife(app http.Handler, user string) error {
	cookie := ""
	for _, step := range []struct{ path, want string }{
		{"look/x", " <nil> 0"},
		{"login/" + user, user + " [" + user + "] 0"},
		{"look/x", user + " [" + user + "] 0"},
		{"write/x", user + " [" + user + "] 1"},
		{"write/x", user + " [" + user + "] 2"},
		{"renew/x", user + " [" + user + "] 2"},
		{"look/x", user + " [" + user + "] 2"},
		{"login/" + user + "b", user + "b [" + user + "b] 0"},
		{"look/x", user + "b [" + user + "b] 0"},
		{"logout/x", ""},
		{"look/x", " <nil> 0"},
	} {
		r := httptest.NewRequest("GET", "/do/"+step.path, nil)
		if cookie != "" {
			r.Header.Set("Cookie", "session="+cookie)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Body.String() != step.want {
			return fmt.Errorf("%s, doing %q, was seen as %q, want %q", user, step.path, w.Body, step.want)
		}
		if cookies := w.Result().Cookies(); len(cookies) > 0 {
			cookie = cookies[0].Value
		}
	}
	return nil
}
