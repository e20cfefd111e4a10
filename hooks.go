package decant

// hooks are the functions that run around views.
type hooks struct {
	before   []View
	after    []func(*Context, *Response) error
	teardown []func(*Context, error)
}

// BeforeRequest runs f before each view, in the order of registration, also
// where no rule matches. If it returns an answer or an error, that ends the
// request; "nil, nil" means: go on. It mirrors Flask's before_request.
func (a *App) BeforeRequest(f View) {
	a.mustBeOpen("BeforeRequest")
	a.before = append(a.before, f)
}

// AfterRequest runs f on each response, last registered first, before the
// session is saved. It changes the response in place; an error makes the
// request a 500. It mirrors Flask's after_request.
func (a *App) AfterRequest(f func(c *Context, r *Response) error) {
	a.mustBeOpen("AfterRequest")
	a.after = append(a.after, f)
}

// TeardownRequest runs f at the end of each request, last registered first,
// whatever happened; err is the error that became a 500, if there was one. It
// mirrors Flask's teardown_request.
func (a *App) TeardownRequest(f func(c *Context, err error)) {
	a.mustBeOpen("TeardownRequest")
	a.teardown = append(a.teardown, f)
}
