// Package files answers requests for files, as Flask's send_file does: with an
// entity tag and a date, a 304 for a client whose copy is current, and a 206
// for a client that asks for a part.
//
// A [Request] goes in and an [Answer] comes out. The package knows no
// application and writes nothing to the client.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/decant-go/decant/internal/safepath"
)

// Request is a client's request for a file, together with the server's
// settings for files.
type Request struct {
	Method  string
	Header  http.Header
	Options *Options
	// Into receives the headers of an answer other than a 416. It is empty.
	Into http.Header
	// MaxAge is how long browsers keep files for which the options do not say
	// it. Zero makes them ask each time.
	MaxAge time.Duration
	// UseXSendfile leaves the sending of files to the server in front.
	UseXSendfile bool
	// Tags remembers the entity tags of embedded files.
	Tags *Tags
}

// Options say how a file is sent. The zero value sends it as it is.
type Options struct {
	// Attachment lets browsers save the file instead of showing it.
	Attachment bool
	// DownloadName replaces the file's own name.
	DownloadName string
	// MIMEType replaces the type that follows from the name.
	MIMEType string
	// MaxAge returns how long browsers keep the file of that name, or false
	// for the default.
	MaxAge func(name string) (time.Duration, bool)
	// ETag replaces the file's own entity tag. It has no quotes; an empty one
	// sends none.
	ETag *string
	// Modified replaces the time of the last change. The zero time sends none.
	Modified *time.Time
	// Unconditional sends the whole file, whatever the request's conditions.
	Unconditional bool
	// Precompressed sends a compressed file of the same folder to clients that
	// accept it.
	Precompressed bool
}

// Path answers with a file of the operating system. The path is trusted. The
// error wraps fs.ErrNotExist if there is no such file.
func (r *Request) Path(path string) (Answer, error) {
	content, err := os.OpenFile(path, readOnly, 0)
	if err != nil {
		return Answer{}, err
	}
	f, err := examine(content, path, path, r.Tags)
	if err != nil {
		return Answer{}, err
	}
	return r.answer(f)
}

// From answers with the file of that name in a folder, which [Guard] should
// have seen. The name may come from the client. The error wraps fs.ErrNotExist
// for every name that is not a regular file in the folder.
func (r *Request) From(folder fs.FS, name string) (Answer, error) {
	name, ok := safepath.Local(name)
	if !ok {
		return Answer{}, fs.ErrNotExist
	}
	if answer, ok := r.unmodified(folder, name); ok {
		return answer, nil
	}
	f, err := open(folder, name, r.Tags)
	if errors.Is(err, fs.ErrInvalid) {
		return Answer{}, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if err != nil {
		return Answer{}, err
	}
	if r.Options.Precompressed {
		f = r.compressed(folder, name, f)
	}
	return r.answer(f)
}

// Content answers with content that has neither a name nor a folder, from its
// beginning. It closes content that is an io.Closer, unless the answer holds
// it.
func (r *Request) Content(content io.ReadSeeker) (Answer, error) {
	f := &openedFile{content: content}
	var err error
	if f.size, err = content.Seek(0, io.SeekEnd); err == nil {
		err = skip(content, 0)
	}
	if err != nil {
		f.close()
		return Answer{}, err
	}
	return r.answer(f)
}

// unmodified answers a client whose copy is current, without opening the file.
// It is not ok in any other case.
func (r *Request) unmodified(fsys fs.FS, name string) (answer Answer, ok bool) {
	folder, isFolder := fsys.(*Folder)
	if !isFolder || r.Options.Precompressed || r.Header["If-None-Match"] == nil && r.Header["If-Modified-Since"] == nil {
		return Answer{}, false
	}
	info, err := folder.Stat(name)
	if err != nil {
		return Answer{}, false
	}
	f := openedFile{name: name, path: folder.join(name)}
	if f.describe(info, r.Tags) != nil || f.replaceFacts(r.Options) != nil {
		return Answer{}, false
	}
	b := builder{r, &f}
	decision := b.decide()
	if decision.Status != http.StatusNotModified {
		return Answer{}, false
	}
	return b.build(decision), true
}

// answer takes the file over: it closes the file unless the answer holds it.
func (r *Request) answer(f *openedFile) (Answer, error) {
	err := f.checkName(r.Options)
	if err == nil {
		err = f.replaceFacts(r.Options)
	}
	if err != nil {
		f.close()
		return Answer{}, err
	}
	b := builder{r, f}
	answer := b.build(b.decide())
	if answer.Content == nil {
		f.close()
	}
	return answer, nil
}
