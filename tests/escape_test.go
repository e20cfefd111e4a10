package tests

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/vectors"
)

type escapeCase struct {
	ID, Op             string
	Value, Left, Right json.RawMessage
	Args               []json.RawMessage
	Want               struct{ Out string }
}

// htmlObject speaks for itself, as an object with __html__ does.
type htmlObject struct{ html string }

func (o htmlObject) HTML() decant.Markup { return decant.Markup(o.html) }

func TestVectorsEscape(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[escapeCase](t, vectors.Load(t, "escape.json")) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if got := c.run(t); got != c.Want.Out {
				t.Errorf("%s %s %s = %q; want %q", c.Op, c.Value, c.Args, got, c.Want.Out)
			}
		})
	}
}

// run carries out one case; an op it does not know fails the test.
func (c escapeCase) run(t *testing.T) string {
	t.Helper()
	if c.Op == "concat" {
		return string(decant.Escape(escapeValue(t, c.Left)).Concat(escapeValue(t, c.Right)))
	}
	value := escapeValue(t, c.Value)
	markup := decant.Markup(fmt.Sprint(value))
	args := make([]any, len(c.Args))
	for i, raw := range c.Args {
		args[i] = escapeValue(t, raw)
	}
	switch c.Op {
	case "escape":
		return string(decant.Escape(value))
	case "escape_silent":
		return string(decant.EscapeSilent(value))
	case "escape_html_object":
		return string(decant.Escape(htmlObject{string(markup)}))
	case "unescape":
		return markup.Unescape()
	case "striptags":
		return markup.Striptags()
	case "format":
		return string(markup.Format(args...))
	case "percent":
		return string(markup.Sprintf(args...))
	case "join":
		return string(markup.Join(args...))
	}
	t.Fatalf("unknown op %q", c.Op)
	return ""
}

func escapeValue(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	decoder := ownTypes
	return decoder.Value(t, raw)
}

func TestEscapeKinds(t *testing.T) {
	t.Parallel()
	type name string
	for _, c := range []struct {
		value any
		want  decant.Markup
	}{
		{name("<"), "&lt;"},
		{template.HTML("<b>"), "<b>"},
		{template.JS("<b>"), "&lt;b&gt;"},
		{htmlObject{"<b>"}, "<b>"},
		{fmt.Errorf("<b>"), "&lt;b&gt;"},
		{[]any{decant.Markup("<b>")}, "[Markup(&#39;&lt;b&gt;&#39;)]"},
		{decant.Escape("<").String(), "&amp;lt;"},
		{decant.Escape("<"), "&lt;"},
		{"a\xff<\xfe", "a\xff&lt;\xfe"},
	} {
		if got := decant.Escape(c.value); got != c.want {
			t.Errorf("Escape(%#v) = %q; want %q", c.value, got, c.want)
		}
	}
}

func TestEscapeAllocations(t *testing.T) {
	var plain, special any = strings.Repeat("plain text ", 20), strings.Repeat(`<a href="x">it's & more</a>`, 20)
	if n := testing.AllocsPerRun(100, func() { decant.Escape(plain) }); n != 0 {
		t.Errorf("text without special characters: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { decant.Escape(special) }); n != 1 {
		t.Errorf("text with special characters: %v allocations", n)
	}
}

// The expected texts are MarkupSafe's.
func TestMarkupStriptags(t *testing.T) {
	t.Parallel()
	for markup, want := range map[decant.Markup]string{
		"<!<!-- x -->-- y -->z":           "z", // a removal that makes a comment
		"<!-->a":                          "a", // the dashes count twice
		"<!--->a":                         "a",
		"<!----->a":                       "a",
		"a<!-- b":                         "a<!-- b",
		"a<!-- b > c":                     "a c",
		"<<b>>":                           ">",
		"a > b":                           "a > b",
		"a<b":                             "a<b",
		"&nbsp;a\u00a0\x1cb\u2003c&nbsp;": "\u00a0a b c\u00a0",
	} {
		if got := markup.Striptags(); got != want {
			t.Errorf("Markup(%q).Striptags() = %q; want %q", markup, got, want)
		}
	}
}

// shapedMember shapes itself, as an object with __html_format__ does.
type shapedMember struct {
	id   int
	name string
}

func (m shapedMember) HTMLFormat(spec string) (decant.Markup, error) {
	switch spec {
	case "link":
		return decant.Markup(`<a href="/user/{}">{}</a>`).Format(m.id, m.name), nil
	case "":
		return decant.Escape(m.name), nil
	}
	return "", fmt.Errorf("a member has no format %q", spec)
}

// The expected texts are those of Python's Markup.format.
func TestMarkupFormat(t *testing.T) {
	t.Parallel()
	values := map[string]any{"name": "<x>", "price": 1234567.891}
	for _, c := range []struct {
		format decant.Markup
		args   []any
		want   decant.Markup
	}{
		{"{{}} {{{}}}", []any{"<"}, "{} {&lt;}"},
		{"{name}: {price:,.2f} {0}", []any{1, values}, "&lt;x&gt;: 1,234,567.89 1"},
		{"{!s}", []any{decant.Markup("<i>")}, "&lt;i&gt;"},
		{"{!r}", []any{decant.Markup("<i>")}, "Markup(&#39;&lt;i&gt;&#39;)"},
		{"{!r:>5}", []any{"<"}, "  &#39;&lt;&#39;"},
		{"{:}", []any{3}, "3"},
		{"{}", []any{nil}, "None"},
		{"{:é^8}|{:<5}|{:05}", []any{"<é", "x", "<"}, "ééé&lt;éééé|x    |&lt;0000"},
		{"{:.3}|{:6.2s}|", []any{"héllo", "abc"}, "hél|ab    |"},
		{"{:5}|{:05}|{:<5}|{:0<5}", []any{3, -3, 3, 3}, "    3|-0003|3    |30000"},
		{"{:+d}|{: }|{:-}|{:=+5}|{:0>5}", []any{3, 3, 3, 3, -3}, "+3| 3|3|+   3|000-3"},
		{"{:,}|{:,}|{:,}", []any{999, -1234567, uint8(7)}, "999|-1,234,567|7"},
		{"{:x}|{:X}|{:04x}", []any{255, 255, 255}, "ff|FF|00ff"},
		{"{:f}|{:.0f}|{:08.3f}", []any{3, 2.5, -3.14159}, "3.000000|2|-003.142"},
		{"{:e}|{:g}|{:g}|{:g}", []any{12345.678, 1e-7, 1234567.0, 100.0}, "1.234568e+04|1e-07|1.23457e+06|100"},
		{"{:%}|{:.1%}|{:7.0%}", []any{0.256, 0.256, 1}, "25.600000%|25.6%|   100%"},
		{"{:5}|{:+}|{:,}", []any{1.0, 1.5, 12345.5}, "  1.0|+1.5|12,345.5"},
		{"{:5f}|{:+}|{}", []any{math.Inf(1), math.Inf(-1), math.NaN()}, "  inf|-inf|nan"},
		{"{:5}|{:d}|{:.1f}|{:<4}|{}", []any{true, false, true, false, true}, "    1|0|1.0|0   |True"},
		{"{:0=13,}|{:010,}|{:013_.1f}|{:_}", []any{-1234567, 12345, 1234.5, 1234}, "-0,001,234,567|00,012,345|000_001_234.5|1_234"},
		{"{:.3}|{:.3}|{:#x}|{:b}|{:o}|{:c}|{:E}|{:G}|{:n}", []any{3.5, 1234.5, 255, 5, 8, 60, 1.5, 1e-9, 7}, "3.5|1.23e+03|0xff|101|10|&lt;|1.500000E+00|1E-09|7"},
		{"{0[1][bar]}|{0[0]}|{name[0]}|{n[7]}|{n[<]}", []any{[]any{"a", map[string]string{"bar": "<"}}, map[string]any{"name": "<x>", "n": map[any]any{7: "&", "<": 1}}}, "&lt;|a|&lt;|&amp;|1"},
		{"{[0]}{x[0]}", []any{map[string]any{"": "<>", "x": "é<"}}, "&lt;é"},
		{"{0[0]}{0[1]}{1[0]}", []any{decant.Markup("<b>"), "<"}, "<b&lt;"},
		{"{:>{}}|{:{}{}}|", []any{"<", 3, 5, "+", 4}, "  &lt;|  +5|"},
		{"{0:{align}{width}}", []any{"x", map[string]any{"align": "^", "width": 3}}, " x "},
		{"{!a}|{!a:>10}", []any{"é€😀", "<é"}, `&#39;\xe9\u20ac\U0001f600&#39;|   &#39;&lt;\xe9&#39;`},
		{"{:>25}", []any{new(big.Int).Lsh(big.NewInt(1), 70)}, "   1180591620717411303424"},
		{"{:link} {} {:x}", []any{shapedMember{7, "<Ann>"}, shapedMember{7, "<Ann>"}, 10}, `<a href="/user/7">&lt;Ann&gt;</a> &lt;Ann&gt; a`},
		{"{!s:>16}", []any{shapedMember{7, "<Ann>"}}, "  shapedMember()"},
	} {
		if got := c.format.Format(c.args...); got != c.want {
			t.Errorf("%q.Format(%v) = %q; want %q", c.format, c.args, got, c.want)
		}
	}
}

// Each of these is an error in Python too, or outside the part of the grammar
// that Format understands.
func TestMarkupFormatPanics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format decant.Markup
		arg    any
		want   string
	}{
		{"{", 1, `a single "{"`},
		{"a } b", 1, `a single "}"`},
		{"{} {}", 1, "there is no argument 1; 1 were given"},
		{"{-1}", 1, `there is no value "-1"`},
		{"{} {0}", 1, "number all or none"},
		{"{0} {}", 1, "number all or none"},
		{"{name}", 1, "map[string]any"},
		{"{0.name}", 1, `attributes such as "name" are not read`},
		{"{[0]}", []int{1}, `no value ""`},
		{"{0[}", []int{1}, "expected '}'"},
		{"{0[]}", []int{1}, "empty attribute"},
		{"{0[1]}", []int{1}, "no element 1; there are 1"},
		{"{0[x]}", []int{1}, `no element "x", but numbered ones`},
		{"{0[x]}", map[string]any{}, "no key x"},
		{"{0[1]}", map[string]any{"1": 1}, "no key 1"},
		{"{0[0]}", 7, "a int has no elements"},
		{"{!}", 1, "unmatched '{'"},
		{"{!x}", 1, "there are !s, !r and !a"},
		{"{!rr}", 1, "expected ':'"},
		{"{:Q}", 1, "unknown format code 'Q' for object of type 'int'"},
		{"{:99999999}", 1, "too many decimal digits"},
		{"{0:{0:{0}}}", 1, "has none itself"},
		{"{:5}", nil, "a <nil> takes no specification; write !s"},
		{"{:>5}", []any{1}, "a []interface {} takes no specification"},
		{"{:zoom}", shapedMember{}, `a member has no format "zoom"`},
		{"{:s}", true, "unknown format code 's'"},
		{"{:d}", "x", "unknown format code 'd' for object of type 'str'"},
		{"{:+}", "x", "sign not allowed"},
		{"{:-}", "x", "sign not allowed"},
		{"{:,}", "x", "cannot specify ','"},
		{"{:=5}", "x", "'=' alignment not allowed"},
		{"{:s}", 3, "unknown format code 's'"},
		{"{:.3d}", 3, "precision not allowed"},
		{"{:,x}", 3, "cannot specify ',' with 'x'"},
		{"{:d}", 3.5, "unknown format code 'd' for object of type 'float'"},
		{"{name}", map[string]any{}, `no value "name"`},
		{"{:>5}", decant.Markup("<"), "markup takes no specification"},
		{"{:>5}", htmlObject{"<"}, "markup takes no specification"},
	} {
		func() {
			defer func() {
				message := fmt.Sprint(recover())
				if !strings.HasPrefix(message, "decant: Markup(") || !strings.Contains(message, c.want) {
					t.Errorf("%q.Format(%v) panics with %q; want %q", c.format, c.arg, message, c.want)
				}
			}()
			t.Errorf("%q.Format(%v) = %q; want a panic", c.format, c.arg, c.format.Format(c.arg))
		}()
	}
}

func TestMarkupSprintf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format decant.Markup
		args   []any
		want   decant.Markup
	}{
		{"<b>%s</b>", []any{nil}, "<b>None</b>"},
		{"%r %v", []any{"<'", htmlObject{"<i>"}}, "&#34;&lt;&#39;&#34; <i>"},
		{"%-5s|%.2f|%05d", []any{"<", 1.5, -3}, "&lt; |1.50|-0003"},
		{"%s", []any{[]any{"<", 1}}, "[&#39;&lt;&#39;, 1]"},
		{"%q %x", []any{"<", "<"}, "&#34;&lt;&#34; 3c"},
		{"%% %5%%s", []any{"<"}, "% %&lt;"},
		{"%*s|%-*.*s|", []any{4, "x", 4, 2, "abc"}, "   x|ab  |"},
		{"%[2]s %[1]s %[2]q", []any{"<", ">"}, "&gt; &lt; &#34;&gt;&#34;"},
		{"%[2]*[1]s", []any{"x", 3}, "  x"},
		{"%q %v", []any{"%!q(", "%!v(EXTRA)"}, "&#34;%!q(&#34; %!v(EXTRA)"},
		{"%e|%.1f|%5.2f|%g|%f", []any{3, 2, uint8(3), 2, true}, "3.000000e+00|2.0| 3.00|2|1.000000"},
		{"%d|%d|%d|%e", []any{3.7, -3.7, false, new(big.Int).Lsh(big.NewInt(1), 70)}, "3|-3|0|1.180592e+21"},
		{"%t %c %U %x", []any{true, 'x', 'x', "%!x("}, "true x U+0078 25217828"},
	} {
		if got := c.format.Sprintf(c.args...); got != c.want {
			t.Errorf("%q.Sprintf(%v) = %q; want %q", c.format, c.args, got, c.want)
		}
	}
}

// Mistakes that fmt writes into the text are panics, and never part of a page.
func TestMarkupSprintfPanics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format decant.Markup
		args   []any
		want   string
	}{
		{"", []any{"<"}, "nothing in the text uses argument 1"},
		{"%s", []any{"a", "<"}, "nothing in the text uses argument 2"},
		{"100%", nil, "%: there is no verb; write %% for a percent sign"},
		{"%s %s", []any{"<"}, "%s: there is no argument 2; 1 were given"},
		{"%[2]s", []any{"<"}, "%[2]s: there is no argument 2"},
		{"%[x]s", []any{"<"}, "is written as [2]"},
		{"%[0]s", []any{"<"}, "there is no argument 0"},
		{"%d", []any{"<"}, "the verb %d does not take a string; %s takes any value"},
		{"%d", []any{math.Inf(1)}, "the verb %d does not take a float64"},
		{"%.2f", []any{nil}, "the verb %f does not take a <nil>"},
		{"%d", []any{[]any{1, "<"}}, "the verb %d does not take a []interface {}"},
		{"%z", []any{"<"}, `there is no verb 'z' here; take %s`},
		{"%T", []any{"<"}, `there is no verb 'T' here`},
		{"%p", []any{"<"}, `there is no verb 'p' here`},
		{"%w", []any{"<"}, `there is no verb 'w' here`},
		{"50% off", []any{}, "there is no argument 1; 0 were given"},
		{"%*s", []any{"<", "a"}, "argument 1 is a string where the width is; pass an int"},
		{"%*s", []any{2_000_000, "a"}, "a width is a million at most"},
		{"%2000000s", []any{"a"}, "a width is a million at most"},
		{"%.99999999999999999999s", []any{"a"}, "a width is a million at most"},
	} {
		message := fmt.Sprint(panicOf(t, func() { c.format.Sprintf(c.args...) }))
		if !strings.HasPrefix(message, "decant: Markup(") || !strings.Contains(message, c.want) {
			t.Errorf("%q.Sprintf(%v) panics with %q; want %q", c.format, c.args, message, c.want)
		}
	}
}

// The texts are those of Python's html.unescape.
func TestUnescapeOfNumbers(t *testing.T) {
	t.Parallel()
	for markup, want := range map[decant.Markup]string{
		"&#1;": "", "&#11;": "", "&#127;": "", "&#xFFFE;": "", "&#x1FFFF;": "", "&#xFDD0;": "",
		"&#9;&#10;&#12;&#13;": "\t\n\f\r", "&#0;": "\uFFFD", "&#xD800;": "\uFFFD", "&#x110000;": "\uFFFD", "&#99999999999999999999;": "\uFFFD",
		"&#128;": "€", "&#129;": "\u0081", "&#x9f;": "Ÿ", "&#65": "A", "&#65x": "Ax", "&#x41g": "Ag", "&#X41;": "A",
		"&#x;": "&#x;", "&#;": "&#;", "&#-1;": "&#-1;", "&#٣;": "&#٣;", "&#": "&#", "&#38;lt;": "&lt;", "&lt&#49;": "<1",
		"&notit;": "¬it;", "&hellip": "&hellip", "&foo;": "&foo;", "&ltfoo": "<foo", "&amp;amp;": "&amp;", "&NotEqualTilde;": "≂̸",
	} {
		if got := markup.Unescape(); got != want {
			t.Errorf("Markup(%q).Unescape() = %q; want %q", markup, got, want)
		}
	}
	if got := decant.Markup("a <b>&#1;&#11; c").Striptags(); got != "a  c" {
		t.Errorf("Striptags leaves %q", got)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("")
	f.Add(`<a href="x">it's & more</a>`)
	f.Fuzz(func(t *testing.T, text string) {
		escaped := decant.Escape(text)
		if strings.ContainsAny(string(escaped), `<>'"`) {
			t.Fatalf("Escape(%q) = %q", text, escaped)
		}
		if got := escaped.Unescape(); got != text {
			t.Fatalf("Unescape(%q) = %q; want %q", escaped, got, text)
		}
		if again := decant.Escape(escaped); again != escaped {
			t.Fatalf("Escape(%q) = %q a second time", escaped, again)
		}
		if got := decant.Markup("%s").Sprintf(text); got != escaped {
			t.Fatalf("Sprintf(%q) = %q; want %q", text, got, escaped)
		}
		if got := decant.Markup("{}").Format(text); got != escaped {
			t.Fatalf("Format(%q) = %q; want %q", text, got, escaped)
		}
		decant.Markup(text).Striptags()
	})
}

func BenchmarkEscapePlain(b *testing.B) {
	var text any = "Hello, this is a plain sentence without anything special in it."
	b.ReportAllocs()
	for b.Loop() {
		decant.Escape(text)
	}
}

func BenchmarkEscapeSpecial(b *testing.B) {
	var text any = `Hello, <b>this</b> is not a "plain" sentence & it's escaped.`
	b.ReportAllocs()
	for b.Loop() {
		decant.Escape(text)
	}
}

func BenchmarkEscapeSpecialHTMLTemplate(b *testing.B) {
	text := `Hello, <b>this</b> is not a "plain" sentence & it's escaped.`
	b.ReportAllocs()
	for b.Loop() {
		template.HTMLEscapeString(text)
	}
}
