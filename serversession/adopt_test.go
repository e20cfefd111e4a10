package serversession

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// shop is an application with the views that the tests of adoption need.
func shop() *decant.App {
	app := decant.New("shop")
	app.Config.SecretKey = "the key of the shop"
	app.Get("/", func(c *decant.Context) (any, error) { return "user=" + c.Session.String("user"), nil }, decant.Endpoint("index"))
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user", "ann")
		return "", nil
	}, decant.Endpoint("login"))
	app.Get("/logout", func(c *decant.Context) (any, error) { c.Session.Clear(); return "", nil }, decant.Endpoint("logout"))
	app.Get("/untouched", func(*decant.Context) (any, error) { return "untouched", nil }, decant.Endpoint("untouched"))
	return app
}

// look returns the body, and the session cookie if the answer sets one.
func look(app *decant.App, path, cookie string) (body, set string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	set, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return w.Body.String(), set
}

func TestAdoptedUsersStayLoggedIn(t *testing.T) {
	t.Parallel()
	_, old := look(shop(), "/login", "")
	store := NewMemory()
	app := shop()
	app.SessionInterface = New(store, Adopt(app.SessionInterface))

	if body, set := look(app, "/untouched", old); body != "untouched" || set != "" {
		t.Errorf("a view that does not look: %q, cookie %q", body, set)
	}
	body, id := look(app, "/", old)
	if body != "user=ann" || !strings.HasPrefix(id, "session=") || id == old {
		t.Fatalf("the first look: %q, cookie %q", body, id)
	}
	if body, set := look(app, "/", id); body != "user=ann" || set != "" {
		t.Errorf("with the id: %q, cookie %q", body, set)
	}
	if _, set := look(app, "/logout", id); set != "session=" {
		t.Errorf("logging out sets %q", set)
	}
	if body, _ := look(app, "/", id); body != "user=" {
		t.Errorf("after logging out: %q", body)
	}
	if body, _ := look(app, "/", id[:len(id)-2]+"xx"); body != "user=" {
		t.Errorf("a tampered id: %q", body)
	}
}

func TestAdoptionAtLoginAndLogout(t *testing.T) {
	t.Parallel()
	_, old := look(shop(), "/login", "")
	app := shop()
	app.SessionInterface = New(NewMemory(), Adopt(app.SessionInterface))
	if _, set := look(app, "/logout", old); set != "session=" {
		t.Errorf("logging out sets %q", set)
	}
	_, id := look(app, "/login", old)
	if body, _ := look(app, "/", id); body != "user=ann" {
		t.Errorf("after logging in: %q", body)
	}
	stranger := shop()
	stranger.SessionInterface = New(NewMemory())
	if body, set := look(stranger, "/", old); body != "user=" || set != "" {
		t.Errorf("without adoption: %q, cookie %q", body, set)
	}
}
