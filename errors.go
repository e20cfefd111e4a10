package decant

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/rule"
)

// ErrorView answers a request that failed with err. Like a view it returns the
// answer or another error, and that error is a 500. Unless the answer is a
// *Response or an http.Handler, it is sent with the status of the error it
// handles, which is 500 for an error without one.
type ErrorView func(c *Context, err error) (any, error)

// errorHandlers are the error handlers of one application or blueprint.
type errorHandlers struct {
	byCode map[int]ErrorView
	byType []typedHandler
}

// typedHandler is a handler for errors of one type.
type typedHandler struct {
	kind      reflect.Type
	matches   func(error) bool // looks at this one error, not at its chain
	isGeneral bool             // the type is an interface, which many errors satisfy
	view      ErrorView
}

func (h *errorHandlers) setCode(code int, view ErrorView) {
	if h.byCode == nil {
		h.byCode = map[int]ErrorView{}
	}
	h.byCode[code] = view
}

func checkErrorCode(method string, code int) {
	if _, known := errorPages[code]; !known {
		panic(fmt.Sprintf("decant: %s: there is no HTTP error with code %d; register the handler for an error type with HandleError", method, code))
	}
}

// HandleError registers the answer for errors of type E. An error matches if it
// or an error that it wraps is an E, as with errors.As. Use *HTTPError for all
// errors with a status, and error for all errors. On a blueprint it is for errors
// in the blueprint's own views and hooks. It mirrors errorhandler(SomeError).
func HandleError[E error](on Scaffold, view func(c *Context, err E) (any, error)) {
	on.handleType(newTypedHandler(view))
}

func newTypedHandler[E error](view func(c *Context, err E) (any, error)) typedHandler {
	kind := reflect.TypeFor[E]()
	return typedHandler{
		kind:      kind,
		isGeneral: kind.Kind() == reflect.Interface,
		matches:   func(err error) bool { _, ok := err.(E); return ok },
		view: func(c *Context, err error) (any, error) {
			var target E
			errors.As(err, &target)
			return view(c, target)
		},
	}
}

// setType replaces an earlier handler for the same type.
func (h *errorHandlers) setType(handler typedHandler) {
	for i := range h.byType {
		if h.byType[i].kind == handler.kind {
			h.byType[i] = handler
			return
		}
	}
	h.byType = append(h.byType, handler)
}

// forType looks for the handler that fits err, or an error that it wraps, best:
// a handler for a type outranks one for an interface, as a subclass outranks
// Exception in Flask.
func (h *errorHandlers) forType(err error) ErrorView {
	for _, general := range []bool{false, true} {
		var found ErrorView
		walk(err, func(e error) bool {
			found = h.search(e, general)
			return found == nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// forServerError looks for a handler for a 500 that stands for another error,
// which was offered to the handlers before and is not offered again.
func (h *errorHandlers) forServerError(page *HTTPError) ErrorView {
	if view := h.search(page, false); view != nil {
		return view
	}
	return h.search(page, true)
}

func (h *errorHandlers) search(err error, general bool) ErrorView {
	for _, handler := range h.byType {
		if handler.isGeneral == general && handler.matches(err) {
			return handler.view
		}
	}
	return nil
}

// walk visits err and what it wraps, outermost first, until visit says false.
func walk(err error, visit func(error) bool) bool {
	if err == nil {
		return true
	}
	if !visit(err) {
		return false
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		return walk(wrapper.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, e := range wrapper.Unwrap() {
			if !walk(e, visit) {
				return false
			}
		}
	}
	return true
}

// panicError is a panic of a view or hook that was turned into an error.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Unwrap lets errors.As find an error that was raised rather than returned.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// original returns the error that a panic was raised with, so that error handlers
// see it. Any other error is returned as it is.
func original(err error) error {
	var raised *panicError
	if errors.As(err, &raised) && raised.Unwrap() != nil {
		return raised.Unwrap()
	}
	return err
}

// recoverInto turns a panic into an error: what Abort raised is the error
// itself. http.ErrAbortHandler is raised again, because net/http must see it.
func recoverInto(err *error) {
	switch value := recover().(type) {
	case nil:
	case *HTTPError:
		*err = value
	default:
		if value == http.ErrAbortHandler {
			panic(value)
		}
		*err = &panicError{value, debug.Stack()}
	}
}

// catch runs a function and returns its error, or its panic as an error.
func catch(run func() error) (err error) {
	defer recoverInto(&err)
	return run()
}

// handleUserError mirrors Flask's handle_user_exception: an HTTP error becomes
// an answer, by a handler or as its own page; another error needs a handler.
func (c *Context) handleUserError(err error) (answer any, failure error) {
	defer recoverInto(&failure)
	var httpError *HTTPError
	isHTTP := errors.As(err, &httpError)
	view := c.errorView(err, httpError)
	switch {
	case view != nil:
		return c.runErrorView(view, err, httpError)
	case isHTTP && c.isUnknown(httpError) && c.showsDebugPage():
		return c.debugAnswer(httpError.Code, c.debugNotFound()), nil
	case isHTTP:
		return httpError, nil
	}
	return nil, err
}

// pageFor returns the response for an error without running the after-request
// functions.
func (c *Context) pageFor(err error) (*Response, error) {
	answer, err := c.handleUserError(err)
	if err != nil {
		return nil, err
	}
	return c.convert(answer)
}

// errorView looks for a handler, blueprints before the application: by code
// first and in every scope, then by type, as Flask does.
func (c *Context) errorView(err error, httpError *HTTPError) ErrorView {
	if httpError != nil {
		if view := c.codeView(httpError.Code); view != nil {
			return view
		}
	}
	return c.firstView(func(h *errorHandlers) ErrorView { return h.forType(err) })
}

// serverErrorView looks for a handler for the 500 that stands for another error.
func (c *Context) serverErrorView(page *HTTPError) ErrorView {
	if view := c.codeView(page.Code); view != nil {
		return view
	}
	return c.firstView(func(h *errorHandlers) ErrorView { return h.forServerError(page) })
}

func (c *Context) codeView(code int) ErrorView {
	return c.firstView(func(h *errorHandlers) ErrorView { return h.byCode[code] })
}

// firstView asks one scope after the other, the innermost blueprint first.
func (c *Context) firstView(search func(*errorHandlers) ErrorView) ErrorView {
	for _, handlers := range c.around().handlers {
		if view := search(handlers); view != nil {
			return view
		}
	}
	return nil
}

// runErrorView runs an error handler and gives its answer the status of the
// error. In Flask a handler has to repeat the status.
func (c *Context) runErrorView(view ErrorView, err error, httpError *HTTPError) (any, error) {
	answer, failure := view(c, err)
	if failure != nil {
		return nil, failure
	}
	status := http.StatusInternalServerError
	if httpError != nil {
		status = httpError.Code
	}
	if response, own := answer.(*Response); own {
		return response, nil
	}
	response, failure := c.convert(answer)
	if failure != nil {
		return nil, failure
	}
	response.Status = status
	return response, nil
}

// serverError mirrors Flask's handle_exception: the error is logged, and the
// client gets a 500, by a handler or as the default page.
func (c *Context) serverError(err error) *Response {
	c.logError("Exception on "+c.logged(), err)
	page := NewHTTPError(http.StatusInternalServerError)
	page.Original = original(err)
	response, failure := c.serverErrorPage(page, err)
	if failure != nil {
		c.logError("Request finalizing failed with an error while handling an error", failure)
	}
	if response == nil || response.check() != nil {
		response, _ = c.convert(page)
	}
	return response
}

func (c *Context) serverErrorPage(page *HTTPError, err error) (response *Response, failure error) {
	defer recoverInto(&failure)
	var answer any = page
	if view := c.serverErrorView(page); view != nil {
		answer, failure = c.runErrorView(view, page, page)
	} else if c.showsDebugPage() {
		answer = c.debugAnswer(page.Code, c.debugError(err))
	}
	if failure != nil {
		return nil, failure
	}
	return c.finalize(answer)
}

// showsDebugPage reports whether the answer to an error may be the page with
// source code: Config.Debug is on, and a browser on the same machine asks.
func (c *Context) showsDebugPage() bool {
	return c.App.config.Debug && debugpage.IsForDeveloper(c.Request.Request)
}

// debugAnswer is the response with the page about an error.
func (c *Context) debugAnswer(status int, page *debugpage.Page) *Response {
	page.Status = fmt.Sprintf("%s %s: %d %s", c.Request.Method, c.Request.Path(), status, http.StatusText(status))
	page.Facts = c.debugRequest().Facts()
	return c.MakeResponse(page.Handler(status), status)
}

// debugError describes an error that nobody handled.
func (c *Context) debugError(err error) *debugpage.Page {
	shown := original(err)
	page := &debugpage.Page{Kind: kindOf(shown), Message: shown.Error(), Chain: chainOf(shown)}
	var raised *panicError
	if errors.As(err, &raised) {
		page.Stack = debugpage.ReadStack(raised.stack)
	} else {
		page.Stack = debugpage.OfError(err)
	}
	if page.Stack == nil {
		c.describeReturn(page)
	}
	var unbuilt *BuildError
	if errors.As(err, &unbuilt) {
		page.Rules = debugpage.NearestEndpoints(unbuilt.Endpoint, c.App.debugRules())
	}
	return page
}

// describeReturn says where an error came from that has no stack.
func (c *Context) describeReturn(page *debugpage.Page) {
	page.Advice = "This error was returned, and an error that is returned has no stack. It came from a hook: no rule matches the request."
	e := c.endpoint()
	if e == nil {
		return
	}
	page.Advice = fmt.Sprintf("This error was returned, and an error that is returned has no stack. It came from the view of the endpoint %q, which is registered at %s, or from a hook around it.", e.name, e.place)
	if start, ok := e.identity.(uintptr); ok {
		page.View = debugpage.OfFunction(start)
	}
}

// kindOf names the type of an error, or the type of a panic's value.
func kindOf(err error) string {
	if raised, ok := err.(*panicError); ok {
		return fmt.Sprintf("panic(%T)", raised.value)
	}
	return reflect.TypeOf(err).String()
}

// chainOf lists an error and the errors that it wraps. It is nil for an error
// that wraps nothing.
func chainOf(err error) (chain []debugpage.Row) {
	walk(err, func(e error) bool {
		chain = append(chain, debugpage.Row{Name: kindOf(e), Value: e.Error()})
		return true
	})
	if len(chain) == 1 {
		return nil
	}
	return chain
}

// debugNotFound describes a request that no rule matches, with the rules that
// come nearest.
func (c *Context) debugNotFound() *debugpage.Page {
	return &debugpage.Page{
		Kind:    "No rule matches",
		Message: c.Request.Path(),
		Rules:   debugpage.NearestTo(c.Request.Path(), c.App.debugRules()),
	}
}

func (a *App) debugRules() []debugpage.Rule {
	routes := a.Routes()
	rules := make([]debugpage.Rule, len(routes))
	for i, r := range routes {
		rules[i] = debugpage.Rule{Text: r.Rule, Methods: strings.Join(r.Methods, ", "), Endpoint: r.Endpoint, Place: r.Place}
	}
	return rules
}

// debugRequest gathers what the page tells about the request. A query that
// cannot be read is left out, and a form that was not read stays unread.
func (c *Context) debugRequest() *debugpage.Request {
	r := &debugpage.Request{
		Method:    c.Request.Method,
		Path:      c.Request.Path(),
		Host:      c.Request.Host,
		ID:        c.RequestID(),
		Arguments: c.match.Values(),
		Header:    c.Request.Header,
	}
	if e := c.endpoint(); e != nil {
		r.Rule, r.Endpoint, r.Place = c.match.Rule.Text, e.name, c.match.Rule.Place
	}
	query, _ := formdata.ParseQuery(c.Request.URL.RawQuery)
	for _, pair := range query {
		r.Query = append(r.Query, debugpage.Row{Name: pair.Name, Value: pair.Value})
	}
	if body := c.Request.readExtras().body; body != nil {
		for _, pair := range body.form {
			r.Form = append(r.Form, debugpage.Row{Name: pair.Name, Value: pair.Value})
		}
	}
	return r
}

// isUnknown reports whether an error is the 404 of a path that no rule matches.
func (c *Context) isUnknown(err *HTTPError) bool {
	return err.Code == http.StatusNotFound && errors.Is(c.routingError(), rule.ErrNotFound)
}

// HTTPError is an error with a status and a page. A request that ends with one is
// answered with the page, unless an error handler is registered for its code. It
// mirrors Werkzeug's HTTPException.
type HTTPError struct {
	// Code is the status.
	Code int
	// Name is the title of the page, such as "Not Found".
	Name string
	// Description is the text of the page. It is escaped there, and line ends
	// become <br>.
	Description string
	// Header is added to the answer, such as Allow for a 405. It may be nil.
	Header http.Header
	// Original is the error that this one stands for, for example the cause of a
	// 500. Error handlers and the log see it; the client never does.
	Original error

	key string // that a request lacks; shown in debug mode only
}

// NewHTTPError returns the error for a status, with Werkzeug's name and, if no
// other is given, its description. It knows the codes that Flask's abort knows
// and panics for any other, as abort raises a LookupError.
func NewHTTPError(code int, description ...string) *HTTPError {
	page, known := errorPages[code]
	if !known {
		panic(fmt.Sprintf("decant: there is no HTTP error with code %d; return c.MakeResponse(body, %d) to answer with that status", code, code))
	}
	if len(description) > 0 {
		page.description = strings.Join(description, "\n")
	}
	return &HTTPError{Code: code, Name: page.name, Description: page.description}
}

// Abort ends the request with the page for a status, wherever in a request it
// is called: it raises, like Flask's abort, and never returns. Its result only
// lets "return nil, decant.Abort(404)" compile; NewHTTPError makes the plain
// error. Do not call it in a
// goroutine of your own, where nothing catches it.
func Abort(code int, description ...string) error {
	panic(NewHTTPError(code, description...))
}

// Error gives the code, the name and the description.
func (e *HTTPError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Code, e.Name, e.Description)
}

// Unwrap returns the error that this one stands for, if any.
func (e *HTTPError) Unwrap() error { return e.Original }

// page returns the same page as Werkzeug's default error page.
func (e *HTTPError) page(debug bool) string {
	name := Escape(e.Name)
	description := e.Description
	if debug && e.key != "" {
		description += "\nKeyError: '" + e.key + "'"
	}
	text := strings.ReplaceAll(string(Escape(description)), "\n", "<br>")
	return fmt.Sprintf("<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%s</h1>\n<p>%s</p>\n", e.Code, name, name, text)
}

// methodNotAllowed returns a 405 that lists the allowed methods.
func methodNotAllowed(allowed []string) *HTTPError {
	e := NewHTTPError(http.StatusMethodNotAllowed)
	if len(allowed) > 0 {
		e.Header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	}
	return e
}

// missingKey returns the 400 for a key that the client did not send. It mirrors
// the error that request.form["key"] raises.
func missingKey(key string) *HTTPError {
	e := NewHTTPError(http.StatusBadRequest)
	e.key = key
	return e
}

// errorPages are the names and descriptions of Werkzeug's exceptions. The map
// is never written.
var errorPages = map[int]struct{ name, description string }{
	400: {"Bad Request", "The browser (or proxy) sent a request that this server could not understand."},
	401: {"Unauthorized", "The server could not verify that you are authorized to access the URL requested. You either supplied the wrong credentials (e.g. a bad password), or your browser doesn't understand how to supply the credentials required."},
	403: {"Forbidden", "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server."},
	404: {"Not Found", "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."},
	405: {"Method Not Allowed", "The method is not allowed for the requested URL."},
	406: {"Not Acceptable", "The resource identified by the request is only capable of generating response entities which have content characteristics not acceptable according to the accept headers sent in the request."},
	408: {"Request Timeout", "The server closed the network connection because the browser didn't finish the request within the specified time."},
	409: {"Conflict", "A conflict happened while processing the request. The resource might have been modified while the request was being processed."},
	410: {"Gone", "The requested URL is no longer available on this server and there is no forwarding address. If you followed a link from a foreign page, please contact the author of this page."},
	411: {"Length Required", "A request with this method requires a valid <code>Content-Length</code> header."},
	412: {"Precondition Failed", "The precondition on the request for the URL failed positive evaluation."},
	413: {"Request Entity Too Large", "The data value transmitted exceeds the capacity limit."},
	414: {"Request URI Too Long", "The length of the requested URL exceeds the capacity limit for this server. The request cannot be processed."},
	415: {"Unsupported Media Type", "The server does not support the media type transmitted in the request."},
	416: {"Requested Range Not Satisfiable", "The server cannot provide the requested range."},
	417: {"Expectation Failed", "The server could not meet the requirements of the Expect header"},
	418: {"I'm a teapot", "This server is a teapot, not a coffee machine"},
	421: {"Misdirected Request", "The server is not able to produce a response."},
	422: {"Unprocessable Entity", "The request was well-formed but was unable to be followed due to semantic errors."},
	423: {"Locked", "The resource that is being accessed is locked."},
	424: {"Failed Dependency", "The method could not be performed on the resource because the requested action depended on another action and that action failed."},
	428: {"Precondition Required", "This request is required to be conditional; try using \"If-Match\" or \"If-Unmodified-Since\"."},
	429: {"Too Many Requests", "This user has exceeded an allotted request count. Try again later."},
	431: {"Request Header Fields Too Large", "One or more header fields exceeds the maximum size."},
	451: {"Unavailable For Legal Reasons", "Unavailable for legal reasons."},
	500: {"Internal Server Error", "The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application."},
	501: {"Not Implemented", "The server does not support the action requested by the browser."},
	502: {"Bad Gateway", "The proxy server received an invalid response from an upstream server."},
	503: {"Service Unavailable", "The server is temporarily unable to service your request due to maintenance downtime or capacity problems. Please try again later."},
	504: {"Gateway Timeout", "The connection to an upstream server timed out."},
	505: {"HTTP Version Not Supported", "The server does not support the HTTP protocol version used in the request."},
}
