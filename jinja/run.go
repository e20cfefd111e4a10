package jinja

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strconv"

	"github.com/decant-go/decant/jinja/internal/text"
)

// run is one render.
type run struct {
	engine     *engine
	ctx        context.Context
	vars       Vars
	autoescape bool // whether the template that runs now is escaped
	limits     Limits

	out      []byte
	captures int       // how many captures are open; their output stays in out
	sink     io.Writer // receives the output of a stream; nil if all is kept in out
	sent     int       // bytes that the sink has received
	spoiled  error     // says why the output, or that of the capture, is no text

	depth     int
	steps     int
	lazy      map[string]value // the lazy variables that were touched
	modules   map[*template]*moduleObject
	owned     *owned           // what the template has changed; nil: nothing
	sequences map[string]value // variables that must be the same value each time
	stops     []func()         // what ends the sequences that were begun
	texts     Translations
	asked     bool // Translations was asked
}

func (e *engine) newRun(ctx context.Context, vars Vars) *run {
	return &run{engine: e, ctx: ctx, vars: vars, limits: e.limits}
}

// keepModule remembers what a template defines, for its next import in this render.
func (r *run) keepModule(t *template, m *moduleObject) {
	if r.modules == nil {
		r.modules = map[*template]*moduleObject{}
	}
	r.modules[t] = m
}

// fork returns a run for a macro that Go calls, with the variables of the render
// that the macro comes from.
func (r *run) fork(ctx context.Context) *run {
	return r.engine.newRun(ctx, r.vars)
}

// close ends what the render has begun.
func (r *run) close() {
	for _, stop := range r.stops {
		stop()
	}
	r.stops = nil
}

// frame holds the variables of one call of a function.
type frame struct {
	r        *run
	ctx      *templateContext
	slots    []value
	parent   *frame    // of the function around it
	extended *template // the template that this one extends
}

// call returns a frame for a call of a function inside.
func (f *frame) call(fn *function) *frame {
	return &frame{r: f.r, ctx: f.ctx, slots: make([]value, fn.slots), parent: f}
}

func (f *frame) setAutoescape(escape bool) {
	f.ctx.autoescape, f.r.autoescape = escape, escape
}

// resolveOr returns a variable of the context, or an undefined value.
func (f *frame) resolveOr(name string) (value, error) {
	v, err := f.ctx.resolve(f.r, name)
	if err == nil && v.kind == kindMissing {
		return f.r.engine.undefinedNamed(name), nil
	}
	return v, err
}

// templateContext is what a template knows beside its own variables.
type templateContext struct {
	r          *run
	parent     *templateContext // of the template that includes this one
	locals     map[string]value // variables of the place of the include, or of a scoped block
	vars       map[string]value // what the template assigns at its top level
	exported   map[string]bool  // those of vars that importers see
	chain      []*template      // the template and those that it extends
	autoescape bool
	isolated   bool // only the globals are visible
}

// derived returns a context with more variables, for a scoped block.
func (c *templateContext) derived(locals map[string]value) *templateContext {
	return &templateContext{r: c.r, parent: c, locals: locals, chain: c.chain, autoescape: c.autoescape}
}

// snapshot returns a copy of the variables as they are now. The macros of an imported
// template do not see what is assigned after the import.
func (c *templateContext) snapshot() *templateContext {
	if c == nil {
		return nil
	}
	copied := *c
	copied.parent, copied.vars = c.parent.snapshot(), maps.Clone(c.vars)
	return &copied
}

// findBlock returns the first block of that name in the chain from a level on, and
// its level, or -1.
func (c *templateContext) findBlock(name string, level int) (*blockCode, int) {
	for ; level < len(c.chain); level++ {
		if code := c.chain[level].blocks[name]; code != nil {
			return code, level
		}
	}
	return nil, -1
}

func (c *templateContext) export(name string, v value) {
	if c.vars == nil {
		c.vars, c.exported = map[string]value{}, map[string]bool{}
	}
	c.vars[name] = v
	if name[0] != '_' {
		c.exported[name] = true
	}
}

// resolve returns a variable, or missing.
func (c *templateContext) resolve(r *run, name string) (value, error) {
	for ; c != nil; c = c.parent {
		if v, ok := c.vars[name]; ok {
			return v, nil
		}
		if v, ok := c.locals[name]; ok {
			return v, nil
		}
		if c.isolated {
			return r.global(name)
		}
	}
	if x, ok := r.vars[name]; ok {
		if lazy, ok := x.(Lazy); ok {
			return r.force(name, lazy)
		}
		return r.variable(name, x), nil
	}
	return r.global(name)
}

// variable converts a variable. An empty list is the same one each time, since a
// template may append to it.
func (r *run) variable(name string, x any) value {
	v := r.engine.value(x)
	if v.kind != kindList || v.ref.(*list).len() > 0 {
		return r.fresh(v)
	}
	return r.sequenceNamed(name, func() value { return v })
}

// ofAll returns a global variable. Of a list each render has its own, since a template
// may change it.
func (r *run) ofAll(name string, v value) value {
	if v.kind == kindList || v.kind == kindTuple {
		v = r.sequenceNamed(name, func() value { return r.engine.value(r.engine.config.Globals[name]) })
	}
	return r.fresh(v)
}

func (r *run) sequenceNamed(name string, make func() value) value {
	if known, ok := r.sequences[name]; ok {
		return known
	}
	if r.sequences == nil {
		r.sequences = map[string]value{}
	}
	v := make()
	r.sequences[name] = v
	return v
}

// global returns a variable of all templates, or missing.
func (r *run) global(name string) (value, error) {
	if v, ok := r.engine.globals[name]; ok {
		return r.ofAll(name, v), nil
	}
	if f, ok := r.engine.config.Lazy[name]; ok {
		return r.force(name, func() (any, error) { return f(r.ctx), nil })
	}
	if x, ok := r.engine.config.Globals[name].(Lazy); ok {
		return r.force(name, x)
	}
	return missing, nil
}

// force calls a lazy variable at its first use.
func (r *run) force(name string, lazy Lazy) (value, error) {
	if v, ok := r.lazy[name]; ok {
		return v, nil
	}
	x, err := lazy()
	if err != nil {
		return missing, err
	}
	if r.lazy == nil {
		r.lazy = map[string]value{}
	}
	v := r.engine.value(x)
	r.lazy[name] = v
	return v, nil
}

// use makes a context the one whose settings filters and macros ask for. The
// result goes back to the one before.
func (r *run) use(ctx *templateContext) (restore func()) {
	before := r.autoescape
	r.autoescape = ctx.autoescape
	return func() { r.autoescape = before }
}

// enter goes one include, import or call deeper.
func (r *run) enter() error {
	r.depth++
	if r.depth > r.limits.Depth {
		r.depth--
		return &Error{Class: LimitError, Message: fmt.Sprintf("more than %d includes, imports, calls and blocks are open", r.limits.Depth), Hint: "a template or a macro may use itself without an end"}
	}
	return nil
}

func (r *run) leave() { r.depth-- }

// stepsPerCheck is how often a render looks whether it is still wanted.
const stepsPerCheck = 1024

// step counts an iteration or a call.
func (r *run) step() error {
	r.steps++
	if r.steps > r.limits.Steps {
		return fail(LimitError, "more than %d iterations and calls", r.limits.Steps)
	}
	if r.steps%stepsPerCheck == 0 && r.ctx != nil {
		return r.ctx.Err()
	}
	return nil
}

// write prints a string as it is.
func (r *run) write(s string) error {
	r.out = append(r.out, s...)
	return r.wrote()
}

// streamChunk is how many bytes a stream collects before it sends them.
const streamChunk = 4 << 10

// wrote checks the size of the output, and sends what a stream has collected.
func (r *run) wrote() error {
	if limit := r.limits.Output; limit > 0 && r.sent+len(r.out) > limit {
		return fail(LimitError, "more than %d bytes of output", limit)
	}
	if r.captures > 0 || r.sink == nil || len(r.out) < streamChunk {
		return nil
	}
	return r.flush()
}

// sendWaiting sends what a stream has collected.
func (r *run) sendWaiting() error {
	if r.captures > 0 || r.sink == nil || len(r.out) == 0 {
		return nil
	}
	return r.flush()
}

func (r *run) flush() error {
	n, err := r.sink.Write(r.out)
	r.sent += n
	r.out = r.out[:0]
	return err
}

// print prints a value, escaped if it is not safe.
func (r *run) print(v value, escape bool) error {
	switch v.kind {
	case kindMarkup:
		return r.write(v.text())
	case kindString:
		if escape {
			r.out = text.AppendEscape(r.out, v.text())
			return r.wrote()
		}
		return r.write(v.text())
	case kindInt:
		r.out = strconv.AppendInt(r.out, v.int(), 10)
		return r.wrote()
	case kindUndefined:
		if u := undefinedOf(v); u.mode == Strict {
			return u.err()
		}
	}
	if !escape {
		return r.write(textOf(v))
	}
	if isSafe(v) {
		return r.write(htmlOf(v))
	}
	r.out = text.AppendEscape(r.out, textOf(v))
	return r.wrote()
}

// capture returns what do prints. It is not printed.
func (r *run) capture(do func() error) (string, error) {
	start, spoiled := len(r.out), r.spoiled
	r.spoiled = nil
	r.captures++
	err := do()
	r.captures--
	s := string(r.out[start:])
	r.out = r.out[:start]
	if err == nil {
		err = r.spoiled
	}
	r.spoiled = spoiled
	return s, err
}

// spoil says that the output is no text. Python notices when it joins the pieces, so
// another error that comes before the end of the output wins.
func (r *run) spoil(err error) {
	if r.spoiled == nil {
		r.spoiled = err
	}
}

// checkItems checks the length of a list that an expression makes.
func (r *run) checkItems(n int) error {
	if n < 0 || n > r.limits.Items {
		return fail(LimitError, "a list of more than %d items", r.limits.Items)
	}
	return nil
}

// checkText checks the size of a string that an expression makes.
func (r *run) checkText(n int) error {
	if n < 0 || n > r.limits.Text {
		return fail(LimitError, "a string of more than %d bytes", r.limits.Text)
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
