package files

import (
	"net/http"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
)

// Answer is the answer to a request for a file.
type Answer struct {
	// Status is 200, 206, 304, 412 or 416. A 416 has no content and only the
	// header Content-Range, which belongs on the error page.
	Status int
	// Header is that of the request's field Into, or a new map.
	Header http.Header
	// Content is the body. It is nil for a 304 and a 416, and if the server in
	// front sends the file.
	Content *Content
}

// builder makes the answer of one file.
type builder struct {
	request *Request
	file    *openedFile
}

// fields are the headers of an answer.
type fields struct {
	header http.Header
	values []string // of the header, in one piece of memory
}

func (f *fields) set(name, value string) {
	f.values = append(f.values, value)
	last := len(f.values)
	f.header[name] = f.values[last-1 : last : last]
}

// decide compares the file with the client's copy and the part that it wants.
func (b *builder) decide() header.Decision {
	r, f := b.request, b.file
	if r.Options.Unconditional {
		return header.Decision{}
	}
	return header.Decide(r.Method, r.Header, header.Representation{
		ETag:         f.tag,
		Modified:     f.modified,
		Length:       f.size,
		AcceptRanges: !b.isForServer(),
	})
}

// isForServer reports whether the server in front sends the file. That server
// then also sends the parts of a file.
func (b *builder) isForServer() bool {
	return b.request.UseXSendfile && b.file.path != ""
}

func (b *builder) build(decision header.Decision) Answer {
	if decision.Status == http.StatusRequestedRangeNotSatisfiable {
		return Answer{Status: decision.Status, Header: http.Header{"Content-Range": {decision.ContentRange}}}
	}
	f := fields{b.request.Into, make([]string, 0, usualHeaders(decision.Status))}
	if f.header == nil {
		f.header = make(http.Header, 8)
	}
	answer := Answer{Status: http.StatusOK, Header: f.header}
	if decision.Status != 0 {
		answer.Status = decision.Status
	}
	b.describeCopy(&f)
	if answer.Status == http.StatusNotModified {
		return answer
	}
	b.describeContent(&f)
	if b.isForServer() {
		f.set("X-Sendfile", b.file.path)
	} else {
		answer.Content = b.content(decision, &f)
	}
	return answer
}

// usualHeaders is how many headers most answers of that status have.
func usualHeaders(status int) int {
	if status == http.StatusNotModified {
		return 5
	}
	return 7
}

// describeCopy sets the headers that a client keeps with its copy of the file.
// A 304 has them too.
func (b *builder) describeCopy(f *fields) {
	options := b.request.Options
	f.set("X-Content-Type-Options", "nosniff")
	if b.file.tag != "" {
		f.set("Etag", b.file.tag)
	}
	if name := b.browserName(); name != "" {
		f.set("Content-Disposition", header.ContentDisposition(options.Attachment, name))
	}
	if options.Precompressed {
		f.set("Vary", "Accept-Encoding")
	}
	if method := b.request.Method; !options.Unconditional && !b.isForServer() && (method == http.MethodGet || method == http.MethodHead) {
		f.set("Accept-Ranges", "bytes")
	}
	age, limited := b.maxAge()
	f.set("Cache-Control", header.FileCacheControl(int(age/time.Second), limited))
	if limited {
		f.set("Expires", httpdate.Format(time.Now().Add(age)))
	}
}

// maxAge is how long browsers keep the file. It is not limited if they ask each
// time.
func (b *builder) maxAge() (age time.Duration, limited bool) {
	if b.request.Options.MaxAge != nil {
		if age, limited = b.request.Options.MaxAge(b.file.name); limited {
			return age, true
		}
	}
	age = b.request.MaxAge
	return age, age > 0
}

// browserName is the file's name for browsers. Its type is guessed from it.
func (b *builder) browserName() string {
	if name := b.request.Options.DownloadName; name != "" {
		return name
	}
	return b.file.lastName()
}

// describeContent sets the headers that are about the body.
func (b *builder) describeContent(f *fields) {
	mimeType, encoding := b.request.Options.MIMEType, ""
	if mimeType == "" {
		mimeType, encoding = header.FileType(b.browserName())
	}
	if b.request.Options.Attachment {
		encoding = "" // browsers would unpack an archive and save its content under the archive's name
	}
	if b.file.encoding != "" {
		encoding = b.file.encoding
	}
	if !strings.Contains(mimeType, ";") {
		mimeType = header.ContentType(mimeType)
	}
	f.set("Content-Type", mimeType)
	if encoding != "" {
		f.set("Content-Encoding", encoding)
	}
	if !b.file.modified.IsZero() {
		f.set("Last-Modified", httpdate.Format(b.file.modified))
	}
}

// content is the file, or the part that the client asked for.
func (b *builder) content(decision header.Decision, f *fields) *Content {
	content := NewContent(b.file.content, b.file.size)
	if decision.Status == http.StatusPartialContent {
		content.Cut(decision.Start, decision.End)
		f.set("Content-Range", decision.ContentRange)
	}
	return content
}
