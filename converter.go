package decant

import (
	"fmt"

	"github.com/decant-go/decant/internal/rule"
)

// Converter turns the text of a placeholder such as "<list:names>" into a
// value, and a value into text: Werkzeug's BaseConverter.
type Converter struct {
	// Pattern is the regular expression, in the syntax of package regexp, that
	// the whole text must match: `[^/]+` if empty. One that is to match slashes
	// must have a slash in it.
	Pattern string
	// Weight orders rules that differ in nothing but their converter: the
	// smaller is tried first. 0 means 100, the weight of string; int and float
	// have 50, path has 200.
	Weight int
	// ToGo makes the value: to_python. Its error means that the rule does not
	// match, and nil that the text is the value.
	ToGo func(text string) (any, error)
	// ToURL makes the text, percent-encoded: to_url. Its error ends building,
	// except ErrInvalidValue. Nil percent-encodes the value's text.
	ToURL func(value any) (string, error)
}

// ErrInvalidValue is what Converter.ToURL returns, alone or wrapped, for a
// value that it cannot write, so that another rule of the endpoint is tried.
// It is Werkzeug's ValidationError.
var ErrInvalidValue = rule.ErrInvalid

// Arguments are what a rule passes to its converter, as in
// "<list(3, sep=';'):names>". Bind gives them their names.
type Arguments = rule.Arguments

// Converter registers a converter that takes no arguments under the name by
// which rules call it: app.url_map.converters[name]. Register it before the
// rules, and the blueprints, that use it. A builtin name is replaced, and
// "default" is the converter of a placeholder that names none.
func (a *App) Converter(name string, converter Converter) {
	a.mustBeOpen("Converter")
	mustConvert(name, a.rules.AddConverter(name, converter.complete()))
}

// ConverterFunc registers a converter that takes arguments. The function is
// called for each placeholder when its rule is registered; an error from it
// refuses the rule. It mirrors a converter's __init__.
func (a *App) ConverterFunc(name string, makeConverter func(arguments Arguments) (Converter, error)) {
	a.mustBeOpen("ConverterFunc")
	if makeConverter == nil {
		panic(fmt.Sprintf("decant: ConverterFunc of %q got nil; pass the function that makes the converter", name))
	}
	mustConvert(name, a.rules.AddConverterFunc(name, func(arguments rule.Arguments) (rule.Converter, error) {
		converter, err := makeConverter(arguments)
		return converter.complete(), err
	}))
}

func (c Converter) complete() rule.Converter {
	complete := rule.Converter{Pattern: c.Pattern, Weight: c.Weight, ToGo: c.ToGo, ToURL: c.ToURL}
	if c.Pattern == "" {
		isolating := true
		complete.Pattern, complete.PartIsolating = `[^/]+`, &isolating
	}
	return complete
}

func mustConvert(name string, err error) {
	if err != nil {
		panic(fmt.Sprintf("decant: the converter %q cannot be registered: %v", name, err))
	}
}
