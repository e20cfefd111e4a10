package decant

import (
	"context"
	"fmt"
	"net/http"
)

// InContext runs work that belongs to no request, such as a job or a command,
// with a context of its own: Flask's app_context. G values, templates, URLFor
// (which then builds external URLs and needs Config.ServerName) and the
// functions of [App.TeardownAppContext] work in it as in a request. There is no
// request: the context's is an empty one, and its session is empty and cannot
// be written.
//
// It returns what work returns, or what it aborts with. The application is
// frozen as by a first request. Ctx ends the context when it ends.
func (a *App) InContext(ctx context.Context, work func(c *Context) error) (err error) {
	if !a.frozen.Load() {
		a.freeze()
	}
	c, err := a.newDetached(ctx)
	if err != nil {
		return err
	}
	defer c.release()
	defer c.tearDownAppContext()
	defer c.noteFailure(&err)
	c.notify(&a.Signals.ContextPushed)
	return work(c)
}

// noteFailure keeps the error for teardown functions. What Abort raised is the
// error; any other panic goes on its way.
func (c *Context) noteFailure(err *error) {
	switch value := recover().(type) {
	case nil:
		c.notes.originalError = *err
	case *HTTPError:
		*err, c.notes.originalError = value, value
	default:
		c.notes.originalError = &panicError{value: value}
		panic(value)
	}
}

// newDetached returns a context without a request.
func (a *App) newDetached(ctx context.Context) (*Context, error) {
	nowhere, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, fmt.Errorf("decant: InContext: %w; pass context.Background()", err)
	}
	c := a.newContext(nil, nowhere)
	c.take().detached = true
	return c, nil
}

// HasRequest reports whether the context is that of a request, and not of
// [App.InContext]: has_request_context.
func (c *Context) HasRequest() bool { return c.notes == nil || !c.notes.detached }

// TeardownAppContext runs f at the end of each request, after the teardown
// functions of the request, and at the end of [App.InContext], last registered
// first, whatever happened; err is the error that became a 500, or that the
// work ended with. It mirrors Flask's teardown_appcontext.
func (a *App) TeardownAppContext(f func(c *Context, err error)) {
	a.mustBeOpen("TeardownAppContext")
	a.teardownContext = append(a.teardownContext, f)
}
