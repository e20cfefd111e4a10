package rule

import (
	"errors"
	"maps"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// Match is the rule that a request matches, with the text of its variables.
type Match struct {
	Rule   *Rule
	path   string // that matched; most texts are segments of it
	finder finder // what the search needs, and then what the path does not tell
}

// Text returns the text that the named variable matched, decoded but not
// converted. It reports false for a name that is no variable of the rule.
func (m *Match) Text(name string) (string, bool) {
	if m.Rule == nil {
		return "", false
	}
	i := m.Rule.index(name)
	if i < 0 {
		return "", false
	}
	return m.textAt(i), true
}

// textAt returns the text of a variable: a whole segment of the path, unless the
// rule needed more to find it.
func (m *Match) textAt(i int) string {
	if e := m.finder.ending; e != nil && e.texts != nil {
		return e.texts[i].Value
	}
	return m.Rule.variables[i].in(m.path)
}

// Value returns the value of the named view argument: a default of the rule,
// or else what the variable's converter makes of its text. It is a string for
// string, path and any, an int, a float64 or a uuid.UUID for the converters of
// these names. It reports false for a name that is no argument of the rule.
func (m *Match) Value(name string) (any, bool) {
	if m.Rule == nil {
		return nil, false
	}
	if value, ok := m.Rule.Defaults[name]; ok {
		return value, true
	}
	i := m.Rule.index(name)
	if i < 0 {
		return nil, false
	}
	return m.valueAt(i), true
}

// values are those of the rule's variables if the rule is eager, and else nil.
func (m *Match) values() []any {
	if m.finder.ending == nil {
		return nil
	}
	return m.finder.ending.values
}

func (m *Match) valueAt(i int) any {
	if values := m.values(); values != nil {
		return values[i]
	}
	value, _ := m.Rule.variables[i].converter.value(nil, m.textAt(i))
	return value
}

// Values returns a new map of all view arguments, Flask's request.view_args.
func (m *Match) Values() map[string]any {
	if m.Rule == nil {
		return map[string]any{}
	}
	values := make(map[string]any, len(m.Rule.arguments))
	for i, v := range m.Rule.variables {
		values[v.name] = m.valueAt(i)
	}
	maps.Copy(values, m.Rule.Defaults)
	return values
}

// Match finds the rule for a request. The path is the decoded one below the
// application's root; domain is what [Map.Domain] says of the host.
//
// Without a rule the error is [ErrNotFound], a *[NotAllowed], or a *[Redirect]
// to where the rule is. It mirrors Werkzeug's MapAdapter.match.
func (m *Map) Match(method, domain, path string) (Match, error) {
	into := m.scratch.Get().(*Match)
	err := m.MatchInto(into, nil, method, domain, path)
	match := *into
	*into = Match{}
	m.scratch.Put(into)
	return match, err
}

// MatchInto is like Match, but writes into a Match of the caller, which must be the
// zero value. It is faster by a third. Without a rule the match becomes the zero value
// again. The context is handed to converters that ask for it.
func (m *Map) MatchInto(match *Match, context any, method, domain, path string) error {
	if usual := m.index.usual(method); usual != nil && isRooted(path) {
		c, params := usual.find(&match.finder, path)
		if c == nil || !c.settled {
			return m.settle(match, &request{method, domain, path, context}, c, params)
		}
		match.Rule = c.rule // each pointer more costs time while the collector works
		if len(c.rule.variables) > 0 {
			match.path, match.finder = path, finder{}
		}
		return nil
	}
	return m.search(match, &request{method, domain, rooted(path), context})
}

// Allowed lists the methods that the rules for a path name, sorted. It is
// empty where no rule matches, and where one takes every method.
func (m *Map) Allowed(domain, path string) []string {
	_, err := m.Match("--", domain, path)
	var notAllowed *NotAllowed
	if errors.As(err, &notAllowed) {
		return notAllowed.Methods
	}
	return nil
}

// request is the part of a request that Match looks at, and what converters ask
// for.
type request struct {
	method, domain, path string
	context              any
}

// rooted makes all leading slashes one. It is the guard against redirects to
// "//evil.test" (Werkzeug CVE-2020-28724, echo CVE-2022-40083). The empty path
// stays what it is: not the root, but one slash short of it.
func rooted(path string) string {
	if path == "" || isRooted(path) {
		return path
	}
	return "/" + strings.TrimLeft(path, "/")
}

func isRooted(path string) bool {
	return path != "" && path[0] == '/' && (len(path) == 1 || path[1] != '/')
}

// search is the slow path of MatchInto.
func (m *Map) search(match *Match, r *request) error {
	c, params := m.index.search(&match.finder, r)
	return m.settle(match, r, c, params)
}

// settle handles the cases beside a plain match: no match, redirects, conversions.
func (m *Map) settle(match *Match, r *request, c *candidate, params httprouter.Params) error {
	*match = Match{}
	if c == nil {
		return m.missed(r)
	}
	if c.redirects() {
		return slashRedirect(r.path + "/")
	}
	match.Rule, match.path = c.rule, r.path
	if !c.whole {
		match.finder.ending = &ending{texts: c.captures(r.domain, params)}
	}
	if c.rule.plain {
		return nil
	}
	return m.finish(match, r, c.entry)
}

// finish converts the values and redirects where the rule asks for it. If a
// converter refuses a value, matching ends: no later rule is tried.
func (m *Map) finish(match *Match, r *request, e *entry) error {
	if !match.convert(r.context) {
		*match = Match{}
		var s search
		s.look(m, r, r.path, e.number)
		return s.err()
	}
	redirect := m.redirect(r, match)
	if redirect != nil {
		*match = Match{}
	}
	return redirect
}

// convert makes the values of an eager rule and checks those of others.
func (m *Match) convert(context any) bool {
	if m.Rule.eager {
		m.finder.ending = m.finder.withValues(len(m.Rule.variables))
	}
	for i := range m.Rule.variables {
		if !m.convertAt(context, i) {
			return false
		}
	}
	return true
}

func (m *Match) convertAt(context any, i int) bool {
	converter, text := m.Rule.variables[i].converter, m.textAt(i)
	values := m.values()
	if values == nil {
		return converter.allows == nil || converter.allows(text)
	}
	value, err := converter.value(context, text)
	values[i] = value
	return err == nil
}
