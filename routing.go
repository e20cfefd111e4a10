package decant

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/funcname"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/spelling"
)

// endpoint is a view with its name, as one rule reaches it.
type endpoint struct {
	name        string
	view        View   // nil if nothing calls it
	identity    any    // of the view as its author wrote it
	place       string // where it was registered
	scope       *scope // nil outside of blueprints
	autoOptions bool
	isStatic    bool           // it serves a static folder
	around      *hooksInEffect // when the application is frozen
	patterns    []string       // of the rule's methods, when the application is frozen
}

// RouteOption says more about a rule.
type RouteOption interface{ applyToRoute(*pendingRoute) }

type routeOption func(*pendingRoute)

func (o routeOption) applyToRoute(r *pendingRoute) { o(r) }

// AppRouteOption is an option of a rule, and of [New] for all rules of an
// application. The rule's own wins.
type AppRouteOption interface {
	AppOption
	RouteOption
}

// BlueprintRouteOption is an option of a rule, and of [NewBlueprint] and
// RegisterBlueprint for all rules of a blueprint. The rule's own wins.
type BlueprintRouteOption interface {
	BlueprintOption
	RouteOption
}

// pendingRoute is a rule that is being registered.
type pendingRoute struct {
	rule.Rule
	view             View // nil if nothing calls it
	identity         any  // tells views apart: a function's is its address
	scope            *scope
	decorators       []func(View) View
	automaticOptions *bool
	isNamedAfterCode bool // the endpoint is the name of a function or a type
	isNamedAfterRule bool
	isStatic         bool // it serves a static folder
}

// Methods lists the methods that the rule answers: GET unless given. HEAD comes
// with GET, and OPTIONS is answered by itself unless it is listed.
func Methods(methods ...string) RouteOption {
	return routeOption(func(r *pendingRoute) { r.Rule.Methods = methods })
}

// Endpoint names the view, for URLFor. Without it, the name is that of the
// function, "index". For a function literal that is written where it is
// registered, it is the methods and the rule: "GET /hello", "GET,POST /login".
// A function that another function returned, such as a decorated view, needs an
// Endpoint; pass [Decorate] to keep the name of the view itself.
func Endpoint(name string) RouteOption {
	return routeOption(func(r *pendingRoute) { r.Rule.Endpoint = name })
}

// Decorate wraps the view in decorators. The first one is the outermost, as with
// Python's decorators. The endpoint keeps the view's own name.
func Decorate(decorators ...func(View) View) RouteOption {
	if slices.ContainsFunc(decorators, func(decorator func(View) View) bool { return decorator == nil }) {
		panic("decant: Decorate got nil; pass functions that take a View and return one")
	}
	return routeOption(func(r *pendingRoute) { r.decorators = append(r.decorators, decorators...) })
}

// Defaults gives view arguments a value that the URL does not hold, in pairs of
// names and values: Defaults("page", 1). If another rule of the endpoint has
// the same arguments in its URL, a request that spells a default out there is
// redirected to the shorter URL.
//
// As an option of a blueprint it holds for all of its rules. It mirrors defaults
// of a rule and url_defaults of a blueprint.
func Defaults(values ...any) BlueprintRouteOption { return defaultsOption(values) }

type defaultsOption []any

func (o defaultsOption) applyToRoute(r *pendingRoute) {
	r.Rule.Defaults = merged(r.Rule.Defaults, o.pairs(fmt.Sprintf("the rule %q", r.Text)))
}

func (o defaultsOption) applyToBlueprint(s *blueprintSettings) {
	s.defaults = merged(s.defaults, o.pairs("a blueprint"))
}

func (o defaultsOption) pairs(owner string) H {
	pairs, err := pairsOf(o)
	if err != nil {
		panic(fmt.Sprintf("decant: Defaults of %s %v", owner, err))
	}
	return pairs
}

// StrictSlashes(false) lets a rule match with and without a slash at the end.
// Otherwise one of the two is redirected or not found. As an option of [New] it
// holds for all rules. It mirrors strict_slashes.
func StrictSlashes(strict bool) AppRouteOption { return strictSlashes(strict) }

type strictSlashes bool

func (o strictSlashes) applyToRoute(r *pendingRoute) { r.Rule.StrictSlashes = (*bool)(&o) }
func (o strictSlashes) applyToApp(a *App)            { a.options.LaxSlashes = !bool(o) }

// MergeSlashes(false) matches "//" in a path as it is. Otherwise the request is
// redirected to the path with "/". As an option of [New] it holds for all rules.
// It mirrors merge_slashes.
func MergeSlashes(merge bool) AppRouteOption { return mergeSlashes(merge) }

type mergeSlashes bool

func (o mergeSlashes) applyToRoute(r *pendingRoute) { r.Rule.MergeSlashes = (*bool)(&o) }
func (o mergeSlashes) applyToApp(a *App)            { a.options.KeepSlashes = !bool(o) }

// RedirectTo answers the rule with a redirect (308) instead of its view, which may
// be nil if an [Endpoint] is given. The text may name the rule's variables:
// "/posts/<id>". Without a slash or a scheme at its beginning it is read as below
// the application's root. A value out of the request cannot make it leave the
// host. It mirrors redirect_to.
func RedirectTo(text string) RouteOption {
	return routeOption(func(r *pendingRoute) { r.Rule.RedirectTo = text })
}

// RedirectToFunc is [RedirectTo] with a function that is given the values of
// the rule's variables and returns where to go: a path, read as RedirectTo
// reads it, or a whole URL. It runs after the before-request functions. A path
// cannot leave the host, whatever values it is made of; a result that begins with
// a scheme and "://" is used as it is, so do not put a value there.
func RedirectToFunc(f func(c *Context, values H) string) RouteOption {
	return routeOption(func(r *pendingRoute) {
		if f == nil {
			panic(fmt.Sprintf("decant: RedirectToFunc of the rule %q got nil; pass the function that returns the location", r.Text))
		}
		r.Rule.RedirectFunc = func(context any, values map[string]any) string { return f(context.(*Context), values) }
	})
}

// Alias makes the rule redirect to the URL of its endpoint. It mirrors
// alias=True.
func Alias() RouteOption { return routeOption(func(r *pendingRoute) { r.Rule.Alias = true }) }

// BuildOnly makes a rule that URLFor can build and that no request matches. Its
// view may be nil if an [Endpoint] is given. This names a URL that somebody else
// answers, such as Flask behind [App.Fallback]:
//
//	app.Get("/report/<int:id>", nil, decant.BuildOnly(), decant.Endpoint("report"))
//
// It mirrors build_only=True.
func BuildOnly() RouteOption {
	return routeOption(func(r *pendingRoute) { r.Rule.BuildOnly = true })
}

// Subdomain is the subdomain that the rule matches. It may hold variables:
// "<user>". As an option of a blueprint it holds for those of its rules that have
// no Subdomain of their own. The application needs [SubdomainMatching].
func Subdomain(subdomain string) BlueprintRouteOption { return subdomainOption(subdomain) }

type subdomainOption string

func (o subdomainOption) applyToRoute(r *pendingRoute)          { r.Rule.Subdomain = string(o) }
func (o subdomainOption) applyToBlueprint(s *blueprintSettings) { s.subdomain = (*string)(&o) }

// RuleHost is the whole host that the rule matches, with its port if that is
// not the scheme's own, and may hold variables. The application needs
// [HostMatching]. It mirrors a rule's host.
func RuleHost(host string) RouteOption {
	return routeOption(func(r *pendingRoute) { r.Rule.Host = host })
}

// ProvideAutomaticOptions(false) answers OPTIONS requests with 405 unless the
// rule's Methods list OPTIONS. ProvideAutomaticOptions(true) answers them
// without the view even then. Without this option,
// Config.ProvideAutomaticOptions decides. It mirrors
// provide_automatic_options.
func ProvideAutomaticOptions(provide bool) RouteOption {
	return routeOption(func(r *pendingRoute) { r.automaticOptions = &provide })
}

// newRoute returns the route for a view. Methods answers the rule if the options
// list none.
func newRoute(text string, view View, options []RouteOption, caller funcname.Caller) *pendingRoute {
	r := &pendingRoute{Rule: rule.Rule{Text: text, Place: caller.Place()}, view: view}
	r.identity = reflect.ValueOf(view).Pointer()
	mustBeOptions(fmt.Sprintf("the rule %q", text), options)
	for _, option := range options {
		option.applyToRoute(r)
	}
	if view == nil && !r.needsNoView() {
		panic(fmt.Sprintf("decant: the rule %q has a nil view; pass the function that answers, or for a name of a URL that somebody else answers decant.BuildOnly() and decant.Endpoint(\"...\")", text))
	}
	return r
}

// needsNoView reports whether nothing calls the view, or asks it for a name.
func (r *pendingRoute) needsNoView() bool {
	neverRuns := r.Rule.BuildOnly || r.Rule.RedirectTo != "" || r.Rule.RedirectFunc != nil
	return neverRuns && r.Rule.Endpoint != ""
}

// finish names the endpoint, unless an option did, and wraps the view in its
// decorators.
func (r *pendingRoute) finish(caller funcname.Caller) {
	if r.Rule.Endpoint == "" {
		r.nameEndpoint(caller)
	}
	if r.view == nil {
		return
	}
	for _, decorate := range slices.Backward(r.decorators) {
		r.view = decorate(r.view)
	}
}

func (r *pendingRoute) nameEndpoint(caller funcname.Caller) {
	function := funcname.Of(r.view)
	switch {
	case function.Name() != "":
		r.Rule.Endpoint, r.isNamedAfterCode = function.Name(), true
	case function.IsWrittenIn(caller):
		methods := strings.ToUpper(strings.Join(r.Rule.Methods, ","))
		r.Rule.Endpoint, r.isNamedAfterRule = strings.TrimSpace(methods+" "+r.Text), true
	default:
		panic(fmt.Sprintf("decant: the view of the rule %q is %s, which does not say what to call the endpoint. %s, or name the endpoint with Endpoint(\"...\")", r.Text, function.Origin(caller), decorateAdvice(function.Maker())))
	}
}

func decorateAdvice(maker string) string {
	return fmt.Sprintf("If %s is a decorator, register the view itself with Decorate(%[1]s), which keeps its name", cmp.Or(maker, "what made it"))
}

// add puts a route into the map.
func (a *App) add(r *pendingRoute) {
	r.Rule.Endpoint = a.endpointName(r)
	a.checkDomain(r)
	target := a.newEndpoint(r)
	if target.autoOptions {
		r.Rule.Methods = append(slices.Clone(r.Rule.Methods), http.MethodOptions)
	}
	r.Rule.Target = target
	if _, err := a.rules.Add(r.Rule); err != nil {
		panic(fmt.Sprintf("decant: %v", err))
	}
}

// endpointName is the name of the endpoint, below that of its blueprint.
func (a *App) endpointName(r *pendingRoute) string {
	name := r.Rule.Endpoint
	if r.isNamedAfterCode && a.hasSnakeCase {
		name = spelling.SnakeCase(name)
	}
	if r.scope != nil {
		return r.scope.name() + "." + name
	}
	return name
}

// warnOfForeignSyntax logs the rules that have placeholders of other routers,
// such as "{id}" and ":id". Flask matches them as they are written, and so does
// this application.
func (a *App) warnOfForeignSyntax() {
	for _, r := range a.rules.Rules() {
		if flasks := rule.InFlaskSyntax(r.Text); flasks != r.Text {
			a.logger().Warn("a rule has placeholders of another router, which match only as they are written", "detail", fmt.Sprintf("%v: write %q", r, flasks))
		}
	}
}

// checkDomain panics for a host or a subdomain that the application does not
// match. Flask ignores it silently.
func (a *App) checkDomain(r *pendingRoute) {
	if r.Rule.Host != "" && !a.options.HostMatching {
		panic(fmt.Sprintf("decant: the %v has a RuleHost, which the application %q does not look at; make it with New(name, HostMatching())", &r.Rule, a.Name))
	}
	if r.Rule.Subdomain != "" && !a.options.SubdomainMatching {
		panic(fmt.Sprintf("decant: the %v has a Subdomain, which the application %q does not look at; make it with New(name, SubdomainMatching())", &r.Rule, a.Name))
	}
}

func (a *App) newEndpoint(r *pendingRoute) *endpoint {
	target := &endpoint{
		name:        r.Rule.Endpoint,
		view:        r.view,
		identity:    r.identity,
		place:       r.Rule.Place,
		scope:       r.scope,
		isStatic:    r.isStatic,
		autoOptions: a.Config.ProvideAutomaticOptions && !slices.ContainsFunc(r.Rule.Methods, isOptions),
	}
	if r.automaticOptions != nil {
		target.autoOptions = *r.automaticOptions
	}
	earlier := a.endpoints[target.name]
	switch {
	case earlier == nil, earlier.view == nil:
		a.endpoints[target.name] = target
	case target.view != nil && earlier.identity != target.identity:
		panic(fmt.Sprintf("decant: the rule %q at %s would give the endpoint %q a second view; the first was registered at %s. Use Endpoint to name one of them", r.Text, target.place, target.name, earlier.place))
	}
	return target
}

func isOptions(method string) bool { return strings.EqualFold(method, http.MethodOptions) }

// answer runs the view. An OPTIONS request that the view does not answer itself
// gets the list of methods.
func (e *endpoint) answer(c *Context) (any, error) {
	if e.autoOptions && c.Request.Method == http.MethodOptions {
		r := c.textResponse("")
		if allowed := c.App.rules.Allowed(c.domain(), c.Request.Path()); len(allowed) > 0 {
			r.Header()["Allow"] = []string{strings.Join(allowed, ", ")}
		}
		return r, nil
	}
	return e.view(c)
}

// findRule finds the rule for the request. If there is none, or a converter
// panics, the error waits until the before-request functions have run.
func (c *Context) findRule() {
	var err error
	if c.App.hasConverters {
		err = c.matchRuleRecovering()
	} else {
		err = c.matchRule()
	}
	if err != nil {
		c.match = rule.Match{}
		c.needExtras().routingError = err
	}
}

// matchRuleRecovering is matchRule where it runs code of the application.
func (c *Context) matchRuleRecovering() (err error) {
	defer recoverInto(&err)
	return c.matchRule()
}

func (c *Context) matchRule() error {
	if err := c.checkHost(); err != nil {
		return err
	}
	return c.App.rules.MatchInto(&c.match, c, c.Request.Method, c.domain(), c.Request.Path())
}

// Matches reports whether a rule of this application would answer a request, by its
// view or with a redirect to the right URL. It is false for what goes to a Mount or
// to the Fallback, and for a 404 or 405. Middleware may ask it; nothing is run but
// the converters of the rule. The first call freezes the application.
func (a *App) Matches(r *http.Request) bool {
	if !a.frozen.Load() {
		a.freeze()
	}
	r = rooted(r)
	if slices.ContainsFunc(a.mounts, func(m mount) bool { return m.covers(r.URL.Path) }) {
		return false
	}
	c := a.newContext(nil, r)
	c.findRule()
	if c.match.Rule == nil {
		var redirect *rule.Redirect
		return errors.As(c.routingError(), &redirect)
	}
	return !c.isForAbsentFolder()
}

// showPattern sets the Pattern of the request as middleware passed it, and of the
// one that views see, as http.ServeMux does: "GET /user/<name>", or "" if no rule
// matches. Middleware that traces or measures names the request by it.
func (c *Context) showPattern(r *http.Request) {
	pattern := c.pattern()
	r.Pattern = pattern
	if c.Request.Request != r {
		c.Request.Pattern = pattern
	}
}

// pattern is "" where no rule matches, and for a rule that takes all methods.
func (c *Context) pattern() string {
	matched := c.match.Rule
	if matched == nil {
		return ""
	}
	for i, method := range matched.Methods {
		if method == c.Request.Method {
			return c.endpoint().patterns[i]
		}
	}
	return ""
}

// checkHost refuses hosts that are no names, and those that Config.TrustedHosts does not
// list, with a 400. Flask looks at the name only where it needs it: without SERVER_NAME.
func (c *Context) checkHost() error {
	isServer := c.App.config.ServerName == "" || c.App.options.HostMatching
	if isServer && header.HasBadLabel(c.Request.Host) {
		return NewHTTPError(http.StatusBadRequest)
	}
	if !c.App.trustedHosts.Restricted() {
		return nil
	}
	if _, err := header.Host(c.scheme(), c.Request.Host, c.App.trustedHosts); err != nil {
		return NewHTTPError(http.StatusBadRequest)
	}
	return nil
}

// domain returns the part of the request's host that the rules match.
func (c *Context) domain() string {
	if !c.App.options.HostMatching && !c.App.options.SubdomainMatching {
		return ""
	}
	return c.App.rules.Domain(c.scheme(), c.Request.Host, c.App.config.ServerName)
}

// unmatched answers a request that no rule matches: with a redirect to a path
// that one matches, a 405 that lists the allowed methods, or a 404.
func (c *Context) unmatched() (any, error) {
	err := c.routingError()
	var redirect *rule.Redirect
	if errors.As(err, &redirect) {
		location := redirect.URL(c, c.scheme(), c.App.config.ServerName, encodedPath(c.Request.ScriptRoot()), c.Request.URL.RawQuery)
		return c.Redirect(location, redirect.Code)
	}
	return nil, c.Request.RoutingError()
}

// Route is one rule of an application, as [App.Routes] lists it.
type Route struct {
	// Endpoint is the name of the view.
	Endpoint string
	// Methods are those that the rule answers, HEAD and OPTIONS included.
	Methods []string
	// Rule is the rule's text.
	Rule string
	// Domain is the rule for the host or the subdomain, if domains are matched.
	Domain string
	// IsHost says that Domain is a host and not a subdomain: see [HostMatching].
	IsHost bool
	// Place is where the rule was registered, as file:line.
	Place string
	// BuildOnly says that the rule answers nothing: see [BuildOnly].
	BuildOnly bool
}

// Routes lists the rules in the order in which they are tried, those that only
// build last. It is what "flask routes --sort match" shows.
func (a *App) Routes() []Route {
	rules := a.rules.Rules()
	routes := make([]Route, len(rules))
	for i, r := range rules {
		routes[i] = Route{r.Endpoint, slices.Clone(r.Methods), r.Text, r.Host + r.Subdomain, a.options.HostMatching, r.Place, r.BuildOnly}
	}
	return routes
}

// Converter turns the text of a placeholder such as "<list:names>" into a
// value, and a value into text: Werkzeug's BaseConverter.
type Converter struct {
	// Pattern is the regular expression, in the syntax of package regexp, that
	// the whole text must match: `[^/]+` if empty. One that is to match slashes
	// must have a slash in it.
	Pattern string
	// Weight orders rules that differ in nothing but their converter: the
	// smaller is tried first. 0 means 100, the weight of string; int and float
	// have 50, path has 200.
	Weight int
	// ToGo makes the value: to_python. Its error means that the rule does not
	// match, and nil that the text is the value.
	ToGo func(text string) (any, error)
	// ToURL makes the text, percent-encoded: to_url. Its error ends building,
	// except ErrInvalidValue. Nil encodes the value's text as [QuoteURL] does.
	ToURL func(value any) (string, error)
	// ToGoContext and ToURLContext take the places of ToGo and ToURL for a
	// converter that needs the request: its user, or a transaction. The hooks have
	// not run yet when ToGoContext does. The context of ToURLContext is nil
	// outside of a request, and for a default of a rule.
	ToGoContext  func(c *Context, text string) (any, error)
	ToURLContext func(c *Context, value any) (string, error)
}

// QuoteURL percent-encodes the text of a value for the path of a URL, as
// converters do that have no ToURL. A slash stays a slash. It mirrors
// BaseConverter.to_url.
func QuoteURL(value any) string { return rule.Quote(value) }

// ErrInvalidValue is what Converter.ToURL returns, alone or wrapped, for a
// value that it cannot write, so that another rule of the endpoint is tried.
// It is Werkzeug's ValidationError.
var ErrInvalidValue = rule.ErrInvalid

// Arguments are what a rule passes to its converter, as in
// "<list(3, sep=';'):names>". A value is nil, a bool, an int, a float64 or a
// string: quoted text is a string, and a bare word is None, True, False, a number
// or else a string.
type Arguments struct {
	// Positional are the arguments without a name, in their order.
	Positional []any
	// Named are the arguments with a name.
	Named map[string]any
}

// Bind gives each argument the name of its parameter: the positional ones in the
// order of names, the named ones by their own. The result holds the arguments that
// were passed and no others. Too many arguments, one that is passed twice and an
// unknown name are errors, as they are in a call of a Python function.
func (a Arguments) Bind(names ...string) (map[string]any, error) {
	return rule.Arguments(a).Bind(names...)
}

// Converter registers a converter that takes no arguments under the name by
// which rules call it: app.url_map.converters[name]. Register it before the
// rules, and the blueprints, that use it. A builtin name is replaced, and
// "default" is the converter of a placeholder that names none.
func (a *App) Converter(name string, converter Converter) {
	a.mustBeOpen("Converter")
	converter.check(name)
	a.hasConverters = true
	mustConvert(name, a.rules.AddConverter(name, converter.complete()))
}

// ConverterFunc registers a converter that takes arguments. The function is
// called for each placeholder when its rule is registered; an error from it
// refuses the rule. It mirrors a converter's __init__.
func (a *App) ConverterFunc(name string, makeConverter func(arguments Arguments) (Converter, error)) {
	a.mustBeOpen("ConverterFunc")
	if makeConverter == nil {
		panic(fmt.Sprintf("decant: ConverterFunc of %q got nil; pass the function that makes the converter", name))
	}
	a.hasConverters = true
	mustConvert(name, a.rules.AddConverterFunc(name, func(arguments rule.Arguments) (rule.Converter, error) {
		converter, err := makeConverter(Arguments(arguments))
		converter.check(name)
		return converter.complete(), err
	}))
}

// check panics for a converter that does one thing in two ways.
func (c Converter) check(name string) {
	if c.ToGo != nil && c.ToGoContext != nil || c.ToURL != nil && c.ToURLContext != nil {
		panic(fmt.Sprintf("decant: the converter %q has a function with a context and one without for the same direction; leave out ToGo or ToGoContext, and ToURL or ToURLContext", name))
	}
}

func (c Converter) complete() rule.Converter {
	complete := rule.Converter{Pattern: c.Pattern, Weight: c.Weight, ToGo: c.ToGo, ToURL: c.ToURL}
	if c.ToGoContext != nil {
		complete.ToGoIn = func(context any, text string) (any, error) {
			request, _ := context.(*Context)
			return c.ToGoContext(request, text)
		}
	}
	if c.ToURLContext != nil {
		complete.ToURLIn = func(context, value any) (string, error) {
			request, _ := context.(*Context)
			return c.ToURLContext(request, value)
		}
	}
	if c.Pattern == "" {
		isolating := true
		complete.Pattern, complete.PartIsolating = `[^/]+`, &isolating
	}
	return complete
}

func mustConvert(name string, err error) {
	if err != nil {
		panic(fmt.Sprintf("decant: the converter %q cannot be registered: %v", name, err))
	}
}

// The methods that a method view may have.
type (
	hasGet     interface{ Get(*Context) (any, error) }
	hasPost    interface{ Post(*Context) (any, error) }
	hasPut     interface{ Put(*Context) (any, error) }
	hasPatch   interface{ Patch(*Context) (any, error) }
	hasDelete  interface{ Delete(*Context) (any, error) }
	hasHead    interface{ Head(*Context) (any, error) }
	hasOptions interface{ Options(*Context) (any, error) }
	hasTrace   interface{ Trace(*Context) (any, error) }
)

// hasViews is a method view that serves other methods too.
type hasViews interface{ Views() map[string]View }

// methodHandlers are the methods of a method view. Each is found by an interface
// and so without reflection. The function byName looks for a method of that name
// with any signature.
var methodHandlers = []struct {
	method, name string
	find         func(instance any) View
	byName       func(kind reflect.Type) (reflect.Method, bool)
}{
	{http.MethodGet, "Get", methodOf(hasGet.Get), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Get") }},
	{http.MethodPost, "Post", methodOf(hasPost.Post), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Post") }},
	{http.MethodPut, "Put", methodOf(hasPut.Put), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Put") }},
	{http.MethodPatch, "Patch", methodOf(hasPatch.Patch), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Patch") }},
	{http.MethodDelete, "Delete", methodOf(hasDelete.Delete), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Delete") }},
	{http.MethodHead, "Head", methodOf(hasHead.Head), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Head") }},
	{http.MethodOptions, "Options", methodOf(hasOptions.Options), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Options") }},
	{http.MethodTrace, "Trace", methodOf(hasTrace.Trace), func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("Trace") }},
}

// methodOf returns a function that finds the method of an interface I in an
// instance. It returns nil for an instance without the method.
func methodOf[I any](method func(I, *Context) (any, error)) func(instance any) View {
	return func(instance any) View {
		handler, ok := instance.(I)
		if !ok {
			return nil
		}
		return func(c *Context) (any, error) { return method(handler, c) }
	}
}

func newMethodRoute(text string, view any, options []RouteOption, caller funcname.Caller) *pendingRoute {
	v := newMethodView(view, text)
	r := &pendingRoute{Rule: rule.Rule{Text: text, Place: caller.Place()}, view: v.answer, identity: v.identity}
	mustBeOptions(fmt.Sprintf("the rule %q", text), options)
	for _, option := range options {
		option.applyToRoute(r)
	}
	if r.Rule.Methods == nil {
		r.Rule.Methods = v.methods()
	}
	v.mustAnswer(r.Rule.Methods, text)
	if r.Rule.Endpoint == "" {
		r.Rule.Endpoint, r.isNamedAfterCode = v.typeName(text), true
	}
	r.finish(caller)
	return r
}

// methodView is a shared instance with its views, or a factory of instances.
type methodView struct {
	instance    any // for a factory, one that only shows what there is
	views       map[string]View
	newInstance func() any // nil for a shared instance
	identity    any
}

func newMethodView(view any, text string) *methodView {
	v := &methodView{instance: view}
	if factory, ok := view.(func() any); ok && factory != nil {
		v.newInstance, v.instance = factory, factory()
		v.identity = reflect.ValueOf(factory).Pointer()
	} else if view != nil {
		v.identity = identityOf(view)
	}
	v.views = map[string]View{}
	for _, handler := range methodHandlers {
		if view := handler.find(v.instance); view != nil {
			v.views[handler.method] = view
		}
	}
	v.addOthers(text)
	v.check(text)
	return v
}

// addOthers adds the views of the method Views.
func (v *methodView) addOthers(text string) {
	more, ok := v.instance.(hasViews)
	if !ok {
		return
	}
	views := more.Views()
	for _, method := range slices.Sorted(maps.Keys(views)) {
		view := views[method]
		switch {
		case method == "" || method != strings.ToUpper(method):
			panic(fmt.Sprintf("decant: Views of the method view %T of the rule %q has the key %q; write the method in upper case", v.instance, text, method))
		case view == nil:
			panic(fmt.Sprintf("decant: Views of the method view %T of the rule %q has a nil view for %s; leave the method out, or add its view", v.instance, text, method))
		case v.views[method] != nil:
			panic(fmt.Sprintf("decant: the method view %T of the rule %q has a method for %s, which Views has too; keep one of them", v.instance, text, method))
		}
		v.views[method] = view
	}
}

// identityOf returns a value that differs between shared instances. Instances
// that cannot be compared share the identity of their type.
func identityOf(instance any) any {
	if reflect.ValueOf(instance).Comparable() {
		return instance
	}
	return reflect.TypeOf(instance)
}

func (v *methodView) check(text string) {
	for _, handler := range methodHandlers {
		if v.views[handler.method] == nil && v.hasMethod(handler.byName) {
			panic(fmt.Sprintf("decant: the method view %T of the rule %q has a method %s that is no view; its signature must be %s(c *decant.Context) (any, error)", v.instance, text, handler.name, handler.name))
		}
	}
	if _, ok := v.instance.(hasViews); !ok && v.hasMethod(viewsByName) {
		panic(fmt.Sprintf("decant: the method view %T of the rule %q has a method Views of another kind; its signature must be Views() map[string]decant.View", v.instance, text))
	}
	if len(v.views) == 0 {
		panic(fmt.Sprintf("decant: the method view %T of the rule %q has no method Get, Post or the like, and no Views; add one, and pass a pointer if they have pointer receivers", v.instance, text))
	}
}

// hasMethod looks for a method by its name. The functions that look have the name as
// a constant: with a variable the linker would keep all methods of the program.
func (v *methodView) hasMethod(byName func(reflect.Type) (reflect.Method, bool)) bool {
	if v.instance == nil {
		return false
	}
	_, ok := byName(reflect.TypeOf(v.instance))
	return ok
}

func viewsByName(kind reflect.Type) (reflect.Method, bool) { return kind.MethodByName("Views") }

// methods lists the HTTP methods of the view, in the order of methodHandlers and
// then those of Views by name.
func (v *methodView) methods() []string {
	var methods []string
	for _, handler := range methodHandlers {
		if v.views[handler.method] != nil {
			methods = append(methods, handler.method)
		}
	}
	for _, method := range slices.Sorted(maps.Keys(v.views)) {
		if !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
	}
	return methods
}

func (v *methodView) mustAnswer(methods []string, text string) {
	known := v.methods()
	for _, method := range methods {
		method = strings.ToUpper(method)
		headByGet := method == http.MethodHead && slices.Contains(known, http.MethodGet)
		if !headByGet && !slices.Contains(known, method) {
			panic(fmt.Sprintf("decant: the rule %q lists %s, for which the method view %T has no method; add it, or leave %s out", text, method, v.instance, method))
		}
	}
}

func (v *methodView) typeName(text string) string {
	kind := reflect.TypeOf(v.instance)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind.Name() == "" {
		panic(fmt.Sprintf("decant: the method view of the rule %q has a type without a name to call its endpoint by; add Endpoint(\"...\")", text))
	}
	return kind.Name()
}

// answer dispatches to the view for the request's method.
func (v *methodView) answer(c *Context) (any, error) {
	method := c.Request.Method
	if v.views[method] == nil && method == http.MethodHead {
		method = http.MethodGet
	}
	if v.newInstance == nil {
		return v.views[method](c)
	}
	return freshView(v.newInstance(), method)(c)
}

func freshView(instance any, method string) View {
	for _, handler := range methodHandlers {
		if handler.method == method {
			if view := handler.find(instance); view != nil {
				return view
			}
		}
	}
	return instance.(hasViews).Views()[method]
}
