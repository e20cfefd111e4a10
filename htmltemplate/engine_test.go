package htmltemplate

import (
	"bytes"
	"context"
	"errors"
	html "html/template"
	"io/fs"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant"
)

// safe is HTML that is escaped already.
type safe string

func markup(value any) (html string, ok bool) {
	s, ok := value.(safe)
	return string(s), ok
}

type userKey struct{}

func configOf(files map[string]string) decant.EngineConfig {
	folder := fstest.MapFS{}
	for name, source := range files {
		folder[name] = &fstest.MapFile{Data: []byte(source)}
	}
	return decant.EngineConfig{FS: folder, Safe: markup, Autoescape: func(name string) bool { return strings.HasSuffix(name, ".html") }}
}

func newEngine(t *testing.T, config decant.EngineConfig) *engine {
	t.Helper()
	e, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*engine)
}

func TestRender(t *testing.T) {
	t.Parallel()
	config := configOf(map[string]string{
		"layout.html":  `<title>{{block "title" .}}plain{{end}}</title>{{template "body" .}}`,
		"page.html":    `{{template "layout.html" .}}{{define "title"}}{{.name}}{{end}}{{define "body"}}[{{.safe}}{{.none}}]{{end}}`,
		"mail.txt":     `Hello {{.name}}`,
		"calls.html":   `{{.name | shout}} {{user}} {{pair "a" "b"}} {{.version}} {{.lazy}} {{html .name}}`,
		"broken.html":  `{{template "none.html"}}`,
		"unsafe.txt":   `{{template "calls.html" .}}`,
		"syntax.html":  `{{if}}`,
		"endless.html": `{{template "endless.html" .}}`,
	})
	config.Filters = map[string]any{"shout": strings.ToUpper}
	config.Globals = map[string]any{
		"user":    func(ctx context.Context) any { return ctx.Value(userKey{}) },
		"pair":    func(_ context.Context, names ...string) string { return strings.Join(names, "-") },
		"version": 3,
	}
	config.Lazy = map[string]func(context.Context) any{"lazy": func(ctx context.Context) any { return ctx.Value(userKey{}) }}
	e := newEngine(t, config)
	ctx := context.WithValue(context.Background(), userKey{}, "ann")
	vars := map[string]any{"name": "<b>", "safe": safe("<i>")}
	for range 2 { // parsed, then remembered
		for name, c := range map[string]struct{ want, err string }{
			"page.html":    {"<title>&lt;b&gt;</title>[<i>]", ""},
			"mail.txt":     {"Hello <b>", ""},
			"calls.html":   {"&lt;B&gt; ann a-b 3 ann &lt;b&gt;", ""},
			"broken.html":  {"", `broken.html:1:11: open none.html`},
			"unsafe.txt":   {"", `"calls.html" would not be escaped in "unsafe.txt"`},
			"syntax.html":  {"", "missing value for if"},
			"endless.html": {"", "without an end"},
			"none.html":    {"", "not exist"},
		} {
			var out bytes.Buffer
			err := e.Render(ctx, &out, name, maps.Clone(vars))
			if c.err == "" && (err != nil || out.String() != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%s: %q, %v, want %+v", name, out.String(), err, c)
			}
			if prepared := e.Prepare(name); name != "endless.html" && (prepared == nil) != (c.err == "") {
				t.Errorf("%s is prepared with %v", name, prepared)
			}
		}
	}
}

func TestRenderString(t *testing.T) {
	t.Parallel()
	e := newEngine(t, configOf(nil))
	var out bytes.Buffer
	if err := e.RenderString(context.Background(), &out, "{{.x}}", map[string]any{"x": "<"}); err != nil || out.String() != "&lt;" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := e.RenderString(context.Background(), &out, `{{template "x"}}`, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	for reload, want := range map[bool]string{true: "new", false: "old"} {
		config := configOf(map[string]string{"a.html": "old"})
		config.Reload = reload
		e := newEngine(t, config)
		var out bytes.Buffer
		for _, source := range []string{"old", "new"} {
			config.FS.(fstest.MapFS)["a.html"].Data = []byte(source)
			out.Reset()
			if err := e.Render(context.Background(), &out, "a.html", map[string]any{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := out.String(); got != want {
			t.Errorf("with Reload %v: %q, want %q", reload, got, want)
		}
	}
}

func TestOneNameForTwoFunctions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"twice", outputFunction, escapers()[0].name} {
		config := configOf(nil)
		config.Filters = map[string]any{name: strings.ToUpper}
		config.Tests = map[string]any{"twice": func(string) bool { return true }}
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), strconv.Quote(name)+" names two") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOfSeveralSuchNamesTheFirstIsReported(t *testing.T) {
	t.Parallel()
	config := configOf(nil)
	config.Filters = map[string]any{"b": strings.ToUpper, "a": strings.ToUpper, "c": strings.ToUpper}
	config.Tests = config.Filters
	for range 30 { // the order of a map is another one each time
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), `"a" names two`) {
			t.Fatal(err)
		}
	}
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	e := newEngine(t, configOf(nil))
	for name, want := range map[string]bool{
		"a.html": true, "a.HTML": true, "a.htm": true, "feed.xml": true, "a.xhtml": true, "a.svg": true,
		"a.gohtml": true, "a.tmpl": true, "a.html.tmpl": true, "a.tpl": true, "a.gotmpl": true, "page": true, "folder.txt/page": true,
		"mail.txt": false, "mail.txt.tmpl": false, "robots.txt.TPL": false, "a.css": false, "a.js.tmpl": false, "folder.html/mail.txt": false,
	} {
		if got := e.Escapes(name); got != want {
			t.Errorf("%s is escaped: %v", name, got)
		}
	}
}

// html/template takes the first "<" of a declaration for text.
func TestXMLDeclaration(t *testing.T) {
	t.Parallel()
	const declaration = `<?xml version="1.0" encoding="utf-8"?>`
	e := newEngine(t, configOf(map[string]string{
		"feed.xml":    declaration + `<rss>{{.x}}</rss>`,
		"lines.xml":   "\n" + declaration + "\n<rss>{{.x}}</rss>",
		"nested.xml":  `{{template "feed.xml" .}}`,
		"late.xml":    `<rss>` + declaration + `</rss>`,
		"open.xml":    `<?xml {{.x}}?>`,
		"feed.txt":    declaration + `{{.x}}`,
		"another.xml": `<?php {{.x}}?>`,
	}))
	for name, want := range map[string]string{
		"feed.xml":    declaration + "<rss>&lt;b&gt;</rss>",
		"lines.xml":   "\n" + declaration + "\n<rss>&lt;b&gt;</rss>",
		"nested.xml":  declaration + "<rss>&lt;b&gt;</rss>",
		"late.xml":    "<rss>&lt;" + declaration[1:] + "</rss>",
		"open.xml":    "&lt;?xml &lt;b&gt;?>",
		"feed.txt":    declaration + "<b>",
		"another.xml": "&lt;?php &lt;b&gt;?>",
	} {
		for range 2 {
			var out bytes.Buffer
			if err := e.Render(context.Background(), &out, name, map[string]any{"x": "<b>"}); err != nil || out.String() != want {
				t.Errorf("%s: %q, %v, want %q", name, out.String(), err, want)
			}
		}
	}
}

type named string

type shown struct{ text string }

func (s shown) String() string { return s.text }

// TestEscapeIsHTMLTemplates compares escape with output and the functions of
// html/template, in all places that have an escaper.
func TestEscapeIsHTMLTemplates(t *testing.T) {
	t.Parallel()
	text, number, trusted := `a<b>&"'+\x00é\xff`, 5, html.HTML("<i>")
	values := []any{
		text, named(text), shown{text}, &shown{text}, &text, &number, nil, html.HTML(text), &trusted, html.JS(text), html.URL(text), safe(text), []string{text}, map[string]int{text: 1},
		5, -5, int8(1), uint64(1), 1e21, 2.5, float32(1e10), true, 'x', complex(1, 2), errors.New(text), struct{ A, B any }{text, nil}, (*shown)(nil), (*string)(nil), []byte(text),
		"", "javascript:alert(1)", "JavaScript:alert(1)", "/a/b?c=d&e=%41%zz#f", "//evil.test", "https://x.test/ü", "a b\n\tc", shown{"javascript:alert(1)"}, safe("javascript:alert(1)"),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		const alphabet = "aZ0-_./:?=&%41#+ \"'<>\\\n\x00é"
		var word strings.Builder
		for range random.IntN(7) {
			word.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		values = append(values, word.String())
	}
	for _, config := range []decant.EngineConfig{{}, {Safe: markup}, {Safe: markup, JSON: func(any) ([]byte, error) { return nil, nil }}} {
		r := &run{page: &page{engine: newEngine(t, config), escapes: true}}
		for _, e := range escapers() {
			bare := html.Must(html.New("").Funcs(html.FuncMap{outputFunction: r.output}).Parse(e.before + "{{. | " + outputFunction + "}}" + e.after))
			for _, value := range values {
				var want bytes.Buffer
				wantError := bare.Execute(&want, value)
				got, err := r.escape(e, value)
				if got = e.before + got + e.after; got != want.String() || (err == nil) != (wantError == nil) {
					t.Fatalf("%s of the %T %q: got %q, %v, want %q, %v", e.name, value, value, got, err, want.String(), wantError)
				}
			}
		}
	}
}

// An action of a usual place calls one function, and in a script or a style
// html/template's too.
func TestActionsCallOneFunction(t *testing.T) {
	t.Parallel()
	e := newEngine(t, configOf(map[string]string{
		"a.html": `{{.x}}{{if .x}}{{range .y}}<b>{{.}}{{else}}{{$.x}}{{end}}{{end}}{{template "b.html" .}}` +
			`<a href="{{.x}}" title="{{.x}}"><a href="/{{.x}}"><a href="/?a={{.x}}"><script>{{.x}}</script><a style="{{.x}}">`,
		"b.html": `{{with .x}}{{.}}{{end}}`,
	}))
	page, err := e.page("a.html")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, part := range page.newRun().template.(*html.Template).Templates() {
		if part.Tree != nil {
			text.WriteString(part.Tree.Root.String())
		}
	}
	if joined, apart := strings.Count(text.String(), "| _escape_"), strings.Count(text.String(), "| "+outputFunction); joined != 8 || apart != 2 {
		t.Errorf("%d actions call one function, %d more: %s", joined, apart, &text)
	}
}
