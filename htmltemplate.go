package decant

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
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
