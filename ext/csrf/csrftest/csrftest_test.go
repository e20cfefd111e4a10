package csrftest_test

import (
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/csrf/csrftest"
)

func newShop() *decant.App {
	app := decant.New("shop")
	app.Config.SecretKey = "a secret key of the tests"
	app.Config.Testing = true
	csrf.Protect(app)
	app.Post("/order", func(c *decant.Context) (any, error) { return c.Request.Form.Get("item"), nil })
	return app
}

func TestWithToken(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		client := decanttest.NewClient(t, newShop(), decanttest.Scheme(scheme))
		tea := decanttest.Form{"item": "tea"}
		if rv := client.Post("/order", tea); rv.Status != 400 {
			t.Error(rv)
		}
		for range 2 {
			if rv := client.Post("/order", tea, csrftest.WithToken(client)); rv.Text != "tea" {
				t.Error(rv)
			}
		}
	}
}

func TestATokenIsOfOneSession(t *testing.T) {
	t.Parallel()
	app := newShop()
	ann, bob := decanttest.NewClient(t, app), decanttest.NewClient(t, app)
	csrftest.WithToken(bob)
	if rv := bob.Post("/order", nil, csrftest.WithToken(ann)); rv.Status != 400 {
		t.Error(rv)
	}
}

func TestWithTokenUsesTheHeaderOfTheSetting(t *testing.T) {
	t.Parallel()
	app := newShop()
	app.Config.Set("WTF_CSRF_HEADERS", []string{"X-Shop-Token", "X-Other"})
	client := decanttest.NewClient(t, app)
	if rv := client.Post("/order", decanttest.Form{"item": "tea"}, csrftest.WithToken(client)); rv.Text != "tea" {
		t.Error(rv)
	}
}

func TestWithTokenPanicsWithoutAHeader(t *testing.T) {
	t.Parallel()
	app := newShop()
	app.Config.Set("WTF_CSRF_HEADERS", []string{})
	client := decanttest.NewClient(t, app)
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "WTF_CSRF_HEADERS") {
			t.Errorf("got %v", err)
		}
	}()
	csrftest.WithToken(client)
}
