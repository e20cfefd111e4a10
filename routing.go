package decant

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/rule"
)

// endpoint is a view with its name, as one rule reaches it.
type endpoint struct {
	name        string
	view        View
	function    uintptr // of the view as its author wrote it
	place       string  // where it was first registered
	autoOptions bool
}

// RouteOption says more about a rule.
type RouteOption func(*route)

// route is a rule on its way into the map.
type route struct {
	rule.Rule
	decorators []func(View) View
}

// Methods lists the methods that the rule answers: GET unless given. HEAD comes
// with GET, and OPTIONS is answered by itself unless it is listed.
func Methods(methods ...string) RouteOption {
	return func(r *route) { r.Rule.Methods = methods }
}

// Endpoint names the view, for URLFor. Without it the name is the function's;
// a function literal has none and must be given one.
func Endpoint(name string) RouteOption {
	return func(r *route) { r.Rule.Endpoint = name }
}

// Decorate wraps the view, the first decorator outermost, as Python's
// decorators are read. The endpoint keeps the view's own name.
func Decorate(decorators ...func(View) View) RouteOption {
	return func(r *route) { r.decorators = append(r.decorators, decorators...) }
}

// Get registers a view for GET and HEAD requests. The rule is written as in
// Flask: "/user/<username>", "/post/<int:id>". Mistakes panic with a message
// that names the rule.
func (a *App) Get(rule string, view View, options ...RouteOption) {
	a.verb("Get", http.MethodGet, rule, view, options)
}

// Post registers a view for POST requests, as [App.Get] does for GET.
func (a *App) Post(rule string, view View, options ...RouteOption) {
	a.verb("Post", http.MethodPost, rule, view, options)
}

// Put registers a view for PUT requests, as [App.Get] does for GET.
func (a *App) Put(rule string, view View, options ...RouteOption) {
	a.verb("Put", http.MethodPut, rule, view, options)
}

// Patch registers a view for PATCH requests, as [App.Get] does for GET.
func (a *App) Patch(rule string, view View, options ...RouteOption) {
	a.verb("Patch", http.MethodPatch, rule, view, options)
}

// Delete registers a view for DELETE requests, as [App.Get] does for GET.
func (a *App) Delete(rule string, view View, options ...RouteOption) {
	a.verb("Delete", http.MethodDelete, rule, view, options)
}

// Route registers a view for the methods that [Methods] lists, GET without it.
// It mirrors Flask's route and add_url_rule.
func (a *App) Route(rule string, view View, options ...RouteOption) {
	a.mustBeOpen("Route")
	a.addRule(newRoute(rule, options), view, callerPlace(1))
}

func (a *App) verb(verb, method, rule string, view View, options []RouteOption) {
	a.mustBeOpen(verb)
	r := newRoute(rule, options)
	if r.Rule.Methods != nil {
		panic(fmt.Sprintf("decant: %s of the rule %q does not take Methods; use Route", verb, rule))
	}
	r.Rule.Methods = []string{method}
	a.addRule(r, view, callerPlace(2))
}

func newRoute(text string, options []RouteOption) *route {
	r := &route{Rule: rule.Rule{Text: text}}
	for _, option := range options {
		option(r)
	}
	return r
}

// callerPlace says where the caller of an exported function stands.
func callerPlace(skip int) string {
	_, file, line, _ := runtime.Caller(skip + 1)
	return fmt.Sprintf("%s:%d", file, line)
}

func (a *App) addRule(r *route, view View, place string) {
	if view == nil {
		panic(fmt.Sprintf("decant: the rule %q has a nil view; pass the function that answers", r.Text))
	}
	if r.Rule.Endpoint == "" {
		r.Rule.Endpoint = nameOf(view, r.Text)
	}
	if r.Rule.Methods == nil {
		r.Rule.Methods = []string{http.MethodGet}
	}
	target := a.newEndpoint(r, view, place)
	if target.autoOptions {
		r.Rule.Methods = append(slices.Clone(r.Rule.Methods), http.MethodOptions)
	}
	r.Rule.Target, r.Rule.Place = target, place
	if _, err := a.rules.Add(r.Rule); err != nil {
		panic(fmt.Sprintf("decant: %v", err))
	}
}

func (a *App) newEndpoint(r *route, view View, place string) *endpoint {
	target := &endpoint{
		name:        r.Rule.Endpoint,
		view:        view,
		function:    reflect.ValueOf(view).Pointer(),
		place:       place,
		autoOptions: !slices.ContainsFunc(r.Rule.Methods, isOptions),
	}
	for _, decorate := range slices.Backward(r.decorators) {
		target.view = decorate(target.view)
	}
	earlier, taken := a.endpoints[target.name]
	if !taken {
		a.endpoints[target.name] = target
	} else if earlier.function != target.function {
		panic(fmt.Sprintf("decant: the rule %q would give the endpoint %q a second view; the first was registered at %s. Use Endpoint to name one of them", r.Text, target.name, earlier.place))
	}
	return target
}

func isOptions(method string) bool { return strings.EqualFold(method, http.MethodOptions) }

// A function literal is called func1 or the like, below the function it is in.
var literalName = regexp.MustCompile(`\.(func\d+|init|glob\.)(\.|$)|\.\d+$|\.func\d+`)

// nameOf is the name that a view was declared with: "index" for the function
// main.index and for the method main.(*pages).index.
func nameOf(view View, rule string) string {
	full := runtime.FuncForPC(reflect.ValueOf(view).Pointer()).Name()
	full = strings.TrimSuffix(full, "[...]")
	if literalName.MatchString(full) {
		panic(fmt.Sprintf("decant: the view of the rule %q is a function literal, which has no name to call its endpoint by; add Endpoint(\"...\")", rule))
	}
	name := full[strings.LastIndexByte(full, '.')+1:]
	return strings.TrimSuffix(name, "-fm")
}

// answer runs the view, or lists the methods for an OPTIONS request that no
// view asked for.
func (e *endpoint) answer(c *Context) (any, error) {
	if e.autoOptions && c.Request.Method == http.MethodOptions {
		r := c.textResponse("")
		r.Header()["Allow"] = []string{strings.Join(c.App.rules.Allowed("", c.Request.Path), ", ")}
		return r, nil
	}
	return e.view(c)
}

// route finds the view. What it does not find is an error that waits until the
// before-request functions have run.
func (c *Context) route() {
	match, err := c.App.rules.Match(c.Request.Method, "", c.Request.Path)
	if err != nil {
		c.routingError = err
		return
	}
	c.match, c.endpoint = match, match.Rule.Target.(*endpoint)
}

func (c *Context) isForFallback() bool {
	return c.routingError != nil && c.App.fallback != nil && errors.Is(c.routingError, rule.ErrNotFound)
}

// unmatched answers a request that no rule matches: a redirect to where the
// rule is, 405 with the methods that would do, or 404.
func (c *Context) unmatched() (any, error) {
	var redirect *rule.Redirect
	if errors.As(c.routingError, &redirect) {
		location := redirect.URL(c.App.Config.PreferredURLScheme, c.App.Config.ServerName, "", c.Request.URL.RawQuery)
		return c.Redirect(location, redirect.Code)
	}
	var refusal *rule.NotAllowed
	if errors.As(c.routingError, &refusal) {
		return nil, methodNotAllowed(refusal.Methods)
	}
	return nil, NewHTTPError(http.StatusNotFound)
}
