package interop

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

// newTwin is flask_app.py in Go, view for view.
func newTwin() *decant.App {
	app := decant.New("twin")
	app.Config.SecretKey = secretKey
	app.Logger = slog.New(slog.DiscardHandler) // /crash is meant to crash

	addHooks(app)
	app.ErrorHandler(http.StatusNotFound, func(c *decant.Context, _ error) (any, error) {
		return fmt.Sprintf("nothing at %s", decant.Escape(c.Request.Path)), nil
	})
	app.ErrorHandler(http.StatusForbidden, func(_ *decant.Context, err error) (any, error) {
		var refusal *decant.HTTPError
		errors.As(err, &refusal)
		return decant.H{"code": refusal.Code, "name": refusal.Name}, nil
	})
	addAnswers(app)
	addArguments(app)
	addErrors(app)
	addMethods(app)
	addCookies(app)
	addSessions(app)
	return app
}

var order = decant.NewG[[]string]("order")

func note(c *decant.Context, step string) { order.Set(c, append(order.Get(c), step)) }

func addHooks(app *decant.App) {
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		note(c, "before 1")
		return nil, nil
	})
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		note(c, "before 2")
		if c.Request.Args.Has("stop") {
			return "stopped by a hook", nil
		}
		return nil, nil
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		note(c, "after 1")
		r.Header().Set("X-Order", strings.Join(order.Get(c), ", "))
		return nil
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		note(c, "after 2")
		return nil
	})
}

// get registers a view under the name that it has in flask_app.py.
func get(app *decant.App, rule, endpoint string, view decant.View) {
	app.Get(rule, view, decant.Endpoint(endpoint))
}

// always is a view with one answer.
func always(answer any) decant.View {
	return func(*decant.Context) (any, error) { return answer, nil }
}

func addAnswers(app *decant.App) {
	get(app, "/", "index", always("Hello é☃ <b>"))
	get(app, "/empty", "empty", always(""))
	get(app, "/bytes", "binary", always([]byte("\x00\xff")))
	get(app, "/markup", "markup", always("<em>"+decant.Escape("<é>")+"</em>"))
	get(app, "/dict", "dictionary", always(decant.H{
		"b": 1, "a": "é<☃>\u2028", "none": nil, "float": 1e16, "list": []any{true, decant.H{}},
	}))
	get(app, "/list", "sequence", always([]any{1, "two", []any{3.5}}))
	get(app, "/made", "made", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("made", http.StatusCreated)
		response.Header().Set("X-Made", "by hand")
		return response, nil
	})
	get(app, "/no-content", "no_content", func(c *decant.Context) (any, error) {
		return c.MakeResponse("", http.StatusNoContent), nil
	})
}

func addArguments(app *decant.App) {
	get(app, "/user/<name>", "user", func(c *decant.Context) (any, error) {
		return "user " + decant.Escape(c.Param("name")), nil
	})
	get(app, "/int/<int:number>", "integer", func(c *decant.Context) (any, error) {
		return fmt.Sprintf("int %d", c.ParamInt("number")+1), nil
	})
	get(app, "/float/<float:number>", "floating", func(c *decant.Context) (any, error) {
		return decant.H{"float": c.ParamFloat("number")}, nil
	})
	get(app, "/uuid/<uuid:id>", "identity", func(c *decant.Context) (any, error) {
		return decant.H{"id": c.ParamValue("id")}, nil
	})
	get(app, "/any/<any(left, right):side>", "side", func(c *decant.Context) (any, error) {
		return "on the " + c.Param("side"), nil
	})
	get(app, "/path/<path:rest>", "rest", func(c *decant.Context) (any, error) {
		return "path " + decant.Escape(c.Param("rest")), nil
	})
	get(app, "/folder/", "folder", always("a folder"))
	get(app, "/file", "file", always("a file"))
	get(app, "/urls", "urls", func(c *decant.Context) (any, error) {
		return []string{
			c.URLFor("index"),
			c.URLFor("user", "name", "a b/é"),
			c.URLFor("integer", "number", 7, "q", "x y&z", "_anchor", "top é"),
			c.URLFor("rest", "rest", "a/b c/d"),
			c.URLFor("side", "side", "left"),
			c.URLFor("folder", "several", []string{"1", "2"}),
		}, nil
	})
}

func addErrors(app *decant.App) {
	get(app, "/redirect", "elsewhere", func(c *decant.Context) (any, error) {
		return c.Redirect("/user/é☃?a=b c&d=<e>")
	})
	get(app, "/redirect/<int:code>", "redirect_with", func(c *decant.Context) (any, error) {
		return c.Redirect(c.URLFor("index"), c.ParamInt("code"))
	})
	get(app, "/abort/<int:code>", "abort_with", func(c *decant.Context) (any, error) {
		return nil, decant.Abort(c.ParamInt("code"))
	})
	get(app, "/described", "described", func(*decant.Context) (any, error) {
		return nil, decant.NewHTTPError(http.StatusBadRequest, "<why>\nand how")
	})
	get(app, "/crash", "crash", func(*decant.Context) (any, error) {
		return nil, errors.New("on purpose")
	})
}

func addMethods(app *decant.App) {
	app.Route("/method", func(c *decant.Context) (any, error) {
		return c.Request.Method, nil
	}, decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE"), decant.Endpoint("method"))
	app.Post("/post-only", always("posted"), decant.Endpoint("post_only"))
	app.Route("/own-options", always("own answer"), decant.Methods("OPTIONS"), decant.Endpoint("own_options"))
	app.Post("/form", func(c *decant.Context) (any, error) {
		return required(c.Request.Form, "name")
	}, decant.Endpoint("form"))
	get(app, "/args", "args", func(c *decant.Context) (any, error) {
		return required(c.Request.Args, "q")
	})
}

// required answers with a value that must be there, and all of its name.
func required(values decant.Values, name string) (any, error) {
	first, err := values.Require(name)
	if err != nil {
		return nil, err
	}
	return decant.H{name: first, "all": values.List(name)}, nil
}

func addCookies(app *decant.App) {
	get(app, "/cookies", "cookies", func(c *decant.Context) (any, error) {
		return decant.H{"plain": cookieOrNil(c, "plain"), "odd": cookieOrNil(c, "odd")}, nil
	})
	get(app, "/cookies/set", "set_cookies", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("set")
		response.SetCookie("plain", "value")
		response.SetCookie("odd", `é; "x", \`)
		response.SetCookie("all", "1", decant.MaxAge(time.Hour), decant.CookiePath("/cookies"), decant.Secure(), decant.HTTPOnly(), decant.SameSite("strict"))
		return response, nil
	})
	get(app, "/cookies/delete", "delete_cookies", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("deleted")
		response.DeleteCookie("plain")
		response.DeleteCookie("all", decant.CookiePath("/cookies"))
		return response, nil
	})
	get(app, "/cookies/later", "set_later", func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.SetCookie("later", "yes") })
		return "later", nil
	})
}

func cookieOrNil(c *decant.Context, name string) any {
	if value, ok := c.Request.Cookies.Lookup(name); ok {
		return value
	}
	return nil
}

func addSessions(app *decant.App) {
	get(app, "/session", "show_session", func(c *decant.Context) (any, error) {
		return decant.H{"name": c.Session.Get("name"), "permanent": c.Session.Permanent()}, nil
	})
	get(app, "/session/set", "set_session", func(c *decant.Context) (any, error) {
		name, err := c.Request.Args.Require("name")
		if err != nil {
			return nil, err
		}
		c.Session.Set("name", name)
		c.Session.Set("pair", decant.Tuple{1, "two"})
		return "set", nil
	})
	get(app, "/session/permanent", "keep_session", func(c *decant.Context) (any, error) {
		c.Session.SetPermanent(true)
		c.Session.Set("name", "kept")
		return "kept", nil
	})
	get(app, "/session/pop", "pop_session", func(c *decant.Context) (any, error) {
		return decant.H{"was": c.Session.Pop("name")}, nil
	})
	get(app, "/session/clear", "clear_session", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		return "cleared", nil
	})
	get(app, "/session/bad", "bad_session", func(c *decant.Context) (any, error) {
		c.Session.Set("bad", make(chan int))
		return "never seen", nil
	})
}
