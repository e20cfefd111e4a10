package decant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/decant-go/decant/internal/rule"
)

// Context is one request: what Flask's request, session, g and current_app
// are about, handed to views and hooks as their only argument.
//
// It belongs to its request for ever and is never used for another one, so a
// goroutine that keeps it reads stale but never foreign data. What is worked out
// when it is first asked for, such as Args, Form, the session and the logger,
// is for the request's own goroutine: ask before you start another. It is a
// context.Context too, the one of the HTTP request, and ends with it.
type Context struct {
	context.Context
	// App is the application that serves the request.
	App *App
	// Request is what the client sent.
	Request *Request
	// Session is the user's session. It is loaded when it is first touched.
	Session *Session

	request  Request
	session  Session
	response Response // the first one that is made; most requests need no other

	writer http.ResponseWriter
	match  rule.Match
	notes  *notes // nil for the everyday request
}

// notes are what only some requests have. They are kept apart because every
// request pays for the size of its context.
type notes struct {
	routingError  error
	originalError error // what teardown functions are told
	deferred      []func(*Response)
	values        []namedValue
	bodies        []io.Closer // of responses, sent or not
	flashes       []FlashMessage
	hasFlashes    bool  // they were taken out of the session
	detached      bool  // there is no request
	refusal       error // why there is no session to write to
	input         input
	requestID     string // "" until it is asked for
	logger        *slog.Logger
}

// take returns the notes for writing.
func (c *Context) take() *notes {
	if c.notes == nil {
		c.notes = new(notes)
	}
	return c.notes
}

// endpoint returns the view that the URL belongs to, nil where no rule matches.
func (c *Context) endpoint() *endpoint {
	if c.match.Rule == nil {
		return nil
	}
	return c.match.Rule.Target.(*endpoint)
}

// routingError says why no rule matches.
func (c *Context) routingError() error {
	if c.notes == nil {
		return nil
	}
	return c.notes.routingError
}

func (a *App) newContext(w http.ResponseWriter, r *http.Request) *Context {
	c := &Context{Context: r.Context(), App: a, writer: w}
	c.Request, c.Session = &c.request, &c.session
	c.request.attach(c, r)
	c.session.context = c
	return c
}

// AfterThisRequest calls f with the response of this request, once there is
// one: after the view, before the AfterRequest functions, in the order of
// registration. It mirrors flask.after_this_request and may be called from
// hooks, views and helpers, long before any response exists.
func (c *Context) AfterThisRequest(f func(*Response)) {
	if !c.HasRequest() {
		panic(errors.New("decant: AfterThisRequest was called outside of a request, where no response will ever come; call it in a view or a hook"))
	}
	n := c.take()
	n.deferred = append(n.deferred, f)
}

// Param returns the view argument of that name as text: what the URL holds,
// decoded, or a default of the rule. To ask for a name that the rule does not
// have is a mistake in the program and ends the request with a 500.
func (c *Context) Param(name string) string {
	if _, preprocessed := viewArgs.Lookup(c); !preprocessed && !c.hasDefault(name) {
		if text, ok := c.match.Text(name); ok {
			return text
		}
	}
	return fmt.Sprint(c.ParamValue(name))
}

func (c *Context) hasDefault(name string) bool {
	if c.match.Rule == nil {
		return false
	}
	_, ok := c.match.Rule.Defaults[name]
	return ok
}

// ParamInt returns a view argument of the int converter, which has checked it
// already. It panics if the rule has no such argument or it is no number.
func (c *Context) ParamInt(name string) int {
	return paramOf[int](c, name, "<int:"+name+">")
}

// ParamFloat returns a view argument of the float converter, as ParamInt does.
func (c *Context) ParamFloat(name string) float64 {
	return paramOf[float64](c, name, "<float:"+name+">")
}

// ParamValue returns what the converter of a view argument made of it: a
// string, an int, a float64, a UUID, or what a converter of your own returns.
func (c *Context) ParamValue(name string) any {
	value, ok := c.viewArg(name)
	if !ok {
		panic(fmt.Errorf("decant: there is no view argument %q; %s", name, c.describeArguments()))
	}
	return value
}

func (c *Context) viewArg(name string) (any, bool) {
	if values, preprocessed := viewArgs.Lookup(c); preprocessed {
		value, ok := values[name]
		return value, ok
	}
	return c.match.Value(name)
}

func paramOf[T any](c *Context, name, placeholder string) T {
	value := c.ParamValue(name)
	typed, ok := value.(T)
	if !ok {
		panic(fmt.Errorf("decant: the view argument %q is a %T; write %s in the rule, or read it with Param or ParamValue", name, value, placeholder))
	}
	return typed
}

func (c *Context) describeArguments() string {
	if c.match.Rule == nil {
		return "no rule matches this request"
	}
	return fmt.Sprintf("the %s has %q", c.match.Rule, c.match.Rule.Arguments())
}

// G is a value that lives as long as one request: an attribute of flask.g, but
// with a type. Declare it once, as a package variable:
//
//	var user = decant.NewG[*User]("user")
type G[T any] struct{ name *string }

// namedValue is the value of one G in one request.
type namedValue struct {
	name  *string
	value any
}

// NewG declares a request-local value. The name is for people and templates;
// two values of the same name do not meet.
func NewG[T any](name string) G[T] { return G[T]{&name} }

// Get returns the value that was set in this request, or the zero value.
func (g G[T]) Get(c *Context) T {
	value, _ := g.Lookup(c)
	return value
}

// Lookup is Get that also tells whether a value was set.
func (g G[T]) Lookup(c *Context) (value T, ok bool) {
	if named := c.named(g.name); named != nil {
		value, _ = named.value.(T)
		return value, true
	}
	return value, false
}

// Set sets the value for the rest of this request.
func (g G[T]) Set(c *Context, value T) {
	if named := c.named(g.name); named != nil {
		named.value = value
		return
	}
	n := c.take()
	n.values = append(n.values, namedValue{g.name, value})
}

// named finds the value of a G, or nil.
func (c *Context) named(name *string) *namedValue {
	if c.notes == nil {
		return nil
	}
	for i := range c.notes.values {
		if named := &c.notes.values[i]; named.name == name {
			return named
		}
	}
	return nil
}
