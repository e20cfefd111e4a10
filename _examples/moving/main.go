// Moving is a notebook on its way from Flask to Go: this program answers the
// views that have moved, and hands all others to the Flask application in
// legacy.py. Logins, forms, sessions and flashed messages do not notice.
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/form"
	"github.com/decant-go/decant/ext/login"
)

func main() {
	app, err := newApp(cmp.Or(os.Getenv("LEGACY_URL"), "http://127.0.0.1:8000"))
	if err != nil {
		log.Fatal(err)
	}
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
}

// member is a user of both halves. Flask's class has the same id.
type member struct{ ID string }

func (m *member) GetID() string { return m.ID }

var users = login.New(func(_ *decant.Context, name string) (*member, error) {
	return &member{name}, nil // there are no passwords: everybody is who they say
})

func newApp(legacy string) (*decant.App, error) {
	app := decant.New("moving")
	app.Config.SecretKey = "a secret key for trying things out"
	if err := app.Config.FromPrefixedEnv("FLASK"); err != nil { // what Flask reads, too
		return nil, err
	}
	users.LoginView, users.RefreshView = "login", "login" // Flask answers it
	users.Init(app)
	csrf.Protect(app)

	app.Route("/join", join, decant.Methods("GET", "POST"))
	app.Route("/settings", settings, decant.Methods("GET", "POST"), decant.Decorate(users.Required))
	app.Route("/leave", leave, decant.Methods("GET", "POST"), decant.Decorate(users.FreshRequired))

	addLegacyRules(app) // the names of what Flask answers, for url_for
	app.Fallback(decant.Legacy(legacy))
	app.ErrorHandler(http.StatusBadGateway, func(*decant.Context, *decant.HTTPError) (any, error) {
		return "<h1>Part of this site is down</h1> Please try again in a minute. You are still logged in.", nil
	})
	return app, nil
}

// required are the validators of a field that is short and not empty.
var required = form.Validators{form.DataRequired(), form.Length(-1, 20)}

type joinForm struct {
	form.Form
	Name     form.String
	Remember form.Boolean
	Submit   form.Submit
}

// join logs a new member in, here and in Flask.
func join(c *decant.Context) (any, error) {
	f := joinForm{
		Name:     form.String{Label: "Name", Validators: required},
		Remember: form.Boolean{Label: "Remember me"},
		Submit:   form.Submit{Label: "Join"},
	}
	if err := form.Bind(c, &f); err != nil {
		return nil, err
	}
	if f.ValidateOnSubmit(c) {
		var options []login.Option
		if f.Remember.Data() {
			options = append(options, login.Remember())
		}
		users.LoginUser(c, &member{f.Name.Data()}, options...)
		c.Flash("Nice to meet you, " + f.Name.Data() + ".")
		return c.Redirect(c.URLFor("index"))
	}
	return c.Render("login.html", decant.H{"title": "Join", "form": &f})
}

type settingsForm struct {
	form.Form
	Colour form.String
	Submit form.Submit
}

// settings changes what Flask will read from the session.
func settings(c *decant.Context) (any, error) {
	f := settingsForm{
		Colour: form.String{Label: "Colour", Validators: required, Default: c.Session.String("colour", "black")},
		Submit: form.Submit{Label: "Save"},
	}
	if err := form.Bind(c, &f); err != nil {
		return nil, err
	}
	if f.ValidateOnSubmit(c) {
		c.Session.Set("colour", f.Colour.Data())
		c.Flash("Your colour is saved.")
		return c.Redirect(c.URLFor("index"))
	}
	return c.Render("settings.html", decant.H{"form": &f})
}

// leave asks members who came by "remember me" to log in first.
func leave(c *decant.Context) (any, error) {
	if c.Request.Method == http.MethodPost {
		c.Session.Clear()
		users.Logout(c) // after Clear, because the session holds that the cookie has to go
		c.Flash("Your notes are gone.")
		return c.Redirect(c.URLFor("index"))
	}
	return c.Render("leave.html")
}
