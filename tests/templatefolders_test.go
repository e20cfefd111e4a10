package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func TestSearchOrderOfTemplates(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("both.html", "app", "folder.html/inside.html", "inside")
	for _, name := range []string{"one", "two"} {
		app.RegisterBlueprint(decant.NewBlueprint(name, decant.Templates(folderOf("both.html", name, "second.html", name, "folder.html", name, name+".html", name))))
	}
	plain := decant.NewBlueprint("three", decant.Templates(folderOf("own.html", "own")))
	app.RegisterBlueprint(plain, decant.Templates(folderOf("given.html", "given")))
	app.Get("/t/<path:name>", func(c *decant.Context) (any, error) { return c.RenderFirst([]string{c.Param("name"), "none.html"}) }, decant.Endpoint("t"))
	for name, want := range map[string]string{
		"both.html": "app", "second.html": "one", "folder.html": "one", "two.html": "two",
		"folder.html/inside.html": "inside", "given.html": "given",
	} {
		mustAnswer(t, get(app, "/t/"+name), 200, want)
	}
	mustFail(t, get(app, "/t/own.html"))
	mustFail(t, get(app, "/t/../both.html"))
}

func TestNamesOfTemplates(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("both.html", "", "themes/dark.html", "")
	app.RegisterBlueprint(decant.NewBlueprint("one", decant.Templates(folderOf("both.html", "", "a.txt", ""))))
	app.RegisterBlueprint(decant.NewBlueprint("two"), decant.Templates(os.DirFS(filepath.Join(t.TempDir(), "missing"))))
	app.Get("/", hello)
	want := []string{"a.txt", "both.html", "themes/dark.html"}
	for _, moment := range []string{"before the first request", "after it"} {
		got, err := app.Templates.Names()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", moment, err, diff)
		}
		get(app, "/")
	}
	notAFolder := filepath.Join(t.TempDir(), "file")
	write(t, notAFolder, nil)
	broken := decant.New("test", decant.Templates(os.DirFS(notAFolder)))
	_, err := broken.Templates.Names()
	mustSay(t, err, "listing the templates of "+notAFolder+" (the application)", "not a directory")
	mustPanic(t, func() { decant.NewBlueprint("b").Templates.Names() }, "Templates.Names was called on a blueprint")
}

func TestRenderFirst(t *testing.T) {
	t.Parallel()
	app, log := templateApp("second.html", "second {{ x }}")
	app.Get("/found", func(c *decant.Context) (any, error) {
		return c.RenderFirst([]string{"first.html", "../x", "second.html"}, decant.H{"x": 1})
	}, decant.Endpoint("found"))
	app.Get("/none", func(c *decant.Context) (any, error) { return c.RenderFirst([]string{"a.html", "b.html"}) }, decant.Endpoint("none"))
	app.Get("/empty", func(c *decant.Context) (any, error) { return c.RenderFirst(nil) }, decant.Endpoint("empty"))
	mustAnswer(t, get(app, "/found"), 200, "second 1")
	mustFail(t, get(app, "/none"))
	mustFail(t, get(app, "/empty"))
	log.mustContain(t, `none of the templates ["a.html" "b.html"] in the fstest.MapFS (the application)`, `none of the templates []`)
}

func TestTheDefaultFolderAndReloading(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, test := range []struct {
		debug bool
		auto  *bool
		want  string
	}{{false, nil, "old"}, {true, nil, "new"}, {false, &yes, "new"}, {true, &no, "old"}} {
		folder := t.TempDir()
		app := decant.New("test", decant.Templates(os.DirFS(folder)))
		app.Config.Debug, app.Config.TemplatesAutoReload = test.debug, test.auto
		app.Get("/", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("index"))
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
	app, log := appWith(func(c *decant.Context) (any, error) { return c.Render("none.html") })
	mustFail(t, get(app, "/"))
	log.mustContain(t, strings.ReplaceAll(filepath.Join(app.RootPath(), "templates"), `\`, `\\`)+" (the application)")
}
