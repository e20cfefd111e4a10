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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/decant-go/decant/internal/templates"
	"github.com/decant-go/decant/jinja"
)

// Render returns the page that a template makes of the variables:
//
//	return c.Render("hello.html", decant.H{"name": name})
//
// If several maps have a variable of the same name, the last one counts. The
// template also sees the variables of the context processors, and request,
// session, g, config, url_for and get_flashed_messages.
//
// The page is written to memory first, so a template that fails or does not
// exist never sends half a page. The error names the template, and its line if
// one is to blame. A panic of a template function is returned as an error. It
// mirrors render_template.
func (c *Context) Render(name string, vars ...H) (string, error) {
	renderer, err := c.App.Templates.renderer()
	if err != nil {
		return "", err
	}
	page, err := c.render(name, vars, func(w io.Writer, vars H) error { return renderer.Render(c, w, name, vars) })
	if err == nil && !c.App.Templates.escapes(renderer, name) {
		c.noteUnescaped(unescapedPage{template: name, page: page})
	}
	return page, err
}

// RenderFirst is [Context.Render] for the first template that exists. It mirrors
// render_template with a list of names.
func (c *Context) RenderFirst(names []string, vars ...H) (string, error) {
	folders := c.App.Templates.folders
	for _, name := range names {
		if folders.Has(name) {
			return c.Render(name, vars...)
		}
	}
	return "", fmt.Errorf("decant: there is none of the templates %q in %s; add one that always is there: %w", names, folders, fs.ErrNotExist)
}

// RenderString is [Context.Render] for a template that is a string in the
// program. Its output is always escaped. It mirrors render_template_string.
func (c *Context) RenderString(source string, vars ...H) (string, error) {
	renderer, err := c.App.Templates.renderer()
	if err != nil {
		return "", err
	}
	ofStrings, ok := renderer.(StringRenderer)
	if !ok {
		return "", fmt.Errorf("decant: the template engine %T renders files only; put the template into one", renderer)
	}
	return c.render("", vars, func(w io.Writer, vars H) error { return ofStrings.RenderString(c, w, source, vars) })
}

// CallMacro calls a macro of a template and returns its output. A last argument of the
// type jinja.Kwargs holds keyword arguments:
//
//	badge, err := c.CallMacro("_badges.html", "badge", user.Name)
//
// The macro sees the globals, and request, session, g and config. The error names the
// template, and the macro if there is none of that name. It mirrors calling what
// get_template_attribute returns.
func (c *Context) CallMacro(template, macro string, args ...any) (html Markup, err error) {
	defer recoverInto(&err)
	renderer, err := c.App.Templates.renderer()
	if err != nil {
		return "", err
	}
	caller, ok := renderer.(MacroCaller)
	if !ok {
		return "", fmt.Errorf("decant: the template engine %T has no macros; render a template instead", renderer)
	}
	html, err = caller.CallMacro(c, template, macro, args...)
	if err != nil {
		return "", renderError(template, err)
	}
	return html, nil
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
	var missing *templates.MissingError
	switch {
	case errors.As(err, &missing) && missing.Name == name:
		return err // it names the template already
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

// RenderStream is [Context.Render] for large or slow pages: it sends the page in
// pieces while the template runs. Context processors run before it returns.
// The template may use request and session until its end, but changes to the
// session come too late to be saved. An error after the first piece cuts the
// connection. It mirrors stream_template.
func (c *Context) RenderStream(name string, vars ...H) (pieces iter.Seq2[string, error], err error) {
	defer recoverInto(&err)
	renderer, err := c.App.Templates.renderer()
	if err != nil {
		return nil, err
	}
	if preparer, ok := renderer.(Preparer); ok {
		if err := preparer.Prepare(name); err != nil {
			return nil, renderError(name, err)
		}
	}
	if !c.App.Templates.escapes(renderer, name) {
		c.noteUnescaped(unescapedPage{template: name, isStream: true})
	}
	all := c.templateVars(vars)
	c.beforeRender(name, all)
	return func(yield func(string, error) bool) {
		w := &pieceWriter{yield: yield}
		err := runStreaming(renderer, c, w, name, all)
		switch {
		case w.stopped:
		case err != nil:
			yield("", renderError(name, err))
		default:
			c.rendered(name, all)
		}
	}, nil
}

func runStreaming(renderer Renderer, c *Context, w io.Writer, name string, vars H) error {
	if streamer, ok := renderer.(Streamer); ok {
		return streamer.Stream(c, w, name, vars)
	}
	return renderer.Render(c, w, name, vars)
}

// pieceWriter yields each piece that is written, until yield reports that nobody
// wants more.
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

// unescapedPage is the output of a template whose values were not escaped.
type unescapedPage struct {
	template, page string
	isStream       bool // the page is not known yet
}

func (c *Context) noteUnescaped(p unescapedPage) {
	more := c.needExtras()
	more.unescaped = append(more.unescaped, p)
}

// warnOfUnescaped logs once for each template that its output is sent as HTML and
// was not escaped: whatever a visitor typed is then part of the page.
func (c *Context) warnOfUnescaped(r *Response) {
	if c.extras == nil || c.extras.unescaped == nil || !r.isHTML() {
		return
	}
	_, isStream := r.readExtras().source.(stream)
	for _, p := range c.extras.unescaped {
		if p.isStream != isStream || !isStream && p.page != r.text {
			continue
		}
		if _, warned := c.App.Templates.warned.LoadOrStore(p.template, true); !warned {
			c.Logger().WarnContext(c, "a template that is not escaped is sent as HTML: end its name in .html, or set the type of the response", "template", p.template)
		}
	}
}

// AppContextProcessor is [App.ContextProcessor] of the application on which the
// blueprint is registered. It mirrors app_context_processor.
func (b *Blueprint) AppContextProcessor(f func(c *Context) H) {
	mustTake(b, "AppContextProcessor", f == nil)
	b.appWide.processors = append(b.appWide.processors, f)
}

// templateVars are the variables of the context processors, the application's
// before the blueprints', and then those that the view passes.
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

// templateGlobals are the globals of every template.
func (a *App) templateGlobals() map[string]any {
	return map[string]any{
		"config":               a.config,
		"url_for":              templateURLFor,
		"get_flashed_messages": flashedMessages,
	}
}

// lazyGlobals are the values of the request that every template sees, unless
// globals of the same name hide them. A session that no template looks into is
// not loaded.
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

// gValues returns the value of each G that was set, by name.
func (c *Context) gValues() H {
	if c.extras == nil {
		return nil
	}
	values := make(H, len(c.extras.values))
	for _, named := range c.extras.values {
		values[*named.name] = named.value
	}
	return values
}

type templatesOption struct{ files fs.FS }

func (o templatesOption) applyToApp(a *App) { a.Templates.given = o.files }

func (o templatesOption) applyToBlueprint(s *blueprintSettings) { s.templates = o.files }

// Templates sets the folder of the templates: os.DirFS("views"), or a part of an
// embed.FS by fs.Sub, for a program that carries its templates. The default
// folder of an application is "templates" below its [App.RootPath]. A blueprint
// has no templates folder unless you give one.
//
// All folders together make one: a template is looked for in the application's
// folder first and then in those of the blueprints, in the order of
// registration. Its name is its path below the folder. Templates mirrors
// template_folder.
func Templates(fsys fs.FS) ScaffoldOption {
	if fsys == nil {
		panic("decant: Templates got nil; pass a folder, such as os.DirFS(\"views\")")
	}
	return templatesOption{fsys}
}

func (a *App) templateFolder() templates.Folder {
	files := a.Templates.given
	if files == nil {
		files = os.DirFS(filepath.Join(a.RootPath(), "templates"))
	}
	return templates.Folder{Files: files, Owner: "the application"}
}

// addTemplates adds the templates of a blueprint.
func (a *App) addTemplates(s *scope) {
	if s.templates != nil {
		folder := templates.Folder{Files: s.templates, Owner: fmt.Sprintf("the blueprint %q", s.name())}
		a.Templates.folders = append(a.Templates.folders, folder)
	}
}

// Templating holds the filters, tests and globals of an application or a
// blueprint, and the template engine of an application. All templates of the
// application see those of a blueprint too, as in Flask.
type Templating struct {
	owner                   owner
	engine                  EngineFunc
	filters, tests, globals map[string]any
	choose                  func(c *Context) jinja.Translations

	given   fs.FS             // the application's folder; nil for the default one
	folders templates.Folders // the blueprints', and once frozen the application's before them
	config  EngineConfig      // set once the application is frozen
	chosen  Renderer          // the renderer of an engine that Engine has set
	jinja   onDemandJinja     // the default renderer
	buffers sync.Pool         // of *bytes.Buffer
	warned  sync.Map          // the names of the templates that warnOfUnescaped has logged
}

// newTemplating returns a Templating without filters and without an engine.
func newTemplating(owner owner) *Templating {
	return &Templating{owner: owner, filters: map[string]any{}, tests: map[string]any{}, globals: map[string]any{}}
}

// Engine sets the template engine of the application. The default is
// Jinja2's, by the package jinja; the package htmltemplate has Go's own templates. It
// panics on a blueprint.
func (t *Templating) Engine(engine EngineFunc) {
	t.owner.mustBeOpen("Templates.Engine")
	if _, isApp := t.owner.(*App); !isApp {
		panic("decant: Templates.Engine was called on a blueprint; all templates have one engine, so call it on the application")
	}
	if engine == nil {
		panic("decant: Templates.Engine got nil; pass the function that makes the engine, or leave the call out for Jinja")
	}
	t.engine = engine
}

// Names lists the names of all templates of the application and its blueprints,
// sorted, as [Context.Render] takes them:
//
//	names, err := app.Templates.Names()
//	isOther := func(name string) bool { return !strings.HasPrefix(name, "themes/") }
//	themes := slices.DeleteFunc(names, isOther)
//
// The error names a folder that cannot be read. It panics on a blueprint. It mirrors
// jinja_env.list_templates.
func (t *Templating) Names() ([]string, error) {
	a, isApp := t.owner.(*App)
	if !isApp {
		panic("decant: Templates.Names was called on a blueprint; the application knows all templates, so call it there")
	}
	if t.config.FS != nil {
		return t.folders.Names()
	}
	return append(templates.Folders{a.templateFolder()}, t.folders...).Names()
}

// Filter registers a function that templates apply to a value. The value is the
// first argument. If the first parameter is a *Context, it gets the context of
// the render, and the value is the second argument. The function returns a
// result, or a result and an error. Filter panics for any other function. It
// mirrors template_filter and app_template_filter.
func (t *Templating) Filter(name string, function any) {
	t.owner.mustBeOpen("Templates.Filter")
	checkTemplateName("Filter", name)
	if err := templates.CheckFilter(function); err != nil {
		panic(fmt.Sprintf("decant: Templates.Filter(%q): %v; a filter is a function such as func(text string) string, or with an error as second result", name, err))
	}
	t.filters[name] = function
}

// Test registers a function that tests a value: "n is prime" in Jinja, "if prime
// .n" in html/template. Its parameters are those of a [Templating.Filter], and
// its result is a bool. It mirrors template_test and app_template_test.
func (t *Templating) Test(name string, function any) {
	t.owner.mustBeOpen("Templates.Test")
	checkTemplateName("Test", name)
	if err := templates.CheckTest(function); err != nil {
		panic(fmt.Sprintf("decant: Templates.Test(%q): %v; a test is a function such as func(n int) bool", name, err))
	}
	t.tests[name] = function
}

// Global registers a function or any other value for all templates. A variable
// of the same name hides it. A function returns a result, or a result and an
// error; if its first parameter is a *Context, it gets the context of the
// render. It mirrors template_global and app_template_global.
func (t *Templating) Global(name string, value any) {
	t.owner.mustBeOpen("Templates.Global")
	checkTemplateName("Global", name)
	if templates.IsFunction(value) {
		if err := templates.CheckFunction(value); err != nil {
			panic(fmt.Sprintf("decant: Templates.Global(%q): %v; let it return one result, or one and an error", name, err))
		}
	}
	t.globals[name] = value
}

func checkTemplateName(method, name string) {
	if !token.IsIdentifier(name) {
		panic(fmt.Sprintf("decant: Templates.%s(%q): templates cannot spell that name; use letters, digits and underscores", method, name))
	}
}

// adopt adds the filters, tests and globals of a blueprint.
func (t *Templating) adopt(more *Templating) {
	maps.Copy(t.filters, more.filters)
	maps.Copy(t.tests, more.tests)
	maps.Copy(t.globals, more.globals)
}

// prepareTemplates makes the engine, when the application is frozen.
func (a *App) prepareTemplates() {
	t := a.Templates
	t.folders = slices.Insert(t.folders, 0, a.templateFolder())
	globals := a.templateGlobals()
	maps.Copy(globals, t.globals)
	t.config = EngineConfig{
		FS:           t.folders,
		Reload:       a.config.reloadsTemplates(),
		Autoescape:   autoescapes,
		Filters:      t.filters,
		Tests:        t.tests,
		Globals:      globals,
		Lazy:         lazyGlobals(globals),
		Safe:         markupOf,
		Misspelt:     a.misspeltLogger(),
		Translations: t.translations(),
		JSON:         a.JSON.script,
	}
	if t.engine == nil {
		return
	}
	renderer, err := t.engine(t.config)
	if err != nil {
		panic(fmt.Sprintf("decant: the template engine of the application %q cannot be made: %v", a.Name, err))
	}
	t.chosen = renderer
}

// onDemandJinja is the default renderer, which the first render makes.
type onDemandJinja struct {
	once     sync.Once
	renderer Renderer
	err      error
}

// renderer returns the renderer of the application. Only methods that render call
// it, so that a program without templates does not contain Jinja.
func (t *Templating) renderer() (Renderer, error) {
	if t.chosen != nil {
		return t.chosen, nil
	}
	t.jinja.once.Do(func() { t.jinja.renderer, t.jinja.err = newJinjaEngine(t.config) })
	return t.jinja.renderer, t.jinja.err
}

// escapes reports whether a renderer escapes the output of a template.
func (t *Templating) escapes(renderer Renderer, name string) bool {
	if escaper, ok := renderer.(Escaper); ok {
		return escaper.Escapes(name)
	}
	return t.config.Autoescape(name)
}

// misspeltLogger returns what warns of a variable that may be misspelt, in debug mode.
func (a *App) misspeltLogger() func(ctx context.Context, m jinja.Misspelling) {
	if !a.config.Debug {
		return nil
	}
	return func(ctx context.Context, m jinja.Misspelling) {
		a.logger().WarnContext(ctx, fmt.Sprintf("the template printed nothing for a variable that does not exist; did you mean %q?", m.Nearest),
			"template", m.Template, "line", m.Line, "variable", m.Name)
	}
}

// Translations sets the function that chooses the translations of a request, for
// {% trans %} and the functions _, gettext, ngettext, pgettext and npgettext in
// templates. The package jinja/catalog reads them from .mo files. The function may
// return nil: then messages stay as they are. It panics on a blueprint.
func (t *Templating) Translations(choose func(c *Context) jinja.Translations) {
	t.owner.mustBeOpen("Templates.Translations")
	if _, isApp := t.owner.(*App); !isApp {
		panic("decant: Templates.Translations was called on a blueprint; all templates have the same translations, so call it on the application")
	}
	t.choose = choose
}

func (t *Templating) translations() func(ctx context.Context) jinja.Translations {
	if t.choose == nil {
		return nil
	}
	return func(ctx context.Context) jinja.Translations { return t.choose(ctx.(*Context)) }
}

// reloadsTemplates is TemplatesAutoReload. If that is not set, it is Debug.
func (c *Config) reloadsTemplates() bool {
	if c.TemplatesAutoReload != nil {
		return *c.TemplatesAutoReload
	}
	return c.Debug
}

// autoescapes reports whether the output of a template is escaped, by the ending
// of its name. It mirrors select_jinja_autoescape.
func autoescapes(name string) bool {
	return slices.ContainsFunc(escapedEndings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

var escapedEndings = []string{".html", ".htm", ".xml", ".xhtml", ".svg"}

// Renderer is a template engine, made by a [EngineFunc]. It serves many requests
// at once.
type Renderer interface {
	// Render writes a template to w. The name is a path below the templates
	// folder, such as "auth/login.html". The context is the *Context of the
	// render. The engine may add to the variables. [Context.RenderStream] sends each
	// Write to the client at once.
	Render(ctx context.Context, w io.Writer, name string, vars H) error
}

// StringRenderer is a Renderer that also renders templates which are not files.
// Their output is always escaped. [Context.RenderString] needs it.
type StringRenderer interface {
	RenderString(ctx context.Context, w io.Writer, source string, vars H) error
}

// MacroCaller is a Renderer whose templates have macros. [Context.CallMacro] needs it.
type MacroCaller interface {
	CallMacro(ctx context.Context, template, macro string, args ...any) (Markup, error)
}

// Streamer is a Renderer that can write a page in pieces while the template runs.
// [Context.RenderStream] uses it where it can.
type Streamer interface {
	Stream(ctx context.Context, w io.Writer, name string, vars H) error
}

// Preparer is a Renderer that finds out before the render whether a template
// exists and can be parsed. [Context.RenderStream] asks while there can still be an
// error page.
type Preparer interface {
	Prepare(name string) error
}

// Escaper is a Renderer that escapes the output of other templates than
// [EngineConfig].Autoescape says. A page that was not escaped and is sent as HTML is
// warned about in the log.
type Escaper interface {
	// Escapes reports whether the output of the template of that name is escaped.
	Escapes(name string) bool
}

// EngineFunc makes a template engine for an application. It is called once, after
// all registrations.
type EngineFunc func(EngineConfig) (Renderer, error)

// EngineConfig is what a template engine needs from an application.
//
// A function among filters, tests and globals returns a result, or a result
// and an error. If its first parameter is a context.Context, such as *Context,
// the engine passes the context of the render. If its last parameter is ...any,
// keyword arguments are appended as pairs of a name and a value; other functions
// take no keyword arguments.
type EngineConfig struct {
	// FS holds the templates of the application and of the blueprints. Its
	// errors name the template and the folders that were searched.
	FS fs.FS
	// Reload tells the engine to read a template again when it has changed.
	Reload bool
	// Autoescape reports whether the template of that name is escaped.
	Autoescape func(name string) bool
	// Filters and Tests are functions, by the names that templates use. Their
	// first argument is the value to filter or test.
	Filters, Tests map[string]any
	// Globals are functions and values that templates and imported macros see,
	// unless they have a variable of that name.
	Globals map[string]any
	// Lazy are globals with a value of their own for each render: request,
	// session and g. The function is called with the context of the render.
	Lazy map[string]func(context.Context) any
	// Safe reports which values are HTML that is not escaped: Markup and values with
	// a method HTML, and html/template's HTML.
	Safe func(value any) (html string, ok bool)
	// Misspelt is called for a variable that does not exist, printed nothing, and
	// resembles one that does. It is nil unless the application is in debug mode.
	Misspelt func(ctx context.Context, m jinja.Misspelling)
	// Translations returns the translations for a render. It may be nil.
	Translations func(ctx context.Context) jinja.Translations
	// JSON writes a value for a script, as App.JSON does: with sorted keys, and a
	// space after commas and colons. The result is not escaped for HTML.
	JSON func(value any) ([]byte, error)
}
