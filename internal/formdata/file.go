package formdata

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Form is a parsed multipart body, in order of appearance.
type Form struct {
	Fields []Pair
	Files  []*File
}

// Remove deletes the files on disk. After that, no file can be opened. It may be
// called more than once. The error joins the errors of all files that could not
// be deleted.
func (f *Form) Remove() error {
	var errs []error
	for _, file := range f.Files {
		errs = append(errs, file.remove())
	}
	return errors.Join(errs...)
}

// File is one uploaded file, like Werkzeug's FileStorage. Its content is in
// memory or in a temporary file. A file is safe for concurrent use.
type File struct {
	// Field is the name of the form field, empty if the part had none.
	Field string
	// Filename is the name from the client, unchanged. It may be empty, and it
	// may hold a path. Never use it as a path.
	Filename string
	// Size is the length of the content in bytes.
	Size int64

	headers headerBlock
	content []byte // nil if path is set
	path    string
	removed atomic.Bool
}

// Open returns a new reader at the start of the content. The caller closes it.
// The error comes from the file system, or wraps [fs.ErrClosed] after
// [Form.Remove].
func (f *File) Open() (io.ReadSeekCloser, error) {
	if f.removed.Load() {
		return nil, fmt.Errorf("formdata: open upload %q: %w: uploads end with their request; copy what is needed longer", f.Filename, fs.ErrClosed)
	}
	if f.path == "" {
		return memoryFile{bytes.NewReader(f.content)}, nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("formdata: open upload %q: %w", f.Filename, err)
	}
	return file, nil
}

// Header returns the first header of the part with that name. Upper and lower
// case ASCII letters are the same.
func (f *File) Header(name string) (value string, ok bool) { return f.headers.get(name) }

// ContentType is the Content-Type header of the part, or "". The client may lie.
func (f *File) ContentType() string {
	value, _ := f.headers.get("Content-Type")
	return value
}

// ContentLength is the Content-Length header of the part, or 0 if it is
// missing or not a plain number. The client may lie; Size is the real length.
func (f *File) ContentLength() int64 {
	value, _ := f.headers.get("Content-Length")
	if strings.HasPrefix(value, "+") {
		return 0
	}
	length, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0
	}
	return length
}

func (f *File) remove() error {
	if f.removed.Swap(true) || f.path == "" {
		return nil
	}
	err := os.Remove(f.path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("formdata: remove upload %q: %w", f.Filename, err)
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }
