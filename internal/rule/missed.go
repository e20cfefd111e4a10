package rule

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// ErrNotFound says that no rule matches the path: 404.
var ErrNotFound = errors.New("no rule matches the path")

// NotAllowed is the error for a path that exists, but not for the request's
// method: 405.
type NotAllowed struct {
	// Methods are the methods that the path answers, sorted.
	Methods []string
	// Rules are those that answer them.
	Rules []*Rule
}

func (e *NotAllowed) Error() string {
	return "the path answers only " + strings.Join(e.Methods, ", ")
}

// missed returns the error for a path that matches no rule. The path may match
// with fewer slashes, or for another method.
func (m *Map) missed(r *request) error {
	var s search
	s.look(m, r, r.path, math.MaxInt)
	if m.options.KeepSlashes || !strings.Contains(r.path, "//") {
		return s.err()
	}
	merged := *r
	merged.path = mergeSlashes(r.path)
	c, _ := m.index.search(new(finder), &merged)
	switch {
	case c == nil:
		s.look(m, r, merged.path, math.MaxInt)
	case c.redirects():
		return slashRedirect(merged.path + "/")
	case c.rule.merge:
		return slashRedirect(merged.path)
	default:
		s.look(m, r, merged.path, c.number)
	}
	return s.err()
}

// search collects the rules that match a path and answer other methods, and these
// methods.
type search struct {
	methods []string
	rules   []*Rule
}

// look adds the methods of the entries that match the path and come before the
// given number. No such entry answers the request's method, because the search
// would have stopped at it.
func (s *search) look(m *Map, r *request, path string, before int) {
	var f finder
	visit := func(e *entry) {
		if e.way != withoutSlash && e.number < before {
			s.add(e.rule)
		}
	}
	m.index.matching(r.domain, func(d *domain) bool {
		d.methods.distinct(func(stack *stack) { stack.all(&f, path, visit) })
		return true
	})
}

func (s *search) add(r *Rule) {
	if !slices.Contains(s.rules, r) {
		s.rules = append(s.rules, r)
	}
	for _, other := range r.Methods {
		if !slices.Contains(s.methods, other) {
			s.methods = append(s.methods, other)
		}
	}
}

// err returns a [*NotAllowed] with the methods found, or [ErrNotFound].
func (s *search) err() error {
	if len(s.methods) == 0 {
		return ErrNotFound
	}
	slices.Sort(s.methods)
	return &NotAllowed{s.methods, s.rules}
}
