package tests

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

const secretText = "SECRET"

// guardedSite has a static folder with a public file, and secrets around it.
func guardedSite(t testing.TB) (app *decant.App, root string) {
	t.Helper()
	root = fill(t, t.TempDir(),
		"static/style.css", "body{}", "static/sub/a.txt", "text", "static/private/b.txt", secretText,
		"secret.txt", secretText, "static2/secret.txt", secretText, "templates/secret.txt", secretText)
	link(t, "../secret.txt", filepath.Join(root, "static", "link.txt"))
	link(t, filepath.Join(root, "secret.txt"), filepath.Join(root, "static", "absolute.txt"))
	link(t, "..", filepath.Join(root, "static", "up"))
	link(t, "style.css", filepath.Join(root, "static", "inside.css"))
	link(t, "loop", filepath.Join(root, "static", "loop"))
	app = decant.New("site", decant.RootPath(root), decant.StaticFiles(decant.Precompressed()))
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if strings.HasPrefix(c.Request.Path(), "/static/private/") {
			return nil, decant.NewHTTPError(http.StatusForbidden)
		}
		return nil, nil
	})
	app.Get("/named", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(os.DirFS(filepath.Join(root, "static")), c.Request.Args.Get("name"))
	}, decant.Endpoint("named"))
	return app, root
}

// One line for each advisory and each way around it: no name leads out of the
// folder, or past the guard of a part of it.
func TestNoNameLeadsOutOfTheFolder(t *testing.T) {
	t.Parallel()
	app, root := guardedSite(t)
	mustAnswer(t, get(app, "/static/style.css"), 200, "body{}")
	mustAnswer(t, get(app, "/static/inside.css"), 200, "body{}") // a link that stays inside
	mustAnswer(t, get(app, "/named?name=sub/a.txt"), 200, "text")
	if got := get(app, "/static/private/b.txt").Code; got != 403 {
		t.Errorf("status %d, want 403 from the guard", got)
	}
	for advisory, names := range map[string][]string{
		"echo CVE-2020-36565":                   {"../secret.txt", "..", "sub/../../secret.txt", "./../secret.txt", "sub/../../static2/secret.txt"},
		"encoded once":                          {"%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", ".%2e/secret.txt", "sub%2f..%2f..%2fsecret.txt"},
		"fiber CVE-2026-25891: decoded twice":   {"%252e%252e/secret.txt", "..%252fsecret.txt", "%25%32%65%25%32%65/secret.txt", "%252e%252e%255csecret.txt"},
		"overlong and full-width":               {"%c0%ae%c0%ae/secret.txt", "%e0%80%ae%e0%80%ae/secret.txt", "%ef%bc%8e%ef%bc%8e/secret.txt", "..%c0%afsecret.txt"},
		"echo GHSA-vfp3-v2gw-7wfq: two paths":   {"sub%2f../private/b.txt", "x/../private/b.txt", "./private/b.txt", "sub/%2e%2e/private/b.txt", "sub/..%2fprivate/b.txt", "private%2f..%2fprivate/b.txt"},
		"GHSA-3pmx-cf9f-34xr: dot segments":     {"sub/../style.css", "./style.css", "sub/.", "sub/a.txt/.", "style.css/"},
		"Werkzeug GHSA-f9vj-2wh5-fj8j":          {`..%5csecret.txt`, `%5c%5chost%5cshare`, `sub%5c..%5c..%5csecret.txt`, `C:%5csecret.txt`},
		"Werkzeug GHSA-hgf8-39gv-g3f2":          {"NUL", "con", "AUX", "com1", "LPT9", "CONIN$"},
		"Werkzeug GHSA-87hc-h4r5-73f7":          {"nul.txt", "CON.tar.gz", "com1.css", "NUL:", "nul%20"},
		"Werkzeug GHSA-29vq-49wr-vm6x":          {"sub/NUL", "con/a.txt", "sub/aux.js/x"},
		"NUL":                                   {"style.css%00", "%00", "..%00/secret.txt", "style.css%00.png", "link.txt%00.css"},
		"absolute":                              {"%2fetc/passwd", "%2f%2fetc/passwd", "/etc/passwd", "file:%2f%2f%2fetc/passwd", strings.ReplaceAll(root, "/", "%2f") + "%2fsecret.txt"},
		"symbolic links":                        {"link.txt", "absolute.txt", "up/secret.txt", "up/static2/secret.txt", "up/static/private/b.txt", "loop", "loop/x"},
		"folders":                               {"", "sub", "sub/", "private"},
		"a folder whose name begins alike":      {"..%2fstatic2/secret.txt", "2/secret.txt"},
		"not UTF-8":                             {"%ff", "style.css%ff", "%fe%fe/secret.txt"},
		"streams of NTFS":                       {"style.css::$DATA", "secret.txt:$DATA"},
		"parameters and queries in the segment": {"..;/secret.txt", "style.css%3f/../../secret.txt", "style.css%23/../../secret.txt"},
	} {
		for _, name := range names {
			for _, target := range []string{"/static/" + name, "/named?name=" + name} {
				w := get(app, target)
				// A doubled slash is redirected by the rules before any file is looked at.
				isRefused := w.Code == 404 || w.Code == 403 || w.Code == 308
				if !isRefused || strings.Contains(w.Body.String(), secretText) {
					t.Errorf("%s: %s: status %d, body %q", advisory, target, w.Code, w.Body)
				}
			}
		}
	}
}

// Browsers must not guess that a text is a page: fiber CVE-2026-42554 is about
// what they make of it.
func TestServedFilesAreNotSniffed(t *testing.T) {
	t.Parallel()
	app := decant.New("site", decant.Static(inMemory("upload", "<script>alert(1)</script>")))
	for _, headers := range [][]string{nil, {"Range", "bytes=0-3"}} {
		h := get(app, "/static/upload", headers...).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "application/octet-stream" {
			t.Error(h)
		}
	}
}

// gin CVE-2023-29401, fiber CVE-2020-15111: the name of a file from a client
// stays inside of its quotes.
func TestDownloadNamesStayInTheirQuotes(t *testing.T) {
	t.Parallel()
	app, _ := appWith(func(c *decant.Context) (any, error) {
		return c.SendContent(strings.NewReader("x"), decant.DownloadName(c.Request.Args.Get("name")), decant.AsAttachment())
	})
	for name, want := range map[string]string{
		`x.bat";dummy=".txt`:   `attachment; filename="x.bat\";dummy=\".txt"`,
		"a\r\nSet-Cookie: x=y": `attachment; filename="aSet-Cookie: x=y"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3Dy`,
	} {
		w := get(app, "/?name="+url.QueryEscape(name))
		if got := w.Header().Get("Content-Disposition"); w.Code != 200 || got != want || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q: status %d, %s", name, w.Code, got)
		}
	}
}

// FuzzStaticPath: whatever path is asked for, what comes back is the content of
// the file of exactly that name below the folder, or nothing.
func FuzzStaticPath(f *testing.F) {
	app, _ := guardedSite(f)
	files := map[string]string{"style.css": "body{}", "inside.css": "body{}", "sub/a.txt": "text"}
	f.Fuzz(func(t *testing.T, name, encoding string) {
		for _, path := range []string{name, "/static/" + name} {
			w := httptest.NewRecorder()
			app.ServeHTTP(w, &http.Request{
				Method: http.MethodGet, Host: "localhost", Body: http.NoBody,
				URL:    &url.URL{Path: path},
				Header: http.Header{"Accept-Encoding": {encoding}},
			})
			body, _ := io.ReadAll(w.Body)
			if strings.Contains(string(body), secretText) && !strings.Contains(path, secretText) {
				t.Fatalf("%q gives %d, %q", path, w.Code, body)
			}
			if w.Code == 500 {
				t.Fatalf("%q is a 500", path)
			}
			local, found := strings.CutPrefix(strings.TrimLeft(path, "/"), "static/")
			if want, known := files[local]; w.Code == 200 && (!found || !known || string(body) != want) {
				t.Fatalf("%q gives %q", path, body)
			}
		}
	})
}
