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
	Header http.Header
	// Content is the body. It is nil for a 304 and a 416, and if the server in
	// front sends the file.
	Content *Content
}

// builder makes the answer of one file.
type builder struct {
	request  *Request
	file     *openedFile
	decision header.Decision
	header   http.Header
	values   []string // of the header, in one piece of memory
}

// newBuilder compares the file with the client's copy and the part that it
// wants.
func newBuilder(r *Request, f *openedFile) builder {
	b := builder{request: r, file: f}
	if r.Options.Unconditional {
		return b
	}
	b.decision = header.Decide(r.Method, r.Header, header.Representation{
		ETag:         f.tag,
		Modified:     f.modified,
		Length:       f.size,
		AcceptRanges: !b.isForServer(),
	})
	return b
}

// isForServer reports whether the server in front sends the file. That server
// then also sends the parts of a file.
func (b *builder) isForServer() bool {
	return b.request.UseXSendfile && b.file.path != ""
}

func (b *builder) build() Answer {
	if b.decision.Status == http.StatusRequestedRangeNotSatisfiable {
		return Answer{Status: b.decision.Status, Header: http.Header{"Content-Range": {b.decision.ContentRange}}}
	}
	b.header = make(http.Header, 8)
	b.values = make([]string, 0, 8) // enough for most files
	answer := Answer{Status: http.StatusOK, Header: b.header}
	if b.decision.Status != 0 {
		answer.Status = b.decision.Status
	}
	b.describeCopy()
	if answer.Status == http.StatusNotModified {
		return answer
	}
	b.describeContent()
	if b.isForServer() {
		b.set("X-Sendfile", b.file.path)
	} else {
		answer.Content = b.content()
	}
	return answer
}

func (b *builder) set(name, value string) {
	b.values = append(b.values, value)
	last := len(b.values)
	b.header[name] = b.values[last-1 : last : last]
}

// describeCopy sets the headers that a client keeps with its copy of the file.
// A 304 has them too.
func (b *builder) describeCopy() {
	options := b.request.Options
	b.set("X-Content-Type-Options", "nosniff")
	if b.file.tag != "" {
		b.set("Etag", b.file.tag)
	}
	if name := b.browserName(); name != "" {
		b.set("Content-Disposition", header.ContentDisposition(options.Attachment, name))
	}
	if options.Precompressed {
		b.set("Vary", "Accept-Encoding")
	}
	if method := b.request.Method; !options.Unconditional && !b.isForServer() && (method == http.MethodGet || method == http.MethodHead) {
		b.set("Accept-Ranges", "bytes")
	}
	age, limited := b.maxAge()
	b.set("Cache-Control", header.FileCacheControl(int(age/time.Second), limited))
	if limited {
		b.set("Expires", httpdate.Format(time.Now().Add(age)))
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
func (b *builder) describeContent() {
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
	b.set("Content-Type", mimeType)
	if encoding != "" {
		b.set("Content-Encoding", encoding)
	}
	if !b.file.modified.IsZero() {
		b.set("Last-Modified", httpdate.Format(b.file.modified))
	}
}

// content is the file, or the part that the client asked for.
func (b *builder) content() *Content {
	content := NewContent(b.file.content, b.file.size)
	if b.decision.Status == http.StatusPartialContent {
		content.Cut(b.decision.Start, b.decision.End)
		b.set("Content-Range", b.decision.ContentRange)
	}
	return content
}
