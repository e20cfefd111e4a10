package decant

import (
	"errors"
	"fmt"
	"net/http"
)

// sessionFailure is an error of the SessionInterface that says, by wrapping an
// *HTTPError, with which page the request ends.
type sessionFailure struct{ err error }

func (f *sessionFailure) Error() string { return f.err.Error() }
func (f *sessionFailure) Unwrap() error { return f.err }

// fail ends the session of this request: it can still be read, and is neither
// written nor opened again, so that an error page that looks at it does not
// wait for the store a second time.
func (s *Session) fail(done string, err error) error {
	failure := fmt.Errorf("decant: the session cannot be %s: %w", done, err)
	if page := pageOf(err); page != nil {
		failure = &sessionFailure{failure}
		if page.Code >= http.StatusInternalServerError {
			s.context.logError("The session failed on "+s.context.logged(), failure)
		}
	}
	s.refuse(failure)
	return failure
}

// pageOf returns the HTTPError in a chain, or nil.
func pageOf(err error) *HTTPError {
	if err == nil {
		return nil
	}
	var page *HTTPError
	errors.As(err, &page)
	return page
}

// respondWithoutSession answers a request that failed because its session did,
// be it in an after-request function or when it was saved, with the page that
// the failure asks for, or its handler. If that wants to write to the session,
// the default page has to do. Other errors come back as they are.
func (c *Context) respondWithoutSession(err error) (*Response, error) {
	var failure *sessionFailure
	if !errors.As(err, &failure) {
		return nil, err
	}
	answer, err := c.handleUserError(failure)
	if errors.As(err, &failure) {
		answer, err = pageOf(failure), nil
	}
	if err != nil {
		return nil, err
	}
	response, err := c.finalize(answer)
	if errors.As(err, &failure) { // a hook wants to write, too
		response.AddVary("Cookie")
		err = response.check()
	}
	return response, err
}
