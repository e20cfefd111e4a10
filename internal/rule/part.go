package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/julienschmidt/httprouter"
)

// variable is one placeholder of a rule.
type variable struct {
	name      string
	converter *Converter
	segment   int // of the path, from 0 on; no variable of the domain needs it
}

// in returns the segment of a path that the variable takes, or all of the path from
// there on if its values may hold slashes.
func (v *variable) in(path string) string {
	text := path[1:]
	for range v.segment {
		text = text[strings.IndexByte(text, '/')+1:]
	}
	if !*v.converter.PartIsolating {
		return text
	}
	segment, _, _ := strings.Cut(text, "/")
	return segment
}

// part is what a rule wants between two slashes, or, when it is final, from
// one slash to the end of the path. It mirrors Werkzeug's RulePart.
type part struct {
	// text is the literal text of a part without variables.
	text      string
	variables []variable
	// key is equal for parts that Werkzeug takes for the same.
	key    string
	weight weight
	// A final part holds a variable that may match slashes. It is suffixed if
	// the rule ends in a slash, which is then no longer part of its text.
	final, suffixed bool
	// anyText parts take every text that is not empty.
	anyText bool
	// before and after enclose the variables.
	before, after string
	// tail is what a final part wants behind its last variable that may match
	// slashes, with variableMark for other variables.
	tail string
	// pattern finds several variables; groups says which of its groups the
	// variables take.
	pattern *regexp.Regexp
	groups  []int
}

// weight orders the parts that may follow one another's failure: literal text
// first, the longer the sooner, then more variables, then lighter converters.
type weight struct {
	lengths    []int
	converters []int
}

func (w weight) compare(other weight) int {
	return cmp.Or(
		cmp.Compare(len(other.lengths), len(w.lengths)),
		slices.Compare(other.lengths, w.lengths),
		cmp.Compare(len(other.converters), len(w.converters)),
		slices.Compare(w.converters, other.converters),
	)
}

func (p *part) static() bool { return len(p.variables) == 0 }

// accepts reports whether text, the literal text aside, is made of values that
// the converters take.
func (p *part) accepts(text string) bool {
	switch {
	case p.static():
		return text == p.text
	case p.pattern != nil:
		return p.pattern.MatchString(text)
	}
	value, ok := p.only(text)
	return ok && p.variables[0].converter.accepts(value)
}

// only cuts the value of the only variable out of text.
func (p *part) only(text string) (string, bool) {
	if p.before == "" && p.after == "" {
		return text, true
	}
	if len(text) < len(p.before)+len(p.after) ||
		!strings.HasPrefix(text, p.before) || !strings.HasSuffix(text, p.after) {
		return "", false
	}
	return text[len(p.before) : len(text)-len(p.after)], true
}

// capture appends the values that the variables have in a string that the part
// accepts.
func (p *part) capture(values httprouter.Params, text string) httprouter.Params {
	switch {
	case p.static():
		return values
	case p.pattern == nil:
		value, _ := p.only(text)
		return append(values, httprouter.Param{Value: value})
	}
	spans := p.pattern.FindStringSubmatchIndex(text)
	for _, group := range p.groups {
		values = append(values, httprouter.Param{Value: text[spans[2*group]:spans[2*group+1]]})
	}
	return values
}

// partBuilder collects the pieces of one part.
type partBuilder struct {
	part
	literals []string // around and between the variables
	names    int
}

func (b *partBuilder) addText(text string) {
	if len(b.literals) == b.names {
		b.literals = append(b.literals, "")
	}
	b.literals[b.names] += text
}

func (b *partBuilder) addStatic(text string) {
	b.addText(text)
	b.weight.lengths = append(b.weight.lengths, utf8.RuneCountInString(text))
}

func (b *partBuilder) addVariable(v variable) {
	b.addText("")
	b.names++
	b.variables = append(b.variables, v)
	b.weight.converters = append(b.weight.converters, v.converter.Weight)
	b.final = b.final || !*v.converter.PartIsolating
}

// finish makes the part. The end of the rule may leave a final part with a
// closing slash, which is optional and decides between match and redirect.
func (b *partBuilder) finish() (*part, error) {
	b.addText("")
	if b.static() {
		b.text = b.literals[0]
		return &b.part, nil
	}
	last := &b.literals[b.names]
	if b.final && strings.HasSuffix(*last, "/") {
		b.suffixed = true
		*last = strings.TrimSuffix(*last, "/")
	}
	b.before, b.after = b.literals[0], *last
	b.tail = b.textBehindPath()
	source := b.source()
	b.key = fmt.Sprint(source, b.final, b.suffixed, b.weight)
	if b.names == 1 {
		b.anyText = b.before == "" && b.after == "" && b.variables[0].converter.anyText
		return &b.part, nil
	}
	return &b.part, b.compile(source)
}

// variableMark cannot stand in the text of a rule.
const variableMark = "<"

func (b *partBuilder) textBehindPath() string {
	text := b.after
	for i := b.names - 1; i >= 0 && b.variables[i].converter.slashless; i-- {
		text = b.literals[i] + variableMark + text
	}
	return text
}

// groupName cannot stand in a converter's own pattern by accident.
const groupName = "decant_value_"

func (b *partBuilder) source() string {
	var source strings.Builder
	source.WriteString(`\A`)
	for i, v := range b.variables {
		source.WriteString(regexp.QuoteMeta(b.literals[i]))
		fmt.Fprintf(&source, "(?P<%s%d>%s)", groupName, i, v.converter.Pattern)
	}
	source.WriteString(regexp.QuoteMeta(b.literals[b.names]))
	source.WriteString(`\z`)
	return source.String()
}

// compile prepares a part with several variables. Werkzeug hands its groups
// out in the order of their numbers as text, 0, 1, 10, 11, 2 and so on, so
// that more than ten variables of one part get each other's values. Rules that
// rely on it mean the same here.
func (b *partBuilder) compile(source string) (err error) {
	b.pattern, err = regexp.Compile(source)
	if err != nil {
		return fmt.Errorf("its variables cannot share one part of the path: %w; put a slash between them", err)
	}
	names := make([]string, b.names)
	for i := range names {
		names[i] = fmt.Sprint(groupName, i)
	}
	slices.Sort(names)
	b.groups = make([]int, b.names)
	for i, name := range names {
		b.groups[i] = b.pattern.SubexpIndex(name)
	}
	return nil
}
