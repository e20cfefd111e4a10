package decant

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"syscall"
)

// folder is a folder of the operating system, out of which no symbolic link
// leads. It is opened anew for each file, unless it lives as long as the
// application.
//
// Such a one stays open, which halves the cost of opening a file, and looks
// each time whether it is still the one that has the path: a deployment may put
// another in its place by renaming a link.
type folder struct {
	path  string // absolute
	keeps bool
	kept  atomic.Pointer[openFolder]
}

type openFolder struct {
	root *os.Root
	info fs.FileInfo
}

// readOnly does not wait for a writer where the name is that of a pipe.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

func (f *folder) Open(name string) (fs.File, error) {
	root, err := f.root()
	if err != nil {
		return nil, refusal(err)
	}
	if !f.keeps {
		defer root.Close()
	}
	file, err := root.OpenFile(filepath.FromSlash(name), readOnly, 0)
	if err != nil {
		return nil, refusal(err)
	}
	return file, nil
}

// Stat says what there is to know about a file without opening it.
func (f *folder) Stat(name string) (fs.FileInfo, error) {
	root, err := f.root()
	if err != nil {
		return nil, refusal(err)
	}
	if !f.keeps {
		defer root.Close()
	}
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, refusal(err)
	}
	return info, nil
}

func (f *folder) join(name string) string {
	return filepath.Join(f.path, filepath.FromSlash(name))
}

// root returns the open folder. One that was replaced is closed by the garbage
// collector, when no request uses it any more.
func (f *folder) root() (*os.Root, error) {
	if !f.keeps {
		return os.OpenRoot(f.path)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, err
	}
	if kept := f.kept.Load(); kept != nil && os.SameFile(kept.info, info) {
		return kept.root, nil
	}
	return f.reopen()
}

func (f *folder) reopen() (*os.Root, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	if info, err := root.Stat("."); err == nil {
		f.kept.Store(&openFolder{root, info})
	}
	return root, nil
}

// refusal makes fs.ErrNotExist of errors that say no more than that there is no
// such file: a name that is too long, a file where a folder should be, a link
// that leads out. What is the machine's fault stays as it is.
func refusal(err error) error {
	var number syscall.Errno
	isNumber := errors.As(err, &number)
	switch {
	case !isNumber, number == syscall.ENOTDIR, number == syscall.ENAMETOOLONG, number == syscall.ELOOP:
		return errors.Join(fs.ErrNotExist, err)
	}
	return err
}

var dirFS = reflect.TypeOf(os.DirFS("."))

// guarded keeps what os.DirFS returns from following links out of its folder.
// Every other file system is its author's own business.
func guarded(fsys fs.FS) fs.FS {
	if reflect.TypeOf(fsys) != dirFS {
		return fsys
	}
	path, err := filepath.Abs(reflect.ValueOf(fsys).String())
	if err != nil {
		return fsys
	}
	return &folder{path: path}
}
