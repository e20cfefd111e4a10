package flask

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/decant-go/decant"
)

// oops is a class of errors of the twin's own.
type oops struct{ place string }

func (e oops) Error() string { return e.place }

// subOops is a subclass: what it wraps is found by handlers for oops.
type subOops struct{ oops }

func (e subOops) Unwrap() error { return e.oops }

// lost is a subclass of NotFound.
type lost struct{ *decant.HTTPError }

func (e lost) Unwrap() error { return e.HTTPError }

var order = decant.NewG[[]string]("order")

func note(c *decant.Context, step string) { order.Set(c, append(order.Get(c), step)) }

// act does what the query asks for at a place: ?before=403 aborts in the hook.
func act(c *decant.Context, place string) (any, error) {
	note(c, place)
	switch what := c.Request.Args.Get(place); what {
	case "stop":
		return "stopped at " + place, nil
	case "oops":
		return nil, oops{place}
	case "suboops":
		return nil, subOops{oops{place}}
	case "lost":
		return nil, lost{decant.NewHTTPError(404)}
	case "value":
		return nil, errors.New(place)
	default:
		if code, err := strconv.Atoi(what); err == nil && code >= 0 {
			decant.Abort(code)
		}
		return nil, nil
	}
}

// raise is act for hooks that return no error.
func raise(c *decant.Context, place string) {
	if _, err := act(c, place); err != nil {
		panic(err)
	}
}

// teardowns are what teardown functions saw of requests with a mark, for later
// requests.
type teardowns struct {
	sync.Mutex
	byMark map[string]*teardown
}

type teardown struct {
	steps []string
	over  chan struct{} // closed when the last function has run
}

var tornDown = teardowns{byMark: map[string]*teardown{}}

func (t *teardowns) of(mark string) *teardown {
	t.Lock()
	defer t.Unlock()
	if t.byMark[mark] == nil {
		t.byMark[mark] = &teardown{over: make(chan struct{})}
	}
	return t.byMark[mark]
}

func noteTeardown(c *decant.Context, step string, err error) {
	seen := "False"
	if err != nil {
		seen = "True"
	}
	if mark := c.Request.Args.Get("mark"); mark != "" {
		of := tornDown.of(mark)
		of.steps = append(of.steps, step+" "+seen)
	}
}

func addHooks(app *decant.App) {
	app.URLValuePreprocessor(func(c *decant.Context, endpoint string, _ decant.H) {
		note(c, "endpoint "+cmp.Or(endpoint, "None"))
		raise(c, "preprocess")
	})
	app.BeforeRequest(func(c *decant.Context) (any, error) { return act(c, "before") })
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("later") {
			c.AfterThisRequest(func(r *decant.Response) {
				raise(c, "later")
				r.Header().Set("X-Later", strconv.Itoa(r.Status))
			})
		}
		return act(c, "before2")
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		defer func() { r.Header().Set("X-Order", strings.Join(order.Get(c), ", ")) }()
		_, err := act(c, "after")
		return err
	})
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if _, err := act(c, "after2"); err != nil {
			return err
		}
		if c.Request.Args.Has("replace") {
			r.Status = 203
			r.SetData([]byte("replaced"))
		}
		return nil
	})
	addTeardowns(app)
	getAndPost(app, "/hooked", "hooked", func(c *decant.Context) (any, error) {
		answer, err := act(c, "view")
		return or(answer, "hooked"), err
	})
}

func addTeardowns(app *decant.App) {
	app.TeardownRequest(func(c *decant.Context, err error) { noteTeardown(c, "teardown 1", err) })
	app.TeardownRequest(func(c *decant.Context, err error) { noteTeardown(c, "teardown 2", err) })
	app.TeardownAppContext(func(c *decant.Context, err error) {
		noteTeardown(c, "context", err)
		if mark := c.Request.Args.Get("mark"); mark != "" {
			close(tornDown.of(mark).over)
		}
	})
	get(app, "/torn-down", "show_torn_down", func(c *decant.Context) (any, error) {
		mark, err := c.Request.Args.Require("of")
		if err != nil {
			return nil, err
		}
		seen := tornDown.of(mark)
		select {
		case <-seen.over:
			return seen.steps, nil
		case <-c.Done():
			return nil, c.Err()
		}
	})
}
