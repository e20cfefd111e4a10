package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flosch/pongo2/v6"
	gonja "github.com/nikolalohinski/gonja/v2"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"

	"github.com/decant-go/decant/jinja"
)

// templatePages are the pages that the engines render: a blog's index with its
// layout and ten posts, a table of 1000 rows and 4 columns, 100 includes and 100
// calls of a macro in a loop.
var templatePages = []string{"index.html", "table.html", "includes.html", "macros.html"}

// pageData are the variables, as they come from JSON on both sides.
func pageData() map[string]any {
	user := map[string]any{"id": 1, "username": "ann"}
	var posts, rows []map[string]any
	for i := range 10 {
		posts = append(posts, map[string]any{
			"id": i + 1, "author_id": i%2 + 1, "title": fmt.Sprintf("Post <%d> & more", i), "username": "ann", "created": "2026-11-27",
			"body": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et \"dolore\" magna aliqua.",
		})
	}
	for i := range 100 {
		rows = append(rows, map[string]any{"name": fmt.Sprint("row ", i), "value": i})
	}
	table := make([][]any, 1000)
	for i := range table {
		table[i] = []any{i, "name <" + fmt.Sprint(i) + ">", 2 * i, "some text"}
	}
	return map[string]any{"user": user, "posts": posts, "messages": []string{"You were logged in."}, "rows": rows, "table": table, "last": 9}
}

func urlFor(endpoint string, value any) string { return "/" + endpoint + "/" + fmt.Sprint(value) }

// engine renders a page of that name with the data, and drops or returns it.
type engine interface {
	render(w io.Writer, page string) error
}

type decantEngine struct {
	*jinja.Engine
	data jinja.Vars
}

func (e decantEngine) render(w io.Writer, page string) error {
	return e.Render(context.Background(), w, page, e.data)
}

func newDecantEngine(tb testing.TB) engine {
	e, err := jinja.New(jinja.EngineConfig{FS: os.DirFS("templates"), Globals: map[string]any{"url_for": urlFor}})
	if err != nil {
		tb.Fatal(err)
	}
	return decantEngine{e, pageData()}
}

type goEngine struct {
	pages map[string]*template.Template
	data  map[string]any
}

func (e goEngine) render(w io.Writer, page string) error { return e.pages[page].Execute(w, e.data) }

func newGoEngine(tb testing.TB) engine {
	parse := func(names ...string) *template.Template {
		t, err := template.New(names[0]).Funcs(template.FuncMap{"url_for": urlFor}).ParseFS(os.DirFS("templates"), names...)
		if err != nil {
			tb.Fatal(err)
		}
		return t
	}
	return goEngine{map[string]*template.Template{
		"index.html": parse("base.go.html", "index.go.html"),
		"table.html": parse("table.go.html"),
	}, pageData()}
}

type pongoEngine struct {
	pages map[string]*pongo2.Template
	data  pongo2.Context
}

func (e pongoEngine) render(w io.Writer, page string) error {
	return e.pages[page].ExecuteWriter(e.data, w)
}

func newPongoEngine(tb testing.TB) engine {
	set := pongo2.NewSet("bench", pongo2.MustNewLocalFileSystemLoader("templates"))
	set.Globals["url_for"] = urlFor
	e := pongoEngine{map[string]*pongo2.Template{}, pageData()}
	for _, page := range templatePages {
		source, err := os.ReadFile(filepath.Join("templates", page))
		if err != nil {
			tb.Fatal(err)
		}
		t, err := set.FromString(strings.ReplaceAll(string(source), "loop.last", "forloop.Last")) // its own name for it
		if err != nil {
			tb.Fatal(err)
		}
		e.pages[page] = t
	}
	return e
}

type gonjaEngine struct {
	pages map[string]*exec.Template
	data  *exec.Context
}

func (e gonjaEngine) render(w io.Writer, page string) error { return e.pages[page].Execute(w, e.data) }

func newGonjaEngine(tb testing.TB) engine {
	config := *gonja.DefaultConfig
	config.AutoEscape = true
	data := pageData()
	data["url_for"] = urlFor
	e := gonjaEngine{map[string]*exec.Template{}, exec.NewContext(data)}
	loader, err := loaders.NewFileSystemLoader("templates")
	if err != nil {
		tb.Fatal(err)
	}
	for _, page := range templatePages {
		t, err := exec.NewTemplate(page, &config, loader, gonja.DefaultEnvironment)
		if err != nil {
			tb.Fatal(err)
		}
		e.pages[page] = t
	}
	return e
}

// jinja2 is real Jinja2, which measures its own time.
type jinja2 struct {
	in  io.Writer
	out *bufio.Reader
}

func newJinja2(tb testing.TB) jinja2 {
	command := osexec.Command("python3", "-B", "templates_jinja2.py")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := command.Wait(); err != nil {
			tb.Error(err)
		}
	})
	if err := json.NewEncoder(in).Encode(pageData()); err != nil {
		tb.Fatal(err)
	}
	return jinja2{in, bufio.NewReader(out)}
}

// time renders a page n times, and returns the nanoseconds and the page.
func (j jinja2) time(tb testing.TB, page string, n int) (nanoseconds int64, text string) {
	if err := json.NewEncoder(j.in).Encode(map[string]any{"name": page, "n": n}); err != nil {
		tb.Fatal(err)
	}
	line, err := j.out.ReadBytes('\n')
	if err != nil {
		tb.Fatal(err)
	}
	answer := []any{&nanoseconds, &text}
	if err := json.Unmarshal(line, &answer); err != nil {
		tb.Fatal(err)
	}
	return nanoseconds, text
}

var templateEngines = []struct {
	name string
	make func(testing.TB) engine
}{
	{"decant", newDecantEngine},
	{"html/template", newGoEngine},
	{"pongo2", newPongoEngine},
	{"gonja", newGonjaEngine},
}

// knows reports whether the benchmark has the page in the engine's language.
func knows(e engine, page string) bool {
	g, isGo := e.(goEngine)
	return !isGo || g.pages[page] != nil
}

// TestTemplatesAreEqual compares the pages before anything is timed. The engines
// write the same characters in different entities.
func TestTemplatesAreEqual(t *testing.T) {
	real := newJinja2(t)
	entities := strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;", "\n", "")
	for _, page := range templatePages {
		_, want := real.time(t, page, 0)
		for _, competitor := range templateEngines {
			e := competitor.make(t)
			if !knows(e, page) {
				continue
			}
			var out bytes.Buffer
			if err := e.render(&out, page); err != nil {
				t.Errorf("%s, %s: %v", competitor.name, page, err)
				continue
			}
			if got := out.String(); entities.Replace(got) != entities.Replace(want) {
				t.Errorf("%s prints another %s:\n%.2000s\nwant\n%.2000s", competitor.name, page, got, want)
			}
		}
	}
}

// BenchmarkTemplates renders the pages with each engine. Jinja2 times itself.
func BenchmarkTemplates(b *testing.B) {
	for _, page := range templatePages {
		name := strings.TrimSuffix(page, ".html")
		for _, competitor := range templateEngines {
			e := competitor.make(b)
			if !knows(e, page) {
				continue
			}
			b.Run(name+"/"+competitor.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := e.render(io.Discard, page); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/jinja2", func(b *testing.B) {
			real := newJinja2(b)
			b.ResetTimer()
			nanoseconds, _ := real.time(b, page, b.N)
			b.ReportMetric(float64(nanoseconds)/float64(b.N), "ns/op")
		})
	}
}
