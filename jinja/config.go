package jinja

import (
	"context"
	"io/fs"
)

// Vars are the variables of a render, by name.
type Vars = map[string]any

// EngineConfig is what an application tells its engine. The zero value is an
// engine without templates, which still renders strings.
//
// Filters, tests and globals are Go functions. If the first parameter is a
// context.Context, or a type that implements it, the function receives the
// context of the render. A filter or a test receives its value as the next
// argument. Positional arguments fill the parameters, and those of a
// variadic function. Keyword arguments go to the last parameter: a [Kwargs], a
// map[string]any, a struct or a pointer to one, whose fields are found by their
// tag or by their name in snake case, or pairs of name and value in ...any. A
// function without such a parameter takes no keyword arguments. A function
// returns nothing, a value, an error, or a value and an error. A test returns
// a bool.
type EngineConfig struct {
	// FS holds the templates. Names are those of fs.FS: slashes, no "..". Nil
	// means that there are no files.
	FS fs.FS
	// Reload makes the engine look for changes of a template's file each time
	// that it is used.
	Reload bool
	// Autoescape reports whether the output of the template of that name is
	// escaped. Nil means .html, .htm, .xml, .xhtml and .svg, as in Flask.
	// Strings are always escaped.
	Autoescape func(name string) bool

	// Filters are applied to a value: {{ value|name(arguments) }}.
	Filters map[string]any
	// Tests tell something of a value: {% if value is name(arguments) %}. A
	// function returns a bool.
	Tests map[string]any
	// Globals are variables of all templates, imported ones too. The
	// variables of a render win.
	Globals map[string]any
	// Lazy are globals of which each render has its own value. A function is
	// called when a template first touches the variable, with the context of
	// the render.
	Lazy map[string]func(context.Context) any

	// JSON writes a value for the tojson filter. Nil means Python's json.dumps
	// with sorted keys. The result is made safe for HTML either way.
	JSON func(value any) ([]byte, error)
	// Undefined says what happens if a template uses a variable that does not
	// exist.
	Undefined UndefinedMode
	// Misspelt is called when a template prints a variable that does not exist
	// but resembles one that does. It is meant for a warning in the log while
	// an application is developed. It may be called from several renders at a
	// time.
	Misspelt func(ctx context.Context, m Misspelling)
	// Safe reports which Go values are safe HTML, such as template.HTML, beside
	// [Markup] and objects with an HTML of their own.
	Safe func(value any) (html string, ok bool)

	// TrimBlocks removes the line end behind a block, LstripBlocks the white
	// space before a block on its line. KeepTrailingNewline keeps the line end
	// at the end of a template.
	TrimBlocks, LstripBlocks, KeepTrailingNewline bool
	// Do allows {% do expression %}.
	Do bool
	// LoopControls allows {% break %} and {% continue %}.
	LoopControls bool
	// I18N allows {% trans %} and gives templates the functions _, gettext,
	// ngettext, pgettext and npgettext.
	I18N bool
	// Translations returns the translations for a render, which usually depend
	// on the language of the request. It is called when a template first
	// translates something. Nil, also as the result, means no translation.
	Translations func(ctx context.Context) Translations

	// Limits bound what a template may use.
	Limits Limits
}

// UndefinedMode says what happens if a template uses a variable or an attribute
// that does not exist.
type UndefinedMode int

const (
	// Lenient prints nothing, and fails where the value is used otherwise. It
	// is the default of Jinja and of Flask.
	Lenient UndefinedMode = iota
	// Strict fails wherever the value is used, but in the tests "defined" and
	// "undefined" and the filter "default". It mirrors StrictUndefined.
	Strict
	// Chainable also prints nothing for attributes and items of the missing
	// value. It mirrors ChainableUndefined.
	Chainable
	// Debug prints the name in braces. It mirrors DebugUndefined.
	Debug
)

// Misspelling is a variable that does not exist and printed nothing.
type Misspelling struct {
	Template string
	Line     int
	Name     string
	Nearest  string // the variable that may have been meant
}

// Translations look up messages. [github.com/decant-go/decant/jinja/catalog]
// reads them from .mo files. Each method returns the message itself, or its
// singular or plural, if there is no translation.
type Translations interface {
	Gettext(message string) string
	NGettext(singular, plural string, n int) string
	PGettext(context, message string) string
	NPGettext(context, singular, plural string, n int) string
}

// Limits bound what one render may use, so that a mistake in a template is an
// error instead of the end of the process. A zero field means its default. The
// limits do not make templates of strangers safe to run.
type Limits struct {
	// Depth is how many includes, extends, imports, macro calls and recursive
	// loops may be open at a time, and how deep a template may be nested. The
	// default is 200.
	Depth int
	// Steps is how many iterations and calls a render may make. The default is
	// 100 million.
	Steps int
	// Items is how many items a list that a template makes may have, and how
	// long a range may be. The default is a million.
	Items int
	// Text is how many bytes a string that an expression makes may have. The
	// default is 16 MiB.
	Text int
	// Output is how many bytes a render may write. The default is 64 MiB for
	// Render, and no limit for Stream.
	Output int
}

// The defaults of Limits.
const (
	defaultDepth  = 200
	defaultSteps  = 100_000_000
	defaultItems  = 1_000_000
	defaultText   = 16 << 20
	defaultOutput = 64 << 20
)

// withDefaults returns the limits with defaults for the fields that are zero.
func (l Limits) withDefaults() Limits {
	set := func(field *int, otherwise int) {
		if *field <= 0 {
			*field = otherwise
		}
	}
	set(&l.Depth, defaultDepth)
	set(&l.Steps, defaultSteps)
	set(&l.Items, defaultItems)
	set(&l.Text, defaultText)
	return l
}
