package logintest_test

import (
	"fmt"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/login"
	"github.com/decant-go/decant/ext/login/logintest"
)

type member struct{ id string }

func (m *member) GetID() string { return m.id }

// newApp returns an application that says who has logged in, and whether freshly.
func newApp() *decant.App {
	app := decant.New("test")
	app.Config.SecretKey = "a secret key of the tests"
	app.Config.Testing = true
	users := login.New(func(_ *decant.Context, id string) (*member, error) { return &member{id}, nil })
	users.Init(app)
	app.Get("/", func(c *decant.Context) (any, error) {
		user := users.CurrentUser(c)
		return fmt.Sprintf("%s, fresh: %v", user.id, users.IsFresh(c)), nil
	}, decant.Decorate(users.Required))
	return app
}

func TestLoginAs(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newApp())
	if rv := client.Get("/"); rv.Status != 401 {
		t.Error(rv)
	}
	client.Session(func(s *decant.Session) { logintest.LoginAs(s, &member{"7"}) })
	if rv := client.Get("/"); rv.Text != "7, fresh: false" {
		t.Error(rv)
	}
}

func TestLoginAsFrom(t *testing.T) {
	t.Parallel()
	client := decanttest.NewClient(t, newApp(), decanttest.Address("203.0.113.7"), decanttest.UserAgent("Firefox"))
	client.InRequest(func(c *decant.Context) { logintest.LoginAsFrom(c, &member{"7"}, login.V06) })
	if rv := client.Get("/"); rv.Text != "7, fresh: true" {
		t.Error(rv)
	}
	if rv := client.Get("/", decanttest.UserAgent("another browser")); rv.Text != "7, fresh: false" {
		t.Error(rv)
	}
}
