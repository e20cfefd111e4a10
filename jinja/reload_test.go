package jinja_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/decant-go/decant/jinja"
)

// editedFS is a folder whose files change while it is read.
type editedFS struct {
	mutex sync.Mutex
	files fstest.MapFS
	clock time.Time
}

// Open opens a file as it is now.
func (e *editedFS) Open(name string) (fs.File, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.files.Open(name)
}

func (e *editedFS) write(name, source string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.clock = e.clock.Add(time.Second)
	e.files[name] = &fstest.MapFile{Data: []byte(source), ModTime: e.clock}
}

// TestRenderingWhileFilesChange renders in sixteen goroutines while the
// templates are edited. Run it with -race. A page is of one version throughout
// only where one file makes it, so each file is checked by itself.
func TestRenderingWhileFilesChange(t *testing.T) {
	fsys := &editedFS{files: fstest.MapFS{}, clock: time.Unix(1_700_000_000, 0)}
	edit := func(version int) {
		fsys.write("base.html", fmt.Sprintf("[base %d {%% block body %%}{%% endblock %%} base %d]", version, version))
		fsys.write("macros.html", fmt.Sprintf("{%% macro m(x) %%}(macro %d {{ x }} macro %d){%% endmacro %%}", version, version))
		fsys.write("part.html", fmt.Sprintf("<part %d {{ n }} part %d>", version, version))
		fsys.write("page.html", "{% extends 'base.html' %}{% from 'macros.html' import m %}"+
			"{% block body %}{% for i in items %}{{ m(i) }}{% include 'part.html' %}{% endfor %}{% endblock %}")
	}
	edit(0)
	engine, err := jinja.New(jinja.EngineConfig{FS: fsys, Reload: true})
	if err != nil {
		t.Fatal(err)
	}
	shared := jinja.Vars{"items": []any{"<a>", jinja.Markup("<b>")}, "n": 7}
	done := make(chan struct{})
	var editor, readers sync.WaitGroup
	editor.Go(func() {
		for version := 1; ; version++ {
			select {
			case <-done:
				return
			default:
				edit(version)
			}
		}
	})
	for range 16 {
		readers.Go(func() {
			for range 100 {
				var page strings.Builder
				if err := engine.Render(context.Background(), &page, "page.html", shared); err != nil {
					t.Error(err)
					return
				}
				checkVersions(t, page.String())
			}
		})
	}
	readers.Wait()
	close(done)
	editor.Wait()
}

// checkVersions reports a page in which the beginning and the end of a file
// come from different versions of it.
func checkVersions(t *testing.T, page string) {
	t.Helper()
	if strings.Contains(page, "<a>") || !strings.Contains(page, "&lt;a&gt;") || !strings.Contains(page, "<b>") {
		t.Errorf("wrongly escaped: %s", page)
	}
	for _, word := range []string{"base", "macro", "part"} {
		pieces := strings.Split(page, word+" ")
		for i := 1; i+1 < len(pieces); i += 2 {
			if number(pieces[i]) != number(pieces[i+1]) {
				t.Errorf("two versions of one file: %s", page)
			}
		}
	}
}

// number returns the digits at the beginning of s.
func number(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}
