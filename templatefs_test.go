package decant

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// folderOf makes a folder of names and contents in turn.
func folderOf(files ...string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return folder
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
