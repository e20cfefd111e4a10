package decant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"reflect"
)

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
