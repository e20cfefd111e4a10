// Factory makes its application in a function, of blueprints and a configuration
// that comes from the environment in production and from the test in a test.
package main

import (
	"log"
	"strings"

	"github.com/decant-go/decant"
)

func main() {
	app, err := newApp(nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
}

// newApp makes the application. The settings win over the environment.
func newApp(settings decant.H) (*decant.App, error) {
	app := decant.New("factory")
	app.Config.Set("GREETING", "Hello")
	if err := app.Config.FromPrefixedEnv("FACTORY"); err != nil {
		return nil, err
	}
	if err := app.Config.FromMap(settings); err != nil {
		return nil, err
	}
	app.RegisterBlueprint(newPages())
	app.RegisterBlueprint(newAPI())
	app.ErrorHandler(404, notFound)
	return app, nil
}

// newPages makes the pages for people.
func newPages() *decant.Blueprint {
	pages := decant.NewBlueprint("pages")
	pages.Get("/", index)
	pages.Get("/<name>", greet)
	return pages
}

func index(c *decant.Context) (any, error) { return c.Redirect(c.URLFor(".greet", "name", "World")) }

func greet(c *decant.Context) (any, error) {
	return greeting(c) + ", " + string(decant.Escape(c.Param("name"))) + "!", nil
}

// newAPI makes the same for programs.
func newAPI() *decant.Blueprint {
	api := decant.NewBlueprint("api", decant.URLPrefix("/api"))
	api.Get("/greet/<name>", func(c *decant.Context) (any, error) {
		return decant.H{"greeting": greeting(c), "name": c.Param("name")}, nil
	}, decant.Endpoint("greet"))
	return api
}

func greeting(c *decant.Context) string {
	text, _ := c.App.Config.Get("GREETING").(string)
	return text
}

// notFound answers programs with JSON and people with a page.
func notFound(c *decant.Context, e *decant.HTTPError) (any, error) {
	if strings.HasPrefix(c.Request.Path(), "/api/") {
		return decant.H{"error": e.Description}, nil
	}
	return "There is no such page.", nil
}
