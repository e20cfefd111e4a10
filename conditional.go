package decant

import (
	"fmt"
	"net/http"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
)

// HTTPDate returns a date as HTTP headers have it, in GMT and whole seconds:
//
//	r.Header().Set("Expires", decant.HTTPDate(time.Now().Add(time.Hour)))
//
// It mirrors werkzeug.http.http_date and stands for the setters expires,
// last_modified, date and retry_after.
func HTTPDate(date time.Time) string { return httpdate.Format(date) }

// SetETag sets the strong entity tag of the response, without its quotes. A
// quote or line break in it makes the request a 500. Write a weak one to the
// header ETag yourself: W/"tag". It mirrors set_etag.
func (r *Response) SetETag(tag string) {
	quoted, err := header.QuoteETag(tag, false)
	if err != nil {
		r.fail(fmt.Errorf("SetETag: %w", err))
		return
	}
	r.Header().Set("ETag", quoted)
}

// AddETag makes an entity tag of the body, its SHA-1, unless the response has a
// tag already. A response that is streamed makes the request a 500. It mirrors
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

// MakeConditional looks at the headers of the request, and answers with a 304
// if the client has what the response would send, going by its ETag and
// Last-Modified headers; with a 412 if the client wanted something else; and
// with the part that a Range header asks for, as a 206, or the page for 416
// where there is none such. Call it when the headers and the body are set, in
// the view or in an after-request function:
//
//	r.AddETag()
//	r.MakeConditional()
//
// Parts are served of bodies in memory and of those that are an io.ReadSeeker,
// such as files. Only a 200 that answers a GET or HEAD is changed. It mirrors
// make_conditional with accept_ranges=True.
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

// representation is what the client would get if nothing were conditional.
func (r *Response) representation() header.Representation {
	h := r.Header()
	length := r.length()
	modified, _ := httpdate.Parse(h.Get("Last-Modified"))
	return header.Representation{ETag: h.Get("ETag"), Modified: modified, Length: length, AcceptRanges: length >= 0}
}

// length is the size of the body in bytes, or unknownSize.
func (r *Response) length() int64 {
	more := r.peek()
	switch body := more.source.(type) {
	case nil:
		return int64(len(r.text) + len(more.data))
	case *content:
		body.measure()
		return body.size
	}
	return unknownSize
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
		r.dropHandler()
	}
}

// cut leaves of the body what is between two positions.
func (r *Response) cut(start, end int64) {
	more := r.peek()
	switch body := more.source.(type) {
	case *content:
		body.start += start
		body.size = end - start
	default:
		if more.data != nil {
			r.extra.data = more.data[start:end]
		} else {
			r.text = r.text[start:end]
		}
	}
}

// dropHandler keeps a handler from answering with a status of its own.
func (r *Response) dropHandler() {
	if _, isHandler := r.peek().source.(http.Handler); isHandler {
		r.extra.source = nil
	}
}

// refuseRange turns the response into the page for a 416, which is that of a
// registered handler if there is one. Werkzeug raises an error instead, which
// an after-request function could not.
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
