package flasksession_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
	"github.com/decant-go/decant/serversession/flasksession"
)

func ExampleNew() {
	app := decant.New("shop")
	app.Config.Set("SESSION_KEY_PREFIX", "shop:")
	flasksession.New(serversession.NewMemory()).Init(app) // in earnest: Redis or a table
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Session.Renew()
		c.Session.Set("user", "ann")
		return "Hello, ann", nil
	}, decant.Endpoint("login"))

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/login", nil))
	fmt.Println(w.Body, len(w.Result().Cookies()[0].Value))
	// Output: Hello, ann 43
}

func ExampleEncode() {
	data, err := flasksession.Encode(map[string]any{"_permanent": true, "user": "ann"}, flasksession.JSON)
	fmt.Println(string(data), err)
	// Output: {"_permanent":true,"user":"ann"} <nil>
}

func ExampleDecode() {
	value, err := flasksession.Decode([]byte("\x82\xaa_permanent\xc3\xa4user\xa3ann"), flasksession.Msgpack)
	fmt.Println(value, err)
	// Output: map[_permanent:true user:ann] <nil>
}
