package decanttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Response is the answer to a request, with all that the request had. Printed, it is
// the whole exchange, for the message of a failed test:
//
//	t.Error(rv)
//
// It mirrors Werkzeug's TestResponse, and what "with client:" keeps.
type Response struct {
	// Status is the status code.
	Status int
	// Header holds the headers.
	Header http.Header
	// Text is the body. It holds the bytes of one that is not text, too.
	Text string

	// Request is what the client sent.
	Request *http.Request
	// Context is the request's context, of which values can be read: NewG's Get,
	// Context.Request.Form, Param. It is nil if the application did not see the
	// request, because middleware or a mounted handler answered.
	Context *decant.Context
	// Session is the session after the request, to be read. Client.Session changes
	// it. It is nil where Context is.
	Session *decant.Session
	// Flashed are the messages that the request flashed.
	Flashed []decant.FlashMessage
	// Templates are the templates that were rendered, in their order, with their
	// variables. It mirrors what is called captured_templates.
	Templates []Template
	// History holds the redirects that [FollowRedirects] has followed.
	History []*Response
	// Err is the error that nobody handled and that became a 500, or nil.
	Err error

	sent  []byte // the body of the request
	stack []byte // of a panic
}

// Template is a template that was rendered.
type Template struct {
	// Name is the template's name, and "" for a template that was no file.
	Name string
	// Vars are the variables, with those of the context processors.
	Vars decant.H
}

// observed gathers what happens while a request is answered.
type observed struct {
	app       *decant.App
	context   *decant.Context
	flashed   []decant.FlashMessage
	templates []Template
	err       error
	stack     []byte
}

// Began is called for each application that answers. The context that counts is
// that of the client's application, if it sees the request.
func (o *observed) Began(c *decant.Context) {
	if o.context == nil || o.context.App != o.app {
		o.context = c
	}
}

func (o *observed) Flashed(message decant.FlashMessage) { o.flashed = append(o.flashed, message) }

func (o *observed) Rendered(template string, variables decant.H) {
	o.templates = append(o.templates, Template{template, variables})
}

func (o *observed) Failed(err error, stack []byte) { o.err, o.stack = err, stack }

func (o *observed) response(m *message, request *http.Request, recorder *httptest.ResponseRecorder) *Response {
	result := recorder.Result()
	r := &Response{
		Status: result.StatusCode, Header: result.Header, Text: recorder.Body.String(),
		Request: request, Context: o.context,
		Flashed: o.flashed, Templates: o.templates, Err: o.err,
		sent: m.body, stack: o.stack,
	}
	if m.method == http.MethodHead {
		r.Text = ""
	}
	if o.context != nil {
		r.Session = o.context.Session
	}
	return r
}

// JSON reads the body into what v points to. The error says what the answer is if it
// is no JSON. It mirrors get_json.
func (r *Response) JSON(v any) error {
	if kind := r.MIMEType(); kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return fmt.Errorf("decanttest: the answer is %q, with status %d, and no JSON:\n%s", kind, r.Status, shown(r.Text))
	}
	if err := json.Unmarshal([]byte(r.Text), v); err != nil {
		return fmt.Errorf("decanttest: the answer cannot be read into a %T: %w\n%s", v, err, shown(r.Text))
	}
	return nil
}

// MIMEType is the type of the body in lower case, without its parameters.
func (r *Response) MIMEType() string { return formdata.MediaType(r.Header.Get("Content-Type")) }

// Template returns the variables of a template that was rendered, and whether it
// was. If it was rendered several times, it returns those of the last time.
func (r *Response) Template(name string) (vars decant.H, ok bool) {
	for _, template := range slices.Backward(r.Templates) {
		if template.Name == name {
			return template.Vars, true
		}
	}
	return nil, false
}

// Cookie returns the value of a cookie that this answer sets, and whether it sets
// one. Its attributes are in the header Set-Cookie.
func (r *Response) Cookie(name string) (value string, ok bool) {
	for _, line := range slices.Backward(r.Header["Set-Cookie"]) {
		pair, _, _ := strings.Cut(line, ";")
		if value, ok := wirecookie.Lookup(pair, name); ok {
			return value, true
		}
	}
	return "", false
}

// isRedirect reports whether a browser goes on to another URL.
func (r *Response) isRedirect() bool {
	switch r.Status {
	case 301, 302, 303, 305, 307, 308:
		return r.Header.Get("Location") != ""
	}
	return false
}

// longestShown is how many bytes of a body are printed.
const longestShown = 4096

// String returns the exchange: the request, the answer, and the error with its stack
// if there is one. Long bodies are cut.
func (r *Response) String() string {
	var text strings.Builder
	for _, earlier := range r.History {
		fmt.Fprintf(&text, "> %s %s: %d, to %s\n", earlier.Request.Method, earlier.Request.RequestURI, earlier.Status, earlier.Header.Get("Location"))
	}
	fmt.Fprintf(&text, "> %s %s %s\n> Host: %s\n", r.Request.Method, r.Request.RequestURI, r.Request.Proto, r.Request.Host)
	writeMessage(&text, "> ", r.Request.Header, string(r.sent))
	fmt.Fprintf(&text, "< %d %s\n", r.Status, http.StatusText(r.Status))
	writeMessage(&text, "< ", r.Header, r.Text)
	if r.Err != nil {
		fmt.Fprintf(&text, "error: %v\n%s", r.Err, r.stack)
	}
	return text.String()
}

func writeMessage(text *strings.Builder, mark string, header http.Header, body string) {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, fmt.Sprintf("%s%s: %s\n", mark, name, value))
		}
	}
	slices.Sort(lines)
	text.WriteString(strings.Join(lines, ""))
	if body == "" {
		return
	}
	for line := range strings.Lines("\n" + strings.TrimSuffix(shown(body), "\n") + "\n") {
		text.WriteString(mark + line)
	}
}

// shown returns a body for people.
func shown(body string) string {
	if !utf8.ValidString(body) {
		return fmt.Sprintf("(%d bytes that are no text)", len(body))
	}
	if len(body) <= longestShown {
		return body
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(body[:longestShown], ""), len(body))
}
