package jinja

import (
	"errors"
	"fmt"
	"strings"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// blockCall compiles the place of a block: the block of the template that is
// furthest from the base is run there.
func (s *scope) blockCall(n *syntax.Block) action {
	if s.toplevel && s.extendsNow {
		return nil // the parent has the places
	}
	s.mark(n.Line())
	onlyAsBase := s.toplevel && s.extends > 0
	var locals func(f *frame) (map[string]value, error)
	if n.Scoped {
		locals = s.locals()
	}
	t, name, line := s.template, n.Name, n.Line()
	return func(f *frame) error {
		if onlyAsBase && f.extended != nil {
			return nil
		}
		ctx := f.ctx
		if locals != nil {
			vars, err := locals(f)
			if err != nil {
				return err
			}
			ctx = ctx.derived(vars)
		}
		code, level := ctx.findBlock(name, 0)
		if code == nil {
			return t.place(fail(TemplateRuntimeError, "block '%s' not found", name), line)
		}
		if n.Required {
			if _, below := ctx.findBlock(name, level+1); below < 0 {
				return t.place(fail(TemplateRuntimeError, "Required block '%s' not found", name), line)
			}
		}
		if err := f.r.runBlock(ctx, code, level); err != nil {
			return t.through(err, "block", line)
		}
		return nil
	}
}

// locals returns the variables that are assigned at this place and around it.
func (s *scope) locals() func(f *frame) (map[string]value, error) {
	type local struct {
		name string
		slot int
		hops int
	}
	var names []local
	for name, v := range s.syms.visible() {
		names = append(names, local{name, v.slot, s.hops(v)})
	}
	return func(f *frame) (map[string]value, error) {
		vars := make(map[string]value, len(names))
		for _, n := range names {
			from := f
			for range n.hops {
				from = from.parent
			}
			if v := from.slots[n.slot]; v.kind != kindMissing {
				vars[n.name] = v
			}
		}
		return vars, nil
	}
}

// runBlock runs a block of the template at a level of the chain.
func (r *run) runBlock(ctx *templateContext, code *blockCode, level int) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	f := &frame{r: r, ctx: ctx, slots: make([]value, code.fn.slots)}
	if code.needsSelf {
		f.slots[code.self.slot] = value{kind: kindObject, ref: &selfObject{ctx: ctx}}
	}
	if code.needsSuper {
		f.slots[code.super.slot] = r.superOf(ctx, code.name, level)
	}
	return code.body.exec(f)
}

// superOf returns the block that a block overrides.
func (r *run) superOf(ctx *templateContext, name string, level int) value {
	code, below := ctx.findBlock(name, level+1)
	if code == nil {
		return r.engine.undefinedHint("there is no parent block called '" + name + "'.")
	}
	return value{kind: kindObject, ref: &blockObject{ctx: ctx, code: code, level: below}}
}

// selfObject is the variable self, whose attributes are the blocks.
type selfObject struct{ ctx *templateContext }

func (*selfObject) typeName() string { return "TemplateReference" }

func (o *selfObject) repr() string {
	return "<TemplateReference " + reprOf(stringValue(o.ctx.chain[0].name)) + ">"
}

func (o *selfObject) attr(r *run, name string) (value, error) {
	code, level := o.ctx.findBlock(name, 0)
	if code == nil {
		return missing, nil
	}
	return value{kind: kindObject, ref: &blockObject{ctx: o.ctx, code: code, level: level}}, nil
}

// blockObject is a block as a value: super, or an attribute of self.
type blockObject struct {
	ctx   *templateContext
	code  *blockCode
	level int
}

func (*blockObject) typeName() string { return "BlockReference" }

func (o *blockObject) attr(r *run, name string) (value, error) {
	if name == "super" {
		return r.superOf(o.ctx, o.code.name, o.level), nil
	}
	return missing, nil
}

// call returns the output of the block.
func (o *blockObject) call(r *run, args arguments) (value, error) {
	if err := args.none(o.code.name); err != nil {
		return missing, err
	}
	text, err := r.capture(func() error { return r.runBlock(o.ctx, o.code, o.level) })
	return textValue(text, o.ctx.autoescape), err
}

func (s *scope) extend(n *syntax.Extends) action {
	if !s.toplevel {
		s.fail(TemplateAssertionError, n.Line(), "cannot use extend from a non top-level scope", "")
	}
	twice, before, t := s.extends > 0, s.lineBefore(), s.template
	s.mark(n.Line())
	s.extends++
	parent := s.expr(n.Template)
	if s.rootlevel {
		s.extendsNow = true
	}
	return s.placed(n.Line(), func(f *frame) error {
		if twice && f.extended != nil {
			return t.place(fail(TemplateRuntimeError, "extended multiple times"), before)
		}
		v, err := parent(f)
		if err != nil {
			return err
		}
		loaded, err := f.r.load(v)
		if err != nil {
			return err
		}
		if len(f.ctx.chain) >= f.r.limits.Depth {
			return fail(LimitError, "more than %d templates extend each other", f.r.limits.Depth)
		}
		f.extended = loaded
		f.ctx.chain = append(f.ctx.chain, loaded)
		return nil
	})
}

// load returns the template of a name.
func (r *run) load(v value) (*template, error) {
	switch v.kind {
	case kindUndefined:
		return nil, undefinedOf(v).err()
	case kindString, kindMarkup:
		return r.engine.template(v.text())
	}
	if _, err := hashOf(v); err != nil {
		return nil, err
	}
	return nil, &Error{
		Class:   TemplateNotFound,
		Message: textOf(v),
		Hint:    fmt.Sprintf("a template name must be a string, not %s", typeName(v)),
		cause:   errNoFile,
	}
}

// loadAny returns the template of a name, or of several names that of the first one
// that exists.
func (r *run) loadAny(v value) (*template, error) {
	if v.kind == kindUndefined || v.isText() {
		return r.load(v)
	}
	if truth, err := isTrue(v); err != nil {
		return nil, err
	} else if !truth {
		return nil, noTemplates()
	}
	return r.loadFirst(v)
}

func noTemplates() error {
	return &Error{Class: TemplatesNotFound, Message: "Tried to select from an empty list of templates", cause: errNoFile}
}

func (r *run) loadFirst(v value) (*template, error) {
	items, err := r.collect(v)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(items))
	for _, item := range items {
		t, err := r.load(item)
		if err == nil || !errors.Is(err, errNoFile) && !errors.Is(err, UndefinedError) {
			return t, err
		}
		names = append(names, textOf(item))
	}
	if len(names) == 0 {
		return nil, noTemplates()
	}
	return nil, &Error{
		Class:   TemplatesNotFound,
		Message: "none of the templates given were found: " + strings.Join(names, ", "),
		Hint:    r.engine.nearestTemplate(names[0]),
		cause:   errNoFile,
	}
}

func (s *scope) include(n *syntax.Include) action {
	name := s.expr(n.Template)
	var locals func(f *frame) (map[string]value, error)
	if n.WithContext {
		locals = s.locals()
	}
	t, line := s.template, n.Line()
	return func(f *frame) error {
		v, err := name(f)
		if err != nil {
			return t.place(err, line)
		}
		included, err := f.r.loadAny(v)
		if err != nil {
			if n.IgnoreMissing && errors.Is(err, errNoFile) {
				return nil
			}
			return t.place(err, line)
		}
		ctx, err := f.sub(included, locals)
		if err != nil {
			return t.place(err, line)
		}
		if err := f.r.enter(); err != nil {
			return t.place(err, line)
		}
		defer f.r.leave()
		if _, err := f.r.runTemplate(ctx, included); err != nil {
			return t.through(err, "include", line)
		}
		return nil
	}
}

// sub returns the context of a template that is included or imported. Without
// locals it has the globals alone.
func (f *frame) sub(t *template, locals func(f *frame) (map[string]value, error)) (*templateContext, error) {
	ctx := &templateContext{r: f.r, chain: []*template{t}, autoescape: t.autoescape, isolated: locals == nil}
	if locals == nil {
		return ctx, nil
	}
	vars, err := locals(f)
	ctx.parent, ctx.locals = f.ctx, vars
	return ctx, err
}

// runTemplate runs a template and the templates that it extends. It returns the
// frame of the first.
func (r *run) runTemplate(ctx *templateContext, t *template) (*frame, error) {
	restore := r.use(ctx)
	defer restore()
	first := &frame{r: r, ctx: ctx, slots: make([]value, t.fn.slots)}
	for f := first; ; {
		if err := t.body.exec(f); err != nil {
			return first, err
		}
		if t = f.extended; t == nil {
			return first, nil
		}
		f = &frame{r: r, ctx: ctx, slots: make([]value, t.fn.slots)}
	}
}

// module runs a template that is imported, and returns what it defines.
func (s *scope) module(template syntax.Expr, withContext bool) func(f *frame) (*moduleObject, error) {
	name := s.expr(template)
	var locals func(f *frame) (map[string]value, error)
	if withContext {
		locals = s.locals()
	}
	t, line := s.template, template.Line()
	return func(f *frame) (*moduleObject, error) {
		v, err := name(f)
		if err != nil {
			return nil, err
		}
		imported, err := f.r.load(v)
		if err != nil {
			return nil, err
		}
		if locals == nil {
			if m := f.r.modules[imported]; m != nil {
				return m, nil
			}
		}
		ctx, err := f.sub(imported, locals)
		if err != nil {
			return nil, err
		}
		ctx.parent = ctx.parent.snapshot()
		m, err := f.r.makeModule(ctx, imported)
		if err != nil {
			return nil, t.through(err, "import", line)
		}
		if locals == nil {
			f.r.keepModule(imported, m)
		}
		return m, nil
	}
}

func (r *run) makeModule(ctx *templateContext, t *template) (*moduleObject, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	m := &moduleObject{name: t.name, ctx: ctx}
	text, err := r.capture(func() error {
		_, err := r.runTemplate(ctx, t)
		return err
	})
	m.text = text
	return m, err
}

// moduleObject is an imported template: what it defines at its top level, and
// what it prints.
type moduleObject struct {
	name string
	ctx  *templateContext
	text string
}

func (*moduleObject) typeName() string { return "TemplateModule" }
func (m *moduleObject) str() string    { return m.text }

func (m *moduleObject) repr() string {
	return "<TemplateModule " + reprOf(stringValue(m.name)) + ">"
}

// html is the output, which is safe as it is.
func (m *moduleObject) html() string { return m.text }

func (m *moduleObject) attr(r *run, name string) (value, error) {
	if !m.ctx.exported[name] {
		return missing, nil
	}
	return m.ctx.vars[name], nil
}

func (s *scope) importModule(n *syntax.Import) action {
	load, name := s.module(n.Template, n.WithContext), n.Target
	assign, toplevel := s.assignName(name), s.toplevel
	return s.placed(n.Line(), func(f *frame) error {
		m, err := load(f)
		if err != nil {
			return err
		}
		err = assign(f, value{kind: kindObject, ref: m})
		if toplevel {
			delete(f.ctx.exported, name)
		}
		return err
	})
}

func (s *scope) importNames(n *syntax.FromImport) action {
	load, toplevel := s.module(n.Template, n.WithContext), s.toplevel
	assign := make([]func(*frame, value) error, len(n.Names))
	for i, name := range n.Names {
		assign[i] = s.assignName(aliasOf(n, i, name))
	}
	line := n.Line()
	return s.placed(line, func(f *frame) error {
		m, err := load(f)
		if err != nil {
			return err
		}
		for i, name := range n.Names {
			v, _ := m.attr(f.r, name)
			if v.kind == kindMissing {
				v = f.r.engine.undefinedHint("the template " + reprOf(stringValue(m.name)) +
					" (imported on line " + itoa(line) + ") does not export the requested name " + reprOf(stringValue(name)))
			}
			if err := assign[i](f, v); err != nil {
				return err
			}
			if toplevel {
				delete(f.ctx.exported, aliasOf(n, i, name))
			}
		}
		return nil
	})
}
