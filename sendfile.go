package decant

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/safepath"
)

// SendFile answers with a file of the operating system. A relative path is
// below [App.RootPath]. The path is trusted: for names that come from clients
// there is [Context.SendFromDirectory]. A file that is missing is a mistake of
// the program and a 500, as in Flask.
//
// The answer has an ETag and a Last-Modified, is a 304 for a client whose copy
// is current, and a 206 for one that asks for a part. It mirrors
// flask.send_file.
func (c *Context) SendFile(path string, options ...FileOption) (any, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.App.rootPath, path)
	}
	content, err := os.OpenFile(path, readOnly, 0)
	if err != nil {
		return nil, fmt.Errorf("decant: SendFile: %w; for names that come from clients use SendFromDirectory, which answers 404", err)
	}
	f, err := c.examine(content, path, path)
	if err != nil {
		return nil, fmt.Errorf("decant: SendFile: %w", err)
	}
	return c.sendOpened(f, fileOptionsOf(options))
}

// SendContent answers with content that is no file of its own, such as a
// bytes.Reader, from its beginning. It is closed with the request if it is an
// io.Closer. Its type must be known from a [DownloadName] or a [MIMEType]. It
// has an ETag and a Last-Modified only if the options give them. It mirrors
// flask.send_file with a file object.
func (c *Context) SendContent(content io.ReadSeeker, options ...FileOption) (any, error) {
	size, err := content.Seek(0, io.SeekEnd)
	if err == nil {
		err = skip(content, 0)
	}
	if err != nil {
		closeIfCloser(content)
		return nil, fmt.Errorf("decant: SendContent: %w", err)
	}
	return c.sendOpened(&openedFile{content: content, size: size}, fileOptionsOf(options))
}

// SendFromDirectory answers with the file of that name in a folder, such as
// c.App.Folder("uploads"), an os.DirFS or an embed.FS. The name may come from
// the client: what is no regular file in the folder is a 404, and so is a name
// with a dot segment, a backslash or the like. No symbolic link leads out of
// c.App.Folder and os.DirFS. It mirrors flask.send_from_directory.
func (c *Context) SendFromDirectory(folder fs.FS, name string, options ...FileOption) (any, error) {
	return c.sendFrom(guarded(folder), name, fileOptionsOf(options))
}

// openedFile is a file on its way into a response.
type openedFile struct {
	content  io.Reader // closed with the request if it is an io.Closer
	name     string    // as it was asked for; "" for content that has none
	path     string    // in the operating system, or ""
	encoding string    // that it was compressed with beforehand, or ""
	size     int64
	modified time.Time
	tag      string // "" for none
}

// lastName is the name without folders, "" for content that has none.
func (f *openedFile) lastName() string {
	end := max(strings.LastIndexByte(f.name, '/'), strings.LastIndexByte(f.name, filepath.Separator))
	return f.name[end+1:]
}

func (f *openedFile) close() { closeIfCloser(f.content) }

func closeIfCloser(content io.Reader) {
	if closer, ok := content.(io.Closer); ok {
		closer.Close()
	}
}

// errNotRegular is for what has a name and no content, such as a folder.
var errNotRegular = fmt.Errorf("this is not a regular file: %w", fs.ErrNotExist)

// examine finds out what there is to know about a file, and closes it if it
// cannot be sent.
func (c *Context) examine(content fs.File, name, path string) (*openedFile, error) {
	f := &openedFile{content: content, name: name, path: path}
	info, err := content.Stat()
	if err == nil {
		err = f.apply(c.App, info)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *openedFile) apply(a *App, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "send", Path: f.name, Err: errNotRegular}
	}
	f.size = info.Size()
	switch date := info.ModTime(); {
	case !date.IsZero():
		f.modified, f.tag = date, header.FileETag(date, f.size, cmp.Or(f.path, f.name))
	case reflect.TypeOf(info) == embeddedInfo:
		return a.tagEmbedded(f, info)
	}
	return nil
}

// sendFrom is SendFromDirectory for a folder that is guarded.
func (c *Context) sendFrom(folder fs.FS, name string, o *fileOptions) (any, error) {
	local, ok := safepath.Local(name)
	if !ok {
		return nil, NewHTTPError(http.StatusNotFound)
	}
	if r := c.unmodified(folder, local, o); r != nil {
		return r, nil
	}
	f, err := c.open(folder, local)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, NewHTTPError(http.StatusNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: sending the file %q: %w", name, err)
	}
	if o.precompressed {
		f = c.compressed(folder, local, f)
	}
	return c.sendOpened(f, o)
}

// open opens a file of a folder. The name must be local.
func (c *Context) open(fsys fs.FS, name string) (*openedFile, error) {
	content, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	path := ""
	if folder, ok := fsys.(*folder); ok {
		path = folder.join(name)
	}
	return c.examine(content, name, path)
}

// embeddedInfo is what Stat says of a file in an embed.FS, or in a part of one:
// the entry in the program itself, which is the same each time.
var embeddedInfo = func() reflect.Type {
	root, _ := embed.FS{}.Open(".")
	info, _ := root.Stat()
	return reflect.TypeOf(info)
}()

// tagEmbedded gives a file in the program, which has no date, the entity tag of
// its content. It is worked out once for each file.
func (a *App) tagEmbedded(f *openedFile, info fs.FileInfo) error {
	if tag, ok := a.embeddedTags.Load(info); ok {
		f.tag = tag.(string)
		return nil
	}
	content, err := io.ReadAll(f.content)
	if err != nil {
		return err
	}
	f.tag = header.GenerateETag(content)
	a.embeddedTags.Store(info, f.tag)
	return skip(f.content, 0)
}
