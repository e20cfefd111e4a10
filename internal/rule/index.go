package rule

import (
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// index finds the candidate for a request: first by domain, then by method.
type index struct {
	// only is the single domain of a map that does not use domains.
	only    *domain
	get     *stack // of only, for the usual method
	static  map[string]*domain
	dynamic []*domain // in the order of the search
}

// domain holds the rules of one domain part.
type domain struct {
	part    *part
	methods methods
}

// methods has a stack for every method that some rule names. All other methods
// share one, with the rules that answer any method.
type methods struct {
	named  []namedStack
	others *stack
}

type namedStack struct {
	method string
	*stack
}

// newIndex numbers the entries of all domains and builds their trees.
func newIndex(domains domainStates, domainsMatter bool) index {
	x := index{static: map[string]*domain{}}
	number := 0
	for _, e := range domains {
		entries := e.next.entries(number)
		number += len(entries)
		d := &domain{e.part, newMethods(entries)}
		if e.part.static() {
			x.static[e.part.text] = d
		} else {
			x.dynamic = append(x.dynamic, d)
		}
	}
	if !domainsMatter {
		x.only = x.static[""]
		if x.only == nil {
			x.only = &domain{&part{}, newMethods(nil)}
		}
		x.get = x.only.methods.stack("GET")
	}
	return x
}

func newMethods(entries []*entry) methods {
	var m methods
	m.others = newStack(filter(entries, func(e *entry) bool { return e.rule.Methods == nil }))
	for _, method := range methodsOf(entries) {
		own := filter(entries, func(e *entry) bool { return e.rule.allows(method) })
		m.named = append(m.named, namedStack{method, m.stackOf(own)})
	}
	return m
}

// stackOf lets methods that the same rules answer share a stack.
func (m *methods) stackOf(entries []*entry) *stack {
	for _, other := range m.named {
		if slices.Equal(other.entries, entries) {
			return other.stack
		}
	}
	return newStack(entries)
}

// methodsOf lists the methods that the rules name, the frequent ones first.
func methodsOf(entries []*entry) []string {
	count := map[string]int{}
	var named []string
	for _, e := range entries {
		for _, method := range e.rule.Methods {
			if count[method] == 0 {
				named = append(named, method)
			}
			count[method]++
		}
	}
	slices.SortStableFunc(named, func(a, b string) int { return count[b] - count[a] })
	return named
}

func filter(entries []*entry, keep func(*entry) bool) []*entry {
	var kept []*entry
	for _, e := range entries {
		if keep(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// stack returns the stack for the method. Werkzeug reads methods in upper case.
func (m *methods) stack(method string) *stack {
	if s := m.find(method); s != nil {
		return s
	}
	if s := m.find(strings.ToUpper(method)); s != nil {
		return s
	}
	return m.others
}

func (m *methods) find(method string) *stack {
	for i := range m.named {
		if m.named[i].method == method {
			return m.named[i].stack
		}
	}
	return nil
}

// distinct calls visit once for each stack.
func (m *methods) distinct(visit func(*stack)) {
	visit(m.others)
	for i, n := range m.named {
		shared := slices.ContainsFunc(m.named[:i], func(other namedStack) bool { return other.stack == n.stack })
		if !shared {
			visit(n.stack)
		}
	}
}

// usual is the fast path to the stack of a request. It returns nil if the map
// uses domains or the method needs a longer search.
func (x *index) usual(method string) *stack {
	if method == "GET" || x.only == nil {
		return x.get
	}
	return x.only.methods.find(method)
}

// search returns the first candidate, domain by domain.
func (x *index) search(f *finder, r *request) (found *candidate, params httprouter.Params) {
	x.matching(r.domain, func(d *domain) bool {
		found, params = d.methods.stack(r.method).find(f, r.path)
		return found == nil
	})
	return found, params
}

// matching calls visit for every domain that the host matches, in the order of
// the search, until it returns false.
func (x *index) matching(host string, visit func(*domain) bool) {
	if x.only != nil {
		visit(x.only)
		return
	}
	if d, ok := x.static[host]; ok && !visit(d) {
		return
	}
	for _, d := range x.dynamic {
		if d.part.accepts(host) && !visit(d) {
			return
		}
	}
}
