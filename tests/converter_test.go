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
