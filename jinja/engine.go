package jinja

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// Engine renders the templates of an application. It may be used by several
// goroutines at a time.
type Engine struct {
	engine *engine
}

// engine is what templates and renders share. Only its cache changes.
type engine struct {
	config  EngineConfig
	limits  Limits
	safe    func(any) (string, bool)
	filters map[string]filterFunc
	tests   map[string]testFunc
	globals map[string]value

	buffers   sync.Pool  // of *[]byte
	templates sync.Map   // of *cachedTemplate, by name
	mutex     sync.Mutex // of what changes templates
}

// plainEngine converts the values of a [Dict] outside of templates.
var plainEngine = &engine{limits: Limits{}.withDefaults()}

// New returns an engine. The error names the filter, test or global that cannot be
// used.
func New(config EngineConfig) (*Engine, error) {
	e := &engine{
		config:  config,
		limits:  config.Limits.withDefaults(),
		safe:    config.Safe,
		filters: builtinFilters(),
		tests:   builtinTests(),
		globals: builtinGlobals(),
	}
	if e.config.Autoescape == nil {
		e.config.Autoescape = escapesByName
	}
	if err := e.addFunctions(); err != nil {
		return nil, err
	}
	return &Engine{e}, nil
}

func (e *engine) addFunctions() error {
	for _, name := range slices.Sorted(maps.Keys(e.config.Filters)) {
		filter, err := e.userFilter(name, e.config.Filters[name])
		if err != nil {
			return err
		}
		e.filters[name] = filter
	}
	for _, name := range slices.Sorted(maps.Keys(e.config.Tests)) {
		test, err := e.userTest(name, e.config.Tests[name])
		if err != nil {
			return err
		}
		e.tests[name] = test
	}
	if e.config.I18N {
		maps.Copy(e.globals, translators())
	}
	for _, name := range slices.Sorted(maps.Keys(e.config.Globals)) {
		x := e.config.Globals[name]
		if _, isLazy := x.(Lazy); isLazy {
			continue
		}
		v := e.value(x)
		if g, ok := v.ref.(*goFunc); ok {
			if g.sig.problem != "" {
				return fmt.Errorf("jinja: the global %q cannot be used: %s", name, g.sig.problem)
			}
			g.name = name
		}
		e.globals[name] = v
	}
	return nil
}

// escapesByName reports whether a template is escaped as Flask decides it, by the
// ending of its name.
func escapesByName(name string) bool {
	switch path.Ext(name) {
	case ".html", ".htm", ".xml", ".xhtml", ".svg":
		return true
	}
	return false
}

func (e *engine) syntaxOptions() syntax.Options {
	return syntax.Options{
		TrimBlocks:          e.config.TrimBlocks,
		LstripBlocks:        e.config.LstripBlocks,
		KeepTrailingNewline: e.config.KeepTrailingNewline,
		Do:                  e.config.Do,
		LoopControls:        e.config.LoopControls,
		I18N:                e.config.I18N,
		MaxDepth:            e.limits.Depth,
	}
}

// Render renders the template of that name and writes the output once it is
// complete, so that an error writes nothing. The error is an [*Error], or that of
// the writer.
func (e *Engine) Render(ctx context.Context, w io.Writer, name string, vars Vars) error {
	t, err := e.engine.template(name)
	if err != nil {
		return e.engine.explained(err)
	}
	return e.engine.render(ctx, w, t, vars)
}

// RenderString renders a template that is given as its source. It is escaped. It
// mirrors Flask's render_template_string.
func (e *Engine) RenderString(ctx context.Context, w io.Writer, source string, vars Vars) error {
	t, err := e.engine.compile("", source, true)
	if err != nil {
		return e.engine.explained(err)
	}
	return e.engine.render(ctx, w, t, vars)
}

// defaultOutputOf is the bound on the output of a render that keeps it all.
func (l Limits) forRender() Limits {
	if l.Output <= 0 {
		l.Output = defaultOutput
	}
	return l
}

func (e *engine) render(ctx context.Context, w io.Writer, t *template, vars Vars) error {
	r := e.newRun(ctx, vars)
	r.limits = r.limits.forRender()
	defer r.close()
	buffer := e.takeBuffer()
	r.out = *buffer
	defer func() { e.giveBack(buffer, r.out) }()
	if err := r.main(t); err != nil {
		return err
	}
	_, err := w.Write(r.out)
	return err
}

// largestKept is the size in bytes of the largest buffer that is used again. Buffers
// hold output only until it is written.
const largestKept = 1 << 20

func (e *engine) takeBuffer() *[]byte {
	if buffer, ok := e.buffers.Get().(*[]byte); ok {
		return buffer
	}
	return new([]byte)
}

func (e *engine) giveBack(buffer *[]byte, out []byte) {
	if cap(out) <= largestKept {
		*buffer = out[:0]
		e.buffers.Put(buffer)
	}
}

// Stream renders a template and writes its output in pieces of a few kilobytes. Before
// a loop takes the next element of a Go iterator, it writes what there is, so that
// nobody waits for a slow element. After an error the output ends where it happened.
// It mirrors Flask's stream_template.
func (e *Engine) Stream(ctx context.Context, w io.Writer, name string, vars Vars) error {
	t, err := e.engine.template(name)
	if err != nil {
		return e.engine.explained(err)
	}
	r := e.engine.newRun(ctx, vars)
	r.sink = w
	defer r.close()
	failure := r.main(t)
	if err := r.flush(); failure == nil && err != nil {
		return err
	}
	return failure
}

// main runs the template of a render. Its error is an *Error.
func (r *run) main(t *template) error {
	ctx := &templateContext{r: r, chain: []*template{t}, autoescape: t.autoescape}
	_, err := r.runTemplate(ctx, t)
	if err == nil {
		err = r.spoiled
	}
	if err != nil {
		return r.engine.explained(err)
	}
	return nil
}

// Lookup returns the first of the names for which there is a template. If there is
// none the error is a TemplateNotFound, or a TemplatesNotFound for several names.
func (e *Engine) Lookup(names ...string) (string, error) {
	for _, name := range names {
		file, err := e.engine.open(name)
		if err == nil {
			file.Close()
			return name, nil
		}
		if !errors.Is(err, errNoFile) {
			return "", e.engine.explained(err)
		}
	}
	if len(names) == 1 {
		return "", e.engine.explained(notFound(names[0], fs.ErrNotExist))
	}
	return "", &Error{Class: TemplatesNotFound, Message: "none of the templates given were found: " + strings.Join(names, ", "), cause: errNoFile}
}

// Check compiles a template without rendering it.
func (e *Engine) Check(name string) error {
	if _, err := e.engine.template(name); err != nil {
		return e.engine.explained(err)
	}
	return nil
}

// Macro returns a macro of a template, for Go to call. The template is run without
// variables beside the globals. It mirrors Flask's get_template_attribute.
func (e *Engine) Macro(ctx context.Context, file, name string) (*Macro, error) {
	t, err := e.engine.template(file)
	if err != nil {
		return nil, e.engine.explained(err)
	}
	r := e.engine.newRun(ctx, nil)
	defer r.close()
	m, err := r.makeModule(&templateContext{r: r, chain: []*template{t}, autoescape: t.autoescape}, t)
	if err != nil {
		return nil, e.engine.explained(err)
	}
	v, _ := m.attr(r, name)
	found, ok := v.ref.(*macro)
	if !ok {
		return nil, &Error{Class: UndefinedError, Message: fmt.Sprintf("the template %q has no macro %q", file, name), Hint: hintOf(nearest(name, slices.Collect(maps.Keys(m.ctx.exported))))}
	}
	return &Macro{macro: found}, nil
}

// errNoFile is the cause of the error about a template that does not exist.
var errNoFile = fmt.Errorf("jinja: no such template: %w", fs.ErrNotExist)

// cachedTemplate is a template that is compiled once, by whoever needs it first.
type cachedTemplate struct {
	once     sync.Once
	template *template
	err      error
	modified time.Time
	size     int64
}

// template returns a compiled template.
func (e *engine) template(name string) (*template, error) {
	if e.config.Reload {
		return e.reloaded(name)
	}
	if c, ok := e.templates.Load(name); ok {
		return c.(*cachedTemplate).get(e, name)
	}
	return e.cached(name, func(*cachedTemplate) bool { return true }).get(e, name)
}

// cached returns the entry of a template, a new one if there is none that is
// fresh.
func (e *engine) cached(name string, isFresh func(*cachedTemplate) bool) *cachedTemplate {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if c, ok := e.templates.Load(name); ok && isFresh(c.(*cachedTemplate)) {
		return c.(*cachedTemplate)
	}
	c := &cachedTemplate{}
	e.templates.Store(name, c)
	return c
}

// get compiles the template at its first use. A template that could not be read
// is not kept, so that it is found when it is there.
func (c *cachedTemplate) get(e *engine, name string) (*template, error) {
	c.once.Do(func() {
		var source string
		if source, c.err = e.read(name); c.err == nil {
			c.template, c.err = e.compile(name, source, e.config.Autoescape(name))
		}
	})
	if c.err != nil {
		e.templates.CompareAndDelete(name, c)
	}
	return c.template, c.err
}

// reloaded returns a template as its file is now.
func (e *engine) reloaded(name string) (*template, error) {
	file, err := e.open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	file.Close()
	if err != nil {
		return nil, err
	}
	c := e.cached(name, func(c *cachedTemplate) bool {
		return c.modified.Equal(info.ModTime()) && c.size == info.Size()
	})
	e.mutex.Lock()
	c.modified, c.size = info.ModTime(), info.Size()
	e.mutex.Unlock()
	return c.get(e, name)
}

// maxSource is the size in bytes of the largest template that is read.
const maxSource = 16 << 20

func (e *engine) read(name string) (string, error) {
	file, err := e.open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	source, err := io.ReadAll(io.LimitReader(file, maxSource+1))
	if err != nil {
		return "", err
	}
	if len(source) > maxSource {
		return "", fail(LimitError, "the template %q has more than %d bytes", name, maxSource)
	}
	return string(source), nil
}

// open opens the file of a template.
func (e *engine) open(name string) (fs.File, error) {
	clean := cleanName(name)
	if e.config.FS == nil || !fs.ValidPath(clean) || clean == "." {
		return nil, notFound(name, fs.ErrNotExist)
	}
	file, err := e.config.FS.Open(clean)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(name, err)
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		file.Close()
		return nil, notFound(name, fs.ErrNotExist)
	}
	return file, nil
}

// cleanName drops the empty segments and those that are ".", as Jinja does.
func cleanName(name string) string {
	segments := strings.Split(name, "/")
	segments = slices.DeleteFunc(segments, func(s string) bool { return s == "" || s == "." })
	return strings.Join(segments, "/")
}

// notFound is the error about a template that does not exist.
func notFound(name string, reason error) *Error {
	return &Error{Class: TemplateNotFound, Message: "'" + name + "' not found", cause: &noFileError{name, reason}}
}

// noFileError is the cause of notFound, and says what the file system said. It is an
// errNoFile.
type noFileError struct {
	name   string
	reason error
}

func (e *noFileError) Error() string { return errNoFile.Error() }

func (e *noFileError) Is(target error) bool { return target == errNoFile }

func (e *noFileError) Unwrap() error { return e.reason }

// explained returns the error that leaves the engine. Only now is the template that
// may have been meant looked for, because a template may ignore missing ones.
func (e *engine) explained(err error) *Error {
	failure := asError(err)
	var missing *noFileError
	if failure.Hint == "" && errors.As(failure, &missing) {
		failure.Hint = e.nearestTemplate(missing.name)
	}
	return failure
}

// mostNames is how many files are searched for a name that may have been meant.
const mostNames = 2000

// nearestTemplate returns a hint at the template that may have been meant, or "".
func (e *engine) nearestTemplate(name string) string {
	if e.config.FS == nil {
		return ""
	}
	var names []string
	_ = fs.WalkDir(e.config.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || len(names) >= mostNames {
			return fs.SkipAll
		}
		if !entry.IsDir() {
			names = append(names, path)
		}
		return nil
	})
	return hintOf(nearest(name, names))
}

func hintOf(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean \"" + name + "\"?"
}

func (e *engine) undefinedNamed(name string) value {
	return value{kind: kindUndefined, ref: &undefined{mode: e.config.Undefined, name: stringValue(name)}}
}

func (e *engine) undefinedAttr(owner value, name string) value {
	return value{kind: kindUndefined, ref: &undefined{mode: e.config.Undefined, name: stringValue(name), owner: owner}}
}

func (e *engine) undefinedHint(hint string) value {
	return value{kind: kindUndefined, ref: &undefined{mode: e.config.Undefined, hint: hint}}
}

// reportMisspelling tells the application of a variable that does not exist and
// that resembles one that does.
func (r *run) reportMisspelling(f *frame, t *template, line int, v value) {
	u := undefinedOf(v)
	if r.engine.config.Misspelt == nil || u.mode != Lenient || u.hint != "" || u.owner.kind != kindMissing || !u.name.isText() {
		return
	}
	names := slices.Collect(maps.Keys(r.vars))
	names = slices.AppendSeq(names, maps.Keys(r.engine.globals))
	names = slices.AppendSeq(names, maps.Keys(r.engine.config.Lazy))
	for c := f.ctx; c != nil; c = c.parent {
		names = slices.AppendSeq(names, maps.Keys(c.vars))
		names = slices.AppendSeq(names, maps.Keys(c.locals))
	}
	name := u.name.text()
	if found := nearest(name, names); found != "" {
		r.engine.config.Misspelt(r.context(), Misspelling{Template: t.name, Line: line, Name: name, Nearest: found})
	}
}

// nearest returns the name that resembles another most, or "" if none is close.
func nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range slices.Sorted(slices.Values(names)) {
		if d := distance(name, candidate, least+1); d < least+1 && candidate != name {
			if d < least || best == "" {
				best, least = candidate, d
			}
		}
	}
	return best
}

// distance returns how many letters must be changed to make one name of the
// other, at most limit.
func distance(a, b string, limit int) int {
	if len(a) > 100 || len(b) > 100 || max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}
