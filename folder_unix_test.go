//go:build unix

package decant

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

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
