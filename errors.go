package decant

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
)

// ErrorView answers a request that failed with err. Like a view it returns the
// answer or another error, and the latter is a 500. Unless the answer is a
// *Response or an http.Handler, it is sent with the status of the error it
// handles, which is 500 for an error without one.
type ErrorView func(c *Context, err error) (any, error)

// errorHandlers are the handlers that one application or blueprint registered.
type errorHandlers struct {
	byCode map[int]ErrorView
	byType []typedHandler
}

// typedHandler handles the errors of one type.
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

// ErrorHandler registers the answer for errors with a status: Flask's
// errorhandler(code). That of a blueprint is for errors in its own views and
// hooks and wins there; a path that no rule matches is the application's
// business. It panics for a code that no HTTPError has.
func (s *scaffold) ErrorHandler(code int, view ErrorView) {
	s.owner.mustBeOpen("ErrorHandler")
	checkErrorCode("ErrorHandler", code)
	s.setCode(code, view)
}

func checkErrorCode(method string, code int) {
	if _, known := errorPages[code]; !known {
		panic(fmt.Sprintf("decant: %s: there is no HTTP error with code %d; register the handler for an error type with HandleError", method, code))
	}
}

// HandleError registers the answer for errors of a type, found in the error's
// chain with the means of errors.As: Flask's errorhandler(SomeError). E may be
// *HTTPError, for all errors that have a status, and error, for all there are.
// On a blueprint it is for errors in its own views and hooks.
func HandleError[E error](on Scaffold, view func(c *Context, err E) (any, error)) {
	on.handleType(newTypedHandler(view))
}

func (s *scaffold) handleType(handler typedHandler) {
	s.owner.mustBeOpen("HandleError")
	s.setType(handler)
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

// original is the error that a panic was about, if it was about one: error
// handlers see what was raised, as in Flask.
func original(err error) error {
	var raised *panicError
	if errors.As(err, &raised) && raised.Unwrap() != nil {
		return raised.Unwrap()
	}
	return err
}

// recoverInto turns a panic into an error: what Abort raised is the error
// itself. http.ErrAbortHandler goes on its way, because net/http must see it.
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

// pageFor is the response for an error outside of the usual order: without the
// after-request functions.
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

// serverErrorView is errorView for the page that stands for another error.
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

// runErrorView gives the answer the status of the error, which Flask's authors
// have to repeat by hand.
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
