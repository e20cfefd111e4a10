package jinja

import (
	"context"
	"slices"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// macroCode is a compiled macro, or the body of a call block.
type macroCode struct {
	name     string
	fn       *function
	params   []string
	slots    []int  // of the parameters
	defaults []eval // of the last parameters
	begin    []action
	body     block

	caller, kwargs, varargs int // slots of the special variables, -1 if the body does not use them
	hasCaller               bool
	explicitCaller          bool // caller is a parameter
	template                *template
	line                    int
}

func (s *scope) macro(name string, signature syntax.Signature, body []syntax.Stmt, line int) *macroCode {
	fn := &function{parent: s.fn}
	inside := s.within(fn)
	inside.checkOutput = false
	m := &macroCode{name: name, fn: fn, params: signature.Params, caller: -1, kwargs: -1, varargs: -1, template: s.template, line: line}
	for _, param := range m.params {
		m.slots = append(m.slots, inside.syms.parameter(param).slot)
	}
	m.explicitCaller = slices.Contains(m.params, "caller")
	if mentions(body, "caller") {
		if !m.explicitCaller {
			m.caller = inside.syms.parameter("caller").slot
		} else if slices.Index(m.params, "caller") < len(m.params)-len(signature.Defaults) {
			s.fail(TemplateAssertionError, line, "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.", "")
		}
		m.hasCaller = true
	}
	if mentions(body, "kwargs") && !slices.Contains(m.params, "kwargs") {
		m.kwargs = inside.syms.parameter("kwargs").slot
	}
	if mentions(body, "varargs") && !slices.Contains(m.params, "varargs") {
		m.varargs = inside.syms.parameter("varargs").slot
	}
	inside.syms.expressions(signature.Defaults)
	inside.syms.analyze(body)
	m.begin = inside.enter()
	m.defaults = inside.exprs(signature.Defaults)
	m.body = inside.body(body)
	return m
}

func (s *scope) defineMacro(n *syntax.Macro) action {
	code, assign := s.macro(n.Name, n.Signature, n.Body, n.Line()), s.assignName(n.Name)
	return func(f *frame) error {
		return assign(f, value{kind: kindObject, ref: &macro{code: code, frame: f}})
	}
}

func (s *scope) callBlock(n *syntax.CallBlock) action {
	code := s.macro("", n.Signature, n.Body, n.Line())
	s.mark(n.Line())
	caller := func(f *frame) (value, error) {
		return value{kind: kindObject, ref: &macro{code: code, frame: f}}, nil
	}
	call := s.call(n.Call, caller)
	return s.placed(n.Line(), func(f *frame) error {
		v, err := call(f)
		if err != nil {
			return err
		}
		return f.r.write(textOf(v))
	})
}

// macro is a macro with the frame in which it was defined.
type macro struct {
	code  *macroCode
	frame *frame
}

func (*macro) typeName() string { return "Macro" }

func (m *macro) repr() string {
	if m.code.name == "" {
		return "<Macro anonymous>"
	}
	return "<Macro " + m.code.label() + ">"
}

func (m *macro) attr(r *run, name string) (value, error) {
	switch name {
	case "name":
		return m.code.nameValue(), nil
	case "arguments":
		return tupleValue(stringValues(m.code.params)...), nil
	case "catch_kwargs":
		return boolValue(m.code.kwargs >= 0), nil
	case "catch_varargs":
		return boolValue(m.code.varargs >= 0), nil
	case "caller":
		return boolValue(m.code.hasCaller), nil
	case "explicit_caller":
		return boolValue(m.code.explicitCaller), nil
	}
	return missing, nil
}

// nameValue is the name; None for the body of a call block.
func (c *macroCode) nameValue() value {
	if c.name == "" {
		return none
	}
	return stringValue(c.name)
}

// label is the name as errors print it.
func (c *macroCode) label() string { return reprOf(c.nameValue()) }

// call runs the macro and returns its output, which is safe where the caller
// escapes.
func (m *macro) call(r *run, args arguments) (value, error) {
	if err := r.enter(); err != nil {
		return missing, err
	}
	defer r.leave()
	if err := r.step(); err != nil {
		return missing, err
	}
	f := m.frame.call(m.code.fn)
	f.r = r
	if err := m.code.bind(f, args); err != nil {
		return missing, err
	}
	safe := r.autoescape
	restore := r.use(f.ctx)
	defer restore()
	text, err := r.capture(func() error { return m.code.exec(f) })
	return textValue(text, safe), err
}

// exec evaluates the defaults of the parameters that are missing, in turn, so that
// one may use those before it, and runs the body.
func (c *macroCode) exec(f *frame) error {
	for _, s := range c.begin {
		if err := s(f); err != nil {
			return err
		}
	}
	for i, slot := range c.slots {
		if f.slots[slot].kind != kindMissing {
			continue
		}
		if d := i - (len(c.slots) - len(c.defaults)); d >= 0 {
			v, err := c.defaults[d](f)
			if err != nil {
				return c.template.place(err, c.line)
			}
			f.slots[slot] = v
			continue
		}
		f.slots[slot] = f.r.engine.undefinedHint("parameter '" + c.params[i] + "' was not provided")
	}
	return c.body.exec(f)
}

// bind puts the arguments of a call into their slots.
func (c *macroCode) bind(f *frame, args arguments) error {
	given := min(len(args.positional), len(c.params))
	for i, v := range args.positional[:given] {
		f.slots[c.slots[i]] = v
	}
	var rest []namedValue
	foundCaller := given == len(c.params) && c.explicitCaller
	for _, arg := range args.named {
		i := slices.Index(c.params, arg.name)
		if i < given {
			rest = append(rest, arg)
			continue
		}
		foundCaller = foundCaller || arg.name == "caller"
		f.slots[c.slots[i]] = arg.value
	}
	if c.caller >= 0 && !foundCaller {
		i := slices.IndexFunc(rest, func(n namedValue) bool { return n.name == "caller" })
		f.slots[c.caller] = f.r.engine.undefinedHint("No caller defined")
		if i >= 0 {
			f.slots[c.caller] = rest[i].value
			rest = slices.Delete(rest, i, i+1)
		}
	}
	if c.kwargs >= 0 {
		d := &Dict{engine: f.r.engine}
		for _, arg := range rest {
			d.setText(arg.name, arg.value)
		}
		f.slots[c.kwargs] = dictValue(d)
	} else if len(rest) > 0 {
		if rest[0].name == "caller" {
			return typeError("macro %s was invoked with two values for the special caller argument. This is most likely a bug.", c.label())
		}
		return typeError("macro %s takes no keyword argument %s", c.label(), reprOf(stringValue(rest[0].name)))
	}
	if c.varargs >= 0 {
		f.slots[c.varargs] = tupleValue(args.positional[given:]...)
	} else if len(args.positional) > given {
		return typeError("macro %s takes not more than %d argument(s)", c.label(), len(c.params))
	}
	return nil
}

// Macro is a macro of a template, for Go to call. It mirrors what Flask's
// get_template_attribute returns.
type Macro struct {
	macro *macro
}

// Name returns the name of the macro.
func (m *Macro) Name() string { return m.macro.code.name }

// Call runs the macro and returns its output. It may be called by several
// goroutines at a time.
func (m *Macro) Call(ctx context.Context, args []any, kwargs Kwargs) (Markup, error) {
	r := m.macro.frame.r.fork(ctx)
	defer r.close()
	var a arguments
	for _, arg := range args {
		a.positional = append(a.positional, r.engine.value(arg))
	}
	for name, arg := range kwargs.All() {
		a.named = append(a.named, namedValue{name, r.engine.value(arg)})
	}
	v, err := m.macro.call(r, a)
	if err != nil {
		return "", r.engine.explained(err)
	}
	return Markup(textOf(v)), nil
}
