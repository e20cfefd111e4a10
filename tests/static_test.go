package tests

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/header"
)

// fill writes files below a folder, which is made. Names and contents take
// turns.
func fill(t testing.TB, folder string, files ...string) string {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(folder, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func inMemory(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1]), ModTime: time.Unix(1_700_000_000, 0)}
	}
	return fsys
}

func TestStaticFolderBesideTheProgram(t *testing.T) {
	root := t.TempDir()
	app := decant.New("site", decant.RootPath(root))
	if got := get(app, "/static/style.css").Code; got != 404 {
		t.Errorf("status %d without a folder", got)
	}
	fill(t, root, "static/style.css", "body{}", "static/js/app.js", "run()")
	mustAnswer(t, get(app, "/static/style.css"), 200, "body{}") // it need not have been there before
	mustAnswer(t, get(app, "/static/js/app.js"), 200, "run()")
	for _, target := range []string{"/static", "/static/", "/static/js", "/static/js/", "/static/none", "/static/style.css/x", "/static/" + strings.Repeat("x", 5000)} {
		if got := get(app, target).Code; got != 404 {
			t.Errorf("%s: status %d, want 404", target, got)
		}
	}
	if url, err := app.BuildURL("static", "filename", "js/app.js", "_external", false); url != "/static/js/app.js" || err != nil {
		t.Error(url, err)
	}
}

func TestStaticAnswersLikeAnyView(t *testing.T) {
	app := decant.New("site", decant.Static(inMemory("a.txt", "text")))
	var seen []string
	app.BeforeRequest(func(c *decant.Context) (any, error) { seen = append(seen, c.Request.Endpoint()); return nil, nil })
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		r.Header().Set("After", "yes")
		r.AddVary("Cookie")
		return nil
	})
	w := get(app, "/static/a.txt")
	mustAnswer(t, w, 200, "text")
	if w.Header().Get("After") != "yes" || w.Header().Get("Vary") != "Cookie" || seen[0] != "static" {
		t.Error(w.Header(), seen)
	}
	w = send(app, "HEAD", "/static/a.txt", "")
	mustAnswer(t, w, 200, "")
	if got := w.Header().Get("Content-Length"); got != "4" {
		t.Errorf("HEAD announces %q bytes", got)
	}
	if w := send(app, "POST", "/static/a.txt", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Error(w.Code, w.Header())
	}
	if w := send(app, "OPTIONS", "/static/a.txt", ""); w.Code != 200 || w.Header().Get("Allow") == "" {
		t.Error(w.Code, w.Header())
	}
}

func TestStaticOptions(t *testing.T) {
	files := inMemory("a.txt", "text")
	for name, c := range map[string]struct {
		options      []decant.AppOption
		target, want string
	}{
		"another path":        {[]decant.AppOption{decant.Static(files), decant.StaticURLPath("/assets/")}, "/assets/a.txt", "text"},
		"the root":            {[]decant.AppOption{decant.Static(files), decant.StaticURLPath("")}, "/a.txt", "text"},
		"a host":              {[]decant.AppOption{decant.Static(files), decant.HostMatching(), decant.StaticHost("cdn.example.com")}, "http://cdn.example.com/static/a.txt", "text"},
		"another host":        {[]decant.AppOption{decant.Static(files), decant.HostMatching(), decant.StaticHost("cdn.example.com")}, "http://example.com/static/a.txt", ""},
		"hosts, without one":  {[]decant.AppOption{decant.Static(files), decant.HostMatching()}, "http://example.com/static/a.txt", ""},
		"switched off":        {[]decant.AppOption{decant.Static(nil)}, "/static/a.txt", ""},
		"a subdomain ignored": {[]decant.AppOption{decant.Static(files), decant.SubdomainMatching()}, "http://example.com/static/a.txt", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			app := decant.New("site", c.options...)
			app.Config.ServerName = "example.com"
			w := get(app, c.target)
			if got := w.Body.String(); (w.Code == 200) != (c.want != "") || c.want != "" && got != c.want {
				t.Errorf("status %d, body %q", w.Code, got)
			}
		})
	}
	hosts := decant.New("hosts", decant.Static(files), decant.HostMatching())
	hosts.Get("/", func(c *decant.Context) (any, error) { return hosts.SendStaticFile(c, "a.txt") }, decant.Endpoint("view"), decant.RuleHost("example.com"))
	mustAnswer(t, get(hosts, "http://example.com/"), 200, "text")
	if routes := decant.New("none", decant.Static(nil)).Routes(); len(routes) != 0 {
		t.Errorf("there are routes without a static folder: %v", routes)
	}
	mustPanic(t, func() { decant.New("site", decant.StaticHost("a")) }, "StaticHost", "HostMatching()")
	mustPanic(t, func() { decant.New("site", decant.StaticURLPath("assets")) }, `"assets/<path:filename>"`)
	mustPanic(t, func() {
		app := decant.New("site")
		app.Get("/x", hello, decant.Endpoint("static"))
	}, `"static"`, "static_test.go:")
}

func TestStaticMaxAge(t *testing.T) {
	files := inMemory("a.css", "a", "img/b.png", "b")
	age := func(name string) (time.Duration, bool) { return time.Hour, strings.HasPrefix(name, "img/") }
	app := decant.New("site", decant.Static(files), decant.StaticFiles(decant.FileMaxAgeFor(age)))
	app.Config.SendFileMaxAgeDefault = time.Minute
	for target, want := range map[string]string{
		"/static/a.css":     "public, max-age=60",
		"/static/img/b.png": "public, max-age=3600",
	} {
		if got := get(app, target).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", target, got, want)
		}
	}
	expires, err := http.ParseTime(get(app, "/static/img/b.png").Header().Get("Expires"))
	if left := time.Until(expires); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("expires in %v, %v", left, err)
	}
}

func TestBlueprintStatic(t *testing.T) {
	bp := decant.NewBlueprint("shop", decant.URLPrefix("/shop"), decant.Static(inMemory("a.txt", "of the shop")), decant.StaticURLPath("/files"), decant.StaticFiles(decant.FileMaxAge(time.Second)))
	bp.Get("/own", func(c *decant.Context) (any, error) { return bp.SendStaticFile(c, "a.txt") }, decant.Endpoint("own"))
	bp.Get("/apps", func(c *decant.Context) (any, error) { return c.SendStaticFile("a.txt") }, decant.Endpoint("apps"))
	bp.Get("/url", func(c *decant.Context) (any, error) { return c.URLFor(".static", "filename", "a.txt"), nil }, decant.Endpoint("url"))
	var hooked int
	bp.BeforeRequest(func(*decant.Context) (any, error) { hooked++; return nil, nil })
	outer := decant.NewBlueprint("outer", decant.URLPrefix("/outer"))
	outer.RegisterBlueprint(bp)
	app := decant.New("site", decant.Static(inMemory("a.txt", "of the application")))
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(outer)

	w := get(app, "/shop/files/a.txt")
	mustAnswer(t, w, 200, "of the shop")
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=1" || hooked != 1 {
		t.Errorf("Cache-Control %q, %d hooks", got, hooked)
	}
	mustAnswer(t, get(app, "/outer/shop/files/a.txt"), 200, "of the shop")
	mustAnswer(t, get(app, "/static/a.txt"), 200, "of the application")
	mustAnswer(t, get(app, "/shop/own"), 200, "of the shop")
	mustAnswer(t, get(app, "/shop/apps"), 200, "of the application")
	mustAnswer(t, get(app, "/shop/url"), 200, "/shop/files/a.txt")
	mustAnswer(t, get(app, "/outer/shop/url"), 200, "/outer/shop/files/a.txt")

	plain := decant.NewBlueprint("plain", decant.URLPrefix("/plain"))
	plain.Get("/", func(c *decant.Context) (any, error) { return plain.SendStaticFile(c, "a.txt") }, decant.Endpoint("index"))
	another, log := newTestApp()
	another.RegisterBlueprint(plain)
	mustFail(t, get(another, "/plain/"))
	log.mustContain(t, "SendStaticFile", "option Static")
	mustPanic(t, func() {
		decant.New("third").RegisterBlueprint(decant.NewBlueprint("late"), decant.Static(os.DirFS(".")))
	}, "give it to NewBlueprint")
}

//go:embed testdata/static
var embedded embed.FS

func TestEmbeddedFilesHaveATagOfTheirContent(t *testing.T) {
	files, err := fs.Sub(embedded, "testdata/static")
	if err != nil {
		t.Fatal(err)
	}
	content, err := embedded.ReadFile("testdata/static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	tag := `"` + header.GenerateETag(content) + `"`
	for name, c := range map[string]struct {
		files  fs.FS
		target string
	}{
		"a part of it": {files, "/static/style.css"},
		"as a whole":   {embedded, "/static/testdata/static/style.css"},
	} {
		t.Run(name, func(t *testing.T) {
			app := decant.New("site", decant.Static(c.files))
			for range 2 { // worked out and remembered
				w := get(app, c.target)
				mustAnswer(t, w, 200, string(content))
				if got := w.Header().Get("Etag"); got != tag || w.Header().Get("Last-Modified") != "" {
					t.Errorf("ETag %s, want %s; headers %v", got, tag, w.Header())
				}
			}
			mustAnswer(t, get(app, c.target, "If-None-Match", tag), 304, "")
			mustAnswer(t, get(app, c.target, "Range", "bytes=1-3"), 206, string(content[1:4]))
		})
	}
}

// A deployment renames a link, and must not go on serving the old folder, nor
// the new files under the old tag.
func TestStaticFolderIsReplaced(t *testing.T) {
	root := t.TempDir()
	fill(t, filepath.Join(root, "v1"), "a.txt", "one")
	fill(t, filepath.Join(root, "v2"), "a.txt", "two")
	link(t, "v1", filepath.Join(root, "static"))
	app := decant.New("site", decant.RootPath(root))
	mustAnswer(t, get(app, "/static/a.txt"), 200, "one")
	link(t, "v2", filepath.Join(root, "next"))
	if err := os.Rename(filepath.Join(root, "next"), filepath.Join(root, "static")); err != nil {
		t.Fatal(err)
	}
	mustAnswer(t, get(app, "/static/a.txt"), 200, "two")
	if err := os.Remove(filepath.Join(root, "static")); err != nil {
		t.Fatal(err)
	}
	if got := get(app, "/static/a.txt").Code; got != 404 {
		t.Errorf("status %d without a folder", got)
	}
}

func link(t testing.TB, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestRootPath(t *testing.T) {
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got := decant.New("site").RootPath(); got != working { // where this file is
		t.Errorf("the root path is %q, want %q", got, working)
	}
	if got, want := decant.New("site", decant.RootPath("testdata")).RootPath(), filepath.Join(working, "testdata"); got != want {
		t.Errorf("the root path is %q, want %q", got, want)
	}
}

func TestOpenResource(t *testing.T) {
	root := fill(t, t.TempDir(), "app/sql/tables.sql", "CREATE", "secret", "SECRET")
	app := decant.New("site", decant.RootPath(filepath.Join(root, "app")))
	content, err := app.OpenResource("sql/tables.sql")
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, err := io.ReadAll(content); string(text) != "CREATE" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	link(t, "../secret", filepath.Join(root, "app", "link"))
	for _, name := range []string{"none", "../secret", "/etc/passwd", "sql/../../secret", "link", ""} {
		content, err := app.OpenResource(name)
		if err == nil || content != nil || !strings.Contains(err.Error(), app.RootPath()) {
			t.Errorf("OpenResource(%q) = %v, %v", name, content, err)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("OpenResource(%q): %v is no fs.ErrNotExist", name, err)
		}
	}
}

// A folder that is named anew for each request must leave nothing open.
func TestFoldersOfOneRequestAreClosed(t *testing.T) {
	root := fill(t, t.TempDir(), "uploads/a.txt", "text")
	app := decant.New("site", decant.RootPath(root))
	app.Get("/<name>", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(c.App.Folder("uploads"), c.Param("name"))
	}, decant.Endpoint("upload"))
	mustAnswer(t, get(app, "/a.txt"), 200, "text")
	before := openFiles(t)
	for range 100 {
		get(app, "/a.txt")
		get(app, "/none.txt")
	}
	if after := openFiles(t); after > before+50 { // other tests have files too
		t.Errorf("%d files are open, %d were", after, before)
	}
}

// openFiles is 0 where the system does not tell.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
