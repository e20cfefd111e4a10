package decant_test

import (
	"strings"
	"testing/fstest"

	"github.com/decant-go/decant"
)

func ExampleContext_Render() {
	files := fstest.MapFS{ // stands for os.DirFS("templates") or an embed.FS
		"base.html": {Data: []byte(
			`<title>{{block "title" .}}Site{{end}}</title><a href="{{url_for "hello"}}">Home</a> {{block "content" .}}{{end}}`)},
		"hello.html": {Data: []byte(
			`{{template "base.html" .}}{{define "title"}}Hello{{end}}{{define "content"}}Hello, {{.name | upper}}!{{end}}`)},
	}
	app := decant.New("greeter", decant.Templates(files))
	app.Templates.Filter("upper", strings.ToUpper)
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.Render("hello.html", decant.H{"name": "<Ann>"})
	}, decant.Endpoint("hello"))

	show(app, "GET", "/")
	// Output:
	// 200 <title>Hello</title><a href="/">Home</a> Hello, &lt;ANN&gt;!
}

func ExampleTemplating_Global() {
	app := decant.New("shop")
	app.Templates.Global("is_current", func(c *decant.Context, endpoint string) bool {
		return c.Request.Endpoint() == endpoint
	})
	app.Get("/cart", func(c *decant.Context) (any, error) {
		return c.RenderString(`{{if is_current "cart"}}This is the cart.{{end}}`)
	}, decant.Endpoint("cart"))

	show(app, "GET", "/cart")
	// Output:
	// 200 This is the cart.
}
