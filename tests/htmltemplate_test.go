package tests

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/htmltemplate"
)

// htmlApp is a templateApp with the templates of html/template.
func htmlApp(files ...string) (*decant.App, *journal) {
	app, log := templateApp(files...)
	app.Templates.Engine(htmltemplate.New)
	return app, log
}

func TestOneNameForTwoFunctions(t *testing.T) {
	t.Parallel()
	app, _ := htmlApp("page.html", "")
	app.Templates.Filter("twice", strings.ToUpper)
	app.Templates.Test("twice", func(string) bool { return true })
	if text := fmt.Sprint(panicOf(t, func() { get(app, "/") })); !strings.Contains(text, `"twice" names two of the filters, tests and globals`) {
		t.Errorf("the panic is %q", text)
	}
}

type author struct {
	Name string
	Bio  decant.Markup
}

func (a *author) Initial() string { return a.Name[:1] }

func TestRenderedPages(t *testing.T) {
	t.Parallel()
	vars := decant.H{
		"name":   "<Ann>",
		"safe":   decant.Markup("<b>bold</b>"),
		"author": &author{"Bo", "<i>writes</i>"},
		"list":   []any{decant.Markup("<hr>"), "<br>", 3},
		"error":  errors.New("<oops>"),
	}
	for _, test := range []struct{ name, source, want string }{
		{"text is escaped", `<p title="{{.name}}">{{.name}}</p>`, `<p title="&lt;Ann&gt;">&lt;Ann&gt;</p>`},
		{"markup is safe", `{{.safe}}{{range .list}}{{.}}{{end}}`, `<b>bold</b><hr>&lt;br&gt;3`},
		{"markup in a struct", `{{.author.Bio}}{{with .author}}{{.Bio}}{{end}}`, `<i>writes</i><i>writes</i>`},
		{"markup in a script", `<script>x = {{.safe}}</script>`, `<script>x = "\u003cb\u003ebold\u003c/b\u003e"</script>`},
		{"markup in an attribute", `<p title="{{.safe}}">`, `<p title="bold">`},
		{"errors are text", `{{.error}}`, `&lt;oops&gt;`},
		{"missing names print nothing", `[{{.nobody}}{{.author.Name}}{{.nobody}}]<p title="{{.nobody}}"><a href="/{{.nobody}}">`, `[Bo]<p title=""><a href="/">`},
		{"if missing", `{{if .nobody}}yes{{else}}no{{end}}{{with .nobody}}yes{{else}}no{{end}}`, "nono"},
		{"a javascript URL", `<a href="{{"javascript:alert(1)"}}">`, `<a href="#ZgotmplZ">`},
		{"the html function", `{{.name | html}}`, `&lt;Ann&gt;`},
		{"the urlquery function", `<a href="/?q={{.name | urlquery}}">`, `<a href="/?q=%3CAnn%3E">`},
		{"markup in variables", `{{$m := .safe}}{{printf "%T" $m}}{{$m}}`, `decant.Markup<b>bold</b>`},
		{"variables", `{{$n := .name}}{{$n}}{{$n = "x"}}{{$n}}`, `&lt;Ann&gt;x`},
		{"methods", `{{.author.Initial}}`, "B"},
		{"url_for", `<a href="{{url_for "index" "q" .name "page" 2}}">`, `<a href="/?q=%3CAnn%3E&amp;page=2">`},
		{"request", `{{.request.Method}} {{.request.Path}} {{.request.Args.Get "x"}}`, "GET / 1"},
		{"session", `{{.session.Get "user"}}{{.session.Has "user"}}`, "false"},
		{"config", `{{.config.Debug}} {{.config.Get "DEBUG"}}`, "false false"},
		{"g", `{{range .g.people}}{{.}},{{end}}{{.g.nothing}}`, "eve,"},
		{"no messages", `{{range get_flashed_messages}}{{.}}{{else}}none{{end}}`, "none"},
		{"loops", `{{range $i, $x := .list}}{{if $i}}{{break}}{{end}}{{$x}}{{end}}`, "<hr>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			app, log := htmlApp("page.html", test.source)
			app.Get("/page", func(c *decant.Context) (any, error) {
				people.Set(c, []string{"eve"})
				return c.Render("page.html", vars)
			}, decant.Endpoint("page"))
			app.Get("/string", func(c *decant.Context) (any, error) {
				people.Set(c, []string{"eve"})
				return c.RenderString(strings.ReplaceAll(test.source, "GET / 1", "GET /string 1"), vars)
			}, decant.Endpoint("string"))
			mustAnswer(t, get(app, "/page?x=1"), 200, strings.Replace(test.want, "GET /", "GET /page", 1))
			mustAnswer(t, get(app, "/string?x=1"), 200, strings.Replace(test.want, "GET /", "GET /string", 1))
			log.mustBeEmpty(t)
			if len(vars) != 5 {
				t.Errorf("the view's variables became %v", vars)
			}
		})
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"a.html": true, "a.htm": true, "a.xml": true, "a.xhtml": true, "a.svg": true, "x/y.html": true,
		"a.txt": false, "a.HTML": true, "a.html.j2": false, "a.js": false, "html": true, ".html": true,
		"a.tmpl": true, "a.gohtml": true, "a.txt.tmpl": false,
	}
	mustEscape(t, htmlApp, "{{.x}}[{{.nobody}}]", want)
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	base := `<title>{{block "title" .}}Site{{end}}</title>{{block "content" .}}nothing{{end}}{{template "parts/foot.html" .}}`
	files := []string{
		"base.html", base,
		"parts/foot.html", `<p>{{template "copyright" .}}`,
		"parts/tools.html", `{{define "copyright"}}(c) {{.year}}{{end}}{{define "title"}}tools{{end}}`,
		"wide.html", `{{template "base.html" .}}{{define "content"}}<wide>{{block "inner" .}}{{end}}</wide>{{end}}{{define "title"}}Wide{{end}}`,
	}
	for name, test := range map[string]struct{ page, want string }{
		"blocks":          {`{{template "base.html" .}}{{define "title"}}One{{end}}{{define "content"}}1{{template "parts/tools.html"}}{{end}}`, "<title>One</title>1<p>(c) 2024"},
		"defaults":        {`{{template "base.html" .}}{{template "parts/tools.html"}}{{define "copyright"}}mine{{end}}`, "<title>Site</title>nothing<p>mine"},
		"layers":          {`{{template "wide.html" .}}{{define "inner"}}in{{end}}{{define "copyright"}}{{end}}`, "<title>Wide</title><wide>in</wide><p>"},
		"layers, closer":  {`{{template "wide.html" .}}{{define "title"}}Mine{{end}}{{define "copyright"}}{{end}}`, "<title>Mine</title><wide></wide><p>"},
		"only defines":    {`{{define "x"}}{{end}}`, ""},
		"empty":           {``, ""},
		"itself, in vain": {`{{if .never}}{{template "page.html" .}}{{end}}.`, "."},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := htmlApp(append(files, "page.html", test.page, "other.html", `{{template "base.html" .}}{{define "content"}}other{{end}}{{define "copyright"}}{{end}}`)...)
			app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"year": 2024} })
			app.Get("/other", func(c *decant.Context) (any, error) { return c.Render("other.html") }, decant.Endpoint("other"))
			for range 3 {
				mustAnswer(t, get(app, "/"), 200, test.want)
				mustAnswer(t, get(app, "/other"), 200, "<title>Site</title>other<p>")
			}
			log.mustBeEmpty(t)
		})
	}
}

func TestTemplateMistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mustNameMistakes(t, htmlApp, folder, map[string]mistake{
		"missing":              {nil, []string{`there is no template "page.html" in the fstest.MapFS (the application) or ` + folder + ` (the blueprint "shop"); put the file there`}},
		"misspelt":             {[]string{"pages.html", ""}, []string{`did you mean "pages.html"?`}},
		"in a folder":          {[]string{"templates/page.html", ""}, []string{`did you mean "templates/page.html"?`}},
		"syntax":               {[]string{"page.html", "\n\n{{if}}"}, []string{`rendering the template "page.html" failed`, "page.html:3"}},
		"unknown function":     {[]string{"page.html", "\n{{urlfor}}"}, []string{`page.html:2: function "urlfor" not defined`}},
		"in a layout":          {[]string{"page.html", `{{template "base.html" .}}`, "base.html", "a\n{{end}}"}, []string{`rendering the template "page.html" failed`, "base.html:2"}},
		"no such layout":       {[]string{"page.html", "\n{{template \"bse.html\" .}}", "base.html", ""}, []string{`page.html:2:11`, `there is no template "bse.html"`, `did you mean "base.html"?`}},
		"no such block":        {[]string{"page.html", `{{template "base.html" .}}`, "base.html", "\n{{template \"content\"}}"}, []string{`base.html:2:11`, `there is no template "content"`}},
		"outside":              {[]string{"page.html", `{{template "../secret.html" .}}`}, []string{`"../secret.html" cannot be the name of a template`}},
		"execution":            {[]string{"page.html", "\n\n{{.request.Nope}}"}, []string{`rendering the template "page.html" failed`, "page.html:3:10", "Nope"}},
		"context of escaping":  {[]string{"page.html", "<a {{if .x}}href='{{end}}>"}, []string{"html/template", "page.html"}},
		"unknown endpoint":     {[]string{"page.html", "\n{{url_for \"indx\"}}"}, []string{`page.html:2:2`, `did you mean "index"?`}},
		"panic of a function":  {[]string{"page.html", "\n{{explode}}"}, []string{`page.html:2:2`, "boom"}},
		"error of a function":  {[]string{"page.html", "\n{{refuse}}"}, []string{`page.html:2:2`, "no more"}},
		"options of messages":  {[]string{"page.html", "{{get_flashed_messages \"category\" 1}}"}, []string{`get_flashed_messages takes with_categories and category_filter, not "category"`}},
		"odd options":          {[]string{"page.html", "{{get_flashed_messages true \"a\" 1 2}}"}, []string{`get_flashed_messages needs pairs`}},
		"wrong argument types": {[]string{"page.html", `{{url_for 5}}`}, []string{"page.html:1"}},
	})
}

func TestEscapedPartsOfUnescapedPages(t *testing.T) {
	t.Parallel()
	app, log := htmlApp("mail.txt", "{{template \"part.html\" .}}", "part.html", "{{.x}}", "page.html", `{{template "part.txt" .}}`, "part.txt", "{{.x}}")
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"x": "<"} })
	app.Get("/mail", func(c *decant.Context) (any, error) { return c.Render("mail.txt") }, decant.Endpoint("mail"))
	mustFail(t, get(app, "/mail"))
	log.mustContain(t, `mail.txt:1:11`, `"part.html" would not be escaped in "mail.txt"`)
	mustAnswer(t, get(app, "/"), 200, "&lt;")
}

// TestRequestsDoNotMeetInTemplates is for the race detector, too.
func TestRequestsDoNotMeetInTemplates(t *testing.T) {
	t.Parallel()
	app, _ := htmlApp("row.html", `{{path}}`, "page.html", `{{define "title"}}{{path}}{{end}}{{template "title"}} {{.request.Path}} {{part "row.html"}} {{path}}`)
	app.Templates.Global("path", func(c *decant.Context) string { return c.Request.Path() })
	app.Templates.Global("part", func(c *decant.Context, name string) (string, error) { return c.Render(name) })
	app.Get("/<int:id>", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("page"))
	mustNotMeet(t, app, 4)
}

func BenchmarkRender(b *testing.B) {
	app, _ := htmlApp(
		"base.html", `<!doctype html><title>{{block "title" .}}{{end}}</title>{{block "content" .}}{{end}}`,
		"page.html", `{{template "base.html" .}}{{define "title"}}Hello{{end}}{{define "content"}}<p>Hello, {{.name}}!{{end}}`,
		"link.html", `{{template "base.html" .}}{{define "title"}}Hello{{end}}{{define "content"}}<a href="{{url_for "index"}}">Hello</a>{{end}}`,
	)
	app.Get("/<name>", func(c *decant.Context) (any, error) { return c.Render(c.Param("name"), decant.H{"name": "Ann"}) }, decant.Endpoint("page"))
	for _, name := range []string{"page.html", "link.html"} {
		b.Run(name, func(b *testing.B) {
			w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/"+name, nil)
			b.ReportAllocs()
			for b.Loop() {
				app.ServeHTTP(w, r)
			}
		})
	}
	b.Run("html/template alone", func(b *testing.B) {
		page := template.Must(template.New("page.html").Parse(`<!doctype html><title>{{block "title" .}}Hello{{end}}</title>{{block "content" .}}<p>Hello, {{.name}}!{{end}}`))
		b.ReportAllocs()
		for b.Loop() {
			page.Execute(io.Discard, decant.H{"name": "Ann"})
		}
	})
}
