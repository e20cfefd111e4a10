package decant

import (
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/safepath"
)

// Files are the uploaded files of a request, by the name of their form field,
// which may occur more than once: request.files. They are received when they,
// or the form, are first touched; large ones go to the system's folder for
// temporary files, and are gone when the request ends. The form must have
// enctype="multipart/form-data".
type Files struct{ request *Request }

func (f Files) load() []*File {
	if f.request == nil {
		return nil
	}
	return f.request.files()
}

// Get returns the first file of a field, or nil. A field that the user left
// empty is there with an empty Filename.
func (f Files) Get(field string) *File {
	file, _ := f.Lookup(field)
	return file
}

// Lookup is Get that also tells whether the field occurs.
func (f Files) Lookup(field string) (file *File, ok bool) {
	for _, file := range f.load() {
		if file.Field == field {
			return file, true
		}
	}
	return nil, false
}

// Require is Get for a field that must occur: without it the error is the 400
// of Flask's request.files["field"].
func (f Files) Require(field string) (*File, error) {
	file, ok := f.Lookup(field)
	if !ok {
		return nil, f.missing(field)
	}
	return file, nil
}

// missing tells the developer, in debug mode, of a form without the enctype
// that makes browsers send files: they send the name of the file as text.
func (f Files) missing(field string) error {
	e := missingKey(field)
	if f.request != nil && f.request.context.App.Config.Debug && f.request.Form.Has(field) {
		e.Description += fmt.Sprintf("\nThe field %q was sent as text: give the <form> method=\"post\" and enctype=\"multipart/form-data\", and its <input> type=\"file\".", field)
	}
	return e
}

// List returns all files of a field, in order: getlist.
func (f Files) List(field string) []*File {
	var files []*File
	for _, file := range f.load() {
		if file.Field == field {
			files = append(files, file)
		}
	}
	return files
}

// Has reports whether the field occurs, with a file or left empty.
func (f Files) Has(field string) bool {
	_, ok := f.Lookup(field)
	return ok
}

// All yields the fields and their files in the order in which they came.
func (f Files) All() iter.Seq2[string, *File] {
	return func(yield func(string, *File) bool) {
		for _, file := range f.load() {
			if !yield(file.Field, file) {
				return
			}
		}
	}
}

// File is one uploaded file: Werkzeug's FileStorage. It is safe for concurrent
// use and ends with its request.
type File struct {
	// Field is the name of the form field.
	Field string
	// Filename is the name that the client gave its file. It may hold a path,
	// or anything else: use it through [SecureFilename] only. It is empty for
	// a field that the user left empty.
	Filename string
	// Size is the length of the content in bytes.
	Size int64

	content *formdata.File
}

func newFile(content *formdata.File) *File {
	return &File{content.Field, content.Filename, content.Size, content}
}

// ContentType is what the client says about the content, such as "image/png",
// or "". Nobody has checked it.
func (f *File) ContentType() string { return f.content.ContentType() }

// Header returns the first header that was sent with the file under that name,
// in any case of its letters, or "".
func (f *File) Header(name string) string {
	value, _ := f.content.Header(name)
	return value
}

// Open returns a reader at the start of the content. Close it after use. After
// the request, the error matches fs.ErrClosed.
func (f *File) Open() (io.ReadSeekCloser, error) {
	reader, err := f.content.Open()
	if err != nil {
		return nil, fmt.Errorf("decant: %w", err)
	}
	return reader, nil
}

// Save writes the content to a file, which replaces one that is there. A file
// that cannot be written whole, as on a full disk, is removed, and the error
// names both the upload and the path. Make the path of a folder of your own
// and a name of your choice, or of [SecureFilename]. It mirrors
// FileStorage.save.
func (f *File) Save(path string) error {
	if err := f.save(path); err != nil {
		return fmt.Errorf("decant: saving the upload %q of the field %q failed: %w", f.Filename, f.Field, err)
	}
	return nil
}

func (f *File) save(path string) error {
	source, err := f.content.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if closeError := target.Close(); err == nil {
		err = closeError
	}
	if err != nil {
		discardFile(path)
	}
	return err
}

// discardFile removes part of a file, and nothing that is no plain file.
func discardFile(path string) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		os.Remove(path)
	}
}

// SecureFilename returns a plain file name for whatever a client sent: ASCII
// letters, digits, "_", "-" and inner dots only, so that "../../etc/passwd" is
// "etc_passwd". It may be empty, and it is not unique: choose a name yourself
// where that matters. It mirrors werkzeug.utils.secure_filename.
func SecureFilename(name string) string { return safepath.SecureFilename(name) }
