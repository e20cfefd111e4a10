package files

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant/internal/header"
)

// openedFile is a file on its way into an answer.
type openedFile struct {
	content  io.Reader // closed with the request if it is an io.Closer
	name     string    // the name that was asked for; "" for content without one
	path     string    // in the operating system, or ""
	encoding string    // of a precompressed file, such as "gzip", or ""
	size     int64
	modified time.Time
	tag      string // entity tag in quotes, or ""
}

// open opens a file of a folder. The name must be local.
func open(fsys fs.FS, name string, tags *Tags) (*openedFile, error) {
	content, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	path := ""
	if folder, ok := fsys.(*Folder); ok {
		path = folder.join(name)
	}
	return examine(content, name, path, tags)
}

// examine finds out size, date and entity tag of a file. It closes the file if
// it cannot be sent.
func examine(content fs.File, name, path string, tags *Tags) (*openedFile, error) {
	f := &openedFile{content: content, name: name, path: path}
	info, err := content.Stat()
	if err == nil {
		err = f.describe(info, tags)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *openedFile) describe(info fs.FileInfo, tags *Tags) (err error) {
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "send", Path: f.name, Err: errNotRegular}
	}
	f.size = info.Size()
	switch date := info.ModTime(); {
	case !date.IsZero():
		f.modified, f.tag = date, header.QuotedFileETag(date, f.size, cmp.Or(f.path, f.name))
	case reflect.TypeOf(info) == embeddedInfo:
		f.tag, err = tags.of(info, f.content)
		f.tag = `"` + f.tag + `"`
	}
	return err
}

// errNotRegular is for names that have no content, such as those of folders.
var errNotRegular = fmt.Errorf("this is not a regular file: %w", fs.ErrNotExist)

// lastName is the name without folders, or "" for content without a name.
func (f *openedFile) lastName() string {
	end := max(strings.LastIndexByte(f.name, '/'), strings.LastIndexByte(f.name, filepath.Separator))
	return f.name[end+1:]
}

// checkName makes sure that the type of the content is known, and its name
// where browsers need one.
func (f *openedFile) checkName(o *Options) error {
	switch {
	case f.lastName() != "" || o.DownloadName != "":
		return nil
	case o.MIMEType == "":
		return errors.New("the type of the content is not known; add DownloadName(\"report.csv\") or MIMEType(\"text/csv\")")
	case o.Attachment:
		return errors.New("AsAttachment needs a name to save the content under; add DownloadName(\"report.csv\")")
	}
	return nil
}

// replaceFacts puts the facts of the options in the place of the file's own.
func (f *openedFile) replaceFacts(o *Options) (err error) {
	if o.Modified != nil {
		f.modified = *o.Modified
	}
	if o.ETag == nil {
		return nil
	}
	if f.tag = *o.ETag; f.tag == "" {
		return nil
	}
	if f.tag, err = header.QuoteETag(f.tag, false); err != nil {
		return fmt.Errorf("the option ETag: %w", err)
	}
	return nil
}

func (f *openedFile) close() {
	if closer, ok := f.content.(io.Closer); ok {
		closer.Close()
	}
}

// Tags remembers the entity tags of embedded files. These have no date, so the
// tag is a hash of the content, worked out once for each file. The zero value
// is ready for use.
type Tags struct {
	tags sync.Map // string by fs.FileInfo
}

// of returns the tag of an embedded file. It leaves the content at its
// beginning.
func (t *Tags) of(info fs.FileInfo, content io.Reader) (string, error) {
	if tag, ok := t.tags.Load(info); ok {
		return tag.(string), nil
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return "", err
	}
	tag := header.GenerateETag(data)
	t.tags.Store(info, tag)
	return tag, skip(content, 0)
}

// embeddedInfo is the type that Stat returns for a file in an embed.FS, or in a
// part of one. Its value points to the entry in the program itself, so it is
// the same each time.
var embeddedInfo = func() reflect.Type {
	root, _ := embed.FS{}.Open(".")
	info, _ := root.Stat()
	return reflect.TypeOf(info)
}()
