package syntax

import (
	"fmt"
	"strings"
)

// parseExpression parses an expression, with an inline if at its top.
func (p *parser) parseExpression() Expr {
	p.enter()
	defer p.leave()
	line := p.current.line
	x := p.parseOr()
	for links := 0; p.skipName("if"); p.link(&links) {
		test := p.parseOr()
		var y Expr
		if p.skipName("else") {
			y = p.parseExpression()
		}
		x = &Cond{Pos: Pos(line), Test: test, X: x, Y: y}
		line = p.current.line
	}
	return x
}

func (p *parser) parseOr() Expr {
	line := p.current.line
	x := p.parseAnd()
	for links := 0; p.skipName("or"); p.link(&links) {
		x = &Or{Pos: Pos(line), X: x, Y: p.parseAnd()}
		line = p.current.line
	}
	return x
}

func (p *parser) parseAnd() Expr {
	line := p.current.line
	x := p.parseNot()
	for links := 0; p.skipName("and"); p.link(&links) {
		x = &And{Pos: Pos(line), X: x, Y: p.parseNot()}
		line = p.current.line
	}
	return x
}

func (p *parser) parseNot() Expr {
	if !p.current.isName("not") {
		return p.parseCompare()
	}
	p.enter()
	defer p.leave()
	line := p.advance().line
	return &Not{Pos: Pos(line), X: p.parseNot()}
}

func (p *parser) parseCompare() Expr {
	line := p.current.line
	x := p.parseSum()
	var ops []string
	var args []Expr
	for {
		switch {
		case p.current.kind == tokenEq || p.current.kind == tokenNe ||
			p.current.kind == tokenLt || p.current.kind == tokenLtEq ||
			p.current.kind == tokenGt || p.current.kind == tokenGtEq:
			ops = append(ops, p.advance().kind.String())
		case p.skipName("in"):
			ops = append(ops, "in")
		case p.current.isName("not") && p.look().isName("in"):
			p.advance()
			p.advance()
			ops = append(ops, "notin")
		case len(ops) == 0:
			return x
		default:
			return &Compare{Pos: Pos(line), X: x, Ops: ops, Args: args}
		}
		args = append(args, p.parseSum())
		line = p.current.line
	}
}

func (p *parser) parseSum() Expr {
	line := p.current.line
	x := p.parseConcat()
	for links := 0; p.current.kind == tokenAdd || p.current.kind == tokenSub; p.link(&links) {
		op := p.advance().kind.String()
		x = &Binary{Pos: Pos(line), Op: op, X: x, Y: p.parseConcat()}
		line = p.current.line
	}
	return x
}

func (p *parser) parseConcat() Expr {
	line := p.current.line
	items := []Expr{p.parseProduct()}
	for p.skipIf(tokenTilde) {
		items = append(items, p.parseProduct())
	}
	if len(items) == 1 {
		return items[0]
	}
	return &Concat{Pos: Pos(line), Items: items}
}

func (p *parser) parseProduct() Expr {
	line := p.current.line
	x := p.parsePower()
	for links := 0; ; p.link(&links) {
		switch p.current.kind {
		case tokenMul, tokenDiv, tokenFloorDiv, tokenMod:
			op := p.advance().kind.String()
			x = &Binary{Pos: Pos(line), Op: op, X: x, Y: p.parsePower()}
			line = p.current.line
		default:
			return x
		}
	}
}

// parsePower chains powers from the left, as Jinja does and Python does not.
func (p *parser) parsePower() Expr {
	line := p.current.line
	x := p.parseUnary(true)
	for links := 0; p.skipIf(tokenPow); p.link(&links) {
		x = &Binary{Pos: Pos(line), Op: "**", X: x, Y: p.parseUnary(true)}
		line = p.current.line
	}
	return x
}

func (p *parser) parseUnary(withFilter bool) Expr {
	p.enter()
	defer p.leave()
	line := p.current.line
	var x Expr
	switch p.current.kind {
	case tokenSub, tokenAdd:
		op := p.advance().kind.String()
		x = &Unary{Pos: Pos(line), Op: op, X: p.parseUnary(false)}
	default:
		x = p.parsePrimary(false)
	}
	x = p.parsePostfix(x)
	if withFilter {
		x = p.parseFilterExpr(x)
	}
	return x
}

// parsePrimary parses a name, a literal or something in brackets. With
// namespaces it also parses ns.attr, as the target of an assignment.
func (p *parser) parsePrimary(withNamespace bool) Expr {
	t := p.current
	pos := Pos(t.line)
	switch t.kind {
	case tokenName:
		p.advance()
		switch t.text {
		case "true", "True":
			return &Const{Pos: pos, Value: true}
		case "false", "False":
			return &Const{Pos: pos, Value: false}
		case "none", "None":
			return &Const{Pos: pos}
		}
		if withNamespace && p.skipIf(tokenDot) {
			return &NSRef{Pos: pos, Name: t.text, Attr: p.expect(tokenName).text}
		}
		return &Name{Pos: pos, Name: t.text}
	case tokenString:
		var text strings.Builder
		for p.current.kind == tokenString {
			text.WriteString(p.advance().text)
		}
		return &Const{Pos: pos, Value: text.String()}
	case tokenInteger, tokenFloat:
		p.advance()
		return &Const{Pos: pos, Value: t.value}
	case tokenLparen:
		p.advance()
		x := p.parseTuple(tupleRules{conditional: true, parentheses: true})
		p.expect(tokenRparen)
		return x
	case tokenLbracket:
		return p.parseList()
	case tokenLbrace:
		return p.parseDict()
	}
	p.fail(fmt.Sprintf("unexpected %s", quote(t.describe())))
	return nil
}

// tupleRules say how parseTuple parses.
type tupleRules struct {
	targets     bool // only names and literals
	namespaces  bool // and attributes of namespaces
	conditional bool // expressions may have an inline if
	parentheses bool // an empty tuple is an expression
}

// parseTuple parses an expression, or several that commas make a tuple.
func (p *parser) parseTuple(rules tupleRules) Expr {
	line := p.current.line
	var items []Expr
	isTuple := false
	for {
		if len(items) > 0 {
			p.expect(tokenComma)
		}
		if p.atTupleEnd() {
			break
		}
		items = append(items, p.parseTupleItem(rules))
		if p.current.kind != tokenComma {
			break
		}
		isTuple = true
		line = p.current.line
	}
	if !isTuple {
		if len(items) > 0 {
			return items[0]
		}
		if !rules.parentheses {
			p.fail(fmt.Sprintf("Expected an expression, got %s", quote(p.current.describe())))
		}
	}
	return &Tuple{Pos: Pos(line), Items: items}
}

func (p *parser) parseTupleItem(rules tupleRules) Expr {
	switch {
	case rules.targets:
		p.enter()
		defer p.leave()
		return p.parsePrimary(rules.namespaces)
	case rules.conditional:
		return p.parseExpression()
	}
	p.enter()
	defer p.leave()
	return p.parseOr()
}

// atTupleEnd reports whether a comma was the last one. In front of the "in" and the
// "recursive" of a loop Jinja2 expects one more item.
func (p *parser) atTupleEnd() bool {
	switch p.current.kind {
	case tokenVariableEnd, tokenBlockEnd, tokenRparen:
		return true
	}
	return false
}

func (p *parser) parseList() Expr {
	t := p.expect(tokenLbracket)
	var items []Expr
	for p.current.kind != tokenRbracket {
		if len(items) > 0 {
			p.expect(tokenComma)
		}
		if p.current.kind == tokenRbracket {
			break
		}
		items = append(items, p.parseExpression())
	}
	p.expect(tokenRbracket)
	return &List{Pos: Pos(t.line), Items: items}
}

func (p *parser) parseDict() Expr {
	t := p.expect(tokenLbrace)
	dict := &Dict{Pos: Pos(t.line)}
	for p.current.kind != tokenRbrace {
		if len(dict.Keys) > 0 {
			p.expect(tokenComma)
		}
		if p.current.kind == tokenRbrace {
			break
		}
		key := p.parseExpression()
		p.expect(tokenColon)
		dict.Keys = append(dict.Keys, key)
		dict.Values = append(dict.Values, p.parseExpression())
	}
	p.expect(tokenRbrace)
	return dict
}

// parsePostfix parses attributes, items and calls behind an expression.
func (p *parser) parsePostfix(x Expr) Expr {
	for links := 0; ; p.link(&links) {
		switch p.current.kind {
		case tokenDot:
			x = p.parseAttribute(x)
		case tokenLbracket:
			x = p.parseSubscript(x)
		case tokenLparen:
			x = p.parseCall(x)
		default:
			return x
		}
	}
}

// parseFilterExpr parses filters, tests and calls behind an expression.
func (p *parser) parseFilterExpr(x Expr) Expr {
	for links := 0; ; p.link(&links) {
		switch {
		case p.current.kind == tokenPipe:
			p.advance()
			x = p.parseFilter(x)
		case p.current.isName("is"):
			x = p.parseTest(x)
		case p.current.kind == tokenLparen:
			x = p.parseCall(x)
		default:
			return x
		}
	}
}

func (p *parser) parseAttribute(x Expr) Expr {
	dot := p.advance()
	t := p.advance()
	switch t.kind {
	case tokenName:
		return &Getattr{Pos: Pos(dot.line), X: x, Attr: t.text}
	case tokenInteger:
		return &Getitem{Pos: Pos(dot.line), X: x, Index: &Const{Pos: Pos(t.line), Value: t.value}}
	}
	p.failAt(t.line, "expected name or number")
	return nil
}

func (p *parser) parseSubscript(x Expr) Expr {
	t := p.advance()
	var items []Expr
	for p.current.kind != tokenRbracket {
		if len(items) > 0 {
			p.expect(tokenComma)
		}
		items = append(items, p.parseSubscripted())
	}
	p.expect(tokenRbracket)
	var index Expr = &Tuple{Pos: Pos(t.line), Items: items}
	if len(items) == 1 {
		index = items[0]
	}
	return &Getitem{Pos: Pos(t.line), X: x, Index: index}
}

// parseSubscripted parses an index or a slice.
func (p *parser) parseSubscripted() Expr {
	slice := &Slice{Pos: Pos(p.current.line)}
	if p.current.kind != tokenColon {
		x := p.parseExpression()
		if p.current.kind != tokenColon {
			return x
		}
		slice.Start = x
	}
	p.advance()
	atEnd := func() bool {
		return p.current.kind == tokenRbracket || p.current.kind == tokenComma
	}
	if p.current.kind != tokenColon && !atEnd() {
		slice.Stop = p.parseExpression()
	}
	if p.skipIf(tokenColon) && !atEnd() {
		slice.Step = p.parseExpression()
	}
	return slice
}

func (p *parser) parseCall(x Expr) *Call {
	line := p.current.line
	return &Call{Pos: Pos(line), X: x, Args: p.parseArgs()}
}

// parseArgs parses arguments in parentheses.
func (p *parser) parseArgs() Args {
	open := p.expect(tokenLparen)
	var args Args
	ensure := func(valid bool) {
		if !valid {
			p.failAt(open.line, "invalid syntax for function call expression")
		}
	}
	for first := true; p.current.kind != tokenRparen; first = false {
		if !first {
			p.expect(tokenComma)
			if p.current.kind == tokenRparen {
				break
			}
		}
		switch {
		case p.current.kind == tokenMul:
			ensure(args.Star == nil && args.StarStar == nil)
			p.advance()
			args.Star = p.parseExpression()
		case p.current.kind == tokenPow:
			ensure(args.StarStar == nil)
			p.advance()
			args.StarStar = p.parseExpression()
		case p.current.kind == tokenName && p.look().kind == tokenAssign:
			ensure(args.StarStar == nil)
			name := p.advance()
			p.advance()
			p.addKeyword(&args, name)
		default:
			ensure(args.Star == nil && args.StarStar == nil && len(args.Names) == 0)
			args.Positional = append(args.Positional, p.parseExpression())
		}
	}
	p.expect(tokenRparen)
	return args
}

// addKeyword parses the value of a keyword argument.
func (p *parser) addKeyword(args *Args, name token) {
	for _, other := range args.Names {
		if other == name.text {
			p.failAt(name.line, "keyword argument repeated: "+name.text)
		}
	}
	args.Names = append(args.Names, name.text)
	args.Values = append(args.Values, p.parseExpression())
}

// parseFilter parses the name of one filter and its arguments.
func (p *parser) parseFilter(x Expr) *Filter {
	line := p.current.line
	filter := &Filter{Pos: Pos(line), X: x, Name: p.parseDottedName()}
	if p.current.kind == tokenLparen {
		filter.Args = p.parseArgs()
	}
	return filter
}

func (p *parser) parseDottedName() string {
	name := p.expect(tokenName).text
	for p.skipIf(tokenDot) {
		name += "." + p.expect(tokenName).text
	}
	return name
}

func (p *parser) parseTest(x Expr) Expr {
	pos := Pos(p.advance().line)
	negated := p.skipName("not")
	test := &Test{Pos: pos, X: x, Name: p.parseDottedName()}
	switch {
	case p.current.kind == tokenLparen:
		test.Args = p.parseArgs()
	case p.atTestArgument():
		if p.current.isName("is") {
			p.fail("You cannot chain multiple tests with is")
		}
		p.enter()
		defer p.leave()
		test.Positional = []Expr{p.parsePostfix(p.parsePrimary(false))}
	}
	if negated {
		return &Not{Pos: pos, X: test}
	}
	return test
}

// atTestArgument reports whether the argument of a test follows without
// parentheses.
func (p *parser) atTestArgument() bool {
	switch p.current.kind {
	case tokenName:
		return !p.current.isName("else", "or", "and")
	case tokenString, tokenInteger, tokenFloat, tokenLbracket, tokenLbrace:
		return true
	}
	return false
}
