package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rule is one URL rule as its author registered it. It mirrors
// werkzeug.routing.Rule; [Map.Add] checks, completes and compiles it.
type Rule struct {
	// Text is the rule itself, for example "/user/<int:id>".
	Text string
	// Endpoint names the rule for [Map.Build]; several rules may share one.
	Endpoint string
	// Methods lists the methods that the rule answers; nil means all of them.
	// Add puts them into upper case and lets HEAD join GET.
	Methods []string
	// Defaults are values laid over those found in the URL.
	Defaults map[string]any
	// Host is the rule for the whole host under [Options.HostMatching], and
	// Subdomain the one for the subdomain under [Options.SubdomainMatching].
	// Both may hold variables. An empty Subdomain means the default one of the
	// map, unless NoSubdomain asks for none.
	Host, Subdomain string
	NoSubdomain     bool
	// StrictSlashes and MergeSlashes override the map's choice unless nil.
	StrictSlashes, MergeSlashes *bool
	// BuildOnly rules never match. Alias rules redirect to the rule of the
	// same endpoint that is no alias.
	BuildOnly, Alias bool
	// RedirectTo, if not empty, makes every match a redirect to this text, in
	// which "<name>" stands for the value of a variable. RedirectFunc does the
	// same with a function of the matched values and of whatever is passed to
	// [Redirect.URL], which calls it.
	RedirectTo   string
	RedirectFunc func(context any, values map[string]any) string
	// Place says where the rule was registered, as file:line, for messages.
	Place string
	// Target is whatever the caller hangs on the rule; it is not looked at.
	Target any

	compiled
}

// compiled is what Add makes of a rule.
type compiled struct {
	order         int // of registration
	strict, merge bool
	domain        *part
	parts         []*part // behind the first slash
	variables     []variable
	arguments     []string
	trace         string // the rule without its converters
	domainURL     []step
	pathURL       []step
	redirectURL   []step
	// canonical are the rules of the endpoint whose defaults may say the same
	// as a match of this one, best first.
	canonical []*Rule
	// checked rules look at their values when they match, eager ones make them:
	// either may end matching. A match of a plain rule is good as it is.
	checked, eager, plain bool
}

// Arguments lists the variables of the rule in the order in which they stand,
// those of the domain first, then the sorted names of the defaults that are no
// variables. Building needs all of them.
func (r *Rule) Arguments() []string { return r.arguments }

// Patterns are the rule with each of its methods, as http.ServeMux writes them:
// "GET /user/<name>". They stand in the order of the methods.
func (r *Rule) Patterns() []string {
	patterns := make([]string, len(r.Methods))
	for i, method := range r.Methods {
		patterns[i] = method + " " + r.Text
	}
	return patterns
}

// String describes the rule for messages.
func (r *Rule) String() string {
	description := fmt.Sprintf("rule %q", r.Text)
	if domain := r.Host + r.Subdomain; domain != "" {
		description += fmt.Sprintf(" on %q", domain)
	}
	if r.Endpoint != "" {
		description += fmt.Sprintf(" (endpoint %q)", r.Endpoint)
	}
	if r.Place != "" {
		description += " at " + r.Place
	}
	return description
}

// allows reports whether the rule answers the method.
func (r *Rule) allows(method string) bool {
	return r.Methods == nil || slices.Contains(r.Methods, method)
}

// index returns the position of the named variable, or -1.
func (r *Rule) index(name string) int {
	for i := range r.variables {
		if r.variables[i].name == name {
			return i
		}
	}
	return -1
}

// completeMethods checks the methods and adds what they imply.
func (r *Rule) completeMethods() error {
	if r.Methods == nil {
		return nil
	}
	if len(r.Methods) == 0 {
		return fmt.Errorf("its methods are empty, so that it could never match: list some, or none at all to take every method")
	}
	methods := make([]string, 0, len(r.Methods)+1)
	for _, method := range r.Methods {
		method = strings.ToUpper(method)
		if method == "" || strings.ContainsAny(method, " ,\t\r\n") {
			return fmt.Errorf("%q is no method: list methods one by one", method)
		}
		if !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
	}
	if slices.Contains(methods, "GET") && !slices.Contains(methods, "HEAD") {
		methods = append(methods, "HEAD")
	}
	r.Methods = methods
	return nil
}

// compile parses the rule for the map.
func (r *Rule) compile(m *Map) error {
	r.strict = choose(r.StrictSlashes, !m.options.LaxSlashes)
	r.merge = choose(r.MergeSlashes, !m.options.KeepSlashes)
	if err := r.compileDomain(m); err != nil {
		return err
	}
	if err := r.compilePath(m); err != nil {
		return err
	}
	if err := r.checkVariables(); err != nil {
		return err
	}
	r.listArguments()
	return r.compileRedirect()
}

func choose(own *bool, inherited bool) bool {
	if own != nil {
		return *own
	}
	return inherited
}

func (r *Rule) compileDomain(m *Map) error {
	text := m.domainRule(r)
	pieces, err := parse(text)
	if err != nil {
		return fmt.Errorf("its domain %q: %w", text, err)
	}
	if strings.Contains(text, "/") {
		return fmt.Errorf("its domain %q holds a slash: write a host or subdomain only", text)
	}
	parts, err := r.addParts(m, pieces)
	if err != nil {
		return fmt.Errorf("its domain %q: %w", text, err)
	}
	r.domain = parts[0]
	if r.domain.final {
		return fmt.Errorf("its domain %q has a converter that matches slashes: use another one", text)
	}
	r.trace = traceOf(pieces) + "|"
	r.domainURL, err = r.steps(pieces)
	return err
}

func (r *Rule) compilePath(m *Map) error {
	text := r.Text
	if !strings.HasPrefix(text, "/") {
		return fmt.Errorf("it must start with a slash: write %q", "/"+text)
	}
	if r.merge {
		text = mergeSlashes(text)
	}
	pieces, err := parse(text)
	if err != nil {
		return err
	}
	parts, err := r.addParts(m, pieces)
	if err != nil {
		return err
	}
	r.parts = parts[1:]
	r.trace += traceOf(pieces)
	r.pathURL, err = r.steps(pieces)
	return err
}

// traceOf spells what two rules must share for being the same to Werkzeug.
func traceOf(pieces []piece) string {
	var trace strings.Builder
	for _, p := range pieces {
		switch p.kind {
		case slashPiece:
			trace.WriteByte('/')
		case staticPiece:
			trace.WriteString(p.text)
		case variablePiece:
			trace.WriteString("<" + p.variable + ">")
		}
	}
	return trace.String()
}

// addParts cuts the pieces at the slashes, up to a final part.
func (r *Rule) addParts(m *Map, pieces []piece) ([]*part, error) {
	var parts []*part
	builder := &partBuilder{}
	finish := func() error {
		finished, err := builder.finish()
		parts = append(parts, finished)
		builder = &partBuilder{}
		return err
	}
	for _, p := range pieces {
		if err := r.addPiece(m, builder, p, len(parts)-1); err != nil {
			return nil, err
		}
		if p.kind == slashPiece && !builder.final {
			if err := finish(); err != nil {
				return nil, err
			}
		}
	}
	if err := finish(); err != nil {
		return nil, err
	}
	if parts[len(parts)-1].suffixed {
		parts = append(parts, &part{})
	}
	return parts, nil
}

func (r *Rule) addPiece(m *Map, builder *partBuilder, p piece, segment int) error {
	switch p.kind {
	case staticPiece:
		builder.addStatic(p.text)
	case slashPiece:
		if builder.final {
			builder.addText("/")
		}
	case variablePiece:
		converter, err := m.converterFor(p)
		if err != nil {
			return err
		}
		v := variable{p.variable, converter, segment}
		builder.addVariable(v)
		r.variables = append(r.variables, v)
		r.eager = r.eager || converter.eager()
		r.checked = r.checked || converter.eager() || converter.allows != nil
	}
	return nil
}

// maxVariables is how many variables httprouter can tell apart in one path.
const maxVariables = 255

func (r *Rule) checkVariables() error {
	if len(r.variables) > maxVariables {
		return fmt.Errorf("it has %d variables: use %d at most", len(r.variables), maxVariables)
	}
	seen := map[string]bool{}
	for _, v := range r.variables {
		if seen[v.name] {
			return fmt.Errorf("its variable %q stands in it twice: give the second another name", v.name)
		}
		seen[v.name] = true
	}
	return nil
}

func (r *Rule) listArguments() {
	for _, v := range r.variables {
		r.arguments = append(r.arguments, v.name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Defaults)) {
		if r.index(name) < 0 {
			r.arguments = append(r.arguments, name)
		}
	}
}
