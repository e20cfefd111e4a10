package htmltemplate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	html "html/template"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// places are pieces of templates in which a VALUE is printed.
var places = []string{
	`VALUE`, `<p>VALUE VALUE</p>`, `<!-- VALUE -->`, `<textarea>VALUE</textarea>`, `<title>VALUE</title>`,
	`<a href="VALUE">`, `<a href='VALUE'>`, `<a href=VALUE>`, `<a href="/VALUE">`, `<a href=/VALUE>`, `<a href="VALUEVALUE">`, `<a href="VALUE/VALUE?a=VALUE&b=VALUE#VALUE">`,
	`<a href="{{if .yes}}/{{end}}VALUE">`, `<a href="{{if .yes}}/a{{else}}/b{{end}}VALUE">`, `<a href="{{if .yes}}VALUE{{else}}/{{end}}?a=VALUE">`,
	`<a href="javascript:VALUE">`, `<a href="data:VALUE">`, `<a href="mailto:VALUE">`, `<a href="  VALUE">`, `<a HREF="VALUE">`, `<a xlink:href="VALUE">`, `<a data-href="VALUE">`, `<a data-url="/VALUE">`,
	`<form action="VALUE">`, `<img src="VALUE">`, `<img srcset="VALUE, VALUE 2x">`, `<img srcset='/VALUE 1x'>`, `<img srcset=VALUE>`, `<iframe srcdoc="VALUE">`, `<meta http-equiv="refresh" content="0;url=VALUE">`, `<meta content="VALUE">`,
	`<p title="VALUE">`, `<p title='VALUE'>`, `<p title=VALUE>`, `<p title="a VALUE b VALUE">`, `<p VALUE>`, `<p VALUE="a">`, `<p {{if .yes}}title="VALUE"{{end}} class="VALUE">`, `<p data-x='VALUE'>`, `<p my:onclick="VALUE">`, `<p {{"href"}}="VALUE">`,
	`<p style="color: VALUE">`, `<p style='background: url("VALUE")'>`, `<p style="background: url(/VALUE?a=VALUE)">`, `<p style="VALUE">`, `<style>p { color: VALUE; background: url('VALUE') } /* VALUE */</style>`,
	`<p onclick="f(VALUE)">`, `<p onclick='f("VALUE")'>`, "<script>var a = VALUE, b = \"VALUE\", c = 'VALUE', d = /VALUE/, e = `VALUE ${ VALUE }`; // VALUE\n</script>", `<script type="application/json">{"a": VALUE}</script>`, `<script type="text/template"><p title="VALUE">VALUE</script>`, `<script src="VALUE"></script>`,
	`{{template "part" .}}`, `<p title="{{template "part" .}}">`, `<a href="{{template "part" .}}">`, `<a href="/?a={{template "part" .}}">`, `<script>{{template "part" .}}</script>`, `<p style="color: {{template "part" .}}">`, `<a href={{template "part" .}}>`,
	`{{range .list}}VALUE{{.}}<a href="{{.}}">{{else}}VALUE{{end}}`, `{{range $i, $each := .list}}{{if $i}}{{break}}{{end}}<p title="{{$each}}">{{$i}}{{end}}`, `{{with .a}}{{.}}<a href="{{.}}">{{else}}VALUE{{end}}`, `{{$x := .a}}{{$x}}<a href="/{{$x}}">{{$x = "<"}}{{$x}}`,
	`{{template "link" .a}}`, `<p title="{{template "link" .b}}">`, `{{range .list}}{{template "link" .}}{{end}}`, `<![CDATA[VALUE]]>`, `<svg><a href="VALUE">`, `<noscript>VALUE</noscript>`, `<xmp>VALUE</xmp>`,
}

// expressions are the values that a piece prints.
var expressions = []string{
	".a", ".a", ".a", ".b", ".b", ".missing", `printf "%v/%v" .a .b`, `.a | printf "%s:%s" .b`, "print .a .b", ".a | print", "println .b", "len .list", "index .list 0", "not .a", "eq .yes true", "and .a .b", "or .missing .b", "(.a)", `"<'&>"`, "5", "-2.5", "nil | or .a",
	".a | urlquery", "urlquery .b", ".a | html", "html .a .b", ".a | js", "js .b", ".a | print | html", "html .a | print", "- .a -", "index .list 1", "(slice .name 0 2)",
}

// randomTemplate puts pieces one after another.
func randomTemplate(random *rand.Rand) string {
	var source strings.Builder
	for range 1 + random.IntN(3) {
		pieces := strings.Split(places[random.IntN(len(places))], "VALUE")
		for i, piece := range pieces {
			source.WriteString(piece)
			if i < len(pieces)-1 {
				source.WriteString("{{" + expressions[random.IntN(len(expressions))] + "}}")
			}
		}
	}
	return source.String() + `{{define "part"}}{{.a}}{{.b}}{{end}}{{define "link"}}<a href="/{{.}}" title="{{.}}">{{.}}{{end}}`
}

// manyValues are values of which html/template treats some in their own way.
func manyValues() []any {
	text, number := `/a<b>&"'+%41 =`, 7
	return []any{
		text, "", "plain", "javascript:alert(1)", "//evil.test/x?y=z", "a b\n\t`c`", "a\x00\xffé\u2028", "https://a.test/x y", " ", "-->", "</script>", "expression(1)", "#f", "a:b", "x, /y 2x",
		5, -1, 2.5, int8(3), uint(9), true, 'x', []byte(text), []string{text, "b"}, map[string]any{text: 1}, struct{ A string }{text}, errors.New(text),
		html.HTML("<b>" + text), html.HTMLAttr(`title="x"`), html.JS("f()"), html.JSStr(`\n"`), html.URL("javascript:f()"), html.CSS("color: red"), html.Srcset("a 2x"),
		named(text), shown{text}, &shown{text}, &text, &number, (*string)(nil), (*shown)(nil), safe("<i>" + text),
	}
}

func randomVars(random *rand.Rand, values []any) map[string]any {
	value := func() any { return values[random.IntN(len(values))] }
	return map[string]any{"a": value(), "b": value(), "name": "ann", "yes": random.IntN(2) == 0, "list": []any{value(), value()}[:random.IntN(3)]}
}

// Where the application has neither markup nor JSON of its own, a page is what
// html/template makes of it.
func TestPagesAreHTMLTemplates(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	values := append(manyValues(), complex(1, 2))
	e := newEngine(t, decant.EngineConfig{})
	done := 0
	for range pagesCompared {
		source, vars := randomTemplate(random), randomVars(random, values)
		vars["missing"] = "" // for which html/template writes null in a script
		bare, err := html.New("<template>").Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		done += comparePages(t, e, source, vars, bare)
	}
	mustBeMost(t, done)
}

// Elsewhere, a page is what html/template makes of the values that output returns.
func TestPagesAreHTMLTemplatesBehindOutput(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	values := append(manyValues(), nil)
	e := newEngine(t, decant.EngineConfig{Safe: markup, JSON: json.Marshal})
	done := 0
	for range pagesCompared {
		source, vars := randomTemplate(random), randomVars(random, values)
		page, err := e.newPage("<template>", source, true)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		done += comparePages(t, e, source, vars, apart(page))
	}
	mustBeMost(t, done)
}

const pagesCompared = 1000

func mustBeMost(t *testing.T, done int) {
	t.Helper()
	if done < pagesCompared/2 {
		t.Errorf("only %d of %d pages were written without an error", done, pagesCompared)
	}
}

// apart returns a page whose actions call output and then html/template's functions.
func apart(p *page) *html.Template {
	r := &run{page: p, ctx: context.Background()}
	t := html.New(p.name).Funcs(r.bind(p.functions))
	for name, tree := range p.trees {
		html.Must(t.AddParseTree(name, tree.Copy()))
	}
	return t
}

// comparePages returns 1 for a page that could be written, and 0 for another one.
func comparePages(t *testing.T, e *engine, source string, vars map[string]any, bare *html.Template) int {
	t.Helper()
	var got, want bytes.Buffer
	wantError := bare.ExecuteTemplate(&want, "<template>", maps.Clone(vars))
	err := e.RenderString(context.Background(), &got, source, maps.Clone(vars))
	if got.String() != want.String() || (err == nil) != (wantError == nil) {
		t.Errorf("%s\nwith %#v:\ngot  %q, %v\nwant %q, %v", source, vars, &got, err, &want, wantError)
	}
	if err != nil {
		return 0
	}
	return 1
}
