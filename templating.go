package decant

import (
	"context"
	"fmt"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Renderer is a template engine at work, made by a [NewEngine]. It serves many
// requests at once.
type Renderer interface {
	// Render writes a template to w. A name is a path below the templates
	// folder, such as "auth/login.html". The context is the *Context that
	// renders. The variables belong to the engine, which may add to them. For
	// [Context.Stream] each Write is sent to the client at once.
	Render(ctx context.Context, w io.Writer, name string, vars H) error
}

// StringRenderer is a Renderer that also renders text that is no file. What
// such templates print is always escaped. [Context.RenderString] needs it.
type StringRenderer interface {
	RenderString(ctx context.Context, w io.Writer, source string, vars H) error
}

// Preparer is a Renderer that tells what is wrong with a template before it is
// rendered: that it does not exist, or cannot be parsed. [Context.Stream] asks
// while there can still be an error page.
type Preparer interface {
	Prepare(name string) error
}

// NewEngine makes a template engine for an application. It is called once, when
// everything is registered.
type NewEngine func(EngineConfig) (Renderer, error)

// EngineConfig is what an application tells its template engine.
//
// A function among filters, tests and globals returns a result, or a result
// and an error. If its first parameter is a context.Context, of which *Context
// is one, the engine passes that of the render. Keyword arguments reach a last
// parameter of type ...any as pairs of a name and a value; a function without
// one takes none.
type EngineConfig struct {
	// FS holds the templates: the application's folder and those of the
	// blueprints. Its errors name the template and where it was looked for.
	FS fs.FS
	// Reload says that a template that has changed is to be read again.
	Reload bool
	// Autoescape reports whether the template of that name is escaped.
	Autoescape func(name string) bool
	// Filters and Tests are functions, by the names that templates use. What
	// is filtered or tested is their first argument.
	Filters, Tests map[string]any
	// Globals are functions and values that templates find where they have no
	// variable of that name, in imported macros too.
	Globals map[string]any
	// Lazy are globals whose value each render has of its own: request,
	// session and g. The function is called with the context of the render.
	Lazy map[string]func(context.Context) any
	// JSON writes a value as the application's JSON answers have it, with
	// blanks behind commas and colons. It is not escaped for HTML.
	JSON func(value any) ([]byte, error)
}

// Templating is what an application or a blueprint gives to templates. That of
// a blueprint is for all templates of the application, as in Flask.
type Templating struct {
	owner                   owner
	engine                  NewEngine
	filters, tests, globals map[string]any

	given    fs.FS      // the application's own folder, if it is not the default one
	folders  templateFS // of the blueprints, and when the application is frozen its own before them
	renderer Renderer   // when the application is frozen
	buffers  sync.Pool  // of *bytes.Buffer
}

// newTemplating returns what has no filters and no engine yet.
func newTemplating(owner owner) *Templating {
	return &Templating{owner: owner, filters: map[string]any{}, tests: map[string]any{}, globals: map[string]any{}}
}

// Engine sets the template engine of the application: html/template unless
// another is set. It panics on a blueprint.
func (t *Templating) Engine(engine NewEngine) {
	t.owner.mustBeOpen("Templates.Engine")
	if _, isApp := t.owner.(*App); !isApp {
		panic("decant: Templates.Engine was called on a blueprint; all templates have one engine, so call it on the application")
	}
	if engine == nil {
		panic("decant: Templates.Engine got nil; pass the function that makes the engine, or leave the call out for html/template")
	}
	t.engine = engine
}

// Filter registers a function that templates apply to a value, which is its
// first argument, or the second one behind a *Context that is the render's. It
// returns the result, or the result and an error. A function of another shape
// panics. It mirrors template_filter and app_template_filter.
func (t *Templating) Filter(name string, function any) {
	t.owner.mustBeOpen("Templates.Filter")
	checkTemplateName("Filter", name)
	if problem := problemOf(function, true); problem != "" {
		panic(fmt.Sprintf("decant: Templates.Filter(%q): %s; a filter is a function such as func(text string) string, or with an error as second result", name, problem))
	}
	t.filters[name] = function
}

// Test registers a function that tells something of a value: "n is prime" in
// Jinja, "if prime .n" in html/template. It is a filter that returns a bool.
// It mirrors template_test and app_template_test.
func (t *Templating) Test(name string, function any) {
	t.owner.mustBeOpen("Templates.Test")
	checkTemplateName("Test", name)
	problem := problemOf(function, true)
	if problem == "" && reflect.TypeOf(function).Out(0).Kind() != reflect.Bool {
		problem = "its result is no bool"
	}
	if problem != "" {
		panic(fmt.Sprintf("decant: Templates.Test(%q): %s; a test is a function such as func(n int) bool", name, problem))
	}
	t.tests[name] = function
}

// Global registers a function or any other value that all templates know by a
// name. Variables of the same name win. A function may take a *Context first,
// which is that of the render, and must return one result, or one and an error.
// It mirrors template_global and app_template_global.
func (t *Templating) Global(name string, value any) {
	t.owner.mustBeOpen("Templates.Global")
	checkTemplateName("Global", name)
	if isFunction(value) {
		if problem := problemOf(value, false); problem != "" {
			panic(fmt.Sprintf("decant: Templates.Global(%q): %s; let it return one result, or one and an error", name, problem))
		}
	}
	t.globals[name] = value
}

func checkTemplateName(method, name string) {
	if !token.IsIdentifier(name) {
		panic(fmt.Sprintf("decant: Templates.%s(%q): templates cannot spell that name; use letters, digits and underscores", method, name))
	}
}

func isFunction(value any) bool {
	t := reflect.TypeOf(value)
	return t != nil && t.Kind() == reflect.Func
}

// problemOf says why templates cannot call a function, or "".
func problemOf(function any, takesValue bool) string {
	if !isFunction(function) {
		return fmt.Sprintf("it is a %T", function)
	}
	t := reflect.TypeOf(function)
	switch {
	case reflect.ValueOf(function).IsNil():
		return "it is nil"
	case t.NumOut() == 0:
		return "it returns nothing"
	case t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != reflect.TypeFor[error]():
		return fmt.Sprintf("it returns more than a result and an error: %v", t)
	case takesValue && t.NumIn() == contextParameters(t):
		return "it takes no value"
	}
	return ""
}

// contextParameters is 1 for a function that is given the context of the
// render first, and 0 for any other.
func contextParameters(t reflect.Type) int {
	if t.NumIn() > 0 && t.In(0).Implements(reflect.TypeFor[context.Context]()) {
		return 1
	}
	return 0
}

// adopt adds what a blueprint has registered.
func (t *Templating) adopt(more *Templating) {
	maps.Copy(t.filters, more.filters)
	maps.Copy(t.tests, more.tests)
	maps.Copy(t.globals, more.globals)
}

// prepareTemplates makes the engine.
func (a *App) prepareTemplates() {
	t := a.Templates
	t.folders = slices.Insert(t.folders, 0, a.templateFolder())
	globals := a.templateGlobals()
	maps.Copy(globals, t.globals)
	renderer, err := t.engine(EngineConfig{
		FS:         t.folders,
		Reload:     a.Config.reloadsTemplates(),
		Autoescape: autoescapes,
		Filters:    t.filters,
		Tests:      t.tests,
		Globals:    globals,
		Lazy:       lazyGlobals(globals),
		JSON:       a.JSON.Dumps,
	})
	if err != nil {
		panic(fmt.Sprintf("decant: the template engine of the application %q cannot be made: %v", a.Name, err))
	}
	t.renderer = renderer
}

// reloadsTemplates is TemplatesAutoReload, which follows Debug.
func (c *Config) reloadsTemplates() bool {
	if c.TemplatesAutoReload != nil {
		return *c.TemplatesAutoReload
	}
	return c.Debug
}

// autoescapes is Flask's select_jinja_autoescape.
func autoescapes(name string) bool {
	return slices.ContainsFunc(escapedEndings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

var escapedEndings = []string{".html", ".htm", ".xml", ".xhtml", ".svg"}
