package decant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/templates"
	"github.com/decant-go/decant/jinja"
)

// newJinjaEngine is the default [EngineFunc]: Jinja2's templates, with do, break,
// continue and trans. Templates see the request, the session and the configuration
// as Flask's templates do.
func newJinjaEngine(config EngineConfig) (Renderer, error) {
	globals := make(map[string]any, len(config.Globals))
	for name, value := range config.Globals {
		if build, ok := value.(func(*Context, string, ...any) (string, error)); ok && name == "url_for" {
			value = urlBuilder(build) // called without reflection
		}
		globals[name] = asSeenByJinja(value)
	}
	lazy := make(map[string]func(context.Context) any, len(config.Lazy))
	for name, value := range config.Lazy {
		lazy[name] = func(ctx context.Context) any { return asSeenByJinja(value(ctx)) }
	}
	engine, err := jinja.New(jinja.EngineConfig{
		FS:           config.FS,
		Reload:       config.Reload,
		Autoescape:   config.Autoescape,
		Filters:      config.Filters,
		Tests:        config.Tests,
		Globals:      globals,
		Lazy:         lazy,
		JSON:         config.JSON,
		Safe:         config.Safe,
		Misspelt:     config.Misspelt,
		Do:           true,
		LoopControls: true,
		I18N:         true,
		Translations: config.Translations,
	})
	if err != nil {
		return nil, err
	}
	return jinjaRenderer{engine}, nil
}

// jinjaRenderer is the engine as the application knows it.
type jinjaRenderer struct{ *jinja.Engine }

func (r jinjaRenderer) Render(ctx context.Context, w io.Writer, name string, vars H) error {
	return missingFirst(r.Engine.Render(ctx, w, name, seenByJinja(vars)))
}

func (r jinjaRenderer) RenderString(ctx context.Context, w io.Writer, source string, vars H) error {
	return missingFirst(r.Engine.RenderString(ctx, w, source, seenByJinja(vars)))
}

func (r jinjaRenderer) Stream(ctx context.Context, w io.Writer, name string, vars H) error {
	return missingFirst(r.Engine.Stream(ctx, w, name, seenByJinja(vars)))
}

func (r jinjaRenderer) Prepare(name string) error { return missingFirst(r.Engine.Check(name)) }

func (r jinjaRenderer) CallMacro(ctx context.Context, template, macro string, args ...any) (Markup, error) {
	called, err := r.Engine.Macro(ctx, template, macro)
	if err != nil {
		return "", missingFirst(err)
	}
	var keywords jinja.Kwargs
	if n := len(args); n > 0 {
		if last, ok := args[n-1].(jinja.Kwargs); ok {
			args, keywords = args[:n-1], last
		}
	}
	html, err := called.Call(ctx, args, keywords)
	return Markup(html), missingFirst(err)
}

// missingFirst returns the error about the template itself that does not exist, which
// names the folders that were searched. Other errors come as they are. A panic that
// ends the connection goes on, because net/http must see it.
func missingFirst(err error) error {
	var called *jinja.PanicError
	if errors.As(err, &called) && called.Value == http.ErrAbortHandler {
		panic(called.Value)
	}
	var failure *jinja.Error
	var missing *templates.MissingError
	if errors.As(err, &failure) && failure.Line == 0 && errors.As(err, &missing) {
		return missing
	}
	return err
}

// seenByJinja returns the variables of a page with the values of a request in the
// form that Flask's templates expect.
func seenByJinja(vars H) jinja.Vars {
	seen := make(jinja.Vars, len(vars))
	for name, value := range vars {
		seen[name] = asSeenByJinja(value)
	}
	return seen
}

func asSeenByJinja(value any) any {
	switch value := value.(type) {
	case *Request:
		return templateRequest{value}
	case *Session:
		return templateSession{reader{value.Lookup}, value}
	case *Config:
		return reader{value.Lookup}
	case Values:
		return multiDictOf(value)
	case Cookies:
		return readerOf(value.Lookup)
	case Files:
		return readerOf(value.Lookup)
	}
	return value
}

// templateURLFor is url_for. An endpoint that cannot be built is an error at its place
// in the template.
func templateURLFor(c *Context, endpoint string, values ...any) (url string, err error) {
	return c.buildURL(endpoint, values)
}

// urlBuilder is url_for in a template.
type urlBuilder func(c *Context, endpoint string, values ...any) (string, error)

// JinjaCall answers url_for("post", id=5).
func (build urlBuilder) JinjaCall(ctx context.Context, args []any, kwargs jinja.Kwargs) (any, error) {
	if endpoint, ok := kwargs.Lookup("endpoint"); ok && len(args) == 0 {
		args = []any{endpoint}
	}
	if len(args) != 1 {
		return nil, fmt.Errorf("url_for takes one endpoint and keyword arguments, and got %d arguments", len(args))
	}
	endpoint, ok := args[0].(string)
	if markup, isMarkup := args[0].(jinja.Markup); isMarkup {
		endpoint, ok = string(markup), true
	}
	if !ok {
		return nil, fmt.Errorf("url_for takes the name of an endpoint, not %T", args[0])
	}
	values := make([]any, 0, 2*kwargs.Len())
	for name, value := range kwargs.All() {
		if name != "endpoint" {
			values = append(values, name, value)
		}
	}
	return build(ctx.(*Context), endpoint, values...)
}

// templateFrames are the places in templates that an error names, the innermost first,
// as frames of the debug page.
func (a *App) templateFrames(err error) []debugpage.Frame {
	var failure *jinja.Error
	if !errors.As(err, &failure) || failure.Line == 0 {
		return nil
	}
	frames := []debugpage.Frame{debugpage.OfTemplate(a.Templates.folders, "template", failure.Template, failure.Line)}
	for _, place := range failure.Chain {
		frames = append(frames, debugpage.OfTemplate(a.Templates.folders, place.Tag, place.Template, place.Line))
	}
	return frames
}

// templateRequest is request in a template.
type templateRequest struct{ *Request }

// requestAttributes are the attributes of Flask's request that templates read.
var requestAttributes = map[string]func(r *Request) any{
	"access_route":   func(r *Request) any { return r.AccessRoute() },
	"args":           func(r *Request) any { return multiDictOf(r.Args) },
	"base_url":       func(r *Request) any { return r.BaseURL() },
	"blueprint":      func(r *Request) any { return noneIfEmpty(r.Blueprint()) },
	"content_length": func(r *Request) any { return lengthOrNone(r.ContentLength) },
	"content_type":   func(r *Request) any { return noneIfEmpty(r.contentType()) },
	"cookies":        func(r *Request) any { return readerOf(r.Cookies.Lookup) },
	"endpoint":       func(r *Request) any { return noneIfEmpty(r.Endpoint()) },
	"files":          func(r *Request) any { return readerOf(r.Files.Lookup) },
	"form":           func(r *Request) any { return multiDictOf(r.Form) },
	"full_path":      func(r *Request) any { return r.FullPath() },
	"headers":        func(r *Request) any { return reader{r.headerInTemplates} },
	"host":           func(r *Request) any { return r.host() },
	"host_url":       func(r *Request) any { return r.HostURL() },
	"is_json":        func(r *Request) any { return r.IsJSON() },
	"is_secure":      func(r *Request) any { return r.IsSecure() },
	"method":         func(r *Request) any { return r.Method },
	"mimetype":       func(r *Request) any { return r.MIMEType() },
	"path":           func(r *Request) any { return r.Path() },
	"query_string":   func(r *Request) any { return []byte(r.URL.RawQuery) },
	"referrer":       func(r *Request) any { return noneIfEmpty(r.Header.Get("Referer")) },
	"remote_addr":    func(r *Request) any { return noneIfEmpty(r.RemoteIP()) },
	"root_path":      func(r *Request) any { return r.ScriptRoot() },
	"root_url":       func(r *Request) any { return r.RootURL() },
	"scheme":         func(r *Request) any { return r.Scheme() },
	"script_root":    func(r *Request) any { return r.ScriptRoot() },
	"url":            func(r *Request) any { return r.FullURL() },
	"url_root":       func(r *Request) any { return r.RootURL() },
	"url_rule":       func(r *Request) any { return noneIfEmpty(r.URLRule()) },
	"user_agent":     func(r *Request) any { return r.Header.Get("User-Agent") },
	"values":         func(r *Request) any { return multiDictOf(r.Values) },
	"view_args":      func(r *Request) any { return r.ViewArgs() },
}

// JinjaAttr answers request.name.
func (r templateRequest) JinjaAttr(name string) (any, bool) {
	attribute, ok := requestAttributes[name]
	if !ok {
		return nil, false
	}
	return attribute(r.Request), true
}

func noneIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func lengthOrNone(n int64) any {
	if n < 0 {
		return nil
	}
	return n
}

// otherwiseOf returns the default of a call such as get("q", "x") or
// get("q", default="x").
func otherwiseOf(arguments []any) any {
	switch {
	case len(arguments) == 1:
		return arguments[0]
	case len(arguments) >= 2 && arguments[0] == "default":
		return arguments[1]
	}
	return nil
}

// reader is what a template may only read by name, as request.cookies and config.
type reader struct {
	lookup func(name string) (any, bool)
}

func readerOf[T any](lookup func(name string) (T, bool)) reader {
	return reader{func(name string) (any, bool) { return lookup(name) }}
}

func (r reader) JinjaItem(key any) (any, bool) {
	name, ok := key.(string)
	if !ok {
		return nil, false
	}
	return r.lookup(name)
}

func (r reader) JinjaContains(key any) bool { _, ok := r.JinjaItem(key); return ok }

// Get is the method get.
func (r reader) Get(name string, otherwise ...any) any {
	if value, ok := r.lookup(name); ok {
		return value
	}
	return otherwiseOf(otherwise)
}

// headerInTemplates finds a header of request.headers.
func (r *Request) headerInTemplates(name string) (any, bool) {
	name = http.CanonicalHeaderKey(name)
	switch {
	case len(r.Header[name]) > 0:
		return r.field(name), true
	case name == "Host":
		return r.host(), true
	}
	return nil, false
}

// multiDict is request.args or request.form in a template.
type multiDict struct {
	reader
	values Values
}

func multiDictOf(values Values) multiDict { return multiDict{readerOf(values.Lookup), values} }

func (d multiDict) JinjaLen() int { return len(d.values.Keys()) }

func (d multiDict) JinjaIter() iter.Seq[any] { return keysOf(d.values.First()) }

// Getlist is the method getlist.
func (d multiDict) Getlist(name string) []string { return d.values.List(name) }

// Keys is the method keys.
func (d multiDict) Keys() []string { return d.values.Keys() }

// Items is the method items. Each name comes once, with its first value.
func (d multiDict) Items() []Tuple { return tuplesOf(d.values.First()) }

// ToDict is the method to_dict.
func (d multiDict) ToDict() *jinja.Dict {
	dict := jinja.NewDict()
	for name, value := range d.values.First() {
		dict.Set(name, value)
	}
	return dict
}

// MarshalJSON is for tojson. It does not use ToDict, because a program without
// templates would then contain Jinja.
func (d multiDict) MarshalJSON() ([]byte, error) { return json.Marshal(maps.Collect(d.values.First())) }

func keysOf[T any](values iter.Seq2[string, T]) iter.Seq[any] {
	return func(yield func(any) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

func tuplesOf[T any](values iter.Seq2[string, T]) (items []Tuple) {
	for name, value := range values {
		items = append(items, Tuple{name, value})
	}
	return items
}

// templateSession is session in a template. It is loaded when a template first asks
// it something.
type templateSession struct {
	reader
	session *Session
}

func (s templateSession) JinjaAttr(name string) (any, bool) {
	switch name {
	case "permanent":
		return s.session.Permanent(), true
	case "modified":
		return s.session.Modified(), true
	}
	return nil, false
}

func (s templateSession) JinjaLen() int { return s.session.Len() }

func (s templateSession) JinjaIter() iter.Seq[any] { return keysOf(s.session.All()) }

// Items is the method items.
func (s templateSession) Items() []Tuple { return tuplesOf(s.session.All()) }
