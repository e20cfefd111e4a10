package decant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// folderOf makes a folder of names and contents in turn.
func folderOf(files ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return folder
}

// templateApp is an application with such templates, which answers "/" with
// "page.html".
func templateApp(files ...string) (*App, *journal) {
	log := new(journal)
	app := New("test", Templates(folderOf(files...)))
	app.Config.SecretKey = "dev"
	app.Logger = slog.New(log)
	app.Get("/", func(c *Context) (any, error) { return c.Render("page.html") }, Endpoint("index"))
	return app, log
}

var people = NewG[[]string]("people")

type author struct {
	Name string
	Bio  Markup
}

func (a *author) Initial() string { return a.Name[:1] }

func TestRenderedPages(t *testing.T) {
	t.Parallel()
	vars := H{
		"name":   "<Ann>",
		"safe":   Markup("<b>bold</b>"),
		"author": &author{"Bo", "<i>writes</i>"},
		"list":   []any{Markup("<hr>"), "<br>", 3},
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
			app, log := templateApp("page.html", test.source)
			app.Get("/page", func(c *Context) (any, error) {
				people.Set(c, []string{"eve"})
				return c.Render("page.html", vars)
			}, Endpoint("page"))
			app.Get("/string", func(c *Context) (any, error) {
				people.Set(c, []string{"eve"})
				return c.RenderString(strings.ReplaceAll(test.source, "GET / 1", "GET /string 1"), vars)
			}, Endpoint("string"))
			mustAnswer(t, get(app, "/page?x=1"), 200, strings.Replace(test.want, "GET /", "GET /page", 1))
			mustAnswer(t, get(app, "/string?x=1"), 200, strings.Replace(test.want, "GET /", "GET /string", 1))
			log.mustBeEmpty(t)
			if len(vars) != 5 {
				t.Errorf("the view's variables became %v", vars)
			}
		})
	}
}

func TestAnUntouchedSessionIsNotLoaded(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "{{.request.Path}}", "user.html", `{{.session.Get "user"}}`)
	app.Get("/user", func(c *Context) (any, error) { return c.Render("user.html") }, Endpoint("user"))
	if vary := get(app, "/").Header().Get("Vary"); vary != "" {
		t.Errorf("Vary is %q for a template without session", vary)
	}
	if vary := get(app, "/user").Header().Get("Vary"); vary != "Cookie" {
		t.Errorf("Vary is %q for a template that reads the session", vary)
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"a.html": true, "a.htm": true, "a.xml": true, "a.xhtml": true, "a.svg": true, "x/y.html": true,
		"a.txt": false, "a.HTML": false, "a.html.j2": false, "a.js": false, "html": false, ".html": true,
	}
	got := map[string]bool{}
	for name := range want {
		app, _ := templateApp(name, "{{.x}}[{{.nobody}}]")
		app.Get("/page", func(c *Context) (any, error) { return c.Render(name, H{"x": "<"}) }, Endpoint("page"))
		switch body := get(app, "/page").Body.String(); body {
		case "&lt;[]":
			got[name] = true
		case "<[]":
			got[name] = false
		default:
			t.Errorf("%s gives %q", name, body)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("escaped (-want +got):\n%s", diff)
	}
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
			app, log := templateApp(append(files, "page.html", test.page, "other.html", `{{template "base.html" .}}{{define "content"}}other{{end}}{{define "copyright"}}{{end}}`)...)
			app.ContextProcessor(func(*Context) H { return H{"year": 2024} })
			app.Get("/other", func(c *Context) (any, error) { return c.Render("other.html") }, Endpoint("other"))
			for range 3 {
				mustAnswer(t, get(app, "/"), 200, test.want)
				mustAnswer(t, get(app, "/other"), 200, "<title>Site</title>other<p>")
			}
			log.mustBeEmpty(t)
		})
	}
}

// TestContextProcessorsInOrder has Flask's answers for the same application.
func TestContextProcessorsInOrder(t *testing.T) {
	t.Parallel()
	var trail []string
	processor := func(name string, vars H) func(*Context) H {
		return func(*Context) H { trail = append(trail, name); return vars }
	}
	app, _ := templateApp("page.html", `{{.v}} {{.config}} {{.g}} {{.w}}`)
	outer, inner := NewBlueprint("outer", URLPrefix("/outer")), NewBlueprint("inner", URLPrefix("/inner"))
	app.ContextProcessor(processor("app1", H{"v": "app1", "w": "app"}))
	app.ContextProcessor(processor("app2", H{"v": "app2"}))
	outer.ContextProcessor(processor("outer", H{"v": "outer", "config": "shadowed"}))
	inner.ContextProcessor(processor("inner", H{"v": "inner", "g": "gshadow"}))
	outer.AppContextProcessor(processor("fromouter", H{"v": "fromouter"}))
	inner.Get("/", func(c *Context) (any, error) { return c.Render("page.html") }, Endpoint("i"))
	inner.Get("/e", func(c *Context) (any, error) {
		return c.Render("page.html", H{"v": "first", "w": "kept"}, H{"v": "explicit"})
	}, Endpoint("e"))
	outer.RegisterBlueprint(inner)
	app.RegisterBlueprint(outer)
	app.ErrorHandler(404, func(c *Context, err error) (any, error) { return c.RenderString("{{.v}}") })

	mustAnswer(t, get(app, "/outer/inner/"), 200, "inner shadowed gshadow app")
	if diff := cmp.Diff([]string{"app1", "app2", "fromouter", "outer", "inner"}, trail); diff != "" {
		t.Errorf("processors (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/outer/inner/e"), 200, "explicit shadowed gshadow kept")
	mustAnswer(t, get(app, "/outer/nowhere"), 404, "fromouter")
}

func TestSearchOrderOfTemplates(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("both.html", "app", "folder.html/inside.html", "inside")
	for _, name := range []string{"one", "two"} {
		app.RegisterBlueprint(NewBlueprint(name, Templates(folderOf("both.html", name, "second.html", name, "folder.html", name, name+".html", name))))
	}
	plain := NewBlueprint("three", Templates(folderOf("own.html", "own")))
	app.RegisterBlueprint(plain, Templates(folderOf("given.html", "given")))
	app.Get("/t/<path:name>", func(c *Context) (any, error) { return c.RenderFirst([]string{c.Param("name"), "none.html"}) }, Endpoint("t"))
	for name, want := range map[string]string{
		"both.html": "app", "second.html": "one", "folder.html": "one", "two.html": "two",
		"folder.html/inside.html": "inside", "given.html": "given",
	} {
		mustAnswer(t, get(app, "/t/"+name), 200, want)
	}
	mustFail(t, get(app, "/t/own.html"))
	mustFail(t, get(app, "/t/../both.html"))
}

func TestRenderFirst(t *testing.T) {
	t.Parallel()
	app, log := templateApp("second.html", "second {{.x}}")
	app.Get("/found", func(c *Context) (any, error) {
		return c.RenderFirst([]string{"first.html", "../x", "second.html"}, H{"x": 1})
	}, Endpoint("found"))
	app.Get("/none", func(c *Context) (any, error) { return c.RenderFirst([]string{"a.html", "b.html"}) }, Endpoint("none"))
	app.Get("/empty", func(c *Context) (any, error) { return c.RenderFirst(nil) }, Endpoint("empty"))
	mustAnswer(t, get(app, "/found"), 200, "second 1")
	mustFail(t, get(app, "/none"))
	mustFail(t, get(app, "/empty"))
	log.mustContain(t, `none of the templates ["a.html" "b.html"] in the fstest.MapFS (the application)`, `none of the templates []`)
}

func TestTemplateMistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, test := range map[string]struct {
		files []string
		want  []string
	}{
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
	} {
		t.Run(name, func(t *testing.T) {
			app, log := templateApp(test.files...)
			app.Templates.Global("explode", func() string { panic("boom") })
			app.Templates.Global("refuse", func(*Context) (string, error) { return "", errors.New("no more") })
			app.RegisterBlueprint(NewBlueprint("shop", Templates(os.DirFS(folder))))
			mustFail(t, get(app, "/"))
			log.mustContain(t, test.want...)
		})
	}
}

func TestNothingOfAFailedPageIsSent(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "secret draft {{explode}}", "fine.html", "fine")
	app.Templates.Global("explode", func(c *Context) string { panic(NewHTTPError(403)) })
	app.Get("/fine", func(c *Context) (any, error) { return c.Render("fine.html") }, Endpoint("fine"))
	if w := get(app, "/"); w.Code != 403 || strings.Contains(w.Body.String(), "draft") {
		t.Errorf("an abort in a template gives %d %q", w.Code, w.Body)
	}
	mustAnswer(t, get(app, "/fine"), 200, "fine")
}

func TestEscapedPartsOfUnescapedPages(t *testing.T) {
	t.Parallel()
	app, log := templateApp("mail.txt", "{{template \"part.html\" .}}", "part.html", "{{.x}}", "page.html", `{{template "part.txt" .}}`, "part.txt", "{{.x}}")
	app.ContextProcessor(func(*Context) H { return H{"x": "<"} })
	app.Get("/mail", func(c *Context) (any, error) { return c.Render("mail.txt") }, Endpoint("mail"))
	mustFail(t, get(app, "/mail"))
	log.mustContain(t, `mail.txt:1:11`, `"part.html" would not be escaped in "mail.txt"`)
	mustAnswer(t, get(app, "/"), 200, "&lt;")
}

func TestMakeResponseOfAPage(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "page")
	app.Get("/made", func(c *Context) (any, error) {
		page, err := c.Render("page.html")
		if err != nil {
			return nil, err
		}
		r := c.MakeResponse(page, 201)
		r.Header().Set("X-A", "1")
		return r, nil
	}, Endpoint("made"))
	w := get(app, "/made")
	mustAnswer(t, w, 201, "page")
	if w.Header().Get("X-A") != "1" || w.Header().Get("Content-Type") != typeHTML {
		t.Errorf("the headers are %v", w.Header())
	}
}

func TestRelativeEndpointsInTemplates(t *testing.T) {
	t.Parallel()
	bp := NewBlueprint("blog", URLPrefix("/blog"), Templates(folderOf("links.html", `{{url_for ".show" "id" 5}} {{url_for "index"}}`)))
	bp.Get("/<int:id>", func(c *Context) (any, error) { return c.Render("links.html") }, Endpoint("show"))
	app, _ := templateApp()
	app.RegisterBlueprint(bp)
	mustAnswer(t, get(app, "/blog/1"), 200, "/blog/5 /")
}

func TestFlashedMessagesInTemplates(t *testing.T) {
	t.Parallel()
	app, log := templateApp()
	app.Get("/flash", func(c *Context) (any, error) {
		c.Session.Set("_flashes", []any{Tuple{"message", "a<b"}, Tuple{"error", Markup("<b>no</b>")}})
		return "", nil
	}, Endpoint("flash"))
	app.Get("/show", func(c *Context) (any, error) { return c.RenderString(c.Request.Args.Get("t")) }, Endpoint("show"))
	cookie := pairOf(get(app, "/flash"))
	for source, want := range map[string]string{
		`{{range get_flashed_messages}}[{{.}}]{{end}}`:                                                           "[a&lt;b][<b>no</b>]",
		`{{range get_flashed_messages true}}{{index . 0}}:{{index . 1}};{{end}}`:                                 "message:a&lt;b;error:<b>no</b>;",
		`{{range get_flashed_messages "with_categories" true}}{{index . 0}};{{end}}`:                             "message;error;",
		`{{range get_flashed_messages "category_filter" "error"}}{{.}}{{end}}`:                                   "<b>no</b>",
		`{{range get_flashed_messages true "error"}}{{index . 0}}{{end}}`:                                        "error",
		`{{range get_flashed_messages "error"}}{{.}}{{end}}{{range get_flashed_messages "message"}}{{.}}{{end}}`: "<b>no</b>a&lt;b",
	} {
		r := httptest.NewRequest("GET", "/show", nil)
		q := r.URL.Query()
		q.Set("t", source)
		r.URL.RawQuery = q.Encode()
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		mustAnswer(t, w, 200, want)
		if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("the messages stay in the session: %q", w.Header())
		}
	}
	log.mustBeEmpty(t)
}

func TestFlashedMessagesWithLists(t *testing.T) {
	t.Parallel()
	for _, filter := range []any{[]string{"a", "b"}, []any{"a", "b"}, Tuple{"a", "b"}} {
		if diff := cmp.Diff([]string{"a", "b"}, categoriesOf(filter)); diff != "" {
			t.Errorf("categories of %T (-want +got):\n%s", filter, diff)
		}
	}
}

func TestPrintedConfigHidesTheKeys(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", `{{.config}} {{.}} {{printf "%v %+v" .config .config}} <script>{{.config}}</script>`, "page.txt", `{{.config}} {{.}} {{printf "%v" .config}}`)
	app.Config.SecretKey = "hunter2"
	app.Config.SecretKeyFallbacks = []string{"hunter1"}
	app.Get("/txt", func(c *Context) (any, error) { return c.Render("page.txt") }, Endpoint("txt"))
	for _, target := range []string{"/", "/txt"} {
		w := get(app, target)
		if w.Code != 200 || strings.Contains(w.Body.String(), "hunter") {
			t.Errorf("%s gives %d %s", target, w.Code, w.Body)
		}
	}
}

func TestTemplateFunctions(t *testing.T) {
	t.Parallel()
	app, log := templateApp("page.html", `{{shout "abc" 2}} {{4 | twice}} {{if even 4}}even{{end}} {{where}} {{.version}} {{whereIs "x" "y"}} {{early}}`)
	bp := NewBlueprint("bp")
	app.Templates.Filter("shout", func(text string, times int) string { return strings.Repeat(text+"!", times) })
	app.Templates.Filter("twice", func(n int) (int, error) { return 2 * n, nil })
	app.Templates.Test("even", func(n int) bool { return n%2 == 0 })
	app.Templates.Global("where", func(c *Context) string { return c.Request.Path })
	app.Templates.Global("whereIs", func(ctx context.Context, names ...string) string {
		return fmt.Sprint(names, ctx.(*Context).Request.Path)
	})
	app.Templates.Global("version", "<1>")
	app.Templates.Global("early", func() string { return "early" })
	bp.Templates.Global("early", func() string { return "late" })
	bp.Templates.Filter("late", strings.ToUpper)
	bp.Templates.Test("lateTest", func(string) bool { return true })
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, As("again"))
	mustAnswer(t, get(app, "/"), 200, "abc!abc! 8 even / &lt;1&gt; [x y]/ late")
	log.mustBeEmpty(t)
}

func TestTemplateRegistrationMistakes(t *testing.T) {
	t.Parallel()
	type templating = Templating
	for name, test := range map[string]struct {
		register func(*templating)
		want     string
	}{
		"no function":       {func(t *templating) { t.Filter("f", "x") }, `Templates.Filter("f"): it is a string; a filter is a function such as`},
		"nil":               {func(t *templating) { t.Filter("f", nil) }, `it is a <nil>`},
		"nil function":      {func(t *templating) { t.Filter("f", (func(int) int)(nil)) }, "it is nil"},
		"no result":         {func(t *templating) { t.Filter("f", func(int) {}) }, "it returns nothing"},
		"two results":       {func(t *templating) { t.Filter("f", func(int) (int, int) { return 0, 0 }) }, "it returns more than a result and an error"},
		"three results":     {func(t *templating) { t.Global("f", func() (a, b int, err error) { return }) }, "it returns more than a result and an error"},
		"no value":          {func(t *templating) { t.Filter("f", func() int { return 0 }) }, "it takes no value"},
		"only a context":    {func(t *templating) { t.Test("f", func(*Context) bool { return true }) }, "it takes no value"},
		"no bool":           {func(t *templating) { t.Test("f", func(int) int { return 0 }) }, "its result is no bool"},
		"name of a filter":  {func(t *templating) { t.Filter("a-b", strings.ToUpper) }, `Templates.Filter("a-b"): templates cannot spell that name`},
		"empty name":        {func(t *templating) { t.Global("", 1) }, "templates cannot spell that name"},
		"global of nothing": {func(t *templating) { t.Global("f", func() {}) }, "it returns nothing"},
		"nil engine":        {func(t *templating) { t.Engine(nil) }, "Templates.Engine got nil"},
		"engine of a bp":    {func(*templating) { NewBlueprint("x").Templates.Engine(newHTMLEngine) }, "call it on the application"},
		"nil folder":        {func(*templating) { New("x", Templates(nil)) }, "Templates got nil"},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprint(panicOf(t, func() { test.register(New("x").Templates) }))
			if !strings.Contains(text, test.want) {
				t.Errorf("the panic %q lacks %q", text, test.want)
			}
		})
	}
}

func TestTemplatesAreFrozen(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "")
	bp := NewBlueprint("bp")
	app.RegisterBlueprint(bp)
	get(app, "/")
	for _, on := range []*Templating{app.Templates, bp.Templates} {
		for name, register := range map[string]func(){
			"Templates.Filter": func() { on.Filter("f", strings.ToUpper) },
			"Templates.Test":   func() { on.Test("f", func(int) bool { return true }) },
			"Templates.Global": func() { on.Global("f", 1) },
			"Templates.Engine": func() { on.Engine(newHTMLEngine) },
		} {
			if text := fmt.Sprint(panicOf(t, register)); !strings.Contains(text, name+" was called") {
				t.Errorf("%s panics with %q", name, text)
			}
		}
	}
	panicOf(t, func() { app.ContextProcessor(func(*Context) H { return nil }) })
	panicOf(t, func() { bp.AppContextProcessor(func(*Context) H { return nil }) })
}

func TestOneNameForTwoFunctions(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "")
	app.Templates.Filter("twice", strings.ToUpper)
	app.Templates.Test("twice", func(string) bool { return true })
	if text := fmt.Sprint(panicOf(t, func() { get(app, "/") })); !strings.Contains(text, `"twice" names two of the filters, tests and globals`) {
		t.Errorf("the panic is %q", text)
	}
}

func TestDefaultFolderAndReloading(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, test := range []struct {
		debug bool
		auto  *bool
		want  string
	}{{false, nil, "old"}, {true, nil, "new"}, {false, &yes, "new"}, {true, &no, "old"}} {
		app, _ := templateApp()
		app.Config.Debug, app.Config.TemplatesAutoReload = test.debug, test.auto
		folder := t.TempDir()
		app.Templates.given = os.DirFS(folder)
		write := func(text string) {
			if err := os.WriteFile(filepath.Join(folder, "page.html"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("old")
		mustAnswer(t, get(app, "/"), 200, "old")
		write("new")
		mustAnswer(t, get(app, "/"), 200, test.want)
	}
	if got, want := fmt.Sprint(New("x").templateFolder()), filepath.Join(New("x").RootPath(), "templates")+" (the application)"; got != want {
		t.Errorf("the default folder is %s, want %s", got, want)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	more := make(chan string, 2)
	app, log := templateApp("page.html", `{{.who}}{{.session.Get "user"}}:{{range .rows}}{{.}}{{end}}.`, "broken.html", "a{{.request.Nope}}", "syntax.html", "{{if}}")
	app.ContextProcessor(func(*Context) H { return H{"who": "processor"} })
	app.Get("/stream", func(c *Context) (any, error) { return c.Stream("page.html", H{"rows": more}) }, Endpoint("stream"))
	app.Get("/s/<name>", func(c *Context) (any, error) { return c.Stream(c.Param("name")) }, Endpoint("s"))
	server := httptest.NewServer(app)
	defer server.Close()

	response, err := http.Get(server.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	expect := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != want {
			t.Fatalf("read %q, %v; want %q", got, err, want)
		}
	}
	expect("processor:")
	more <- "<1>"
	expect("&lt;1&gt;")
	more <- "2"
	close(more)
	expect("2.")

	if response, err := http.Get(server.URL + "/s/broken.html"); err == nil {
		if _, err = io.ReadAll(response.Body); err == nil {
			t.Error("a broken stream ended like a whole one")
		}
		response.Body.Close()
	}
	log.mustContain(t, `rendering the template "broken.html" failed`)
	for _, name := range []string{"syntax.html", "none.html"} {
		mustFail(t, get(app, "/s/"+name))
		log.mustContain(t, name)
	}
}

func TestStreamThatNobodyReads(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", `{{range .rows}}{{.}}{{end}}`)
	made := 0
	rows := iter.Seq[int](func(yield func(int) bool) {
		for made < 10 && yield(made) {
			made++
		}
	})
	app.Get("/stream", func(c *Context) (any, error) {
		pieces, err := c.Stream("page.html", H{"rows": rows})
		for range pieces {
			break
		}
		return "", err
	}, Endpoint("stream"))
	mustAnswer(t, get(app, "/stream"), 200, "")
	if made > 1 {
		t.Errorf("%d rows were made for nobody", made)
	}
}

// fakeEngine shows what an engine is given.
type fakeEngine struct {
	EngineConfig
}

func (e fakeEngine) Render(ctx context.Context, w io.Writer, name string, vars H) error {
	source, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return err
	}
	data, err := e.JSON(H{"b": 1, "a": "<é>"})
	if err != nil {
		return err
	}
	c := ctx.(*Context)
	urlFor := e.Globals["url_for"].(func(*Context, string, ...any) string)
	flashed := e.Globals["get_flashed_messages"].(func(*Context, ...any) ([]any, error))
	messages, err := flashed(c, "with_categories", true)
	request := e.Lazy["request"](ctx).(*Request)
	session := e.Lazy["session"](ctx).(*Session)
	config := e.Globals["config"].(*Config)
	fmt.Fprintf(w, "%s %s %s %v %s %s %v %v %v %t%t", source, data, urlFor(c, "index", "a", 1), messages, request.Path,
		session.context.App.Name, e.Lazy["g"](ctx).(H)["people"], config.Debug, vars, e.Autoescape(name), e.Reload)
	return err
}

func TestOtherEngine(t *testing.T) {
	t.Parallel()
	app, log := templateApp("page.html", "source")
	app.Config.Debug = true
	app.Templates.Engine(func(config EngineConfig) (Renderer, error) {
		if diff := cmp.Diff([]string{"config", "get_flashed_messages", "url_for"}, sortedKeys(config.Globals)); diff != "" {
			t.Errorf("globals (-want +got):\n%s", diff)
		}
		return fakeEngine{config}, nil
	})
	app.ContextProcessor(func(c *Context) H {
		people.Set(c, []string{"eve"})
		return H{"v": 1}
	})
	app.Get("/string", func(c *Context) (any, error) { return c.RenderString("x") }, Endpoint("string"))
	mustAnswer(t, get(app, "/"), 200, `source {"a": "<\u00e9>", "b": 1} /?a=1 [] / test [eve] true map[v:1] truetrue`)
	mustFail(t, get(app, "/string"))
	log.mustContain(t, "the template engine decant.fakeEngine renders files only")
}

func sortedKeys(values map[string]any) (keys []string) {
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestAnEngineThatCannotBeMade(t *testing.T) {
	t.Parallel()
	app, _ := templateApp()
	app.Templates.Engine(func(EngineConfig) (Renderer, error) { return nil, errors.New("no licence") })
	if text := fmt.Sprint(panicOf(t, func() { get(app, "/") })); !strings.Contains(text, `the template engine of the application "test" cannot be made: no licence`) {
		t.Errorf("the panic is %q", text)
	}
}

// TestRequestsDoNotMeetInTemplates is for the race detector, too.
func TestRequestsDoNotMeetInTemplates(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("row.html", `{{path}}`, "page.html", `{{define "title"}}{{path}}{{end}}{{template "title"}} {{.request.Path}} {{part "row.html"}} {{path}}`)
	app.Templates.Global("path", func(c *Context) string { return c.Request.Path })
	app.Templates.Global("part", func(c *Context, name string) (string, error) { return c.Render(name) })
	app.Get("/<int:id>", func(c *Context) (any, error) { return c.Render("page.html") }, Endpoint("page"))
	var group sync.WaitGroup
	for i := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			path := fmt.Sprint("/", i)
			for range 50 {
				if body := get(app, path).Body.String(); body != strings.Join([]string{path, path, path, path}, " ") {
					t.Errorf("%s gives %q", path, body)
				}
			}
		}()
	}
	group.Wait()
}

func TestUnusedTemplatesCostNothing(t *testing.T) {
	app, _ := appWith(hello)
	if plain := allocationsOf(app, httptest.NewRequest("GET", "/", nil)); plain > 1 {
		t.Errorf("%v allocations for a hello", plain)
	}
}

func TestLargePagesAreWhole(t *testing.T) {
	t.Parallel()
	row := strings.Repeat("x", 1000)
	app, _ := templateApp("page.html", `{{range $i, $_ := .rows}}{{$.row}}{{end}}`)
	app.ContextProcessor(func(*Context) H { return H{"rows": make([]int, 2000), "row": row} })
	for range 2 {
		if body := get(app, "/").Body.Bytes(); !bytes.Equal(body, bytes.Repeat([]byte(row), 2000)) {
			t.Errorf("a page of %d bytes came", len(body))
		}
	}
}

func BenchmarkRender(b *testing.B) {
	app, _ := templateApp(
		"base.html", `<!doctype html><title>{{block "title" .}}{{end}}</title>{{block "content" .}}{{end}}`,
		"page.html", `{{template "base.html" .}}{{define "title"}}Hello{{end}}{{define "content"}}<p>Hello, {{.name}}!{{end}}`,
		"link.html", `{{template "base.html" .}}{{define "title"}}Hello{{end}}{{define "content"}}<a href="{{url_for "index"}}">Hello</a>{{end}}`,
	)
	app.Get("/<name>", func(c *Context) (any, error) { return c.Render(c.Param("name"), H{"name": "Ann"}) }, Endpoint("page"))
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
			page.Execute(io.Discard, H{"name": "Ann"})
		}
	})
}
