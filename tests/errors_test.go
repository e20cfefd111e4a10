package tests

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/vectors"
)

type httpErrorCase struct {
	ID, Op     string
	Code       int
	Class      string `json:"cls"`
	Args       map[string]json.RawMessage
	Want       httpErrorWant
	WantStable *httpErrorWant `json:"want_stable"`
}

type httpErrorWant struct {
	Class, Name, Description, Body, Status, Str string
	Code                                        int
	Headers                                     [][2]string
}

// errorClasses are the codes of Werkzeug's exceptions.
var errorClasses = map[string]int{
	"BadRequest": 400, "ClientDisconnected": 400, "SecurityError": 400, "BadHost": 400, "Unauthorized": 401,
	"Forbidden": 403, "NotFound": 404, "MethodNotAllowed": 405, "NotAcceptable": 406, "RequestTimeout": 408,
	"Conflict": 409, "Gone": 410, "LengthRequired": 411, "PreconditionFailed": 412, "RequestEntityTooLarge": 413,
	"RequestURITooLarge": 414, "UnsupportedMediaType": 415, "RequestedRangeNotSatisfiable": 416,
	"ExpectationFailed": 417, "ImATeapot": 418, "MisdirectedRequest": 421, "UnprocessableEntity": 422, "Locked": 423,
	"FailedDependency": 424, "PreconditionRequired": 428, "TooManyRequests": 429, "RequestHeaderFieldsTooLarge": 431,
	"UnavailableForLegalReasons": 451, "InternalServerError": 500, "NotImplemented": 501, "BadGateway": 502,
	"ServiceUnavailable": 503, "GatewayTimeout": 504, "HTTPVersionNotSupported": 505,
}

func TestHTTPErrorVectors(t *testing.T) {
	for _, c := range vectors.Select[httpErrorCase](t, vectors.Load(t, "http.json"), "http_error", "http_error_args") {
		t.Run(c.ID, func(t *testing.T) {
			want := c.Want
			if c.WantStable != nil {
				want = *c.WantStable
			}
			raised := decant.NewHTTPError(max(c.Code, 400))
			switch {
			case c.Op == "http_error":
				if diff := cmp.Diff([]string{want.Name, want.Description}, []string{raised.Name, raised.Description}); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				want.Code = c.Code
			case c.Class != "BadRequestKeyError":
				raised = c.withArguments(t)
			default:
				raised = keyError(t, keyOf(t, c.Args["arg"]))
			}
			if want.Str != "" && raised.Error() != want.Str {
				t.Errorf("the text is %q, want %q", raised.Error(), want.Str)
			}
			checkErrorPages(t, raised, want)
		})
	}
}

// keyOf is the missing key, which the page does not show; one that is no string is
// written as a string.
func keyOf(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	return fmt.Sprint(vectors.Value(t, raw))
}

// withArguments raises an error with what Werkzeug's class takes. In Go a
// header is set by its name.
func (c httpErrorCase) withArguments(t *testing.T) *decant.HTTPError {
	t.Helper()
	code, known := errorClasses[c.Class]
	if !known {
		t.Fatalf("unknown class %q", c.Class)
	}
	raised := decant.NewHTTPError(code)
	if raw, given := c.Args["description"]; given {
		if description := vectors.Value(t, raw); description != nil {
			raised = decant.NewHTTPError(code, description)
		}
	}
	raised.Header = http.Header{}
	for name, raw := range c.Args {
		switch value := vectors.Value(t, raw); name {
		case "valid_methods":
			if methods := textsOf(t, value); len(methods) > 0 {
				raised.Header.Set("Allow", strings.Join(methods, ", "))
			}
		case "retry_after":
			if after := retryAfter(t, value); after != "" {
				raised.Header.Set("Retry-After", after)
			}
		case "length":
			if value != nil {
				raised.Header.Set("Content-Range", fmt.Sprintf("%s */%v", c.units(t), value))
			}
		case "description", "units": // read before, and with the length
		default:
			t.Fatalf("unknown argument %q", name)
		}
	}
	return raised
}

// textsOf are the strings of a list, of a tuple or of nothing.
func textsOf(t *testing.T, value any) (texts []string) {
	t.Helper()
	items, isList := value.([]any)
	if tuple, ok := value.(vectors.Tuple); ok {
		items, isList = tuple, true
	}
	if !isList && value != nil {
		t.Fatalf("the methods are a %T", value)
	}
	for _, item := range items {
		texts = append(texts, item.(string))
	}
	return texts
}

func retryAfter(t *testing.T, value any) string {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return ""
	case int:
		if value == 0 {
			return ""
		}
		return fmt.Sprint(value)
	case time.Time:
		return httpdate.Format(value)
	}
	t.Fatalf("retry_after is a %T", value)
	return ""
}

func (c httpErrorCase) units(t *testing.T) string {
	if raw, given := c.Args["units"]; given {
		return vectors.Value(t, raw).(string)
	}
	return "bytes"
}

// checkErrorPages compares the answers for an error that is returned, one that
// is raised, and one that is the answer.
func checkErrorPages(t *testing.T, raised *decant.HTTPError, want httpErrorWant) {
	t.Helper()
	headers := http.Header{}
	for _, pair := range want.Headers {
		headers.Add(pair[0], pair[1])
	}
	for way, view := range map[string]decant.View{
		"returned": func(*decant.Context) (any, error) { return nil, raised },
		"wrapped":  func(*decant.Context) (any, error) { return nil, fmt.Errorf("wrapped: %w", raised) },
		"raised":   func(*decant.Context) (any, error) { panic(raised) },
		"answered": func(*decant.Context) (any, error) { return raised, nil },
	} {
		app, log := appWith(view)
		w := get(app, "/")
		mustAnswer(t, w, want.Code, want.Body)
		if diff := cmp.Diff(headers, w.Result().Header); diff != "" {
			t.Errorf("%s (-want +got):\n%s", way, diff)
		}
		log.mustBeEmpty(t)
	}
}

func TestDebugNamesTheKeyThatARequestLacks(t *testing.T) {
	for debug, want := range map[bool]bool{true: true, false: false} {
		app, _ := appWith(func(c *decant.Context) (any, error) { return c.Request.Args.Require("<page>") })
		app.Config.Debug = debug
		w := get(app, "/")
		if got := strings.Contains(w.Body.String(), "KeyError: &#39;&lt;page&gt;&#39;"); w.Code != 400 || got != want {
			t.Errorf("debug %t: status %d, %s", debug, w.Code, w.Body)
		}
	}
}

// The kinds of errors that handlers are registered for.
type outOfStock struct{ item string }

func (e *outOfStock) Error() string   { return "no " + e.item + " left" }
func (e *outOfStock) Temporary() bool { return true }

type plainError string

func (e plainError) Error() string { return string(e) }

type temporary interface {
	error
	Temporary() bool
}

func TestHandlersAreFoundByCodeTypeInterfaceAndChain(t *testing.T) {
	stock := &outOfStock{"tea"}
	notFound := decant.NewHTTPError(404)
	byCode := func(app *decant.App) {
		app.ErrorHandler(404, func(_ *decant.Context, err *decant.HTTPError) (any, error) { return "by code", nil })
	}
	byType := func(app *decant.App) {
		decant.HandleError(app, func(_ *decant.Context, err *outOfStock) (any, error) { return "by type: " + err.item, nil })
	}
	byInterface := func(app *decant.App) {
		decant.HandleError(app, func(_ *decant.Context, err temporary) (any, error) { return fmt.Sprint("by interface: ", err), nil })
	}
	byHTTP := func(app *decant.App) {
		decant.HandleError(app, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
			return fmt.Sprint("by HTTPError: ", err.Code), nil
		})
	}
	byError := func(app *decant.App) {
		decant.HandleError(app, func(_ *decant.Context, err error) (any, error) {
			if inner := errors.Unwrap(err); inner != nil && strings.HasPrefix(err.Error(), "panic: ") {
				err = inner
			}
			return fmt.Sprint("by error: ", err), nil
		})
	}
	byValue := func(app *decant.App) {
		decant.HandleError(app, func(_ *decant.Context, err plainError) (any, error) { return "by value: " + string(err), nil })
	}
	type registrations []func(*decant.App)
	for name, c := range map[string]struct {
		register registrations
		raised   error
		status   int
		want     string
	}{
		"code":                            {registrations{byCode}, notFound, 404, "by code"},
		"code of a wrapped error":         {registrations{byCode}, fmt.Errorf("x: %w", notFound), 404, "by code"},
		"code outranks *HTTPError":        {registrations{byHTTP, byCode}, notFound, 404, "by code"},
		"*HTTPError":                      {registrations{byHTTP}, notFound, 404, "by HTTPError: 404"},
		"*HTTPError outranks error":       {registrations{byError, byHTTP}, notFound, 404, "by HTTPError: 404"},
		"error takes an HTTP error":       {registrations{byError}, decant.NewHTTPError(403, "no"), 403, "by error: 403 Forbidden: no"},
		"type":                            {registrations{byType}, stock, 500, "by type: tea"},
		"type of a wrapped error":         {registrations{byType}, fmt.Errorf("x: %w", stock), 500, "by type: tea"},
		"type of a joined error":          {registrations{byType}, errors.Join(errors.New("x"), stock), 500, "by type: tea"},
		"type outranks interface":         {registrations{byInterface, byError, byType}, stock, 500, "by type: tea"},
		"wrapped type outranks interface": {registrations{byError, byType}, fmt.Errorf("x: %w", stock), 500, "by type: tea"},
		"interface":                       {registrations{byInterface}, stock, 500, "by interface: no tea left"},
		"interface of a wrapped error":    {registrations{byInterface}, fmt.Errorf("x: %w", stock), 500, "by interface: no tea left"},
		"error":                           {registrations{byError}, errors.New("broken"), 500, "by error: broken"},
		"value":                           {registrations{byValue}, plainError("v"), 500, "by value: v"},
		"a later one replaces": {registrations{func(app *decant.App) {
			decant.HandleError(app, func(*decant.Context, *outOfStock) (any, error) { return "", nil })
		}, byType}, stock, 500, "by type: tea"},
		"a 500 handler of *HTTPError": {registrations{byHTTP}, errors.New("broken"), 500, "by HTTPError: 500"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, view := range []decant.View{
				func(*decant.Context) (any, error) { return nil, c.raised },
				func(*decant.Context) (any, error) { panic(c.raised) },
			} {
				app, _ := appWith(view)
				for _, register := range c.register {
					register(app)
				}
				mustAnswer(t, get(app, "/"), c.status, c.want)
			}
		})
	}
}

func TestTwoSpellingsOfAHeaderOfAnError(t *testing.T) {
	app, _ := appWith(func(*decant.Context) (any, error) {
		return nil, &decant.HTTPError{Code: 401, Header: http.Header{"X-A": {"1"}, "x-a": {"2"}}}
	})
	for range 20 {
		if got := get(app, "/").Header().Get("X-A"); got != "2" {
			t.Fatalf("X-A is %q", got)
		}
	}
}

func TestAHandledErrorIsNoFailure(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) { return nil, &outOfStock{"tea"} })
	decant.HandleError(app, func(*decant.Context, *outOfStock) (any, error) { return "sorry", nil })
	app.TeardownRequest(func(_ *decant.Context, err error) {
		if err != nil {
			t.Errorf("the teardown function was told of %v", err)
		}
	})
	mustAnswer(t, get(app, "/"), 500, "sorry")
	log.mustBeEmpty(t)
}

func TestTheStatusOfAHandlersAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		handler decant.ErrorView
		status  int
		body    string
	}{
		"text keeps the error's": {func(*decant.Context, *decant.HTTPError) (any, error) { return "gone", nil }, 410, "gone"},
		"JSON keeps it too":      {func(*decant.Context, *decant.HTTPError) (any, error) { return decant.H{"error": 410}, nil }, 410, "{\"error\":410}\n"},
		"a response has its own": {func(c *decant.Context, _ *decant.HTTPError) (any, error) { return c.MakeResponse("fine"), nil }, 200, "fine"},
		"whatever it is":         {func(c *decant.Context, _ *decant.HTTPError) (any, error) { return c.MakeResponse("moved", 404), nil }, 404, "moved"},
		"the error itself":       {func(_ *decant.Context, err *decant.HTTPError) (any, error) { return err, nil }, 410, errorPage(decant.NewHTTPError(410))},
		"nil is a mistake":       {func(*decant.Context, *decant.HTTPError) (any, error) { return nil, nil }, 500, serverErrorPage},
		"an error is a 500":      {func(*decant.Context, *decant.HTTPError) (any, error) { return nil, errors.New("worse") }, 500, serverErrorPage},
		"abort in it is a 500":   {func(*decant.Context, *decant.HTTPError) (any, error) { return nil, decant.Abort(403) }, 500, serverErrorPage},
		"a panic in it is a 500": {func(*decant.Context, *decant.HTTPError) (any, error) { panic("worse") }, 500, serverErrorPage},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(func(*decant.Context) (any, error) { return nil, decant.NewHTTPError(410) })
			app.ErrorHandler(410, c.handler)
			mustAnswer(t, get(app, "/"), c.status, c.body)
		})
	}
}

func TestErrorsOfTheRoutingReachHandlers(t *testing.T) {
	app, _ := appWith(hello)
	app.ErrorHandler(404, func(c *decant.Context, err *decant.HTTPError) (any, error) {
		return "nothing at " + c.Request.Path(), nil
	})
	app.ErrorHandler(405, func(_ *decant.Context, err *decant.HTTPError) (any, error) {
		return err.Header.Get("Allow"), nil
	})
	mustAnswer(t, get(app, "/nowhere"), 404, "nothing at /nowhere")
	w := send(app, "DELETE", "/", "")
	if w.Code != 405 || !strings.Contains(w.Body.String(), "GET") {
		t.Errorf("status %d, %q", w.Code, w.Body)
	}
}

func TestTheHandlerOfA500SeesTheOriginal(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		view     decant.View
		original error
	}{
		"returned": {func(*decant.Context) (any, error) { return nil, broken }, broken},
		"panicked": {func(*decant.Context) (any, error) { panic(broken) }, broken},
		"explicit": {func(*decant.Context) (any, error) { return nil, decant.Abort(500) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(c.view)
			app.ErrorHandler(500, func(_ *decant.Context, page *decant.HTTPError) (any, error) {
				if (page.Original == nil) != (c.original == nil) || !errors.Is(page.Original, c.original) {
					t.Errorf("the original is %v, want %v", page.Original, c.original)
				}
				return "our page", nil
			})
			mustAnswer(t, get(app, "/"), 500, "our page")
			if c.original != nil {
				log.mustContain(t, "Exception on /", "broken")
			}
		})
	}
}

func TestWhereverItBreaksTheAnswerIsOneWholePage(t *testing.T) {
	broken := errors.New("broken")
	fail := map[string]func() error{
		"returned": func() error { return broken },
		"panicked": func() error { panic(broken) },
		"text":     func() error { panic("broken") },
		"runtime":  func() error { var values []int; values[len(values)] = 1; return nil },
	}
	places := map[string]func(app *decant.App, fail func() error){
		"before": func(app *decant.App, fail func() error) {
			app.BeforeRequest(func(*decant.Context) (any, error) { return nil, fail() })
		},
		"after": func(app *decant.App, fail func() error) {
			app.AfterRequest(func(*decant.Context, *decant.Response) error { return fail() })
		},
		"view": func(app *decant.App, fail func() error) {
			app.Get("/view", func(*decant.Context) (any, error) { return nil, fail() }, decant.Endpoint("failing"))
		},
		"deferred": func(app *decant.App, fail func() error) {
			app.BeforeRequest(func(c *decant.Context) (any, error) {
				c.AfterThisRequest(func(r *decant.Response) {
					if err := fail(); err != nil {
						panic(err)
					}
				})
				return nil, nil
			})
		},
		"handler": func(app *decant.App, fail func() error) {
			app.BeforeRequest(func(*decant.Context) (any, error) { return nil, decant.Abort(410) })
			app.ErrorHandler(410, func(*decant.Context, *decant.HTTPError) (any, error) { return nil, fail() })
		},
		"500 handler": func(app *decant.App, fail func() error) {
			app.BeforeRequest(func(*decant.Context) (any, error) { return nil, errors.New("first") })
			app.ErrorHandler(500, func(*decant.Context, *decant.HTTPError) (any, error) { return nil, fail() })
		},
		"session save": func(app *decant.App, fail func() error) {
			app.SessionInterface = failingSave(fail)
			app.BeforeRequest(func(c *decant.Context) (any, error) { c.Session.Set("a", 1); return nil, nil })
		},
	}
	for place, register := range places {
		for way, fail := range fail {
			t.Run(place+" "+way, func(t *testing.T) {
				app, log := newTestApp()
				app.Get("/", hello)
				register(app, fail)
				told := false
				app.TeardownRequest(func(_ *decant.Context, err error) { told = err != nil })
				target := "/"
				if place == "view" {
					target = "/view"
				}
				w := get(app, target)
				mustFail(t, w)
				if diff := cmp.Diff(http.Header{"Content-Type": []string{"text/html; charset=utf-8"}}, withoutVary(w)); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
				if !told {
					t.Error("the teardown function was not told")
				}
				log.mustContain(t, "ERROR Exception on "+target, "method=GET")
				if way != "returned" {
					log.mustContain(t, "stack=goroutine")
				}
				if way != "runtime" {
					log.mustContain(t, "broken")
				}
			})
		}
	}
}

func withoutVary(w *httptest.ResponseRecorder) http.Header {
	h := w.Result().Header.Clone()
	h.Del("Vary")
	return h
}

type failingSave func() error

func (failingSave) Open(*decant.Context) (map[string]any, error)                       { return nil, nil }
func (fail failingSave) Save(*decant.Context, *decant.Session, *decant.Response) error { return fail() }

func TestAbortEndsARequestWhereverItIsCalled(t *testing.T) {
	for place, register := range map[string]func(app *decant.App){
		"before": func(app *decant.App) {
			app.BeforeRequest(func(*decant.Context) (any, error) { return nil, decant.Abort(401) })
		},
		"view": func(app *decant.App) {
			app.Get("/", func(*decant.Context) (any, error) { return nil, decant.Abort(401) }, decant.Endpoint("x"))
		},
		"helper": func(app *decant.App) {
			app.Get("/", func(*decant.Context) (any, error) { func() { decant.Abort(401) }(); return "no", nil }, decant.Endpoint("x"))
		},
	} {
		app, log := newTestApp()
		register(app)
		if w := get(app, "/"); w.Code != 401 {
			t.Errorf("%s: status %d", place, w.Code)
		}
		log.mustBeEmpty(t)
	}
	app, log := appWith(hello)
	app.AfterRequest(func(*decant.Context, *decant.Response) error { return decant.Abort(401) })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "401 Unauthorized")
}

func TestAnErrorOfAnotherPackageIsFoundInTheChain(t *testing.T) {
	app, _ := appWith(func(*decant.Context) (any, error) {
		return nil, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	})
	decant.HandleError(app, func(_ *decant.Context, err *fs.PathError) (any, error) { return "no file " + err.Path, nil })
	mustAnswer(t, get(app, "/"), 500, "no file x")
}

func TestAbortHandlerReachesNetHTTP(t *testing.T) {
	for place, view := range map[string]decant.View{
		"view": func(*decant.Context) (any, error) { panic(http.ErrAbortHandler) },
		"stream": func(*decant.Context) (any, error) {
			return func(func(string) bool) { panic(http.ErrAbortHandler) }, nil
		},
	} {
		app, log := appWith(view)
		torn := false
		app.TeardownRequest(func(*decant.Context, error) { torn = true })
		if value := panicOf(t, func() { get(app, "/") }); value != http.ErrAbortHandler {
			t.Errorf("%s: panic with %v", place, value)
		}
		if !torn {
			t.Errorf("%s: the teardown function did not run", place)
		}
		log.mustBeEmpty(t)
	}
}

func TestTestingLetsErrorsOut(t *testing.T) {
	broken := errors.New("broken")
	for way, view := range map[string]decant.View{
		"returned": func(*decant.Context) (any, error) { return nil, broken },
		"panicked": func(*decant.Context) (any, error) { panic(broken) },
	} {
		app, log := appWith(view)
		app.Config.Testing = true
		var told error
		app.TeardownRequest(func(_ *decant.Context, err error) { told = err })
		app.AfterRequest(func(*decant.Context, *decant.Response) error { t.Error("an after-request function ran"); return nil })
		err, _ := panicOf(t, func() { get(app, "/") }).(error)
		if !errors.Is(err, broken) || !errors.Is(told, broken) {
			t.Errorf("%s: panic with %v, teardown told of %v", way, err, told)
		}
		log.mustBeEmpty(t)
	}
	app, _ := appWith(func(*decant.Context) (any, error) { return nil, decant.Abort(500) })
	app.Config.Testing = true
	mustFail(t, get(app, "/"))
}

// keyError is the 400 for a form field that is missing.
func keyError(t *testing.T, key string) *decant.HTTPError {
	t.Helper()
	return raisedInside(t, func(c *decant.Context) error {
		_, err := c.Request.Form.Require(key)
		return err
	})
}

// raisedInside is the HTTP error that run gives in a view.
func raisedInside(t *testing.T, run func(*decant.Context) error) *decant.HTTPError {
	t.Helper()
	var caught *decant.HTTPError
	app, _ := appWith(func(c *decant.Context) (any, error) {
		if err := run(c); !errors.As(err, &caught) {
			t.Errorf("the error is %v", err)
		}
		return "", nil
	})
	get(app, "/")
	return caught
}
