package decant

import (
	"fmt"
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
	return markup.Unescape(string(m))
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
// the last argument, elements as in {0[1][name]}, the conversions !s, !r and !a,
// doubled braces, and after a colon Python's whole specification
//
//	[[fill]align][sign][#][0][width][, or _][.precision][type]
//
// for strings, bools and numbers, with placeholders in it, as in {:>{width}}. The
// text is shaped before it is escaped, so an argument that is markup takes no
// specification. A value with a method HTMLFormat(spec string) (Markup, error),
// which is Python's __html_format__, reads the specification itself:
//
//	func (u User) HTMLFormat(spec string) (decant.Markup, error) {
//		if spec == "link" {
//			return decant.Markup(`<a href="/user/{}">{}</a>`).Format(u.ID, u.Name), nil
//		}
//		return decant.Escape(u.Name), nil
//	}
//
//	decant.Markup("<p>by {:link}</p>").Format(user)
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
	Shape: func(value any, spec string) (html string, ok bool, err error) {
		shaper, ok := value.(interface {
			HTMLFormat(spec string) (Markup, error)
		})
		if !ok {
			return "", false, nil
		}
		shaped, err := shaper.HTMLFormat(spec)
		return string(shaped), true, err
	},
}

// Sprintf is [fmt.Sprintf] with m as the format and every argument escaped:
// Python's m % args. The verb %s takes any value and pads its escaped text, %r
// writes Python's repr, and the other verbs are Go's, but for %p, %T and %w. As in
// Python, the verbs of fractions take whole numbers, %d cuts off a fraction, and both
// take a bool.
//
// Sprintf panics when the verbs and the arguments do not fit, because m is part of
// the program. The message names the verb or the argument.
func (m Markup) Sprintf(args ...any) Markup {
	isWidth, err := markup.CheckSprintf(string(m), args)
	if err != nil {
		panic(fmt.Sprintf("decant: Markup(%q).Sprintf: %v", string(m), err))
	}
	var mistake error
	operands := make([]any, len(args))
	for i, arg := range args {
		operands[i] = arg
		if !isWidth[i] {
			operands[i] = escapedOperand{arg, &mistake}
		}
	}
	text := fmt.Sprintf(string(m), operands...)
	if mistake != nil {
		panic(fmt.Sprintf("decant: Markup(%q).Sprintf: %v", string(m), mistake))
	}
	return Markup(text)
}

// escapedOperand is an argument of Sprintf that escapes itself.
type escapedOperand struct {
	value   any
	mistake *error // that of all arguments
}

// Format implements [fmt.Formatter].
func (o escapedOperand) Format(state fmt.State, verb rune) {
	switch verb {
	case 's', 'v':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), string(Escape(o.value)))
	case 'r':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), markup.Escape(pytext.Repr(o.value)))
	default:
		formatted := fmt.Sprintf(fmt.FormatString(state, verb), markup.Operand(verb, o.value))
		if verb != 'q' && strings.Contains(formatted, "%!"+string(verb)+"(") {
			*o.mistake = fmt.Errorf("the verb %%%c does not take a %T; %%s takes any value", verb, o.value)
		}
		io.WriteString(state, markup.Escape(formatted))
	}
}
