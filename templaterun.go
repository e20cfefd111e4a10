package decant

import (
	"context"
	"errors"
	html "html/template"
	"io"
	"reflect"
	"runtime"
	"slices"
	text "text/template"
)

// templateRun is a copy of a page whose functions know the context of the one
// render that uses it.
type templateRun struct {
	ctx      context.Context
	entered  int // how often a template of the page used another one
	template interface {
		ExecuteTemplate(w io.Writer, name string, data any) error
	}
}

func (p *templatePage) render(ctx context.Context, w io.Writer, vars H) error {
	run, ok := p.runs.Get().(*templateRun)
	if !ok {
		run = p.newRun()
	}
	defer p.runs.Put(run)
	run.ctx = ctx
	defer func() { run.ctx, run.entered = nil, 0 }()
	p.addGlobals(ctx, vars)
	return run.template.ExecuteTemplate(w, p.name, vars)
}

func (p *templatePage) newRun() *templateRun {
	run := new(templateRun)
	functions := run.bind(p.functions)
	if !p.escapes {
		t := text.New(p.name).Funcs(functions)
		for name, tree := range p.trees {
			text.Must(t.AddParseTree(name, tree))
		}
		run.template = t
		return run
	}
	t := html.New(p.name).Funcs(functions)
	for name, tree := range p.trees {
		html.Must(t.AddParseTree(name, tree.Copy()))
	}
	run.template = t
	return run
}

// bind returns the functions with those that want the context bound to the
// run's.
func (r *templateRun) bind(functions map[string]any) map[string]any {
	bound := make(map[string]any, len(functions))
	for name, function := range functions {
		bound[name] = function
		if contextParameters(reflect.TypeOf(function)) > 0 {
			bound[name] = r.withContext(reflect.ValueOf(function))
		}
	}
	bound[enterFunction] = r.enter
	return bound
}

const (
	// deepestStack is how many Go functions may have called one another when a
	// template uses another: some ten thousand templates one in the other.
	// text/template stops at a hundred thousand, and Go may then have ended the
	// program because its stack was full.
	deepestStack = 100_000

	// entriesUnseen is how many entries pass between two looks at the stack.
	entriesUnseen = 1_000
)

var errTooDeep = errors.New("decant: templates use one another without an end; let one of them stop, by an if or a range, or look for data that contains itself")

// enter is called where a template uses another, with what it hands on.
func (r *templateRun) enter(value reflect.Value) (reflect.Value, error) {
	r.entered++
	if r.entered%entriesUnseen == 0 && runtime.Callers(deepestStack, make([]uintptr, 1)) > 0 {
		return value, errTooDeep
	}
	return value, nil
}

func (r *templateRun) withContext(function reflect.Value) any {
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
