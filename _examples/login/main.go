// Login is the example of Flask's quickstart: a form, a greeting, a session.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/decant-go/decant"
)

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}

func newApp() *decant.App {
	app := decant.New("login")
	// Set this to some random text, and keep it really secret!
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")

	app.BeforeRequest(rememberLanguage)
	app.Get("/", index)
	app.Route("/login", login, decant.Methods("GET", "POST"))
	app.Post("/logout", logout)
	return app
}

// rememberLanguage keeps the language in a cookie. There is no response yet
// when it runs, so it leaves a note for when there is one.
func rememberLanguage(c *decant.Context) (any, error) {
	if language := c.Request.Args.Get("language"); language != "" {
		c.AfterThisRequest(func(r *decant.Response) {
			r.SetCookie("language", language)
		})
	}
	return nil, nil
}

func index(c *decant.Context) (any, error) {
	username, ok := c.Session.Lookup("username")
	if !ok {
		return page("You are not logged in", `<a href="/login">Log in</a>`), nil
	}
	greeting := fmt.Sprintf("Logged in as %s", decant.Escape(username))
	return page(greeting, `<form action="/logout" method="post"><button>Log out</button></form>`), nil
}

func login(c *decant.Context) (any, error) {
	if c.Request.Method != http.MethodPost {
		return page("Who are you?", loginForm), nil
	}
	username, err := c.Request.Form.Require("username")
	if err != nil {
		return nil, err
	}
	c.Session.Clear()
	c.Session.Set("username", username)
	return c.Redirect(c.URLFor("index"))
}

func logout(c *decant.Context) (any, error) {
	c.Session.Pop("username")
	return c.Redirect(c.URLFor("index"))
}

const loginForm = `<form method="post">
<p><input name="username" autofocus>
<p><button>Log in</button>
</form>`

// page takes HTML: what users typed must be escaped before it comes here.
func page(title, body string) string {
	return fmt.Sprintf("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Login</title>\n<h1>%s</h1>\n%s\n", title, body)
}
