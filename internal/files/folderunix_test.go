//go:build unix

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

// Caches would keep a 404, and nobody would look for the fault.
func TestAFaultOfTheMachineIsNotAMissingFile(t *testing.T) {
	t.Parallel()
	for number, want := range map[syscall.Errno]bool{
		syscall.ENOENT: true, syscall.ENOTDIR: true, syscall.ENAMETOOLONG: true, syscall.ELOOP: true,
		syscall.EMFILE: false, syscall.ENFILE: false, syscall.EACCES: false, syscall.EIO: false,
	} {
		err := asNotExist(&os.PathError{Op: "open", Path: "a", Err: number})
		if got := errors.Is(err, fs.ErrNotExist); got != want {
			t.Errorf("%v counts as a missing file: %v, want %v", number, got, want)
		}
	}
}
