package tests

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/vectors"
)

// sent is the view that sends what SendContent makes of a string.
func sent(text string, options ...decant.FileOption) decant.View {
	return func(c *decant.Context) (any, error) { return c.SendContent(strings.NewReader(text), options...) }
}

// headersOf are the headers that the vectors know, each on one line.
func headersOf(w *httptest.ResponseRecorder) map[string]string {
	headers := map[string]string{}
	for name, lines := range w.Result().Header {
		if name == "Etag" {
			name = "ETag"
		}
		if len(lines) > 0 && name != "X-Content-Type-Options" {
			headers[name] = strings.Join(lines, ", ")
		}
	}
	return headers
}

func TestSendFileVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op       string
		DownloadName string `json:"download_name"`
		AsAttachment bool   `json:"as_attachment"`
		Want         struct {
			Headers map[string]string
			Error   string
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "send_file") {
		options := []decant.FileOption{decant.DownloadName(c.DownloadName)}
		if c.AsAttachment {
			options = append(options, decant.AsAttachment())
		}
		app, _ := appWith(sent("data", options...))
		w := get(app, "/")
		mustAnswer(t, w, 200, "data")
		if c.Want.Error == "ValueError" { // a line break, which is left out
			if strings.ContainsAny(w.Header().Get("Content-Disposition"), "\r\n") {
				t.Errorf("%s: %q holds a line break", c.ID, w.Header())
			}
			continue
		}
		if diff := cmp.Diff(c.Want.Headers, headersOf(w)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.ID, diff)
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", c.ID, got)
		}
	}
}

func TestSendFileMaxAgeVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op string
		MaxAge *int `json:"max_age"`
		Want   struct {
			CacheControl string `json:"cache_control"`
			HasExpires   bool   `json:"has_expires"`
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "send_file_max_age") {
		options := []decant.FileOption{decant.DownloadName("a.txt")}
		if c.MaxAge != nil {
			options = append(options, decant.FileMaxAge(time.Duration(*c.MaxAge)*time.Second))
		}
		app, _ := appWith(sent("data", options...))
		h := get(app, "/").Header()
		if got := h.Get("Cache-Control"); got != c.Want.CacheControl || (h.Get("Expires") != "") != c.Want.HasExpires {
			t.Errorf("%s: %v, want %+v", c.ID, h, c.Want)
		}
	}
}

// The vectors are about a response that is no file: those of its headers that
// only a file has are left out, and one kind of request is about other methods.
func TestConditionalVectorsOfFiles(t *testing.T) {
	t.Parallel()
	type response struct {
		Status  int
		Error   int
		Headers map[string]string
		Body    string
	}
	type testCase struct {
		ID, Op, Method string
		Headers        map[string]string
		Want           response
		WantStable     *response `json:"want_stable"`
	}
	const body = "012345678901234567890123456789"
	date := time.Date(1994, 11, 15, 8, 12, 31, 0, time.UTC)
	view := sent(body, decant.MIMEType("text/plain"), decant.ETag("v1"), decant.LastModified(date))
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "conditional") {
		app, _ := newTestApp()
		app.Route("/", view, decant.Endpoint("view"), decant.Methods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
		var pairs []string
		for name, value := range c.Headers {
			pairs = append(pairs, name, value)
		}
		want := c.Want
		if c.WantStable != nil {
			want = *c.WantStable
		}
		w := send(app, c.Method, "/", "", pairs...)
		got := response{Status: w.Code, Headers: headersOf(w), Body: w.Body.String()}
		delete(got.Headers, "Cache-Control")
		if w.Code == http.StatusRequestedRangeNotSatisfiable {
			got = response{Error: w.Code, Headers: map[string]string{"Content-Range": w.Header().Get("Content-Range")}}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s %v: (-want +got)\n%s", c.ID, c.Method, c.Headers, diff)
		}
	}
}

// The headers are Flask's for the same file; its tag ends in the checksum of
// the path.
func TestSendFile(t *testing.T) {
	root := fill(t, t.TempDir(), "reports/año.txt", "0123456789")
	path := filepath.Join(root, "reports", "año.txt")
	date := time.Date(2024, 5, 6, 7, 8, 9, 500_000_000, time.UTC)
	if err := os.Chtimes(path, date, date); err != nil {
		t.Fatal(err)
	}
	app := decant.New("files", decant.RootPath(root))
	app.Get("/relative", func(c *decant.Context) (any, error) { return c.SendFile("reports/año.txt") }, decant.Endpoint("relative"))
	app.Get("/absolute", func(c *decant.Context) (any, error) { return c.SendFile(path) }, decant.Endpoint("absolute"))
	app.Get("/whole", func(c *decant.Context) (any, error) {
		return c.SendFile(path, decant.Unconditional(), decant.ETag(""), decant.LastModified(time.Time{}))
	}, decant.Endpoint("whole"))
	tag := `"` + header.FileETag(date, 10, path) + `"`
	disposition := `inline; filename=ano.txt; filename*=UTF-8''a%C3%B1o.txt`
	want := map[string]string{
		"Content-Disposition": disposition,
		"Content-Type":        "text/plain; charset=utf-8",
		"Content-Length":      "10",
		"Last-Modified":       "Mon, 06 May 2024 07:08:09 GMT",
		"Cache-Control":       "no-cache",
		"ETag":                tag,
		"Accept-Ranges":       "bytes",
	}
	for _, target := range []string{"/relative", "/absolute"} {
		w := get(app, target)
		mustAnswer(t, w, 200, "0123456789")
		if diff := cmp.Diff(want, headersOf(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
	mustAnswer(t, get(app, "/relative", "If-Modified-Since", want["Last-Modified"]), 304, "")
	w := get(app, "/relative", "If-None-Match", tag)
	mustAnswer(t, w, 304, "")
	kept := map[string]string{"Content-Disposition": disposition, "Cache-Control": "no-cache", "ETag": tag, "Accept-Ranges": "bytes"}
	if diff := cmp.Diff(kept, headersOf(w)); diff != "" {
		t.Errorf("headers of a 304 (-want +got):\n%s", diff)
	}
	mustAnswer(t, get(app, "/relative", "If-Match", `"other"`), 412, "0123456789") // as Flask has it
	mustAnswer(t, get(app, "/relative", "Range", "bytes=2-4", "If-Range", tag), 206, "234")
	mustAnswer(t, get(app, "/relative", "Range", "bytes=2-4", "If-Range", `"other"`), 200, "0123456789")
	mustAnswer(t, get(app, "/relative", "Range", "bytes=-3"), 206, "789")
	if w := get(app, "/relative", "Range", "bytes=2-4,6-7"); w.Code != 416 || w.Header().Get("Content-Range") != "bytes */10" {
		t.Error(w.Code, w.Header())
	}
	w = send(app, "HEAD", "/relative", "", "Range", "bytes=2-4")
	mustAnswer(t, w, 206, "")
	if w.Header().Get("Content-Length") != "3" || w.Header().Get("Content-Range") != "bytes 2-4/10" {
		t.Error(w.Header())
	}
	w = get(app, "/whole", "Range", "bytes=2-4")
	mustAnswer(t, w, 200, "0123456789")
	delete(want, "Accept-Ranges")
	delete(want, "Last-Modified")
	delete(want, "ETag")
	if diff := cmp.Diff(want, headersOf(w)); diff != "" {
		t.Errorf("unconditional (-want +got):\n%s", diff)
	}
}

func TestFileMistakesAreTold(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct {
		send func(c *decant.Context) (any, error)
		log  []string
	}{
		"missing":     {func(c *decant.Context) (any, error) { return c.SendFile("none.txt") }, []string{"none.txt", "SendFromDirectory"}},
		"a folder":    {func(c *decant.Context) (any, error) { return c.SendFile(folder) }, []string{folder, "not a regular file"}},
		"no type":     {sent("x"), []string{"SendContent", "DownloadName", "MIMEType"}},
		"no name":     {sent("x", decant.MIMEType("text/csv"), decant.AsAttachment()), []string{"AsAttachment", "DownloadName"}},
		"tag":         {sent("x", decant.MIMEType("text/csv"), decant.ETag(`a"b`)), []string{"option ETag"}},
		"type":        {sent("x", decant.MIMEType("text/csv\r\nX: y")), []string{"Content-Type"}},
		"cannot seek": {func(c *decant.Context) (any, error) { return c.SendContent(brokenSeeker{}, decant.MIMEType("a/b")) }, []string{"SendContent", "stuck"}},
		"machine": {func(c *decant.Context) (any, error) {
			return c.SendFromDirectory(brokenFS{errors.New("disk on fire")}, "a.txt")
		}, []string{"a.txt", "disk on fire"}},
		"no such disk": {func(c *decant.Context) (any, error) { return c.SendFromDirectory(brokenFS{fs.ErrPermission}, "a.txt") }, []string{"a.txt", "permission"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(c.send)
			mustFail(t, get(app, "/"))
			log.mustContain(t, c.log...)
		})
	}
}

type brokenSeeker struct{ io.Reader }

func (brokenSeeker) Seek(int64, int) (int64, error) { return 0, errors.New("stuck") }

type brokenFS struct{ error }

func (f brokenFS) Open(string) (fs.File, error) { return nil, f.error }

func TestSendContent(t *testing.T) {
	for name, c := range map[string]struct {
		options []decant.FileOption
		want    map[string]string
	}{
		"type":         {[]decant.FileOption{decant.MIMEType("text/csv")}, map[string]string{"Content-Type": "text/csv; charset=utf-8"}},
		"own charset":  {[]decant.FileOption{decant.MIMEType("text/csv; charset=utf-16")}, map[string]string{"Content-Type": "text/csv; charset=utf-16"}},
		"unknown type": {[]decant.FileOption{decant.DownloadName("a.unheard-of")}, map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": "inline; filename=a.unheard-of"}},
		"type of an archive": {[]decant.FileOption{decant.DownloadName("a.svg.gz"), decant.MIMEType("image/x")}, map[string]string{
			"Content-Type": "image/x", "Content-Disposition": "inline; filename=a.svg.gz"}},
		"archive": {[]decant.FileOption{decant.DownloadName("a.svg.gz")}, map[string]string{
			"Content-Type": "image/svg+xml; charset=utf-8", "Content-Disposition": "inline; filename=a.svg.gz", "Content-Encoding": "gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(sent("0123", c.options...))
			want := map[string]string{"Content-Length": "4", "Cache-Control": "no-cache", "Accept-Ranges": "bytes"}
			maps.Copy(want, c.want)
			if diff := cmp.Diff(want, headersOf(get(app, "/"))); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
	app, _ := appWith(func(c *decant.Context) (any, error) {
		content := strings.NewReader("0123")
		io.CopyN(io.Discard, content, 2)
		return c.SendContent(content, decant.MIMEType("text/csv"))
	})
	mustAnswer(t, get(app, "/"), 200, "0123")
	mustAnswer(t, get(app, "/", "Range", "bytes=1-2"), 206, "12")
	empty, _ := appWith(sent("", decant.MIMEType("text/csv")))
	mustAnswer(t, get(empty, "/", "Range", "bytes=0-1"), 200, "")
}

// countedCloser counts how often it is closed.
type countedCloser struct {
	*strings.Reader
	closed *int
}

func (c countedCloser) Close() error { *c.closed++; return nil }

func TestFilesAreClosed(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		headers []string
		options []decant.FileOption
		after   error
		status  int
	}{
		"sent":          {"GET", nil, []decant.FileOption{decant.DownloadName("a.txt")}, nil, 200},
		"HEAD":          {"HEAD", nil, []decant.FileOption{decant.DownloadName("a.txt")}, nil, 200},
		"not modified":  {"GET", []string{"If-None-Match", `"v"`}, []decant.FileOption{decant.DownloadName("a.txt"), decant.ETag("v")}, nil, 304},
		"no range":      {"GET", []string{"Range", "bytes=9-"}, []decant.FileOption{decant.DownloadName("a.txt")}, nil, 416},
		"no type":       {"GET", nil, nil, nil, 500},
		"a hook failed": {"GET", nil, []decant.FileOption{decant.DownloadName("a.txt")}, errors.New("hook"), 500},
	} {
		t.Run(name, func(t *testing.T) {
			closed := 0
			app, _ := appWith(func(context *decant.Context) (any, error) {
				return context.SendContent(countedCloser{strings.NewReader("text"), &closed}, c.options...)
			})
			failing := c.after
			app.AfterRequest(func(*decant.Context, *decant.Response) error { err := failing; failing = nil; return err })
			if w := send(app, c.method, "/", "", c.headers...); w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			if closed != 1 {
				t.Errorf("closed %d times", closed)
			}
		})
	}
}

func TestASentFileThatShrinksCutsTheConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	app, log := appWith(func(c *decant.Context) (any, error) {
		writeFile(t, path, "0123456789")
		answer, err := c.SendFile(path)
		if err := os.Truncate(path, 4); err != nil {
			t.Error(err)
		}
		return answer, err
	})
	if value := panicOf(t, func() { get(app, "/") }); value != http.ErrAbortHandler {
		t.Errorf("the panic is %v", value)
	}
	log.mustContain(t, "became shorter")
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A file that can only be read from its beginning, as in an archive.
func TestSendFromAnArchive(t *testing.T) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "doc/a.txt", Method: zip.Deflate, Modified: time.Unix(1_700_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "0123456789")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	app := decant.New("zip", decant.Static(files))
	mustAnswer(t, get(app, "/static/doc/a.txt"), 200, "0123456789")
	mustAnswer(t, get(app, "/static/doc/a.txt", "Range", "bytes=3-5"), 206, "345")
	mustAnswer(t, get(app, "/static/doc/a.txt", "If-None-Match", get(app, "/static/doc/a.txt").Header().Get("Etag")), 304, "")
	if got := get(app, "/static/doc").Code; got != 404 {
		t.Errorf("status %d for a folder", got)
	}
}

func TestUseXSendfile(t *testing.T) {
	root := fill(t, t.TempDir(), "static/a.txt", "0123456789")
	app := decant.New("files", decant.RootPath(root))
	app.Config.UseXSendfile = true
	app.Get("/content", sent("text", decant.DownloadName("a.txt")), decant.Endpoint("content"))
	path := filepath.Join(root, "static", "a.txt")
	w := get(app, "/static/a.txt", "Range", "bytes=1-2")
	mustAnswer(t, w, 200, "")
	h := w.Result().Header
	if h.Get("X-Sendfile") != path || h.Get("Content-Length") != "" || h.Get("Accept-Ranges") != "" || h.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(h)
	}
	w = get(app, "/static/a.txt", "If-None-Match", h.Get("Etag"))
	mustAnswer(t, w, 304, "")
	if got := w.Header().Get("X-Sendfile"); got != "" { // some servers would send the file all the same
		t.Errorf("a 304 has X-Sendfile %q", got)
	}
	mustAnswer(t, get(app, "/content"), 200, "text")
	inMemoryApp := decant.New("files", decant.Static(inMemory("a.txt", "text")))
	inMemoryApp.Config.UseXSendfile = true
	mustAnswer(t, get(inMemoryApp, "/static/a.txt"), 200, "text")
}

// The headers of a file are not checked again, so its name must not break out of them.
func TestFileNamesStayInTheirHeaders(t *testing.T) {
	t.Parallel()
	names := []string{"a\r\nX-Evil: 1.html", "b\x01\x7f.txt", `c"; filename=d.txt`, "é\u2028\u0085.tar.gz", "\xff\xfe.css", "e\tf.js", "g.h\r\n"}
	folder := fstest.MapFS{}
	for _, name := range names {
		maps.Copy(folder, inMemory(name, "0123456789"))
	}
	app, _ := newTestApp()
	file := func(c *decant.Context) (any, error) { return c.SendFromDirectory(folder, names[c.ParamInt("i")]) }
	content := func(c *decant.Context) (any, error) {
		return c.SendContent(strings.NewReader("0123456789"), decant.DownloadName(names[c.ParamInt("i")]), decant.AsAttachment(), decant.LastModified(time.Unix(1_700_000_000, 0)))
	}
	app.Get("/file/<int:i>", file, decant.Endpoint("file"))
	app.Get("/content/<int:i>", content, decant.Endpoint("content"))
	for i, name := range names {
		for _, path := range []string{"/file/", "/content/"} {
			for status, condition := range map[int][]string{200: nil, 206: {"Range", "bytes=1-2"}, 304: {"If-Modified-Since", "Tue, 14 Nov 2023 22:13:20 GMT"}, 416: {"Range", "bytes=99-"}} {
				for _, method := range []string{"GET", "HEAD"} {
					w := send(app, method, path+strconv.Itoa(i), "", condition...)
					want := status
					if path == "/file/" && !fs.ValidPath(name) {
						want = 404
					}
					if w.Code != want {
						t.Errorf("%s %s%q: status %d, want %d", method, path, name, w.Code, want)
					}
					if err := header.CheckResponse(w.Header()); err != nil || w.Header().Get("X-Evil") != "" {
						t.Errorf("%s %s%q, %d: %v in %v", method, path, name, status, err, w.Header())
					}
				}
			}
		}
	}
}

func TestPrecompressed(t *testing.T) {
	date := time.Unix(1_700_000_000, 0)
	file := func(text string, age time.Duration) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(text), ModTime: date.Add(-age)}
	}
	files := fstest.MapFS{
		"a.css": file("plain", 0), "a.css.br": file("brotli", 0), "a.css.gz": file("gzipped", 0),
		"old.css": file("plain", 0), "old.css.gz": file("stale", time.Second),
		"only.css": file("plain", 0), "folder.css": file("plain", 0), "folder.css.gz/x": file("x", 0),
		"lone.css.gz": file("lone", 0), "x.tar.gz": file("archive", 0), "x.tar.gz.br": file("no", 0),
	}
	app := decant.New("site", decant.Static(files), decant.StaticFiles(decant.Precompressed()))
	tags := map[string]bool{}
	for _, c := range []struct{ target, accept, encoding, body string }{
		{"a.css", "gzip, deflate, br", "br", "brotli"},
		{"a.css", "gzip", "gzip", "gzipped"},
		{"a.css", "gzip;q=0.9, br;q=0.8", "gzip", "gzipped"},
		{"a.css", "gzip;q=0.8, br;q=0.9", "br", "brotli"},
		{"a.css", "br;q=0, *", "gzip", "gzipped"},
		{"a.css", "*", "br", "brotli"},
		{"a.css", "gzip;q=0", "", "plain"},
		{"a.css", "identity", "", "plain"},
		{"a.css", "", "", "plain"},
		{"old.css", "gzip", "", "plain"},
		{"only.css", "gzip, br", "", "plain"},
		{"folder.css", "gzip", "", "plain"},
		{"x.tar.gz", "br", "gzip", "archive"},
	} {
		var headers []string
		if c.accept != "" {
			headers = []string{"Accept-Encoding", c.accept}
		}
		w := get(app, "/static/"+c.target, headers...)
		mustAnswer(t, w, 200, c.body)
		h := w.Header()
		if got := h.Get("Content-Encoding"); got != c.encoding || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%+v: headers %v", c, h)
		}
		if c.target == "a.css" {
			tags[h.Get("Etag")] = true
			if h.Get("Content-Type") != "text/css; charset=utf-8" || h.Get("Content-Disposition") != "inline; filename=a.css" {
				t.Errorf("%+v: headers %v", c, h)
			}
		}
	}
	if len(tags) != 3 {
		t.Errorf("the three forms of a file have the tags %v", tags)
	}
	w := get(app, "/static/a.css", "Accept-Encoding", "br", "Range", "bytes=1-2")
	mustAnswer(t, w, 206, "ro")
	if h := w.Header(); h.Get("Content-Range") != "bytes 1-2/6" || h.Get("Content-Encoding") != "br" {
		t.Error(h)
	}
	w = get(app, "/static/a.css", "Accept-Encoding", "br", "If-None-Match", w.Header().Get("Etag"))
	mustAnswer(t, w, 304, "")
	if w.Header().Get("Vary") != "Accept-Encoding" {
		t.Error(w.Header())
	}
	if got := get(app, "/static/lone.css", "Accept-Encoding", "gzip").Code; got != 404 {
		t.Errorf("status %d for a file that is only there compressed", got)
	}
	if got := get(decant.New("site", decant.Static(files)), "/static/a.css", "Accept-Encoding", "br").Header(); got.Get("Content-Encoding") != "" || got.Get("Vary") != "" {
		t.Errorf("without the option: %v", got)
	}
}
