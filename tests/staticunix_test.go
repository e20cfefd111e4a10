//go:build unix

package tests

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/decant-go/decant"
)

// TestAPipeIsNoFile checks that a request does not wait for a pipe's writer.
func TestAPipeIsNoFile(t *testing.T) {
	t.Parallel()
	app, root := guardedSite(t)
	path := filepath.Join(root, "static", "pipe")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := get(app, "/static/pipe").Code; got != 404 {
		t.Errorf("status %d, want 404", got)
	}
	app, log := appWith(func(c *decant.Context) (any, error) { return c.SendFile(path) })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "not a regular file")
}

// An X-Sendfile header holds a path as it is.
func TestPathsStayInXSendfile(t *testing.T) {
	root := fill(t, t.TempDir(), "static/a\nX-Evil: 1.txt", "0123456789")
	app, log := newTestApp()
	app.Config.UseXSendfile = true
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.SendFile(filepath.Join(root, "static", "a\nX-Evil: 1.txt"))
	})
	mustFail(t, get(app, "/"))
	log.mustContain(t, "X-Sendfile")
}
