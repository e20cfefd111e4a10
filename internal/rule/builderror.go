package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/spelling"
)

// BuildError says that no rule of an endpoint suits the values and the method.
// It mirrors werkzeug.routing.BuildError.
type BuildError struct {
	Endpoint string
	// Values are those that were passed and not nil.
	Values []Value
	Method string
	// Suggestion is the known endpoint that is nearest to Endpoint, or Endpoint
	// itself if it is known; empty if there are no rules.
	Suggestion string

	advice string
}

func (e *BuildError) Error() string {
	message := fmt.Sprintf("could not build a URL for endpoint %q", e.Endpoint)
	if e.Method != "" {
		message += fmt.Sprintf(" and method %s", e.Method)
	}
	if len(e.Values) > 0 {
		names := make([]string, len(e.Values))
		for i, v := range e.Values {
			names[i] = fmt.Sprintf("%q", v.Name)
		}
		message += " with values " + strings.Join(names, ", ")
	}
	return message + ": " + e.advice
}

func (m *Map) buildError(b *Build, values []Value) error {
	e := &BuildError{Endpoint: b.Endpoint, Values: slices.Clone(values), Method: b.Method}
	rules := m.endpoints[b.Endpoint]
	if len(rules) > 0 {
		e.Suggestion = b.Endpoint
		e.advice = adviceFor(closest(rules, b.Method, values), b.Method, values)
		return e
	}
	nearest := m.nearest(b.Endpoint, b.Method, values)
	if nearest == nil {
		e.advice = "there is no such endpoint, and no other; add a rule for it"
		return e
	}
	e.Suggestion = nearest.Endpoint
	e.advice = fmt.Sprintf("there is no such endpoint; did you mean %q?", e.Suggestion)
	return e
}

// nearest returns the rule that may have been meant by an endpoint that does not
// exist, or nil if there are no rules. It mirrors BuildError.closest_rule.
func (m *Map) nearest(endpoint, method string, values []Value) (best *Rule) {
	var bestScore float64
	for _, r := range m.byEndpoint() {
		score := float64(0.98 * spelling.Ratio(r.Endpoint, endpoint))
		if r.hasAll(values) {
			score += 0.01
		}
		if method != "" && r.Methods != nil && r.allows(method) {
			score += 0.01
		}
		if best == nil || score > bestScore {
			best, bestScore = r, score
		}
	}
	return best
}

// byEndpoint lists all rules: those of the endpoint that was registered first, then
// those of the second, and so on.
func (m *Map) byEndpoint() []*Rule {
	rules := make([]*Rule, 0, len(m.rules))
	listed := map[string]bool{}
	for _, r := range m.rules {
		if !listed[r.Endpoint] {
			listed[r.Endpoint] = true
			rules = append(rules, m.endpoints[r.Endpoint]...)
		}
	}
	return rules
}

// hasAll reports whether each value is an argument of the rule.
func (r *Rule) hasAll(values []Value) bool {
	return !slices.ContainsFunc(values, func(v Value) bool { return !slices.Contains(r.arguments, v.Name) })
}

// closest returns the rule with the fewest obstacles.
func closest(rules []*Rule, method string, values []Value) *Rule {
	return slices.MinFunc(rules, func(a, b *Rule) int {
		return a.obstacles(method, values) - b.obstacles(method, values)
	})
}

func (r *Rule) obstacles(method string, values []Value) int {
	count := len(r.missing(values)) + len(r.differing(values))
	if method != "" && !r.allows(method) {
		count++
	}
	return count
}

// missing lists the arguments that neither the values nor the defaults have.
func (r *Rule) missing(values []Value) []string {
	var names []string
	for _, name := range r.arguments {
		if _, ok := r.Defaults[name]; !ok && lookup(values, name) == nil {
			names = append(names, name)
		}
	}
	return names
}

// differing lists the arguments whose value is not the rule's default.
func (r *Rule) differing(values []Value) []string {
	var names []string
	for _, name := range r.arguments {
		fallback, ok := r.Defaults[name]
		if given := lookup(values, name); ok && given != nil && !equal(given.Value, fallback) {
			names = append(names, name)
		}
	}
	return names
}

// adviceFor says what keeps the rule from being built.
func adviceFor(r *Rule, method string, values []Value) string {
	if missing := r.missing(values); len(missing) > 0 {
		return fmt.Sprintf("%v also needs %s", r, quotedList(missing))
	}
	if method != "" && !r.allows(method) {
		return fmt.Sprintf("%v answers only %s", r, strings.Join(slices.Sorted(slices.Values(r.Methods)), ", "))
	}
	if differing := r.differing(values); len(differing) > 0 {
		name := differing[0]
		return fmt.Sprintf("%v wants %q to be %s, or absent", r, name, pytext.Repr(r.Defaults[name]))
	}
	return fmt.Sprintf("the converters of %v refuse a value", r)
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
