package decant

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
)

// JSONProvider writes and reads JSON for an application. The one that New sets
// is a [DefaultJSONProvider]; the answers of another one are what its Dumps
// gives, as application/json. Session cookies are not its business: they stay
// in Flask's form. It mirrors flask.json.provider.JSONProvider.
type JSONProvider interface {
	// Dumps returns the JSON text of a value.
	Dumps(value any) ([]byte, error)
	// Loads returns the value that a JSON text stands for.
	Loads(data []byte) (any, error)
}

// DefaultJSONProvider writes JSON as Flask's provider of that name does, byte
// for byte. Make one with [NewJSONProvider], change its fields, and set it as
// the JSON of the application; once it is in use it must not be changed.
//
// It writes what encoding/json does, by the same struct tags, and with Flask's
// forms: a time.Time is an HTTP date, a [UUID] its text, [Markup] and other
// types with an HTML method their HTML, a big.Int a number, a big.Float text.
// NaN and the infinities are NaN and Infinity, which only Python reads.
type DefaultJSONProvider struct {
	// SortKeys sorts the fields of structs by name: true. Maps have no order
	// in Go, and are sorted in any case.
	SortKeys bool
	// EnsureASCII writes characters beyond ASCII as \uXXXX: true.
	EnsureASCII bool
	// Compact leaves blanks and line breaks out of answers, or puts each
	// element on a line of its own. Nil makes answers compact unless
	// Config.Debug is set. Dumps does neither: it writes ", " and ": ".
	Compact *bool
	// MIMEType is the Content-Type of answers: "application/json".
	MIMEType string
	// Default, if it is set, is asked first about a value of any type but the
	// basic ones; where it reports ok, its replacement is written instead.
	Default func(value any) (replacement any, ok bool)

	once                     sync.Once
	dumps, compact, indented *pyjson.Encoder
}

// NewJSONProvider returns a provider with Flask's settings:
//
//	provider := decant.NewJSONProvider()
//	provider.SortKeys = false // app.json.sort_keys = False
//	app.JSON = provider
func NewJSONProvider() *DefaultJSONProvider {
	return &DefaultJSONProvider{SortKeys: true, EnsureASCII: true, MIMEType: typeJSON}
}

// Dumps returns the JSON text of a value in the form of Python's json.dumps,
// with blanks and without a line break at its end. The error for a value that
// JSON has no form for names its place, such as ["user"][0].
func (p *DefaultJSONProvider) Dumps(value any) ([]byte, error) {
	p.prepare()
	return p.dumps.Append(nil, value)
}

// Loads returns nil, a bool, an int (or a *big.Int where that is too small), a
// float64, a string, a []any or a map[string]any. As Python's json.loads it
// accepts NaN and Infinity.
func (p *DefaultJSONProvider) Loads(data []byte) (any, error) { return pyjson.Parse(data) }

// prepare makes the encoders when the first one is needed.
func (p *DefaultJSONProvider) prepare() {
	p.once.Do(func() {
		p.dumps, p.compact, p.indented = p.encoder(), p.encoder(), p.encoder()
		p.dumps.Spaced = true
		p.indented.Spaced, p.indented.Indent = true, 2
	})
}

func (p *DefaultJSONProvider) encoder() *pyjson.Encoder {
	return &pyjson.Encoder{ASCII: p.EnsureASCII, SortKeys: p.SortKeys, Default: p.replace, Concerns: p.mayReplace}
}

// mayReplace spares the values of all other types the questions of replace.
func (p *DefaultJSONProvider) mayReplace(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[UUID](), reflect.TypeFor[Markup](), reflect.TypeFor[template.HTML]():
		return true
	}
	return p.Default != nil || t.Implements(reflect.TypeFor[interface{ HTML() Markup }]())
}

func (p *DefaultJSONProvider) replace(value any) (replacement any, ok bool, err error) {
	if p.Default != nil {
		if replacement, ok = p.Default(value); ok {
			return replacement, true, nil
		}
	}
	return jsonDefault(value)
}

// answer is the text of an answer, which ends in a line break.
func (p *DefaultJSONProvider) answer(value any, debug bool) (string, error) {
	p.prepare()
	encoder := p.compact
	if p.Compact == nil && debug || p.Compact != nil && !*p.Compact {
		encoder = p.indented
	}
	return encoder.Line(value)
}

// jsonDefault is the default function of Flask's JSON provider: dates are HTTP
// dates, UUIDs their text, and markup its HTML.
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

// JSON answers with the JSON of any value, of a number, a bool, a string and
// nil too. Maps, slices and structs are JSON by themselves; a status goes with
// MakeResponse. It mirrors flask.jsonify:
//
//	return c.JSON(nil)
func (c *Context) JSON(value any) (any, error) {
	r, err := c.jsonResponse(value)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (c *Context) jsonResponse(value any) (*Response, error) {
	text, contentType, err := c.toJSON(value)
	if err != nil {
		return nil, fmt.Errorf("decant: the view for endpoint %q returned what JSON cannot say: %w", c.Request.Endpoint(), err)
	}
	r := c.textResponse(text)
	r.contentType[0] = contentType
	return r, nil
}

func (c *Context) toJSON(value any) (text, contentType string, err error) {
	if provider, ok := c.App.JSON.(*DefaultJSONProvider); ok {
		text, err = provider.answer(value, c.App.Config.Debug)
		return text, provider.MIMEType, err
	}
	data, err := c.App.JSON.Dumps(value)
	return string(data), typeJSON, err
}

// decodeJSON stores a document in the variable that into points to: with whole
// numbers kept whole where the variable can be anything, and as encoding/json
// does in any other.
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
		return errNotUTF8 // as in Python, where encoding/json alone would mend it
	}
	return json.Unmarshal(data, into)
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
	value, ok := parsed.(T)
	if !ok && parsed != nil {
		return fmt.Errorf("it holds a %T, not a %T", parsed, value)
	}
	*into = value
	return nil
}

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
