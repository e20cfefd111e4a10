package tests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/decant-go/decant"
	"github.com/google/go-cmp/cmp"
)

// templateApp is an application with such templates, which answers "/" with
// "page.html".
func templateApp(files ...string) (*decant.App, *journal) {
	log := new(journal)
	app := decant.New("test", decant.Templates(folderOf(files...)))
	app.Config.SecretKey = testKey
	app.Logger = slog.New(log)
	app.Get("/", func(c *decant.Context) (any, error) { return c.Render("page.html") }, decant.Endpoint("index"))
	return app, log
}

var people = decant.NewG[[]string]("people")

func TestNothingOfAFailedPageIsSent(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "secret draft {{ explode() }}", "fine.html", "fine")
	app.Templates.Global("explode", func(c *decant.Context) string { panic(decant.NewHTTPError(403)) })
	app.Get("/fine", func(c *decant.Context) (any, error) { return c.Render("fine.html") }, decant.Endpoint("fine"))
	if w := get(app, "/"); w.Code != 403 || strings.Contains(w.Body.String(), "draft") {
		t.Errorf("an abort in a template gives %d %q", w.Code, w.Body)
	}
	mustAnswer(t, get(app, "/fine"), 200, "fine")
}

func TestMakeResponseOfAPage(t *testing.T) {
	t.Parallel()
	app, _ := templateApp("page.html", "page")
	app.Get("/made", func(c *decant.Context) (any, error) {
		page, err := c.Render("page.html")
		if err != nil {
			return nil, err
		}
		r := c.MakeResponse(page, 201)
		r.Header().Set("X-A", "1")
		return r, nil
	}, decant.Endpoint("made"))
	w := get(app, "/made")
	mustAnswer(t, w, 201, "page")
	if w.Header().Get("X-A") != "1" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the headers are %v", w.Header())
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	more := make(chan string, 2)
	rows := iter.Seq[string](func(yield func(string) bool) {
		for row := range more {
			if !yield(row) {
				return
			}
		}
	})
	app, log := templateApp("page.html", `{{ who }}{{ session.user }}:{% for row in rows %}{{ row }}{% endfor %}.`, "broken.html", "a{{ request.nope.nope }}", "syntax.html", "{% if %}")
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"who": "processor"} })
	app.Get("/stream", func(c *decant.Context) (any, error) { return c.RenderStream("page.html", decant.H{"rows": rows}) }, decant.Endpoint("stream"))
	app.Get("/s/<name>", func(c *decant.Context) (any, error) { return c.RenderStream(c.Param("name")) }, decant.Endpoint("s"))
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
	app, _ := templateApp("page.html", `{% for row in rows %}{{ row }}{% endfor %}`)
	made := 0
	rows := iter.Seq[int](func(yield func(int) bool) {
		for made < 10 && yield(made) {
			made++
		}
	})
	app.Get("/stream", func(c *decant.Context) (any, error) {
		pieces, err := c.RenderStream("page.html", decant.H{"rows": rows})
		for range pieces {
			break
		}
		return "", err
	}, decant.Endpoint("stream"))
	mustAnswer(t, get(app, "/stream"), 200, "")
	if made > 1 {
		t.Errorf("%d rows were made for nobody", made)
	}
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
	app, _ := templateApp("page.html", `{% for _ in rows %}{{ row }}{% endfor %}`)
	app.ContextProcessor(func(*decant.Context) decant.H { return decant.H{"rows": make([]int, 2000), "row": row} })
	for range 2 {
		if body := get(app, "/").Body.Bytes(); !bytes.Equal(body, bytes.Repeat([]byte(row), 2000)) {
			t.Errorf("a page of %d bytes came", len(body))
		}
	}
}

// Jinja's loaders drop empty and dot segments, in names that templates write too.
func TestRenderDropsDotSegments(t *testing.T) {
	app, _ := templateApp("admin/index.html", `index{% include "./admin/part.html" %}`, "admin/part.html", " and part")
	app.Get("/x", func(c *decant.Context) (any, error) { return c.Render(c.Request.Args.Get("t")) }, decant.Endpoint("show"))
	for _, name := range []string{"admin/index.html", "./admin/index.html", "/admin/index.html", "admin//index.html", "admin/./index.html"} {
		mustAnswer(t, get(app, "/x?t="+name), 200, "index and part")
	}
	for _, name := range []string{"../admin/index.html", "admin/../admin/index.html", "./../admin/index.html"} {
		if w := get(app, "/x?t="+name); w.Code != 500 {
			t.Errorf("%q: status %d", name, w.Code)
		}
	}
}

// The engines have the same tests for what they have in common. Each is given the
// function that makes its applications.
type newTemplateApp func(files ...string) (*decant.App, *journal)

// mistake is a set of templates with a mistake, and what the log must say of it.
type mistake struct{ files, want []string }

// mustNameMistakes renders page.html of each set. The blueprint shop has its templates
// in the folder.
func mustNameMistakes(t *testing.T, newApp newTemplateApp, folder string, mistakes map[string]mistake) {
	t.Helper()
	for name, test := range mistakes {
		t.Run(name, func(t *testing.T) {
			app, log := newApp(test.files...)
			app.Templates.Filter("shout", strings.ToUpper)
			app.Templates.Global("explode", func() string { panic("boom") })
			app.Templates.Global("refuse", func(*decant.Context) (string, error) { return "", errors.New("no more") })
			app.RegisterBlueprint(decant.NewBlueprint("shop", decant.Templates(os.DirFS(folder))))
			mustFail(t, get(app, "/"))
			log.mustContain(t, test.want...)
		})
	}
}

// mustEscape checks of which templates the output is escaped. The source prints x, and
// a variable that does not exist in brackets.
func mustEscape(t *testing.T, newApp newTemplateApp, source string, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	for name := range want {
		app, _ := newApp(name, source)
		app.Get("/page", func(c *decant.Context) (any, error) { return c.Render(name, decant.H{"x": "<"}) }, decant.Endpoint("page"))
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

// mustNotMeet renders /0 to /7 at the same time. Each page has its own path, so many
// times.
func mustNotMeet(t *testing.T, app *decant.App, times int) {
	t.Helper()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			path := fmt.Sprint("/", i)
			want := strings.TrimSpace(strings.Repeat(path+" ", times))
			for range 50 {
				if body := get(app, path).Body.String(); body != want {
					t.Errorf("%s gives %q", path, body)
				}
			}
		})
	}
	group.Wait()
}
