package htmltemplate

import (
	"context"
	"errors"
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
	ctx      context.Context
	entered  int // how often one template has used another
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
	defer func() { r.ctx, r.entered = nil, 0 }()
	p.addGlobals(ctx, vars)
	return r.template.ExecuteTemplate(w, p.name, vars)
}

func (p *page) newRun() *run {
	r := new(run)
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
	bound[enterFunction] = r.enter
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
