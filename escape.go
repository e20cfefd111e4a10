package decant

import (
	"fmt"
	"html"
	"io"
	"reflect"
	"strings"

	"github.com/decant-go/decant/internal/markup"
	"github.com/decant-go/decant/internal/pytext"
)

// Markup is text that is safe to put into an HTML page as it is, because it
// was escaped or was written by the programmer: MarkupSafe's Markup. Templates
// and [Escape] do not change it, and its methods escape the values they add.
//
// Never convert a string that a user typed: Markup(name) is dangerous, and
// Escape(name) is safe.
type Markup string

// Escape makes a value safe for HTML text and quoted attributes: the characters
// & < > ' " become &amp; &lt; &gt; &#39; &#34;. It mirrors markupsafe.escape.
//
// Markup and html/template.HTML come back unchanged, and a value with a method
// HTML() Markup (Python's __html__) returns the result of that method. Any other
// value is first turned into a string, as Python's str does: "None" for nil,
// "[1, 'a']" for a slice. A string without special characters is not copied.
func Escape(value any) Markup {
	if text, ok := value.(string); ok {
		return Markup(markup.Escape(text))
	}
	if html, ok := safeHTML(value); ok {
		return html
	}
	return Markup(markup.Escape(pytext.Str(value)))
}

// EscapeSilent is [Escape] for optional values: nil becomes "" instead of
// "None". It mirrors markupsafe.escape_silent.
func EscapeSilent(value any) Markup {
	if value == nil {
		return ""
	}
	return Escape(value)
}

// String returns the markup as it is, tags and entities included.
func (m Markup) String() string {
	return string(m)
}

// Repr returns Python's repr, Markup('<b>'). It is part of the string form of a
// slice that holds markup.
func (m Markup) Repr() string {
	return "Markup(" + pytext.Repr(string(m)) + ")"
}

// Concat appends values and escapes each that is not markup: Python's m + value.
// For a value on the left write Escape(value).Concat(m).
func (m Markup) Concat(values ...any) Markup {
	return m + Markup("").Join(values...)
}

// Join puts m between values and escapes each that is not markup:
// m.join(values).
func (m Markup) Join(values ...any) Markup {
	var joined strings.Builder
	for i, value := range values {
		if i > 0 {
			joined.WriteString(string(m))
		}
		joined.WriteString(string(Escape(value)))
	}
	return Markup(joined.String())
}

// Unescape turns entities such as &lt; and &eacute; into the characters they
// stand for. The result is plain text and no longer safe in a page. It mirrors
// Markup.unescape.
func (m Markup) Unescape() string {
	return html.UnescapeString(string(m))
}

// Striptags removes comments and tags, makes each run of white space one
// space, and unescapes the rest. The result is plain text; escape it before it
// goes into a page. It mirrors Markup.striptags.
func (m Markup) Striptags() string {
	return markup.Strip(string(m))
}

// safeHTML returns the HTML of a value that is markup already.
func safeHTML(value any) (html Markup, ok bool) {
	switch value := value.(type) {
	case Markup:
		return value, true
	case interface{ HTML() Markup }:
		return value.HTML(), true
	}
	if isTemplateHTML(reflect.TypeOf(value)) {
		return Markup(reflect.ValueOf(value).String()), true
	}
	return "", false
}

// isTemplateHTML reports whether a type is html/template.HTML. It compares names, so
// that a program which does not use html/template does not contain it.
func isTemplateHTML(t reflect.Type) bool {
	return t != nil && t.Kind() == reflect.String && t.Name() == "HTML" && t.PkgPath() == "html/template"
}

// Format replaces each placeholder with an escaped argument: Python's
// Markup.format. It understands {} and {0}, {name} with a map[string]any as
// the last argument, the conversions !s and !r, doubled braces, and after a
// colon
//
//	[[fill]align][sign][0][width][,][.precision][type]
//
// with the alignments < > ^ = and the types s for text, d x X for whole
// numbers and e f g % for all numbers. The text is shaped before it is escaped,
// so an argument that is markup takes no specification.
//
// Format panics when a placeholder cannot be filled, because m is part of the
// program. The message names the placeholder and the mistake.
func (m Markup) Format(args ...any) Markup {
	text, err := markupFormatter.Format(string(m), args)
	if err != nil {
		panic(fmt.Sprintf("decant: Markup(%q).Format: %v", string(m), err))
	}
	return Markup(text)
}

var markupFormatter = markup.Formatter{
	Escape: func(value any) string { return string(Escape(value)) },
	IsHTML: func(value any) bool {
		_, ok := safeHTML(value)
		return ok
	},
}

// Sprintf is [fmt.Sprintf] with m as the format and every argument escaped:
// Python's m % args. The verb %s takes any value and pads its escaped text, %r
// writes Python's repr, and the other verbs are Go's.
func (m Markup) Sprintf(args ...any) Markup {
	operands := make([]any, len(args))
	for i, arg := range args {
		operands[i] = escapedOperand(func() any { return arg })
	}
	return Markup(fmt.Sprintf(string(m), operands...))
}

// escapedOperand is an argument of Sprintf that escapes itself. It is a function
// and not a struct, because fmt prints the fields of a struct, unescaped, when
// it complains about %w or %p.
type escapedOperand func() any

// Format implements [fmt.Formatter].
func (o escapedOperand) Format(state fmt.State, verb rune) {
	switch verb {
	case 's', 'v':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), string(Escape(o())))
	case 'r':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), markup.Escape(pytext.Repr(o())))
	default:
		formatted := fmt.Sprintf(fmt.FormatString(state, verb), o())
		io.WriteString(state, markup.Escape(formatted))
	}
}
