package decant

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/decant-go/decant/internal/files"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
)

// check returns an error for a response that must not be sent: with headers that
// break out of their line or say how the body is framed, or with a status code
// that does not end a request.
func (r *Response) check() error {
	if err := r.readExtras().err; err != nil {
		return fmt.Errorf("decant: the response cannot be sent: %w", err)
	}
	if r.Status < 200 || r.Status > 999 {
		return fmt.Errorf("decant: the response cannot be sent: %d is no status code of a final answer", r.Status)
	}
	if !r.isShared {
		return nil
	}
	if err := r.encodeLocations(); err != nil {
		return fmt.Errorf("decant: the response cannot be sent: %w", err)
	}
	if err := header.CheckResponse(r.header); err != nil {
		return fmt.Errorf("decant: the response cannot be sent: %w", err)
	}
	return nil
}

// encodeLocations percent-encodes the URLs that somebody put into a header, and puts
// their hosts into punycode, as Werkzeug does when it sends a response.
func (r *Response) encodeLocations() error {
	for _, name := range [...]string{"Location", "Content-Location"} {
		values := r.header[name]
		if len(values) == 0 || strings.ContainsAny(values[0], "\r\n\x00") { // which CheckResponse refuses
			continue
		}
		uri, err := header.IRIToURI(values[0])
		if err != nil {
			return fmt.Errorf("the header %s: %w", name, err)
		}
		if uri != values[0] {
			r.header[name] = append([]string{uri}, values[1:]...)
		}
	}
	return nil
}

// send writes the response. Nothing reaches the client before send is called.
func (r *Response) send(c *Context) {
	c.session.sent = true
	if !r.isLent {
		c.takeBackHeader()
	}
	r.writeHeader(c.writer.Header())
	switch source := r.readExtras().source.(type) {
	case nil:
		r.sendBody(c)
	case *files.Content:
		r.sendContent(c, source)
	case stream:
		c.request.keepBody()
		r.sendStream(c, source)
	case http.Handler:
		c.sendOpenEnded(func(w http.ResponseWriter) error {
			source.ServeHTTP(w, c.Request.Request)
			return nil
		})
	}
}

// writeHeader copies the headers to the writer's map, unless they are there
// already. Cookies and Vary are added to those of the middleware.
func (r *Response) writeHeader(h http.Header) {
	if r.header != nil {
		r.writeOwnHeader(h)
	} else {
		r.writePlainHeader(h)
	}
	if r.Status == http.StatusNotModified {
		header.RemoveEntityHeaders(h)
	}
}

func (r *Response) writeOwnHeader(h http.Header) {
	if !r.isLent {
		for name, values := range r.header {
			header.Merge(h, name, values)
		}
	}
	if (r.isShared || r.contentType == noType) && r.header["Content-Type"] == nil {
		r.writeNoType(h)
	}
}

// writeNoType keeps net/http from guessing a type. It leaves the type of an
// http.Handler to net/http.
func (r *Response) writeNoType(h http.Header) {
	if _, isHandler := r.readExtras().source.(http.Handler); !isHandler {
		h["Content-Type"] = nil
	}
}

// writePlainHeader writes the headers of a response whose map nobody asked for.
// It makes no map.
func (r *Response) writePlainHeader(h http.Header) {
	if r.contentType != noType {
		r.context.setContentType(h, r.contentType)
	} else {
		r.writeNoType(h)
	}
	if r.variesCookie {
		header.Merge(h, "Vary", []string{"Cookie"})
	}
	if more := r.readExtras(); more.cookies != nil {
		header.Merge(h, "Set-Cookie", more.cookies)
	}
}

// setContentType sets the header to a value in the context's memory.
func (c *Context) setContentType(h http.Header, t contentType) {
	c.contentType[0] = t.of(c.App)
	h["Content-Type"] = c.contentType[:1:1]
}

// isObserved reports whether somebody else than the client sees the response, or
// has a part in it.
func (c *Context) isObserved() bool {
	e := c.extras
	return c.session.opened && !c.session.isOnlyRead() || c.session.lent ||
		e != nil && (e.deferred != nil || e.watcher != nil || e.unescaped != nil)
}

// sendPlain sends an answer of HTML, text or JSON that nobody observes, which needs
// no Response. It reports whether it has done so.
func (c *Context) sendPlain(answer any) bool {
	if c.isObserved() || c.Request.Method == http.MethodHead {
		return false
	}
	switch body := answer.(type) {
	case string:
		c.beginPlain(htmlType, len(body))
		io.WriteString(c.writer, body) // an error means that the client has gone away
	case Markup:
		c.beginPlain(htmlType, len(body))
		io.WriteString(c.writer, string(body))
	case Text:
		c.beginPlain(textType, len(body))
		io.WriteString(c.writer, string(body))
	case []byte:
		c.beginPlain(htmlType, len(body))
		c.writer.Write(body)
	default:
		return c.sendPlainJSON(answer)
	}
	return true
}

// sendPlainJSON sends an answer of JSON from the memory in which it was written. It
// sends nothing if the answer is something else, or cannot be written: what comes of
// that is decided in the usual way.
func (c *Context) sendPlainJSON(answer any) bool {
	switch answer.(type) {
	case *Response, error, http.Handler, io.Reader, Tuple:
		return false
	}
	if !isDocument(pointedTo(answer)) {
		return false
	}
	line, ok := c.App.JSON.freeze().scratch(answer, c.App.config.Debug)
	if !ok {
		return false
	}
	defer line.Release()
	if c.isObserved() { // since a MarshalJSON ran
		return false
	}
	c.beginPlain(jsonType, len(line.Bytes()))
	c.writer.Write(line.Bytes())
	return true
}

// beginPlain sets the headers of an answer that sendPlain sends.
func (c *Context) beginPlain(t contentType, size int) {
	c.session.sent = true
	h := c.writer.Header()
	c.setContentType(h, t)
	if c.session.opened {
		header.Merge(h, "Vary", []string{"Cookie"})
	}
	measure(h, int64(size), size > largestUnmeasured)
}

// largestUnmeasured is the size in bytes of the largest body whose length
// net/http finds out by itself.
const largestUnmeasured = 2048

func (r *Response) sendBody(c *Context) {
	data := r.readExtras().data
	size := len(r.text) + len(data)
	isHead := c.Request.Method == http.MethodHead
	isNeeded := (size > largestUnmeasured || isHead) && allowsBody(r.Status)
	if isNeeded || r.isShared || !r.isLent { // or nobody can have set a length
		measure(c.writer.Header(), int64(size), isNeeded)
	}
	if r.Status != http.StatusOK || isHead {
		c.writer.WriteHeader(r.Status)
	}
	if isHead || !allowsBody(r.Status) {
		return
	}
	if data != nil {
		c.writer.Write(data) // an error means that the client has gone away
		return
	}
	io.WriteString(c.writer, r.text)
}

// measure sets the Content-Length, or leaves it to net/http. It drops the view's
// own Content-Length, which may be wrong.
func measure(h http.Header, size int64, isNeeded bool) {
	switch {
	case isNeeded:
		h["Content-Length"] = []string{strconv.FormatInt(size, 10)}
	case len(h) > 1: // a lone header is the Content-Type
		delete(h, "Content-Length")
	}
}

func allowsBody(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

func (r *Response) sendContent(c *Context, body *files.Content) {
	if size := body.Size(); size >= 0 {
		measure(c.writer.Header(), size, allowsBody(r.Status))
	} else {
		c.request.keepBody()
	}
	r.sendStream(c, func(w http.ResponseWriter) error { return body.Send(w, &c.App.copyBuffers) })
}

// sendStream sends a body whose length may not be known yet.
func (r *Response) sendStream(c *Context, write stream) {
	c.writer.WriteHeader(r.Status)
	if c.Request.Method == http.MethodHead || !allowsBody(r.Status) {
		return
	}
	c.sendOpenEnded(write)
}

// sendOpenEnded runs a function that writes to the client itself. It is too late
// for an error page, so an error is logged and the connection is cut: no client
// may take a part for the whole. A client that has gone away is not an error; a
// panic always is.
func (c *Context) sendOpenEnded(write stream) {
	err := c.runWriter(write)
	if err == nil {
		return
	}
	var raised *panicError
	if !c.hasLostClient(err) || errors.As(err, &raised) {
		c.needExtras().originalError = err
		c.logError("Exception while sending the answer to "+c.logged(), err)
	}
	panic(http.ErrAbortHandler)
}

// hasLostClient reports whether an error means that the client has gone away. Where
// the kernel sends a file, its error comes before the context ends. An error of
// another connection, such as that to a database, has another local address.
func (c *Context) hasLostClient(err error) bool {
	if c.Err() != nil {
		return true
	}
	var failed *net.OpError
	local, _ := c.Value(http.LocalAddrContextKey).(net.Addr)
	return errors.As(err, &failed) && local != nil && failed.Source != nil && failed.Source.String() == local.String() &&
		(errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET))
}

func (c *Context) runWriter(write stream) (err error) {
	defer recoverInto(&err)
	return write(c.writer)
}

// HTTPDate formats a date for HTTP headers, in GMT and whole seconds:
//
//	r.Header().Set("Expires", decant.HTTPDate(time.Now().Add(time.Hour)))
//
// It mirrors werkzeug.http.http_date, and replaces Werkzeug's setters expires,
// last_modified, date and retry_after with a date.
func HTTPDate(date time.Time) string { return httpdate.Format(date) }

// DeltaSeconds formats a duration for the headers Retry-After and Age, in whole
// seconds:
//
//	return c.MakeResponse("Come back soon", 503).With("Retry-After", decant.DeltaSeconds(2*time.Minute)), nil
//
// A negative duration is no time at all. It replaces Werkzeug's setters retry_after
// and age.
func DeltaSeconds(d time.Duration) string {
	return strconv.FormatInt(int64(max(d, 0)/time.Second), 10)
}

// ContentRange formats the header Content-Range for the bytes from start up to, and
// without, stop, of size bytes:
//
//	r.Header().Set("Content-Range", decant.ContentRange(0, 500, 1000)) // bytes 0-499/1000
//
// A negative size is one that is not known. A negative start is for a 416, which has
// no bytes: "bytes */1000". It panics unless start is before stop. [Response.MakeConditional]
// sets the header by itself. It mirrors werkzeug.datastructures.ContentRange.
func ContentRange(start, stop, size int64) string {
	complete := "*"
	if size >= 0 {
		complete = strconv.FormatInt(size, 10)
	}
	if start < 0 {
		return "bytes */" + complete
	}
	if start >= stop {
		panic(fmt.Sprintf("decant: ContentRange(%d, %d, %d) has no bytes; stop is the byte behind the last one", start, stop, size))
	}
	return fmt.Sprintf("bytes %d-%d/%s", start, stop-1, complete)
}

// Challenge formats the header WWW-Authenticate of a 401 from a scheme and pairs of
// a parameter and its value:
//
//	return c.MakeResponse("Log in", 401).With("WWW-Authenticate", decant.Challenge("Basic", "realm", "Our shop")), nil
//
// One string alone is the token of the scheme. Other odd numbers panic. It mirrors
// werkzeug.datastructures.WWWAuthenticate.
func Challenge(scheme string, parameters ...string) string {
	if len(parameters)%2 != 0 && len(parameters) > 1 {
		panic(fmt.Sprintf("decant: Challenge(%q) needs pairs of a parameter and its value, and got %d strings", scheme, len(parameters)))
	}
	return header.Challenge(scheme, parameters)
}

// SetETag sets the strong entity tag of the response. The tag has no quotes; a
// quote or line break in it makes the request a 500. Set a weak tag with
// Header().Set("ETag", `W/"tag"`). It mirrors set_etag.
func (r *Response) SetETag(tag string) {
	quoted, err := header.QuoteETag(tag, false)
	if err != nil {
		r.fail(fmt.Errorf("SetETag: %w", err))
		return
	}
	r.Header().Set("ETag", quoted)
}

// AddETag sets the SHA-1 of the body as the entity tag, unless the response has
// a tag already. For a streamed response it makes the request a 500. It mirrors
// add_etag.
func (r *Response) AddETag() {
	if r.Header().Get("ETag") != "" {
		return
	}
	if r.IsStreamed() {
		r.fail(fmt.Errorf("AddETag: %w", errNoData))
		return
	}
	data, _ := r.Data()
	r.SetETag(header.GenerateETag(data))
}

// MakeConditional compares the response's ETag and Last-Modified headers with
// the headers of the request. The response becomes
//
//   - a 304, if the client's copy is current;
//   - a 412, if a precondition of the client fails;
//   - a 206 with the part that a Range header asks for;
//   - the page for 416, if there is no such part.
//
// Call it after the headers and the body are set, in the view or in an
// after-request function:
//
//	r.AddETag()
//	r.MakeConditional()
//
// A body in memory and an io.ReadSeeker, such as a file, can be sent in part, and so
// can a stream whose length the view knows and has set. The bytes before the part are
// then made and thrown away:
//
//	r.Header().Set("Content-Length", strconv.FormatInt(size, 10))
//	r.MakeConditional()
//
// Only a 200 that answers a GET or HEAD is changed. It mirrors make_conditional
// with accept_ranges=True and complete_length.
func (r *Response) MakeConditional() {
	if r.context == nil {
		r.fail(noRequest("MakeConditional"))
		return
	}
	request := r.context.Request
	if r.Status != http.StatusOK || request.Method != http.MethodGet && request.Method != http.MethodHead {
		return
	}
	facts := r.representation()
	if facts.AcceptRanges {
		r.Header()["Accept-Ranges"] = []string{"bytes"}
	}
	r.follow(header.Decide(request.Method, request.Header, facts))
}

// representation describes the response as it is without conditions.
func (r *Response) representation() header.Representation {
	h := r.Header()
	length := r.length()
	modified, _ := httpdate.Parse(h.Get("Last-Modified"))
	return header.Representation{ETag: h.Get("ETag"), Modified: modified, Length: length, AcceptRanges: length >= 0}
}

// length is the size of the body in bytes, or files.UnknownSize.
func (r *Response) length() int64 {
	more := r.readExtras()
	switch body := more.source.(type) {
	case nil:
		return int64(len(r.text) + len(more.data))
	case *files.Content:
		if size := body.Measure(); size >= 0 {
			return size
		}
		return body.Announce(r.announced())
	case stream:
		return r.announced()
	}
	return files.UnknownSize
}

// announced is the Content-Length that the view has set, or files.UnknownSize.
func (r *Response) announced() int64 {
	size, err := strconv.ParseUint(r.Header().Get("Content-Length"), 10, 63)
	if err != nil {
		return files.UnknownSize
	}
	return int64(size)
}

func (r *Response) follow(decision header.Decision) {
	switch decision.Status {
	case 0:
	case http.StatusPartialContent:
		r.Status = decision.Status
		r.Header()["Content-Range"] = []string{decision.ContentRange}
		r.cut(decision.Start, decision.End)
	case http.StatusRequestedRangeNotSatisfiable:
		r.refuseRange(decision.ContentRange)
	default:
		r.Status = decision.Status
		if !allowsBody(r.Status) {
			delete(r.Header(), "Content-Length")
		}
		r.dropHandler()
	}
}

// cut keeps the bytes of the body from start up to, and without, end.
func (r *Response) cut(start, end int64) {
	more := r.readExtras()
	switch body := more.source.(type) {
	case *files.Content:
		body.Cut(start, end)
	case stream:
		more.source = partOf(body, start, end)
		r.Header()["Content-Length"] = []string{strconv.FormatInt(end-start, 10)}
	default:
		if more.data != nil {
			r.extras.data = more.data[start:end]
		} else {
			r.text = r.text[start:end]
		}
	}
}

// dropHandler removes an http.Handler, which would send its own status.
func (r *Response) dropHandler() {
	if _, isHandler := r.readExtras().source.(http.Handler); isHandler {
		r.extras.source = nil
	}
}

// refuseRange turns the response into the page for a 416, made by the registered
// error handler if there is one. Werkzeug raises an error instead, but an
// after-request function could not do that.
func (r *Response) refuseRange(contentRange string) {
	refusal := NewHTTPError(http.StatusRequestedRangeNotSatisfiable)
	refusal.Header = http.Header{"Content-Range": {contentRange}}
	page, err := r.context.pageFor(refusal)
	if err != nil {
		r.fail(err)
		return
	}
	*r = *page
}
