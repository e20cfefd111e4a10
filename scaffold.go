package decant

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/decant-go/decant/internal/funcname"
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
	add(r *pendingRoute)
	register(r registration)
}

// mustTake panics for a function or handler that is registered too late, and for a
// nil one, which would fail each request.
func mustTake(on interface{ mustBeOpen(method string) }, method string, isNil bool) {
	on.mustBeOpen(method)
	if isNil {
		panic(fmt.Sprintf("decant: %s at %s got nil; pass the function or handler that it is to call, or leave the call out", method, funcname.CallerOf(1).Place()))
	}
}

// mustBeOptions panics for a nil option, and names the function that got it.
func mustBeOptions[O comparable](function string, options []O) {
	var none O
	if i := slices.Index(options, none); i >= 0 {
		panic(fmt.Sprintf("decant: option %d of %s is nil; leave it out, or pass one", i+1, function))
	}
}

// Get registers a view for GET and HEAD requests. The rule is written as in
// Flask: "/user/<username>", "/post/<int:id>". Mistakes panic with a message
// that names the rule.
func (s *scaffold) Get(rule string, view View, options ...RouteOption) {
	s.verb("Get", http.MethodGet, rule, view, options)
}

// Post registers a view for POST requests, as [App.Get] does for GET.
func (s *scaffold) Post(rule string, view View, options ...RouteOption) {
	s.verb("Post", http.MethodPost, rule, view, options)
}

// Put registers a view for PUT requests, as [App.Get] does for GET.
func (s *scaffold) Put(rule string, view View, options ...RouteOption) {
	s.verb("Put", http.MethodPut, rule, view, options)
}

// Patch registers a view for PATCH requests, as [App.Get] does for GET.
func (s *scaffold) Patch(rule string, view View, options ...RouteOption) {
	s.verb("Patch", http.MethodPatch, rule, view, options)
}

// Delete registers a view for DELETE requests, as [App.Get] does for GET.
func (s *scaffold) Delete(rule string, view View, options ...RouteOption) {
	s.verb("Delete", http.MethodDelete, rule, view, options)
}

// Route registers a view for the methods that [Methods] lists, GET without it.
// It mirrors Flask's route and add_url_rule.
func (s *scaffold) Route(rule string, view View, options ...RouteOption) {
	s.owner.mustBeOpen("Route")
	caller := funcname.CallerOf(0)
	r := newRoute(rule, view, options, caller)
	if r.Rule.Methods == nil {
		r.Rule.Methods = []string{http.MethodGet}
	}
	r.finish(caller)
	s.owner.add(r)
}

// MethodView registers a value whose methods Get, Post, Put, Patch, Delete,
// Head, Options and Trace are views for these HTTP methods: Flask's MethodView.
// HEAD falls back to Get. A method Views() map[string]View adds views for other
// HTTP methods, such as "PROPFIND". The value is shared by all requests, and its
// Views are asked for once; pass a func() any that makes one for a value of its
// own for each request:
//
//	app.MethodView("/things/<int:id>", func() any { return new(thing) })
//
// The endpoint is the name of the value's type unless [Endpoint] says
// otherwise. [Methods] may leave methods out. It panics for a value without
// such methods, or with one that is no [View].
func (s *scaffold) MethodView(rule string, view any, options ...RouteOption) {
	s.owner.mustBeOpen("MethodView")
	s.owner.add(newMethodRoute(rule, view, options, funcname.CallerOf(0)))
}

func (s *scaffold) verb(verb, method, rule string, view View, options []RouteOption) {
	s.owner.mustBeOpen(verb)
	caller := funcname.CallerOf(1)
	r := newRoute(rule, view, options, caller)
	if r.Rule.Methods != nil {
		panic(fmt.Sprintf("decant: %s of the rule %q does not take Methods; use Route", verb, rule))
	}
	r.Rule.Methods = []string{method}
	r.finish(caller)
	s.owner.add(r)
}

// RegisterBlueprint makes a blueprint part of the application, or of another
// blueprint, which then takes it along: its rules get the prefix of the outer
// one in front of their own, its endpoints the name, and the hooks and error
// handlers of the outer one apply to it. It mirrors Flask's
// register_blueprint.
//
// A blueprint may be registered several times, each time under another name
// ([As]). From the first time on nothing can be added to it. A name that is
// taken, and a blueprint inside itself, panic.
func (s *scaffold) RegisterBlueprint(blueprint *Blueprint, options ...BlueprintOption) {
	s.owner.mustBeOpen("RegisterBlueprint")
	r := registration{blueprint, settingsOf(options), funcname.CallerOf(0).Place()}
	if blueprint == nil {
		panic("decant: RegisterBlueprint at " + r.place + " got nil; pass what NewBlueprint has returned")
	}
	if r.settings.name != nil {
		checkBlueprintName(*r.settings.name)
	}
	if r.settings.static != nil {
		panic("decant: RegisterBlueprint at " + r.place + " got an option for static files; give it to NewBlueprint")
	}
	s.owner.register(r)
}

// callbacks are the hooks and error handlers of an application or a blueprint.
type callbacks struct {
	hooks
	errorHandlers
}

// adopt adds callbacks that a blueprint has registered for the whole
// application.
func (c *callbacks) adopt(more *callbacks) {
	c.hooks = c.hooks.with(more.hooks)
	for code, handle := range more.byCode {
		c.setHandler(code, handle)
	}
	for _, handler := range more.byType {
		c.setType(handler)
	}
}

// hooksInEffect are the hooks and error handlers that apply to a view: the
// application's and those of the blueprints it is in. They are put together
// once, when the application is frozen.
type hooksInEffect struct {
	hooks
	handlers []*errorHandlers // innermost first

	isAnnounced bool // something runs between the check of origins and the view
	isObserved  bool // something sees each response
	tearsDown   bool // something runs at the end
}

// decideSteps decides which steps requests skip. It comes after the middleware and the
// template engine have been made, because these may connect a signal then.
func (a *App) decideSteps() {
	a.around.decide(a)
	for _, s := range a.scopes {
		s.around.decide(a)
	}
}

// decide sets the flags with which a request skips steps that nobody has asked for.
func (s *hooksInEffect) decide(a *App) {
	signals := &a.Signals
	s.isAnnounced = len(s.preprocessors)+len(s.before)+len(signals.RequestStarted.subscribers) > 0
	s.isObserved = len(s.after)+len(signals.RequestFinished.subscribers) > 0
	s.tearsDown = len(s.teardown)+len(a.teardownContext)+len(signals.RequestTearingDown.subscribers)+
		len(signals.ContextTearingDown.subscribers)+len(signals.ContextPopped.subscribers) > 0
}

func (s *hooksInEffect) within(inner *callbacks) hooksInEffect {
	return hooksInEffect{
		hooks:    s.hooks.with(inner.hooks),
		handlers: slices.Insert(slices.Clone(s.handlers), 0, &inner.errorHandlers),
	}
}

// around returns the hooks and error handlers for this request. Where no rule
// matches, these are the application's only, because no blueprint is known.
func (c *Context) around() *hooksInEffect {
	if c.match.Rule == nil {
		return &c.App.around
	}
	return c.endpoint().around
}

// pairsOf makes a map of a list of names and values. The error says what is
// wrong with the list.
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

// BeforeRequest runs f before each view, in the order of registration. On an
// application it also runs where no rule matches; on a blueprint it runs before
// the views of the blueprint and of the blueprints in it. If f returns an answer or an
// error, that ends the request; "nil, nil" means: go on. It mirrors Flask's
// before_request.
func (s *scaffold) BeforeRequest(f View) {
	mustTake(s.owner, "BeforeRequest", f == nil)
	s.before = append(s.before, f)
}

// AfterRequest runs f on each response, last registered first and blueprints
// before the application, before the session is saved. It changes the response
// in place; an error makes the request a 500. It mirrors Flask's after_request.
func (s *scaffold) AfterRequest(f func(c *Context, r *Response) error) {
	mustTake(s.owner, "AfterRequest", f == nil)
	s.after = append(s.after, f)
}

// TeardownRequest runs f at the end of each request, last registered first and
// blueprints before the application, whatever happened; err is the error that
// became a 500, if there was one. It mirrors Flask's teardown_request.
func (s *scaffold) TeardownRequest(f func(c *Context, err error)) {
	mustTake(s.owner, "TeardownRequest", f == nil)
	s.teardown = append(s.teardown, f)
}

// URLValuePreprocessor runs f on the view arguments before the before-request
// functions. It may change them: views do not see what f deletes. One of an
// application also runs where no rule matches, with an empty endpoint and nil
// values. It mirrors Flask's url_value_preprocessor.
func (s *scaffold) URLValuePreprocessor(f func(c *Context, endpoint string, values H)) {
	mustTake(s.owner, "URLValuePreprocessor", f == nil)
	s.preprocessors = append(s.preprocessors, f)
}

// URLDefaults runs f on the values of each URL that is built, to add what the
// caller of URLFor has left out. On a blueprint it runs for the URLs of the
// blueprint's endpoints, wherever they are built. The context is nil outside of a
// request. It mirrors Flask's url_defaults.
func (s *scaffold) URLDefaults(f func(c *Context, endpoint string, values H)) {
	mustTake(s.owner, "URLDefaults", f == nil)
	s.urlDefaults = append(s.urlDefaults, f)
}

// ErrorHandler registers the answer for errors with a status:
//
//	app.ErrorHandler(404, func(c *decant.Context, e *decant.HTTPError) (any, error) {
//		return c.Render("404.html", decant.H{"description": e.Description})
//	})
//
// On a blueprint it
// is for errors in the blueprint's own views and hooks and comes before the
// application's; a path that no rule matches is left to the application. It
// panics for a code that no HTTPError has. It mirrors errorhandler(code).
func (s *scaffold) ErrorHandler(code int, view ErrorView) {
	s.owner.mustBeOpen("ErrorHandler")
	checkErrorHandler("ErrorHandler", code, view)
	s.setCode(code, view)
}

func (s *scaffold) handleType(handler typedHandler) {
	s.owner.mustBeOpen("HandleError")
	s.setType(handler)
}

// ContextProcessor runs f before each template is rendered and passes the
// variables that f returns to the template. On an application it runs for all
// requests, on a blueprint for the requests of the blueprint and of those nested
// in it.
//
// If two variables have the same name, the one of the view counts, then the one
// of the innermost blueprint, the application's, and last the globals. It
// mirrors context_processor.
func (s *scaffold) ContextProcessor(f func(c *Context) H) {
	mustTake(s.owner, "ContextProcessor", f == nil)
	s.processors = append(s.processors, f)
}

// viewArgs are the view arguments once URL value preprocessors have seen them.
var viewArgs = NewG[H]("view_args")

// preprocess runs the URL value preprocessors on the view arguments.
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

// Signals tell other code about the steps of a request, for example to measure
// or to record them. Code that changes the answer belongs in hooks such as
// [App.BeforeRequest]. They are Flask's signals.
//
//	app.Signals.GotRequestException.Connect(func(c *decant.Context, err error) {
//		report(err)
//	})
//
// Subscribers run in the order in which they were connected. One that panics
// fails the request like the step it listens to.
type Signals struct {
	// ContextPushed is sent when a request, or the work of [App.InContext],
	// begins: appcontext_pushed.
	ContextPushed Signal[func(c *Context)]
	// RequestStarted is sent before any hook, with the rule known:
	// request_started.
	RequestStarted Signal[func(c *Context)]
	// BeforeRenderTemplate is sent before a template is rendered, and may
	// change its variables: before_render_template.
	BeforeRenderTemplate Signal[func(c *Context, template string, variables H)]
	// TemplateRendered is sent when a template was rendered: template_rendered.
	TemplateRendered Signal[func(c *Context, template string, variables H)]
	// MessageFlashed is sent by [Context.Flash]: message_flashed.
	MessageFlashed Signal[func(c *Context, message any, category string)]
	// GotRequestException is sent for an error that becomes a 500, with that
	// error, before it is logged: got_request_exception.
	GotRequestException Signal[func(c *Context, err error)]
	// RequestFinished is sent when the response is final, with the session
	// saved: request_finished.
	RequestFinished Signal[func(c *Context, r *Response)]
	// RequestTearingDown is sent after the teardown functions of the request,
	// with the error that became a 500, or nil: request_tearing_down.
	RequestTearingDown Signal[func(c *Context, err error)]
	// ContextTearingDown is sent after the functions of
	// [App.TeardownAppContext], as above: appcontext_tearing_down.
	ContextTearingDown Signal[func(c *Context, err error)]
	// ContextPopped is sent last of all: appcontext_popped.
	ContextPopped Signal[func(c *Context)]
}

// Signal is one moment that functions of type F can subscribe to.
type Signal[F any] struct {
	app         *App
	subscribers []F
}

// Connect subscribes a function for the life of the application.
func (s *Signal[F]) Connect(subscriber F) {
	mustTake(s.app, "Signal.Connect", reflect.ValueOf(subscriber).IsNil())
	s.subscribers = append(s.subscribers, subscriber)
}

// signalsOf returns the signals of an application.
func signalsOf(a *App) Signals {
	return Signals{
		ContextPushed:        Signal[func(*Context)]{app: a},
		RequestStarted:       Signal[func(*Context)]{app: a},
		BeforeRenderTemplate: Signal[func(*Context, string, H)]{app: a},
		TemplateRendered:     Signal[func(*Context, string, H)]{app: a},
		MessageFlashed:       Signal[func(*Context, any, string)]{app: a},
		GotRequestException:  Signal[func(*Context, error)]{app: a},
		RequestFinished:      Signal[func(*Context, *Response)]{app: a},
		RequestTearingDown:   Signal[func(*Context, error)]{app: a},
		ContextTearingDown:   Signal[func(*Context, error)]{app: a},
		ContextPopped:        Signal[func(*Context)]{app: a},
	}
}

// notify calls the subscribers of a signal that carries nothing but the context.
func (c *Context) notify(signal *Signal[func(*Context)]) {
	for _, subscriber := range signal.subscribers {
		subscriber(c)
	}
}

// notifyEach calls the subscribers of a signal at the end of a request. A panic
// in one of them is logged and does not keep the others from running.
func (c *Context) notifyEach(signal *Signal[func(*Context, error)], err error) {
	for _, subscriber := range signal.subscribers {
		c.runLate("A subscriber", func() { subscriber(c, err) })
	}
}

// beforeRender tells the subscribers that a template is about to be rendered.
func (c *Context) beforeRender(template string, variables H) {
	for _, subscriber := range c.App.Signals.BeforeRenderTemplate.subscribers {
		subscriber(c, template, variables)
	}
}

// rendered tells the subscribers that a template was rendered.
func (c *Context) rendered(template string, variables H) {
	for _, subscriber := range c.App.Signals.TemplateRendered.subscribers {
		subscriber(c, template, variables)
	}
	if w := c.watched(); w != nil {
		w.Rendered(template, variables)
	}
}
