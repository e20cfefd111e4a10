package csrf_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
)

func ExampleProtect() {
	app := decant.New("notes")
	app.Config.SecretKey = "a long random text that is kept secret"
	csrf.Protect(app)
	app.Get("/new", func(c *decant.Context) (any, error) {
		return `<form method="post" action="/save">` + csrf.Field(c) + `<input name="text"></form>`, nil
	}, decant.Endpoint("new"))
	app.Post("/save", func(c *decant.Context) (any, error) {
		return "saved: " + c.Request.Form.Get("text"), nil
	}, decant.Endpoint("save"))

	page := httptest.NewRecorder()
	app.ServeHTTP(page, httptest.NewRequest("GET", "/new", nil))
	_, token, _ := strings.Cut(page.Body.String(), `value="`)
	token, _, _ = strings.Cut(token, `"`)
	cookie, _, _ := strings.Cut(page.Header().Get("Set-Cookie"), ";")

	for _, form := range []url.Values{{"text": {"hello"}, "csrf_token": {token}}, {"text": {"hello"}}} {
		r := httptest.NewRequest("POST", "/save", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		answer := httptest.NewRecorder()
		app.ServeHTTP(answer, r)
		fmt.Println(answer.Code)
	}
	// Output:
	// 200
	// 400
}
