// Package rule holds Flask's URL rules: their grammar, their converters, the
// order in which they are tried, matching, redirecting and building.
//
// A [Map] is filled with rules, frozen once, and from then on answers
// [Map.Match] and [Map.Build] from any number of goroutines without locks. It
// mirrors werkzeug.routing.Map.
//
// Werkzeug searches a tree of path segments with backtracking. Its answer is
// always the first rule that matches in one fixed order of all rules, so this
// package works the order out once (order.go) and puts the rules into a map and
// a short stack of httprouter trees that answer with the first match (stack.go).
// Many rules that a tree cannot tell apart are told apart by their literal text
// (leaf.go).
package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/uuid"
)

// Options says how a [Map] reads its rules. The zero value is Flask's default.
type Options struct {
	// HostMatching matches the rules' Host against the whole host. It outranks
	// SubdomainMatching, which matches their Subdomain against what stands
	// before the server's name. With neither, domains play no part.
	HostMatching, SubdomainMatching bool
	// DefaultSubdomain is the subdomain of rules that name none.
	DefaultSubdomain string
	// LaxSlashes is strict_slashes=False: a missing or an extra slash at the
	// end matches without a redirect.
	LaxSlashes bool
	// KeepSlashes is merge_slashes=False: "//" is not redirected to "/".
	KeepSlashes bool
	// NoRedirectDefaults is redirect_defaults=False: values that equal the
	// defaults of another rule are not redirected to it, nor are aliases.
	NoRedirectDefaults bool
	// UUID makes the value of a <uuid:...> variable. Nil leaves it a uuid.UUID.
	UUID func(id uuid.UUID) any
	// SortParameters sorts the query parameters of built URLs.
	SortParameters bool
}

// Map is a set of rules. Fill it with [Map.AddConverter] and [Map.Add], call
// [Map.Freeze] once, and then match and build.
type Map struct {
	options    Options
	converters map[string]ConverterFunc
	rules      []*Rule
	endpoints  map[string][]*Rule // in the order in which building tries them
	frozen     bool
	ordered    []*Rule
	index      index
	scratch    sync.Pool
}

// New returns an empty map that knows Flask's converters.
func New(options Options) *Map {
	return &Map{
		options:    options,
		converters: builtinConverters(options),
		endpoints:  map[string][]*Rule{},
		index:      newIndex(nil, false),
		scratch:    sync.Pool{New: func() any { return new(Match) }},
	}
}

// Add checks a rule, compiles it and adds it. The rule that comes back is the
// completed one that matches point to; it is not to be changed. An error says
// which rule is wrong, why, and what to do.
func (m *Map) Add(r Rule) (*Rule, error) {
	r.compiled = compiled{order: len(m.rules)}
	if err := m.admit(&r); err != nil {
		return nil, fmt.Errorf("%v: %w", &r, err)
	}
	m.rules = append(m.rules, &r)
	m.addEndpoint(&r)
	return &r, nil
}

func (m *Map) admit(r *Rule) error {
	if m.frozen {
		return fmt.Errorf("it comes after the first request: add every rule before the application serves")
	}
	if err := r.completeMethods(); err != nil {
		return err
	}
	return r.compile(m)
}

// addEndpoint keeps the rules of an endpoint in the order in which building
// tries them: no aliases first, then those with more arguments, then those
// with more defaults.
func (m *Map) addEndpoint(r *Rule) {
	rules := append(m.endpoints[r.Endpoint], r)
	slices.SortStableFunc(rules, func(a, b *Rule) int {
		return cmp.Or(
			fromBool(a.Alias)-fromBool(b.Alias),
			len(b.arguments)-len(a.arguments),
			len(b.Defaults)-len(a.Defaults),
		)
	})
	m.endpoints[r.Endpoint] = rules
}

// Rules lists the rules in the order in which they are matched, those that
// only build last.
func (m *Map) Rules() []*Rule {
	if m.frozen {
		return slices.Clone(m.ordered)
	}
	return m.grow().rules(m.rules)
}

// IsEndpointExpecting reports whether a rule of the endpoint has all of the
// arguments. It mirrors Werkzeug's Map.is_endpoint_expecting.
func (m *Map) IsEndpointExpecting(endpoint string, arguments ...string) bool {
	return slices.ContainsFunc(m.endpoints[endpoint], func(r *Rule) bool {
		return !slices.ContainsFunc(arguments, func(name string) bool { return !slices.Contains(r.arguments, name) })
	})
}

// Domain is what Match wants to know of a request's host: with host matching
// the host, with subdomain matching what stands in it before serverName, and
// otherwise nothing. A host that does not end in serverName has the subdomain
// "<invalid>", as in Werkzeug 3.1. An empty serverName fits every host.
func (m *Map) Domain(scheme, host, serverName string) string {
	if !m.options.HostMatching && !m.options.SubdomainMatching {
		return ""
	}
	host = header.WithoutDefaultPort(scheme, strings.ToLower(host))
	if m.options.HostMatching {
		return host
	}
	serverName = header.WithoutDefaultPort(scheme, strings.ToLower(serverName))
	if serverName == "" || host == serverName {
		return ""
	}
	subdomain, ok := strings.CutSuffix(host, "."+serverName)
	if !ok {
		return "<invalid>"
	}
	return subdomain
}

// domainRule is the rule for the domain part.
func (m *Map) domainRule(r *Rule) string {
	switch {
	case m.options.HostMatching:
		return r.Host
	case !m.options.SubdomainMatching || r.NoSubdomain:
		return ""
	}
	return cmp.Or(r.Subdomain, m.options.DefaultSubdomain)
}
