package syntax

import (
	"fmt"
	"strings"
)

// parseStatement parses a tag with its body. The translation of a plural makes
// two statements, any other tag one.
func (p *parser) parseStatement() []Stmt {
	t := p.current
	if t.kind != tokenName {
		p.fail("tag name expected")
	}
	p.tags = append(p.tags, t.text)
	defer func() { p.tags = p.tags[:len(p.tags)-1] }()
	switch t.text {
	case "for":
		return []Stmt{p.parseFor()}
	case "if":
		return []Stmt{p.parseIf()}
	case "block":
		return []Stmt{p.parseBlock()}
	case "extends":
		p.advance()
		return []Stmt{&Extends{Pos: Pos(t.line), Template: p.parseExpression()}}
	case "print":
		return []Stmt{p.parsePrint()}
	case "macro":
		return []Stmt{p.parseMacro()}
	case "include":
		return []Stmt{p.parseInclude()}
	case "from":
		return []Stmt{p.parseFrom()}
	case "import":
		return []Stmt{p.parseImport()}
	case "set":
		return []Stmt{p.parseSet()}
	case "with":
		return []Stmt{p.parseWith()}
	case "autoescape":
		p.advance()
		value := p.parseExpression()
		return []Stmt{&Autoescape{Pos: Pos(t.line), Value: value, Body: p.parseWholeBody("endautoescape")}}
	case "call":
		return []Stmt{p.parseCallBlock()}
	case "filter":
		return []Stmt{p.parseFilterBlock()}
	}
	if body, ok := p.parseExtension(t); ok {
		return body
	}
	p.tags = p.tags[:len(p.tags)-1]
	defer func() { p.tags = append(p.tags, "") }()
	p.failTag(t.text, p.endTokens, t.line)
	return nil
}

// parseExtension parses the tags that an application switches on.
func (p *parser) parseExtension(t token) ([]Stmt, bool) {
	pos := Pos(t.line)
	switch {
	case t.text == "do" && p.options.Do:
		p.advance()
		return []Stmt{&Do{Pos: pos, Value: p.parseTuple(tupleRules{conditional: true})}}, true
	case t.text == "break" && p.options.LoopControls:
		p.advance()
		return []Stmt{&Break{pos}}, true
	case t.text == "continue" && p.options.LoopControls:
		p.advance()
		return []Stmt{&Continue{pos}}, true
	case t.text == "trans" && p.options.I18N:
		return p.parseTrans(), true
	}
	return nil, false
}

func (p *parser) parseFor() Stmt {
	node := &For{Pos: Pos(p.advance().line)}
	node.Target = p.parseTarget(tupleRules{})
	p.expectName("in")
	node.Iter = p.parseTuple(tupleRules{})
	if p.skipName("if") {
		node.Test = p.parseExpression()
	}
	node.Recursive = p.skipName("recursive")
	node.Body = p.parseBlockBody("endfor", "else")
	if p.advance().text == "else" {
		node.Else = p.parseWholeBody("endfor")
	}
	return node
}

func (p *parser) parseIf() Stmt {
	line := p.advance().line
	node := &If{Pos: Pos(line)}
	for {
		test := p.parseTuple(tupleRules{})
		body := p.parseBlockBody("elif", "else", "endif")
		node.Branches = append(node.Branches, Branch{Pos: Pos(line), Test: test, Body: body})
		switch p.advance().text {
		case "elif":
			line = p.current.line
			continue
		case "else":
			node.Else = p.parseWholeBody("endif")
		}
		return node
	}
}

func (p *parser) parseBlock() Stmt {
	node := &Block{Pos: Pos(p.advance().line)}
	node.Name = p.expect(tokenName).text
	node.Scoped = p.skipName("scoped")
	node.Required = p.skipName("required")
	if p.current.kind == tokenSub {
		p.fail("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.")
	}
	node.Body = p.parseWholeBody("endblock")
	if node.Required && !isBlank(node.Body) {
		p.fail("Required blocks can only contain comments or whitespace")
	}
	p.skipName(node.Name)
	return node
}

// isBlank reports whether a body is white space alone.
func isBlank(body []Stmt) bool {
	for _, stmt := range body {
		output, ok := stmt.(*Output)
		if !ok {
			return false
		}
		for _, node := range output.Nodes {
			if data, ok := node.(*Data); !ok || strings.TrimFunc(data.Text, isSpace) != "" {
				return false
			}
		}
	}
	return true
}

func (p *parser) parsePrint() Stmt {
	node := &Output{Pos: Pos(p.advance().line)}
	for p.current.kind != tokenBlockEnd {
		if len(node.Nodes) > 0 {
			p.expect(tokenComma)
		}
		node.Nodes = append(node.Nodes, p.parseExpression())
	}
	return node
}

// parseTarget parses what a value is assigned to.
func (p *parser) parseTarget(rules tupleRules) Expr {
	rules.targets = true
	target := p.parseTuple(rules)
	p.checkTarget(target, target.Line())
	return target
}

// checkTarget fails if a value cannot be assigned to an expression.
func (p *parser) checkTarget(target Expr, line int) {
	if kind := unassignable(target); kind != "" {
		if tuple, ok := target.(*Tuple); ok && tuple != nil {
			kind = "tuple"
		}
		p.failAt(line, "can't assign to "+quote(kind))
	}
}

// unassignable returns the kind of the expression that stands in the way of an
// assignment, or "".
func unassignable(target Expr) string {
	switch target := target.(type) {
	case *Name, *NSRef:
		return ""
	case *Tuple:
		for _, item := range target.Items {
			if kind := unassignable(item); kind != "" {
				return kind
			}
		}
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", target), "*syntax."))
}

// parseNameTarget parses a name that a value is assigned to.
func (p *parser) parseNameTarget() string {
	t := p.expect(tokenName)
	switch t.text {
	case "true", "false", "none", "True", "False", "None":
		p.failAt(t.line, "can't assign to 'name'")
	}
	return t.text
}

func (p *parser) parseSignature() Signature {
	var signature Signature
	p.expect(tokenLparen)
	for p.current.kind != tokenRparen {
		if len(signature.Params) > 0 {
			p.expect(tokenComma)
		}
		line := p.current.line
		name := p.parseNameTarget()
		for _, other := range signature.Params {
			if other == name {
				p.failAt(line, "duplicate argument "+quote(name)+" in function definition")
			}
		}
		switch {
		case p.skipIf(tokenAssign):
			signature.Defaults = append(signature.Defaults, p.parseExpression())
		case len(signature.Defaults) > 0:
			p.fail("non-default argument follows default argument")
		}
		signature.Params = append(signature.Params, name)
	}
	p.expect(tokenRparen)
	return signature
}

func (p *parser) parseMacro() Stmt {
	node := &Macro{Pos: Pos(p.advance().line)}
	node.Name = p.parseNameTarget()
	node.Signature = p.parseSignature()
	node.Body = p.parseWholeBody("endmacro")
	return node
}

func (p *parser) parseCallBlock() Stmt {
	node := &CallBlock{Pos: Pos(p.advance().line)}
	if p.current.kind == tokenLparen {
		node.Signature = p.parseSignature()
	}
	call, ok := p.parseExpression().(*Call)
	if !ok {
		p.failAt(node.Line(), "expected call")
	}
	node.Call = call
	node.Body = p.parseWholeBody("endcall")
	return node
}

func (p *parser) parseFilterBlock() Stmt {
	node := &FilterBlock{Pos: Pos(p.advance().line)}
	node.Filter = p.parseFilterChain(p.parseFilter(nil))
	node.Body = p.parseWholeBody("endfilter")
	return node
}

// parseFilterChain parses the filters that follow one. It may be nil.
func (p *parser) parseFilterChain(filter *Filter) *Filter {
	for links := 0; p.skipIf(tokenPipe); p.link(&links) {
		if filter == nil {
			filter = p.parseFilter(nil)
		} else {
			filter = p.parseFilter(filter)
		}
	}
	return filter
}

func (p *parser) parseSet() Stmt {
	line := p.advance().line
	target := p.parseTarget(tupleRules{namespaces: true})
	if p.skipIf(tokenAssign) {
		return &Set{Pos: Pos(line), Target: target, Value: p.parseTuple(tupleRules{conditional: true})}
	}
	filter := p.parseFilterChain(nil)
	return &SetBlock{Pos: Pos(line), Target: target, Filter: filter, Body: p.parseWholeBody("endset")}
}

func (p *parser) parseWith() Stmt {
	node := &With{Pos: Pos(p.advance().line)}
	for p.current.kind != tokenBlockEnd {
		if len(node.Targets) > 0 {
			p.expect(tokenComma)
		}
		node.Targets = append(node.Targets, p.parseTarget(tupleRules{}))
		p.expect(tokenAssign)
		node.Values = append(node.Values, p.parseExpression())
	}
	node.Body = p.parseWholeBody("endwith")
	return node
}

// parseContext parses "with context" and "without context".
func (p *parser) parseContext(otherwise bool) bool {
	if p.current.isName("with", "without") && p.look().isName("context") {
		otherwise = p.advance().text == "with"
		p.advance()
	}
	return otherwise
}

func (p *parser) parseInclude() Stmt {
	node := &Include{Pos: Pos(p.advance().line)}
	node.Template = p.parseExpression()
	if p.current.isName("ignore") && p.look().isName("missing") {
		node.IgnoreMissing = true
		p.advance()
		p.advance()
	}
	node.WithContext = p.parseContext(true)
	return node
}

func (p *parser) parseImport() Stmt {
	node := &Import{Pos: Pos(p.advance().line)}
	node.Template = p.parseExpression()
	p.expectName("as")
	node.Target = p.parseNameTarget()
	node.WithContext = p.parseContext(false)
	return node
}

func (p *parser) parseFrom() Stmt {
	node := &FromImport{Pos: Pos(p.advance().line)}
	node.Template = p.parseExpression()
	p.expectName("import")
	atContext := func() bool {
		return p.current.isName("with", "without") && p.look().isName("context")
	}
	for {
		if len(node.Names) > 0 {
			p.expect(tokenComma)
		}
		if p.current.kind != tokenName {
			p.expect(tokenName)
		}
		if atContext() {
			break
		}
		line := p.current.line
		name := p.parseNameTarget()
		if strings.HasPrefix(name, "_") {
			p.failAssertion(line, "names starting with an underline can not be imported")
		}
		alias := name
		if p.skipName("as") {
			alias = p.parseNameTarget()
		}
		node.Names = append(node.Names, name)
		node.Aliases = append(node.Aliases, alias)
		if atContext() || p.current.kind != tokenComma {
			break
		}
	}
	node.WithContext = p.parseContext(false)
	return node
}
