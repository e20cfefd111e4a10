// Package templatecases runs cases of the format of jinja.jsonl: templates with
// a context, and the output or the error of the real Jinja2. It holds the values
// and the functions that all cases have, and judges what an engine answers. Only
// tests use it.
package templatecases

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing/fstest"

	"github.com/decant-go/decant/jinja"
)

// Case is one line of a file.
type Case struct {
	ID            string            `json:"id"`
	Category      string            `json:"category"`
	Templates     map[string]string `json:"templates"`
	Main          string            `json:"main"`
	Context       json.RawMessage   `json:"context"`
	Extensions    []string          `json:"extensions,omitempty"` // "do", "loopcontrols", "i18n"
	Expect        *string           `json:"expect,omitempty"`     // nil: an error is expected
	Error         string            `json:"error,omitempty"`
	ErrorTemplate string            `json:"error_template,omitempty"` // "": Jinja2 does not say
	ErrorLine     int               `json:"error_line,omitempty"`     // 0: Jinja2 does not say
}

// ReadFile reads the cases of a file, one a line. A field that is not known, a
// case without an expectation and a file without cases are errors.
func ReadFile(path string) ([]Case, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cases, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("%s has no cases", path)
	}
	return cases, nil
}

// Read is ReadFile for an open file.
func Read(r io.Reader) ([]Case, error) {
	var cases []Case
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			c, failure := Parse(line)
			if failure != nil {
				return nil, fmt.Errorf("line %d: %w", number, failure)
			}
			cases = append(cases, c)
		}
		if err == io.EOF {
			return cases, nil
		}
	}
}

// Parse reads one case.
func Parse(line []byte) (Case, error) {
	var c Case
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, err
	}
	if _, ok := c.Templates[c.Main]; !ok {
		return c, fmt.Errorf("case %s has no template %q", c.ID, c.Main)
	}
	if (c.Expect == nil) == (c.Error == "") {
		return c, fmt.Errorf("case %s must have either an output or an error", c.ID)
	}
	return c, nil
}

// Config returns the engine's settings for the case and the variables of the
// render. The files are the templates of the case.
func (c Case) Config() (jinja.EngineConfig, jinja.Vars, error) {
	vars, err := decodeContext(c.Context)
	if err != nil {
		return jinja.EngineConfig{}, nil, fmt.Errorf("case %s: %w", c.ID, err)
	}
	config := jinja.EngineConfig{
		FS:      files(c.Templates),
		Filters: filters,
		Tests:   tests,
		Globals: globals(vars),
	}
	for _, extension := range c.Extensions {
		switch extension {
		case "do":
			config.Do = true
		case "loopcontrols":
			config.LoopControls = true
		case "i18n":
			config.I18N = true
			config.Translations = func(context.Context) jinja.Translations { return german{} }
		default:
			return config, nil, fmt.Errorf("case %s: the extension %q is not known", c.ID, extension)
		}
	}
	return config, vars, nil
}

func files(templates map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, source := range templates {
		fsys[name] = &fstest.MapFile{Data: []byte(source)}
	}
	return fsys
}

// Run renders the case with an engine of its own.
func (c Case) Run() (output string, err error) {
	config, vars, err := c.Config()
	if err != nil {
		return "", err
	}
	engine, err := jinja.New(config)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = engine.Render(context.Background(), &b, c.Main, vars)
	return b.String(), err
}

// Judge says how the answer of an engine differs from that of Jinja2; nil means
// that it does not. Of errors that are not Jinja2's own, any one is right, but
// the place counts.
func (c Case) Judge(output string, err error) error {
	return c.judge(output, err, func(class string) bool {
		return class == c.Error || !isOwnClass(c.Error)
	})
}

// JudgeStrictly is Judge that takes no error of Jinja2's own for one of Python.
func (c Case) JudgeStrictly(output string, err error) error {
	return c.judge(output, err, func(class string) bool {
		return class == c.Error || !isOwnClass(class) && !isOwnClass(c.Error)
	})
}

func (c Case) judge(output string, err error, isRight func(class string) bool) error {
	if c.Error == "" {
		switch {
		case err != nil:
			return fmt.Errorf("error %v; Jinja2 prints %q", err, *c.Expect)
		case output != *c.Expect:
			return fmt.Errorf("output %q; Jinja2 prints %q", output, *c.Expect)
		}
		return nil
	}
	if err == nil {
		return fmt.Errorf("output %q; Jinja2 raises %s at %s:%d", output, c.Error, c.ErrorTemplate, c.ErrorLine)
	}
	var e *jinja.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("the error %v (%T) has no place; Jinja2 raises %s", err, err, c.Error)
	}
	if class := classOf(e); !isRight(class) {
		return fmt.Errorf("error %v of class %q; Jinja2 raises %s", err, class, c.Error)
	}
	if c.ErrorTemplate != "" && e.Template != c.ErrorTemplate || c.ErrorLine != 0 && e.Line != c.ErrorLine {
		return fmt.Errorf("error %v at %s:%d; Jinja2 says %s:%d", err, e.Template, e.Line, c.ErrorTemplate, c.ErrorLine)
	}
	return nil
}

// classOf returns the class of an error. If a function has failed because a template
// did that it rendered, this is the class of that template's error.
func classOf(e *jinja.Error) string {
	var inner *jinja.Error
	for e.Class == "" && errors.As(errors.Unwrap(e), &inner) {
		e = inner
	}
	return string(e.Class)
}

// isOwnClass reports whether a class of errors is Jinja2's own.
func isOwnClass(class string) bool {
	switch jinja.ErrorClass(class) {
	case jinja.TemplateSyntaxError, jinja.TemplateAssertionError, jinja.TemplateNotFound,
		jinja.TemplatesNotFound, jinja.TemplateRuntimeError, jinja.UndefinedError:
		return true
	}
	return false
}
