package files

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

//go:embed request_test.go
var embedded embed.FS

var date = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

func memory() fs.FS {
	return fstest.MapFS{
		"a.txt":    {Data: []byte("0123456789"), ModTime: date},
		"a.txt.gz": {Data: []byte("zipped"), ModTime: date},
		"sub/b":    {Data: []byte("b"), ModTime: date},
	}
}

// sent is the body of an answer.
func sent(t *testing.T, answer Answer) string {
	t.Helper()
	if answer.Content == nil {
		return ""
	}
	w := httptest.NewRecorder()
	if err := answer.Content.Send(w, new(Buffers)); err != nil {
		t.Error(err)
	}
	return w.Body.String()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	mark := "v"
	for name, c := range map[string]struct {
		header  http.Header
		options Options
		status  int
		body    string
		headers map[string]string
	}{
		"whole": {nil, Options{}, 200, "0123456789", map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "Last-Modified": "Mon, 06 May 2024 07:08:09 GMT",
			"Content-Disposition": "inline; filename=a.txt", "X-Content-Type-Options": "nosniff",
			"Accept-Ranges": "bytes", "Cache-Control": "no-cache"}},
		"current": {http.Header{"If-None-Match": {`"v"`}}, Options{ETag: &mark}, 304, "",
			map[string]string{"Etag": `"v"`, "Content-Type": "", "Last-Modified": ""}},
		"a part":         {http.Header{"Range": {"bytes=2-4"}}, Options{}, 206, "234", map[string]string{"Content-Range": "bytes 2-4/10"}},
		"no such part":   {http.Header{"Range": {"bytes=20-"}}, Options{}, 416, "", map[string]string{"Content-Range": "bytes */10", "Cache-Control": ""}},
		"another copy":   {http.Header{"If-Match": {`"w"`}}, Options{}, 412, "0123456789", nil},
		"always whole":   {http.Header{"Range": {"bytes=2-4"}}, Options{Unconditional: true}, 200, "0123456789", map[string]string{"Accept-Ranges": ""}},
		"to be saved":    {nil, Options{Attachment: true, DownloadName: "b.csv"}, 200, "0123456789", map[string]string{"Content-Disposition": "attachment; filename=b.csv", "Content-Type": "text/csv; charset=utf-8"}},
		"compressed":     {http.Header{"Accept-Encoding": {"gzip"}}, Options{Precompressed: true}, 200, "zipped", map[string]string{"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "Content-Type": "text/plain; charset=utf-8"}},
		"not compressed": {nil, Options{Precompressed: true}, 200, "0123456789", map[string]string{"Content-Encoding": "", "Vary": "Accept-Encoding"}},
		"kept": {nil, Options{MaxAge: func(string) (time.Duration, bool) { return time.Hour, true }}, 200, "0123456789",
			map[string]string{"Cache-Control": "public, max-age=3600"}},
	} {
		t.Run(name, func(t *testing.T) {
			request := Request{Method: "GET", Header: c.header, Options: &c.options, Tags: new(Tags)}
			answer, err := request.From(memory(), "a.txt")
			if err != nil {
				t.Fatal(err)
			}
			if got := sent(t, answer); answer.Status != c.status || got != c.body {
				t.Errorf("status %d, body %q, want %d, %q", answer.Status, got, c.status, c.body)
			}
			for name, want := range c.headers {
				if got := answer.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestNamesThatAreNotFiles(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []fs.FS{memory(), NewFolder(root), NewFolder(filepath.Join(root, "none")), NewFolder(root).KeepOpen(), Guard(os.DirFS(root))} {
		for _, name := range []string{"", ".", "..", "/a.txt", "none", "sub", "sub/", "../a.txt", "sub/../a.txt", `sub\b`, "nul.txt", "a.txt\x00", strings.Repeat("x", 5000)} {
			request := Request{Method: "GET", Header: http.Header{"If-None-Match": {"*"}}, Options: new(Options), Tags: new(Tags)}
			if answer, err := request.From(folder, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%T, %q: %+v, %v", folder, name, answer, err)
			}
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	request := Request{Method: "GET", Options: new(Options), Tags: new(Tags)}
	answer, err := request.Path(path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Content.Reader.(io.Closer).Close()
	if got := sent(t, answer); got != "text" {
		t.Errorf("sent %q", got)
	}
	request.UseXSendfile = true
	answer, err = request.Path(path)
	if err != nil || answer.Content != nil || answer.Header.Get("X-Sendfile") != path || answer.Header.Get("Accept-Ranges") != "" {
		t.Errorf("%+v, %v", answer, err)
	}
	for _, path := range []string{path + "x", filepath.Dir(path)} {
		if answer, err := request.Path(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %+v, %v", path, answer, err)
		}
	}
}

// closing counts how often content is closed.
type closing struct {
	io.ReadSeeker
	closed int
}

func (c *closing) Close() error { c.closed++; return nil }

func TestContentIsClosedUnlessTheAnswerHoldsIt(t *testing.T) {
	t.Parallel()
	mark, broken := "v", `"`
	for name, c := range map[string]struct {
		content io.ReadSeeker
		options Options
		closed  int
		err     string
	}{
		"sent":        {strings.NewReader("x"), Options{MIMEType: "a/b"}, 0, ""},
		"current":     {strings.NewReader("x"), Options{MIMEType: "a/b", ETag: &mark}, 1, ""},
		"no type":     {strings.NewReader("x"), Options{}, 1, "add DownloadName"},
		"no name":     {strings.NewReader("x"), Options{MIMEType: "a/b", Attachment: true}, 1, "add DownloadName"},
		"broken tag":  {strings.NewReader("x"), Options{MIMEType: "a/b", ETag: &broken}, 1, "the option ETag"},
		"cannot seek": {unseekable{strings.NewReader("x")}, Options{MIMEType: "a/b"}, 1, "illegal seek"},
	} {
		content := &closing{ReadSeeker: c.content}
		request := Request{Method: "GET", Header: http.Header{"If-None-Match": {`"v"`}}, Options: &c.options}
		answer, err := request.Content(content)
		if content.closed != c.closed || (answer.Content != nil) != (c.closed == 0) {
			t.Errorf("%s: closed %d times, want %d", name, content.closed, c.closed)
		}
		if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
}

func TestEmbeddedFilesHaveATagOfTheirContent(t *testing.T) {
	t.Parallel()
	request := Request{Method: "GET", Options: new(Options), Tags: new(Tags)}
	var tags []string
	for range 2 { // hashed, then remembered
		answer, err := request.From(embedded, "request_test.go")
		if err != nil {
			t.Fatal(err)
		}
		if body := sent(t, answer); !strings.HasPrefix(body, "package files\n") {
			t.Errorf("the body begins with %.20q", body)
		}
		tags = append(tags, answer.Header.Get("ETag"))
	}
	if tags[0] == "" || tags[0] != tags[1] {
		t.Errorf("the tags are %q", tags)
	}
}

// A 304 without opening the file must equal a 304 with an open file.
func TestUnmodified(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(root, "a.txt")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	request := Request{Method: "GET", Header: http.Header{"If-None-Match": {"*"}}, Options: new(Options), Tags: new(Tags)}
	unopened, ok := request.unmodified(NewFolder(root), "a.txt")
	opened, err := request.Path(path)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if diff := cmp.Diff(opened, unopened); diff != "" {
		t.Errorf("(-opened +unopened):\n%s", diff)
	}
}
