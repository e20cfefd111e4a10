package decant

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pyrepr"
)

// Format replaces each placeholder with an argument, escaped: Python's
// Markup.format. Understood are {} and {0}, {name} with a map[string]any as
// the last argument, the conversions !s and !r, doubled braces, and after a
// colon
//
//	[[fill]align][sign][0][width][,][.precision][type]
//
// with the alignments < > ^ = and the types s for text, d x X for whole
// numbers and e f g % for all numbers. A specification shapes the text before
// it is escaped, so markup takes none.
//
// Since m is part of the program, a placeholder that cannot be filled is a
// mistake in it: Format panics and says what is wrong.
func (m Markup) Format(args ...any) Markup {
	f := markupFormatter{args: args}
	if err := f.run(string(m)); err != nil {
		panic(fmt.Sprintf("decant: Markup(%q).Format: %v", string(m), err))
	}
	return Markup(f.out.String())
}

// Sprintf is [fmt.Sprintf] with m as the format and every argument escaped:
// Python's m % args. The verb %s takes any value and pads what is escaped
// already; %r gives Python's repr; the other verbs are Go's.
func (m Markup) Sprintf(args ...any) Markup {
	operands := make([]any, len(args))
	for i, arg := range args {
		operands[i] = escapedOperand(func() any { return arg })
	}
	return Markup(fmt.Sprintf(string(m), operands...))
}

// escapedOperand is an argument of Sprintf that escapes itself. The argument is
// inside a function because fmt prints the fields of a struct, unescaped, when
// it complains about %w or %p.
type escapedOperand func() any

// Format implements [fmt.Formatter].
func (o escapedOperand) Format(state fmt.State, verb rune) {
	switch verb {
	case 's', 'v':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), string(Escape(o())))
	case 'r':
		fmt.Fprintf(state, fmt.FormatString(state, 's'), string(escapeText(pyrepr.Repr(o()))))
	default:
		formatted := fmt.Sprintf(fmt.FormatString(state, verb), o())
		io.WriteString(state, string(escapeText(formatted)))
	}
}

// markupFormatter carries out one Markup.Format.
type markupFormatter struct {
	args     []any
	out      strings.Builder
	next     int // the argument for the next {}
	numbered bool
}

func (f *markupFormatter) run(format string) error {
	for {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			f.out.WriteString(format)
			return nil
		}
		f.out.WriteString(format[:i])
		brace, rest := format[i:i+1], format[i+1:]
		if strings.HasPrefix(rest, brace) {
			f.out.WriteString(brace)
			format = rest[1:]
			continue
		}
		body, after, closed := strings.Cut(rest, "}")
		if brace == "}" || !closed {
			return fmt.Errorf("a single %q; write it twice to have it in the text", brace)
		}
		if err := f.placeholder(body); err != nil {
			return fmt.Errorf("placeholder {%s}: %w", body, err)
		}
		format = after
	}
}

func (f *markupFormatter) placeholder(body string) error {
	field, spec, _ := strings.Cut(body, ":")
	field, conversion, converted := strings.Cut(field, "!")
	value, err := f.argument(field)
	if err != nil {
		return err
	}
	switch {
	case !converted:
	case conversion == "s":
		value = pyrepr.Str(value)
	case conversion == "r":
		value = pyrepr.Repr(value)
	default:
		return fmt.Errorf("unknown conversion %q; there are !s and !r", conversion)
	}
	markup, err := formatField(value, spec)
	f.out.WriteString(string(markup))
	return err
}

// argument finds what a field stands for: the next argument, one by number, or
// one by name.
func (f *markupFormatter) argument(field string) (any, error) {
	index, err := strconv.Atoi(field)
	switch {
	case field == "":
		index = f.next
		f.next++
	case err != nil:
		return f.named(field)
	default:
		f.numbered = true
	}
	if f.numbered && f.next > 0 {
		return nil, errors.New("{} and {0} cannot stand in one text; number all or none")
	}
	if index < 0 || index >= len(f.args) {
		return nil, fmt.Errorf("there is no argument %d; %d were given", index, len(f.args))
	}
	return f.args[index], nil
}

func (f *markupFormatter) named(name string) (any, error) {
	if len(f.args) > 0 {
		values, _ := f.args[len(f.args)-1].(map[string]any)
		if value, ok := values[name]; ok {
			return value, nil
		}
	}
	return nil, fmt.Errorf("there is no value %q; give a map[string]any with it as the last argument", name)
}

func formatField(value any, text string) (Markup, error) {
	if text == "" {
		return Escape(value), nil
	}
	if _, ok := safeHTML(value); ok {
		return "", errors.New("markup takes no specification; shape the text before it is escaped")
	}
	spec, err := parseFormatSpec(text)
	if err != nil {
		return "", err
	}
	shaped, err := spec.shape(value)
	return escapeText(shaped), err
}

// formatSpec is what stands behind the colon of a placeholder.
type formatSpec struct {
	fill, align string
	sign        string // "+", " " or nothing
	zero, comma bool
	width       int
	precision   string // with its point
	verb        string
}

// formatSpecGrammar is compiled when the first specification comes up.
var formatSpecGrammar = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:((?s:.))?([<>^=]))?(?:([+ ])|-)?(0)?(\d{1,4})?(,)?(\.\d{1,3})?([sdxXefg%])?$`)
})

func parseFormatSpec(text string) (formatSpec, error) {
	m := formatSpecGrammar().FindStringSubmatch(text)
	if m == nil {
		return formatSpec{}, fmt.Errorf("%q is not [[fill]align][sign][0][width][,][.precision][type]", text)
	}
	width, _ := strconv.Atoi(m[5]) // none is 0
	return formatSpec{
		fill: m[1], align: m[2], sign: m[3], zero: m[4] != "", width: width,
		comma: m[6] != "", precision: m[7], verb: m[8],
	}, nil
}

func (s formatSpec) shape(value any) (string, error) {
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return s.whole(v.Int(), float64(v.Int()))
	case v.CanUint():
		return s.whole(v.Uint(), float64(v.Uint()))
	case v.CanFloat():
		return s.float(v.Float())
	}
	return s.text(pyrepr.Str(value))
}

func (s formatSpec) text(text string) (string, error) {
	if strings.Trim(s.verb, "s")+s.sign != "" || s.comma || s.align == "=" {
		return "", errors.New("text takes a fill, an alignment <, > or ^, a width, a precision and the type s")
	}
	if limit, err := strconv.Atoi(strings.TrimPrefix(s.precision, ".")); err == nil {
		characters := []rune(text)
		text = string(characters[:min(limit, len(characters))])
	}
	return s.pad(text, "<"), nil
}

// whole shapes a whole number, given as a float too for the types of floats.
func (s formatSpec) whole(n any, float float64) (string, error) {
	switch s.verb {
	case "e", "f", "g", "%":
		return s.float(float)
	case "":
		s.verb = "d"
	}
	if s.verb == "s" || s.precision != "" || s.comma && s.verb != "d" {
		return "", errors.New("a whole number takes the types d x X e f g %, a precision before the last four, no comma before x")
	}
	return s.number(fmt.Sprintf("%"+s.sign+s.verb, n))
}

func (s formatSpec) float(n float64) (string, error) {
	switch {
	case math.IsInf(n, 0) || math.IsNaN(n) || s.verb+s.precision == "":
		return s.number(signed(pyrepr.Str(n), s.sign))
	case s.verb == "%":
		return s.number(fmt.Sprintf("%"+s.sign+s.precision+"f%%", n*100))
	case s.verb == "g" && s.precision == "":
		s.precision = ".6"
	case s.verb == "" || !strings.Contains("efg", s.verb):
		return "", errors.New("a float takes the types e f g %; a precision needs one of them, as in .2f")
	}
	return s.number(fmt.Sprintf("%"+s.sign+s.precision+s.verb, n))
}

func signed(number, sign string) string {
	if strings.HasPrefix(number, "-") {
		return number
	}
	return sign + number
}

// number groups and pads the digits of a number.
func (s formatSpec) number(digits string) (string, error) {
	if s.comma {
		digits = groupThousands(digits)
	}
	if !s.zero {
		return s.pad(digits, ">"), nil
	}
	if s.comma {
		return "", errors.New("a comma and leading zeros do not go together")
	}
	return s.pad(digits, "="), nil
}

// pad fills text up to the width; "=" fills between the sign and the digits.
func (s formatSpec) pad(text, align string) string {
	missing := max(s.width-utf8.RuneCountInString(text), 0)
	fill := s.fill
	switch {
	case fill == "" && s.zero:
		fill = "0"
	case fill == "":
		fill = " "
	}
	if s.align != "" {
		align = s.align
	}
	head, left := "", missing
	switch align {
	case "<":
		left = 0
	case "^":
		left = missing / 2
	case "=":
		head, text = cutSign(text)
	}
	return head + strings.Repeat(fill, left) + text + strings.Repeat(fill, missing-left)
}

func cutSign(number string) (sign, digits string) {
	digits = strings.TrimLeft(number, "+- ")
	return number[:len(number)-len(digits)], digits
}

// groupThousands puts commas into the whole part of a number.
func groupThousands(number string) string {
	sign, digits := cutSign(number)
	whole := len(digits) - len(strings.TrimLeft(digits, "0123456789"))
	grouped := digits[whole:]
	for whole > 3 {
		grouped = "," + digits[whole-3:whole] + grouped
		whole -= 3
	}
	return sign + digits[:whole] + grouped
}
