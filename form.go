package decant

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"

	"github.com/decant-go/decant/internal/formdata"
)

// Data returns the body as it was sent. Do not change it: the body is read once
// and kept, so that you can call Data, JSON and Form in this order, and call each
// of them again. If you need both Data and Form, call Data first: parsing a form
// uses up the body, and Data is empty after it.
//
// The error is an *HTTPError: 413 for a body above Config.MaxContentLength, 400
// if the client went away in the middle. It mirrors request.get_data().
//
// Flask's request.data is empty for a form, because it parses the form first. A view
// that counts on it is ported with
//
//	c.Request.Form.Keys() // parses a form
//	data, err := c.Request.Data()
func (r *Request) Data() ([]byte, error) {
	body := r.body()
	if !body.hasData {
		body.hasData = true
		body.data, body.dataError = r.readData(body)
	}
	return body.data, body.dataError
}

func (r *Request) readData(body *body) ([]byte, error) {
	switch {
	case body.formError != nil:
		return nil, r.inputError(body.formError)
	case r.Body == nil:
		return nil, nil
	}
	length := r.left()
	if limit := r.limits().content; limit > 0 && (length > limit || length < 0 && r.isReadToLimit()) {
		return nil, r.inputError(formdata.ContentTooLong(limit))
	}
	data, err := formdata.ReadBody(r.bounded(), length)
	if err != nil {
		return nil, r.bodyError(err)
	}
	return data, nil
}

// isReadToLimit reports whether a form or the application has read as much of the body
// as may be read. Whether more follows is not known without another read, and so the
// rest of a body of unknown length is too large, as in Werkzeug.
func (r *Request) isReadToLimit() bool {
	bounded, ok := r.Body.(*formdata.BoundedBody)
	return ok && bounded.IsAtLimit()
}

// bounded is the body under the limit for its length, also if the application has
// put it in place of the server's.
func (r *Request) bounded() io.Reader {
	limit := r.limits().content
	if _, isBounded := r.Body.(*formdata.BoundedBody); isBounded || limit <= 0 {
		return r.Body
	}
	return http.MaxBytesReader(r.context.writer, r.Body, limit)
}

// bodyError returns the error for a body that cannot be read to its end: an
// *HTTPError with status 413, 408 or 400.
func (r *Request) bodyError(err error) error {
	return r.inputError(fmt.Errorf("%w: %w", formdata.ErrClientDisconnected, err))
}

func (r *Request) args() *pairs {
	input := r.needExtras()
	if !input.hasArgs {
		input.hasArgs = true
		args, err := formdata.ParseQuery(r.URL.RawQuery)
		input.args, input.argsError = newPairs(args), err
	}
	r.raise(input.argsError)
	return &input.args
}

func (r *Request) form() *pairs { return &r.parsedForm().form }

func (r *Request) files() *uploads { return &r.parsedForm().files }

func (r *Request) parsedForm() *body {
	body := r.body()
	if !body.hasForm {
		body.hasForm = true
		body.formError = r.parseForm(body)
	}
	r.raise(body.formError)
	return body
}

// values are Args and then Form. The form of a GET is left out, because caches
// look at the URL alone.
func (r *Request) values() *pairs {
	args := r.args()
	if r.Method == http.MethodGet {
		return args
	}
	body := r.parsedForm()
	switch {
	case len(body.form.all) == 0:
		return args
	case len(args.all) == 0:
		return &body.form
	case body.values.all == nil:
		body.values = newPairs(slices.Concat(args.all, body.form.all))
	}
	return &body.values
}

func (r *Request) parseForm(body *body) error {
	contentType := r.contentType()
	if contentType == "" || r.Body == nil {
		return nil
	}
	if body.dataError != nil {
		return body.dataError
	}
	switch formdata.MediaType(contentType) {
	case "application/x-www-form-urlencoded":
		return r.parseURLEncoded(body)
	case "multipart/form-data":
		return r.parseMultipart(body, formdata.Boundary(contentType))
	}
	return nil
}

func (r *Request) parseURLEncoded(body *body) error {
	source, length := r.source(body)
	limits := r.limits()
	if limit := limits.formMemory; limit > 0 && length < 0 {
		// A form of unknown length has the same limit as one of declared length.
		source = http.MaxBytesReader(r.context.writer, io.NopCloser(source), limit)
	}
	fields, err := formdata.ParseURLEncoded(source, length, limits.forForm())
	body.form = newPairs(fields)
	return err
}

func (r *Request) parseMultipart(body *body, boundary string) (err error) {
	if boundary == "" {
		return nil
	}
	source, length := r.source(body)
	limits := r.limits()
	body.multipart, err = formdata.ParseMultipart(source, length, boundary, limits.forForm(), "")
	if err != nil {
		return err
	}
	body.form = newPairs(body.multipart.Fields)
	body.files = newUploads(body.multipart.Files)
	return nil
}

// source returns the bytes of a form: those that Data has read, or else the rest
// of the body.
func (r *Request) source(body *body) (source io.Reader, length int64) {
	if !body.hasData {
		return r.Body, r.left()
	}
	return bytes.NewReader(body.data), int64(len(body.data))
}

// inputError returns the error for input that cannot be read: an *HTTPError if
// the client is to blame.
func (r *Request) inputError(err error) error {
	var page *HTTPError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &page):
		return page
	case errors.As(err, &tooLarge):
		return r.tooLargeError(r.overLimit(err, tooLarge))
	case errors.Is(err, formdata.ErrTooLarge):
		return r.tooLargeError(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return because(NewHTTPError(http.StatusRequestTimeout), err)
	case errors.Is(err, formdata.ErrClientDisconnected), errors.Is(err, formdata.ErrNotUTF8):
		return because(NewHTTPError(http.StatusBadRequest), err)
	}
	return fmt.Errorf("decant: reading the form for endpoint %q failed: %w", r.Endpoint(), err)
}

// overLimit says which limit a body of unknown length went over. The smaller one
// of a urlencoded form is noticed first.
func (r *Request) overLimit(err error, tooLarge *http.MaxBytesError) error {
	limits := r.limits()
	if limits.formMemory > 0 && tooLarge.Limit == limits.formMemory {
		return fmt.Errorf("%w: %w", formdata.FormTooLarge("the urlencoded body", limits.formMemory), err)
	}
	return fmt.Errorf("%w: %w", formdata.ContentTooLong(limits.content), err)
}

// tooLargeError returns the 413 for a body over a limit.
func (r *Request) tooLargeError(err error) *HTTPError {
	e := because(NewHTTPError(http.StatusRequestEntityTooLarge), err)
	var limit *formdata.LimitError
	if !errors.As(err, &limit) {
		return e
	}
	e.advice = &advice{text: limit.Advice()}
	if r.body().limits != nil {
		e.advice.text += ", or the limit that Request.Set" + limit.Setting + " has set for this request"
	}
	return e
}

// because adds the cause to an error, for error handlers and the log.
func because(e *HTTPError, err error) *HTTPError {
	e.Original = err
	return e
}

// raise panics with the error for input that cannot be read.
func (r *Request) raise(err error) {
	if err == nil {
		return
	}
	failure := r.inputError(err)
	if page, ok := failure.(*HTTPError); ok {
		panic(page)
	}
	panic(raisedError{failure})
}

// body holds the parts of a request's body that were read, and its limits.
type body struct {
	limits *limits // nil if the limits of the Config count

	data      []byte
	dataError error
	hasData   bool

	form      pairs
	values    pairs // Args and Form together
	files     uploads
	formError error
	hasForm   bool
	multipart *formdata.Form
}

func (r *Request) body() *body {
	input := r.needExtras()
	if input.body == nil {
		input.body = new(body)
	}
	return input.body
}

// SetMaxContentLength sets the limit for the body of this request, in bytes. It
// replaces Config.MaxContentLength; zero or less means no limit. Call it in a
// hook or a view before the body is read: a form or Data that was read already
// stays. It mirrors request.max_content_length.
func (r *Request) SetMaxContentLength(limit int64) {
	r.ownLimits().content = limit
	if bounded, ok := r.Body.(*formdata.BoundedBody); ok {
		bounded.LimitChanged()
	}
}

// SetMaxFormMemorySize replaces Config.MaxFormMemorySize for this request, as
// [Request.SetMaxContentLength] replaces Config.MaxContentLength. It mirrors
// request.max_form_memory_size.
func (r *Request) SetMaxFormMemorySize(limit int64) { r.ownLimits().formMemory = limit }

// SetMaxFormParts replaces Config.MaxFormParts for this request, as
// [Request.SetMaxContentLength] replaces Config.MaxContentLength. It mirrors
// request.max_form_parts.
func (r *Request) SetMaxFormParts(limit int) { r.ownLimits().parts = limit }

// limits bound the body of one request; zero or less means no limit.
type limits struct {
	content, formMemory int64
	parts, fields       int
}

func (r *Request) limits() limits {
	if body := r.readExtras().body; body != nil && body.limits != nil {
		return *body.limits
	}
	config := r.context.App.config
	return limits{config.MaxContentLength, config.MaxFormMemorySize, config.MaxFormParts, config.MaxFormFields}
}

// ownLimits returns the limits of this request, which may be changed.
func (r *Request) ownLimits() *limits {
	body := r.body()
	if body.limits == nil {
		own := r.limits()
		body.limits = &own
	}
	return body.limits
}

// forForm converts the limits for package formdata, where -1 means no limit.
func (l limits) forForm() formdata.Limits {
	limits := formdata.DefaultLimits()
	limits.ContentLength = orNone(l.content)
	limits.FormMemory = orNone(l.formMemory)
	limits.Parts = int(orNone(int64(l.parts)))
	limits.Fields = int(orNone(int64(l.fields)))
	return limits
}

func orNone(limit int64) int64 {
	if limit <= 0 {
		return -1
	}
	return limit
}

// boundedRequest is a request and its body in one piece of memory.
type boundedRequest struct {
	http.Request
	body formdata.BoundedBody
}

// withBoundedBody returns a copy of the server's request with a bounded body.
func (r *Request) withBoundedBody(raw *http.Request) *http.Request {
	body := formdata.NewBoundedBody(raw.Body, r.context.writer, (*bodyLimit)(r))
	bounded := &boundedRequest{*raw, body}
	bounded.Body = &bounded.body
	return &bounded.Request
}

// bodyLimit is a request as a formdata.Limiter.
type bodyLimit Request

func (l *bodyLimit) Limit() int64 { return (*Request)(l).limits().content }

// Failed returns an error with a status, so that a view that reads the body itself
// may return what it gets.
func (l *bodyLimit) Failed(err error) error { return (*Request)(l).bodyError(err) }

// keepBody lets a stream read the rest of the body that the view has left. A
// short rest is read ahead, because net/http notices that a client has gone away
// only after it has read the whole body. A long rest is left unread and the
// connection is closed, because net/http would discard a part of the rest to
// make room for the next request.
func (r *Request) keepBody() {
	body, ok := r.Body.(*formdata.BoundedBody)
	if !ok || r.ProtoMajor > 1 || r.left() < formdata.DiscardSize && body.ReadAhead() {
		return
	}
	r.context.writer.Header()["Connection"] = []string{"close"}
}

// left is the declared length of the rest of the body, negative if it is not
// known.
func (r *Request) left() int64 {
	if bounded, ok := r.Body.(*formdata.BoundedBody); ok && r.ContentLength >= 0 {
		return bounded.Left(r.ContentLength)
	}
	return r.ContentLength
}
