package decant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io"
	"io/fs"
	"iter"
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

// Render returns the page that a template makes of the variables. Besides them
// it sees what context processors give, and everywhere request, session, g,
// config, url_for and get_flashed_messages.
//
//	return c.Render("hello.html", decant.H{"name": name})
//
// Of several maps the later ones win. The page is written to memory first, so
// a template that fails, or does not exist, makes a whole error page: the error
// names the template, and its line where one is to blame. What template
// functions panic with comes back as the error. It mirrors render_template.
func (c *Context) Render(name string, vars ...H) (string, error) {
	return c.render(name, vars, func(w io.Writer, vars H) error {
		return c.App.Templates.renderer.Render(c, w, name, vars)
	})
}

// RenderFirst is Render of the first template that exists: render_template with
// a list of names.
func (c *Context) RenderFirst(names []string, vars ...H) (string, error) {
	folders := c.App.Templates.folders
	for _, name := range names {
		if folders.has(name) {
			return c.Render(name, vars...)
		}
	}
	return "", fmt.Errorf("decant: there is none of the templates %q in %s; add one that always is there: %w", names, folders, fs.ErrNotExist)
}

// RenderString is Render of a template that is text in the program. What it
// prints is always escaped. It mirrors render_template_string.
func (c *Context) RenderString(source string, vars ...H) (string, error) {
	renderer, ok := c.App.Templates.renderer.(StringRenderer)
	if !ok {
		return "", fmt.Errorf("decant: the template engine %T renders files only; put the template into one", c.App.Templates.renderer)
	}
	return c.render("", vars, func(w io.Writer, vars H) error {
		return renderer.RenderString(c, w, source, vars)
	})
}

// render runs an engine in memory.
func (c *Context) render(name string, vars []H, run func(io.Writer, H) error) (page string, err error) {
	defer recoverInto(&err)
	all := c.templateVars(vars)
	c.beforeRender(name, all)
	buffer := c.App.Templates.takeBuffer()
	defer c.App.Templates.giveBack(buffer)
	if err := run(buffer, all); err != nil {
		return "", renderError(name, err)
	}
	c.rendered(name, all)
	return buffer.String(), nil
}

func renderError(name string, err error) error {
	var missing *missingTemplate
	switch {
	case errors.As(err, &missing) && missing.name == name:
		return err // says it all
	case name == "":
		return fmt.Errorf("decant: rendering a template from text failed: %w", err)
	}
	return fmt.Errorf("decant: rendering the template %q failed: %w", name, err)
}

// largestKept is the size in bytes of the largest buffer that is used again.
const largestKept = 1 << 20

func (t *Templating) takeBuffer() *bytes.Buffer {
	if buffer, ok := t.buffers.Get().(*bytes.Buffer); ok {
		return buffer
	}
	return new(bytes.Buffer)
}

func (t *Templating) giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= largestKept {
		buffer.Reset()
		t.buffers.Put(buffer)
	}
}

// Stream is Render that sends the page while it is made, piece by piece, for
// pages that are large or slow. Context processors run before it returns; the
// template may use request and session until its end, though changes to the
// session come too late to be saved. What fails after the first piece cuts the
// connection. It mirrors stream_template.
func (c *Context) Stream(name string, vars ...H) (pieces iter.Seq2[string, error], err error) {
	defer recoverInto(&err)
	renderer := c.App.Templates.renderer
	if preparer, ok := renderer.(Preparer); ok {
		if err := preparer.Prepare(name); err != nil {
			return nil, renderError(name, err)
		}
	}
	all := c.templateVars(vars)
	c.beforeRender(name, all)
	return func(yield func(string, error) bool) {
		w := &pieceWriter{yield: yield}
		err := renderer.Render(c, w, name, all)
		switch {
		case w.stopped:
		case err != nil:
			yield("", renderError(name, err))
		default:
			c.rendered(name, all)
		}
	}, nil
}

// pieceWriter hands on what is written, until nobody wants more.
type pieceWriter struct {
	yield   func(string, error) bool
	stopped bool
}

var errStopped = errors.New("decant: nobody reads the rest of the stream")

func (w *pieceWriter) Write(piece []byte) (int, error) {
	w.stopped = w.stopped || !w.yield(string(piece), nil)
	if w.stopped {
		return 0, errStopped
	}
	return len(piece), nil
}

// templateVars are what the context processors give, the application's before
// the blueprints', and on top what the view gives.
func (c *Context) templateVars(given []H) H {
	vars := H{}
	for _, processor := range c.around().processors {
		maps.Copy(vars, processor(c))
	}
	for _, more := range given {
		maps.Copy(vars, more)
	}
	return vars
}

// templateGlobals are what every template knows.
func (a *App) templateGlobals() map[string]any {
	return map[string]any{
		"config":               a.Config,
		"url_for":              (*Context).URLFor,
		"get_flashed_messages": flashedMessages,
	}
}

// lazyGlobals are what every template knows of its request, unless globals
// hide it. The session is not loaded before a template looks into it.
func lazyGlobals(globals map[string]any) map[string]func(context.Context) any {
	lazy := map[string]func(context.Context) any{
		"request": func(ctx context.Context) any { return ctx.(*Context).Request },
		"session": func(ctx context.Context) any { return ctx.(*Context).Session },
		"g":       func(ctx context.Context) any { return ctx.(*Context).gValues() },
	}
	maps.DeleteFunc(lazy, func(name string, _ func(context.Context) any) bool {
		_, hidden := globals[name]
		return hidden
	})
	return lazy
}

// gValues are the values of each G that was set, by name.
func (c *Context) gValues() H {
	if c.notes == nil {
		return nil
	}
	values := make(H, len(c.notes.values))
	for _, named := range c.notes.values {
		values[*named.name] = named.value
	}
	return values
}

// flashedMessages is get_flashed_messages with Flask's parameters
// with_categories and category_filter: by position, or in pairs of a name and
// a value.
func flashedMessages(c *Context, options ...any) ([]any, error) {
	var withCategories, filter any
	if len(options) > 0 && reflect.TypeOf(options[0]) == reflect.TypeFor[bool]() {
		withCategories, options = options[0], options[1:]
	}
	if len(options) == 1 {
		filter, options = options[0], nil
	}
	named, err := pairsOf(options)
	if err != nil {
		return nil, fmt.Errorf("decant: get_flashed_messages %w", err)
	}
	for name, value := range named {
		switch name {
		case "with_categories":
			withCategories = value
		case "category_filter":
			filter = value
		default:
			return nil, fmt.Errorf("decant: get_flashed_messages takes with_categories and category_filter, not %q", name)
		}
	}
	messages := []any{}
	for _, message := range c.FlashedMessages(categoriesOf(filter)...) {
		if withCategories == true {
			messages = append(messages, Tuple{message.Category, message.Message})
		} else {
			messages = append(messages, message.Message)
		}
	}
	return messages, nil
}

// categoriesOf reads a category or a list of them.
func categoriesOf(filter any) (categories []string) {
	if text, ok := filter.(string); ok {
		return []string{text}
	}
	if list := reflect.ValueOf(filter); list.Kind() == reflect.Slice {
		for i := range list.Len() {
			categories = append(categories, fmt.Sprint(list.Index(i)))
		}
	}
	return categories
}

// ContextProcessor runs f before each template is rendered and gives it the
// variables that f returns; that of an application for all requests, that of a
// blueprint for its own and those of the blueprints in it. Variables of inner
// ones win, those that the view passes win over all, and all win over what
// templates know anyway. It mirrors context_processor.
func (s *scaffold) ContextProcessor(f func(c *Context) H) {
	s.owner.mustBeOpen("ContextProcessor")
	s.processors = append(s.processors, f)
}

// AppContextProcessor is [App.ContextProcessor] of the application that the
// blueprint is registered on: app_context_processor.
func (b *Blueprint) AppContextProcessor(f func(c *Context) H) {
	b.mustBeOpen("AppContextProcessor")
	b.appWide.processors = append(b.appWide.processors, f)
}
