package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// translation gathers the parts of a {% trans %} block.
type translation struct {
	context  *token // the string behind trans, or nil
	names    []string
	values   []Expr
	trimmed  bool
	plural   Expr // the number that chooses the form, or nil
	assign   Stmt // evaluates that number once, or nil
	isNamed  bool // whether the number is a variable called num
	singular string
	other    string // the plural form
}

// add registers a variable.
func (t *translation) add(name string, value Expr) {
	t.names = append(t.names, name)
	t.values = append(t.values, value)
}

// value returns the expression of a variable, or nil.
func (t *translation) value(name string) Expr {
	if i := slices.Index(t.names, name); i >= 0 {
		return t.values[i]
	}
	return nil
}

// parseTrans parses {% trans %} and makes it a call of gettext or one of its
// kin, which looks for the translation and puts the variables in.
func (p *parser) parseTrans() []Stmt {
	line := p.advance().line
	t := &translation{}
	if p.current.kind == tokenString {
		context := p.advance()
		t.context = &context
	}
	p.parseTransVariables(t)
	p.expect(tokenBlockEnd)

	referenced, singular := p.parseTransText(true)
	t.singular = singular
	if t.plural == nil && len(referenced) > 0 {
		t.plural = &Name{Pos: Pos(line), Name: referenced[0]}
		t.isNamed = referenced[0] == "num"
	}
	hasPlural := p.current.isName("pluralize")
	p.advance()
	if hasPlural {
		referenced = append(referenced, p.parsePluralize(t)...)
	}
	for _, name := range referenced {
		if t.value(name) == nil {
			t.add(name, &Name{Pos: Pos(line), Name: name})
		}
	}
	if !hasPlural {
		t.plural = nil
	} else if t.plural == nil {
		p.failAt(line, "pluralize without variables")
	}
	output := &Output{Pos: Pos(line), Nodes: []Expr{t.call(line)}}
	if t.assign != nil {
		return []Stmt{t.assign, output}
	}
	return []Stmt{output}
}

// parseTransVariables parses the variables behind trans.
func (p *parser) parseTransVariables(t *translation) {
	seenTrimmed := false
	for p.current.kind != tokenBlockEnd {
		if len(t.names) > 0 {
			p.expect(tokenComma)
		}
		if p.skipIf(tokenColon) {
			return
		}
		name := p.expect(tokenName)
		if t.value(name.text) != nil {
			p.failAssertion(name.line, fmt.Sprintf("translatable variable %s defined twice.", quote(name.text)))
		}
		var value Expr = &Name{Pos: Pos(name.line), Name: name.text}
		switch {
		case p.skipIf(tokenAssign):
			value = p.parseExpression()
		case !seenTrimmed && (name.text == "trimmed" || name.text == "notrimmed"):
			seenTrimmed = true
			t.trimmed = name.text == "trimmed"
			continue
		}
		if t.plural == nil {
			if call, ok := value.(*Call); ok {
				value = &Name{Pos: call.Pos, Name: "_trans"}
				t.assign = &Set{Target: &Name{Pos: call.Pos, Name: "_trans"}, Value: call}
			}
			t.plural = value
			t.isNamed = name.text == "num"
		}
		t.add(name.text, value)
	}
}

// parsePluralize parses what follows pluralize. It returns the variables that
// the plural form uses.
func (p *parser) parsePluralize(t *translation) []string {
	if p.current.kind != tokenBlockEnd {
		name := p.expect(tokenName)
		value := t.value(name.text)
		if value == nil {
			p.failAssertion(name.line, fmt.Sprintf("unknown variable %s for pluralization", quote(name.text)))
		}
		t.plural, t.isNamed = value, name.text == "num"
	}
	p.expect(tokenBlockEnd)
	referenced, text := p.parseTransText(false)
	t.other = text
	p.advance()
	return referenced
}

// parseTransText parses text with variables until endtrans or pluralize, which
// is then the current token. The text is a format string.
func (p *parser) parseTransText(allowPluralize bool) (referenced []string, text string) {
	var b strings.Builder
	for {
		switch p.current.kind {
		case tokenData:
			b.WriteString(strings.ReplaceAll(p.advance().text, "%", "%%"))
		case tokenVariableBegin:
			p.advance()
			name := p.expect(tokenName).text
			referenced = append(referenced, name)
			b.WriteString("%(" + name + ")s")
			p.expect(tokenVariableEnd)
		case tokenBlockBegin:
			p.advance()
			switch {
			case p.current.isName("endtrans"):
				return referenced, b.String()
			case p.current.isName("pluralize"):
				if !allowPluralize {
					p.fail("a translatable section can have only one pluralize section")
				}
				return referenced, b.String()
			case p.current.isName("trans"):
				p.fail("trans blocks can't be nested; did you mean `endtrans`?")
			}
			p.fail(fmt.Sprintf("control structures in translatable sections are not allowed; saw `%s`", p.current.describe()))
		default:
			p.fail("unclosed translation block")
		}
	}
}

// call returns the call of the function that translates.
func (t *translation) call(line int) Expr {
	pos := Pos(line)
	name := "gettext"
	text := func(text string) Expr {
		if t.trimmed {
			text = trimLines(text)
		}
		return &Const{Pos: pos, Value: text}
	}
	call := &Call{Pos: pos}
	if t.context != nil {
		name = "p" + name
		call.Positional = append(call.Positional, &Const{Pos: pos, Value: t.context.text})
	}
	call.Positional = append(call.Positional, text(t.singular))
	if t.plural != nil {
		name = "n" + name
		call.Positional = append(call.Positional, text(t.other), t.plural)
	}
	call.X = &Name{Pos: pos, Name: name}
	for i, variable := range t.names {
		// The function adds the number under the name num by itself.
		if variable == "num" && t.isNamed && t.plural != nil {
			continue
		}
		call.Names = append(call.Names, variable)
		call.Values = append(call.Values, t.values[i])
	}
	return call
}

// trimLines makes every line end, with the white space around it, one space.
func trimLines(text string) string {
	var lines []string
	for _, line := range strings.Split(strings.TrimFunc(text, isSpace), "\n") {
		if line = strings.TrimFunc(line, isSpace); line != "" || len(lines) == 0 {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " ")
}
