package decant

import (
	"errors"
	"net/http"

	"github.com/decant-go/decant/internal/rule"
)

// Fallback hands requests that no rule matches to another handler, such as a
// reverse proxy in front of the Flask application that is not ported yet. Such
// a request is none of this application: no hook runs, no session is opened.
// Requests for static files are among them as long as the application was given
// no folder for these, and has none where it looks for one.
//
// A handler that cannot answer may say so with [Abort], as long as it has not
// written anything: that ends in the page of this application for the status,
// by its error handlers if it has some. They may look at the session and cannot
// change it. For a reverse proxy:
//
//	proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
//		decant.Abort(http.StatusBadGateway)
//	}
func (a *App) Fallback(handler http.Handler) {
	a.mustBeOpen("Fallback")
	a.fallback = handler
}

func (c *Context) isForFallback() bool {
	if c.App.fallback == nil {
		return false
	}
	return errors.Is(c.routingError(), rule.ErrNotFound) || c.isForAbsentFolder()
}

// isForAbsentFolder reports whether only the default rule for static files
// matches, and there are none.
func (c *Context) isForAbsentFolder() bool {
	if !c.App.static.isAbsent {
		return false
	}
	e := c.endpoint()
	return e != nil && e == c.App.endpoints["static"]
}

// fallBack lets the other handler answer the request as it came.
func (c *Context) fallBack(r *http.Request) {
	page := c.runFallback(r)
	if page == nil {
		return
	}
	defer c.release()
	c.session.refuse(errFallback)
	response, err := c.fallbackPage(page)
	if err != nil {
		c.logError("The error handler for a fallback failed", err)
		response = c.errorResponse(page)
	}
	response.send(c)
}

// runFallback returns what the handler aborted with, or nil. Any other panic
// goes on its way.
func (c *Context) runFallback(r *http.Request) (page *HTTPError) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		aborted, ok := value.(*HTTPError)
		if !ok {
			panic(value)
		}
		page = aborted
	}()
	c.App.fallback.ServeHTTP(c.writer, r)
	return nil
}

var errFallback = errors.New("decant: the page for what a Fallback aborted with wanted to change the session, which is not saved there; change it in a view of this application")

func (c *Context) fallbackPage(page *HTTPError) (*Response, error) {
	response, err := c.pageFor(page)
	if err != nil {
		return nil, err
	}
	if err := c.saveSession(response); err != nil {
		return nil, err
	}
	return response, response.check()
}
