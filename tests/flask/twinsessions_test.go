package flask

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

func addSessions(app *decant.App) {
	addCookies(app)
	addMoreCookies(app)
	addSessionViews(app)
	addSessionValues(app)
	addSessionChanges(app)
	addFlashing(app)
	addFlashed(app)
}

func addCookies(app *decant.App) {
	get(app, "/cookies", "cookies", func(c *decant.Context) (any, error) {
		return decant.H{
			"plain": textOrNil(c.Request.Cookies.Lookup("plain")),
			"odd":   textOrNil(c.Request.Cookies.Lookup("odd")),
		}, nil
	})
	get(app, "/cookies/set", "set_cookies", makes("set", func(r *decant.Response) {
		r.SetCookie("plain", "value")
		r.SetCookie("odd", `é; "x", \`)
		r.SetCookie("all", "1", decant.MaxAge(time.Hour), decant.CookiePath("/cookies"), decant.Secure(), decant.HTTPOnly(), decant.SameSite(http.SameSiteStrictMode))
	}))
	get(app, "/cookies/delete", "delete_cookies", makes("deleted", func(r *decant.Response) {
		r.DeleteCookie("plain")
		r.DeleteCookie("all", decant.CookiePath("/cookies"))
	}))
	get(app, "/cookies/later", "set_later", func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.SetCookie("later", "yes") })
		return "later", nil
	})
}

func addMoreCookies(app *decant.App) {
	get(app, "/cookies/more", "more_cookies", makes("more", func(r *decant.Response) {
		r.SetCookie("dated", "1", decant.Expires(time.Date(2040, 1, 2, 3, 4, 5, 0, time.UTC)))
		r.SetCookie("domain", "1", decant.CookieDomain(".Example.com"))
		r.SetCookie("pathless", "", decant.CookiePath(""))
		r.SetCookie("split", "1", decant.Partitioned())
		r.SetCookie("now", "1", decant.MaxAge(0))
		r.SetCookie("path", "1", decant.CookiePath("/a b/é;x"))
	}))
	get(app, "/cookies/value", "value_cookie", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("value")
		var options []decant.CookieOption
		if policy, there := c.Request.Args.Lookup("samesite"); there {
			options = append(options, decant.SameSite(sameSite(policy)))
		}
		response.SetCookie("value", c.Request.Args.Get("value"), options...)
		return response, nil
	})
}

// sameSite is the policy of that name, or one that does not exist.
func sameSite(policy string) http.SameSite {
	switch strings.ToLower(policy) {
	case "strict":
		return http.SameSiteStrictMode
	case "lax":
		return http.SameSiteLaxMode
	case "none":
		return http.SameSiteNoneMode
	}
	return -1
}

// setBad puts a value into the session that cannot be stored, in a way that only
// the saving notices.
func setBad(session *decant.Session) {
	bad := []any{nil}
	session.Set("bad", bad)
	bad[0] = make(chan int)
}

func addSessionViews(app *decant.App) {
	get(app, "/session", "show_session", func(c *decant.Context) (any, error) {
		return decant.H{"name": c.Session.Get("name"), "permanent": c.Session.Permanent()}, nil
	})
	get(app, "/session/all", "all_session", func(c *decant.Context) (any, error) {
		keys := []any{}
		for key := range c.Session.All() {
			keys = append(keys, key)
		}
		c.Session.Set("seen", keys)
		return keys, nil
	})
	get(app, "/session/has", "has_session", func(c *decant.Context) (any, error) {
		return decant.H{"has": c.Session.Has("name"), "len": c.Session.Len()}, nil
	})
	get(app, "/session/lazy", "lazy_session", func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("look") {
			return decant.H{"name": c.Session.Get("name")}, nil
		}
		return "did not look", nil
	})
	get(app, "/session/vary", "vary_session", func(c *decant.Context) (any, error) {
		response := c.MakeResponse(fmt.Sprint(or(c.Session.Get("name"), "None")))
		response.AddVary("Accept-Encoding")
		if c.Request.Args.Has("cookie") {
			response.AddVary("cookie")
		}
		return response, nil
	})
	get(app, "/session/abort", "abort_session", func(c *decant.Context) (any, error) {
		c.Session.Set("name", "before the error")
		return nil, decant.Abort(c.Request.Args.Int("code", http.StatusNotFound))
	})
	get(app, "/session/crash", "crash_session", func(c *decant.Context) (any, error) {
		c.Session.Set("name", "before the crash")
		return nil, errors.New("with a session")
	})
	get(app, "/session/stream", "stream_session", func(c *decant.Context) (any, error) {
		name := fmt.Sprint(or(c.Session.Get("name"), "None"))
		c.Session.Set("streamed", true)
		return slices.Values([]string{"name ", name}), nil
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if c.Request.Args.Has("session-after") {
			c.Session.Set("after", r.Status)
		}
		return nil
	})
}

func addSessionValues(app *decant.App) {
	get(app, "/session/set", "set_session", func(c *decant.Context) (any, error) {
		name, err := c.Request.Args.Require("name")
		if err != nil {
			return nil, err
		}
		c.Session.Set("name", name)
		c.Session.Set("pair", decant.Tuple{1, "two"})
		return "set", nil
	})
	get(app, "/session/types", "types_session", func(c *decant.Context) (any, error) {
		c.Session.Set("bytes", []byte("\xff\x00"))
		c.Session.Set("markup", decant.Markup("<b>"))
		c.Session.Set("uuid", exampleUUID)
		c.Session.Set("date", time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC))
		c.Session.Set("nested", decant.H{"a": []any{1, decant.Tuple{2, decant.H{" t": 3}}}, " b": nil})
		c.Session.Set("big", new(big.Int).Lsh(big.NewInt(1), 70))
		c.Session.Set("floats", []any{1.0, 1e16, math.Copysign(0, -1)})
		return "types", nil
	})
	get(app, "/session/large", "large_session", func(c *decant.Context) (any, error) {
		c.Session.Set("large", strings.Repeat("0123456789", 150))
		return "large", nil
	})
	get(app, "/session/bad", "bad_session", func(c *decant.Context) (any, error) {
		setBad(c.Session)
		return "never seen", nil
	})
	get(app, "/session/bad-status", "bad_status_session", func(c *decant.Context) (any, error) {
		setBad(c.Session)
		return c.MakeResponse("never seen", http.StatusCreated), nil
	})
}

func addSessionChanges(app *decant.App) {
	get(app, "/session/permanent", "keep_session", func(c *decant.Context) (any, error) {
		c.Session.SetPermanent(true)
		c.Session.Set("name", "kept")
		return "kept", nil
	})
	get(app, "/session/not-permanent", "lose_session", func(c *decant.Context) (any, error) {
		c.Session.SetPermanent(false)
		return "lost", nil
	})
	get(app, "/session/pop", "pop_session", func(c *decant.Context) (any, error) {
		return decant.H{"was": c.Session.Pop("name")}, nil
	})
	get(app, "/session/default", "default_session", func(c *decant.Context) (any, error) {
		if !c.Session.Has("name") {
			c.Session.Set("name", "default")
		}
		return decant.H{"name": c.Session.Get("name")}, nil
	})
	get(app, "/session/delete", "delete_session", func(c *decant.Context) (any, error) {
		c.Session.Delete("name")
		return "deleted", nil
	})
	get(app, "/session/clear", "clear_session", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		return "cleared", nil
	})
	get(app, "/session/login", "login_session", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user_id", 7)
		return c.Redirect("/session")
	})
	get(app, "/session/nested", "nested_session", func(c *decant.Context) (any, error) {
		things, _ := c.Session.Get("things").([]any)
		isNew := !c.Session.Has("things")
		things = append(things, len(things))
		if isNew || c.Request.Args.Has("mark") {
			c.Session.Set("things", things)
		}
		return decant.H{"things": len(things)}, nil
	})
}

func addFlashing(app *decant.App) {
	get(app, "/flash", "flash_one", func(c *decant.Context) (any, error) {
		text, there := c.Request.Args.Lookup("text")
		if !there {
			text = "Hello é"
		}
		c.Flash(text)
		return "flashed", nil
	})
	get(app, "/flash/many", "flash_many", func(c *decant.Context) (any, error) {
		c.Flash("one", "error")
		c.Flash("two")
		c.Flash(decant.Markup("<b>three</b>"), "info")
		c.Flash(decant.H{"four": []any{4}}, "error")
		c.Flash(nil)
		return "flashed", nil
	})
}

func addFlashed(app *decant.App) {
	get(app, "/flash/read", "read_flashes", func(c *decant.Context) (any, error) {
		return messages(c.FlashedMessages()), nil
	})
	get(app, "/flash/pairs", "read_pairs", func(c *decant.Context) (any, error) {
		pairs := [][]any{}
		for _, flashed := range c.FlashedMessages() {
			pairs = append(pairs, []any{flashed.Category, flashed.Message})
		}
		return pairs, nil
	})
	get(app, "/flash/filtered", "read_filtered", func(c *decant.Context) (any, error) {
		return messages(c.FlashedMessages(c.Request.Args.List("category")...)), nil
	})
	get(app, "/flash/twice", "read_twice", func(c *decant.Context) (any, error) {
		first := messages(c.FlashedMessages("error"))
		c.Flash("too late")
		return []any{first, messages(c.FlashedMessages())}, nil
	})
	get(app, "/flash/here", "flash_here", func(c *decant.Context) (any, error) {
		c.Flash("here")
		return messages(c.FlashedMessages()), nil
	})
}

func messages(flashed []decant.FlashMessage) []any {
	texts := []any{}
	for _, message := range flashed {
		texts = append(texts, message.Message)
	}
	return texts
}
