package decant

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
)

// JSONProvider writes and reads JSON in a way of its own, as the Provider of a
// [JSON]. Its answers are the result of Dumps, as the MIMEType of the JSON. Session
// cookies do not use a provider: they stay in Flask's form. It mirrors
// flask.json.provider.JSONProvider.
type JSONProvider interface {
	// Dumps returns the JSON text of a value.
	Dumps(value any) ([]byte, error)
	// Loads returns the value of a JSON document in UTF-8, for [Request.JSON]
	// as well. An error there is a 400.
	Loads(data []byte) (any, error)
}

// JSON writes and reads JSON as Flask's DefaultJSONProvider does, byte for byte.
// [App.JSON] is one; its fields are the settings, and count until the application
// is frozen.
//
// It follows the struct tags of encoding/json. Some types have Flask's form: a
// time.Time is written as an HTTP date, a [UUID] as a string, [Markup] and other
// types with an HTML method as their HTML, a big.Int as a number, and a big.Float
// as a string. NaN and the infinities are written as NaN and Infinity, which only
// Python reads.
type JSON struct {
	// SortKeys sorts the fields of structs by name. The default is true. Maps
	// have no order in Go and are always sorted.
	SortKeys bool
	// EnsureASCII writes characters beyond ASCII as \uXXXX. The default is
	// true.
	EnsureASCII bool
	// Layout is the form of answers. It does not change Dumps, which writes ", "
	// and ": " on one line. It mirrors compact.
	Layout JSONLayout
	// MIMEType is the Content-Type of answers. The default is
	// "application/json".
	MIMEType string
	// Default, if it is set, is called for each value whose type is not a basic
	// one. If it reports ok, its replacement is written instead of the value.
	Default func(value any) (replacement any, ok bool)
	// Provider, if it is set, writes and reads instead, and the fields above but
	// MIMEType do not count.
	Provider JSONProvider

	once   sync.Once
	frozen frozenJSON
}

// JSONLayout is how the JSON of an answer is laid out.
type JSONLayout int

const (
	// AutomaticJSON is compact unless Config.Debug is set. It mirrors
	// compact=None.
	AutomaticJSON JSONLayout = iota
	// CompactJSON has no blanks and line breaks. It mirrors compact=True.
	CompactJSON
	// IndentedJSON has each element on a line of its own. It mirrors
	// compact=False.
	IndentedJSON
)

// frozenJSON holds the settings of a JSON from its first use on.
type frozenJSON struct {
	layout                   JSONLayout
	mimeType                 string
	provider                 JSONProvider
	replacements             func(value any) (replacement any, ok bool)
	dumps, compact, indented *pyjson.Encoder
	scripts                  *pyjson.Encoder // for values in the scripts of pages
}

// NewJSON returns a JSON with Flask's settings. [New] makes one for each
// application; a [JSONProvider] may use one of its own.
func NewJSON() *JSON { return &JSON{SortKeys: true, EnsureASCII: true, MIMEType: typeJSON} }

// Dumps returns the JSON of a value in the form of Python's json.dumps, with
// blanks and without a line break at its end. If JSON has no form for a value,
// the error names the place of the value, such as ["user"][0].
func (j *JSON) Dumps(value any) ([]byte, error) {
	frozen := j.freeze()
	if frozen.provider != nil {
		return frozen.provider.Dumps(value)
	}
	return frozen.dumps.Append(nil, value)
}

// script writes a value in the script of a page. It is Dumps with SortKeys, because
// Jinja2's tojson sorts whatever the settings say.
func (j *JSON) script(value any) ([]byte, error) {
	frozen := j.freeze()
	if frozen.provider != nil {
		return frozen.provider.Dumps(value)
	}
	return frozen.scripts.Append(nil, value)
}

// Loads returns nil, a bool, an int (or a *big.Int where that is too small), a
// float64, a string, a []any or a map[string]any. Like Python's json.loads it
// accepts NaN and Infinity.
func (j *JSON) Loads(data []byte) (any, error) {
	if frozen := j.freeze(); frozen.provider != nil {
		return frozen.provider.Loads(data)
	}
	return pyjson.Parse(data)
}

// freeze keeps the settings at the first use.
func (j *JSON) freeze() *frozenJSON {
	j.once.Do(func() {
		if j.Provider == JSONProvider(j) {
			panic("decant: the Provider of a JSON is the JSON itself; leave it nil for Flask's form")
		}
		f := &j.frozen
		f.layout, f.mimeType, f.provider, f.replacements = j.Layout, j.MIMEType, j.Provider, j.Default
		f.dumps, f.compact, f.indented, f.scripts = j.encoder(), j.encoder(), j.encoder(), j.encoder()
		f.dumps.Spaced = true
		f.scripts.Spaced, f.scripts.SortKeys = true, true
		f.indented.Spaced, f.indented.Indent = true, 2
	})
	return &j.frozen
}

func (j *JSON) encoder() *pyjson.Encoder {
	return &pyjson.Encoder{ASCII: j.EnsureASCII, SortKeys: j.SortKeys, Default: j.frozen.replace, Concerns: j.frozen.mayReplace}
}

// mayReplace reports whether replace could replace a value of that type. The
// encoder calls replace for no other type.
func (f *frozenJSON) mayReplace(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[UUID](), reflect.TypeFor[Markup]():
		return true
	}
	return f.replacements != nil || isTemplateHTML(t) || t.Implements(reflect.TypeFor[interface{ HTML() Markup }]())
}

func (f *frozenJSON) replace(value any) (replacement any, ok bool, err error) {
	if f.replacements != nil {
		if replacement, ok = f.replacements(value); ok {
			return replacement, true, nil
		}
	}
	return jsonDefault(value)
}

// answer returns the JSON of an answer, which ends in a line break unless a
// provider wrote it.
func (f *frozenJSON) answer(value any, debug bool) (string, error) {
	switch {
	case f.provider != nil:
		data, err := f.provider.Dumps(value)
		return string(data), err
	case f.layout == IndentedJSON, f.layout == AutomaticJSON && debug:
		return f.indented.Line(value)
	}
	return f.compact.Line(value)
}

// scratch returns what answer returns, in memory that is used again. It is not ok
// for what cannot be written, and where a provider writes: the usual way makes an
// error of a panic.
func (f *frozenJSON) scratch(value any, debug bool) (line pyjson.Scratch, ok bool) {
	if f.provider != nil {
		return line, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	encoder := f.compact
	if f.layout == IndentedJSON || f.layout == AutomaticJSON && debug {
		encoder = f.indented
	}
	line, err := encoder.Scratch(value)
	return line, err == nil
}

// jsonDefault writes a date as an HTTP date, a UUID as a string, and markup as
// its HTML. It mirrors the default function of Flask's JSON provider.
func jsonDefault(value any) (replacement any, ok bool, err error) {
	switch value := value.(type) {
	case time.Time:
		return httpdate.Format(value), true, nil
	case UUID:
		return value.String(), true, nil
	}
	if html, ok := markupOf(value); ok {
		return html, true, nil
	}
	return nil, false, nil
}

// markupOf reports whether a value is markup, and its HTML.
func markupOf(value any) (html string, ok bool) {
	markup, ok := safeHTML(value)
	return string(markup), ok
}

// JSON answers with the JSON of any value, and with a status if one is given:
//
//	return c.JSON(decant.H{"error": "no such order"}, 404)
//
// A view can return maps, slices and structs as they are; numbers, bools, strings
// and nil need JSON. The error names the place of a value for which JSON has no
// form. It mirrors flask.jsonify.
func (c *Context) JSON(value any, status ...int) (*Response, error) {
	r, err := c.jsonResponse(value)
	if err != nil {
		return nil, err
	}
	if len(status) > 0 {
		r.Status = status[0]
	}
	return r, nil
}

func (c *Context) jsonResponse(value any) (*Response, error) {
	frozen := c.App.JSON.freeze()
	text, err := frozen.answer(value, c.App.config.Debug)
	if err != nil {
		return nil, fmt.Errorf("decant: the view for endpoint %q returned what JSON cannot say: %w", c.Request.Endpoint(), err)
	}
	r := c.textResponse(text)
	r.contentType = jsonType
	return r, nil
}

// decodeJSON stores a document in the variable that into points to. A variable
// that can hold anything gets Python's types, with whole numbers as int. Any other
// variable is filled by encoding/json.
func decodeJSON(decoder *pyjson.Decoder, data []byte, into any) error {
	switch into := into.(type) {
	case *any:
		return parseInto(decoder, data, into)
	case *map[string]any:
		return parseInto(decoder, data, into)
	case *[]any:
		return parseInto(decoder, data, into)
	}
	if !utf8.Valid(data) {
		return errNotUTF8 // as in Python; encoding/json would replace the bytes
	}
	return json.Unmarshal(data, into)
}

// loadInto stores what a provider makes of a document in the variable that target
// points to. encoding/json carries it over into a struct and the like.
func loadInto(provider JSONProvider, data []byte, target any) error {
	loaded, err := provider.Loads(data)
	if err != nil {
		return err
	}
	switch target := target.(type) {
	case *any:
		return assign(loaded, target)
	case *map[string]any:
		return assign(loaded, target)
	case *[]any:
		return assign(loaded, target)
	}
	if data, err = json.Marshal(loaded); err != nil {
		return fmt.Errorf("the %T that the JSON provider has loaded does not fit a %T: %w", loaded, target, err)
	}
	return json.Unmarshal(data, target)
}

// assign stores a value in a variable of its type. nil makes it the zero value.
func assign[T any](loaded any, into *T) error {
	if into == nil {
		return &json.InvalidUnmarshalError{}
	}
	value, ok := loaded.(T)
	if !ok && loaded != nil {
		return fmt.Errorf("it holds a %T, not a %T", loaded, value)
	}
	*into = value
	return nil
}

var errNotUTF8 = errors.New("it is not UTF-8 text")

func parseInto[T any](decoder *pyjson.Decoder, data []byte, into *T) error {
	if into == nil {
		return &json.InvalidUnmarshalError{}
	}
	parsed, err := decoder.Parse(data)
	if err != nil {
		return err
	}
	return assign(parsed, into)
}

// JSONOption says how [Request.JSON] reads.
type JSONOption interface{ applyToJSON(jsonReading) jsonReading }

type jsonReading struct{ anyType bool }

type forceJSON struct{}

func (forceJSON) applyToJSON(r jsonReading) jsonReading { r.anyType = true; return r }

// ForceJSON reads the body as JSON whatever its Content-Type is. Pages of other
// sites can then send JSON without a preflight request, so do not set
// Config.AllowCrossOrigin with it. It mirrors get_json(force=True).
func ForceJSON() JSONOption { return forceJSON{} }

// IsJSON reports whether the Content-Type is application/json or
// application/*+json. It mirrors request.is_json.
func (r *Request) IsJSON() bool {
	mimetype := r.MIMEType()
	return mimetype == "application/json" ||
		strings.HasPrefix(mimetype, "application/") && strings.HasSuffix(mimetype, "+json")
}

// JSON reads the body as JSON into the value that target points to:
//
//   - *any, *map[string]any (or *H) and *[]any are filled as by Python's json:
//     whole numbers are int (or *big.Int if they are too large for an int), NaN
//     and Infinity are accepted, and strings are always valid UTF-8;
//   - any other target, such as a pointer to a struct, is filled by package
//     encoding/json, which ignores unknown keys.
//
// With a [JSONProvider], all targets get what its Loads makes of the body.
//
// The body may be UTF-8, UTF-16 or UTF-32. It is kept: you can call JSON and Data
// again.
//
// The error is an *HTTPError: 415 for another Content-Type unless [ForceJSON] is
// given; 400 for a body that is empty, is not JSON or does not fit the target,
// with the reason in Original and, in debug mode, on the page; 413 for a body with
// more than Config.MaxJSONElements values; or an error of [Request.Data].
//
// It mirrors request.get_json(). For get_json(silent=True), ignore the error.
func (r *Request) JSON(target any, options ...JSONOption) error {
	var reading jsonReading
	for _, option := range options {
		reading = option.applyToJSON(reading)
	}
	if !reading.anyType && !r.IsJSON() {
		return NewHTTPError(http.StatusUnsupportedMediaType, "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.")
	}
	data, err := r.Data()
	if err != nil {
		return err
	}
	err = r.readJSON(data, target)
	var unusable *json.InvalidUnmarshalError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, formdata.ErrTooLarge):
		return r.inputError(err)
	case errors.As(err, &unusable):
		return fmt.Errorf("decant: Request.JSON for endpoint %q cannot fill a %T; pass a pointer, as in JSON(&order)", r.Endpoint(), target)
	}
	return r.badJSON(err)
}

// badJSON returns the 400 for a body. Its page shows the reason only in debug
// mode.
func (r *Request) badJSON(err error) error {
	if r.context.App.config.Debug {
		return because(NewHTTPError(http.StatusBadRequest, "Failed to decode JSON object: "+err.Error()), err)
	}
	return because(NewHTTPError(http.StatusBadRequest), err)
}

func (r *Request) readJSON(data []byte, target any) error {
	data, err := pyjson.ToUTF8(data)
	if err != nil {
		return err
	}
	if limit := r.context.App.config.MaxJSONElements; limit > 0 && pyjson.HasMoreElements(data, limit) {
		return formdata.TooManyElements(limit)
	}
	if provider := r.context.App.JSON.freeze().provider; provider != nil {
		return loadInto(provider, data, target)
	}
	return decodeJSON(&pyjson.Decoder{ValidText: true}, data, target)
}
