package jinja

import (
	"fmt"
	"slices"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// statement compiles a statement. It returns nil for one that does nothing.
func (s *scope) statement(stmt syntax.Stmt) action {
	switch stmt.(type) {
	case *syntax.Output, *syntax.With, *syntax.Set, *syntax.SetBlock, *syntax.FilterBlock, *syntax.Autoescape, *syntax.Extends, *syntax.Block:
	default:
		s.mark(stmt.Line())
	}
	switch n := stmt.(type) {
	case *syntax.Output:
		return s.output(n)
	case *syntax.If:
		return s.condition(n)
	case *syntax.For:
		return s.loop(n)
	case *syntax.Block:
		return s.blockCall(n)
	case *syntax.Extends:
		return s.extend(n)
	case *syntax.Include:
		return s.include(n)
	case *syntax.Import:
		return s.importModule(n)
	case *syntax.FromImport:
		return s.importNames(n)
	case *syntax.Macro:
		return s.defineMacro(n)
	case *syntax.CallBlock:
		return s.callBlock(n)
	case *syntax.FilterBlock:
		return s.filterBlock(n)
	case *syntax.With:
		return s.with(n)
	case *syntax.Set:
		return s.set(n)
	case *syntax.SetBlock:
		return s.setBlock(n)
	case *syntax.Autoescape:
		return s.autoescapeBlock(n)
	case *syntax.Do:
		x := s.expr(n.Value)
		return s.placed(n.Line(), func(f *frame) error {
			_, err := x(f)
			return err
		})
	case *syntax.Break:
		return s.control(n.Line(), "break", errBreak)
	case *syntax.Continue:
		return s.control(n.Line(), "continue", errContinue)
	}
	panic(fmt.Sprintf("jinja: a statement of type %T", stmt))
}

// output compiles what stands between tags, and the expressions in it.
func (s *scope) output(n *syntax.Output) action {
	if s.checkOutput && s.extendsNow {
		return nil // the parent prints
	}
	var steps block
	for _, node := range n.Nodes {
		steps = append(steps, s.print(node))
	}
	run := action(steps.exec)
	if len(steps) == 1 {
		run = steps[0]
	}
	if !s.checkOutput {
		return run
	}
	return func(f *frame) error {
		if f.extended != nil {
			return nil
		}
		return run(f)
	}
}

// print compiles the printing of an expression.
func (s *scope) print(node syntax.Expr) action {
	if data, ok := node.(*syntax.Data); ok {
		if s.volatile {
			s.mark(data.Line())
		}
		text := data.Text
		return func(f *frame) error { return f.r.write(text) }
	}
	t, line := s.template, node.Line()
	x, escapes := s.printed(node)
	return func(f *frame) error {
		v, err := x(f)
		if err == nil {
			err = f.r.print(v, escapes(f))
		}
		if err != nil {
			return t.place(err, line)
		}
		if v.kind == kindUndefined {
			f.r.reportMisspelling(f, t, line, v)
		}
		return nil
	}
}

// printed compiles an expression whose value is printed. Jinja prints a constant when
// it compiles, and does not know yet what an autoescape tag with a variable will say.
func (s *scope) printed(node syntax.Expr) (x eval, escapes func(f *frame) bool) {
	if !s.isConstant(node) {
		s.mark(node.Line())
		return s.expr(node), s.escapes()
	}
	fixed := s.autoescape
	return s.folding().expr(node), func(*frame) bool { return fixed }
}

func (s *scope) condition(n *syntax.If) action {
	inside := s.branch()
	type branch struct {
		test eval
		body block
		line int
	}
	branches := make([]branch, len(n.Branches))
	for i, b := range n.Branches {
		line := s.mark(b.Line())
		branches[i] = branch{inside.expr(b.Test), inside.body(b.Body), line}
	}
	otherwise := inside.body(n.Else)
	t := s.template
	return func(f *frame) error {
		for i := range branches {
			v, err := branches[i].test(f)
			if err != nil {
				return t.place(err, branches[i].line)
			}
			truth, err := isTrue(v)
			if err != nil {
				return t.place(err, branches[i].line)
			}
			if truth {
				return branches[i].body.exec(f)
			}
		}
		return otherwise.exec(f)
	}
}

// assign compiles an assignment to a target.
func (s *scope) assign(target syntax.Expr) func(f *frame, v value) error {
	switch n := target.(type) {
	case *syntax.Name:
		return s.assignName(n.Name)
	case *syntax.NSRef:
		read, name := s.readName(n.Name), n.Attr
		return func(f *frame, v value) error {
			owner, err := read(f)
			if err != nil {
				return err
			}
			return f.r.setItem(owner, name, v)
		}
	case *syntax.Tuple:
		return s.unpack(n.Items)
	case *syntax.List:
		return s.unpack(n.Items)
	}
	panic(fmt.Sprintf("jinja: an assignment to a %T", target))
}

func (s *scope) assignName(name string) func(f *frame, v value) error {
	v, _ := s.syms.find(name)
	slot := v.slot
	if !s.toplevel {
		return func(f *frame, x value) error {
			f.slots[slot] = x
			return nil
		}
	}
	return func(f *frame, x value) error {
		f.slots[slot] = x
		f.ctx.export(name, x)
		return nil
	}
}

func (s *scope) unpack(targets []syntax.Expr) func(f *frame, v value) error {
	assign := make([]func(*frame, value) error, len(targets))
	for i, target := range targets {
		assign[i] = s.assign(target)
	}
	return func(f *frame, v value) error {
		items, err := f.r.unpack(v, len(assign))
		if err != nil {
			return err
		}
		for i := range assign {
			if err := assign[i](f, items[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// unpack returns the items of a value, of which there must be so many.
func (r *run) unpack(v value, count int) ([]value, error) {
	if v.kind == kindTuple {
		if items := v.ref.(*tuple).items; len(items) == count {
			return items, nil
		}
	}
	it, err := r.iterate(v)
	if err != nil {
		if v.kind == kindUndefined {
			return nil, err
		}
		return nil, typeError("cannot unpack non-iterable %s object", typeName(v))
	}
	items := make([]value, 0, count)
	for {
		item, ok, err := it.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if len(items) == count {
			return nil, valueError("too many values to unpack (expected %d)", count)
		}
		items = append(items, item)
	}
	if len(items) < count {
		return nil, valueError("not enough values to unpack (expected %d, got %d)", count, len(items))
	}
	return items, nil
}

func (s *scope) set(n *syntax.Set) action {
	check := s.placed(s.lineBefore(), s.checkNamespaces(n.Target))
	s.mark(n.Line())
	x, assign := s.expr(n.Value), s.assign(n.Target)
	return s.placed(s.line, func(f *frame) error {
		if err := check(f); err != nil {
			return err
		}
		v, err := x(f)
		if err != nil {
			return err
		}
		return assign(f, v)
	})
}

// setItem assigns to an item. A set block asks for no more than that, and so takes
// a dict for a namespace, as in Jinja2.
func (r *run) setItem(owner value, name string, v value) error {
	if space, ok := owner.ref.(*namespace); ok {
		space.set(name, v)
		return nil
	}
	if owner.kind == kindDict || owner.kind == kindMap {
		return ownDict(r, owner).set(stringValue(name), v)
	}
	return typeError("'%s' object does not support item assignment", typeName(owner))
}

// checkNamespaces compiles the check that the targets with an attribute are
// namespaces, which comes before the value is worked out.
func (s *scope) checkNamespaces(target syntax.Expr) action {
	var checks block
	switch n := target.(type) {
	case *syntax.NSRef:
		read := s.readName(n.Name)
		checks = append(checks, func(f *frame) error {
			owner, err := read(f)
			if _, ok := owner.ref.(*namespace); err == nil && !ok {
				return fail(TemplateRuntimeError, "cannot assign attribute on non-namespace object")
			}
			return err
		})
	case *syntax.Tuple:
		for _, item := range n.Items {
			checks = append(checks, s.checkNamespaces(item))
		}
	}
	return checks.exec
}

// captured compiles a body whose output is not printed. The function returns
// the output.
func (s *scope) captured(body []syntax.Stmt) (inside *scope, run func(f *frame) (string, error)) {
	inside = s.inner()
	inside.checkOutput = false
	inside.syms.analyze(body)
	steps := slices.Concat(inside.enter(), inside.body(body))
	return inside, func(f *frame) (string, error) {
		return f.r.capture(func() error { return block(steps).exec(f) })
	}
}

func (s *scope) setBlock(n *syntax.SetBlock) action {
	inside, run := s.captured(n.Body)
	s.mark(n.Line())
	assign := s.assign(n.Target)
	if n.Filter == nil {
		return s.placed(n.Line(), func(f *frame) error {
			text, err := run(f)
			if err != nil {
				return err
			}
			return assign(f, textValue(text, f.ctx.autoescape))
		})
	}
	filtered := inside.filterChain(n.Filter, run)
	return s.placed(n.Line(), func(f *frame) error {
		v, err := filtered(f)
		if err != nil {
			return err
		}
		if f.ctx.autoescape && !isSafe(v) {
			v = markupValue(textOf(v))
		}
		return assign(f, v)
	})
}

// filterChain compiles filters over what a body prints.
func (s *scope) filterChain(n *syntax.Filter, run func(f *frame) (string, error)) eval {
	apply := s.filterNamed(n)
	var input eval
	if inner, ok := n.X.(*syntax.Filter); ok && inner != nil {
		input = s.filterChain(inner, run)
	} else {
		escapes := s.escapes()
		input = func(f *frame) (value, error) {
			text, err := run(f)
			return textValue(text, escapes(f)), err
		}
	}
	return s.filter(n, apply, input)
}

func (s *scope) filterBlock(n *syntax.FilterBlock) action {
	inside, run := s.captured(n.Body)
	s.mark(n.Line())
	filtered := inside.filterChain(n.Filter, run)
	t, line := s.template, s.line
	return s.placed(n.Line(), func(f *frame) error {
		v, err := filtered(f)
		if err != nil {
			return err
		}
		if v.kind != kindString && v.kind != kindMarkup {
			f.r.spoil(t.place(typeError("the filters of a filter block end in a '%s'; the last must return a string", typeName(v)), line))
			return nil
		}
		return f.r.write(v.text())
	})
}

func (s *scope) with(n *syntax.With) action {
	inside := s.inner()
	for _, target := range n.Targets {
		inside.syms.target(target, true)
	}
	inside.syms.analyze(n.Body)
	values, line := s.exprs(n.Values), s.line
	steps := inside.enter()
	for i, target := range n.Targets {
		assign := inside.assign(target)
		steps = append(steps, s.placed(line, func(f *frame) error {
			v, err := values[i](f)
			if err != nil {
				return err
			}
			return assign(f, v)
		}))
	}
	return block(slices.Concat(steps, inside.body(n.Body))).exec
}

func (s *scope) autoescapeBlock(n *syntax.Autoescape) action {
	inside := s.inner()
	value := inside.expr(n.Value)
	if fixed, ok := s.constantTruth(n.Value); ok {
		inside.autoescape = fixed
	} else {
		inside.volatile = true
	}
	inside.syms.expression(n.Value)
	inside.syms.analyze(n.Body)
	line := s.line
	steps := block(slices.Concat(inside.enter(), inside.body(n.Body)))
	return s.placed(line, func(f *frame) error {
		v, err := value(f)
		if err != nil {
			return err
		}
		escape, err := isTrue(v)
		if err != nil {
			return err
		}
		before := f.ctx.autoescape
		f.setAutoescape(escape)
		defer f.setAutoescape(before)
		return steps.exec(f)
	})
}
