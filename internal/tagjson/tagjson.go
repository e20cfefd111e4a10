// Package tagjson is the JSON of Flask's session cookies: TaggedJSONSerializer.
// Values that JSON has no form for are wrapped in objects of one key, the tag:
//
//	" t"   a tuple    an array
//	" b"   []byte     standard base64
//	" m"   markup     the HTML
//	" u"   a UUID     32 hexadecimal digits
//	" d"   time.Time  an HTTP date, in UTC and whole seconds
//	" di"  an object whose only key is one of these tags
//
// The types of tuples, UUIDs and markup belong to the caller: see [Hooks].
package tagjson

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/uuid"
)

// The tags. Every one begins with a space.
const (
	tagDict   = " di"
	tagTuple  = " t"
	tagBytes  = " b"
	tagMarkup = " m"
	tagUUID   = " u"
	tagDate   = " d"
)

func isTag(key string) bool {
	switch key {
	case tagDict, tagTuple, tagBytes, tagMarkup, tagUUID, tagDate:
		return true
	}
	return false
}

// Codec writes and reads tagged JSON. Goroutines may share it.
type Codec struct {
	encoder pyjson.Encoder
	decoder pyjson.Decoder
	hooks   Hooks
}

// Hooks connect a Codec with the types of its caller. All but Default are needed.
type Hooks struct {
	// Tuple makes a tuple of the items that were read.
	Tuple func(items []any) any
	// Items reports whether v is a tuple, and its items.
	Items func(v any) (items []any, ok bool)
	// UUID makes a UUID that was read.
	UUID func(id uuid.UUID) any
	// ID reports whether v is a UUID, and which.
	ID func(v any) (id uuid.UUID, ok bool)
	// Markup makes a markup value of HTML that was read.
	Markup func(html string) any
	// HTML reports whether v is markup to be written, and its HTML.
	HTML func(v any) (html string, ok bool)
	// Default replaces values that have no tag. It works like
	// pyjson.Encoder.Default.
	Default func(v any) (replacement any, ok bool, err error)
}

// New returns a Codec.
func New(hooks Hooks) *Codec {
	c := &Codec{hooks: hooks}
	c.encoder.ASCII = true
	c.encoder.SortKeys = true
	c.encoder.Tag = c.tag
	c.encoder.Default = c.untagged
	c.decoder.Tagged = c.untag
	return c
}

// Append appends the tagged JSON of v to dst as Flask writes it inside of an
// application context: compact, ASCII only, keys sorted at every level. On an
// error dst comes back as it was; the error is a *pyjson.ValueError that names
// the place, such as ["user"].Callback.
func (c *Codec) Append(dst []byte, v any) ([]byte, error) {
	return c.encoder.Append(dst, v)
}

// tag wraps the values that have a tag of their own.
func (c *Codec) tag(v any) (key string, content any, ok bool) {
	switch v := v.(type) {
	case map[string]any:
		return tagLoneKey(v)
	case []byte:
		return tagBytes, base64.StdEncoding.EncodeToString(v), true
	case time.Time:
		return tagDate, httpdate.Format(v), inCalendar(v)
	}
	if items, ok := c.hooks.Items(v); ok {
		return tagTuple, items, true
	}
	if id, ok := c.hooks.ID(v); ok {
		return tagUUID, string(id.AppendHex(nil)), true
	}
	if html, ok := c.hooks.HTML(v); ok {
		return tagMarkup, html, true
	}
	return tagLoneTypedKey(v)
}

// tagLoneKey wraps an object whose only key is a tag, so that it is not read as a
// tagged value. It adds two underscores to the key.
func tagLoneKey(v map[string]any) (key string, content any, ok bool) {
	for key, value := range v {
		if isTag(key) && len(v) == 1 {
			return tagDict, map[string]any{key + "__": value}, true
		}
	}
	return "", nil, false
}

// tagLoneTypedKey does the same for maps of other types.
func tagLoneTypedKey(v any) (key string, content any, ok bool) {
	typed := reflect.ValueOf(v)
	if typed.Kind() != reflect.Map || typed.Len() != 1 {
		return "", nil, false
	}
	for lone, value := range typed.Seq2() {
		if lone.Kind() == reflect.Interface {
			lone = lone.Elem()
		}
		if lone.Kind() == reflect.String {
			return tagLoneKey(map[string]any{lone.String(): value.Interface()})
		}
	}
	return "", nil, false
}

// ErrCalendar reports a date that an HTTP date cannot hold.
var ErrCalendar = errors.New("date outside of the years 1 to 9999")

func inCalendar(date time.Time) bool {
	year := date.UTC().Year()
	return 1 <= year && year <= 9999
}

// untagged writes values inside of structs in their plain form, without the tag
// that they have elsewhere. It mirrors Flask's JSON provider.
func (c *Codec) untagged(v any) (replacement any, ok bool, err error) {
	if date, ok := v.(time.Time); ok {
		if !inCalendar(date) {
			return nil, false, fmt.Errorf("%w: year %d", ErrCalendar, date.UTC().Year())
		}
		return httpdate.Format(date), true, nil
	}
	if id, ok := c.hooks.ID(v); ok {
		return id.String(), true, nil
	}
	if html, ok := c.hooks.HTML(v); ok {
		return html, true, nil
	}
	if c.hooks.Default == nil {
		return nil, false, nil
	}
	return c.hooks.Default(v)
}
