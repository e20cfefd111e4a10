package main

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// upload sends a file as the form does.
func upload(t *testing.T, folder, name, content string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte(content))
	form.Close()
	r := httptest.NewRequest("POST", "/", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	newApp(folder).ServeHTTP(w, r)
	return w
}

func TestUpload(t *testing.T) {
	for _, test := range []struct {
		name, content, saved string
		status               int
	}{
		{"my cat.TXT", "meow", "my_cat.TXT", 302},
		{"../../etc/cat.txt", "meow", "etc_cat.txt", 302},
		{"page.html", "<script>", "", 302},
		{"..", "meow", "", 302},
		{"large.txt", strings.Repeat("a", 1<<20), "", 413},
	} {
		folder := t.TempDir()
		if w := upload(t, folder, test.name, test.content); w.Code != test.status {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		if saved := len(entries) > 0; saved != (test.saved != "") || saved && entries[0].Name() != test.saved {
			t.Errorf("%s is saved as %v, want %q", test.name, entries, test.saved)
		}
	}
}

func TestDownload(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "cat.txt"), []byte("meow"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := newApp(folder)
	for path, want := range map[string]string{"/uploads/cat.txt": "meow", "/": `<a href="/uploads/cat.txt">cat.txt</a>`} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
