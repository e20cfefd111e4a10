// Package syntax reads the source of Jinja templates: it cuts it into tokens
// and builds the tree that the compiler walks. Its errors have the words and
// the lines of Jinja's.
package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// Options are the parts of the language that an application switches on.
type Options struct {
	TrimBlocks          bool // drop the first line end behind a block
	LstripBlocks        bool // drop the white space before a block on its line
	KeepTrailingNewline bool // keep the line end at the end of a template
	Do                  bool // {% do %}
	LoopControls        bool // {% break %} and {% continue %}
	I18N                bool // {% trans %}
	MaxDepth            int  // how deep expressions and blocks may be nested
}

// Error is a mistake in the source of a template.
type Error struct {
	Message   string
	Line      int
	Assertion bool // Jinja's TemplateAssertionError
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// parser builds the tree of a template. It panics with an *Error, which Parse
// recovers.
type parser struct {
	options Options
	lexer   *lexer
	current token
	ahead   []token

	depth     int
	tags      []string   // the open tags, the innermost last
	endTokens [][]string // the tags that would end the open blocks
}

// Parse builds the tree of a template. An error is an *Error.
func Parse(source string, options Options) (template *Template, err error) {
	defer func() {
		if failure, ok := recover().(*Error); ok {
			err = failure
		} else if template == nil && err == nil {
			panic("syntax: the parser failed without an error")
		}
	}()
	p := &parser{options: options, lexer: newLexer(source, options), current: token{line: 1}}
	p.advance()
	return &Template{Body: p.parseBody(nil)}, nil
}

// advance moves to the next token and returns the one that was current.
func (p *parser) advance() token {
	last := p.current
	if len(p.ahead) > 0 {
		p.current, p.ahead = p.ahead[0], p.ahead[1:]
		return last
	}
	p.current = p.lexer.next()
	if p.current.kind == tokenEOF {
		p.current.line = last.line
	}
	return last
}

// look returns the token behind the current one.
func (p *parser) look() token {
	if len(p.ahead) == 0 {
		t := p.lexer.next()
		if t.kind == tokenEOF {
			t.line = p.current.line
		}
		p.ahead = append(p.ahead, t)
	}
	return p.ahead[0]
}

// skipIf moves on if the current token is of a kind.
func (p *parser) skipIf(kind tokenKind) bool {
	if p.current.kind != kind {
		return false
	}
	p.advance()
	return true
}

// skipName moves on if the current token is a name.
func (p *parser) skipName(name string) bool {
	if !p.current.isName(name) {
		return false
	}
	p.advance()
	return true
}

// expect moves on and returns the current token, which must be of a kind.
func (p *parser) expect(kind tokenKind) token {
	if p.current.kind != kind {
		p.failExpected(kind.String())
	}
	return p.advance()
}

// expectName moves on and returns the current token, which must be a name.
func (p *parser) expectName(name string) token {
	if !p.current.isName(name) {
		p.failExpected(name)
	}
	return p.advance()
}

func (p *parser) failExpected(expected string) {
	if p.current.kind == tokenEOF {
		p.fail(fmt.Sprintf("unexpected end of template, expected %s.", quote(expected)))
	}
	p.fail(fmt.Sprintf("expected token %s, got %s", quote(expected), quote(p.current.describe())))
}

// fail ends parsing with an error at the current token.
func (p *parser) fail(message string) { p.failAt(p.current.line, message) }

func (p *parser) failAt(line int, message string) {
	panic(&Error{Message: message, Line: line})
}

// failAssertion ends parsing with Jinja's TemplateAssertionError.
func (p *parser) failAssertion(line int, message string) {
	panic(&Error{Message: message, Line: line, Assertion: true})
}

// enter counts how deep the source is nested. The caller defers leave.
func (p *parser) enter() {
	p.depth++
	if p.depth > p.options.MaxDepth {
		p.fail(fmt.Sprintf("the template is nested more than %d levels deep; split the expression with {%% set %%}, or the blocks into templates", p.options.MaxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// maxChain is how many operators of one kind may follow one another. Each
// evaluates the ones before it, so an endless chain would be an endless
// recursion.
const maxChain = 1000

// link counts one operator of a chain.
func (p *parser) link(count *int) {
	*count++
	if *count > maxChain {
		p.fail(fmt.Sprintf("an expression has more than %d operators in a row; split it with {%% set %%}", maxChain))
	}
}

// parseBody parses data, prints and statements until one of the end tags,
// whose name is then the current token.
func (p *parser) parseBody(ends []string) []Stmt {
	p.enter()
	defer p.leave()
	if ends != nil {
		p.endTokens = append(p.endTokens, ends)
		defer func() { p.endTokens = p.endTokens[:len(p.endTokens)-1] }()
	}
	var body []Stmt
	var output []Expr
	flush := func() {
		if len(output) > 0 {
			body = append(body, &Output{Pos: Pos(output[0].Line()), Nodes: output})
			output = nil
		}
	}
	for p.current.kind != tokenEOF {
		switch p.current.kind {
		case tokenData:
			t := p.advance()
			output = append(output, &Data{Pos: Pos(t.line), Text: t.text})
		case tokenVariableBegin:
			p.advance()
			output = append(output, p.parseTuple(tupleRules{conditional: true}))
			p.expect(tokenVariableEnd)
		default: // a block begins
			flush()
			p.advance()
			if p.current.isName(ends...) {
				return body
			}
			body = append(body, p.parseStatement()...)
			p.expect(tokenBlockEnd)
		}
	}
	flush()
	return body
}

// parseBlockBody parses the rest of a tag and its body until one of the end
// tags, whose name is then the current token.
func (p *parser) parseBlockBody(ends ...string) []Stmt {
	p.skipIf(tokenColon)
	p.expect(tokenBlockEnd)
	body := p.parseBody(ends)
	if p.current.kind == tokenEOF {
		p.failTag("", append(slices.Clone(p.endTokens), ends), p.current.line)
	}
	return body
}

// parseWholeBody is parseBlockBody for a tag with one end, which it skips.
func (p *parser) parseWholeBody(end string) []Stmt {
	body := p.parseBlockBody(end)
	p.advance()
	return body
}

// failTag reports a tag that is unknown or at the wrong place, or the end of
// the template inside of a block.
func (p *parser) failTag(name string, endTokens [][]string, line int) {
	var looking string
	if len(endTokens) > 0 {
		var quoted []string
		for _, end := range endTokens[len(endTokens)-1] {
			quoted = append(quoted, quote(end))
		}
		looking = strings.Join(quoted, " or ")
	}
	message := "Unexpected end of template."
	if name != "" {
		message = fmt.Sprintf("Encountered unknown tag %s.", quote(name))
	}
	if looking != "" {
		nested := name != "" && slices.ContainsFunc(endTokens, func(ends []string) bool { return slices.Contains(ends, name) })
		if nested {
			message += " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for " + looking + "."
		} else {
			message += " Jinja was looking for the following tags: " + looking + "."
		}
	}
	if len(p.tags) > 0 {
		message += fmt.Sprintf(" The innermost block that needs to be closed is %s.", quote(p.tags[len(p.tags)-1]))
	}
	p.failAt(line, message)
}
