package flask

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/decant-go/decant"
)

// pair is an error with fields.
type pair struct {
	left  string
	right any
}

func (pair) Error() string { return "a pair" }

func addErrors(app *decant.App) {
	addErrorHandlers(app)
	get(app, "/abort/<int:code>", "abort_with", func(c *decant.Context) (any, error) {
		return nil, decant.Abort(c.ParamInt("code"))
	})
	get(app, "/abort-response/<int:code>", "abort_with_response", func(c *decant.Context) (any, error) {
		return c.MakeResponse("an aborted response", c.ParamInt("code")), nil
	})
	get(app, "/described", "described", func(*decant.Context) (any, error) {
		return nil, decant.NewHTTPError(http.StatusBadRequest, "<why>\nand how")
	})
	get(app, "/described/<int:code>", "described_with", func(c *decant.Context) (any, error) {
		text, there := c.Request.Args.Lookup("text")
		if !there {
			text = "a <b> & 'c' é"
		}
		return nil, decant.NewHTTPError(c.ParamInt("code"), text)
	})
	get(app, "/crash", "crash", func(*decant.Context) (any, error) {
		return nil, errors.New("on purpose")
	})
	addRaised(app)
}

func addErrorHandlers(app *decant.App) {
	app.ErrorHandler(http.StatusNotFound, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
		return fmt.Sprintf("nothing at %s", decant.Escape(c.Request.Path())), nil
	})
	app.ErrorHandler(http.StatusForbidden, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		refusal := httpError(err)
		return decant.H{"code": refusal.Code, "name": refusal.Name, "description": refusal.Description}, nil
	})
	decant.HandleError(app, func(c *decant.Context, err oops) (any, error) {
		return c.MakeResponse("oops of "+err.place, http.StatusConflict), nil
	})
	decant.HandleError(app, func(c *decant.Context, err pair) (any, error) {
		return c.MakeResponse(decant.H{"left": err.left, "right": err.right}, http.StatusBadRequest), nil
	})
	app.ErrorHandler(http.StatusLocked, func(c *decant.Context, _ *decant.HTTPError) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.Header().Set("X-Handler", "423") })
		return "the status is left out", nil
	})
	app.ErrorHandler(http.StatusFailedDependency, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return err, nil
	})
	app.ErrorHandler(http.StatusPreconditionRequired, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, errors.New("in a handler")
	})
	app.ErrorHandler(http.StatusTooManyRequests, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, decant.Abort(http.StatusForbidden)
	})
	app.ErrorHandler(http.StatusRequestHeaderFieldsTooLarge, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, nil
	})
	app.ErrorHandler(http.StatusUnavailableForLegalReasons, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		response := c.MakeResponse("own response", 299)
		response.Header().Set("X-Made", httpError(err).Name)
		return response, nil
	})
	app.ErrorHandler(http.StatusExpectationFailed, func(*decant.Context, *decant.HTTPError) (any, error) {
		return nil, oops{"in a handler"}
	})
}

func addRaised(app *decant.App) {
	get(app, "/raise/moved", "raise_moved", func(*decant.Context) (any, error) {
		return nil, decant.NewHTTPError(http.StatusGone, "was here once")
	})
	get(app, "/raise/unpaid", "raise_unpaid", func(*decant.Context) (any, error) {
		return nil, fmt.Errorf("a subclass: %w", decant.NewHTTPError(http.StatusForbidden, "pay first"))
	})
	get(app, "/raise/suboops", "raise_suboops", func(*decant.Context) (any, error) {
		return nil, subOops{oops{"view"}}
	})
	get(app, "/raise/wrapped", "raise_wrapped", func(*decant.Context) (any, error) {
		return nil, errors.New("nobody handles it")
	})
	get(app, "/raise/pair", "raise_pair", func(c *decant.Context) (any, error) {
		return nil, pair{c.Request.Args.Get("left"), textOrNil(c.Request.Args.Lookup("right"))}
	})
	get(app, "/raise/returned/<int:code>", "returned_error", func(c *decant.Context) (any, error) {
		return decant.NewHTTPError(c.ParamInt("code")), nil
	})
	get(app, "/raise/caught", "caught", func(*decant.Context) (any, error) {
		return fmt.Sprintf("caught %d", httpError(decant.NewHTTPError(http.StatusNotFound)).Code), nil
	})
}
