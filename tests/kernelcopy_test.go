package tests

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/decant-go/decant"
)

// kernelWriter is a writer that can have a file sent by the kernel.
type kernelWriter struct {
	*httptest.ResponseRecorder
	source io.Reader
}

func (w *kernelWriter) ReadFrom(source io.Reader) (int64, error) {
	w.source = source
	return io.Copy(w.ResponseRecorder, source)
}

// The kernel sends a file (sendfile) only if the server's own writer is handed
// the file itself, or a limited part of it, under a known length.
func TestFilesReachTheKernel(t *testing.T) {
	t.Parallel()
	root := fill(t, t.TempDir(), "static/a.txt", "0123456789")
	path := filepath.Join(root, "static", "a.txt")
	app := decant.New("files", decant.RootPath(root))
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error { r.Header().Set("After", "yes"); return nil })
	app.Get("/file", func(c *decant.Context) (any, error) { return c.SendFile(path) }, decant.Endpoint("file"))
	app.Get("/folder", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(os.DirFS(filepath.Dir(path)), "a.txt")
	}, decant.Endpoint("folder"))
	app.Get("/content", func(c *decant.Context) (any, error) {
		content, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		return c.SendContent(content, decant.DownloadName("a.txt"))
	}, decant.Endpoint("content"))
	for _, target := range []string{"/static/a.txt", "/file", "/folder", "/content"} {
		for part, want := range map[string]string{"": "0123456789", "bytes=2-4": "234"} {
			w := &kernelWriter{ResponseRecorder: httptest.NewRecorder()}
			r := httptest.NewRequest("GET", target, nil)
			if part != "" {
				r.Header.Set("Range", part)
			}
			app.ServeHTTP(w, r)
			limited, _ := w.source.(*io.LimitedReader)
			if limited == nil {
				t.Fatalf("%s %s: the writer was given a %T", target, part, w.source)
			}
			if _, isFile := limited.R.(*os.File); !isFile {
				t.Errorf("%s %s: the writer was given a part of a %T", target, part, limited.R)
			}
			if got := w.Body.String(); got != want || w.Header().Get("Content-Length") != fmt.Sprint(len(want)) {
				t.Errorf("%s %s: body %q, headers %v", target, part, got, w.Header())
			}
		}
	}
}

// TestFilesOverTCP goes the way of the kernel, from several clients at once.
func TestFilesOverTCP(t *testing.T) {
	t.Parallel()
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	root := fill(t, t.TempDir(), "static/large.bin", string(content))
	server := httptest.NewServer(decant.New("files", decant.RootPath(root)))
	defer server.Close()
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			start := i * 1000
			part := fmt.Sprintf("bytes=%d-%d", start, start+600_000)
			mustReceive(t, server.URL+"/static/large.bin", "", content)
			mustReceive(t, server.URL+"/static/large.bin", part, content[start:start+600_001])
		})
	}
	clients.Wait()
}

func mustReceive(t *testing.T, url, part string, want []byte) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Error(err)
		return
	}
	if part != "" {
		r.Header.Set("Range", part)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Equal(body, want) || response.ContentLength != int64(len(want)) {
		t.Errorf("%s: %d bytes of %d, announced as %d, %v", part, len(body), len(want), response.ContentLength, err)
	}
}
