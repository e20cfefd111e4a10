package decant

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
)

// sendOpened makes the response of a file and takes the file over: it is closed
// with the request at the latest.
func (c *Context) sendOpened(f *openedFile, o *fileOptions) (any, error) {
	if f.lastName() == "" && o.downloadName == "" {
		if err := o.checkNameless(); err != nil {
			f.close()
			return nil, err
		}
	}
	if err := f.replaceFacts(o); err != nil {
		f.close()
		return nil, err
	}
	p := fileResponse{context: c, file: f, options: o}
	p.decide()
	response, err := p.make()
	if err != nil || response.extra == nil {
		f.close()
	} else if closer, ok := f.content.(io.Closer); ok {
		c.closeLater(closer)
	}
	if err != nil {
		return nil, err
	}
	return response, nil
}

// unmodified is the answer to a client that has the file as it is, for which
// the file need not be opened. It is nil in any other case.
func (c *Context) unmodified(fsys fs.FS, name string, o *fileOptions) *Response {
	folder, isFolder := fsys.(*folder)
	h := c.Request.Header
	if !isFolder || o.precompressed || h["If-None-Match"] == nil && h["If-Modified-Since"] == nil {
		return nil
	}
	info, err := folder.Stat(name)
	if err != nil {
		return nil
	}
	f := openedFile{name: name, path: folder.join(name)}
	if f.apply(c.App, info) != nil || f.replaceFacts(o) != nil {
		return nil
	}
	p := fileResponse{context: c, file: &f, options: o}
	if p.decide(); p.decision.Status != http.StatusNotModified {
		return nil
	}
	return p.describe()
}

func (o *fileOptions) checkNameless() error {
	switch {
	case o.mimeType == "":
		return errors.New("decant: SendContent cannot tell the type of the content; add DownloadName(\"report.csv\") or MIMEType(\"text/csv\")")
	case o.attachment:
		return errors.New("decant: SendContent with AsAttachment needs a name to save the content under; add DownloadName(\"report.csv\")")
	}
	return nil
}

// replaceFacts lets the options have their way, and quotes the entity tag.
func (f *openedFile) replaceFacts(o *fileOptions) (err error) {
	if o.etag != nil {
		f.tag = *o.etag
	}
	if o.modified != nil {
		f.modified = *o.modified
	}
	if f.tag == "" {
		return nil
	}
	if f.tag, err = header.QuoteETag(f.tag, false); err != nil {
		return fmt.Errorf("decant: the option ETag: %w", err)
	}
	return nil
}

// fileResponse is a file that is becoming a response.
type fileResponse struct {
	context  *Context
	file     *openedFile
	options  *fileOptions
	decision header.Decision
	header   http.Header
	values   []string // of the header, in one piece of memory
}

// decide compares the file with what the client has and wants. Parts of a file
// that the server in front sends are that server's business.
func (p *fileResponse) decide() {
	if p.options.unconditional {
		return
	}
	p.decision = header.Decide(p.context.Request.Method, p.context.Request.Header, header.Representation{
		ETag:         p.file.tag,
		Modified:     p.file.modified,
		Length:       p.file.size,
		AcceptRanges: !p.isForServer(),
	})
}

// isForServer reports whether the server in front sends the file.
func (p *fileResponse) isForServer() bool {
	return p.context.App.Config.UseXSendfile && p.file.path != ""
}

func (p *fileResponse) make() (*Response, error) {
	if p.decision.Status == http.StatusRequestedRangeNotSatisfiable {
		page := NewHTTPError(http.StatusRequestedRangeNotSatisfiable)
		page.Header = http.Header{"Content-Range": {p.decision.ContentRange}}
		return nil, page
	}
	r := p.describe()
	if p.decision.Status == http.StatusNotModified {
		return r, nil
	}
	p.describeContent()
	if p.isForServer() {
		p.set("X-Sendfile", p.file.path)
		return r, nil
	}
	p.addBody(r)
	return r, nil
}

// describe makes the response as far as it does not need the content.
func (p *fileResponse) describe() *Response {
	p.header = make(http.Header, 8)
	p.values = make([]string, 0, 8) // what most files have
	p.describeCopy()
	r := p.context.newResponse()
	r.header = p.header
	if p.decision.Status != 0 {
		r.Status = p.decision.Status
	}
	return r
}

func (p *fileResponse) set(name, value string) {
	p.values = append(p.values, value)
	last := len(p.values)
	p.header[name] = p.values[last-1 : last : last]
}

// describeCopy sets the headers that a copy of the file is kept with, and that
// a 304 has too.
func (p *fileResponse) describeCopy() {
	p.set("X-Content-Type-Options", "nosniff")
	if p.file.tag != "" {
		p.set("Etag", p.file.tag)
	}
	if name := p.browserName(); name != "" {
		p.set("Content-Disposition", header.ContentDisposition(p.options.attachment, name))
	}
	if p.options.precompressed {
		p.set("Vary", "Accept-Encoding")
	}
	if method := p.context.Request.Method; !p.options.unconditional && !p.isForServer() && (method == http.MethodGet || method == http.MethodHead) {
		p.set("Accept-Ranges", "bytes")
	}
	age, limited := p.maxAge()
	p.set("Cache-Control", header.FileCacheControl(int(age/time.Second), limited))
	if limited {
		p.set("Expires", httpdate.Format(time.Now().Add(age)))
	}
}

func (p *fileResponse) maxAge() (age time.Duration, limited bool) {
	if p.options.maxAge != nil {
		if age, limited = p.options.maxAge(p.file.name); limited {
			return age, true
		}
	}
	age = p.context.App.Config.SendFileMaxAgeDefault
	return age, age > 0
}

// browserName is what browsers call the file, and what its type is guessed
// from.
func (p *fileResponse) browserName() string {
	if p.options.downloadName != "" {
		return p.options.downloadName
	}
	return p.file.lastName()
}

// describeContent sets the headers that are about the body.
func (p *fileResponse) describeContent() {
	mimeType, encoding := p.options.mimeType, ""
	if mimeType == "" {
		mimeType, encoding = header.FileType(p.browserName())
	}
	if p.options.attachment {
		encoding = "" // or browsers would save what is in the archive under its name
	}
	if p.file.encoding != "" {
		encoding = p.file.encoding
	}
	if !strings.Contains(mimeType, ";") {
		mimeType = header.ContentType(mimeType)
	}
	p.set("Content-Type", mimeType)
	if encoding != "" {
		p.set("Content-Encoding", encoding)
	}
	if !p.file.modified.IsZero() {
		p.set("Last-Modified", httpdate.Format(p.file.modified))
	}
}

// addBody makes the file, or the part that is asked for, the body.
func (p *fileResponse) addBody(r *Response) {
	body := &content{reader: p.file.content, size: p.file.size}
	if p.decision.Status == http.StatusPartialContent {
		body.start, body.size = p.decision.Start, p.decision.End-p.decision.Start
		p.set("Content-Range", p.decision.ContentRange)
	}
	r.more().source = body
}
