package decant

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/utf8text"
)

// Request is what the client sent: Flask's request. It embeds the
// *http.Request, so Method, URL, Header and RemoteAddr are there as ever, and
// so is Body, bounded by Config.MaxContentLength. Cookies, Args and Form are
// read when they are first asked for; use them instead of net/http's ParseForm,
// FormValue and FormFile, which take the body for themselves.
type Request struct {
	*http.Request
	// Path is the decoded path, which is what rules match: "/user/ann". It is
	// valid UTF-8; what was not is U+FFFD.
	Path string
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
	if limit := c.App.Config.MaxContentLength; limit > 0 && raw.ContentLength != 0 && raw.Body != nil {
		raw = bounded(c.writer, raw, limit)
	}
	if method := strings.ToUpper(raw.Method); method != raw.Method {
		upper := *raw
		upper.Method = method
		raw = &upper
	}
	r.Request, r.context = raw, c
	r.Path = utf8text.Replace(raw.URL.Path)
	r.Cookies.request = raw
	r.Args = Values{r, (*Request).args}
	r.Form = Values{r, (*Request).form}
}

// bounded gives a request whose body ends at the limit with an error. The
// server's own is left as it is.
func bounded(w http.ResponseWriter, raw *http.Request, limit int64) *http.Request {
	limited := *raw
	limited.Body = http.MaxBytesReader(w, raw.Body, limit)
	return &limited
}

// Endpoint is the name of the view that the URL belongs to, or "" where no
// rule matches.
func (r *Request) Endpoint() string {
	if e := r.context.endpoint(); e != nil {
		return e.name
	}
	return ""
}

// close removes the files that an upload left on disk.
func (r *Request) close() {
	if form := r.MultipartForm; form != nil {
		form.RemoveAll() // net/http knows only the request that this one may be a copy of
	}
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
		return formdata.ParseURLEncoded(r.boundedForm(), r.ContentLength, r.limits())
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

// boundedForm holds a urlencoded form that does not declare its length to the
// limit of one that does.
func (r *Request) boundedForm() io.Reader {
	if limit := r.context.App.Config.MaxFormMemorySize; limit > 0 && r.ContentLength < 0 {
		return http.MaxBytesReader(r.context.writer, r.Body, limit)
	}
	return r.Body
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
	if err == nil {
		return
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, formdata.ErrTooLarge), errors.As(err, &tooLarge):
		panic(NewHTTPError(http.StatusRequestEntityTooLarge))
	case errors.Is(err, formdata.ErrClientDisconnected), errors.Is(err, formdata.ErrNotUTF8):
		panic(NewHTTPError(http.StatusBadRequest))
	default:
		panic(fmt.Errorf("decant: reading the form failed: %w", err))
	}
}
