package tests

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// flashing is an application whose views flash and show messages.
func flashing() *decant.App {
	app, _ := newTestApp()
	app.Get("/flash", func(c *decant.Context) (any, error) {
		c.Flash("Welcome back")
		c.Flash(decant.Markup("<b>no</b>"), "error")
		c.Flash(decant.H{"n": 1}, "data")
		return "", nil
	}, decant.Endpoint("flash"))
	show := func(c *decant.Context, categories ...string) string {
		return fmt.Sprint(c.FlashedMessages(categories...))
	}
	app.Get("/show", func(c *decant.Context) (any, error) { return show(c), nil }, decant.Endpoint("show"))
	app.Get("/errors", func(c *decant.Context) (any, error) { return show(c, "error", "none"), nil }, decant.Endpoint("errors"))
	app.Get("/twice", func(c *decant.Context) (any, error) {
		return show(c, "error") + show(c) + show(c), nil
	}, decant.Endpoint("twice"))
	app.Get("/both", func(c *decant.Context) (any, error) {
		c.Flash("now")
		seen := show(c)
		c.Flash("later")
		return seen + show(c), nil
	}, decant.Endpoint("both"))
	return app
}

// sessionCookieOf returns the session cookie that an answer sets, "" if none.
func sessionCookieOf(t *testing.T, answer http.Header) string {
	t.Helper()
	for _, line := range answer["Set-Cookie"] {
		if value, ok := strings.CutPrefix(line, "session="); ok {
			value, _, _ = strings.Cut(value, ";")
			return "session=" + value
		}
	}
	return ""
}

func TestFlash(t *testing.T) {
	t.Parallel()
	app := flashing()
	cookie := sessionCookieOf(t, get(app, "/flash").Header())
	for path, want := range map[string]string{
		"/show":   "[Welcome back <b>no</b> map[n:1]]",
		"/errors": "[<b>no</b>]",
		"/twice":  "[<b>no</b>][Welcome back <b>no</b> map[n:1]][Welcome back <b>no</b> map[n:1]]",
		"/both":   "[Welcome back <b>no</b> map[n:1] now][Welcome back <b>no</b> map[n:1] now]",
	} {
		w := get(app, path, "Cookie", cookie)
		mustAnswer(t, w, 200, want)
		if left := sessionCookieOf(t, w.Header()); path != "/both" && left != "session=" {
			t.Errorf("%s left %q", path, left)
		}
	}
	w := get(app, "/both", "Cookie", cookie)
	mustAnswer(t, get(app, "/show", "Cookie", sessionCookieOf(t, w.Header())), 200, "[later]")
	w = get(app, "/show")
	mustAnswer(t, w, 200, "[]")
	if diff := cmp.Diff([]string{"Cookie"}, w.Header()["Vary"]); diff != "" || sessionCookieOf(t, w.Header()) != "" {
		t.Errorf("without messages: Vary %s, %q", diff, w.Header()["Set-Cookie"])
	}
}

// TestFlashOfFlask reads and writes the form that Flask gives to a message.
func TestFlashOfFlask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1700000000, 0)))
		checkFlashOfFlask(t)
	})
}

func checkFlashOfFlask(t *testing.T) {
	app, _ := newTestApp()
	app.Config.SecretKey = "dev" // with which Flask made the cookie below
	app.Get("/", func(c *decant.Context) (any, error) { c.Flash("Hello"); return "", nil }, decant.Endpoint("flash"))
	app.Get("/show", func(c *decant.Context) (any, error) {
		messages := c.FlashedMessages()
		return messages[0].Category + ": " + messages[0].String(), nil
	}, decant.Endpoint("show"))
	const flasks = "session=eyJfZmxhc2hlcyI6W3siIHQiOlsibWVzc2FnZSIsIkhlbGxvIl19XX0.ZVPxAA.dKVEi2zJluuhMhQVmpOlokukFrE"
	if got := sessionCookieOf(t, get(app, "/").Header()); got != flasks {
		t.Errorf("the cookie is %s", got)
	}
	mustAnswer(t, get(app, "/show", "Cookie", flasks), 200, "message: Hello")
}

func TestFlashMistakes(t *testing.T) {
	t.Parallel()
	for part, value := range map[string]any{
		`"_flashes" holds a string`:     "text",
		`holds a int among the flashed`: []any{1},
		`pairs of category and message`: decant.Tuple{decant.Tuple{"alone"}},
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			c.Session.Set("_flashes", value)
			return fmt.Sprint(c.FlashedMessages()), nil
		})
		mustFail(t, get(app, "/"))
		log.mustContain(t, part)
	}
	for range 30 { // the order of a map is another one each time
		app, log := appWith(func(c *decant.Context) (any, error) {
			return c.RenderString("{{ get_flashed_messages(b=1, a=1, c=1) }}")
		})
		mustFail(t, get(app, "/"))
		log.mustContain(t, `get_flashed_messages takes with_categories and category_filter, not "a"`)
	}
	app, log := appWith(func(c *decant.Context) (any, error) { c.Flash("x"); return "", nil })
	app.Config.SecretKey = ""
	mustFail(t, get(app, "/"))
	log.mustContain(t, "Config.SecretKey")
}
