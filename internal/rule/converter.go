package rule

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/spelling"
)

// ErrInvalid is what a converter's ToURL returns, alone or wrapped, to say
// that its rule cannot carry the value, so that building goes on with the next
// rule of the endpoint. It is Werkzeug's ValidationError.
var ErrInvalid = errors.New("the converter refuses the value")

// Converter turns the text that a placeholder matches into a value, and a
// value into text. It mirrors werkzeug.routing.BaseConverter.
type Converter struct {
	// Pattern is the regular expression, in the syntax of package regexp, that
	// the whole text must match.
	Pattern string
	// Weight orders rules that differ in their converter: the smaller is tried
	// first. 0 means 100, the weight of text; int and float have 50, path 200.
	Weight int
	// PartIsolating says that the text holds no slash. Nil means that Pattern
	// holds none, which is Werkzeug's guess.
	PartIsolating *bool
	// ToGo makes the value. Its error ends matching: the request is not found.
	// Nil leaves the text as it is. It runs once for each match.
	ToGo func(text string) (any, error)
	// ToURL makes the text, already percent-encoded. Its error ends building,
	// unless it is ErrInvalid. Nil percent-encodes the value's text.
	ToURL func(value any) (string, error)
	// ToGoIn and ToURLIn, if set, take the places of ToGo and ToURL. The context
	// is what was passed to MatchInto, and Build.Context.
	ToGoIn  func(context any, text string) (any, error)
	ToURLIn func(context, value any) (string, error)

	// accepts is Pattern as plain code. The built-in converters have it.
	accepts func(text string) bool
	// anyText says that accepts takes every text but the empty one, given that
	// it holds no slash.
	anyText bool
	// slashless says that accepts takes no text with a slash.
	slashless bool
	// allows is ToGo without the value: whether there is one. A converter that
	// has it, or lazy, works out values on demand; any other one when it
	// matches.
	allows func(text string) bool
	lazy   bool
}

// ConverterFunc makes the converter for one placeholder from the arguments
// that the rule passes. Its error refuses the rule.
type ConverterFunc func(arguments Arguments) (Converter, error)

const defaultWeight = 100

// complete fills in what the author left to the defaults.
func (c Converter) complete() (Converter, error) {
	if c.Weight == 0 {
		c.Weight = defaultWeight
	}
	if c.PartIsolating == nil {
		isolating := !strings.Contains(c.Pattern, "/")
		c.PartIsolating = &isolating
	}
	if c.accepts == nil {
		whole, err := regexp.Compile(`\A(?:` + c.Pattern + `)\z`)
		if err != nil {
			return c, fmt.Errorf("its Pattern is no regular expression of package regexp: %w", err)
		}
		c.accepts = whole.MatchString
	}
	if c.ToURL == nil {
		c.ToURL = quoteValue
	}
	return c, nil
}

func quoteValue(value any) (string, error) { return Quote(value), nil }

// Quote percent-encodes the text of a value, as converters do by default. It
// mirrors BaseConverter.to_url.
func Quote(value any) string { return quote(pytext.Str(value)) }

// eager reports whether the value must be made when the rule matches.
func (c *Converter) eager() bool {
	return c.ToGoIn != nil || c.ToGo != nil && c.allows == nil && !c.lazy
}

// value makes the value of text.
func (c *Converter) value(context any, text string) (any, error) {
	switch {
	case c.ToGoIn != nil:
		return c.ToGoIn(context, text)
	case c.ToGo != nil:
		return c.ToGo(text)
	}
	return text, nil
}

// text makes the text of a value.
func (c *Converter) text(context, value any) (string, error) {
	if c.ToURLIn != nil {
		return c.ToURLIn(context, value)
	}
	return c.ToURL(value)
}

// AddConverter registers a converter that takes no arguments under the name by
// which rules call it. A built-in name, "default" too, is replaced for the
// rules added afterwards.
func (m *Map) AddConverter(name string, converter Converter) error {
	complete, err := converter.complete()
	if err != nil {
		return fmt.Errorf("rule: converter %q: %w", name, err)
	}
	return m.AddConverterFunc(name, func(arguments Arguments) (Converter, error) {
		_, err := arguments.Bind()
		return complete, err
	})
}

// AddConverterFunc registers a converter that takes arguments, as in
// "<list(3):parts>". The function is called once for each placeholder.
func (m *Map) AddConverterFunc(name string, make ConverterFunc) error {
	if name == "" || identifier(name) != name {
		return fmt.Errorf("rule: converter %q: a name is ASCII letters, digits and underscores and begins with no digit", name)
	}
	if m.frozen {
		return fmt.Errorf("rule: converter %q comes after the first request: add converters before the rules that use them", name)
	}
	m.converters[name] = make
	return nil
}

// converterFor makes the converter of one placeholder.
func (m *Map) converterFor(p piece) (*Converter, error) {
	name := p.converter
	if name == "" {
		name = "default"
	}
	factory, known := m.converters[name]
	if !known {
		return nil, m.unknownConverter(name)
	}
	arguments, err := parseArguments(p.arguments)
	if err != nil {
		return nil, err
	}
	converter, err := factory(arguments)
	if err == nil {
		converter, err = converter.complete()
	}
	if err != nil {
		return nil, fmt.Errorf("converter %q of <%s>: %w", name, p.variable, err)
	}
	return &converter, nil
}

func (m *Map) unknownConverter(name string) error {
	known := slices.Sorted(maps.Keys(m.converters))
	if near := spelling.Nearest(name, known); near != "" {
		return fmt.Errorf("there is no converter %q: did you mean %q?", name, near)
	}
	return fmt.Errorf("there is no converter %q: use one of %s, or add your own before this rule",
		name, strings.Join(known, ", "))
}
