package rule

import (
	"fmt"
	"slices"
)

// Shadow is a rule that can never match, and an earlier one that answers in
// its place.
type Shadow struct{ Rule, By *Rule }

// String says what is wrong and what to do about it.
func (s Shadow) String() string {
	return fmt.Sprintf("%v can never match, since %v matches the same paths first: remove one, or give them different methods", s.Rule, s.By)
}

// Freeze makes the map ready to match and closes it for further rules. The
// rules that it returns can never match, for all their methods, on every path,
// are answered by rules added before them. Freezing again changes nothing.
func (m *Map) Freeze() []Shadow {
	if m.frozen {
		return nil
	}
	m.frozen = true
	m.linkCanonical()
	for _, r := range m.rules {
		r.plain = !r.checked && !r.Alias && !r.redirects() && len(r.canonical) == 0
	}
	domains := m.grow()
	m.ordered = domains.rules(m.rules)
	m.index = newIndex(domains, m.domainsMatter())
	return domains.shadows()
}

// rules lists the rules in the order of the search, and then those of all that
// it never comes across.
func (d domainStates) rules(all []*Rule) []*Rule {
	var ordered []*Rule
	d.each(func(s *state) { ordered = append(ordered, s.rules...) })
	for _, r := range all {
		if r.BuildOnly {
			ordered = append(ordered, r)
		}
	}
	return ordered
}

// shadows compares the rules that end in the same state.
func (d domainStates) shadows() []Shadow {
	var shadows []Shadow
	d.each(func(s *state) {
		for i, r := range s.rules {
			if by := shadowOf(r, s.rules[:i]); by != nil {
				shadows = append(shadows, Shadow{r, by})
			}
		}
	})
	return shadows
}

// shadowOf returns one of the earlier rules if together they answer all that
// the rule would.
func shadowOf(r *Rule, earlier []*Rule) (by *Rule) {
	answers := func(method string) bool {
		i := slices.IndexFunc(earlier, func(e *Rule) bool {
			return e.Methods == nil || method != "" && e.allows(method)
		})
		if i >= 0 {
			by = earlier[i]
		}
		return i >= 0
	}
	if r.Methods == nil {
		answers("")
		return by
	}
	for _, method := range r.Methods {
		if !answers(method) {
			return nil
		}
	}
	return by
}

// each visits all states in the order of the search.
func (d domainStates) each(visit func(*state)) {
	for _, e := range d {
		e.next.each(visit)
	}
}

func (s *state) each(visit func(*state)) {
	visit(s)
	for _, text := range s.texts {
		s.static[text].each(visit)
	}
	for _, e := range s.dynamic {
		e.next.each(visit)
	}
}
