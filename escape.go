package decant

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pyrepr"
)

// Markup is text that is safe to put into an HTML page as it is, because it
// was escaped or was written by the programmer: MarkupSafe's Markup. Templates
// and [Escape] leave it alone, and its methods escape what they add to it.
//
// Converting a string that a user typed, Markup(name), makes it dangerous;
// Escape(name) makes it safe.
type Markup string

// Escape makes a value safe for HTML text and quoted attributes: in its text
// the characters & < > ' " become &amp; &lt; &gt; &#39; &#34;. It mirrors
// markupsafe.escape.
//
// Markup comes back unchanged, html/template.HTML as it is, and a value with a
// method HTML() Markup (Python's __html__) gives what that returns. The text
// of any other value is Python's str of it: "None" for nil, "[1, 'a']" for a
// slice. Text without special characters is not copied.
func Escape(value any) Markup {
	if text, ok := value.(string); ok {
		return escapeText(text)
	}
	if markup, ok := safeHTML(value); ok {
		return markup
	}
	return escapeText(pyrepr.Str(value))
}

// EscapeSilent is [Escape] for optional values: nil gives no text rather than
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

// Repr returns Python's repr, as it appears within the text of a slice:
// Markup('<b>').
func (m Markup) Repr() string {
	return "Markup(" + pyrepr.Repr(string(m)) + ")"
}

// Concat appends values, escaping each that is not markup: Python's m + value.
// For a value on the left write Escape(value).Concat(m).
func (m Markup) Concat(values ...any) Markup {
	return m + Markup("").Join(values...)
}

// Join puts m between values, escaping each that is not markup: m.join(values).
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
// stand for. The result is plain text and no longer safe. It mirrors
// Markup.unescape.
func (m Markup) Unescape() string {
	return html.UnescapeString(string(m))
}

// Striptags removes comments and tags, makes each run of white space one
// space, and unescapes the rest. The result is plain text; escape it before it
// goes into a page. It mirrors Markup.striptags.
func (m Markup) Striptags() string {
	text := stripTags(stripComments(string(m)))
	words := strings.FieldsFunc(text, isPythonSpace)
	return html.UnescapeString(strings.Join(words, " "))
}

// safeHTML returns what a value says is its HTML, if it says so.
func safeHTML(value any) (markup Markup, ok bool) {
	switch value := value.(type) {
	case Markup:
		return value, true
	case template.HTML:
		return Markup(value), true
	case interface{ HTML() Markup }:
		return value.HTML(), true
	}
	return "", false
}

// specials has a bit set for each character that is escaped; all are below 64.
const specials uint64 = 1<<'&' | 1<<'<' | 1<<'>' | 1<<'\'' | 1<<'"'

// escapeText allocates once, and only for text with special characters.
func escapeText(text string) Markup {
	size := escapedSize(text)
	if size == len(text) {
		return Markup(text)
	}
	var escaped strings.Builder
	escaped.Grow(size)
	done := 0
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			escaped.WriteString(text[done:i])
			escaped.WriteString(entityOf(text[i]))
			done = i + 1
		}
	}
	escaped.WriteString(text[done:])
	return Markup(escaped.String())
}

func escapedSize(text string) int {
	size := len(text)
	for i := range len(text) {
		if specials>>text[i]&1 != 0 {
			size += len(entityOf(text[i])) - 1
		}
	}
	return size
}

// entityOf returns the entity of one of the specials.
func entityOf(b byte) string {
	switch b {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '\'':
		return "&#39;"
	default:
		return "&#34;"
	}
}

// stripComments removes <!-- comments -->. Text that a removal brings together
// may begin a comment too, so comments are looked for in what is kept.
func stripComments(text string) string {
	const begin = "<!--"
	if !strings.Contains(text, begin) {
		return text
	}
	kept := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		kept = append(kept, text[i])
		i++
		before, begins := bytes.CutSuffix(kept, []byte(begin))
		if !begins {
			continue
		}
		length := commentRest(text[i:])
		if length < 0 {
			return string(kept) + text[i:]
		}
		kept = before
		i += length
	}
	return string(kept)
}

// commentRest is the length of a comment behind its "<!--", or -1 if it does
// not end. The dashes of the beginning count for the end as well.
func commentRest(rest string) int {
	for _, end := range []string{">", "->"} {
		if strings.HasPrefix(rest, end) {
			return len(end)
		}
	}
	before, _, found := strings.Cut(rest, "-->")
	if !found {
		return -1
	}
	return len(before) + len("-->")
}

// stripTags removes whatever is between < and >. A < that is never closed stays.
func stripTags(text string) string {
	var kept strings.Builder
	for {
		before, tag, _ := strings.Cut(text, "<")
		_, after, closed := strings.Cut(tag, ">")
		if !closed {
			kept.WriteString(text)
			return kept.String()
		}
		kept.WriteString(before)
		text = after
	}
}

// isPythonSpace tells what str.split splits at.
func isPythonSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}

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
