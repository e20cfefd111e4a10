package rule

import (
	"fmt"
	"slices"
)

// Shadow is a rule that can never match, because an earlier one answers in its
// place.
type Shadow struct{ Rule, By *Rule }

// String returns the mistake and the way to mend it.
func (s Shadow) String() string {
	return fmt.Sprintf("%v can never match, since %v matches the same paths first: remove one, or give them different methods", s.Rule, s.By)
}

// Freeze makes the map ready to match; no rule can be added afterwards. It returns
// the rules that can never match, because earlier rules answer all their methods
// on every path. Freezing again changes nothing.
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

// rules lists the rules in the order of the search, followed by the rules that
// only build URLs.
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

// shadowOf returns one of the earlier rules if together they answer every request
// that the rule would.
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
