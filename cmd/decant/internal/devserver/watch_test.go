package devserver

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWatcher(t *testing.T) {
	for _, poll := range []bool{false, true} {
		dir, beside := t.TempDir(), t.TempDir()
		put := func(folder, name, content string) string {
			t.Helper()
			path := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
		main := put(dir, "main.go", "package main")
		other := put(beside, "lib.go", "package lib")
		output, err := os.Create(filepath.Join(dir, "output.txt"))
		if err != nil {
			t.Fatal(err)
		}
		progress := newProgress(output)
		w := newWatcher(dir, []string{"build", "*.gen.css", "static/vendor"}, poll, progress)
		expect := func(want ...string) {
			t.Helper()
			select {
			case got := <-w.Changes():
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			case <-time.After(patience):
				t.Fatalf("poll %v: nobody tells of %v", poll, want)
			}
		}

		// The files that the application writes, and those that nobody needs, come
		// first: if they counted, they would be reported instead of the next ones.
		progress.say("this line makes the file longer that the output was redirected to")
		put(dir, "shop.db", "x")
		put(dir, "app.log", "x")
		put(dir, "main_test.go", "package main")
		put(dir, ".main.go.swp", "x")
		put(dir, ".git/index.txt", "x")
		put(dir, "instance/data.json", "x")
		put(dir, "node_modules/a/a.js", "x")
		put(dir, "build/a.css", "x")
		put(dir, "static/vendor/a.css", "x")
		put(dir, "a.gen.css", "x")
		put(dir, "main.go", "package main // changed")
		expect(main)

		page := put(dir, "templates/admin/page.html", "x")
		expect(page)
		put(dir, "templates/admin/page.html", "xy")
		expect(page)
		if err := os.Remove(page); err != nil {
			t.Fatal(err)
		}
		expect(page)

		w.Add([]string{beside, filepath.Join(dir, "templates")})
		put(dir, "main.go", "package main // changed again")
		expect(main) // and not the files of the folder that was added
		put(beside, "lib.go", "package lib // changed")
		expect(other)
		w.Close()
		if err := output.Close(); err != nil {
			t.Error(err)
		}
	}
}
