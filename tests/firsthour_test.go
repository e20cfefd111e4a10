package tests

import (
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func loginRequired(view decant.View) decant.View {
	return func(c *decant.Context) (any, error) { return view(c) }
}

// logOf returns what the log holds after a GET of a view.
func logOf(view decant.View) string {
	app, log := appWith(view)
	app.Config.Debug = true
	raised(func() { get(app, "/") })
	return log.text()
}

// panicText is the message of a mistake at registration.
func panicText(run func(app *decant.App)) string {
	return fmt.Sprint(raised(func() { run(decant.New("shop")) }))
}

// firstMistakes make the mistakes of docs/first-hour.md, by the message that the
// page has for each, and return what the program says.
var firstMistakes = map[string]func(t *testing.T) string{
	`is in use by another program; stop that one, or choose another port`: func(t *testing.T) string {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		app, _ := appWith(hello)
		return fmt.Sprint(app.Run(decant.Host("127.0.0.1"), decant.Port(taken.Addr().(*net.TCPAddr).Port)))
	},
	`TLS got the certificate "" and the key ""; pass the paths of both`: func(*testing.T) string {
		app, _ := appWith(hello)
		return fmt.Sprint(app.Run(decant.TLS("", "")))
	},
	`is no host: "https://shop.example" is malformed; write one without a scheme and a path`: func(*testing.T) string {
		return panicText(func(app *decant.App) { app.Config.ServerName = "https://shop.example"; get(app, "/") })
	},
	`got nil; pass the function or handler that it is to call`: func(*testing.T) string {
		return panicText(func(app *decant.App) { app.BeforeRequest(nil) })
	},
	`no secret key was set. Set Config.SecretKey`: func(*testing.T) string {
		app, log := appWith(func(c *decant.Context) (any, error) { c.Session.Set("a", 1); return "", nil })
		app.Config.SecretKey = ""
		get(app, "/")
		return log.text()
	},
	`a secret key is weak: whoever guesses it can log in as anybody`: func(*testing.T) string {
		app, log := appWith(hello)
		app.Config.SecretKey = "dev"
		get(app, "/")
		return log.text()
	},
	`was called after the application "shop" had served its first request; configure everything before`: func(*testing.T) string {
		return panicText(func(app *decant.App) { get(app, "/"); app.Config.Set("PAGE_SIZE", 20) })
	},
	`which does not say what to call the endpoint. If loginRequired is a decorator`: func(*testing.T) string {
		return panicText(func(app *decant.App) { app.Get("/create", loginRequired(hello)) })
	},
	`a rule has placeholders of another router, which match only as they are written`: func(*testing.T) string {
		app, log := newTestApp()
		app.Get("/user/{id}", hello)
		get(app, "/")
		return log.text()
	},
	`a second view; the first was registered at`: func(*testing.T) string {
		return panicText(func(app *decant.App) {
			app.Get("/", hello)
			app.Get("/shop", helloInGerman, decant.Endpoint("hello"))
		})
	},
	`has a nil view; pass the function that answers, or for a name of a URL that somebody else answers`: func(*testing.T) string {
		return panicText(func(app *decant.App) { app.Get("/report", nil) })
	},
	`could not build a URL for endpoint "view_get"`: func(*testing.T) string {
		return logOf(func(c *decant.Context) (any, error) { return c.RenderString(`{{ url_for("view_get") }}`) })
	},
	`it had served its first request; register everything before`: func(*testing.T) string {
		return panicText(func(app *decant.App) { get(app, "/"); app.Get("/late", hello) })
	},
	`returned a Tuple; return c.MakeResponse(body, status)`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return decant.Tuple{"no", 404}, nil })
	},
	`returned nil instead of a response; return an answer, or an error`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return nil, nil })
	},
	`returned a int, which is no response`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return 5, nil })
	},
	`returned an error as its answer; write return nil, err`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return errors.New("broken"), nil })
	},
	`SetCookie("theme") came too late: the headers of the answer have been sent`: func(*testing.T) string {
		return logOf(func(c *decant.Context) (any, error) {
			return func(yield func(string) bool) { c.SetCookie("theme", "dark") }, nil
		})
	},
	`there is no view argument "nmae"`: func(*testing.T) string {
		return logOf(func(c *decant.Context) (any, error) { return c.Param("nmae"), nil })
	},
	`the field "limit" must be a whole number`: func(*testing.T) string {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Args.RequireInt("limit") })
		app.Config.Debug = true
		_, page := answerTo(app, httptest.NewRequest("GET", "/?limit=many", nil))
		return page
	},
	`cannot be kept in a session, where it would come back as a map; store its id`: func(*testing.T) string {
		return logOf(func(c *decant.Context) (any, error) { c.Session.Set("user", struct{ Name string }{}); return "", nil })
	},
	`no rule of this path answers POST`: func(*testing.T) string {
		app, log := newTestApp()
		app.Get("/login", hello)
		send(app, "POST", "/login", "")
		return log.text()
	},
	`a page of "https://app.example" sent this request to`: func(*testing.T) string {
		app, log := appWith(hello)
		send(app, "POST", "/", "", "Origin", "https://app.example")
		return log.text()
	},
	`the request body is over the limit of 16777216 bytes; raise Config.MaxContentLength`: func(*testing.T) string {
		app, log := appWith(func(c *decant.Context) (any, error) { return c.Request.Data() })
		r := httptest.NewRequest("POST", "/", strings.NewReader("too much"))
		r.ContentLength = 16<<20 + 1
		answerTo(app, r)
		return log.text()
	},
	`holds a nil *decant.HTTPError, so it has no status`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return nil, &soldOut{} })
	},
	`the description of a 400 is a *errors.errorString; pass a string`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return nil, decant.Abort(400, errors.New("secret")) })
	},
	`there is no HTTP error with code 600`: func(*testing.T) string {
		return logOf(func(*decant.Context) (any, error) { return nil, decant.Abort(600) })
	},
}

func helloInGerman(*decant.Context) (any, error) { return "Hallo", nil }

// TestTheFirstHour makes each mistake of the page, and compares what the program
// says with the page.
func TestTheFirstHour(t *testing.T) {
	listed := messagesOf(read(t, "docs/first-hour.md"))
	for _, message := range listed {
		mistake, known := firstMistakes[message]
		if !known {
			t.Errorf("no test makes the mistake with the message %q", message)
			continue
		}
		t.Run(message, func(t *testing.T) {
			if said := mistake(t); !strings.Contains(said, message) {
				t.Errorf("the program says\n%s", said)
			}
		})
	}
	if len(listed) != len(firstMistakes) {
		t.Errorf("docs/first-hour.md has %d messages, and the test %d mistakes", len(listed), len(firstMistakes))
	}
}

// messagesOf returns the first cells of the tables of messages.
func messagesOf(page string) (messages []string) {
	for _, line := range strings.Split(page, "\n") {
		if rest, isRow := strings.CutPrefix(line, "| `"); isRow {
			message, _, _ := strings.Cut(rest, "` | ")
			messages = append(messages, message)
		}
	}
	return messages
}
