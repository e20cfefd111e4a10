package login_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
)

// Member is a user of the example.
type Member struct{ ID, Name string }

// GetID is what the session holds.
func (m *Member) GetID() string { return m.ID }

var members = map[string]*Member{"1": {"1", "Ann"}}

var users = login.New(func(_ *decant.Context, id string) (*Member, error) { return members[id], nil })

func Example() {
	app := decant.New("club")
	app.Config.SecretKey = "a long random text that is kept secret"
	users.LoginView = "login"
	users.Init(app)
	app.Get("/login", func(c *decant.Context) (any, error) {
		users.LoginUser(c, members["1"], login.Remember()) // after a look at the password
		return c.Redirect(users.Next(c, "/"))
	}, decant.Endpoint("login"))
	app.Get("/account", func(c *decant.Context) (any, error) {
		return "Hello, " + users.CurrentUser(c).Name, nil
	}, decant.Decorate(users.Required))

	var cookies []string
	for _, path := range []string{"/account", "/login?next=/account", "/account"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		cookies = nil
		for _, cookie := range w.Result().Cookies() {
			cookies = append(cookies, cookie.Name+"="+cookie.Value)
		}
		if location := w.Header().Get("Location"); location != "" {
			fmt.Println(path, "leads to", location)
		} else {
			fmt.Println(w.Body)
		}
	}
	// Output:
	// /account leads to /login?next=%2Faccount
	// /login?next=/account leads to /account
	// Hello, Ann
}
