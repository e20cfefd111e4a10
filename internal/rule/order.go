package rule

import (
	"slices"

	"github.com/julienschmidt/httprouter"
)

// state is a node of Werkzeug's search tree: what may follow after some parts
// of the path, and the rules that end here.
type state struct {
	rules   []*Rule
	static  map[string]*state
	texts   []string // the keys of static, in the order added
	dynamic []edge
	behind  map[string]*state // of dynamic, by the key of the part
}

type edge struct {
	part *part
	next *state
}

// domainStates are the search trees by domain, in the order of the search.
type domainStates []edge

// grow builds the search tree of all rules that can match.
func (m *Map) grow() domainStates {
	root := &state{}
	for _, r := range m.rules {
		if !r.BuildOnly {
			root.step(r.domain).add(r)
		}
	}
	root.sort()
	var domains domainStates
	for _, text := range root.texts {
		domains = append(domains, edge{&part{text: text}, root.static[text]})
	}
	return append(domains, root.dynamic...)
}

func (s *state) add(r *Rule) {
	for _, p := range r.parts {
		s = s.step(p)
	}
	s.rules = append(s.rules, r)
}

// step returns the state behind the part.
func (s *state) step(p *part) *state {
	if p.static() {
		return s.staticStep(p.text)
	}
	if next, ok := s.behind[p.key]; ok {
		return next
	}
	if s.behind == nil {
		s.behind = map[string]*state{}
	}
	next := &state{}
	s.behind[p.key] = next
	s.dynamic = append(s.dynamic, edge{p, next})
	return next
}

func (s *state) staticStep(text string) *state {
	if next, ok := s.static[text]; ok {
		return next
	}
	if s.static == nil {
		s.static = map[string]*state{}
	}
	next := &state{}
	s.static[text] = next
	s.texts = append(s.texts, text)
	return next
}

func (s *state) sort() {
	slices.SortStableFunc(s.dynamic, func(a, b edge) int {
		return a.part.weight.compare(b.part.weight)
	})
	for _, next := range s.static {
		next.sort()
	}
	for _, e := range s.dynamic {
		e.next.sort()
	}
}

// entry is one way in which a rule matches: as it stands, or with the slash at
// its end missing or in excess.
type entry struct {
	rule     *Rule
	number   int // in the order of the search
	segments []segment
	way      way
}

type way uint8

const (
	exact way = iota
	// withoutSlash is a path that lacks the rule's last slash: a redirect if
	// the rule is strict. Its methods do not count for a 405.
	withoutSlash
	// withSlash is a path with a slash more than a rule that is not strict.
	withSlash
)

// redirects reports whether a match leads to the path with a slash.
func (e *entry) redirects() bool { return e.way == withoutSlash && e.rule.strict }

// segment is what an entry wants of one segment of the path, or, for a final
// part, of all the rest.
type segment struct {
	*part
	// slash says whether the rest must end in the suffixed part's slash.
	slash bool
}

// accepts reports whether the segment takes the text.
func (s segment) accepts(text string) bool {
	if s.anyText {
		return text != ""
	}
	if !s.suffixed {
		return s.part.accepts(text)
	}
	body, ok := s.body(text)
	return ok && s.part.accepts(body)
}

// body takes off the slash of a suffixed part. The rest may not end in another one.
func (s segment) body(text string) (string, bool) {
	length := len(text)
	if length > 0 && text[length-1] == '/' {
		length--
	}
	return text[:length], s.slash == (length < len(text)) && (length == 0 || text[length-1] != '/')
}

// only is the value of the only variable in a string that the segment accepts.
func (s segment) only(text string) string {
	if s.suffixed {
		text, _ = s.body(text)
	}
	value, _ := s.part.only(text)
	return value
}

// capture appends the values of a string that the segment accepts.
func (s segment) capture(values httprouter.Params, text string) httprouter.Params {
	if s.suffixed {
		text, _ = s.body(text)
	}
	return s.part.capture(values, text)
}

// walker numbers the entries of a search tree in the order in which Werkzeug's
// search would come across them.
type walker struct {
	entries []*entry
	path    []segment
}

// entries lists all entries below a domain's state, numbered from first on.
func (s *state) entries(first int) []*entry {
	w := walker{}
	w.visit(s)
	for i, e := range w.entries {
		e.number = first + i
	}
	return w.entries
}

// visit follows the search: rules that end here, rules that end here but for a
// slash, literal text, variables by weight, rules with a slash too many.
func (w *walker) visit(s *state) {
	w.emit(s.rules, exact)
	if closed, ok := s.static[""]; ok {
		w.emit(closed.rules, withoutSlash)
	}
	for _, text := range s.texts {
		w.enter(&part{text: text}, s.static[text])
	}
	for _, e := range s.dynamic {
		w.enter(e.part, e.next)
	}
	w.path = append(w.path, segment{part: &part{}})
	w.emit(s.rules, withSlash)
	w.path = w.path[:len(w.path)-1]
}

func (w *walker) enter(p *part, next *state) {
	depth := len(w.path)
	w.path = append(w.path, segment{part: p})
	w.visit(next)
	w.path = w.path[:depth]
}

func (w *walker) emit(rules []*Rule, way way) {
	segments, ok := reachable(w.path, way)
	if !ok {
		return
	}
	for _, r := range rules {
		if way == withSlash && (r.strict || endsInRest(r)) {
			continue
		}
		w.entries = append(w.entries, &entry{rule: r, segments: segments, way: way})
	}
}

// reachable puts a path of the tree into the form of an entry. A suffixed part
// takes in the "" that follows it. Requests never begin with two slashes.
func reachable(path []segment, way way) ([]segment, bool) {
	if len(path) > 1 && path[0].static() && path[0].text == "" {
		return nil, false
	}
	segments := slices.Clone(path)
	for i, s := range segments {
		if s.final && i < len(segments)-1 {
			segments = segments[:i+1]
			segments[i].slash = true
		}
	}
	return segments, true
}

// endsInRest reports whether the rule's final part takes all of the path, so
// that no slash can follow it.
func endsInRest(r *Rule) bool {
	return slices.ContainsFunc(r.parts, func(p *part) bool { return p.final })
}
