package decant

import (
	"fmt"
	"slices"
)

// Scaffold is what an *App and a *Blueprint have in common, for functions that
// register views and hooks on either: Flask's Scaffold.
type Scaffold interface {
	Get(rule string, view View, options ...RouteOption)
	Post(rule string, view View, options ...RouteOption)
	Put(rule string, view View, options ...RouteOption)
	Patch(rule string, view View, options ...RouteOption)
	Delete(rule string, view View, options ...RouteOption)
	Route(rule string, view View, options ...RouteOption)
	MethodView(rule string, view any, options ...RouteOption)
	BeforeRequest(f View)
	AfterRequest(f func(c *Context, r *Response) error)
	TeardownRequest(f func(c *Context, err error))
	URLValuePreprocessor(f func(c *Context, endpoint string, values H))
	URLDefaults(f func(c *Context, endpoint string, values H))
	ContextProcessor(f func(c *Context) H)
	ErrorHandler(code int, view ErrorView)
	RegisterBlueprint(blueprint *Blueprint, options ...BlueprintOption)

	handleType(handler typedHandler)
}

// scaffold is the part of an App and of a Blueprint that takes registrations.
type scaffold struct {
	callbacks
	owner  owner
	static staticFiles
}

// owner is the App or the Blueprint that a scaffold is part of.
type owner interface {
	mustBeOpen(method string)
	add(r *route)
	register(r registration)
}

// callbacks are what runs besides the views.
type callbacks struct {
	hooks
	errorHandlers
}

// adopt adds callbacks that a blueprint has registered for the whole
// application.
func (c *callbacks) adopt(more *callbacks) {
	c.hooks = c.hooks.with(more.hooks)
	for code, view := range more.byCode {
		c.setCode(code, view)
	}
	for _, handler := range more.byType {
		c.setType(handler)
	}
}

// surroundings are the hooks and error handlers that apply to a view: the
// application's and those of the blueprints it is in. They are put together
// once, when the application is frozen.
type surroundings struct {
	hooks
	handlers []*errorHandlers // innermost first
}

func (s *surroundings) within(inner *callbacks) surroundings {
	return surroundings{
		hooks:    s.hooks.with(inner.hooks),
		handlers: slices.Insert(slices.Clone(s.handlers), 0, &inner.errorHandlers),
	}
}

// around is what applies to this request. Where no rule matches that is the
// application's alone, because no blueprint is known.
func (c *Context) around() *surroundings {
	if c.match.Rule == nil {
		return &c.App.around
	}
	return c.endpoint().around
}

// pairsOf makes a map of a list of names and values; what is wrong with the
// list is the error.
func pairsOf(values []any) (H, error) {
	if len(values)%2 != 0 {
		return nil, fmt.Errorf("needs pairs of names and values, and got %d arguments", len(values))
	}
	pairs := make(H, len(values)/2)
	for i := 0; i < len(values); i += 2 {
		name, ok := values[i].(string)
		if !ok {
			return nil, fmt.Errorf("has a %T as argument %d, where a name belongs", values[i], i+1)
		}
		pairs[name] = values[i+1]
	}
	return pairs, nil
}
