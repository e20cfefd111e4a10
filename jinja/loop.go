package jinja

import (
	"errors"
	"slices"
	"strconv"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// errBreak and errContinue leave the body of a loop.
var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

func isControl(err error) bool { return err == errBreak || err == errContinue }

func (s *scope) control(line int, tag string, err error) action {
	if !s.inLoop {
		s.fail(TemplateSyntaxError, line, "'"+tag+"' outside loop", "")
	}
	return func(*frame) error { return err }
}

// loopCode is a compiled loop.
type loopCode struct {
	iter       eval
	assign     func(f *frame, v value) error
	test       func(f *frame, v value) (bool, error) // nil without a condition
	testLine   int
	enter      []action
	body       block
	otherwise  block
	isExtended bool // the body uses the variable loop
	loop       int  // the slot of loop
	fn         *function
	escapes    func(f *frame) bool
	template   *template
	line       int
}

func (s *scope) loop(n *syntax.For) action {
	if targets(n.Target, "loop") {
		s.fail(TemplateAssertionError, n.Line(), "Can't assign to special loop variable in for-loop target", "")
	}
	code := &loopCode{iter: s.expr(n.Iter), template: s.template, line: n.Line()}
	outer := s
	if n.Recursive {
		code.fn = &function{parent: s.fn}
		outer = s.within(code.fn)
		outer.checkOutput = s.checkOutput
	}
	if n.Test != nil {
		code.test, code.testLine = outer.loopTest(n), n.Test.Line()
	}
	body := outer.inner()
	body.inLoop = true
	code.isExtended = n.Recursive || mentions(n.Body, "loop") || hasScopedBlock(n.Body)
	if code.isExtended {
		code.loop = body.syms.parameter("loop").slot
	}
	body.syms.target(n.Target, true)
	body.syms.analyze(n.Body)
	code.assign = body.assign(n.Target)
	code.enter = body.enter()
	code.body = body.body(n.Body)
	code.escapes = s.escapes()
	if len(n.Else) > 0 {
		other := outer.inner()
		other.inLoop = s.inLoop
		other.syms.analyze(n.Else)
		code.otherwise = slices.Concat(other.enter(), other.body(n.Else))
	}
	if n.Recursive {
		s.mark(n.Line())
		return s.placed(n.Line(), code.runRecursive)
	}
	return code.run
}

// loopTest compiles the condition of a loop, which sees its targets.
func (s *scope) loopTest(n *syntax.For) func(f *frame, v value) (bool, error) {
	inside := s.inner()
	inside.syms.target(n.Target, true)
	inside.syms.expression(n.Test)
	enter := block(inside.enter())
	assign, test := inside.assign(n.Target), inside.expr(n.Test)
	return func(f *frame, v value) (bool, error) {
		if err := enter.exec(f); err != nil {
			return false, err
		}
		if err := assign(f, v); err != nil {
			return false, err
		}
		truth, err := test(f)
		if err != nil {
			return false, err
		}
		return isTrue(truth)
	}
}

func hasScopedBlock(body []syntax.Stmt) bool {
	return !walk(body, true, func(stmt syntax.Stmt) bool {
		b, ok := stmt.(*syntax.Block)
		return !ok || !b.Scoped
	})
}

// run runs the loop over the value of its expression.
func (c *loopCode) run(f *frame) error {
	v, err := c.iter(f)
	if err != nil {
		return c.template.place(err, c.line)
	}
	if v.kind == kindList && c.test == nil && !c.isExtended {
		return c.overList(f, v.ref.(*list))
	}
	it, err := c.items(f, v)
	if err != nil {
		return c.template.place(err, c.line)
	}
	defer it.close()
	return c.over(f, it, nil)
}

// overList runs a plain loop over a list, which needs no iterator. The body may change
// the list.
func (c *loopCode) overList(f *frame, l *list) error {
	finished := false
	for i := 0; i < l.len(); i++ {
		if err := f.r.step(); err != nil {
			return c.template.place(err, c.line)
		}
		err := c.once(f, l.at(i))
		if err != nil && !isControl(err) {
			return err
		}
		if err == errBreak {
			break
		}
		finished = finished || err == nil
	}
	return c.orElse(f, finished)
}

// orElse runs the else of a loop, unless one item came to the end of the body. A
// body that each time ends in break or continue counts as none, as in Jinja2.
func (c *loopCode) orElse(f *frame, finished bool) error {
	if finished {
		return nil
	}
	return c.otherwise.exec(f)
}

// items returns an iterator over the items that the condition lets through. Its
// errors are at the line of the condition, those of the iterated value too.
func (c *loopCode) items(f *frame, v value) (*iterator, error) {
	it, err := f.r.iterate(v)
	if c.test == nil {
		return it, err
	}
	if err != nil {
		return nil, c.template.place(err, c.testLine)
	}
	return &iterator{name: "generator", size: -1, stop: it.stop, pull: func() (value, bool, error) {
		for {
			item, ok, err := it.next()
			if err != nil {
				return missing, false, c.template.place(err, c.testLine)
			}
			if !ok {
				return missing, false, nil
			}
			holds, err := c.test(f, item)
			if err != nil {
				return missing, false, c.template.place(err, c.testLine)
			}
			if holds {
				return item, true, nil
			}
		}
	}}, nil
}

// over runs the body for each item, and then else where it is due.
func (c *loopCode) over(f *frame, it *iterator, loop *loopObject) error {
	next := it.next
	if c.isExtended {
		if loop == nil {
			loop = &loopObject{}
		}
		loop.items = it
		next = loop.next
	}
	finished := false
	for {
		item, ok, err := next()
		if err != nil {
			return c.template.place(err, c.line)
		}
		if !ok {
			break
		}
		if err := f.r.step(); err != nil {
			return c.template.place(err, c.line)
		}
		if c.isExtended {
			f.slots[c.loop] = value{kind: kindObject, ref: loop}
		}
		err = c.once(f, item)
		if err != nil && !isControl(err) {
			return err
		}
		if err == errBreak {
			break
		}
		finished = finished || err == nil
	}
	return c.orElse(f, finished)
}

func (c *loopCode) once(f *frame, item value) error {
	if err := c.assign(f, item); err != nil {
		return c.template.place(err, c.line)
	}
	for _, s := range c.enter {
		if err := s(f); err != nil {
			return err
		}
	}
	return c.body.exec(f)
}

// runRecursive runs a recursive loop and prints its output.
func (c *loopCode) runRecursive(f *frame) error {
	v, err := c.iter(f)
	if err != nil {
		return err
	}
	text, err := c.recurse(f, v, 0)
	if err != nil {
		return err
	}
	return f.r.write(text)
}

// recurse runs the loop over the items of a value, on a frame of its own.
func (c *loopCode) recurse(outer *frame, v value, depth int) (string, error) {
	if err := outer.r.enter(); err != nil {
		return "", err
	}
	defer outer.r.leave()
	f := outer.call(c.fn)
	it, err := c.items(f, v)
	if err != nil {
		return "", err
	}
	defer it.close()
	loop := &loopObject{depth: depth}
	loop.recurse = func(v value) (value, error) {
		text, err := c.recurse(outer, v, depth+1)
		return textValue(text, c.escapes(f)), err
	}
	return f.r.capture(func() error { return c.over(f, it, loop) })
}

// loopObject is the variable loop.
type loopObject struct {
	items   *iterator
	index   int // of the current item, counted from 1
	depth   int
	current value
	before  value
	ahead   []value  // items that were taken from the iterator already
	room    [1]value // the array of ahead, which mostly has one item
	total   int      // the length, 0 if it is not known yet
	changed []value  // the last arguments of changed
	recurse func(v value) (value, error)
}

func (l *loopObject) typeName() string { return "LoopContext" }

func (l *loopObject) repr() string {
	n, _ := l.length()
	return "<LoopContext " + strconv.Itoa(l.index) + "/" + strconv.Itoa(n) + ">"
}

// next moves on to the next item.
func (l *loopObject) next() (value, bool, error) {
	var item value
	if len(l.ahead) > 0 {
		item, l.ahead = l.ahead[0], l.ahead[1:]
		if len(l.ahead) == 0 {
			l.ahead = l.room[:0]
		}
	} else {
		v, ok, err := l.items.next()
		if err != nil || !ok {
			return missing, false, err
		}
		item = v
	}
	l.before, l.current = l.current, item
	l.index++
	return item, true, nil
}

// peek returns the item after the current one.
func (l *loopObject) peek() (value, bool, error) {
	if len(l.ahead) == 0 {
		v, ok, err := l.items.next()
		if err != nil || !ok {
			return missing, false, err
		}
		l.ahead = append(l.room[:0], v)
	}
	return l.ahead[0], true, nil
}

// length returns the number of items. If the iterator does not know it, the
// items that are left are taken from it.
func (l *loopObject) length() (int, error) {
	if l.total > 0 {
		return l.total, nil
	}
	if l.items.size >= 0 {
		l.total = l.items.size
		return l.total, nil
	}
	for {
		v, ok, err := l.items.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		l.ahead = append(l.ahead, v)
	}
	l.total = l.index + len(l.ahead)
	return l.total, nil
}

func (l *loopObject) attr(r *run, name string) (value, error) {
	switch name {
	case "index":
		return intValue(int64(l.index)), nil
	case "index0":
		return intValue(int64(l.index - 1)), nil
	case "first":
		return boolValue(l.index == 1), nil
	case "last":
		_, more, err := l.peek()
		return boolValue(!more), err
	case "length":
		n, err := l.length()
		return intValue(int64(n)), err
	case "revindex":
		n, err := l.length()
		return intValue(int64(n - l.index + 1)), err
	case "revindex0":
		n, err := l.length()
		return intValue(int64(n - l.index)), err
	case "depth":
		return intValue(int64(l.depth + 1)), nil
	case "depth0":
		return intValue(int64(l.depth)), nil
	case "previtem":
		if l.index <= 1 {
			return r.engine.undefinedHint("there is no previous item"), nil
		}
		return l.before, nil
	case "nextitem":
		v, ok, err := l.peek()
		if err != nil || ok {
			return v, err
		}
		return r.engine.undefinedHint("there is no next item"), nil
	case "cycle":
		return builtinValue("cycle", l.cycle), nil
	case "changed":
		return builtinValue("changed", l.hasChanged), nil
	}
	return missing, nil
}

func (l *loopObject) cycle(r *run, args arguments) (value, error) {
	if len(args.positional) == 0 {
		return missing, typeError("no items for cycling given")
	}
	return args.positional[(l.index-1)%len(args.positional)], nil
}

func (l *loopObject) hasChanged(r *run, args arguments) (value, error) {
	same := l.changed != nil && len(l.changed) == len(args.positional)
	for i := 0; same && i < len(args.positional); i++ {
		eq, err := equal(l.changed[i], args.positional[i])
		if err != nil {
			return missing, err
		}
		same = eq
	}
	if same {
		return falseVal, nil
	}
	l.changed = append(make([]value, 0, len(args.positional)), args.positional...)
	return trueVal, nil
}

// call runs the loop again, over the items of its argument.
func (l *loopObject) call(r *run, args arguments) (value, error) {
	var slots [1]value
	if err := args.bind(slots[:], "loop", 1, "iterable"); err != nil {
		return missing, err
	}
	if l.recurse == nil {
		return missing, typeError("The loop must have the 'recursive' marker to be called.")
	}
	return l.recurse(slots[0])
}
