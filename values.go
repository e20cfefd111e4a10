package decant

import (
	"iter"
	"net/http"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/pyint"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Values are the parameters of a query string or the fields of a form, in
// which a name may occur more than once: Werkzeug's MultiDict. They are parsed
// when they are first touched; input that cannot be read then ends the request
// with the error that Flask gives: 400, or 413 for what is too large.
type Values struct {
	request *Request
	pairs   func(*Request) []formdata.Pair
}

func (v Values) load() []formdata.Pair {
	if v.request == nil {
		return nil
	}
	return v.pairs(v.request)
}

// Get returns the first value of a name, or "".
func (v Values) Get(name string) string {
	value, _ := v.Lookup(name)
	return value
}

// Lookup is Get that also tells whether the name occurs.
func (v Values) Lookup(name string) (value string, ok bool) {
	for _, pair := range v.load() {
		if pair.Name == name {
			return pair.Value, true
		}
	}
	return "", false
}

// Require is Get for a name that must occur: without it the error is the 400
// of Flask's request.form["name"].
func (v Values) Require(name string) (string, error) {
	value, ok := v.Lookup(name)
	if !ok {
		return "", missingKey(name)
	}
	return value, nil
}

// List returns all values of a name, in order: getlist.
func (v Values) List(name string) []string {
	var values []string
	for _, pair := range v.load() {
		if pair.Name == name {
			values = append(values, pair.Value)
		}
	}
	return values
}

// Has reports whether the name occurs.
func (v Values) Has(name string) bool {
	_, ok := v.Lookup(name)
	return ok
}

// Int returns the first value of a name as a whole number, and otherwise if
// the name does not occur or its value is none: args.get(name, otherwise,
// type=int). As in Python, "+1", " 1 " and "1_000" are numbers; one that an int
// cannot hold is not.
func (v Values) Int(name string, otherwise int) int {
	if number, ok := pyint.Parse(v.Get(name)); ok {
		return number
	}
	return otherwise
}

// Float returns the first value of a name as a number, and otherwise if the
// name does not occur or its value is none: args.get(name, otherwise,
// type=float). Infinities and NaN are no numbers here: what checks a range
// would let NaN through.
func (v Values) Float(name string, otherwise float64) float64 {
	if number, ok := pyint.ParseFloat(v.Get(name)); ok {
		return number
	}
	return otherwise
}

// All yields every pair of name and value in the order in which they came.
func (v Values) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, pair := range v.load() {
			if !yield(pair.Name, pair.Value) {
				return
			}
		}
	}
}

// Cookies are the cookies of a request. Each look-up reads the header itself,
// so that nothing is parsed for nothing.
type Cookies struct{ request *http.Request }

func (k Cookies) header() string {
	if k.request == nil {
		return ""
	}
	return wirecookie.Join(k.request.Header["Cookie"])
}

// Get returns the first cookie of that name, or "".
func (k Cookies) Get(name string) string {
	value, _ := k.Lookup(name)
	return value
}

// Lookup is Get that also tells whether the cookie was sent.
func (k Cookies) Lookup(name string) (value string, ok bool) {
	return wirecookie.Lookup(k.header(), name)
}

// Require is Get for a cookie that must be there: without it the error is the
// 400 of Flask's request.cookies["name"].
func (k Cookies) Require(name string) (string, error) {
	value, ok := k.Lookup(name)
	if !ok {
		return "", missingKey(name)
	}
	return value, nil
}

// List returns the values of all cookies of that name, in order.
func (k Cookies) List(name string) []string {
	var values []string
	for key, value := range k.All() {
		if key == name {
			values = append(values, value)
		}
	}
	return values
}

// Has reports whether the cookie was sent.
func (k Cookies) Has(name string) bool {
	_, ok := k.Lookup(name)
	return ok
}

// All yields every cookie in the order in which they were sent.
func (k Cookies) All() iter.Seq2[string, string] {
	return wirecookie.All(k.header())
}
