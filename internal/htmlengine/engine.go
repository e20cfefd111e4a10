// Package htmlengine renders Go's own templates: html/template if the name of a
// template says that its output is escaped, and text/template otherwise. It
// knows no application.
package htmlengine

import (
	"context"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"sync"

	"github.com/decant-go/decant/internal/templates"
)

// Config is what an application tells the engine. Its fields are those of
// decant.EngineConfig, in the same order, so that one converts to the other.
type Config struct {
	FS             fs.FS
	Reload         bool
	Autoescape     func(name string) bool
	Filters, Tests map[string]any
	Globals        map[string]any
	Lazy           map[string]func(context.Context) any
	JSON           func(value any) ([]byte, error)
}

// Engine renders templates. It serves many requests at once.
type Engine struct {
	config    Config
	markup    func(value any) (html string, ok bool)
	functions map[string]any // those of the filters, tests and globals
	pages     sync.Map       // of *page, by name
}

// New returns an engine. The function markup returns the HTML of a value that is
// safe HTML already, and false for any other value.
//
// Filters, tests and global functions share one name space in Go's templates, so
// two functions of the same name are an error.
func New(config Config, markup func(value any) (html string, ok bool)) (*Engine, error) {
	e := &Engine{config: config, markup: markup}
	e.functions = map[string]any{outputFunction: e.output, enterFunction: (*run).enter}
	for _, kind := range []map[string]any{config.Globals, config.Filters, config.Tests} {
		for name, value := range kind {
			switch {
			case !templates.IsFunction(value):
			case e.functions[name] != nil:
				return nil, fmt.Errorf("%q names two of the filters, tests and globals, which html/template cannot tell apart; rename one of them", name)
			default:
				e.functions[name] = value
			}
		}
	}
	return e, nil
}

// Render writes the template of a file to w. It may add to the variables.
func (e *Engine) Render(ctx context.Context, w io.Writer, name string, vars map[string]any) error {
	page, err := e.page(name)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

// RenderString writes a template that is not a file to w. Its output is always
// escaped.
func (e *Engine) RenderString(ctx context.Context, w io.Writer, source string, vars map[string]any) error {
	page, err := e.newPage("<template>", source, true)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

// Prepare returns the error of a template that does not exist or cannot be
// parsed.
func (e *Engine) Prepare(name string) error {
	_, err := e.page(name)
	return err
}

// page parses a file when it is first used. It parses a file that may change
// each time.
func (e *Engine) page(name string) (*page, error) {
	if parsed, ok := e.pages.Load(name); ok {
		return parsed.(*page), nil
	}
	source, err := fs.ReadFile(e.config.FS, name)
	if err != nil {
		return nil, err
	}
	parsed, err := e.newPage(name, string(source), e.config.Autoescape(name))
	if err == nil && !e.config.Reload {
		e.pages.Store(name, parsed)
	}
	return parsed, err
}

// addGlobals puts the globals that are not functions among the variables.
func (e *Engine) addGlobals(ctx context.Context, vars map[string]any) {
	for name, value := range e.config.Globals {
		if _, hidden := vars[name]; !hidden && !templates.IsFunction(value) {
			vars[name] = value
		}
	}
	for name, value := range e.config.Lazy {
		if _, hidden := vars[name]; !hidden {
			vars[name] = value(ctx)
		}
	}
}

// output is the last function of each value that a template prints. It prints
// nothing for a missing value, and tells html/template which HTML is safe.
func (e *Engine) output(value any) any {
	if value == nil {
		return ""
	}
	if markup, ok := e.markup(value); ok {
		return html.HTML(markup)
	}
	return value
}
