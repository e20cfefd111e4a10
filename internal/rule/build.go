package rule

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Build says which URL to build.
type Build struct {
	Endpoint string
	// Values fill the variables of the rule. A nil Value counts as absent, and
	// the last of two with the same name as the only one.
	Values []Value
	// AppendUnknown puts the values that the rule has no place for into the
	// query string, in the order given.
	AppendUnknown bool
	// Method chooses among the rules of the endpoint. Without it, those that
	// answer DefaultMethod, the current request's, are preferred.
	Method, DefaultMethod string
	// External asks for a URL with scheme and host. A URL of another domain
	// than the current one has them in any case.
	External bool
	// Scheme is the scheme of such a URL: https and wss are secure, everything
	// else is not; without one it begins with "//".
	Scheme string
	// Server is the server's name, with a port where needed, below which the
	// subdomains are. With host matching it only serves rules without a host.
	Server string
	// ScriptName is the encoded path of the application's root.
	ScriptName string
	// Domain is the current domain, in the form that Match takes.
	Domain string
	// Context is handed to converters that ask for it.
	Context any
}

// Value is a named value for a URL.
type Value struct {
	Name  string
	Value any
}

// Build returns the URL of an endpoint with the values filled in. It does not
// check that the URL would match. An endpoint without a suitable rule is a
// *[BuildError]; the error of a converter that does not know what to do with a
// value comes back with the rule's name around it. It mirrors Werkzeug's
// MapAdapter.build.
func (m *Map) Build(b Build) (string, error) {
	values := present(b.Values)
	r, url, err := m.pick(&b, values)
	if err != nil {
		return "", err
	}
	path := underRoot(b.ScriptName, url.path)
	if b.AppendUnknown {
		path += m.query(r, values)
	}
	if !b.External && (!m.domainsMatter() || url.domain == b.Domain) {
		return path, nil
	}
	host := joinHost(url.domain, b.Server, m.options.HostMatching)
	return origin(builtScheme(b.Scheme), host) + path, nil
}

func (m *Map) domainsMatter() bool { return m.options.HostMatching || m.options.SubdomainMatching }

// present drops nil values and all but the last of equal names.
func present(values []Value) []Value {
	for i, v := range values {
		if v.Value == nil || lookup(values[i+1:], v.Name) != nil {
			return compact(values)
		}
	}
	return values
}

func compact(values []Value) []Value {
	var kept []Value
	for _, v := range values {
		if earlier := lookup(kept, v.Name); earlier != nil {
			earlier.Value = v.Value
		} else {
			kept = append(kept, v)
		}
	}
	return slices.DeleteFunc(kept, func(v Value) bool { return v.Value == nil })
}

func lookup(values []Value, name string) *Value {
	for i := range values {
		if values[i].Name == name {
			return &values[i]
		}
	}
	return nil
}

// pick finds the rule to build and builds it.
func (m *Map) pick(b *Build, values []Value) (*Rule, *written, error) {
	if b.Method == "" && b.DefaultMethod != "" {
		if r, url, err := m.pickFor(b, b.DefaultMethod, values); r != nil || err != nil {
			return r, url, err
		}
	}
	r, url, err := m.pickFor(b, b.Method, values)
	if r == nil && err == nil {
		err = m.buildError(b, values)
	}
	return r, url, err
}

// pickFor takes the first suitable rule; with host matching, the first on the
// current host if there is one.
func (m *Map) pickFor(b *Build, method string, values []Value) (first *Rule, url *written, err error) {
	for _, r := range m.endpoints[b.Endpoint] {
		if !r.suits(values, method) {
			continue
		}
		candidate, err := r.write(b.Context, values)
		if errors.Is(err, ErrInvalid) {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("building %v: %w", r, err)
		}
		if !m.options.HostMatching || candidate.domain == b.Domain {
			return r, candidate, nil
		}
		if first == nil {
			first, url = r, candidate
		}
	}
	return first, url, nil
}

// suits reports whether the values and the rule's defaults are all that the
// rule needs, and say nothing different.
func (r *Rule) suits(values []Value, method string) bool {
	if method != "" && !r.allows(method) {
		return false
	}
	for _, name := range r.arguments {
		fallback, hasDefault := r.Defaults[name]
		given := lookup(values, name)
		if given == nil && !hasDefault || given != nil && hasDefault && !equal(given.Value, fallback) {
			return false
		}
	}
	return true
}

// providesDefaultsFor reports whether other's URL may be a longer one for what
// r stands for.
func (r *Rule) providesDefaultsFor(other *Rule) bool {
	return !r.BuildOnly && len(r.Defaults) > 0 && r.trace != other.trace &&
		sameNames(r.arguments, other.arguments)
}

func sameNames(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(name string) bool { return !slices.Contains(b, name) })
}

// step is a stretch of a URL: encoded text, or the variable at a position.
type step struct {
	text     string
	variable int // -1 for text
}

// steps prepares the writing of a URL. A variable with a default is written
// now and for ever.
func (r *Rule) steps(pieces []piece) ([]step, error) {
	var steps []step
	for _, p := range pieces {
		next, err := r.step(p)
		if err != nil {
			return nil, err
		}
		if last := len(steps) - 1; last >= 0 && next.variable < 0 && steps[last].variable < 0 {
			steps[last].text += next.text
			continue
		}
		steps = append(steps, next)
	}
	return steps, nil
}

func (r *Rule) step(p piece) (step, error) {
	switch p.kind {
	case slashPiece:
		return step{"/", -1}, nil
	case staticPiece:
		return step{quote(p.text), -1}, nil
	}
	position := r.index(p.variable)
	fixed, ok := r.Defaults[p.variable]
	if !ok {
		return step{"", position}, nil
	}
	text, err := r.variables[position].converter.text(nil, fixed)
	if err != nil {
		return step{}, fmt.Errorf("its default for %q: %w: give one that the converter takes", p.variable, err)
	}
	return step{text, -1}, nil
}

// written is the URL of a rule: its domain part and its path.
type written struct{ domain, path string }

func (r *Rule) write(context any, values []Value) (*written, error) {
	domain, err := r.fill(r.domainURL, context, values)
	if err != nil {
		return nil, err
	}
	path, err := r.fill(r.pathURL, context, values)
	return &written{domain, path}, err
}

func (r *Rule) fill(steps []step, context any, values []Value) (string, error) {
	if len(steps) == 1 && steps[0].variable < 0 {
		return steps[0].text, nil
	}
	var buffer [128]byte
	url := buffer[:0]
	for _, s := range steps {
		if s.variable < 0 {
			url = append(url, s.text...)
			continue
		}
		v := r.variables[s.variable]
		text, err := v.converter.text(context, lookup(values, v.name).Value)
		if err != nil {
			return "", fmt.Errorf("value %q: %w", v.name, err)
		}
		url = append(url, text...)
	}
	return string(url), nil
}

// builtScheme is the scheme of an absolute URL.
func builtScheme(scheme string) string {
	switch scheme {
	case "":
		return ""
	case "https", "wss":
		return "https"
	}
	return "http"
}

func origin(scheme, host string) string {
	if scheme == "" {
		return "//" + host
	}
	return scheme + "://" + host
}

// joinHost is the host of a domain part.
func joinHost(domain, server string, isHost bool) string {
	switch {
	case isHost:
		return domain
	case domain == "":
		return server
	}
	return domain + "." + server
}

// query writes the values that the rule has no place for, "?" included. A list
// repeats its name; None in it is left out.
func (m *Map) query(r *Rule, values []Value) string {
	var items []Value
	for _, v := range values {
		if !slices.Contains(r.arguments, v.Name) {
			items = appendItems(items, v)
		}
	}
	if len(items) == 0 {
		return ""
	}
	if m.options.SortParameters {
		slices.SortStableFunc(items, compareItems)
	}
	var buffer [128]byte
	query := append(buffer[:0], '?')
	for i, item := range items {
		if i > 0 {
			query = append(query, '&')
		}
		query = appendQueryText(query, item.Name)
		query = append(query, '=')
		query = appendQueryText(query, item.Value)
	}
	return string(query)
}

func appendItems(items []Value, v Value) []Value {
	list := reflect.ValueOf(v.Value)
	switch v.Value.(type) {
	case []byte, fmt.Stringer, string:
		return append(items, v)
	}
	if kind := list.Kind(); kind != reflect.Slice && kind != reflect.Array {
		return append(items, v)
	}
	for i := range list.Len() {
		if item := list.Index(i).Interface(); item != nil {
			items = append(items, Value{v.Name, item})
		}
	}
	return items
}

func compareItems(a, b Value) int {
	if order := strings.Compare(a.Name, b.Name); order != 0 {
		return order
	}
	if x, ok := asNumber(a.Value); ok {
		if y, ok := asNumber(b.Value); ok {
			return cmp.Compare(x, y)
		}
	}
	return strings.Compare(pytext.Str(a.Value), pytext.Str(b.Value))
}
