package serversession_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

func ExampleNew() {
	app := decant.New("shop")
	app.Config.SecretKey = "a long random text that is kept secret"
	app.SessionInterface = serversession.New(serversession.NewMemory())
	app.Get("/login/<user>", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user", c.Param("user"))
		return "Hello, " + c.Session.String("user"), nil
	}, decant.Endpoint("login"))
	app.Get("/", func(c *decant.Context) (any, error) {
		return "Hello again, " + c.Session.String("user"), nil
	}, decant.Endpoint("index"))

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/login/ann", nil))
	fmt.Println(w.Body)
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", cookie)
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output:
	// Hello, ann
	// Hello again, ann
}
