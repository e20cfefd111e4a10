package decant_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/decant-go/decant"
)

func show(app http.Handler, method, target string) {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	fmt.Println(w.Code, w.Header().Get("Location")+w.Body.String())
}

func ExampleBlueprint() {
	auth := decant.NewBlueprint("auth", decant.URLPrefix("/auth"))
	auth.Get("/login", func(c *decant.Context) (any, error) {
		return c.Request.Endpoint() + " is at " + c.URLFor(".login"), nil
	}, decant.Endpoint("login"))

	app := decant.New("shop")
	app.RegisterBlueprint(auth)
	app.RegisterBlueprint(auth, decant.As("staff"), decant.URLPrefix("/staff"))

	show(app, "GET", "/auth/login")
	show(app, "GET", "/staff/login")
	// Output:
	// 200 auth.login is at /auth/login
	// 200 staff.login is at /staff/login
}

func ExampleDefaults() {
	app := decant.New("blog")
	posts := func(c *decant.Context) (any, error) {
		return fmt.Sprint("page ", c.ParamInt("page")), nil
	}
	app.Get("/posts/", posts, decant.Endpoint("posts"), decant.Defaults("page", 1))
	app.Get("/posts/page/<int:page>", posts, decant.Endpoint("posts"))

	show(app, "GET", "/posts/")
	show(app, "GET", "/posts/page/2")
	fmt.Println(app.BuildURL("posts", "page", 1, "_external", false))
	// Output:
	// 200 page 1
	// 200 page 2
	// /posts/ <nil>
}

func ExampleRedirectToFunc() {
	slugs := map[int]string{7: "hello-world"}
	app := decant.New("blog")
	app.Get("/posts/<slug>", func(c *decant.Context) (any, error) { return c.Param("slug"), nil }, decant.Endpoint("post"))
	app.Get("/post.php/<int:id>", decant.Handler(http.NotFoundHandler()), decant.Endpoint("old"),
		decant.RedirectToFunc(func(c *decant.Context, values decant.H) string {
			return c.URLFor("post", "slug", slugs[values["id"].(int)])
		}))
	show(app, "HEAD", "/post.php/7")
	// Output:
	// 308 /posts/hello-world
}

func ExampleBlueprint_RecordOnce() {
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"))
	shop.RecordOnce(func(app *decant.App) {
		app.Converter("sku", decant.Converter{Pattern: "[A-Z]{2}[0-9]+"})
	})
	shop.Get("/<sku:item>", func(c *decant.Context) (any, error) { return c.Param("item"), nil }, decant.Endpoint("item"))

	app := decant.New("site")
	app.RegisterBlueprint(shop)
	show(app, "GET", "/shop/AB12")
	// Output:
	// 200 AB12
}

func ExampleApp_IsEndpointExpecting() {
	app := decant.New("site")
	app.URLDefaults(func(c *decant.Context, endpoint string, values decant.H) {
		if app.IsEndpointExpecting(endpoint, "lang") {
			values["lang"] = "de"
		}
	})
	answer := func(*decant.Context) (any, error) { return "", nil }
	app.Get("/<lang>/about", answer, decant.Endpoint("about"))
	app.Get("/feed", answer, decant.Endpoint("feed"))
	fmt.Println(app.URLFor("about", "_external", false), app.URLFor("feed", "_external", false))
	// Output:
	// /de/about /feed
}

type note struct{}

func (note) Get(c *decant.Context) (any, error) {
	return fmt.Sprint("note ", c.ParamInt("id")), nil
}

func (note) Delete(c *decant.Context) (any, error) { return "deleted", nil }

func ExampleApp_MethodView() {
	app := decant.New("notes")
	app.MethodView("/notes/<int:id>", note{})
	show(app, "GET", "/notes/7")
	show(app, "DELETE", "/notes/7")
	// Output:
	// 200 note 7
	// 200 deleted
}

func ExampleApp_Mount() {
	admin := decant.New("admin")
	admin.Get("/users/", func(c *decant.Context) (any, error) { return c.URLFor("users"), nil }, decant.Endpoint("users"))

	app := decant.New("shop")
	app.Mount("/admin", admin)
	show(app, "GET", "/admin/users/")
	// Output:
	// 200 /admin/users/
}

func ExampleApp_Routes() {
	app := decant.New("shop")
	app.Get("/item/<int:id>", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("item"))
	for _, route := range app.Routes() {
		fmt.Println(route.Endpoint, route.Methods, route.Rule)
	}
	// Output:
	// static [GET OPTIONS HEAD] /static/<path:filename>
	// item [GET OPTIONS HEAD] /item/<int:id>
}
