package decant

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/utf8text"
)

// Request is what the client sent: Flask's request. It embeds the
// *http.Request, so Method, URL, Header and RemoteAddr are there as ever.
// Cookies, Args and Form are read when they are first asked for.
type Request struct {
	*http.Request
	// Path is the decoded path, which is what rules match: "/user/ann". It is
	// valid UTF-8; what was not is U+FFFD.
	Path string
	// Body is the request body, bounded by Config.MaxContentLength.
	Body io.ReadCloser
	// Cookies are those of the Cookie header: request.cookies.
	Cookies Cookies
	// Args are the parameters of the query string: request.args.
	Args Values
	// Form holds the fields of a urlencoded or multipart body, whatever the
	// method: request.form.
	Form Values

	context *Context
	parsed  *parsed // nil until Args or Form are touched
}

// parsed is what was read of a request so far.
type parsed struct {
	args, form           []formdata.Pair
	hasArgs, hasForm     bool
	argsError, formError error
	multipart            *formdata.Form
}

func (r *Request) attach(c *Context, raw *http.Request) {
	r.Request, r.context = raw, c
	r.Path = utf8text.Replace(raw.URL.Path)
	r.Body = raw.Body
	if limit := c.App.Config.MaxContentLength; limit > 0 && raw.ContentLength != 0 && raw.Body != nil {
		r.Body = http.MaxBytesReader(c.writer, raw.Body, limit)
	}
	r.Cookies.request = raw
	r.Args = Values{r, (*Request).args}
	r.Form = Values{r, (*Request).form}
}

// Endpoint is the name of the view that the URL belongs to, or "" where no
// rule matches.
func (r *Request) Endpoint() string {
	if r.context.endpoint == nil {
		return ""
	}
	return r.context.endpoint.name
}

// close removes the files that an upload left on disk.
func (r *Request) close() {
	if r.parsed == nil || r.parsed.multipart == nil {
		return
	}
	if err := r.parsed.multipart.Remove(); err != nil {
		r.context.logError("Removing uploaded files failed", err)
	}
}

func (r *Request) input() *parsed {
	if r.parsed == nil {
		r.parsed = new(parsed)
	}
	return r.parsed
}

func (r *Request) args() []formdata.Pair {
	input := r.input()
	if !input.hasArgs {
		input.hasArgs = true
		input.args, input.argsError = formdata.ParseQuery(r.URL.RawQuery)
	}
	r.raise(input.argsError)
	return input.args
}

func (r *Request) form() []formdata.Pair {
	input := r.input()
	if !input.hasForm {
		input.hasForm = true
		input.form, input.formError = r.parseForm(input)
	}
	r.raise(input.formError)
	return input.form
}

func (r *Request) parseForm(input *parsed) ([]formdata.Pair, error) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" || r.Body == nil {
		return nil, nil
	}
	switch formdata.MediaType(contentType) {
	case "application/x-www-form-urlencoded":
		return formdata.ParseURLEncoded(r.Body, r.ContentLength, r.limits())
	case "multipart/form-data":
		boundary := formdata.Boundary(contentType)
		if boundary == "" {
			return nil, nil
		}
		form, err := formdata.ParseMultipart(r.Body, r.ContentLength, boundary, r.limits(), "")
		if err != nil {
			return nil, err
		}
		input.multipart = form
		return form.Fields, nil
	}
	return nil, nil
}

func (r *Request) limits() formdata.Limits {
	limits := formdata.DefaultLimits()
	config := r.context.App.Config
	limits.ContentLength = orNone(config.MaxContentLength)
	limits.FormMemory = orNone(config.MaxFormMemorySize)
	limits.Parts = int(orNone(int64(config.MaxFormParts)))
	return limits
}

// orNone turns "zero or less" into the -1 that package formdata wants.
func orNone(limit int64) int64 {
	if limit <= 0 {
		return -1
	}
	return limit
}

// raise ends the request if its input cannot be read: with the client's error
// where it is the client's fault.
func (r *Request) raise(err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
	case errors.Is(err, formdata.ErrTooLarge), errors.As(err, &tooLarge):
		panic(NewHTTPError(http.StatusRequestEntityTooLarge))
	case errors.Is(err, formdata.ErrClientDisconnected), errors.Is(err, formdata.ErrNotUTF8):
		panic(NewHTTPError(http.StatusBadRequest))
	default:
		panic(fmt.Errorf("decant: reading the form failed: %w", err))
	}
}
