// Moving is a wiki on its way from Flask to Go: this program answers the views
// that have moved, and hands all others to the Flask application in legacy.py.
// Users, sessions and flashed messages do not notice.
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
	legacy := cmp.Or(os.Getenv("LEGACY_URL"), "http://127.0.0.1:8000")
	if err := newApp(legacy).Run(); err != nil {
		log.Fatal(err)
	}
}

func newApp(legacy string) *decant.App {
	app := decant.New("moving")
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")

	app.Route("/join", join, decant.Methods("GET", "POST"))
	app.Route("/settings", settings, decant.Methods("GET", "POST"))

	// Flask answers these; the names are for URLFor.
	app.Get("/", nil, decant.BuildOnly(), decant.Endpoint("index"))
	app.Get("/login", nil, decant.BuildOnly(), decant.Endpoint("login"))

	app.Fallback(decant.Legacy(legacy))
	app.ErrorHandler(http.StatusBadGateway, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
		return page(c, "Part of this site is down", "<p>Please try again in a minute. You are still signed in."), nil
	})
	return app
}

// join signs a new user in, here and in Flask.
func join(c *decant.Context) (any, error) {
	if c.Request.Method != http.MethodPost {
		return page(c, "Join", `<form method="post"><input name="username"><button>Join</button></form>`), nil
	}
	username, err := c.Request.Form.Require("username")
	if err != nil {
		return nil, err
	}
	c.Session.Clear()
	c.Session.Set("username", username)
	c.Flash(fmt.Sprintf("Nice to meet you, %s.", username))
	return c.Redirect(c.URLFor("index"))
}

// settings reads what Flask has put into the session, and changes what Flask
// will read.
func settings(c *decant.Context) (any, error) {
	username, ok := c.Session.Lookup("username")
	if !ok {
		return c.Redirect(c.URLFor("login"))
	}
	if c.Request.Method == http.MethodPost {
		colour, err := c.Request.Form.Require("colour")
		if err != nil {
			return nil, err
		}
		c.Session.Set("colour", colour)
		c.Flash("Your colour is saved.")
		return c.Redirect(c.URLFor("index"))
	}
	notes, _ := c.Session.Get("notes").([]any)
	return page(c, fmt.Sprintf("Settings of %s", username), fmt.Sprintf(`<p>You have written <b>%d</b> notes.
<form method="post"><input name="colour" value="%s"><button>Save</button></form>
<p><a href="/">Back</a>`, len(notes), decant.Escape(c.Session.String("colour")))), nil
}

// page takes a heading of text and a body of HTML.
func page(c *decant.Context, heading, body string) string {
	var messages string
	for _, message := range c.FlashedMessages() {
		messages += fmt.Sprintf("<p class=\"flash\">%s\n", decant.Escape(message))
	}
	return fmt.Sprintf("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Wiki</title>\n<h1>%s</h1>\n%s%s\n",
		decant.Escape(heading), messages, body)
}
