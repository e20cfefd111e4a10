// Jsonapi is an API for programs: JSON in and out, and a signed token in the
// Authorization header of each request.
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant"
)

func main() {
	key := cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")
	if err := newApp(key).Run(); err != nil {
		log.Fatal(err)
	}
}

func newApp(key string) *decant.App {
	app := decant.New("jsonapi")
	api := &api{tokens: decant.NewSerializer(key, "api"), notes: map[string][]note{}}
	app.Post("/tokens", api.logIn)
	app.Get("/notes", api.list, decant.Decorate(api.withToken))
	app.Post("/notes", api.add, decant.Decorate(api.withToken))
	decant.HandleError(app, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		return c.JSON(decant.H{"error": err.Description}, err.Code)
	})
	return app
}

type api struct {
	tokens *decant.Serializer

	mutex sync.Mutex
	notes map[string][]note // by user
}

type note struct {
	Text string `json:"text"`
}

// username is the user of the request's token.
var username = decant.NewG[string]("username")

// passwords are known to a database elsewhere; see the module password.
var passwords = map[string]string{"ann": "correct horse"}

func (a *api) logIn(c *decant.Context) (any, error) {
	var in struct{ Username, Password string }
	if err := c.Request.JSON(&in); err != nil {
		return nil, err
	}
	if want, known := passwords[in.Username]; !known || in.Password != want {
		return nil, decant.NewHTTPError(http.StatusUnauthorized, "Wrong name or password.")
	}
	token, err := a.tokens.Dumps(in.Username)
	return decant.H{"token": token}, err
}

// withToken lets requests through that have a token of the last hour.
func (a *api) withToken(view decant.View) decant.View {
	return func(c *decant.Context) (any, error) {
		token, isBearer := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
		var name string
		if err := a.tokens.Loads(token, &name, time.Hour); !isBearer || err != nil {
			c.AfterThisRequest(func(r *decant.Response) { r.Header().Set("WWW-Authenticate", "Bearer") })
			return nil, decant.NewHTTPError(http.StatusUnauthorized, "A token is needed.")
		}
		username.Set(c, name)
		return view(c)
	}
}

func (a *api) list(c *decant.Context) (any, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return append([]note{}, a.notes[username.Get(c)]...), nil
}

func (a *api) add(c *decant.Context) (any, error) {
	var in note
	if err := c.Request.JSON(&in); err != nil {
		return nil, err
	}
	if in.Text == "" {
		return nil, decant.NewHTTPError(http.StatusUnprocessableEntity, "A note needs a text.")
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.notes[username.Get(c)] = append(a.notes[username.Get(c)], in)
	return c.JSON(in, http.StatusCreated)
}
