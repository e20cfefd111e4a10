package decant

import (
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/utf8text"
)

// Request is what the client sent: Flask's request. It embeds the
// *http.Request, so Method, URL, Header and RemoteAddr are there as ever, and
// so is Body, bounded by Config.MaxContentLength. Cookies, Args, Form and the
// others are read when they are first asked for; use them instead of net/http's
// ParseForm, FormValue and FormFile, which take the body for themselves. Nothing
// behind the ContentLength is read: middleware that unpacks a body sets it to
// the new length, or to -1.
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
	// Files are the files of a multipart body: request.files.
	Files Files
	// Values are Args, and after them Form unless the method is GET, so that a
	// name that occurs in both has the value of the URL: request.values.
	Values Values

	context *Context
}

func (r *Request) attach(c *Context, raw *http.Request) {
	if raw.ContentLength != 0 && raw.Body != nil && raw.Body != http.NoBody {
		raw = r.withBoundedBody(raw)
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
	r.Files = Files{r}
	r.Values = Values{r, (*Request).values}
}

// Endpoint is the name of the view that the URL belongs to, or "" where no
// rule matches.
func (r *Request) Endpoint() string {
	if e := r.context.endpoint(); e != nil {
		return e.name
	}
	return ""
}

// URLRule is the text of the rule that the URL matches, such as "/user/<name>",
// or "" where none does: request.url_rule.rule.
func (r *Request) URLRule() string {
	if matched := r.context.match.Rule; matched != nil {
		return matched.Text
	}
	return ""
}

// ViewArgs returns a copy of all view arguments, as their converters made them,
// or nil where no rule matches: request.view_args. [Context.Param] and its
// kin read a single one.
func (r *Request) ViewArgs() H {
	if values, preprocessed := viewArgs.Lookup(r.context); preprocessed {
		return maps.Clone(values)
	}
	return r.context.match.Values()
}

// RoutingError is why no rule matches: an *HTTPError with status 404 or 405,
// or another error where the URL is redirected or cannot be looked up. It is
// nil if a rule matches. Before-request functions can look at it before it
// becomes the answer. It mirrors request.routing_exception.
func (r *Request) RoutingError() error {
	err := r.context.routingError()
	var refusal *rule.NotAllowed
	switch {
	case errors.As(err, &refusal):
		return methodNotAllowed(refusal.Methods)
	case errors.Is(err, rule.ErrNotFound):
		return NewHTTPError(http.StatusNotFound)
	}
	return err
}

// close removes the files that an upload left on disk.
func (r *Request) close() {
	if form := r.MultipartForm; form != nil {
		form.RemoveAll() // net/http knows only the request that this one may be a copy of
	}
	body := r.seen().body
	if body == nil || body.multipart == nil {
		return
	}
	if err := body.multipart.Remove(); err != nil {
		r.context.logError("Removing uploaded files failed", err)
	}
}

// input is what was read of a request so far.
type input struct {
	args      []formdata.Pair
	argsError error
	hasArgs   bool
	body      *body // nil until the body, or one of its limits, is touched
}

// input returns what was read so far, for writing.
func (r *Request) input() *input { return &r.context.take().input }

// noInput is what everyday requests have. It is never written.
var noInput input

// seen is input for those who only read.
func (r *Request) seen() *input {
	if r.context.notes == nil {
		return &noInput
	}
	return &r.context.notes.input
}
