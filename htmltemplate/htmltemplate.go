// Package htmltemplate renders Go's own templates. It is an engine for applications
// whose pages are not Jinja2's:
//
//	app.Templates.Engine(htmltemplate.New)
//
// The name of a template decides. Its output is escaped, by html/template, if it ends
// in .html, .htm, .xhtml, .xml or .svg, in capitals too, or in .gohtml, or has no
// ending. The endings .tmpl, .tpl and .gotmpl are looked behind: page.tmpl and
// page.html.tmpl are escaped, and mail.txt.tmpl is not. All others are
// text/template's, which escapes nothing. An XML declaration at the beginning of a
// template stays as it is.
package htmltemplate

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/templates"
)

// engine renders templates. It serves many requests at once.
type engine struct {
	config    decant.EngineConfig
	functions map[string]any // those of the filters, tests and globals
	pages     sync.Map       // of *page, by name
}

// New returns an engine. It is a [decant.EngineFunc].
//
// Filters, tests and global functions share one name space in Go's templates, so
// two functions of the same name are an error.
func New(config decant.EngineConfig) (decant.Renderer, error) {
	e := &engine{config: config}
	e.functions = map[string]any{outputFunction: (*run).output, enterFunction: (*run).enter, declarationFunction: declaration}
	for _, escaper := range escapers() {
		e.functions[escaper.name] = (*run).escape
	}
	for _, kind := range []map[string]any{config.Globals, config.Filters, config.Tests} {
		for _, name := range slices.Sorted(maps.Keys(kind)) {
			value := kind[name]
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
func (e *engine) Render(ctx context.Context, w io.Writer, name string, vars map[string]any) error {
	page, err := e.page(name)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

// RenderString writes a template that is not a file to w. Its output is always
// escaped.
func (e *engine) RenderString(ctx context.Context, w io.Writer, source string, vars map[string]any) error {
	page, err := e.newPage("<template>", source, true)
	if err != nil {
		return err
	}
	return page.render(ctx, w, vars)
}

// Prepare returns the error of a template that does not exist or cannot be
// parsed.
func (e *engine) Prepare(name string) error {
	_, err := e.page(name)
	return err
}

// Escapes reports whether the output of a template is escaped, by its name.
func (e *engine) Escapes(name string) bool { return e.config.Autoescape(name) || escapes(name) }

func escapes(name string) bool {
	name = strings.ToLower(path.Base(name))
	switch ending := path.Ext(name); ending {
	case "", ".html", ".htm", ".xhtml", ".xml", ".svg", ".gohtml":
		return true
	case ".tmpl", ".tpl", ".gotmpl":
		return escapes(strings.TrimSuffix(name, ending))
	}
	return false
}

// page parses a file when it is first used. It parses a file that may change
// each time.
func (e *engine) page(name string) (*page, error) {
	if parsed, ok := e.pages.Load(name); ok {
		return parsed.(*page), nil
	}
	source, err := fs.ReadFile(e.config.FS, name)
	if err != nil {
		return nil, err
	}
	parsed, err := e.newPage(name, string(source), e.Escapes(name))
	if err == nil && !e.config.Reload {
		e.pages.Store(name, parsed)
	}
	return parsed, err
}

// addGlobals puts the globals that are not functions among the variables.
func (e *engine) addGlobals(ctx context.Context, vars map[string]any) {
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
