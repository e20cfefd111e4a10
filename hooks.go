package decant

import "slices"

// hooks are the functions that run around views.
type hooks struct {
	preprocessors []func(*Context, string, H)
	before        []View
	after         []func(*Context, *Response) error
	teardown      []func(*Context, error)
	urlDefaults   []func(*Context, string, H)
	processors    []func(*Context) H
}

// with returns these hooks followed by those of an inner scope.
func (h hooks) with(inner hooks) hooks {
	return hooks{
		preprocessors: slices.Concat(h.preprocessors, inner.preprocessors),
		before:        slices.Concat(h.before, inner.before),
		after:         slices.Concat(h.after, inner.after),
		teardown:      slices.Concat(h.teardown, inner.teardown),
		urlDefaults:   slices.Concat(h.urlDefaults, inner.urlDefaults),
		processors:    slices.Concat(h.processors, inner.processors),
	}
}

// BeforeRequest runs f before each view, in the order of registration; that of
// an application also where no rule matches, that of a blueprint before its
// own views and those of the blueprints in it. If f returns an answer or an
// error, that ends the request; "nil, nil" means: go on. It mirrors Flask's
// before_request.
func (s *scaffold) BeforeRequest(f View) {
	s.owner.mustBeOpen("BeforeRequest")
	s.before = append(s.before, f)
}

// AfterRequest runs f on each response, last registered first and blueprints
// before the application, before the session is saved. It changes the response
// in place; an error makes the request a 500. It mirrors Flask's after_request.
func (s *scaffold) AfterRequest(f func(c *Context, r *Response) error) {
	s.owner.mustBeOpen("AfterRequest")
	s.after = append(s.after, f)
}

// TeardownRequest runs f at the end of each request, last registered first and
// blueprints before the application, whatever happened; err is the error that
// became a 500, if there was one. It mirrors Flask's teardown_request.
func (s *scaffold) TeardownRequest(f func(c *Context, err error)) {
	s.owner.mustBeOpen("TeardownRequest")
	s.teardown = append(s.teardown, f)
}

// URLValuePreprocessor runs f on the view arguments before the before-request
// functions. It may change them: what f deletes no view sees. That of an
// application also runs where no rule matches, with an empty endpoint and nil
// values. It mirrors Flask's url_value_preprocessor.
func (s *scaffold) URLValuePreprocessor(f func(c *Context, endpoint string, values H)) {
	s.owner.mustBeOpen("URLValuePreprocessor")
	s.preprocessors = append(s.preprocessors, f)
}

// URLDefaults runs f on the values of each URL that is built, to add what the
// caller of URLFor has left out. That of a blueprint runs for the URLs of its
// own endpoints, wherever they are built. The context is nil outside of a
// request. It mirrors Flask's url_defaults.
func (s *scaffold) URLDefaults(f func(c *Context, endpoint string, values H)) {
	s.owner.mustBeOpen("URLDefaults")
	s.urlDefaults = append(s.urlDefaults, f)
}

// viewArgs are the view arguments once URL value preprocessors have seen them.
var viewArgs = NewG[H]("view_args")

// preprocess lets the URL value preprocessors at the view arguments.
func (c *Context) preprocess() {
	preprocessors := c.around().preprocessors
	if len(preprocessors) == 0 {
		return
	}
	var values H
	if c.match.Rule != nil {
		values = c.match.Values()
		viewArgs.Set(c, values)
	}
	for _, preprocess := range preprocessors {
		preprocess(c, c.Request.Endpoint(), values)
	}
}
