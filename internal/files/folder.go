package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"syscall"
)

// Folder is a folder of the operating system. No symbolic link leads out of it.
//
// It opens the folder anew for each file, unless [Folder.KeepOpen] was called.
// A folder that is kept open halves the cost of opening a file. Each time, it
// looks whether its path still leads to the same folder: a deployment may put
// another one in its place by renaming a link.
type Folder struct {
	path  string // absolute
	keeps bool
	kept  atomic.Pointer[openFolder]
}

type openFolder struct {
	root     *os.Root
	identity identity
}

// NewFolder returns the folder at an absolute path. The folder need not exist
// yet.
func NewFolder(path string) *Folder { return &Folder{path: path} }

// Guard returns a file system that follows no symbolic link out of its folder,
// if fsys is what os.DirFS returns. It returns any other file system as it is.
func Guard(fsys fs.FS) fs.FS {
	if reflect.TypeOf(fsys) != dirFS {
		return fsys
	}
	path, err := filepath.Abs(reflect.ValueOf(fsys).String())
	if err != nil {
		return fsys
	}
	return NewFolder(path)
}

var dirFS = reflect.TypeOf(os.DirFS("."))

// KeepOpen returns the same folder for a use that lasts as long as the program.
func (f *Folder) KeepOpen() *Folder { return &Folder{path: f.path, keeps: true} }

// Open opens a file for reading. The error wraps fs.ErrNotExist if the name
// cannot be that of a file in the folder.
func (f *Folder) Open(name string) (fs.File, error) {
	root, err := f.root()
	if err != nil {
		return nil, asNotExist(err)
	}
	if !f.keeps {
		defer root.Close()
	}
	file, err := root.OpenFile(filepath.FromSlash(name), readOnly, 0)
	if err != nil {
		return nil, asNotExist(err)
	}
	return file, nil
}

// readOnly does not wait for a writer if the name is that of a pipe.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

// Stat describes a file without opening it.
func (f *Folder) Stat(name string) (fs.FileInfo, error) {
	root, err := f.root()
	if err != nil {
		return nil, asNotExist(err)
	}
	if !f.keeps {
		defer root.Close()
	}
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, asNotExist(err)
	}
	return info, nil
}

func (f *Folder) join(name string) string {
	return filepath.Join(f.path, filepath.FromSlash(name))
}

// root returns the open folder. The garbage collector closes a folder that was
// replaced, when no request uses it any more.
func (f *Folder) root() (*os.Root, error) {
	if !f.keeps {
		return os.OpenRoot(f.path)
	}
	before, err := identityOf(f.path)
	if err != nil {
		return nil, err
	}
	if kept := f.kept.Load(); kept != nil && kept.identity.isSame(before) {
		return kept.root, nil
	}
	return f.reopen(before)
}

// reopen keeps the folder open, unless another one took its place meanwhile.
func (f *Folder) reopen(before identity) (*os.Root, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	if after, err := identityOf(f.path); err == nil && after.isSame(before) {
		f.kept.Store(&openFolder{root, before})
	}
	return root, nil
}

// asNotExist makes an fs.ErrNotExist of every error which only says that there
// is no such file: the name is too long, a file stands where a folder should
// be, a link leads out of the folder. A fault of the machine, such as too many
// open files, stays as it is.
func asNotExist(err error) error {
	var number syscall.Errno
	isNumber := errors.As(err, &number)
	switch {
	case !isNumber, number == syscall.ENOTDIR, number == syscall.ENAMETOOLONG, number == syscall.ELOOP:
		return errors.Join(fs.ErrNotExist, err)
	}
	return err
}
