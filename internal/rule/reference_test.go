package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The reference matcher is Werkzeug's state machine written down as literally
// as Go lets it be, slow and without httprouter. It has a grammar of its own
// and shares nothing with the package but the Rule it reads.

type refState struct {
	dynamic []refEdge
	rules   []*refRule
	static  map[string]*refState
}

type refEdge struct {
	part refPart
	next *refState
}

type refPart struct {
	content                 string
	final, static, suffixed bool
	weight                  refWeight
}

type refWeight struct{ statics, arguments []int }

func (p refPart) same(other refPart) bool {
	return p.content == other.content && p.final == other.final && p.suffixed == other.suffixed &&
		p.weight.compare(other.weight) == 0
}

func (w refWeight) compare(other refWeight) int {
	return cmp.Or(len(other.statics)-len(w.statics), slices.Compare(w.statics, other.statics),
		len(other.arguments)-len(w.arguments), slices.Compare(w.arguments, other.arguments))
}

type refRule struct {
	Rule
	parts         []refPart
	names         []string
	refuses       map[string]func(string) bool
	strict, merge bool
}

// refConverters are regex, weight and validation of the converters with the
// arguments that the random rules use.
var refConverters = map[string]struct {
	regex   string
	weight  int
	refuses func(text string) bool
}{
	"":                      {`[^/]{1,}`, 100, nil},
	"string":                {`[^/]{1,}`, 100, nil},
	"string(length=2)":      {`[^/]{2}`, 100, nil},
	"string(minlength=0)":   {`[^/]{0,}`, 100, nil},
	"string(maxlength=3)":   {`[^/]{1,3}`, 100, nil},
	"any(a, b)":             {`(?:a|b)`, 100, nil},
	"any(a, ab)":            {`(?:a|ab)`, 100, nil},
	"path":                  {`[^/].*?`, 200, nil},
	"int":                   {`\p{Nd}+`, 50, refBeyond(1 << 62)},
	"int(max=5)":            {`\p{Nd}+`, 50, refBeyond(5)},
	"int(fixed_digits=2)":   {`\p{Nd}+`, 50, func(text string) bool { return len([]rune(text)) != 2 }},
	"int(signed=True)":      {`-?\p{Nd}+`, 50, refBeyond(1 << 62)},
	"float":                 {`\p{Nd}+\.\p{Nd}+`, 50, nil},
	"uuid":                  {`[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}`, 100, nil},
	"string(minlength=2)":   {`[^/]{2,}`, 100, nil},
	"float(signed=True)":    {`-?\p{Nd}+\.\p{Nd}+`, 50, nil},
	"any(new, edit, draft)": {`(?:new|edit|draft)`, 100, nil},
}

// refBeyond refuses ASCII numbers above the limit. The tests use no others with
// int, and none between the limit 1<<62 and the end of an int.
func refBeyond(limit int) func(string) bool {
	return func(text string) bool {
		number, err := strconv.Atoi(text)
		return err != nil || number > limit
	}
}

var refPiece = regexp.MustCompile(`^(?:/|[^</]+|<(?:([a-z]+(?:\(.*?\))?):)?([a-zA-Z_][a-zA-Z0-9_]*)>)`)

func newRefRule(r Rule, options Options) (*refRule, bool) {
	rule := &refRule{Rule: r, refuses: map[string]func(string) bool{}, strict: !options.LaxSlashes, merge: !options.KeepSlashes}
	if r.StrictSlashes != nil {
		rule.strict = *r.StrictSlashes
	}
	if r.MergeSlashes != nil {
		rule.merge = *r.MergeSlashes
	}
	text := r.Text
	if rule.merge {
		text = regexp.MustCompile(`/{2,}`).ReplaceAllString(text, "/")
	}
	domain := ""
	if options.SubdomainMatching {
		domain = r.Subdomain
	}
	return rule, rule.parse(domain) && rule.parse(text)
}

func (r *refRule) parse(rule string) bool {
	part := refPart{static: true}
	number := 0
	flush := func() {
		if !part.static {
			part.content += `\z`
		}
		r.parts = append(r.parts, part)
		part, number = refPart{static: true}, 0
	}
	for rule != "" {
		match := refPiece.FindStringSubmatch(rule)
		if match == nil {
			return false
		}
		converter, variable := match[1], match[2]
		switch {
		case variable != "":
			known, ok := refConverters[converter]
			if !ok {
				return false
			}
			if part.static {
				part.content = regexp.QuoteMeta(part.content)
			}
			part.static = false
			r.names, r.refuses[variable] = append(r.names, variable), known.refuses
			part.final = part.final || converter == "path"
			part.content += fmt.Sprintf("(?P<w%d>%s)", number, known.regex)
			part.weight.arguments = append(part.weight.arguments, known.weight)
			number++
		case match[0] == "/" && !part.final:
			flush()
		case match[0] == "/":
			part.content += "/"
		default:
			part.weight.statics = append(part.weight.statics, -len([]rune(match[0])))
			if part.static {
				part.content += match[0]
			} else {
				part.content += regexp.QuoteMeta(match[0])
			}
		}
		rule = rule[len(match[0]):]
	}
	if part.final && strings.HasSuffix(part.content, "/") {
		part.suffixed = true
		part.content = strings.TrimSuffix(part.content, "/")
	}
	flush()
	if r.parts[len(r.parts)-1].suffixed {
		r.parts = append(r.parts, refPart{static: true})
	}
	return true
}

type refMatcher struct {
	root    *refState
	options Options
	regexes map[string]*regexp.Regexp
}

func newRefMatcher(options Options, rules []*refRule) *refMatcher {
	m := &refMatcher{&refState{static: map[string]*refState{}}, options, map[string]*regexp.Regexp{}}
	for _, r := range rules {
		m.add(r)
	}
	m.root.update()
	return m
}

func (m *refMatcher) add(r *refRule) {
	state := m.root
next:
	for _, part := range r.parts {
		if part.static {
			if state.static[part.content] == nil {
				state.static[part.content] = &refState{static: map[string]*refState{}}
			}
			state = state.static[part.content]
			continue
		}
		for _, edge := range state.dynamic {
			if edge.part.same(part) {
				state = edge.next
				continue next
			}
		}
		m.regexes[part.content] = regexp.MustCompile(`\A` + part.content)
		edge := refEdge{part, &refState{static: map[string]*refState{}}}
		state.dynamic = append(state.dynamic, edge)
		state = edge.next
	}
	state.rules = append(state.rules, r)
}

func (s *refState) update() {
	slices.SortStableFunc(s.dynamic, func(a, b refEdge) int { return a.part.weight.compare(b.part.weight) })
	for _, next := range s.static {
		next.update()
	}
	for _, edge := range s.dynamic {
		edge.next.update()
	}
}

// refSearch is one call of the matcher.
type refSearch struct {
	*refMatcher
	method       string
	haveMatchFor []string
	slash        bool // SlashRequired was raised
}

func (s *refSearch) fits(r *refRule, remember bool) bool {
	if r.Methods != nil && !slices.Contains(r.Methods, s.method) {
		if remember {
			s.haveMatchFor = append(s.haveMatchFor, r.Methods...)
		}
		return false
	}
	return true
}

func (s *refSearch) match(state *refState, parts, values []string) (*refRule, []string) {
	if len(parts) == 0 {
		for _, r := range state.rules {
			if s.fits(r, true) {
				return r, values
			}
		}
		if closed := state.static[""]; closed != nil {
			for _, r := range closed.rules {
				if s.fits(r, false) {
					s.slash = r.strict
					return r, values
				}
			}
		}
		return nil, nil
	}
	if next := state.static[parts[0]]; next != nil {
		if r, found := s.match(next, parts[1:], values); r != nil {
			return r, found
		}
	}
	for _, edge := range state.dynamic {
		groups, remaining, ok := s.take(edge.part, parts)
		if !ok {
			continue
		}
		if r, found := s.match(edge.next, remaining, slices.Concat(values, groups)); r != nil {
			return r, found
		}
	}
	if len(parts) == 1 && parts[0] == "" {
		for _, r := range state.rules {
			if !r.strict && s.fits(r, true) {
				return r, values
			}
		}
	}
	return nil, nil
}

func (s *refSearch) take(part refPart, parts []string) (groups, remaining []string, ok bool) {
	target, remaining := parts[0], parts[1:]
	if part.final {
		target, remaining = strings.Join(parts, "/"), nil
	}
	if part.suffixed {
		if strings.HasSuffix(target, "/") {
			target, remaining = target[:len(target)-1], []string{""}
		}
		if strings.HasSuffix(target, "/") {
			return nil, nil, false
		}
	}
	groups = s.regexes[part.content].FindStringSubmatch(target)
	if groups == nil {
		return nil, nil, false
	}
	return groups[1:], remaining, true
}

// answer is what the whole request comes to.
func (m *refMatcher) answer(method, domain, path string) string {
	s := &refSearch{refMatcher: m, method: method}
	if path != "" {
		path = "/" + strings.TrimLeft(path, "/")
	}
	r, values := s.match(m.root, append([]string{domain}, strings.Split(path, "/")...), nil)
	if s.slash {
		return "redirect " + path + "/"
	}
	if r == nil && !m.options.KeepSlashes {
		path = regexp.MustCompile(`/{2,}`).ReplaceAllString(path, "/")
		r, _ = s.match(m.root, append([]string{domain}, strings.Split(path, "/")...), nil)
		switch {
		case s.slash:
			return "redirect " + path + "/"
		case r != nil && r.merge:
			return "redirect " + path
		}
		return s.noMatch()
	}
	if r == nil {
		return s.noMatch()
	}
	answer := "endpoint " + r.Endpoint
	for i, name := range r.names {
		if refuses := r.refuses[name]; refuses != nil && refuses(values[i]) {
			return s.noMatch()
		}
		answer += fmt.Sprintf(" %s=%q", name, values[i])
	}
	return answer
}

func (s *refSearch) noMatch() string {
	if len(s.haveMatchFor) == 0 {
		return "not found"
	}
	return fmt.Sprint("allow ", slices.Compact(slices.Sorted(slices.Values(s.haveMatchFor))))
}
