package flask

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// unpaid is a subclass of Forbidden: an error of its own type with its status.
type unpaid struct{ *decant.HTTPError }

var errOops = oops{"view"}

// handlerKinds register the handlers of handlers_judge.py, in its order.
var handlerKinds = []struct {
	name     string
	register func(on decant.Scaffold, text string)
}{
	{"403", func(on decant.Scaffold, text string) { on.ErrorHandler(403, answersStatus(text)) }},
	{"500", func(on decant.Scaffold, text string) { on.ErrorHandler(500, answersStatus(text)) }},
	{"Unpaid", answersType[*unpaid]},
	{"HTTPException", answersType[*decant.HTTPError]},
	{"Oops", answersType[oops]},
	{"Exception", answersType[error]},
}

func answersStatus(text string) decant.ErrorView {
	return func(c *decant.Context, _ *decant.HTTPError) (any, error) { return c.MakeResponse(text), nil }
}

func answersType[E error](on decant.Scaffold, text string) {
	decant.HandleError(on, func(c *decant.Context, _ E) (any, error) { return c.MakeResponse(text), nil })
}

// TestEveryErrorFindsFlasksHandler compares the handlers that answer five errors
// for all sets of twelve handlers.
func TestEveryErrorFindsFlasksHandler(t *testing.T) {
	output, err := pythonCommand(t, "handlers_judge.py").Output()
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if want := 1 << (2 * len(handlerKinds)); len(lines) != want {
		t.Fatalf("Flask has answers for %d sets of handlers, want %d", len(lines), want)
	}
	for handlers, want := range lines {
		if got := answersOf(handlers); got != want {
			t.Errorf("with the handlers %012b the answers are\n%s, and Flask's are\n%s", handlers, got, want)
		}
	}
}

// answersOf asks an application with a set of handlers for each of the errors.
func answersOf(handlers int) string {
	app, shop := decant.New("app"), decant.NewBlueprint("shop")
	app.Logger = slog.New(slog.DiscardHandler)
	for i, kind := range handlerKinds {
		if handlers>>i&1 == 1 {
			kind.register(app, "app "+kind.name)
		}
		if handlers>>(i+len(handlerKinds))&1 == 1 {
			kind.register(shop, "shop "+kind.name)
		}
	}
	failures := []error{decant.NewHTTPError(403), decant.NewHTTPError(404), &unpaid{decant.NewHTTPError(403)}, errOops, errors.New("other")}
	for i, failure := range failures {
		get(shop, fmt.Sprintf("/%d", i), fmt.Sprint("error", i), func(*decant.Context) (any, error) { return nil, failure })
	}
	app.RegisterBlueprint(shop)
	answers := make([]string, len(failures))
	for i := range failures {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", i), nil))
		answers[i] = w.Body.String()
		if w.Code != http.StatusOK {
			answers[i] = fmt.Sprintf("the page %d", w.Code)
		}
	}
	return strings.Join(answers, ", ")
}
