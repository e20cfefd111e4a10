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
	// Set SECRET_KEY to some random bytes, and keep it really secret! The key
	// behind it is printed in Flask's documentation, so everybody knows it.
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "_5#y2L\"F4Q8z\n\xec]/")

	app.BeforeRequest(rememberLanguage)
	app.Get("/", index)
	app.Route("/login", login, decant.Methods("GET", "POST"))
	app.Get("/logout", logout)
	return app
}

// rememberLanguage keeps the language in a cookie. It runs before there is a
// response, so the cookie waits until there is one.
func rememberLanguage(c *decant.Context) (any, error) {
	if language := c.Request.Args.Get("language"); language != "" {
		c.SetCookie("language", language)
	}
	return nil, nil
}

func index(c *decant.Context) (any, error) {
	if username, ok := c.Session.Lookup("username"); ok {
		return fmt.Sprintf("Logged in as %s", decant.Escape(username)), nil
	}
	return "You are not logged in", nil
}

func login(c *decant.Context) (any, error) {
	if c.Request.Method == http.MethodPost {
		username, err := c.Request.Form.Require("username")
		if err != nil {
			return nil, err
		}
		c.Session.Set("username", username)
		return c.Redirect(c.URLFor("index"))
	}
	return `
        <form method="post">
            <p><input type=text name=username>
            <p><input type=submit value=Login>
        </form>
    `, nil
}

func logout(c *decant.Context) (any, error) {
	// Remove the username from the session if it is there.
	c.Session.Pop("username")
	return c.Redirect(c.URLFor("index"))
}
