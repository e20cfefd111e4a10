//go:build unix

package decant

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What has a name and is no file is not waited for either.
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
	app, log := appWith(func(c *Context) (any, error) { return c.SendFile(path) })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "not a regular file")
}

// A 404 would be kept by caches, and nobody would look for what is wrong.
func TestTroubleOfTheMachineIsNo404(t *testing.T) {
	t.Parallel()
	for number, want := range map[syscall.Errno]bool{
		syscall.ENOENT: true, syscall.ENOTDIR: true, syscall.ENAMETOOLONG: true, syscall.ELOOP: true,
		syscall.EMFILE: false, syscall.ENFILE: false, syscall.EACCES: false, syscall.EIO: false,
	} {
		err := refusal(&os.PathError{Op: "open", Path: "a", Err: number})
		if got := errors.Is(err, fs.ErrNotExist); got != want {
			t.Errorf("%v counts as a missing file: %v, want %v", number, got, want)
		}
	}
}
