package htmltemplate

import (
	"context"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"reflect"
	"runtime"
	"slices"
	text "text/template"

	"github.com/decant-go/decant/internal/templates"
)

// run is a copy of a page for one render at a time. Its functions get the
// context of that render.
type run struct {
	page     *page
	ctx      context.Context
	entered  int   // how often one template has used another
	failure  error // of a value in a script
	template interface {
		ExecuteTemplate(w io.Writer, name string, data any) error
	}
}

func (p *page) render(ctx context.Context, w io.Writer, vars map[string]any) error {
	r, ok := p.runs.Get().(*run)
	if !ok {
		r = p.newRun()
	}
	defer p.runs.Put(r)
	r.ctx = ctx
	defer func() { r.ctx, r.entered, r.failure = nil, 0, nil }()
	p.addGlobals(ctx, vars)
	if err := r.template.ExecuteTemplate(w, p.name, vars); err != nil {
		return err
	}
	return r.failure
}

func (p *page) newRun() *run {
	r := &run{page: p}
	functions := r.bind(p.functions)
	if !p.escapes {
		t := text.New(p.name).Funcs(functions)
		for name, tree := range p.trees {
			text.Must(t.AddParseTree(name, tree))
		}
		r.template = t
		return r
	}
	t := html.New(p.name).Funcs(functions)
	for name, tree := range p.trees {
		html.Must(t.AddParseTree(name, tree.Copy()))
	}
	escapeAhead(t, p.name)
	r.template = t
	return r
}

// bind returns the functions. Those that take a context first are bound to the
// run's.
func (r *run) bind(functions map[string]any) map[string]any {
	bound := make(map[string]any, len(functions))
	for name, function := range functions {
		bound[name] = function
		if templates.TakesContext(reflect.TypeOf(function)) {
			bound[name] = r.withContext(reflect.ValueOf(function))
		}
	}
	bound[enterFunction], bound[outputFunction] = r.enter, r.output
	for _, e := range escapers() {
		bound[e.name] = func(value any) (string, error) { return r.escape(e, value) }
	}
	return bound
}

func (r *run) withContext(function reflect.Value) any {
	t, call := function.Type(), function.Call
	if t.IsVariadic() {
		call = function.CallSlice
	}
	var in, out []reflect.Type
	for i := 1; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	bound := func(arguments []reflect.Value) []reflect.Value {
		return call(slices.Insert(arguments, 0, reflect.ValueOf(r.ctx)))
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, t.IsVariadic()), bound).Interface()
}

const (
	// deepestStack is how many Go functions may have called one another when a
	// template uses another one. It allows some ten thousand nested templates.
	// text/template itself stops at a hundred thousand, but a full stack may
	// end the program before.
	deepestStack = 100_000

	// stackCheckInterval is how many uses of templates pass between two looks
	// at the stack.
	stackCheckInterval = 1_000
)

var errTooDeep = errors.New("decant: templates use one another without an end; let one of them stop, by an if or a range, or look for data that contains itself")

// enter runs each time a template uses another one. It returns the value that
// is passed to that template.
func (r *run) enter(value reflect.Value) (reflect.Value, error) {
	r.entered++
	if r.entered%stackCheckInterval == 0 && runtime.Callers(deepestStack, make([]uintptr, 1)) > 0 {
		return value, errTooDeep
	}
	return value, nil
}

// output is the last function of each value that a template prints. It prints
// nothing for a missing value, and tells html/template which HTML is safe, and how
// values are written in scripts.
func (r *run) output(value any) any {
	config := &r.page.config
	if config.Safe != nil && value != nil {
		if markup, ok := config.Safe(value); ok {
			return html.HTML(markup)
		}
	}
	switch {
	case !r.page.escapes || config.JSON == nil:
		return orNothing(value)
	case isPrintedAsItIs(value):
		return value
	}
	return printed{value, r}
}

func orNothing(value any) any {
	if value == nil {
		return ""
	}
	return value
}

// isPrintedAsItIs reports whether html/template writes a value as the application's
// JSON does, or knows by its type that it is safe.
func isPrintedAsItIs(value any) bool {
	switch value.(type) {
	case nil:
		return false
	case string, bool, int:
		return true
	}
	t := reflect.TypeOf(value)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[html.JS]().PkgPath()
}

// printed is a value that html/template prints: its JSON in a script, and its text
// everywhere else.
type printed struct {
	value any
	run   *run
}

// String returns the text of the value, as fmt.Sprint does. Behind pointers it looks
// for a method String or Error.
func (p printed) String() string {
	v := reflect.ValueOf(p.value)
	for v.Kind() == reflect.Pointer && !v.IsNil() && !isText(v.Interface()) {
		v = v.Elem()
	}
	if !v.IsValid() {
		return ""
	}
	return fmt.Sprint(v.Interface())
}

func isText(value any) bool {
	switch value.(type) {
	case fmt.Stringer, error:
		return true
	}
	return false
}

// MarshalJSON writes the value as the application does. html/template would make a
// comment of the error, so the run keeps it.
func (p printed) MarshalJSON() ([]byte, error) {
	source, err := p.run.page.config.JSON(p.value)
	if err != nil && p.run.failure == nil {
		p.run.failure = fmt.Errorf("a value in a script of %q: %w", p.run.page.name, err)
	}
	return source, err
}
