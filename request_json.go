package decant

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/decant-go/decant/internal/pyjson"
)

// JSONOption says how [Request.JSON] reads.
type JSONOption func(*jsonReading)

type jsonReading struct{ anyType bool }

// ForceJSON reads the body as JSON whatever its Content-Type says:
// get_json(force=True). Pages of other sites can send such a body without the
// browser asking first, so leave Config.AllowCrossOrigin off with it.
func ForceJSON() JSONOption { return func(r *jsonReading) { r.anyType = true } }

// IsJSON reports whether the Content-Type says that the body is JSON: it is
// application/json or application/*+json. It mirrors request.is_json.
func (r *Request) IsJSON() bool {
	mimetype := r.MIMEType()
	return mimetype == "application/json" ||
		strings.HasPrefix(mimetype, "application/") && strings.HasSuffix(mimetype, "+json")
}

// JSON reads the body as JSON into the value that target points to:
// request.get_json(). What is read depends on the target:
//
//   - *any, *map[string]any (or *H) and *[]any get what Python's json makes of
//     the body: whole numbers are int (or *big.Int where that is too small),
//     NaN and Infinity are read, and a text is always valid UTF-8;
//   - anything else, such as a pointer to a struct, is filled as by package
//     encoding/json, which ignores unknown keys.
//
// The body may be UTF-8, UTF-16 or UTF-32 and is kept: JSON can be called
// again, and Data too. Errors are an *HTTPError: 415 for another Content-Type
// unless [ForceJSON] is given, 400 for a body that is empty, no JSON or does
// not fit the target, with the reason in its Original and, in debug mode, on
// the page; and those of [Request.Data]. To be silent as get_json(silent=True)
// is, ignore the error.
func (r *Request) JSON(target any, options ...JSONOption) error {
	var reading jsonReading
	for _, option := range options {
		option(&reading)
	}
	if !reading.anyType && !r.IsJSON() {
		return NewHTTPError(http.StatusUnsupportedMediaType, "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.")
	}
	data, err := r.Data()
	if err != nil {
		return err
	}
	err = readJSON(data, target)
	var unusable *json.InvalidUnmarshalError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unusable):
		return fmt.Errorf("decant: Request.JSON for endpoint %q cannot fill a %T; pass a pointer, as in JSON(&order)", r.Endpoint(), target)
	}
	return r.badJSON(err)
}

// badJSON tells the reason to developers only.
func (r *Request) badJSON(err error) error {
	if r.context.App.Config.Debug {
		return because(NewHTTPError(http.StatusBadRequest, "Failed to decode JSON object: "+err.Error()), err)
	}
	return because(NewHTTPError(http.StatusBadRequest), err)
}

func readJSON(data []byte, target any) error {
	data, err := pyjson.ToUTF8(data)
	if err != nil {
		return err
	}
	return decodeJSON(&pyjson.Decoder{ValidText: true}, data, target)
}
