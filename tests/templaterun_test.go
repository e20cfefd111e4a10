package tests

import (
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// TestTemplatesWithoutAnEnd fill the stack in different measure. A full one
// would end the program.
func TestTemplatesWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{
		"itself":      {"page.html", `x{{template "page.html" .}}`},
		"with nobody": {"page.html", `{{template "page.html"}}`},
		"in a circle": {"page.html", `{{template "b.html" .}}`, "b.html", `{{template "c.html" .}}`, "c.html", `{{template "page.html" .}}`},
		"nested":      {"page.html", strings.Repeat("{{with .}}{{if .}}", 40) + `{{template "page.html" .}}` + strings.Repeat("{{end}}{{end}}", 40)},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := htmlApp(append(files, "fine.html", "fine")...)
			app.Get("/fine", func(c *decant.Context) (any, error) { return c.Render("fine.html") }, decant.Endpoint("fine"))
			mustFail(t, get(app, "/"))
			log.mustContain(t, "templates use one another without an end")
			mustAnswer(t, get(app, "/fine"), 200, "fine")
		})
	}
}

type branch struct {
	Name     string
	Branches []branch
}

// Title has a pointer receiver, for which text/template needs the address.
func (b *branch) Title() string { return strings.ToUpper(b.Name) }

func TestTemplatesOfTrees(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 3000} {
		tree := &branch{Name: "x"}
		for range depth - 1 {
			tree = &branch{"x", []branch{*tree}}
		}
		app, log := htmlApp("branch.html", `{{.Title}}{{range .Branches}}{{template "branch.html" .}}{{end}}`, "page.html", `{{template "branch.html" .tree}}{{template "dot.html"}}`, "dot.html", "[{{.}}{{with .}}!{{end}}]")
		app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"tree": tree} })
		for range 2 {
			mustAnswer(t, get(app, "/"), 200, strings.Repeat("X", depth)+"[]")
		}
		log.mustBeEmpty(t)
	}
}

func TestManyUsesOfATemplateAreNotDeep(t *testing.T) {
	t.Parallel()
	app, log := htmlApp("row.html", "r", "page.html", `{{range .rows}}{{template "row.html" .}}{{end}}`)
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"rows": make([]int, 150_000)} })
	mustAnswer(t, get(app, "/"), 200, strings.Repeat("r", 150_000))
	log.mustBeEmpty(t)
}
