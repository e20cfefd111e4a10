package decant

import (
	"bytes"
	"io"
	"net/http"

	"github.com/decant-go/decant/internal/formdata"
)

func (r *Request) args() []formdata.Pair {
	input := r.input()
	if !input.hasArgs {
		input.hasArgs = true
		input.args, input.argsError = formdata.ParseQuery(r.URL.RawQuery)
	}
	r.raise(input.argsError)
	return input.args
}

func (r *Request) form() []formdata.Pair { return r.parsedForm().form }

func (r *Request) files() []*File { return r.parsedForm().files }

func (r *Request) parsedForm() *body {
	body := r.body()
	if !body.hasForm {
		body.hasForm = true
		body.formError = r.parseForm(body)
	}
	r.raise(body.formError)
	return body
}

// values are Args and Form in this order. A form that came with GET is left
// out: caches look at the URL alone.
func (r *Request) values() []formdata.Pair {
	args := r.args()
	if r.Method == http.MethodGet {
		return args
	}
	body := r.parsedForm()
	switch {
	case len(body.form) == 0:
		return args
	case len(args) == 0:
		return body.form
	case body.values == nil:
		body.values = append(args[:len(args):len(args)], body.form...)
	}
	return body.values
}

func (r *Request) parseForm(body *body) error {
	contentType := r.Header.Get("Content-Type")
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

func (r *Request) parseURLEncoded(body *body) (err error) {
	source, length := r.source(body)
	limits := r.limits()
	if limit := limits.formMemory; limit > 0 && length < 0 {
		// A form that does not declare its length is held to the limit of one
		// that does.
		source = http.MaxBytesReader(r.context.writer, io.NopCloser(source), limit)
	}
	body.form, err = formdata.ParseURLEncoded(source, length, limits.forForm())
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
	body.form = body.multipart.Fields
	for _, content := range body.multipart.Files {
		body.files = append(body.files, newFile(content))
	}
	return nil
}

// source is where a form is parsed from: what Data has read, or else the rest
// of the body.
func (r *Request) source(body *body) (source io.Reader, length int64) {
	if !body.hasData {
		return r.Body, r.left()
	}
	return bytes.NewReader(body.data), int64(len(body.data))
}

// forForm puts the limits as package formdata wants them: "none" is -1 there.
func (l limits) forForm() formdata.Limits {
	limits := formdata.DefaultLimits()
	limits.ContentLength = orNone(l.content)
	limits.FormMemory = orNone(l.formMemory)
	limits.Parts = int(orNone(int64(l.parts)))
	return limits
}

func orNone(limit int64) int64 {
	if limit <= 0 {
		return -1
	}
	return limit
}
