package tests

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strings"
	"testing"
	"time"

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

// MarkupSafe copies the text for every tag; a page of tags must not take long.
func TestMarkupStriptagsTakesLinearTime(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"<!--", "<!-- -->", "<!", "<", "<>", "<!<!---->--", "-->"} {
		start := time.Now()
		decant.Markup(strings.Repeat(pattern, 1<<20/len(pattern))).Striptags()
		if spent := time.Since(start); spent > 5*time.Second {
			t.Errorf("a text of many %q took %v", pattern, spent)
		}
	}
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
		{"{-1}", 1, "there is no argument -1"},
		{"{} {0}", 1, "number all or none"},
		{"{0} {}", 1, "number all or none"},
		{"{name}", 1, "map[string]any"},
		{"{0.name}", 1, "map[string]any"},
		{"{name}", map[string]any{}, `no value "name"`},
		{"{!}", 1, "there are !s and !r"},
		{"{!a}", "é", "there are !s and !r"},
		{"{:Q}", 1, `"Q" is not`},
		{"{:99999}", 1, "is not"},
		{"{:>5}", decant.Markup("<"), "markup takes no specification"},
		{"{:>5}", htmlObject{"<"}, "markup takes no specification"},
		{"{:d}", "x", "text takes"},
		{"{:+}", "x", "text takes"},
		{"{:,}", "x", "text takes"},
		{"{:=5}", "x", "text takes"},
		{"{:s}", 3, "a whole number takes"},
		{"{:.3d}", 3, "a whole number takes"},
		{"{:,x}", 3, "a whole number takes"},
		{"{:d}", 3.5, "a float takes"},
		{"{:.2}", 3.5, "a float takes"},
		{"{:010,}", 3, "do not go together"},
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
	} {
		if got := c.format.Sprintf(c.args...); got != c.want {
			t.Errorf("%q.Sprintf(%v) = %q; want %q", c.format, c.args, got, c.want)
		}
	}
}

// The message that fmt writes about a wrong format holds the argument, too.
func TestMarkupSprintfEscapesMistakes(t *testing.T) {
	t.Parallel()
	const attack = "<script>"
	for _, format := range []decant.Markup{"", "%d", "%z", "%*s", "%[2]s", "%w", "%T", "%p", "%+v", "%#v", "%"} {
		got := string(format.Sprintf(attack))
		if strings.Contains(got, attack) {
			t.Errorf("%q.Sprintf(%q) = %q", format, attack, got)
		}
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
