package catalog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxRule  = 1000 // bytes of a plural rule
	maxDepth = 40   // nested brackets, negations and conditions of a plural rule
)

// pluralForm gives the index of the plural form for n. It reports false when the
// rule divides by zero.
type pluralForm func(n int) (index int, ok bool)

// germanic is the rule of a file that has none.
func germanic(n int) (int, bool) { return truth(n != 1), true }

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// parsePluralForms reads the header field, such as
// "nplurals=2; plural=(n != 1);".
func parsePluralForms(field string) (pluralForm, error) {
	for part := range strings.SplitSeq(field, ";") {
		name, rule, found := strings.Cut(part, "=")
		if found && strings.TrimSpace(name) == "plural" {
			return parseRule(rule)
		}
	}
	return nil, errors.New(`there is no "plural="`)
}

// parseRule compiles an expression in the part of C that gettext allows: n,
// whole numbers, brackets, !, arithmetic, comparisons, && and ||, and ?:.
func parseRule(rule string) (pluralForm, error) {
	if len(rule) > maxRule {
		return nil, fmt.Errorf("the rule has more than %d characters", maxRule)
	}
	tokens, err := splitRule(rule)
	if err != nil {
		return nil, err
	}
	p := &ruleParser{tokens: tokens}
	form, err := p.condition(0)
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("unexpected %q", p.peek())
	}
	return form, nil
}

// splitRule cuts a rule into numbers, "n" and operators.
func splitRule(rule string) ([]string, error) {
	var tokens []string
	for i := 0; i < len(rule); {
		c := rule[i]
		size := 1
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case '0' <= c && c <= '9':
			for i+size < len(rule) && '0' <= rule[i+size] && rule[i+size] <= '9' {
				size++
			}
		case i+1 < len(rule) && isLongOperator(rule[i:i+2]):
			size = 2
		case !strings.ContainsRune("n?:<>+-*/%!()", rune(c)):
			return nil, fmt.Errorf("unexpected %q", rule[i:i+1])
		}
		tokens = append(tokens, rule[i:i+size])
		i += size
	}
	return tokens, nil
}

func isLongOperator(s string) bool {
	switch s {
	case "||", "&&", "==", "!=", "<=", ">=":
		return true
	}
	return false
}

// binding says how strongly a binary operator binds; 0 is no operator.
func binding(operator string) int {
	switch operator {
	case "||":
		return 1
	case "&&":
		return 2
	case "==", "!=":
		return 3
	case "<", ">", "<=", ">=":
		return 4
	case "+", "-":
		return 5
	case "*", "/", "%":
		return 6
	}
	return 0
}

type ruleParser struct {
	tokens []string
	pos    int
}

// peek returns the next token, or the empty string at the end.
func (p *ruleParser) peek() string {
	if p.pos == len(p.tokens) {
		return ""
	}
	return p.tokens[p.pos]
}

func (p *ruleParser) next() string {
	token := p.peek()
	if token != "" {
		p.pos++
	}
	return token
}

func (p *ruleParser) expect(token string) error {
	if got := p.next(); got != token {
		return fmt.Errorf("expected %q, found %q", token, got)
	}
	return nil
}

// condition reads "a ? b : c" or an expression of operators.
func (p *ruleParser) condition(depth int) (pluralForm, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the rule is nested more than %d deep", maxDepth)
	}
	test, err := p.operation(1, depth)
	if err != nil || p.peek() != "?" {
		return test, err
	}
	p.next()
	yes, err := p.condition(depth + 1)
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.condition(depth + 1)
	if err != nil {
		return nil, err
	}
	return func(n int) (int, bool) {
		value, ok := test(n)
		switch {
		case !ok:
			return 0, false
		case value != 0:
			return yes(n)
		}
		return no(n)
	}, nil
}

// operation reads operators that bind as strongly as level or stronger.
func (p *ruleParser) operation(level, depth int) (pluralForm, error) {
	left, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	for {
		operator := p.peek()
		strength := binding(operator)
		if strength < level || strength == 0 {
			return left, nil
		}
		p.next()
		right, err := p.operation(strength+1, depth)
		if err != nil {
			return nil, err
		}
		left = combine(operator, left, right)
	}
}

func (p *ruleParser) operand(depth int) (pluralForm, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the rule is nested more than %d deep", maxDepth)
	}
	switch token := p.next(); {
	case token == "n":
		return func(n int) (int, bool) { return n, true }, nil
	case token == "(":
		inner, err := p.condition(depth + 1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case token == "!":
		inner, err := p.operand(depth + 1)
		if err != nil {
			return nil, err
		}
		return func(n int) (int, bool) {
			value, ok := inner(n)
			return truth(value == 0), ok
		}, nil
	case token != "" && '0' <= token[0] && token[0] <= '9':
		number, err := strconv.ParseInt(token, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("the number %.20s is too large", token)
		}
		return func(int) (int, bool) { return int(number), true }, nil
	case token == "":
		return nil, errors.New("the rule ends too early")
	default:
		return nil, fmt.Errorf("unexpected %q", token)
	}
}

// combine applies a binary operator. && and || look at the right side only if
// the left one leaves the answer open, and give the side that decides, as Python
// compiles them.
func combine(operator string, left, right pluralForm) pluralForm {
	return func(n int) (int, bool) {
		a, ok := left(n)
		if !ok {
			return 0, false
		}
		switch {
		case operator == "&&" && a == 0, operator == "||" && a != 0:
			return a, true
		}
		b, ok := right(n)
		if !ok {
			return 0, false
		}
		return operate(operator, a, b)
	}
}

func operate(operator string, a, b int) (int, bool) {
	switch operator {
	case "&&", "||":
		return b, true
	case "==":
		return truth(a == b), true
	case "!=":
		return truth(a != b), true
	case "<":
		return truth(a < b), true
	case ">":
		return truth(a > b), true
	case "<=":
		return truth(a <= b), true
	case ">=":
		return truth(a >= b), true
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "*":
		return a * b, true
	}
	if b == 0 {
		return 0, false
	}
	quotient, rest := a/b, a%b
	if rest != 0 && (rest < 0) != (b < 0) {
		quotient, rest = quotient-1, rest+b
	}
	if operator == "/" {
		return quotient, true
	}
	return rest, true
}
