package decant

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/errorpage"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/jinja"
)

// ErrorView answers a request that failed with a status. If the view returned
// another error than e, that is e.Original: one that wraps an *HTTPError, or for a
// 500 any other. The handler may change e.
//
// Like a view it returns the answer or another error, and that error is a 500.
// Unless the answer is a *Response or an http.Handler, it is sent with the status
// of the error.
type ErrorView func(c *Context, e *HTTPError) (any, error)

// failure is an error on its way to a handler.
type failure struct {
	err  error
	page *HTTPError // the error with a status in the chain of err, or nil
}

// newFailure finds the status of an error. A nil *HTTPError has none: it is
// replaced with an error that says so.
func newFailure(err error) *failure {
	var page *HTTPError
	if errors.As(err, &page) && page == nil {
		return &failure{err: fmt.Errorf("decant: an error of type %T holds a nil *decant.HTTPError, so it has no status; make it with decant.NewHTTPError(code)", original(err))}
	}
	return &failure{err, page}
}

// status is that of the error, 500 for one without.
func (f *failure) status() int {
	if f.page == nil {
		return http.StatusInternalServerError
	}
	return f.page.Code
}

// shown is the error with a status as its handlers see it. It is a copy, which
// they may change, because the program may return the same error in many requests.
func (f *failure) shown() *HTTPError {
	shown := *f.page
	shown.Header = f.page.Header.Clone()
	if cause := original(f.err); cause != error(f.page) {
		shown.Original = cause
	}
	return &shown
}

// errorHandlers are the error handlers of one application or blueprint.
type errorHandlers struct {
	byCode map[int]errorHandler
	byType []typedHandler
}

// errorHandler answers a failure. Its error is a 500.
type errorHandler func(c *Context, f *failure) (any, error)

// typedHandler is a handler for errors of one type.
type typedHandler struct {
	kind    reflect.Type
	rank    handlerRank
	isNil   bool             // it cannot handle anything
	matches func(error) bool // looks at this one error, not at its chain
	handle  errorHandler
}

// handlerRank orders the handlers for types. A concrete type outranks an
// interface, as a subclass outranks Exception in Flask.
type handlerRank int

const (
	concreteType handlerRank = iota
	interfaceType
	everyError // the interface error
)

func rankOf(kind reflect.Type) handlerRank {
	switch {
	case kind == reflect.TypeFor[error]():
		return everyError
	case kind.Kind() == reflect.Interface:
		return interfaceType
	}
	return concreteType
}

func (h *errorHandlers) setCode(code int, view ErrorView) {
	h.setHandler(code, func(c *Context, f *failure) (any, error) { return view(c, f.shown()) })
}

func (h *errorHandlers) setHandler(code int, handle errorHandler) {
	if h.byCode == nil {
		h.byCode = map[int]errorHandler{}
	}
	h.byCode[code] = handle
}

func checkErrorHandler(method string, code int, view ErrorView) {
	if _, _, known := errorpage.Find(code); !known {
		panic(fmt.Sprintf("decant: %s: there is no HTTP error with code %d; register the handler for an error type with HandleError", method, code))
	}
	if view == nil {
		panic(fmt.Sprintf("decant: %s for the code %d got nil; pass the function that answers, or leave the call out for the default page", method, code))
	}
}

// HandleError registers the answer for errors of type E. An error matches if it
// or an error that it wraps is an E, as with errors.As. Use *HTTPError for all
// errors with a status, and error for all errors. On a blueprint it is for errors
// in the blueprint's own views and hooks. It mirrors errorhandler(SomeError).
//
// Several handlers may match. An error with a status goes to the handler of a type
// that holds or wraps the *HTTPError, or else to the one of its code, in the
// innermost blueprint that has either, and then the application. After that, and
// for all other errors, the types decide, again scope by scope: concrete types
// before interfaces, and error last.
func HandleError[E error](on Scaffold, view func(c *Context, err E) (any, error)) {
	on.handleType(newTypedHandler(view))
}

func newTypedHandler[E error](view func(c *Context, err E) (any, error)) typedHandler {
	kind := reflect.TypeFor[E]()
	return typedHandler{
		kind:    kind,
		rank:    rankOf(kind),
		isNil:   view == nil,
		matches: func(err error) bool { _, ok := err.(E); return ok },
		handle: func(c *Context, f *failure) (any, error) {
			var target E
			if page, ok := any(&target).(**HTTPError); ok {
				*page = f.shown()
			} else {
				errors.As(original(f.err), &target)
			}
			return view(c, target)
		},
	}
}

// setType replaces an earlier handler for the same type.
func (h *errorHandlers) setType(handler typedHandler) {
	if handler.isNil {
		panic(fmt.Sprintf("decant: HandleError for the type %v got nil; pass the function that answers", handler.kind))
	}
	for i := range h.byType {
		if h.byType[i].kind == handler.kind {
			h.byType[i] = handler
			return
		}
	}
	h.byType = append(h.byType, handler)
}

// forStatus looks for the handler of an error with a status: that of a type which
// wraps the *HTTPError, as a subclass of NotFound outranks NotFound in Flask, or
// else that of the code.
func (h *errorHandlers) forStatus(f *failure) (found errorHandler) {
	walk(f.err, func(err error) bool {
		if err == error(f.page) {
			return false
		}
		if pageOf(err) == f.page {
			found = h.search(err, concreteType)
		}
		return found == nil
	})
	if found != nil {
		return found
	}
	return h.byCode[f.page.Code]
}

// forType looks for the handler whose type fits an error, or an error that it
// wraps, best.
func (h *errorHandlers) forType(f *failure) (found errorHandler) {
	for rank := concreteType; rank <= everyError && found == nil; rank++ {
		walk(f.err, func(err error) bool {
			found = h.search(err, rank)
			return found == nil
		})
	}
	return found
}

// forServerError looks for a handler for a 500 that stands for another error,
// which was offered to the handlers before and is not offered again.
func (h *errorHandlers) forServerError(f *failure) (found errorHandler) {
	for rank := concreteType; rank <= everyError && found == nil; rank++ {
		found = h.search(f.page, rank)
	}
	return found
}

func (h *errorHandlers) search(err error, rank handlerRank) errorHandler {
	for _, handler := range h.byType {
		if handler.rank == rank && handler.matches(err) {
			return handler.handle
		}
	}
	return nil
}

// walk visits err and what it wraps, outermost first, until visit says false. A
// type that embeds an *HTTPError wraps it.
func walk(err error, visit func(error) bool) bool {
	if err == nil {
		return true
	}
	if !visit(err) {
		return false
	}
	if page := embeddedIn(err); page != nil && !visit(page) {
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

// raisedError is an error that a method without an error as its result raises. The
// client, the disk or a store is to blame for it, and not the program, so it is not
// called a panic in the log.
type raisedError struct{ error }

func (e raisedError) Unwrap() error { return e.error }

// Raised tells the template engine that this is no panic.
func (e raisedError) Raised() error { return e.error }

// panicError is a panic of a view or hook that was turned into an error.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	if e.isRaised() {
		return fmt.Sprint(e.value)
	}
	return fmt.Sprintf("panic: %v", e.value)
}

// isRaised reports whether this is no mistake of the program.
func (e *panicError) isRaised() bool {
	_, isRaised := e.value.(raisedError)
	return isRaised
}

// Unwrap lets errors.As find an error that was raised rather than returned.
func (e *panicError) Unwrap() error {
	if raised, ok := e.value.(raisedError); ok {
		return raised.error
	}
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
	switch value := recover(); value {
	case nil:
	case http.ErrAbortHandler:
		panic(value)
	default:
		*err = errorOf(value)
	}
}

// stackOf returns the stack of a panic, also of one in a function that a template
// called. It is nil for an error that was returned.
func stackOf(err error) []byte {
	var raised *panicError
	if errors.As(err, &raised) {
		return raised.stack
	}
	var called *jinja.PanicError
	if errors.As(err, &called) {
		return called.Stack
	}
	return nil
}

// errorOf makes an error of the value of a panic.
func errorOf(value any) error {
	if page, ok := value.(*HTTPError); ok {
		return page
	}
	return &panicError{value, debug.Stack()}
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
	f := newFailure(err)
	c.logAdvice(f.page)
	handle := c.errorHandler(f)
	switch {
	case handle != nil:
		return c.runErrorHandler(handle, f)
	case f.page == nil:
		return nil, f.err
	}
	if page := c.debugPageOf(f.page); page != nil {
		answer := c.debugAnswer(f.page.Code, page)
		answer.addHeader(f.page.Header)
		return answer, nil
	}
	return f.page, nil
}

// advice explains an error of the framework to the developer.
type advice struct {
	text  string       // one line
	rules []*rule.Rule // that the path has
}

// logAdvice writes the advice on an error to the log. For a 4xx the client may be
// to blame, so that is no warning.
func (c *Context) logAdvice(e *HTTPError) {
	if e == nil || e.advice == nil {
		return
	}
	level := slog.LevelInfo
	if e.Code >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	c.Logger().Log(c, level, fmt.Sprintf("%d %s: %s", e.Code, e.Name, e.advice.text))
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

// errorHandler looks for a handler, blueprints before the application: first in
// every scope by what has a status, then by other types, as Flask does.
func (c *Context) errorHandler(f *failure) errorHandler {
	if f.page != nil {
		if handle := c.firstHandler(func(h *errorHandlers) errorHandler { return h.forStatus(f) }); handle != nil {
			return handle
		}
	}
	return c.firstHandler(func(h *errorHandlers) errorHandler { return h.forType(f) })
}

// serverErrorHandler looks for a handler for the 500 that stands for another
// error.
func (c *Context) serverErrorHandler(f *failure) errorHandler {
	if handle := c.firstHandler(func(h *errorHandlers) errorHandler { return h.byCode[f.page.Code] }); handle != nil {
		return handle
	}
	return c.firstHandler(func(h *errorHandlers) errorHandler { return h.forServerError(f) })
}

// firstHandler asks one scope after the other, the innermost blueprint first.
func (c *Context) firstHandler(search func(*errorHandlers) errorHandler) errorHandler {
	for _, handlers := range c.around().handlers {
		if handle := search(handlers); handle != nil {
			return handle
		}
	}
	return nil
}

// runErrorHandler runs an error handler and gives its answer the status of the
// error. In Flask a handler has to repeat the status.
func (c *Context) runErrorHandler(handle errorHandler, f *failure) (any, error) {
	answer, err := handle(c, f)
	if err != nil {
		return nil, err
	}
	if response, own := answer.(*Response); own {
		return response, nil
	}
	response, err := c.convert(answer)
	if err != nil {
		return nil, err
	}
	response.Status = f.status()
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
	f := newFailure(page)
	if handle := c.serverErrorHandler(f); handle != nil {
		answer, failure = c.runErrorHandler(handle, f)
	} else if c.showsDebugPage() {
		answer = c.debugAnswer(page.Code, c.debugError(err))
	} else if c.isLockedOut() {
		page.Description += lockedOutNote
		c.Logger().InfoContext(c, "the debug page is locked: open the link once in the browser that should show errors", "link", c.App.debugLock.URL(c.Request.Request))
	}
	if failure != nil {
		return nil, failure
	}
	return c.finalize(answer)
}

// showsDebugPage reports whether the answer to an error may be the page with
// source code: Config.Debug is on, and the browser that asks is on the same machine
// and has opened the link that Run prints.
func (c *Context) showsDebugPage() bool {
	return c.mayUnlock() && c.App.debugLock.IsOpenFor(c.Request.Request)
}

// isLockedOut reports whether the browser would get the page if it opened the link.
func (c *Context) isLockedOut() bool {
	return c.mayUnlock() && !c.App.debugLock.IsOpenFor(c.Request.Request)
}

func (c *Context) mayUnlock() bool {
	return c.App.debugLock != nil && debugpage.IsForDeveloper(c.Request.Request)
}

const lockedOutNote = "\nThe error is in the terminal, and so is a link that makes this browser show errors."

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
	if stack := stackOf(err); stack != nil {
		page.Stack = debugpage.ReadStack(stack)
	} else {
		page.Stack = debugpage.OfError(err)
	}
	page.Stack = append(c.App.templateFrames(err), page.Stack...)
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

// debugPageOf returns the page about an error with a status, or nil if the client
// gets the error's own.
func (c *Context) debugPageOf(e *HTTPError) *debugpage.Page {
	switch {
	case !c.showsDebugPage():
		return nil
	case e.advice != nil:
		return &debugpage.Page{Kind: e.Name, Message: e.Description, Advice: e.advice.text, RulesTitle: "The rules of this path", Rules: debugRulesOf(e.advice.rules)}
	case c.isUnknown(e):
		return c.debugNotFound()
	}
	return nil
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

func (a *App) debugRules() []debugpage.Rule { return debugRulesOf(a.rules.Rules()) }

func debugRulesOf(rules []*rule.Rule) []debugpage.Rule {
	rows := make([]debugpage.Rule, len(rules))
	for i, r := range rules {
		rows[i] = debugpage.Rule{Text: r.Text, Methods: strings.Join(r.Methods, ", "), Endpoint: r.Endpoint, Place: r.Place}
	}
	return rows
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
		for _, pair := range body.form.all {
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
//
// An error of your own has a status if it embeds an *HTTPError, or wraps one:
//
//	type OutOfStock struct {
//		*decant.HTTPError
//		Item string
//	}
//
//	return nil, &OutOfStock{decant.NewHTTPError(409), "tea"}
type HTTPError struct {
	// Code is the status.
	Code int
	// Name is the title of the page, such as "Not Found".
	Name string
	// Description is the text of the page. It is escaped there, unless it was
	// given as a Markup, and line ends become <br>.
	Description string
	// Header is added to the answer, such as Allow for a 405. It may be nil.
	Header http.Header
	// Original is the error that this one stands for, for example the cause of a
	// 500. Error handlers and the log see it; the client never does.
	Original error

	markup Markup  // the Description, if it was given as one
	key    string  // that a request lacks; shown in debug mode only
	advice *advice // may be nil
}

// NewHTTPError returns the error for a status, with Werkzeug's name and, if no
// other is given, its description. A description is a string, or a Markup for
// HTML; several are lines. It knows the codes that Flask's abort knows and panics
// for any other, as abort raises a LookupError.
func NewHTTPError(code int, description ...any) *HTTPError {
	name, text, known := errorpage.Find(code)
	if !known {
		panic(fmt.Sprintf("decant: there is no HTTP error with code %d; return c.MakeResponse(body, %d) to answer with that status", code, code))
	}
	e := &HTTPError{Code: code, Name: name, Description: text}
	if len(description) > 0 {
		e.describe(description)
	}
	return e
}

// describe sets the description. If one part is a Markup, the others are escaped.
func (e *HTTPError) describe(parts []any) {
	lines := make([]string, len(parts))
	escaped := make([]string, len(parts))
	isMarkup := false
	for i, part := range parts {
		switch part := part.(type) {
		case Markup:
			lines[i], escaped[i], isMarkup = string(part), string(part), true
		case string:
			lines[i], escaped[i] = part, string(Escape(part))
		default:
			panic(fmt.Errorf("decant: the description of a %d is a %T; pass a string, or a Markup for HTML, and set Original to an error that is the cause", e.Code, part))
		}
	}
	e.Description = strings.Join(lines, "\n")
	if isMarkup {
		e.Description = strings.Join(escaped, "\n")
		e.markup = Markup(e.Description)
	}
}

// Abort ends the request with the page for a status, wherever in a request it
// is called: it raises, like Flask's abort, and never returns. It takes what
// [NewHTTPError] takes, which makes the plain error. Its result only lets "return
// nil, decant.Abort(404)" compile. Do not call it in a goroutine of your own,
// where nothing catches it.
func Abort(code int, description ...any) error {
	panic(NewHTTPError(code, description...))
}

// Error gives the code, the name and the description.
func (e *HTTPError) Error() string {
	if e == nil {
		return "a nil *decant.HTTPError"
	}
	return fmt.Sprintf("%d %s: %s", e.Code, e.Name, e.Description)
}

// Unwrap returns the error that this one stands for, if any.
func (e *HTTPError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Original
}

// As lets errors.As find the *HTTPError that an error of another type embeds.
func (e *HTTPError) As(target any) bool {
	page, ok := target.(**HTTPError)
	if ok {
		*page = e
	}
	return ok
}

// embeddedIn returns the *HTTPError that an error of another type embeds, or nil.
func embeddedIn(err error) (page *HTTPError) {
	if _, isPage := err.(*HTTPError); isPage {
		return nil
	}
	if holder, ok := err.(interface{ As(any) bool }); ok {
		holder.As(&page)
	}
	return page
}

// page returns the same page as Werkzeug's default error page.
func (e *HTTPError) page(debug bool) string {
	name := Escape(e.Name)
	text := Escape(e.Description)
	if e.markup != "" && e.Description == string(e.markup) {
		text = e.markup
	}
	if debug && e.key != "" {
		text += "\nKeyError: &#39;" + Escape(e.key) + "&#39;"
	}
	lines := strings.ReplaceAll(string(text), "\n", "<br>")
	return errorpage.HTML(e.Code, string(name), lines)
}

// methodNotAllowed returns a 405 that lists the allowed methods.
func methodNotAllowed(method string, refusal *rule.NotAllowed) *HTTPError {
	e := NewHTTPError(http.StatusMethodNotAllowed)
	if len(refusal.Methods) > 0 {
		e.Header = http.Header{"Allow": {strings.Join(refusal.Methods, ", ")}}
	}
	e.advice = adviceOn(method, refusal.Rules)
	return e
}

// adviceOn says which methods the rules of a path have, and how one of them comes
// to answer another.
func adviceOn(method string, rules []*rule.Rule) *advice {
	if len(rules) == 0 {
		return nil
	}
	described := make([]string, len(rules))
	for i, r := range rules {
		described[i] = fmt.Sprintf("the %v answers %s", r, strings.Join(r.Methods, ", "))
	}
	text := fmt.Sprintf("no rule of this path answers %s: %s", onOneLine(shortened(method)), strings.Join(described, ", "))
	for _, r := range rules {
		if !r.Target.(*endpoint).isStatic {
			text += fmt.Sprintf(". To let the view of %q answer it too, register that with app.Route and decant.%s", r.Endpoint, methodsToWrite(r, method))
			break
		}
	}
	return &advice{text, rules}
}

// methodsToWrite is the option Methods for a rule that is to answer one more
// method.
func methodsToWrite(r *rule.Rule, more string) string {
	var quoted []string
	for _, method := range r.Methods {
		isImplied := method == http.MethodHead && slices.Contains(r.Methods, http.MethodGet) || method == http.MethodOptions && r.Target.(*endpoint).autoOptions
		if !isImplied {
			quoted = append(quoted, strconv.Quote(method))
		}
	}
	return "Methods(" + strings.Join(append(quoted, strconv.Quote(shortened(more))), ", ") + ")"
}

// missingKey returns the 400 for a key that the client did not send. It mirrors
// the error that request.form["key"] raises.
func missingKey(key string) *HTTPError {
	e := NewHTTPError(http.StatusBadRequest)
	e.key = key
	return e
}
