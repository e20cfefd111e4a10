package flask

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant"
)

func addRoutes(app *decant.App) {
	app.Converter("list", listConverter)
	addArguments(app)
	addWhich(app)
	addSlashes(app)
	addMethods(app)
	addURLs(app)
}

var listConverter = decant.Converter{
	ToGo: func(text string) (any, error) {
		items := strings.Split(text, "+")
		if slices.Contains(items, "") {
			return nil, errors.New("an empty item")
		}
		return items, nil
	},
	ToURL: func(value any) (string, error) {
		var items []string
		for _, item := range value.([]string) {
			items = append(items, strings.ReplaceAll(url.PathEscape(item), "+", "%2B"))
		}
		return strings.Join(items, "+"), nil
	},
}

// says is a view that shows one view argument.
func says(what, argument string) decant.View {
	return func(c *decant.Context) (any, error) {
		return what + " " + string(decant.Escape(c.ParamValue(argument))), nil
	}
}

func addArguments(app *decant.App) {
	get(app, "/user/<name>", "user", says("user", "name"))
	get(app, "/int/<int:number>", "integer", func(c *decant.Context) (any, error) {
		return fmt.Sprintf("int %d", c.ParamInt("number")+1), nil
	})
	get(app, "/signed/<int(signed=True):number>", "signed", says("signed", "number"))
	get(app, "/digits/<int(fixed_digits=4):number>", "digits", says("digits", "number"))
	get(app, "/between/<int(min=3, max=7):number>", "between", says("between", "number"))
	float := func(c *decant.Context) (any, error) {
		return decant.H{"float": c.ParamFloat("number")}, nil
	}
	get(app, "/float/<float:number>", "floating", float)
	get(app, "/signed-float/<float(signed=True):number>", "signed_float", float)
	get(app, "/uuid/<uuid:id>", "identity", func(c *decant.Context) (any, error) {
		return decant.H{"id": c.ParamValue("id")}, nil
	})
	get(app, "/any/<any(left, right):side>", "side", says("on the", "side"))
	get(app, "/path/<path:rest>", "rest", says("path", "rest"))
	get(app, "/path/<path:rest>/edit", "edit", says("edit", "rest"))
	get(app, "/long/<string(minlength=2, maxlength=4):text>", "long", says("text", "text"))
	get(app, "/code/<string(length=2):code>", "code", says("code", "code"))
	get(app, "/list-of/<list:items>", "list_of", func(c *decant.Context) (any, error) {
		return c.ParamValue("items"), nil
	})
	get(app, "/between/<left>-and-<right>", "two", func(c *decant.Context) (any, error) {
		return []string{c.Param("left"), c.Param("right")}, nil
	})
}

func addWhich(app *decant.App) {
	get(app, "/which/<int:number>", "which_number", always("a number"))
	get(app, "/which/<text>", "which_text", always("a text"))
	get(app, "/which/fixed", "which_fixed", always("fixed"))
}

func addSlashes(app *decant.App) {
	get(app, "/folder/", "folder", always("a folder"))
	get(app, "/file", "file", always("a file"))
	get(app, "/lax", "lax", always("lax"), decant.StrictSlashes(false))
	get(app, "/lax/folder/", "lax_folder", always("lax folder"), decant.StrictSlashes(false))
	get(app, "/page/<int:page>", "page", showPage)
	get(app, "/page/", "page", showPage, decant.Defaults("page", 1))
	get(app, "/sub/<name>/", "sub", says("sub", "name"))
	get(app, "/old/<int:id>", "old", always("never seen"), decant.RedirectTo("/int/<id>"))
	get(app, "/aliased", "aliased", aliased)
	get(app, "/alias", "aliased", aliased, decant.Alias())
	get(app, "/built-only", "built_only", always("never seen"), decant.BuildOnly())
}

func showPage(c *decant.Context) (any, error) { return fmt.Sprintf("page %d", c.ParamInt("page")), nil }

func aliased(*decant.Context) (any, error) { return "aliased", nil }

func addMethods(app *decant.App) {
	app.Route("/method", func(c *decant.Context) (any, error) {
		return c.Request.Method, nil
	}, decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"), decant.Endpoint("method"))
	post(app, "/post-only", "post_only", always("posted"))
	app.Route("/own-options", always("own answer"), decant.Methods("OPTIONS"), decant.Endpoint("own_options"))
	get(app, "/no-options", "no_options", always("no options"), decant.ProvideAutomaticOptions(false))
	get(app, "/split", "split_get", always("split get"))
	post(app, "/split", "split_post", always("split post"))
	app.Delete("/split", always("split delete"), decant.Endpoint("split_delete"))
	app.Route("/verbs", func(c *decant.Context) (any, error) {
		return "verb " + c.Request.Method, nil
	}, decant.Methods("PROPFIND", "TRACE"), decant.Endpoint("verbs"))
	app.MethodView("/things/<int:id>", things{}, decant.Endpoint("things"))
	app.MethodView("/everything", func() any { return new(everything) }, decant.Endpoint("everything"))
	getAndPost(app, "/plain", "plain", func(c *decant.Context) (any, error) {
		return "plain " + c.Request.Method, nil
	})
}

type things struct{}

func (things) Get(c *decant.Context) (any, error) {
	return fmt.Sprintf("thing %d", c.ParamInt("id")), nil
}

func (things) Put(c *decant.Context) (any, error) { return decant.H{"put": c.ParamInt("id")}, nil }

func (things) Delete(c *decant.Context) (any, error) {
	return c.MakeResponse("", http.StatusNoContent), nil
}

type everything struct{}

func (*everything) Head(c *decant.Context) (any, error) {
	response := c.MakeResponse("")
	response.Header().Set("X-Made", "by head")
	return response, nil
}

func (*everything) Post(*decant.Context) (any, error)    { return "posted", nil }
func (*everything) Options(*decant.Context) (any, error) { return "own options", nil }
func (*everything) Patch(*decant.Context) (any, error)   { return "patched", nil }

func addURLs(app *decant.App) {
	get(app, "/urls", "urls", func(c *decant.Context) (any, error) {
		return []string{
			c.URLFor("index"),
			c.URLFor("user", "name", "a b/é"),
			c.URLFor("integer", "number", 7, "q", "x y&z", "_anchor", "top é"),
			c.URLFor("rest", "rest", "a/b c/d"),
			c.URLFor("side", "side", "left"),
			c.URLFor("folder", "several", []string{"1", "2"}),
			c.URLFor("list_of", "items", []string{"a b", "é"}),
			c.URLFor("page"),
			c.URLFor("page", "page", 1),
			c.URLFor("page", "page", 2),
			c.URLFor("things", "id", 3),
			c.URLFor("static", "filename", "a b/é.css"),
		}, nil
	})
	get(app, "/build/<endpoint>", "build", func(c *decant.Context) (any, error) {
		values, err := typedValues(c.Request.Args)
		if err != nil {
			return nil, err
		}
		return c.URLFor(c.Param("endpoint"), values...), nil
	})
	app.BuildErrorHandler(func(_ *decant.Context, err *decant.BuildError, values decant.H) (string, bool) {
		name, _ := values["name"].(string)
		return "https://elsewhere.example/" + name, err.Endpoint == "external"
	})
}

// typedValues are the pairs for URLFor that a query stands for.
func typedValues(args decant.Values) (values []any, err error) {
	seen := map[string]bool{}
	for name := range args.All() {
		if seen[name] {
			continue
		}
		seen[name] = true
		var items []any
		for _, text := range args.List(name) {
			item, err := typedText(text)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		if len(items) == 1 {
			values = append(values, name, items[0])
		} else {
			values = append(values, name, items)
		}
	}
	return values, nil
}

// typedText reads "i:7" as a number, and so on.
func typedText(text string) (any, error) {
	kind, value, _ := strings.Cut(text, ":")
	switch kind {
	case "i":
		return strconv.Atoi(value)
	case "f":
		return strconv.ParseFloat(value, 64)
	case "s":
		return value, nil
	case "n":
		return nil, nil
	case "t":
		return true, nil
	case "x":
		return false, nil
	}
	return nil, fmt.Errorf("a type %q", kind)
}
