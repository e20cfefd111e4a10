package jinja

import (
	"errors"
	"maps"
	"slices"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// template is a compiled template. It never changes, so that renders share it.
type template struct {
	name       string
	source     string
	engine     *engine
	autoescape bool
	fn         *function
	body       block
	hasExtends bool
	blocks     map[string]*blockCode
}

// blockCode is a compiled block.
type blockCode struct {
	name       string
	fn         *function
	body       block
	required   bool
	self       variable // where the block keeps self and super, if it mentions them
	super      variable
	needsSelf  bool
	needsSuper bool
	line       int
}

// action is a compiled statement.
type action func(f *frame) error

// block is a compiled body.
type block []action

// exec runs the statements in turn.
func (b block) exec(f *frame) error {
	for _, s := range b {
		if err := s(f); err != nil {
			return err
		}
	}
	return nil
}

// eval is a compiled expression.
type eval func(f *frame) (value, error)

// compiler compiles one template.
type compiler struct {
	engine     *engine
	template   *template
	extends    int  // how many extends were seen
	extendsNow bool // an extends at the top level was seen
	line       int  // of the last tag with a line of its own, see mark
}

// scope is what the compiler knows at a place of a template. It is copied for the
// scopes inside.
type scope struct {
	*compiler
	syms        *symbols
	fn          *function
	toplevel    bool // not inside of a loop, a with or another scope
	rootlevel   bool // not even inside of an if
	soft        bool // inside of a condition, where unknown filters fail late
	folds       bool // inside of an expression that Jinja works out when it compiles
	checkOutput bool // what is printed here is lost if the template extends another
	autoescape  bool
	volatile    bool // whether to escape is known only when the template runs
	inLoop      bool
}

// inner returns the scope of a tag inside, with names of its own.
func (s *scope) inner() *scope {
	c := *s
	c.syms = newSymbols(s.syms, s.fn)
	c.toplevel, c.rootlevel, c.soft = false, false, false
	return &c
}

// within returns the scope of a function inside.
func (s *scope) within(fn *function) *scope {
	c := s.inner()
	c.fn, c.syms.fn = fn, fn
	c.inLoop = false
	return c
}

// branch returns the scope of a condition, which shares the names.
func (s *scope) branch() *scope {
	c := *s
	c.rootlevel, c.soft = false, true
	return &c
}

// compileError is a mistake that the compiler finds. Compile recovers it.
type compileError struct{ *Error }

// fail ends the compilation.
func (c *compiler) fail(class ErrorClass, line int, message string, hint string) {
	panic(compileError{&Error{
		Class: class, Message: message, Hint: hint,
		Template: c.template.name, Line: line, Source: sourceAround(c.template.source, line),
	}})
}

// compile makes a template of its source.
func (e *engine) compile(name, source string, autoescape bool) (t *template, err error) {
	t = &template{name: name, source: source, engine: e, autoescape: autoescape, blocks: map[string]*blockCode{}}
	tree, err := syntax.Parse(source, e.syntaxOptions())
	if err != nil {
		return nil, t.syntaxError(err)
	}
	defer func() {
		switch failure := recover().(type) {
		case nil:
		case compileError:
			t, err = nil, failure.Error
		default:
			panic(failure)
		}
	}()
	c := &compiler{engine: e, template: t, line: 1}
	c.compileRoot(tree)
	c.compileBlocks(tree)
	return t, nil
}

// syntaxError gives an error of the parser its place.
func (t *template) syntaxError(err error) error {
	var failure *syntax.Error
	if !errors.As(err, &failure) {
		return err
	}
	class := TemplateSyntaxError
	if failure.Assertion {
		class = TemplateAssertionError
	}
	return &Error{Class: class, Message: failure.Message, Template: t.name, Line: failure.Line, Source: sourceAround(t.source, failure.Line)}
}

func (c *compiler) newScope(fn *function) *scope {
	return &scope{compiler: c, syms: newSymbols(nil, fn), fn: fn, autoescape: c.template.autoescape}
}

func (c *compiler) compileRoot(tree *syntax.Template) {
	t := c.template
	t.hasExtends = !walk(tree.Body, true, func(stmt syntax.Stmt) bool {
		_, isExtends := stmt.(*syntax.Extends)
		return !isExtends
	})
	t.fn = &function{}
	s := c.newScope(t.fn)
	s.toplevel, s.rootlevel, s.checkOutput = true, true, t.hasExtends
	var begin []action
	if mentions(tree.Body, "self") {
		self := s.syms.parameter("self")
		begin = append(begin, func(f *frame) error {
			f.slots[self.slot] = value{kind: kindObject, ref: &selfObject{ctx: f.ctx}}
			return nil
		})
	}
	s.syms.analyze(tree.Body)
	t.body = slices.Concat(begin, s.enter(), s.body(tree.Body))
}

// compileBlocks compiles the blocks of the template, at any depth.
func (c *compiler) compileBlocks(tree *syntax.Template) {
	walk(tree.Body, true, func(stmt syntax.Stmt) bool {
		n, ok := stmt.(*syntax.Block)
		if !ok {
			return true
		}
		if c.template.blocks[n.Name] != nil {
			c.fail(TemplateAssertionError, n.Line(), "block '"+n.Name+"' defined twice", "")
		}
		c.template.blocks[n.Name] = c.compileBlock(n)
		return true
	})
}

func (c *compiler) compileBlock(n *syntax.Block) *blockCode {
	c.mark(n.Line())
	code := &blockCode{name: n.Name, fn: &function{}, required: n.Required, line: n.Line()}
	s := c.newScope(code.fn)
	if code.needsSelf = mentions(n.Body, "self"); code.needsSelf {
		code.self = s.syms.parameter("self")
	}
	if code.needsSuper = mentions(n.Body, "super"); code.needsSuper {
		code.super = s.syms.parameter("super")
	}
	s.syms.analyze(n.Body)
	code.body = slices.Concat(s.enter(), s.body(n.Body))
	return code
}

// enter returns the steps that begin a scope: they clear its variables, or give
// them the values that the names have around it. Variables that a scope only
// reads keep what they have found.
func (s *scope) enter() []action {
	var steps []action
	var cleared []int
	for _, name := range slices.Sorted(maps.Keys(s.syms.refs)) {
		v := s.syms.refs[name]
		l := s.syms.loads[v]
		switch {
		case l.kind == loadAlias:
			read := s.readVariable(name, l.alias, s.syms.parent)
			steps = append(steps, func(f *frame) error {
				x, err := read(f)
				f.slots[v.slot] = x
				return err
			})
		case l.kind == loadUndefined, l.kind == loadResolve && s.syms.stores[name]:
			cleared = append(cleared, v.slot)
		}
	}
	if len(cleared) > 0 {
		steps = append(steps, func(f *frame) error {
			for _, slot := range cleared {
				f.slots[slot] = missing
			}
			return nil
		})
	}
	return steps
}

// hops returns how many functions lie between the scope and a variable.
func (s *scope) hops(v variable) int {
	n := 0
	for fn := s.fn; fn != v.fn; fn = fn.parent {
		n++
	}
	return n
}

// readName returns the value of a name as seen in the scope.
func (s *scope) readName(name string) eval {
	v, ok := s.syms.find(name)
	if !ok {
		return func(f *frame) (value, error) { return f.resolveOr(name) }
	}
	return s.readVariable(name, v, s.syms)
}

func (s *scope) readVariable(name string, v variable, syms *symbols) eval {
	slot, hops := v.slot, s.hops(v)
	resolves := syms.loadOf(v).kind == loadResolve
	if hops > 0 {
		return func(f *frame) (value, error) {
			for range hops {
				f = f.parent
			}
			if x := f.slots[slot]; x.kind != kindMissing {
				return f.r.fresh(x), nil
			}
			if resolves {
				return f.resolveOr(name)
			}
			return f.r.engine.undefinedNamed(name), nil
		}
	}
	if !resolves {
		return func(f *frame) (value, error) {
			if x := f.slots[slot]; x.kind != kindMissing {
				return f.r.fresh(x), nil
			}
			return f.r.engine.undefinedNamed(name), nil
		}
	}
	return func(f *frame) (value, error) {
		if x := f.slots[slot]; x.kind != kindMissing {
			return f.r.fresh(x), nil
		}
		x, err := f.resolveOr(name)
		if err == nil {
			f.slots[slot] = x
		}
		return x, err
	}
}

// mark notes the line of a tag. Jinja locates the values of a with tag at the tag
// before it that has a line.
func (c *compiler) mark(line int) int {
	if line > 0 {
		c.line = line
	}
	return line
}

// lineBefore returns the line of the last tag with a line of its own. Jinja locates
// there what it checks before it comes to the next tag.
func (c *compiler) lineBefore() int { return max(c.line, 1) }

// body compiles statements.
func (s *scope) body(stmts []syntax.Stmt) block {
	var steps block
	for _, stmt := range stmts {
		if st := s.statement(stmt); st != nil {
			steps = append(steps, st)
		}
	}
	return steps
}

// placed gives the errors of a step their place.
func (s *scope) placed(line int, run action) action {
	t := s.template
	return func(f *frame) error {
		if err := run(f); err != nil {
			return t.place(err, line)
		}
		return nil
	}
}

// place gives an error its place, unless it has one.
func (t *template) place(err error, line int) error {
	if isControl(err) {
		return err
	}
	e := asError(err)
	if e.Line == 0 {
		placed := *e
		placed.Template, placed.Line, placed.Source = t.name, line, sourceAround(t.source, line)
		return &placed
	}
	return e
}

// through notes that an error came out of a template that a tag brought in.
func (t *template) through(err error, tag string, line int) error {
	if isControl(err) {
		return err
	}
	e := asError(err)
	if e.Line == 0 {
		return t.place(err, line)
	}
	const longestChain = 20
	if len(e.Chain) >= longestChain {
		return e
	}
	longer := *e
	longer.Chain = append(slices.Clone(e.Chain), Place{Tag: tag, Template: t.name, Line: line})
	return &longer
}
