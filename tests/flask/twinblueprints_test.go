package flask

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/decant-go/decant"
)

func addBlueprints(app *decant.App) {
	shop := newShop(filepath.Join(app.RootPath(), "shop-files"))
	cart := newCart()
	cart.RegisterBlueprint(newItem())
	shop.RegisterBlueprint(cart)
	app.RegisterBlueprint(shop)
	app.RegisterBlueprint(newWide())
	pages := newPages()
	app.RegisterBlueprint(pages)
	app.RegisterBlueprint(pages, decant.As("foreign"), decant.URLPrefix("/<lang>/pages"), decant.Defaults("style", "foreign"))
	app.RegisterBlueprint(newBare())
	app.RegisterBlueprint(newQuiet())
}

// addBlueprintHooks adds hooks at each moment, which note that they ran.
func addBlueprintHooks(blueprint *decant.Blueprint, name string) {
	blueprint.URLValuePreprocessor(func(c *decant.Context, _ string, _ decant.H) { raise(c, name+"-preprocess") })
	blueprint.BeforeRequest(func(c *decant.Context) (any, error) { return act(c, name+"-before") })
	blueprint.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if _, err := act(c, name+"-after"); err != nil {
			return err
		}
		r.Header().Add("X-Made", name)
		return nil
	})
	blueprint.AfterRequest(func(c *decant.Context, _ *decant.Response) error {
		note(c, name+"-after2")
		return nil
	})
	blueprint.TeardownRequest(func(c *decant.Context, err error) { noteTeardown(c, name, err) })
}

// addIndex adds a view that does what the query asks for, and else tells where
// it is.
func addIndex(blueprint *decant.Blueprint, rule, name string) {
	getAndPost(blueprint, rule, "index", func(c *decant.Context) (any, error) {
		answer, err := act(c, "view")
		if answer != nil || err != nil {
			return answer, err
		}
		return decant.H{
			"name":       name,
			"blueprint":  c.Request.Blueprint(),
			"blueprints": c.Request.Blueprints(),
			"endpoint":   c.Request.Endpoint(),
			"arguments":  c.Request.ViewArgs(),
		}, nil
	})
}

func newShop(files string) *decant.Blueprint {
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"), decant.Static(os.DirFS(files)), decant.StaticURLPath("/files"))
	addBlueprintHooks(shop, "shop")
	addIndex(shop, "/", "shop")
	post(shop, "/post", "post", always("posted to the shop"))
	get(shop, "/number/<int:number>", "number", says("shop", "number"))
	get(shop, "/urls", "urls", func(c *decant.Context) (any, error) {
		return []string{
			c.URLFor(".index"),
			c.URLFor(".number", "number", 1),
			c.URLFor(".cart.index"),
			c.URLFor("shop.cart.item.index", "item", 4),
			c.URLFor(".static", "filename", "a.css"),
			c.URLFor("index"),
		}, nil
	})
	get(shop, "/own-file", "own_file", func(c *decant.Context) (any, error) {
		return shop.SendStaticFile(c, "shop.css")
	})
	shop.ErrorHandler(http.StatusNotFound, func(*decant.Context, *decant.HTTPError) (any, error) {
		return "the shop has no such thing", nil
	})
	decant.HandleError(shop, func(c *decant.Context, err subOops) (any, error) {
		return c.MakeResponse("sub oops of "+err.place+" in the shop", http.StatusUnprocessableEntity), nil
	})
	shop.ErrorHandler(http.StatusGone, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, errors.New("in a handler of the shop")
	})
	shop.ErrorHandler(http.StatusMethodNotAllowed, func(*decant.Context, *decant.HTTPError) (any, error) {
		return "the shop says 405", nil
	})
	return shop
}

func newCart() *decant.Blueprint {
	cart := decant.NewBlueprint("cart", decant.URLPrefix("/cart"))
	addBlueprintHooks(cart, "cart")
	addIndex(cart, "", "cart")
	decant.HandleError(cart, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return decant.H{"cart": err.Code}, nil
	})
	return cart
}

var itemNumber = decant.NewG[any]("item")

func newItem() *decant.Blueprint {
	item := decant.NewBlueprint("item", decant.URLPrefix("/items/<int:item>"))
	addBlueprintHooks(item, "item")
	addIndex(item, "/", "item")
	item.URLValuePreprocessor(func(c *decant.Context, _ string, values decant.H) {
		itemNumber.Set(c, values["item"])
		delete(values, "item")
	})
	item.URLDefaults(func(c *decant.Context, _ string, values decant.H) {
		if number, ok := itemNumber.Lookup(c); ok && values["item"] == nil {
			values["item"] = number
		}
	})
	get(item, "/next", "next_item", func(c *decant.Context) (any, error) {
		return []string{c.URLFor(".index"), c.URLFor(".next_item", "item", itemNumber.Get(c).(int)+1), c.URLFor("shop.index")}, nil
	})
	decant.HandleError(item, func(c *decant.Context, err error) (any, error) {
		code := httpError(err).Code
		return c.MakeResponse(fmt.Sprintf("item caught %d", code), code), nil
	})
	return item
}

// newWide has hooks that a blueprint gives to the whole application.
func newWide() *decant.Blueprint {
	wide := decant.NewBlueprint("wide", decant.URLPrefix("/wide"))
	addIndex(wide, "/", "wide")
	wide.AppURLValuePreprocessor(func(c *decant.Context, _ string, _ decant.H) { note(c, "wide-preprocess") })
	wide.BeforeAppRequest(func(c *decant.Context) (any, error) { return act(c, "wide-before") })
	wide.AfterAppRequest(func(c *decant.Context, _ *decant.Response) error {
		_, err := act(c, "wide-after")
		return err
	})
	wide.TeardownAppRequest(func(c *decant.Context, err error) { noteTeardown(c, "wide", err) })
	wide.AppErrorHandler(http.StatusConflict, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return "wide conflict: " + httpError(err).Description, nil
	})
	wide.AppErrorHandler(http.StatusMethodNotAllowed, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		response := c.MakeResponse("wide 405", http.StatusMethodNotAllowed)
		response.Header().Set("Allow", httpError(err).Header.Get("Allow"))
		return response, nil
	})
	wide.AppURLDefaults(func(_ *decant.Context, endpoint string, values decant.H) {
		if _, given := values["name"]; endpoint == "user" && !given {
			values["name"] = "of the blueprint"
		}
	})
	get(wide, "/link", "link", func(c *decant.Context) (any, error) {
		return []string{c.URLFor("user"), c.URLFor("user", "name", "own")}, nil
	})
	return wide
}

var language = decant.NewG[any]("lang")

func newPages() *decant.Blueprint {
	pages := decant.NewBlueprint("pages", decant.URLPrefix("/pages"), decant.Defaults("style", "plain"))
	pages.URLValuePreprocessor(func(c *decant.Context, _ string, values decant.H) {
		language.Set(c, values["lang"])
		delete(values, "lang")
	})
	pages.URLDefaults(func(c *decant.Context, _ string, values decant.H) {
		if c.Request.Blueprint() == "foreign" && values["lang"] == nil {
			values["lang"] = language.Get(c)
		}
	})
	get(pages, "/", "index", func(c *decant.Context) (any, error) {
		return []any{language.Get(c), c.Param("style"), c.Request.Blueprint(), c.URLFor(".index"), c.URLFor(".show", "name", "a b")}, nil
	})
	get(pages, "/<name>", "show", func(c *decant.Context) (any, error) {
		return []any{language.Get(c), c.Param("style"), c.Param("name"), c.Request.Endpoint(), c.URLFor(".show", "name", c.Param("name"))}, nil
	})
	get(pages, "/styled", "styled", func(c *decant.Context) (any, error) {
		return c.Param("style"), nil
	}, decant.Defaults("style", "own"))
	return pages
}

// newBare has no prefix.
func newBare() *decant.Blueprint {
	bare := decant.NewBlueprint("bare")
	addIndex(bare, "/bare", "bare")
	get(bare, "/bare/relative/<endpoint>", "relative", func(c *decant.Context) (any, error) {
		return c.URLFor("." + c.Param("endpoint")), nil
	})
	return bare
}

// newQuiet answers its errors with a page of its own.
func newQuiet() *decant.Blueprint {
	quiet := decant.NewBlueprint("quiet", decant.URLPrefix("/quiet"))
	addIndex(quiet, "/", "quiet")
	quiet.ErrorHandler(http.StatusInternalServerError, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return decant.H{"original": httpError(err).Original != nil}, nil
	})
	quiet.ErrorHandler(http.StatusBadRequest, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, decant.Abort(http.StatusNotFound)
	})
	quiet.AfterRequest(func(c *decant.Context, _ *decant.Response) error {
		_, err := act(c, "quiet-after")
		return err
	})
	get(quiet, "/missing-key", "missing_key", func(c *decant.Context) (any, error) {
		return c.Request.Args.Require("key")
	})
	return quiet
}
