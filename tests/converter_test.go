package tests

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// listConverter is the list of Werkzeug's documentation.
var listConverter = decant.Converter{
	ToGo: func(text string) (any, error) { return strings.Split(text, "+"), nil },
	ToURL: func(value any) (string, error) {
		names, ok := value.([]string)
		if !ok {
			return "", fmt.Errorf("%w: %T is no list", decant.ErrInvalidValue, value)
		}
		escaped := make([]string, len(names))
		for i, name := range names {
			escaped[i] = url.PathEscape(name)
		}
		return strings.Join(escaped, "+"), nil
	},
}

func TestConverter(t *testing.T) {
	app, _ := newTestApp()
	app.Converter("list", listConverter)
	app.Get("/<list:names>", func(c *decant.Context) (any, error) {
		names := c.ParamValue("names").([]string)
		return fmt.Sprint(len(names), " ", c.URLFor("show", "names", names), " ", c.URLFor("show", "names", 7)), nil
	}, decant.Endpoint("show"))
	app.Get("/one/<int:names>", hello, decant.Endpoint("show2"))
	app.BuildErrorHandler(func(*decant.Context, *decant.BuildError, decant.H) (string, bool) { return "none", true })
	mustAnswer(t, get(app, "/a+b%20c"), 200, "2 /a+b%20c none")
}

func TestConverterWithArguments(t *testing.T) {
	app, _ := newTestApp()
	app.ConverterFunc("code", func(arguments decant.Arguments) (decant.Converter, error) {
		bound, err := arguments.Bind("length")
		if err != nil {
			return decant.Converter{}, err
		}
		length, ok := bound["length"].(int)
		if !ok {
			return decant.Converter{}, errors.New("length must be a number")
		}
		return decant.Converter{Pattern: fmt.Sprintf("[a-z]{%d}", length), Weight: 10, ToGo: func(text string) (any, error) {
			if text == "bad" {
				return nil, errors.New("bad")
			}
			return strings.ToUpper(text), nil
		}}, nil
	})
	app.Get("/<code(3):c>", func(c *decant.Context) (any, error) { return c.ParamValue("c").(string) + c.Param("c"), nil }, decant.Endpoint("three"))
	app.Get("/<other>", func(c *decant.Context) (any, error) { return "other", nil }, decant.Endpoint("other"))
	mustPanic(t, func() { app.Get("/<code:c>", hello) }, `"/<code:c>"`, "converter_test.go:", "length must be a number")
	mustPanic(t, func() { app.Get("/<code(1, 2):c>", hello) }, `"/<code(1, 2):c>"`, "converter_test.go:", "code")
	mustAnswer(t, get(app, "/abc"), 200, "ABCabc")
	mustAnswer(t, get(app, "/abcd"), 200, "other")
	if got := get(app, "/bad").Code; got != 404 {
		t.Errorf("status %d for a value that the converter refuses", got)
	}
}

func TestConverterMistakes(t *testing.T) {
	app := decant.New("shop")
	mustPanic(t, func() { app.Converter("no name", decant.Converter{}) }, `"no name"`, "ASCII letters")
	mustPanic(t, func() { app.Converter("open", decant.Converter{Pattern: "("}) }, `"open"`, "Pattern", "regular expression")
	mustPanic(t, func() { app.ConverterFunc("nil", nil) }, `"nil"`, "pass the function")
	get(app, "/")
	mustPanic(t, func() { app.Converter("late", decant.Converter{}) }, "Converter was called", `"shop"`)
	mustPanic(t, func() { app.Mount("/late", nil) }, "Mount was called", `"shop"`)
	mustPanic(t, func() { app.BuildErrorHandler(nil) }, "BuildErrorHandler was called", `"shop"`)
}

// A converter may look at the request in both directions.
func TestConverterWithTheContext(t *testing.T) {
	t.Parallel()
	app, log := newTestApp()
	app.Config.ServerName = "shop.example"
	app.Converter("item", decant.Converter{
		ToGoContext: func(c *decant.Context, text string) (any, error) {
			if owner := c.Session.String("user"); owner != "" {
				return owner + "'s " + text, nil
			}
			return nil, errors.New("nobody is logged in")
		},
		ToURLContext: func(c *decant.Context, value any) (string, error) {
			if c == nil {
				return decant.QuoteURL(value), nil
			}
			return decant.QuoteURL(value) + "-" + decant.QuoteURL(c.Session.String("user")), nil
		},
	})
	app.Get("/item/<item:it>", func(c *decant.Context) (any, error) {
		return fmt.Sprint(c.ParamValue("it"), " ", c.URLFor("item", "it", "a b")), nil
	}, decant.Endpoint("item"))
	app.Get("/", hello, decant.Endpoint("list"), decant.Defaults("it", "all"))
	app.Get("/list/<item:it>", hello, decant.Endpoint("list"))
	app.Get("/old/<item:it>", nil, decant.RedirectTo("/item/<it>"), decant.Endpoint("old"))

	ann := signedSession(t, testKey, map[string]any{"user": "ann"})
	mustAnswer(t, get(app, "/item/cup", "Cookie", ann), 200, "ann's cup /item/a%20b-ann")
	mustAnswer(t, get(app, "/item/cup"), 404, errorPage(decant.NewHTTPError(404)))
	mustRedirect(t, get(app, "/old/cup", "Cookie", ann), "/item/ann's%20cup-ann")
	if url, err := app.BuildURL("item", "it", "a/b c"); url != "http://shop.example/item/a/b%20c" || err != nil {
		t.Error(url, err)
	}
	log.mustBeEmpty(t)
}

// The default encoder is that of Werkzeug.
func TestQuoteURL(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{
		"a b": "a%20b", "é/ü": "%C3%A9/%C3%BC", "a+b&c=d": "a+b&c=d", "?#%": "%3F%23%25", 5: "5", true: "True", 1.5: "1.5", nil: "None",
	} {
		if got := decant.QuoteURL(value); got != want {
			t.Errorf("%v is %q, want %q", value, got, want)
		}
	}
}

func TestAConverterThatDoesOneThingInTwoWays(t *testing.T) {
	t.Parallel()
	app := decant.New("shop")
	double := decant.Converter{
		ToGo:        func(text string) (any, error) { return text, nil },
		ToGoContext: func(_ *decant.Context, text string) (any, error) { return text, nil },
	}
	mustPanic(t, func() { app.Converter("double", double) }, `"double"`, "leave out ToGo or ToGoContext")
	app.ConverterFunc("made", func(decant.Arguments) (decant.Converter, error) { return double, nil })
	mustPanic(t, func() { app.Get("/<made:x>", hello) }, `"made"`, "leave out ToGo or ToGoContext")
}
