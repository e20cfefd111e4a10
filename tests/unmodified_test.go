package tests

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// A 304 for which the file is not opened must say what one says for which it
// is, and must not say that something is there which would not be sent.
func TestUnmodifiedWithoutOpening(t *testing.T) {
	t.Parallel()
	root := fill(t, t.TempDir(), "static/a.txt", "first", "static/folder/b.txt", "b", "secret.txt", "s")
	static := filepath.Join(root, "static")
	link(t, "a.txt", filepath.Join(static, "inner"))
	link(t, "../secret.txt", filepath.Join(static, "outer"))
	path := filepath.Join(static, "a.txt")
	app := decant.New("site", decant.Static(os.DirFS(static)))
	app.Get("/opened", func(c *decant.Context) (any, error) { return c.SendFile(path) }, decant.Endpoint("opened"))
	app.Get("/uploads/<path:name>", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(os.DirFS(static), c.Param("name"))
	}, decant.Endpoint("uploads"))

	for name, want := range map[string]int{
		"a.txt": 304, "folder/b.txt": 304, "inner": 304,
		"outer": 404, "folder": 404, "none.txt": 404, "a.txt/b": 404,
	} {
		for _, prefix := range []string{"/static/", "/uploads/"} {
			if got := get(app, prefix+name, "If-None-Match", "*").Code; got != want {
				t.Errorf("%s%s: status %d, want %d", prefix, name, got, want)
			}
		}
	}

	whole := get(app, "/static/a.txt").Header()
	for _, condition := range [][]string{
		{"If-None-Match", whole.Get("ETag")},
		{"If-Modified-Since", whole.Get("Last-Modified")},
	} {
		w := get(app, "/static/a.txt", condition...)
		mustAnswer(t, w, 304, "")
		got, want := w.Header(), get(app, "/opened", condition...).Header()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-opened +unopened):\n%s", condition[0], diff)
		}
	}

	tag := whole.Get("ETag")
	mustAnswer(t, get(app, "/static/a.txt", "If-None-Match", tag, "Range", "bytes=1-2"), 206, "ir")
	mustAnswer(t, get(app, "/static/a.txt", "If-Match", `"other"`, "If-None-Match", tag), 412, "first")
	if err := os.WriteFile(path, []byte("the second"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustAnswer(t, get(app, "/static/a.txt", "If-None-Match", tag), 200, "the second")
}
