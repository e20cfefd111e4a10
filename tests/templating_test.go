package tests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestTemplateFunctions(t *testing.T) {
	t.Parallel()
	app, log := templateApp("page.html", `{{ "abc"|shout(2) }} {{ 4|twice }} {{ "even" if 4 is even }} {{ where() }} {{ version }} {{ whereIs("x", "y") }} {{ early() }} {{ listed("a", "b", "c") }}`)
	bp := decant.NewBlueprint("bp")
	app.Templates.Filter("shout", func(text string, times int) string { return strings.Repeat(text+"!", times) })
	app.Templates.Filter("twice", func(n int) (int, error) { return 2 * n, nil })
	app.Templates.Test("even", func(n int) bool { return n%2 == 0 })
	app.Templates.Global("where", func(c *decant.Context) string { return c.Request.Path() })
	app.Templates.Global("whereIs", func(ctx context.Context, names ...string) string {
		return fmt.Sprint(names, ctx.(*decant.Context).Request.Path())
	})
	app.Templates.Global("listed", func(_ *decant.Context, first string, more ...any) (string, error) {
		return fmt.Sprint(first, more), nil
	})
	app.Templates.Global("version", "<1>")
	app.Templates.Global("early", func() string { return "early" })
	bp.Templates.Global("early", func() string { return "late" })
	bp.Templates.Filter("late", strings.ToUpper)
	bp.Templates.Test("lateTest", func(string) bool { return true })
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, decant.As("again"))
	mustAnswer(t, get(app, "/"), 200, "abc!abc! 8 even / &lt;1&gt; [x y]/ late a[b c]")
	log.mustBeEmpty(t)
}

func TestTemplateRegistrationMistakes(t *testing.T) {
	t.Parallel()
	type templating = decant.Templating
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
		"only a context":    {func(t *templating) { t.Test("f", func(*decant.Context) bool { return true }) }, "it takes no value"},
		"no bool":           {func(t *templating) { t.Test("f", func(int) int { return 0 }) }, "its result is no bool"},
		"name of a filter":  {func(t *templating) { t.Filter("a-b", strings.ToUpper) }, `Templates.Filter("a-b"): templates cannot spell that name`},
		"empty name":        {func(t *templating) { t.Global("", 1) }, "templates cannot spell that name"},
		"global of nothing": {func(t *templating) { t.Global("f", func() {}) }, "it returns nothing"},
		"nil engine":        {func(t *templating) { t.Engine(nil) }, "Templates.Engine got nil"},
		"engine of a bp":    {func(*templating) { decant.NewBlueprint("x").Templates.Engine(newFakeEngine) }, "call it on the application"},
		"nil folder":        {func(*templating) { decant.New("x", decant.Templates(nil)) }, "Templates got nil"},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprint(panicOf(t, func() { test.register(decant.New("x").Templates) }))
			if !strings.Contains(text, test.want) {
				t.Errorf("the panic %q lacks %q", text, test.want)
			}
		})
	}
}

func TestTemplatesAreFrozen(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "")
	bp := decant.NewBlueprint("bp")
	app.RegisterBlueprint(bp)
	get(app, "/")
	for _, on := range []*decant.Templating{app.Templates, bp.Templates} {
		for name, register := range map[string]func(){
			"Templates.Filter": func() { on.Filter("f", strings.ToUpper) },
			"Templates.Test":   func() { on.Test("f", func(int) bool { return true }) },
			"Templates.Global": func() { on.Global("f", 1) },
			"Templates.Engine": func() { on.Engine(newFakeEngine) },
		} {
			if text := fmt.Sprint(panicOf(t, register)); !strings.Contains(text, name+" was called") {
				t.Errorf("%s panics with %q", name, text)
			}
		}
	}
	panicOf(t, func() { app.ContextProcessor(func(*decant.Context) decant.H { return nil }) })
	panicOf(t, func() { bp.AppContextProcessor(func(*decant.Context) decant.H { return nil }) })
}

// fakeEngine prints its configuration.
type fakeEngine struct {
	decant.EngineConfig
}

func newFakeEngine(config decant.EngineConfig) (decant.Renderer, error) {
	return fakeEngine{config}, nil
}

func (e fakeEngine) Render(ctx context.Context, w io.Writer, name string, vars decant.H) error {
	source, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return err
	}
	data, err := e.JSON(decant.H{"b": 1, "a": "<é>"})
	if err != nil {
		return err
	}
	c := ctx.(*decant.Context)
	urlFor := e.Globals["url_for"].(func(*decant.Context, string, ...any) (string, error))
	flashed := e.Globals["get_flashed_messages"].(func(*decant.Context, ...any) ([]any, error))
	messages, err := flashed(c, "with_categories", true)
	if err != nil {
		return err
	}
	url, err := urlFor(c, "index", "a", 1)
	request := e.Lazy["request"](ctx).(*decant.Request)
	session := e.Lazy["session"](ctx).(*decant.Session)
	config := e.Globals["config"].(*decant.Config)
	fmt.Fprintf(w, "%s %s %s %v %s %s %v %v %v %t%t", source, data, url, messages, request.Path(),
		session.String("user"), e.Lazy["g"](ctx).(decant.H)["people"], config.Debug, vars, e.Autoescape(name), e.Reload)
	return err
}

func TestOtherEngine(t *testing.T) {
	t.Parallel()
	app, log := templateApp("page.html", "source")
	app.Config.Debug = true
	app.Templates.Engine(func(config decant.EngineConfig) (decant.Renderer, error) {
		if diff := cmp.Diff([]string{"config", "get_flashed_messages", "url_for"}, sortedKeys(config.Globals)); diff != "" {
			t.Errorf("globals (-want +got):\n%s", diff)
		}
		return newFakeEngine(config)
	})
	app.ContextProcessor(func(c *decant.Context) decant.H {
		people.Set(c, []string{"eve"})
		c.Session.Set("user", "test")
		return decant.H{"v": 1}
	})
	app.Get("/string", func(c *decant.Context) (any, error) { return c.RenderString("x") }, decant.Endpoint("string"))
	mustAnswer(t, get(app, "/"), 200, `source {"a": "<\u00e9>", "b": 1} /?a=1 [] / test [eve] true map[v:1] truetrue`)
	mustFail(t, get(app, "/string"))
	log.mustContain(t, "the template engine tests.fakeEngine renders files only")
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
	app.Templates.Engine(func(decant.EngineConfig) (decant.Renderer, error) { return nil, errors.New("no licence") })
	if text := fmt.Sprint(panicOf(t, func() { get(app, "/") })); !strings.Contains(text, `the template engine of the application "test" cannot be made: no licence`) {
		t.Errorf("the panic is %q", text)
	}
}

// In Flask, too, other names than .html and its kin are not escaped, and a page is
// HTML unless the view says otherwise.
func TestATemplateThatIsNotEscapedAndSentAsHTMLIsWarnedAbout(t *testing.T) {
	render := func(name string) decant.View {
		return func(c *decant.Context) (any, error) { return c.Render(name) }
	}
	for name, c := range map[string]struct {
		view  decant.View
		warns bool
	}{
		"an escaped page":      {render("page.html"), false},
		"capitals":             {render("page.HTML"), true},
		"an ending of Jinja's": {render("page.j2"), true},
		"no ending":            {render("page"), true},
		"a part of a string": {func(c *decant.Context) (any, error) {
			text, err := c.Render("page.j2")
			return "Sent: " + string(decant.Escape(text)), err
		}, false},
		"plain text": {func(c *decant.Context) (any, error) {
			text, err := c.Render("page.j2")
			r := c.MakeResponse(text)
			r.SetMIMEType("text/plain")
			return r, err
		}, false},
		"another type of HTML": {func(c *decant.Context) (any, error) {
			text, err := c.Render("page.j2")
			r := c.MakeResponse(text)
			r.SetMIMEType("TEXT/HTML ; charset=utf-8")
			return r, err
		}, true},
		"a stream":          {func(c *decant.Context) (any, error) { return c.RenderStream("page.j2") }, true},
		"an escaped stream": {func(c *decant.Context) (any, error) { return c.RenderStream("page.html") }, false},
		"a page beside an unused stream": {func(c *decant.Context) (any, error) {
			if _, err := c.RenderStream("page.j2"); err != nil {
				return nil, err
			}
			return c.Render("page.html")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			log := new(journal)
			app := decant.New("test", decant.Templates(fstest.MapFS{
				"page.html": {Data: []byte("a")}, "page.HTML": {Data: []byte("b")}, "page.j2": {Data: []byte("c")}, "page": {Data: []byte("d")},
			}))
			app.Logger = slog.New(log)
			app.Get("/", c.view, decant.Endpoint("view"))
			for range 2 {
				if w := get(app, "/"); w.Code != 200 {
					t.Errorf("status %d", w.Code)
				}
			}
			want := 0
			if c.warns {
				want = 1
			}
			if got := strings.Count(log.text(), "WARN a template that is not escaped is sent as HTML"); got != want {
				t.Errorf("%d warnings, want %d:\n%s", got, want, log.text())
			}
		})
	}
}
