package tests

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// countedSessions fails as it is told to, and counts how often.
type countedSessions struct {
	open, save    error
	opened, saved int
}

func (s *countedSessions) Open(*decant.Context) (map[string]any, error) {
	s.opened++
	return map[string]any{"user": "ann"}, s.open
}

func (s *countedSessions) Save(*decant.Context, *decant.Session, *decant.Response) error {
	s.saved++
	return s.save
}

// errDown is the error of a store that cannot be reached.
var errDown = fmt.Errorf("%w: %w", errors.New("no route to the store"), decant.NewHTTPError(503))

func readSession(c *decant.Context) (any, error)  { return "user " + c.Session.String("user"), nil }
func writeSession(c *decant.Context) (any, error) { c.Session.Set("a", 1); return "written", nil }

func TestASessionThatFailsWithAStatusHasThatPageWhereverItFails(t *testing.T) {
	anywhere := map[string]func(app *decant.App, touch decant.View){
		"before": func(app *decant.App, touch decant.View) {
			app.BeforeRequest(func(c *decant.Context) (any, error) { touch(c); return nil, nil })
		},
		"view": func(app *decant.App, touch decant.View) { app.Get("/touch", touch, decant.Endpoint("touch")) },
		"after": func(app *decant.App, touch decant.View) {
			app.AfterRequest(func(c *decant.Context, _ *decant.Response) error { touch(c); return nil })
		},
		"deferred": func(app *decant.App, touch decant.View) {
			app.BeforeRequest(func(c *decant.Context) (any, error) {
				c.AfterThisRequest(func(*decant.Response) { touch(c) })
				return nil, nil
			})
		},
		"handler of another error": func(app *decant.App, touch decant.View) {
			app.BeforeRequest(func(*decant.Context) (any, error) { return nil, decant.NewHTTPError(410) })
			app.ErrorHandler(410, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return touch(c) })
		},
	}
	for place, register := range anywhere {
		for way, touch := range map[string]decant.View{"read": readSession, "written": writeSession} {
			for step, sessions := range map[string]*countedSessions{"open": {open: errDown}, "save": {save: errDown}} {
				t.Run(fmt.Sprint(place, " ", way, " ", step), func(t *testing.T) {
					app, log := newTestApp()
					app.Get("/", hello)
					app.SessionInterface = sessions
					register(app, touch)
					var told error
					app.TeardownRequest(func(_ *decant.Context, err error) { told = err })
					target := "/"
					if place == "view" {
						target = "/touch"
					}
					w := get(app, target)
					mustAnswer(t, w, 503, errorPage(decant.NewHTTPError(503)))
					if w.Header()["Set-Cookie"] != nil || w.Header().Get("Vary") != "Cookie" {
						t.Errorf("headers %v", w.Header())
					}
					log.mustContain(t, "ERROR The session failed on "+target, "no route to the store")
					if n := strings.Count(log.text(), "ERROR"); n != 1 {
						t.Errorf("%d log entries:\n%s", n, log.text())
					}
					if sessions.opened != 1 || sessions.saved > 1 {
						t.Errorf("opened %d times and saved %d times", sessions.opened, sessions.saved)
					}
					if told != nil {
						t.Errorf("the teardown function was told of %v", told)
					}
				})
			}
		}
	}
}

func TestTheHandlerOfASessionsFailureMayLookAtTheSession(t *testing.T) {
	for step, c := range map[string]struct {
		sessions *countedSessions
		want     string
	}{
		"open": {&countedSessions{open: errDown}, "sorry, "},
		"save": {&countedSessions{save: errDown}, "sorry, ann"},
	} {
		app, log := appWith(readSession)
		app.SessionInterface = c.sessions
		app.ErrorHandler(503, func(c *decant.Context, err *decant.HTTPError) (any, error) {
			if !errors.Is(err.Original, errDown) {
				t.Errorf("%s: the handler got %v", step, err.Original)
			}
			return "sorry, " + c.Session.String("user"), nil
		})
		mustAnswer(t, get(app, "/"), 503, c.want)
		if n := strings.Count(log.text(), "ERROR"); n != 1 {
			t.Errorf("%s: %d log entries:\n%s", step, n, log.text())
		}
	}
}

func TestAHandlerThatNeedsTheSessionMakesWayForTheDefaultPage(t *testing.T) {
	for step, sessions := range map[string]*countedSessions{"open": {open: errDown}, "save": {save: errDown}} {
		app, log := appWith(readSession)
		app.SessionInterface = sessions
		app.ErrorHandler(503, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return writeSession(c) })
		mustAnswer(t, get(app, "/"), 503, errorPage(decant.NewHTTPError(503)))
		if n := strings.Count(log.text(), "ERROR"); n != 1 || sessions.opened+sessions.saved > 2 {
			t.Errorf("%s: %d log entries, opened %d times, saved %d times", step, n, sessions.opened, sessions.saved)
		}
	}
}

func TestAHandlerOfASessionsFailureMayFailByItself(t *testing.T) {
	app, log := appWith(readSession)
	app.SessionInterface = &countedSessions{save: errDown}
	app.ErrorHandler(503, func(*decant.Context, *decant.HTTPError) (any, error) { return nil, errors.New("no paper") })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "The session failed", "no paper")
}

func TestOnlyTheSessionsOwnErrorsChooseAPageAfterTheView(t *testing.T) {
	for name, register := range map[string]func(app *decant.App){
		"after": func(app *decant.App) {
			app.AfterRequest(func(*decant.Context, *decant.Response) error { return decant.NewHTTPError(503) })
		},
		"raised by Save": func(app *decant.App) {
			app.SessionInterface = failingSave(func() error { return decant.Abort(503) })
		},
		"plain": func(app *decant.App) { app.SessionInterface = &countedSessions{save: errors.New("broken")} },
	} {
		app, _ := appWith(readSession)
		register(app)
		if mustFail(t, get(app, "/")); t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestARefusalOfTheSessionIsNoFailureOfTheServer(t *testing.T) {
	refused := fmt.Errorf("revoked: %w", decant.NewHTTPError(401))
	for step, sessions := range map[string]*countedSessions{"open": {open: refused}, "save": {save: refused}} {
		app, log := appWith(readSession)
		app.SessionInterface = sessions
		if w := get(app, "/"); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: status %d", step, w.Code)
		}
		log.mustBeEmpty(t)
	}
}

func TestAPageForABrokenSessionMayLookAtIt(t *testing.T) {
	app, log := appWith(readSession)
	app.SessionInterface = &countedSessions{open: errors.New("broken")}
	app.ErrorHandler(500, func(c *decant.Context, _ *decant.HTTPError) (any, error) { return readSession(c) })
	mustAnswer(t, get(app, "/"), 500, "user ")
	log.mustContain(t, "the session cannot be opened: broken")
}

func TestTheFailureOfASessionIsOneLineOfTheLog(t *testing.T) {
	app, log := newTestApp()
	app.SessionInterface = &countedSessions{open: errDown}
	app.Get("/<path:any>", readSession, decant.Endpoint("any"))
	get(app, "/a%1B[2J%E2%80%A8b")
	log.mustContain(t, `The session failed on "/a\x1b[2J\u2028b" [GET]`)
}
