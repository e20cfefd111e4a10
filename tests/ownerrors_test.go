package tests

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// soldOut is an error with a status and fields of its own.
type soldOut struct {
	*decant.HTTPError
	Item string
}

// unwrapped is an error that wraps one with a status.
type unwrapped struct{ page error }

func (e unwrapped) Error() string { return "unwrapped: " + e.page.Error() }
func (e unwrapped) Unwrap() error { return e.page }

func TestAnErrorThatEmbedsAnHTTPErrorHasItsStatus(t *testing.T) {
	gone := &soldOut{decant.NewHTTPError(410, "no tea left"), "tea"}
	page := errorPage(decant.NewHTTPError(410, "no tea left"))
	for name, view := range map[string]decant.View{
		"returned":    func(*decant.Context) (any, error) { return nil, gone },
		"as a value":  func(*decant.Context) (any, error) { return nil, *gone },
		"wrapped":     func(*decant.Context) (any, error) { return nil, fmt.Errorf("order: %w", gone) },
		"joined":      func(*decant.Context) (any, error) { return nil, errors.Join(errors.New("order"), gone) },
		"raised":      func(*decant.Context) (any, error) { panic(gone) },
		"the answer":  func(*decant.Context) (any, error) { return gone, nil },
		"from a hook": nil,
	} {
		t.Run(name, func(t *testing.T) {
			app, log := newTestApp()
			if view == nil {
				app.BeforeRequest(func(*decant.Context) (any, error) { return nil, gone })
				view = hello
			}
			app.Get("/", view, decant.Endpoint("view"))
			mustAnswer(t, get(app, "/"), 410, page)
			log.mustBeEmpty(t)
		})
	}
}

func TestAnAnswerThatIsAnErrorWithoutAStatusIsAMistake(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) { return fmt.Errorf("order: %w", decant.NewHTTPError(410)), nil })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "returned an error as its answer", "write return nil, err")
}

// A type that was declared and not filled is a mistake, not a status.
func TestANilHTTPErrorIsA500ThatSaysSo(t *testing.T) {
	var none *decant.HTTPError
	for name, err := range map[string]error{
		"*decant.HTTPError": none,
		"*tests.soldOut":    &soldOut{Item: "tea"},
		"tests.soldOut":     soldOut{Item: "tea"},
		"tests.unwrapped":   unwrapped{none},
	} {
		for _, view := range []decant.View{
			func(*decant.Context) (any, error) { return nil, err },
			func(*decant.Context) (any, error) { panic(err) },
		} {
			app, log := appWith(view)
			decant.HandleError(app, func(*decant.Context, *soldOut) (any, error) { return "handled", nil })
			mustFail(t, get(app, "/"))
			log.mustContain(t, "an error of type "+name+" holds a nil *decant.HTTPError", "decant.NewHTTPError(code)")
		}
	}
	if text := none.Error(); text != "a nil *decant.HTTPError" || none.Unwrap() != nil {
		t.Errorf("a nil error is %q and wraps %v", text, none.Unwrap())
	}
}

// missing is an error with a status and a cause of its own.
type missing struct {
	*decant.HTTPError
	cause error
}

func (e missing) Unwrap() error { return e.cause }

// A type may wrap something else than the error with a status that it embeds.
func TestATypeWithAStatusAndACause(t *testing.T) {
	err := missing{decant.NewHTTPError(404), &outOfStock{"tea"}}
	app, _ := appWith(func(*decant.Context) (any, error) { return nil, err })
	decant.HandleError(app, func(*decant.Context, *outOfStock) (any, error) { return "cause", nil })
	mustAnswer(t, get(app, "/"), 404, "cause")
	app, _ = appWith(func(*decant.Context) (any, error) { return nil, err })
	decant.HandleError(app, func(*decant.Context, *outOfStock) (any, error) { return "cause", nil })
	app.ErrorHandler(404, says("code"))
	mustAnswer(t, get(app, "/"), 404, "code")
}

// The type comes before the code, as a subclass comes before its base in Flask,
// and both before *HTTPError. An interface and error come last.
func TestTheTypeOfAnErrorComesBeforeItsCode(t *testing.T) {
	wraps := unwrapped{decant.NewHTTPError(404)}
	embeds := &soldOut{decant.NewHTTPError(404), "tea"}
	caused := decant.NewHTTPError(404)
	caused.Original = &outOfStock{"tea"}
	byCode := func(on decant.Scaffold) { on.ErrorHandler(404, says("code")) }
	byType := func(on decant.Scaffold) {
		decant.HandleError(on, func(*decant.Context, unwrapped) (any, error) { return "wraps", nil })
		decant.HandleError(on, func(_ *decant.Context, err *soldOut) (any, error) { return "embeds " + err.Item, nil })
		decant.HandleError(on, func(*decant.Context, *outOfStock) (any, error) { return "cause", nil })
	}
	byHTTP := func(on decant.Scaffold) {
		decant.HandleError(on, func(*decant.Context, *decant.HTTPError) (any, error) { return "HTTPError", nil })
	}
	byError := func(on decant.Scaffold) {
		decant.HandleError(on, func(*decant.Context, error) (any, error) { return "error", nil })
	}
	byTemporary := func(on decant.Scaffold) {
		decant.HandleError(on, func(*decant.Context, temporary) (any, error) { return "temporary", nil })
	}
	type handlers []func(decant.Scaffold)
	for name, c := range map[string]struct {
		raised     error
		app, inner handlers
		want       string
	}{
		"wrapping type":                {wraps, handlers{byCode, byType}, nil, "wraps"},
		"embedding type":               {embeds, handlers{byCode, byType}, nil, "embeds tea"},
		"deep below":                   {fmt.Errorf("a: %w", fmt.Errorf("b: %w", embeds)), handlers{byCode, byType}, nil, "embeds tea"},
		"code before *HTTPError":       {embeds, handlers{byHTTP, byError, byCode}, nil, "code"},
		"*HTTPError of an embedding":   {embeds, handlers{byError, byHTTP}, nil, "HTTPError"},
		"code of the inner scope":      {embeds, handlers{byType}, handlers{byCode}, "code"},
		"type of the inner scope":      {embeds, handlers{byCode}, handlers{byType}, "embeds tea"},
		"code before inner *HTTPError": {embeds, handlers{byCode}, handlers{byHTTP, byError}, "code"},
		"code before its cause":        {caused, handlers{byCode, byType}, nil, "code"},
		"cause before *HTTPError":      {caused, handlers{byHTTP, byType}, nil, "HTTPError"},
		"the cause alone":              {caused, handlers{byError, byType}, nil, "cause"},
		"beside it in a join":          {errors.Join(&outOfStock{"tea"}, decant.NewHTTPError(404)), handlers{byCode, byType}, nil, "code"},
		"error after interfaces":       {&outOfStock{"tea"}, handlers{byError, byTemporary}, nil, "temporary"},
		"inner error before the app's": {&outOfStock{"tea"}, handlers{byType, byTemporary}, handlers{byError}, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, view := range []decant.View{
				func(*decant.Context) (any, error) { return nil, c.raised },
				func(*decant.Context) (any, error) { panic(c.raised) },
			} {
				app, _ := newTestApp()
				inner := decant.NewBlueprint("inner")
				for _, register := range c.app {
					register(app)
				}
				for _, register := range c.inner {
					register(inner)
				}
				inner.Get("/", view, decant.Endpoint("view"))
				app.RegisterBlueprint(inner)
				if got := get(app, "/").Body.String(); got != c.want {
					t.Errorf("the handler is %q, want %q", got, c.want)
				}
			}
		})
	}
}

// A handler is told which error the view returned, whatever the status.
func TestHandlersSeeTheOriginal(t *testing.T) {
	cause := errors.New("the cause")
	plain := decant.NewHTTPError(404)
	caused := decant.NewHTTPError(404)
	caused.Original = cause
	embeds := &soldOut{decant.NewHTTPError(404), "tea"}
	wraps := fmt.Errorf("order: %w", plain)
	for name, c := range map[string]struct{ returned, original error }{
		"the error itself": {plain, nil},
		"its cause":        {caused, cause},
		"embedded":         {embeds, embeds},
		"wrapped":          {wraps, wraps},
	} {
		t.Run(name, func(t *testing.T) {
			for _, view := range []decant.View{
				func(*decant.Context) (any, error) { return nil, c.returned },
				func(*decant.Context) (any, error) { panic(c.returned) },
			} {
				app, _ := appWith(view)
				handler := func(_ *decant.Context, e *decant.HTTPError) (any, error) {
					if e.Original != c.original || e.Code != 404 {
						t.Errorf("the handler sees %v with the original %v, want %v", e, e.Original, c.original)
					}
					return e, nil
				}
				app.ErrorHandler(404, handler)
				mustAnswer(t, get(app, "/"), 404, errorPage(plain))
				other, _ := appWith(view)
				decant.HandleError(other, handler)
				mustAnswer(t, get(other, "/"), 404, errorPage(plain))
			}
		})
	}
}

// The same error may be returned in many requests, so a handler gets a copy.
func TestAHandlerMayChangeItsError(t *testing.T) {
	shared := decant.NewHTTPError(404)
	shared.Header = map[string][]string{"X-Kind": {"plain"}}
	app, _ := appWith(func(*decant.Context) (any, error) { return nil, shared })
	app.ErrorHandler(404, func(_ *decant.Context, e *decant.HTTPError) (any, error) {
		e.Description += " Changed."
		e.Header.Set("X-Kind", e.Header.Get("X-Kind")+" changed")
		return e, nil
	})
	for range 2 {
		w := get(app, "/")
		if strings.Count(w.Body.String(), "Changed.") != 1 || w.Header().Get("X-Kind") != "plain changed" {
			t.Errorf("%q, %s", w.Header(), w.Body)
		}
	}
}

func TestDescriptions(t *testing.T) {
	for name, c := range map[string]struct {
		description []any
		text, html  string
	}{
		"text":         {[]any{"a <b>"}, "a <b>", "a &lt;b&gt;"},
		"lines":        {[]any{"a\nb", "c"}, "a\nb\nc", "a<br>b<br>c"},
		"markup":       {[]any{decant.Markup("<em>a</em>\nb")}, "<em>a</em>\nb", "<em>a</em><br>b"},
		"both":         {[]any{"1 < 2", decant.Markup("<em>a</em>")}, "1 &lt; 2\n<em>a</em>", "1 &lt; 2<br><em>a</em>"},
		"empty":        {[]any{""}, "", ""},
		"empty markup": {[]any{decant.Markup("")}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := decant.NewHTTPError(400, c.description...)
			raised := raisedBy(func() { decant.Abort(400, c.description...) })
			if e.Description != c.text || raised.Error() != e.Error() {
				t.Errorf("the description is %q, and of Abort %q, want %q", e.Description, raised, c.text)
			}
			want := "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>" + c.html + "</p>\n"
			mustAnswer(t, get(appOf(e), "/"), 400, want)
		})
	}
	changed := decant.NewHTTPError(400, decant.Markup("<em>a</em>"))
	changed.Description = "<script>"
	if page := get(appOf(changed), "/").Body.String(); !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("a description that was changed is not escaped: %s", page)
	}
}

// appOf returns an application that answers with an error.
func appOf(e *decant.HTTPError) *decant.App {
	app, _ := appWith(func(*decant.Context) (any, error) { return nil, e })
	return app
}

func TestANilHandlerIsAMistake(t *testing.T) {
	app, shop := decant.New("shop"), decant.NewBlueprint("shop")
	mustPanic(t, func() { app.ErrorHandler(404, nil) }, "ErrorHandler for the code 404 got nil", "pass the function that answers")
	mustPanic(t, func() { shop.AppErrorHandler(404, nil) }, "AppErrorHandler for the code 404 got nil")
	mustPanic(t, func() { decant.HandleError[*soldOut](app, nil) }, "HandleError for the type *tests.soldOut got nil")
}

func TestADescriptionIsTextOrMarkup(t *testing.T) {
	app, log := appWith(func(*decant.Context) (any, error) { return nil, decant.Abort(400, errors.New("secret")) })
	mustFail(t, get(app, "/"))
	log.mustContain(t, "the description of a 400 is a *errors.errorString", "pass a string, or a Markup", "Original")
}

// A nil *Response is what a function with the results (*Response, error) returns
// beside an error, or by mistake. It counts as nil wherever an answer is expected.
func TestANilResponseCountsAsNil(t *testing.T) {
	var none *decant.Response
	app, log := appWith(func(*decant.Context) (any, error) { return none, nil })
	app.BeforeRequest(func(*decant.Context) (any, error) { return none, nil })
	mustFail(t, get(app, "/"))
	log.mustContain(t, `the view for endpoint "view" returned a nil *decant.Response instead of a response`)

	for _, code := range []int{404, 500} {
		app, log := appWith(func(*decant.Context) (any, error) {
			if code == 500 {
				return nil, errors.New("broken")
			}
			return nil, decant.NewHTTPError(code)
		})
		app.ErrorHandler(code, func(*decant.Context, *decant.HTTPError) (any, error) { return none, nil })
		mustFail(t, get(app, "/"))
		log.mustContain(t, "a nil *decant.Response instead of a response")
	}
}
