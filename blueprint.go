package decant

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/funcname"
)

// Blueprint is a part of an application that is written on its own: Flask's
// Blueprint. It takes views, hooks and error handlers as an App does, and
// none of it has an effect before [App.RegisterBlueprint].
//
//	var auth = decant.NewBlueprint("auth", decant.URLPrefix("/auth"))
//
// Its endpoints have its name in front: the view login of the blueprint "auth"
// is "auth.login", and ".login" for URLFor in the blueprint's own views.
type Blueprint struct {
	// Templates holds filters, tests and globals that the blueprint gives to
	// all templates of its application.
	Templates *Templating

	scaffold

	name     string
	settings blueprintSettings
	appWide  callbacks
	deferred []func(*setup) // rules and what RecordOnce was given, in order
	nested   []registration
	place    string // where it was first registered
}

// BlueprintOption says where a blueprint lives. Options of RegisterBlueprint
// replace those of NewBlueprint.
type BlueprintOption interface{ applyToBlueprint(*blueprintSettings) }

type blueprintOption func(*blueprintSettings)

func (o blueprintOption) applyToBlueprint(s *blueprintSettings) { o(s) }

type blueprintSettings struct {
	name, prefix, subdomain *string // nil: not given
	defaults                H
	static                  []staticOption
	templates               fs.FS // nil: not given
}

// URLPrefix puts the blueprint's rules below a path, which may hold variables:
// "/<lang>/shop". There is one slash between it and a rule; the empty rule is
// the prefix itself. It mirrors url_prefix.
func URLPrefix(prefix string) BlueprintOption {
	return blueprintOption(func(s *blueprintSettings) { s.prefix = &prefix })
}

// As registers a blueprint under another name, so that it can be registered
// more than once. It is for RegisterBlueprint only.
func As(name string) BlueprintOption {
	return blueprintOption(func(s *blueprintSettings) { s.name = &name })
}

// NewBlueprint returns an empty blueprint. It panics for a name that is empty
// or holds a dot, which separates the names of nested blueprints.
func NewBlueprint(name string, options ...BlueprintOption) *Blueprint {
	checkBlueprintName(name)
	b := &Blueprint{name: name, settings: settingsOf(options)}
	if b.settings.name != nil {
		panic(fmt.Sprintf("decant: the blueprint %q is made with As, which is an option of RegisterBlueprint; give NewBlueprint the name itself", name))
	}
	b.owner = b
	b.static.urlPath = defaultStaticURLPath
	for _, option := range b.settings.static {
		option(&b.static)
	}
	b.addStaticRoute(funcname.CallerOf(0))
	b.Templates = newTemplating(b)
	return b
}

func checkBlueprintName(name string) {
	switch {
	case name == "":
		panic("decant: a blueprint has an empty name; give it one to put in front of its endpoints")
	case strings.Contains(name, "."):
		panic(fmt.Sprintf("decant: the name %q of a blueprint holds a dot, which separates the names of nested ones; leave it out", name))
	}
}

func settingsOf(options []BlueprintOption) (s blueprintSettings) {
	mustBeOptions("a blueprint", options)
	for _, option := range options {
		option.applyToBlueprint(&s)
	}
	return s
}

// merged returns a new map in which the values of over win.
func merged(values, over H) H {
	if len(values)+len(over) == 0 {
		return nil
	}
	all := make(H, len(values)+len(over))
	maps.Copy(all, values)
	maps.Copy(all, over)
	return all
}

// registration is a blueprint that is being registered on an application or on
// another blueprint.
type registration struct {
	blueprint *Blueprint
	settings  blueprintSettings
	place     string
}

// Name is the name that [NewBlueprint] was given: bp.name.
func (b *Blueprint) Name() string { return b.name }

// mustBeOpen panics if the blueprint is registered already, because a later
// change would not reach the application.
func (b *Blueprint) mustBeOpen(method string) {
	if b.place != "" {
		panic(fmt.Sprintf("decant: %s was called on the blueprint %q after it was registered at %s; set it up completely before that, or a part of it would be missing", method, b.name, b.place))
	}
}

// add keeps a route until the blueprint is registered.
func (b *Blueprint) add(r *pendingRoute) {
	if strings.Contains(r.Rule.Endpoint, ".") && !r.isNamedAfterRule {
		panic(fmt.Sprintf("decant: the rule %q of the blueprint %q has the endpoint %q with a dot; leave it out, the blueprint's name is put in front anyway", r.Text, b.name, r.Rule.Endpoint))
	}
	b.deferred = append(b.deferred, func(s *setup) { s.app.add(s.scope.resolve(r)) })
}

// RecordOnce calls f with the application that the blueprint is registered on. f
// can do what a blueprint cannot: read the configuration, add a [Converter] that
// its rules use, start an extension. It runs once for each
// application, however often the blueprint is registered there, and between the
// rules that were added before and after it. It mirrors record_once.
func (b *Blueprint) RecordOnce(f func(app *App)) {
	b.mustBeOpen("RecordOnce")
	if f == nil {
		panic(fmt.Sprintf("decant: RecordOnce of the blueprint %q got nil; pass the function that is to run when the blueprint is registered", b.name))
	}
	b.deferred = append(b.deferred, func(s *setup) {
		if s.first {
			f(s.app)
		}
	})
}

// setup is the state while a blueprint is being registered. It mirrors Flask's
// BlueprintSetupState.
type setup struct {
	app   *App
	scope *scope
	first bool // on this application
}

func (b *Blueprint) register(r registration) {
	if r.blueprint == b {
		panic(fmt.Sprintf("decant: the blueprint %q is registered on itself at %s; register it on the application or on another blueprint", b.name, r.place))
	}
	b.nested = append(b.nested, r)
}

// BeforeAppRequest is [App.BeforeRequest] of the application that the
// blueprint is registered on: before_app_request.
func (b *Blueprint) BeforeAppRequest(f View) {
	mustTake(b, "BeforeAppRequest", f == nil)
	b.appWide.before = append(b.appWide.before, f)
}

// AfterAppRequest is [App.AfterRequest] of the application that the blueprint
// is registered on: after_app_request.
func (b *Blueprint) AfterAppRequest(f func(c *Context, r *Response) error) {
	mustTake(b, "AfterAppRequest", f == nil)
	b.appWide.after = append(b.appWide.after, f)
}

// TeardownAppRequest is [App.TeardownRequest] of the application that the
// blueprint is registered on: teardown_app_request.
func (b *Blueprint) TeardownAppRequest(f func(c *Context, err error)) {
	mustTake(b, "TeardownAppRequest", f == nil)
	b.appWide.teardown = append(b.appWide.teardown, f)
}

// AppURLValuePreprocessor is [App.URLValuePreprocessor] of the application that
// the blueprint is registered on: app_url_value_preprocessor.
func (b *Blueprint) AppURLValuePreprocessor(f func(c *Context, endpoint string, values H)) {
	mustTake(b, "AppURLValuePreprocessor", f == nil)
	b.appWide.preprocessors = append(b.appWide.preprocessors, f)
}

// AppURLDefaults is [App.URLDefaults] of the application that the blueprint is
// registered on: app_url_defaults.
func (b *Blueprint) AppURLDefaults(f func(c *Context, endpoint string, values H)) {
	mustTake(b, "AppURLDefaults", f == nil)
	b.appWide.urlDefaults = append(b.appWide.urlDefaults, f)
}

// AppErrorHandler is [App.ErrorHandler] of the application that the blueprint
// is registered on, and so the way for a blueprint to answer a 404 of a path
// that no rule matches: app_errorhandler.
func (b *Blueprint) AppErrorHandler(code int, view ErrorView) {
	b.mustBeOpen("AppErrorHandler")
	checkErrorHandler("AppErrorHandler", code, view)
	b.appWide.setCode(code, view)
}

// HandleAppError is [HandleError] for the application that the blueprint is
// registered on: app_errorhandler(SomeError).
func HandleAppError[E error](blueprint *Blueprint, view func(c *Context, err E) (any, error)) {
	blueprint.mustBeOpen("HandleAppError")
	blueprint.appWide.setType(newTypedHandler(view))
}

// scope is a blueprint as it was registered: with its full name and prefix.
type scope struct {
	blueprint         *Blueprint
	parent            *scope
	names             []string // dotted names, its own and those of its parents
	prefix, subdomain *string
	defaults          H
	templates         fs.FS
	place             string
	around            hooksInEffect // when the application is frozen
}

func newScope(parent *scope, r registration) *scope {
	own := r.blueprint.settings
	s := &scope{
		blueprint: r.blueprint,
		parent:    parent,
		names:     []string{*cmp.Or(r.settings.name, &r.blueprint.name)},
		prefix:    cmp.Or(r.settings.prefix, own.prefix),
		subdomain: cmp.Or(r.settings.subdomain, own.subdomain),
		defaults:  merged(own.defaults, r.settings.defaults),
		templates: cmp.Or(r.settings.templates, own.templates),
		place:     r.place,
	}
	if parent != nil {
		s.names = append([]string{parent.name() + "." + s.names[0]}, parent.names...)
		s.prefix = combined(parent.prefix, s.prefix, joinPaths)
		s.subdomain = combined(parent.subdomain, s.subdomain, joinSubdomains)
	}
	return s
}

func (s *scope) name() string { return s.names[0] }

func combined(outer, inner *string, join func(outer, inner string) string) *string {
	if outer == nil || inner == nil {
		return cmp.Or(outer, inner)
	}
	text := join(*outer, *inner)
	return &text
}

func joinPaths(outer, inner string) string {
	return strings.TrimRight(outer, "/") + "/" + strings.TrimLeft(inner, "/")
}

func joinSubdomains(outer, inner string) string { return inner + "." + outer }

// resolve returns a copy of the blueprint's rule with the prefix and the defaults
// of the scope.
func (s *scope) resolve(r *pendingRoute) *pendingRoute {
	resolved := *r
	resolved.scope = s
	resolved.Rule.Defaults = merged(s.defaults, r.Rule.Defaults)
	if s.prefix != nil {
		resolved.Text = *s.prefix
		if r.Text != "" {
			resolved.Text = joinPaths(*s.prefix, r.Text)
		}
	}
	if s.subdomain != nil && r.Rule.Subdomain == "" {
		resolved.Rule.Subdomain = *s.subdomain
	}
	return &resolved
}

// isWithin reports whether the scope is one of the blueprint or inside one.
func (s *scope) isWithin(b *Blueprint) bool {
	return s != nil && (s.blueprint == b || s.parent.isWithin(b))
}

func (a *App) register(r registration) { a.registerWithin(nil, r) }

// registerWithin registers a blueprint, and then the blueprints inside it.
func (a *App) registerWithin(parent *scope, r registration) {
	b := r.blueprint
	if parent.isWithin(b) {
		panic(fmt.Sprintf("decant: the blueprint %q is registered at %s inside itself, as %q; take it out there", b.name, r.place, parent.name()))
	}
	s := newScope(parent, r)
	first := !a.hasBlueprint(b)
	a.addScope(s)
	if first {
		a.adopt(&b.appWide)
		a.Templates.adopt(b.Templates)
	}
	b.place = cmp.Or(b.place, r.place)
	for _, carryOut := range b.deferred {
		carryOut(&setup{a, s, first})
	}
	for _, inner := range b.nested {
		a.registerWithin(s, inner)
	}
}

func (a *App) addScope(s *scope) {
	if earlier := a.scopes[s.name()]; earlier != nil {
		panic(fmt.Sprintf("decant: a blueprint is registered as %q at %s, and the name was taken at %s; give one of them another name with As(\"...\")", s.name(), s.place, earlier.place))
	}
	a.scopes[s.name()] = s
	a.addTemplates(s)
}

func (a *App) hasBlueprint(b *Blueprint) bool {
	for _, s := range a.scopes {
		if s.blueprint == b {
			return true
		}
	}
	return false
}

// resolveScopes finds the hooks and error handlers for each view.
func (a *App) resolveScopes() {
	a.around = hooksInEffect{hooks: a.hooks, handlers: []*errorHandlers{&a.errorHandlers}}
	for _, name := range slices.Sorted(maps.Keys(a.scopes)) { // parents first
		s := a.scopes[name]
		outer := &a.around
		if s.parent != nil {
			outer = &s.parent.around
		}
		s.around = outer.within(&s.blueprint.callbacks)
	}
	for _, rule := range a.rules.Rules() {
		target := rule.Target.(*endpoint)
		target.around, target.patterns = &a.around, rule.Patterns()
		if target.scope != nil {
			target.around = &target.scope.around
		}
	}
}

// Blueprint is the name under which the view's blueprint was registered, with
// those of its parents before it ("shop.cart"), or "" for a view of the
// application and where no rule matches: request.blueprint.
func (r *Request) Blueprint() string {
	if names := r.blueprints(); len(names) > 0 {
		return names[0]
	}
	return ""
}

// Blueprints are the names of the view's blueprint and its parents, innermost
// first: request.blueprints.
func (r *Request) Blueprints() []string { return slices.Clone(r.blueprints()) }

func (r *Request) blueprints() []string {
	if e := r.context.endpoint(); e != nil && e.scope != nil {
		return e.scope.names
	}
	return nil
}
