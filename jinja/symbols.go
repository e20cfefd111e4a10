package jinja

import (
	"maps"

	"github.com/decant-go/decant/jinja/internal/syntax"
)

// function is a part of a template with variables of its own: the template, a
// block, a macro or the body of a recursive loop. Each of its calls has a frame
// with one slot for each variable.
type function struct {
	parent *function // the function around it, whose variables it sees; nil for a template and a block
	slots  int
}

func (f *function) newSlot() int {
	f.slots++
	return f.slots - 1
}

// variable is where a name is kept.
type variable struct {
	fn   *function
	slot int
}

// loadKind says what a variable holds when its scope begins.
type loadKind uint8

const (
	loadParameter loadKind = iota // what the scope puts there
	loadResolve                   // the variable of that name in the context
	loadUndefined                 // nothing
	loadAlias                     // the variable of that name in a scope around it
)

type load struct {
	kind  loadKind
	alias variable
}

// symbols are the names of a scope. The rules are those of Jinja: a name that is
// assigned anywhere in a scope is a variable of the scope, which begins with the
// value that the name has around it.
type symbols struct {
	parent *symbols
	fn     *function
	slots  map[string]variable // shared by the branches of the scope
	refs   map[string]variable
	loads  map[variable]load
	stores map[string]bool
}

func newSymbols(parent *symbols, fn *function) *symbols {
	return &symbols{
		parent: parent,
		fn:     fn,
		slots:  map[string]variable{},
		refs:   map[string]variable{},
		loads:  map[variable]load{},
		stores: map[string]bool{},
	}
}

// branch returns a copy for one branch of a condition.
func (s *symbols) branch() *symbols {
	c := *s
	c.refs, c.loads, c.stores = maps.Clone(s.refs), maps.Clone(s.loads), maps.Clone(s.stores)
	return &c
}

func (s *symbols) define(name string, l load) variable {
	v, ok := s.slots[name]
	if !ok {
		v = variable{s.fn, s.fn.newSlot()}
		s.slots[name] = v
	}
	s.refs[name], s.loads[v] = v, l
	return v
}

// find returns the variable of a name in the scope or around it.
func (s *symbols) find(name string) (variable, bool) {
	for ; s != nil; s = s.parent {
		if v, ok := s.refs[name]; ok {
			return v, true
		}
	}
	return variable{}, false
}

// loadOf returns how a variable begins.
func (s *symbols) loadOf(v variable) load {
	for ; s != nil; s = s.parent {
		if l, ok := s.loads[v]; ok {
			return l
		}
	}
	return load{}
}

func (s *symbols) store(name string) {
	s.stores[name] = true
	if _, ok := s.refs[name]; ok {
		return
	}
	if outer, ok := s.parent.find(name); ok {
		s.define(name, load{loadAlias, outer})
		return
	}
	s.define(name, load{kind: loadUndefined})
}

func (s *symbols) parameter(name string) variable {
	s.stores[name] = true
	return s.define(name, load{kind: loadParameter})
}

func (s *symbols) load(name string) {
	if _, ok := s.find(name); !ok {
		s.define(name, load{kind: loadResolve})
	}
}

// join takes over what the branches of a condition define. A name that only some
// of them assign keeps the value from before in the others.
func (s *symbols) join(branches ...*symbols) {
	counts := map[string]int{}
	for _, b := range branches {
		for name := range b.stores {
			if !s.stores[name] {
				counts[name]++
			}
		}
	}
	for _, b := range branches {
		maps.Copy(s.refs, b.refs)
		maps.Copy(s.loads, b.loads)
		maps.Copy(s.stores, b.stores)
	}
	for name, count := range counts {
		if count == len(branches) {
			continue
		}
		v := s.refs[name]
		if outer, ok := s.parent.find(name); ok {
			s.loads[v] = load{loadAlias, outer}
		} else {
			s.loads[v] = load{kind: loadResolve}
		}
	}
}

// visible returns the names that are assigned in the scope and around it, which
// an include and a scoped block see.
func (s *symbols) visible() map[string]variable {
	names := map[string]variable{}
	for ; s != nil; s = s.parent {
		for name := range s.stores {
			if _, ok := names[name]; !ok {
				names[name] = s.refs[name]
			}
		}
	}
	return names
}

// analyze enters the names of statements of the scope.
func (s *symbols) analyze(body []syntax.Stmt) {
	for _, stmt := range body {
		s.statement(stmt)
	}
}

func (s *symbols) statement(stmt syntax.Stmt) {
	switch n := stmt.(type) {
	case *syntax.Output:
		s.expressions(n.Nodes)
	case *syntax.If:
		s.condition(n)
	case *syntax.For:
		s.expression(n.Iter)
	case *syntax.Extends:
		s.expression(n.Template)
	case *syntax.Include:
		s.expression(n.Template)
	case *syntax.Import:
		s.expression(n.Template)
		s.store(n.Target)
	case *syntax.FromImport:
		s.expression(n.Template)
		for i, name := range n.Names {
			s.store(aliasOf(n, i, name))
		}
	case *syntax.Macro:
		s.store(n.Name)
	case *syntax.CallBlock:
		s.expression(n.Call)
	case *syntax.FilterBlock:
		s.expression(n.Filter)
	case *syntax.With:
		s.expressions(n.Values)
	case *syntax.Set:
		s.expression(n.Value)
		s.target(n.Target, false)
	case *syntax.SetBlock:
		s.target(n.Target, false)
	case *syntax.Do:
		s.expression(n.Value)
	}
}

// aliasOf returns the name under which a name is imported.
func aliasOf(n *syntax.FromImport, i int, name string) string {
	if i < len(n.Aliases) && n.Aliases[i] != "" {
		return n.Aliases[i]
	}
	return name
}

// condition visits the branches one after the other, each on its own copy. An
// elif is a branch of the else before it.
func (s *symbols) condition(n *syntax.If) {
	s.expression(n.Branches[0].Test)
	body, elifs, rest := s.branch(), s.branch(), s.branch()
	body.analyze(n.Branches[0].Body)
	for i := range n.Branches[1:] {
		elifs.condition(&syntax.If{Pos: n.Pos, Branches: n.Branches[i+1 : i+2]})
	}
	rest.analyze(n.Else)
	s.join(body, elifs, rest)
}

// target enters the names of an assignment.
func (s *symbols) target(target syntax.Expr, isParameter bool) {
	switch n := target.(type) {
	case *syntax.Name:
		if isParameter {
			s.parameter(n.Name)
		} else {
			s.store(n.Name)
		}
	case *syntax.NSRef:
		s.load(n.Name)
	case *syntax.Tuple:
		for _, item := range n.Items {
			s.target(item, isParameter)
		}
	case *syntax.List:
		for _, item := range n.Items {
			s.target(item, isParameter)
		}
	}
}

func (s *symbols) expressions(list []syntax.Expr) {
	for _, x := range list {
		s.expression(x)
	}
}

func (s *symbols) expression(x syntax.Expr) {
	eachName(x, func(n *syntax.Name) { s.load(n.Name) })
}

// eachName calls f for each name that an expression reads.
func eachName(x syntax.Expr, f func(*syntax.Name)) {
	each := func(list ...syntax.Expr) {
		for _, x := range list {
			if x != nil {
				eachName(x, f)
			}
		}
	}
	args := func(a *syntax.Args) {
		each(a.Positional...)
		each(a.Values...)
		each(a.Star, a.StarStar)
	}
	switch n := x.(type) {
	case *syntax.Name:
		f(n)
	case *syntax.List:
		each(n.Items...)
	case *syntax.Tuple:
		each(n.Items...)
	case *syntax.Dict:
		for i := range n.Keys {
			each(n.Keys[i], n.Values[i])
		}
	case *syntax.Getattr:
		each(n.X)
	case *syntax.Getitem:
		each(n.X, n.Index)
	case *syntax.Slice:
		each(n.Start, n.Stop, n.Step)
	case *syntax.Call:
		each(n.X)
		args(&n.Args)
	case *syntax.Filter:
		each(n.X)
		args(&n.Args)
	case *syntax.Test:
		each(n.X)
		args(&n.Args)
	case *syntax.Unary:
		each(n.X)
	case *syntax.Not:
		each(n.X)
	case *syntax.Binary:
		each(n.X, n.Y)
	case *syntax.And:
		each(n.X, n.Y)
	case *syntax.Or:
		each(n.X, n.Y)
	case *syntax.Compare:
		each(n.X)
		each(n.Args...)
	case *syntax.Concat:
		each(n.Items...)
	case *syntax.Cond:
		each(n.Test, n.X, n.Y)
	}
}

// eachExpr calls f for the expressions of a statement itself.
func eachExpr(stmt syntax.Stmt, f func(syntax.Expr)) {
	each := func(list ...syntax.Expr) {
		for _, x := range list {
			if x != nil {
				f(x)
			}
		}
	}
	switch n := stmt.(type) {
	case *syntax.Output:
		each(n.Nodes...)
	case *syntax.If:
		for _, b := range n.Branches {
			each(b.Test)
		}
	case *syntax.For:
		each(n.Iter, n.Test)
	case *syntax.Extends:
		each(n.Template)
	case *syntax.Include:
		each(n.Template)
	case *syntax.Import:
		each(n.Template)
	case *syntax.FromImport:
		each(n.Template)
	case *syntax.Macro:
		each(n.Defaults...)
	case *syntax.CallBlock:
		each(n.Defaults...)
		each(n.Call)
	case *syntax.FilterBlock:
		each(n.Filter)
	case *syntax.With:
		each(n.Values...)
	case *syntax.Set:
		each(n.Value)
	case *syntax.SetBlock:
		if n.Filter != nil {
			each(n.Filter)
		}
	case *syntax.Autoescape:
		each(n.Value)
	case *syntax.Do:
		each(n.Value)
	}
}

// bodies returns the statements inside of a statement.
func bodies(stmt syntax.Stmt) [][]syntax.Stmt {
	switch n := stmt.(type) {
	case *syntax.If:
		var all [][]syntax.Stmt
		for _, b := range n.Branches {
			all = append(all, b.Body)
		}
		return append(all, n.Else)
	case *syntax.For:
		return [][]syntax.Stmt{n.Body, n.Else}
	case *syntax.Block:
		return [][]syntax.Stmt{n.Body}
	case *syntax.Macro:
		return [][]syntax.Stmt{n.Body}
	case *syntax.CallBlock:
		return [][]syntax.Stmt{n.Body}
	case *syntax.FilterBlock:
		return [][]syntax.Stmt{n.Body}
	case *syntax.With:
		return [][]syntax.Stmt{n.Body}
	case *syntax.SetBlock:
		return [][]syntax.Stmt{n.Body}
	case *syntax.Autoescape:
		return [][]syntax.Stmt{n.Body}
	}
	return nil
}

// walk calls f for each statement of a body, at any depth, as long as f reports
// true. It enters blocks only if intoBlocks is set.
func walk(body []syntax.Stmt, intoBlocks bool, f func(syntax.Stmt) bool) bool {
	for _, stmt := range body {
		if !f(stmt) {
			return false
		}
		if _, isBlock := stmt.(*syntax.Block); isBlock && !intoBlocks {
			continue
		}
		for _, inner := range bodies(stmt) {
			if !walk(inner, intoBlocks, f) {
				return false
			}
		}
	}
	return true
}

// mentions reports whether a body reads a special name, outside of the blocks in
// it and before anything in it assigns the name.
func mentions(body []syntax.Stmt, name string) bool {
	found, stored := false, false
	walk(body, false, func(stmt syntax.Stmt) bool {
		eachExpr(stmt, func(x syntax.Expr) {
			eachName(x, func(n *syntax.Name) { found = found || n.Name == name && !stored })
		})
		stored = stored || assigns(stmt, name)
		return !found && !stored
	})
	return found
}

// assigns reports whether a statement itself assigns a name.
func assigns(stmt syntax.Stmt, name string) bool {
	switch n := stmt.(type) {
	case *syntax.Set:
		return targets(n.Target, name)
	case *syntax.SetBlock:
		return targets(n.Target, name)
	case *syntax.For:
		return targets(n.Target, name)
	case *syntax.With:
		for _, t := range n.Targets {
			if targets(t, name) {
				return true
			}
		}
	}
	return false
}

func targets(target syntax.Expr, name string) bool {
	var items []syntax.Expr
	switch n := target.(type) {
	case *syntax.Name:
		return n.Name == name
	case *syntax.Tuple:
		items = n.Items
	case *syntax.List:
		items = n.Items
	}
	for _, item := range items {
		if targets(item, name) {
			return true
		}
	}
	return false
}
