package decant

import (
	"context"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"reflect"
	"runtime"
	"slices"
	"sync"
	text "text/template"
)

// htmlEngine renders Go's own templates: html/template where the name says
// that they are escaped, and text/template otherwise.
type htmlEngine struct {
	EngineConfig
	functions map[string]any // filters, tests and globals, as far as they are functions
	pages     sync.Map       // of *templatePage, by name
}

func newHTMLEngine(config EngineConfig) (Renderer, error) {
	e := &htmlEngine{EngineConfig: config, functions: map[string]any{outputFunction: output, enterFunction: (*templateRun).enter}}
	for _, kind := range []map[string]any{config.Globals, config.Filters, config.Tests} {
		for name, value := range kind {
			switch {
			case !isFunction(value):
			case e.functions[name] != nil:
				return nil, fmt.Errorf("%q names two of the filters, tests and globals, which html/template cannot tell apart; rename one of them", name)
			default:
				e.functions[name] = value
			}
		}
	}
	return e, nil
}

func (e *htmlEngine) Render(ctx context.Context, w io.Writer, name string, vars H) error {
	page, err := e.page(name)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

func (e *htmlEngine) RenderString(ctx context.Context, w io.Writer, source string, vars H) error {
	page, err := e.newPage("<template>", source, true)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

func (e *htmlEngine) Prepare(name string) error {
	_, err := e.page(name)
	return err
}

// page parses a file when it is first used, and each time if it may change.
func (e *htmlEngine) page(name string) (*templatePage, error) {
	if page, ok := e.pages.Load(name); ok {
		return page.(*templatePage), nil
	}
	source, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return nil, err
	}
	page, err := e.newPage(name, string(source), e.Autoescape(name))
	if err == nil && !e.Reload {
		e.pages.Store(name, page)
	}
	return page, err
}

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

// addGlobals puts the globals that are no functions among the variables.
func (e *htmlEngine) addGlobals(ctx context.Context, vars H) {
	for name, value := range e.Globals {
		if _, hidden := vars[name]; !hidden && !isFunction(value) {
			vars[name] = value
		}
	}
	for name, value := range e.Lazy {
		if _, hidden := vars[name]; !hidden {
			vars[name] = value(ctx)
		}
	}
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
