package logintest

import (
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
)

type member struct{ id string }

func (m *member) GetID() string { return m.id }

func TestLoginAs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*decant.Context)
		fresh   bool
	}{
		"without a browser": {func(c *decant.Context) { LoginAs(c.Session, &member{"7"}) }, false},
		"of this browser":   {func(c *decant.Context) { LoginAsFrom(c, &member{"7"}, login.V06) }, true},
	} {
		app := decant.New("test")
		app.Config.SecretKey = "a secret key of the tests"
		users := login.New(func(_ *decant.Context, id string) (*member, error) { return &member{id}, nil })
		users.Init(app)
		app.Get("/", func(ctx *decant.Context) (any, error) {
			c.prepare(ctx)
			user := users.CurrentUser(ctx)
			if user == nil || user.id != "7" || users.IsFresh(ctx) != c.fresh {
				t.Errorf("%s: the user is %v, fresh: %v", name, user, users.IsFresh(ctx))
			}
			return "", nil
		}, decant.Endpoint("index"))
		app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
}
