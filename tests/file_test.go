package tests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

const uploadType = "multipart/form-data; boundary=b"

// upload is a form of files: field, name and content in turn.
func upload(files ...string) string {
	var body strings.Builder
	for i := 0; i < len(files); i += 3 {
		fmt.Fprintf(&body, "--b\r\nContent-Disposition: form-data; name=%q; filename=%q\r\nContent-Type: text/x-test\r\nX-Part: %d\r\n\r\n%s\r\n", files[i], files[i+1], i/3, files[i+2])
	}
	return body.String() + "--b--\r\n"
}

func TestFiles(t *testing.T) {
	app, log := appWith(func(c *decant.Context) (any, error) {
		files := c.Request.Files
		first, ok := files.Lookup("a")
		none, found := files.Lookup("none")
		var order []string
		for field, file := range files.All() {
			order = append(order, field+"="+file.Filename)
		}
		for range files.All() {
			break // stopping early is fine
		}
		got := []any{ok, first.Field, first.Filename, first.Size, first.ContentType(), first.Header("x-part"), first.Header("none"), string(contentOf(t, first)),
			none, found, files.Get("none"), len(files.List("a")), len(files.List("none")), files.Has("b"), files.Has("none"), order, files.Get("empty").Filename}
		want := []any{true, "a", "../1.txt", int64(5), "text/x-test", "0", "", "Hello", (*decant.File)(nil), false, (*decant.File)(nil), 2, 0, true, false,
			[]string{"a=../1.txt", "b=3.txt", "a=2.txt", "empty="}, ""}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		file, err := files.Require("b")
		if err != nil {
			return nil, err
		}
		return contentOf(t, file), nil
	})
	body := upload("a", "../1.txt", "Hello", "b", "3.txt", "World", "a", "2.txt", "", "empty", "", "")
	mustAnswer(t, send(app, "POST", "/", body, "Content-Type", uploadType), 200, "World")
	log.mustBeEmpty(t)
	var files decant.Files
	if files.Has("a") || files.Get("a") != nil {
		t.Error("something comes out of nothing")
	}
	if _, err := files.Require("a"); err == nil {
		t.Error("nothing is required in vain")
	}
}

// Few files are searched and many are indexed; both ways find the same.
func TestFewAndManyFilesAreFoundByName(t *testing.T) {
	for _, n := range []int{3, 24, 25, 100} {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprint("f", i%(n-1)), fmt.Sprint("name", i), "x")
		}
		app, log := appWith(func(c *decant.Context) (any, error) {
			var found []string
			files := c.Request.Files
			for _, field := range []string{"f0", "f1", "none"} {
				found = append(found, fmt.Sprint(field, files.Has(field)))
				for _, file := range files.List(field) {
					found = append(found, file.Filename)
				}
			}
			first, err := files.Require("f0")
			return append(found, first.Filename), err
		})
		want := fmt.Sprintf(`["f0true","name0","name%d","f1true","name1","nonefalse","name0"]`, n-1)
		mustAnswer(t, send(app, "POST", "/", upload(parts...), "Content-Type", uploadType), 200, want+"\n")
		log.mustBeEmpty(t)
	}
}

func TestAMissingFileIsA400(t *testing.T) {
	for name, c := range map[string]struct {
		debug                   bool
		body, contentType, says string
	}{
		"nothing":               {false, "", "", "could not understand"},
		"sent as text":          {false, "x=me.png", formType, "could not understand"},
		"nothing, in debug":     {true, "", "", "KeyError: &#39;x&#39;"},
		"sent as text in debug": {true, "x=me.png", formType, "enctype=&#34;multipart/form-data&#34;"},
	} {
		app, log := appWith(func(c *decant.Context) (any, error) {
			_, err := c.Request.Files.Require("x")
			return nil, err
		})
		app.Config.Debug = c.debug
		w := send(app, "POST", "/", c.body, "Content-Type", c.contentType)
		if w.Code != 400 || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
		if !c.debug && strings.Contains(w.Body.String(), "enctype") {
			t.Errorf("%s: the advice is for developers: %s", name, w.Body)
		}
		log.mustBeEmpty(t)
	}
}

// Small files are in memory and large ones on disk; both are saved alike.
func TestSave(t *testing.T) {
	folder := t.TempDir()
	large := strings.Repeat("0123456789abcdef", 100_000)
	for name, content := range map[string]string{"small": "Hello", "large": large, "empty": ""} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(large+"longer"), 0o600); err != nil {
			t.Fatal(err)
		}
		app, log := appWith(func(c *decant.Context) (any, error) {
			file, err := c.Request.Files.Require("f")
			if err != nil {
				return nil, err
			}
			return "saved", errors.Join(file.Save(path), file.Save(path+" again"))
		})
		mustAnswer(t, send(app, "POST", "/", upload("f", "n", content), "Content-Type", uploadType), 200, "saved")
		log.mustBeEmpty(t)
		for _, path := range []string{path, path + " again"} {
			if saved, err := os.ReadFile(path); err != nil || string(saved) != content {
				t.Errorf("%s: %d bytes were saved of %d, %v", path, len(saved), len(content), err)
			}
		}
	}
}

func TestSaveSaysWhatFailed(t *testing.T) {
	folder := t.TempDir()
	var kept *decant.File
	app, _ := appWith(func(c *decant.Context) (any, error) {
		kept = c.Request.Files.Get("f")
		for path, want := range map[string]error{
			"/dev/full":                          syscall.ENOSPC,
			folder:                               syscall.EISDIR,
			filepath.Join(folder, "none", "x"):   fs.ErrNotExist,
			filepath.Join(folder, "nul\x00byte"): syscall.EINVAL,
		} {
			err := kept.Save(path)
			if !errors.Is(err, want) || !strings.Contains(err.Error(), `"me.png"`) || !strings.Contains(err.Error(), path) {
				t.Errorf("Save(%q): %v", path, err)
			}
		}
		return "", nil
	})
	send(app, "POST", "/", upload("f", "me.png", strings.Repeat("x", 1_000_000)), "Content-Type", uploadType)
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Error("what is no plain file was removed")
	}
	if _, err := kept.Open(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a file is open after its request: %v", err)
	}
	path := filepath.Join(folder, "late")
	if err := kept.Save(path); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a file is saved after its request: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file that could not be read was created")
	}
}

// A server without room for uploads says so in its log, and goes on.
func TestUploadsWithoutATemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	app, log := appWith(func(c *decant.Context) (any, error) {
		recovered(func() { c.Request.Files.Get("f") })
		return fmt.Sprint(c.Request.Form.Has("f"), c.Request.Files.Get("f").Size), nil // the second look fails, too
	})
	large := upload("f", "large.bin", strings.Repeat("x", 1_000_000))
	mustFail(t, send(app, "POST", "/", large, "Content-Type", uploadType))
	log.mustContain(t, "ERROR", `endpoint "view"`, `"large.bin"`, "temporary folder", "no such file")
	mustAnswer(t, send(app, "POST", "/", upload("f", "n", "small"), "Content-Type", uploadType), 200, "false 5")
}

// generated is an endless upload cut to a size. It costs no memory.
type generated struct{}

func (generated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A large upload takes the disk and not the memory.
func TestALargeUploadTakesLittleMemory(t *testing.T) {
	const size = 64 << 20
	t.Setenv("TMPDIR", t.TempDir())
	app, log := newTestApp()
	app.Config.MaxContentLength = 0
	app.Post("/", func(c *decant.Context) (any, error) {
		file, err := c.Request.Files.Require("f")
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(file.Size), nil
	}, decant.Endpoint("upload"))
	server := httptest.NewServer(app)
	defer server.Close()
	head, tail, _ := strings.Cut(upload("f", "large.bin", "|"), "|")
	body := io.MultiReader(strings.NewReader(head), io.LimitReader(generated{}, size), strings.NewReader(tail))
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response, err := http.Post(server.URL, uploadType, body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	answer.ReadFrom(response.Body)
	runtime.ReadMemStats(&after)
	if answer.String() != fmt.Sprint(size) {
		t.Fatalf("status %d: %s", response.StatusCode, answer.String())
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 8<<20 {
		t.Errorf("an upload of %d bytes took %d bytes of memory", size, taken)
	}
	log.mustBeEmpty(t)
}

// The types and parameters are those of Werkzeug's FileStorage.
func TestTheTypeOfAFile(t *testing.T) {
	for contentType, want := range map[string]string{
		`text/plain; charset=utf-8; a="b;c"`: "text/plain map[a:b;c charset:utf-8]",
		"TEXT/HTML":                          "text/html map[]",
		"text/plain; charset":                "text/plain map[]",
		"text/plain; X=Y":                    "text/plain map[x:Y]",
		"text/plain; name*=utf-8''%c3%a9":    "text/plain map[name:é]",
		"text/plain;charset=a;charset=b":     "text/plain map[charset:b]",
		"":                                   " map[]",
	} {
		app, _ := appWith(func(c *decant.Context) (any, error) {
			file := c.Request.Files.Get("a")
			return fmt.Sprint(file.MIMEType(), " ", file.MIMETypeParameters()), nil
		})
		body := "--b\r\nContent-Disposition: form-data; name=a; filename=x\r\nContent-Type: " + contentType + "\r\n\r\nx\r\n--b--\r\n"
		mustAnswer(t, send(app, "POST", "/", body, "Content-Type", uploadType), 200, want)
	}
}
