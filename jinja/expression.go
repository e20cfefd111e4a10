package jinja

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/decant-go/decant/jinja/internal/syntax"
	jtext "github.com/decant-go/decant/jinja/internal/text"
)

// expr compiles an expression.
func (s *scope) expr(x syntax.Expr) eval {
	switch n := x.(type) {
	case *syntax.Data:
		return constant(textValue(n.Text, s.autoescape))
	case *syntax.Const:
		return constant(constValue(n.Value))
	case *syntax.Name:
		return s.readName(n.Name)
	case *syntax.List:
		return s.list(n)
	case *syntax.Tuple:
		return s.tuple(n)
	case *syntax.Dict:
		return s.dict(n)
	case *syntax.Getattr:
		return getattrOf(s.expr(n.X), n.Attr)
	case *syntax.Getitem:
		return s.getitem(n)
	case *syntax.Call:
		return s.call(n, nil)
	case *syntax.Filter:
		apply := s.filterNamed(n)
		return s.filter(n, apply, s.expr(n.X))
	case *syntax.Test:
		return s.test(n)
	case *syntax.Unary:
		operand, op := s.expr(n.X), n.Op
		return func(f *frame) (value, error) {
			v, err := operand(f)
			if err != nil {
				return missing, err
			}
			return negate(op, v)
		}
	case *syntax.Not:
		operand := s.expr(n.X)
		return func(f *frame) (value, error) {
			v, err := operand(f)
			if err != nil {
				return missing, err
			}
			truth, err := isTrue(v)
			return boolValue(!truth), err
		}
	case *syntax.Binary:
		return s.binary(n)
	case *syntax.And:
		return s.logical(n.X, n.Y, false)
	case *syntax.Or:
		return s.logical(n.X, n.Y, true)
	case *syntax.Compare:
		return s.compare(n)
	case *syntax.Concat:
		return s.concat(n)
	case *syntax.Cond:
		return s.cond(n)
	}
	panic(fmt.Sprintf("jinja: an expression of type %T", x))
}

func constant(v value) eval {
	return func(*frame) (value, error) { return v, nil }
}

func constValue(x any) value {
	switch x := x.(type) {
	case bool:
		return boolValue(x)
	case int64:
		return intValue(x)
	case float64:
		return floatValue(x)
	case string:
		return stringValue(x)
	case *big.Int:
		return bigValue(x)
	}
	return none
}

func (s *scope) exprs(list []syntax.Expr) []eval {
	compiled := make([]eval, len(list))
	for i, x := range list {
		compiled[i] = s.expr(x)
	}
	return compiled
}

// evalAll evaluates expressions in turn.
func evalAll(f *frame, list []eval) ([]value, error) {
	if len(list) == 0 {
		return nil, nil
	}
	values := make([]value, len(list))
	for i, x := range list {
		v, err := x(f)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (s *scope) list(n *syntax.List) eval {
	items := s.exprs(n.Items)
	return func(f *frame) (value, error) {
		values, err := evalAll(f, items)
		return listValue(values), err
	}
}

func (s *scope) tuple(n *syntax.Tuple) eval {
	items := s.exprs(n.Items)
	return func(f *frame) (value, error) {
		values, err := evalAll(f, items)
		return tupleValue(values...), err
	}
}

func (s *scope) dict(n *syntax.Dict) eval {
	keys, values := s.exprs(n.Keys), s.exprs(n.Values)
	return func(f *frame) (value, error) {
		d := &Dict{engine: f.r.engine}
		for i := range keys {
			k, err := keys[i](f)
			if err != nil {
				return missing, err
			}
			v, err := values[i](f)
			if err != nil {
				return missing, err
			}
			if err := d.set(k, v); err != nil {
				return missing, err
			}
		}
		return dictValue(d), nil
	}
}

func getattrOf(x eval, name string) eval {
	return func(f *frame) (value, error) {
		v, err := x(f)
		if err != nil {
			return missing, err
		}
		return f.r.getattr(v, name)
	}
}

func (s *scope) getitem(n *syntax.Getitem) eval {
	x := s.expr(n.X)
	if bounds, ok := n.Index.(*syntax.Slice); ok {
		return s.slice(x, bounds)
	}
	return getitemOf(x, s.expr(n.Index))
}

func getitemOf(x, index eval) eval {
	return func(f *frame) (value, error) {
		v, err := x(f)
		if err != nil {
			return missing, err
		}
		key, err := index(f)
		if err != nil {
			return missing, err
		}
		return f.r.getitem(v, key)
	}
}

// slice compiles x[start:stop:step]. Where Jinja works it out when it compiles, what
// has no slices gives an undefined value, as it does for an item.
func (s *scope) slice(x eval, n *syntax.Slice) eval {
	folds := s.folds
	parts := [3]eval{}
	for i, part := range []syntax.Expr{n.Start, n.Stop, n.Step} {
		parts[i] = constant(none)
		if part != nil {
			parts[i] = s.expr(part)
		}
	}
	return func(f *frame) (value, error) {
		v, err := x(f)
		if err != nil {
			return missing, err
		}
		bounds, err := evalAll(f, parts[:])
		if err != nil {
			return missing, err
		}
		sliced, err := f.r.slice(v, bounds[0], bounds[1], bounds[2])
		if folds && errors.Is(err, TypeError) {
			return f.r.engine.undefinedAttr(v, "slice"), nil
		}
		return sliced, err
	}
}

// args compiles the arguments of a call. The caller of a call block, if there is
// one, is passed on under that name.
func (s *scope) args(n *syntax.Args, caller eval) func(f *frame) (arguments, error) {
	positional, values := s.exprs(n.Positional), s.exprs(n.Values)
	names := n.Names
	if caller != nil {
		names, values = append(slices.Clone(names), "caller"), append(values, caller)
	}
	var star, starStar eval
	if n.Star != nil {
		star = s.expr(n.Star)
	}
	if n.StarStar != nil {
		starStar = s.expr(n.StarStar)
	}
	return func(f *frame) (a arguments, err error) {
		if a.positional, err = evalAll(f, positional); err != nil {
			return a, err
		}
		if star != nil {
			if err := a.addStar(f, star); err != nil {
				return a, err
			}
		}
		for i, name := range names {
			v, err := values[i](f)
			if err != nil {
				return a, err
			}
			a.named = append(a.named, namedValue{name, v})
		}
		if starStar != nil {
			return a, a.addStarStar(f, starStar)
		}
		return a, nil
	}
}

func (a *arguments) addStar(f *frame, star eval) error {
	v, err := star(f)
	if err != nil {
		return err
	}
	items, err := f.r.collect(v)
	a.positional = append(a.positional, items...)
	return err
}

func (a *arguments) addStarStar(f *frame, starStar eval) error {
	v, err := starStar(f)
	if err != nil {
		return err
	}
	if v.kind != kindDict && v.kind != kindMap {
		return typeError("argument after ** must be a mapping, not %s", typeName(v))
	}
	eachEntry(v, func(key, val value) bool {
		switch {
		case !key.isText():
			err = typeError("keywords must be strings")
		case slices.ContainsFunc(a.named, func(n namedValue) bool { return n.name == key.text() }):
			err = typeError("got multiple values for keyword argument '%s'", key.text())
		default:
			a.named = append(a.named, namedValue{key.text(), val})
		}
		return err == nil
	})
	return err
}

func (s *scope) call(n *syntax.Call, caller eval) eval {
	callee, args := s.callee(n.X), s.args(&n.Args, caller)
	t, line := s.template, n.Line()
	return func(f *frame) (value, error) {
		fn, err := callee(f)
		if err != nil {
			return missing, err
		}
		a, err := args(f)
		if err != nil {
			return missing, err
		}
		v, err := f.r.call(fn, a)
		if err != nil && fn.kind == kindObject {
			err = t.through(err, "call", line)
		}
		return v, err
	}
}

// callee compiles a function or a method that is called. A method that changes a value
// must get the template's own.
func (s *scope) callee(x syntax.Expr) eval {
	n, ok := x.(*syntax.Getattr)
	if !ok || !changes(n.Attr) {
		return s.expr(x)
	}
	return getattrOf(s.owning(n.X), n.Attr)
}

// owning compiles an expression whose value a method changes. The lists and maps of
// the application on the way to it become the template's own.
func (s *scope) owning(x syntax.Expr) eval {
	var read eval
	switch n := x.(type) {
	case *syntax.Name:
		read = s.expr(n)
	case *syntax.Getattr:
		read = getattrOf(s.owning(n.X), n.Attr)
	case *syntax.Getitem:
		if _, ok := n.Index.(*syntax.Slice); ok {
			return s.expr(x)
		}
		read = getitemOf(s.owning(n.X), s.expr(n.Index))
	default:
		return s.expr(x)
	}
	return func(f *frame) (value, error) {
		v, err := read(f)
		if err != nil {
			return v, err
		}
		return f.r.own(v), nil
	}
}

// filterNamed returns a filter. For an unknown name it returns one that fails.
func (s *scope) filterNamed(n *syntax.Filter) filterFunc {
	if apply := s.engine.filters[n.Name]; apply != nil {
		return apply
	}
	missed := s.unknown("filter", n.Name, n.Line(), slices.Collect(maps.Keys(s.engine.filters)))
	return func(_ *run, _ value, args arguments) (value, error) { return missing, missed(args) }
}

// filter compiles a filter of an input that is compiled already.
func (s *scope) filter(n *syntax.Filter, apply filterFunc, input eval) eval {
	args := s.args(&n.Args, nil)
	return func(f *frame) (value, error) {
		v, err := input(f)
		if err != nil {
			return missing, err
		}
		a, err := args(f)
		if err != nil {
			return missing, err
		}
		return apply(f.r, v, a)
	}
}

// testNamed returns a test. For an unknown name it returns one that fails.
func (s *scope) testNamed(n *syntax.Test) testFunc {
	if check := s.engine.tests[n.Name]; check != nil {
		return check
	}
	missed := s.unknown("test", n.Name, n.Line(), slices.Collect(maps.Keys(s.engine.tests)))
	return func(_ *run, _ value, args arguments) (bool, error) { return false, missed(args) }
}

func (s *scope) test(n *syntax.Test) eval {
	check := s.testNamed(n)
	input, args := s.expr(n.X), s.args(&n.Args, nil)
	return func(f *frame) (value, error) {
		v, err := input(f)
		if err != nil {
			return missing, err
		}
		a, err := args(f)
		if err != nil {
			return missing, err
		}
		truth, err := check(f.r, v, a)
		return boolValue(truth), err
	}
}

// unknown is a filter or test that does not exist: a mistake that the compiler
// reports, or, inside of a condition, one that only shows where it is used. The
// function in its place takes no keyword arguments, as in Jinja2.
func (s *scope) unknown(what, name string, line int, known []string) func(args arguments) error {
	hint := nearest(name, known)
	if hint != "" {
		hint = "did you mean \"" + hint + "\"?"
	}
	if !s.soft {
		s.fail(TemplateAssertionError, line, fmt.Sprintf("No %s named '%s'.", what, name), hint)
	}
	return func(args arguments) error {
		class := TemplateRuntimeError
		if len(args.named) > 0 {
			class = TypeError
		}
		return &Error{Class: class, Message: fmt.Sprintf("No %s named '%s' found.", what, name), Hint: hint}
	}
}

func (s *scope) binary(n *syntax.Binary) eval {
	x, y, op := s.expr(n.X), s.expr(n.Y), n.Op
	return func(f *frame) (value, error) {
		a, err := x(f)
		if err != nil {
			return missing, err
		}
		b, err := y(f)
		if err != nil {
			return missing, err
		}
		return arithmetic(f.r, op, a, b)
	}
}

// logical compiles "and" and "or". The first operand is the result if it is as
// true as the operator needs to decide.
func (s *scope) logical(n, m syntax.Expr, decides bool) eval {
	x, y := s.expr(n), s.expr(m)
	return func(f *frame) (value, error) {
		v, err := x(f)
		if err != nil {
			return missing, err
		}
		truth, err := isTrue(v)
		if err != nil || truth == decides {
			return v, err
		}
		return y(f)
	}
}

func (s *scope) compare(n *syntax.Compare) eval {
	first, ops, operands := s.expr(n.X), n.Ops, s.exprs(n.Args)
	return func(f *frame) (value, error) {
		left, err := first(f)
		if err != nil {
			return missing, err
		}
		for i, op := range ops {
			right, err := operands[i](f)
			if err != nil {
				return missing, err
			}
			holds, err := compareOp(f.r, op, left, right)
			if err != nil || !holds {
				return falseVal, err
			}
			left = right
		}
		return trueVal, nil
	}
}

func (s *scope) concat(n *syntax.Concat) eval {
	var items []eval
	if s.volatile || !s.areConstant(n.Items) {
		items = s.exprs(n.Items)
	} else {
		items = s.folding().exprs(n.Items)
		if text, ok := s.constantText(items); ok {
			return constant(stringValue(text))
		}
	}
	// Where only the render knows whether to escape, Jinja makes a plain string.
	escapes := s.autoescape && !s.volatile
	return func(f *frame) (value, error) {
		values, err := evalAll(f, items)
		if err != nil {
			return missing, err
		}
		safe := escapes && slices.ContainsFunc(values, isMarkup)
		var text []byte
		for _, v := range values {
			if v.kind == kindUndefined && undefinedOf(v).mode == Strict {
				return missing, undefinedOf(v).err()
			}
			if safe && !isMarkup(v) {
				text = jtext.AppendEscape(text, textOf(v))
			} else {
				text = append(text, textOf(v)...)
			}
			if err := f.r.checkText(len(text)); err != nil {
				return missing, err
			}
		}
		return textValue(string(text), safe), nil
	}
}

// isMarkup reports whether a value is a safe string. An object with an HTML of its
// own counts by its text in a concatenation, as in Jinja.
func isMarkup(v value) bool { return v.kind == kindMarkup }

// constantText returns the text of a concatenation of constants. Jinja works it out
// when it compiles the template, and the safe mark of the parts is lost then.
func (s *scope) constantText(items []eval) (string, bool) {
	values, err := evalAll(s.compiling(), items)
	if err != nil {
		return "", false
	}
	var text strings.Builder
	for _, v := range values {
		text.WriteString(textOf(v))
	}
	return text.String(), true
}

// compiling returns the frame of what Jinja works out when it compiles.
func (s *scope) compiling() *frame {
	r := s.engine.newRun(context.Background(), nil)
	r.autoescape = s.autoescape
	return &frame{r: r, ctx: &templateContext{r: r, autoescape: s.autoescape}}
}

// constantTruth reports whether a constant is true, and whether it is one.
func (s *scope) constantTruth(x syntax.Expr) (truth, ok bool) {
	if !s.isConstant(x) {
		return false, false
	}
	v, err := s.folding().expr(x)(s.compiling())
	if err != nil {
		return false, false
	}
	truth, err = isTrue(v)
	return truth, err == nil
}

// folding returns the scope of an expression that Jinja works out when it compiles.
func (s *scope) folding() *scope {
	c := *s
	c.folds = true
	return &c
}

// contextFilters are those that Jinja never applies when it compiles a template.
var contextFilters = map[string]bool{"map": true, "select": true, "reject": true, "selectattr": true, "rejectattr": true, "random": true}

func (s *scope) areConstant(list []syntax.Expr) bool {
	for _, x := range list {
		if x != nil && !s.isConstant(x) {
			return false
		}
	}
	return true
}

// isConstant reports whether Jinja works an expression out when it compiles. Where
// only the render knows whether to escape, filters and tests are not constant.
func (s *scope) isConstant(x syntax.Expr) bool {
	switch n := x.(type) {
	case *syntax.Const:
		return true
	case *syntax.Data:
		return !s.volatile
	case *syntax.List:
		return s.areConstant(n.Items)
	case *syntax.Tuple:
		return s.areConstant(n.Items)
	case *syntax.Dict:
		return s.areConstant(n.Keys) && s.areConstant(n.Values)
	case *syntax.Getattr:
		return s.isConstant(n.X)
	case *syntax.Getitem:
		return s.isConstant(n.X) && s.isConstant(n.Index)
	case *syntax.Slice:
		return s.areConstant([]syntax.Expr{n.Start, n.Stop, n.Step})
	case *syntax.Unary:
		return s.isConstant(n.X)
	case *syntax.Not:
		return s.isConstant(n.X)
	case *syntax.Binary:
		return s.isConstant(n.X) && s.isConstant(n.Y)
	case *syntax.And:
		return s.isConstant(n.X) && s.isConstant(n.Y)
	case *syntax.Or:
		return s.isConstant(n.X) && s.isConstant(n.Y)
	case *syntax.Compare:
		return s.isConstant(n.X) && s.areConstant(n.Args)
	case *syntax.Concat:
		return s.areConstant(n.Items)
	case *syntax.Cond:
		return s.areConstant([]syntax.Expr{n.Test, n.X, n.Y})
	case *syntax.Test:
		return !s.volatile && s.engine.tests[n.Name] != nil && s.isConstant(n.X) && s.haveConstant(&n.Args)
	case *syntax.Filter:
		return !s.volatile && s.engine.filters[n.Name] != nil && !contextFilters[n.Name] && !s.engine.takesContext(n.Name) &&
			s.isConstant(n.X) && s.haveConstant(&n.Args)
	}
	return false
}

func (s *scope) haveConstant(a *syntax.Args) bool {
	return s.areConstant(a.Positional) && s.areConstant(a.Values) && a.Star == nil && a.StarStar == nil
}

// escapes returns whether what is printed at this place is escaped.
func (s *scope) escapes() func(f *frame) bool {
	if s.volatile {
		return func(f *frame) bool { return f.ctx.autoescape }
	}
	fixed := s.autoescape
	return func(*frame) bool { return fixed }
}

func (s *scope) cond(n *syntax.Cond) eval {
	s = s.softly()
	test, x := s.expr(n.Test), s.expr(n.X)
	var y eval
	if n.Y != nil {
		y = s.expr(n.Y)
	} else {
		hint := fmt.Sprintf("the inline if-expression on line %d evaluated to false and no else section was defined.", n.Line())
		y = func(f *frame) (value, error) { return f.r.engine.undefinedHint(hint), nil }
	}
	return func(f *frame) (value, error) {
		v, err := test(f)
		if err != nil {
			return missing, err
		}
		truth, err := isTrue(v)
		if err != nil {
			return missing, err
		}
		if truth {
			return x(f)
		}
		return y(f)
	}
}

// softly returns the scope of a part of an expression that may not be evaluated.
func (s *scope) softly() *scope {
	c := *s
	c.soft = true
	return &c
}
