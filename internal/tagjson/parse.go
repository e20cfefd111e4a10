package tagjson

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/uuid"
)

// ErrContent reports a tag around a value that does not fit it, such as truncated
// base64.
var ErrContent = errors.New("tag around a value it cannot stand for")

// Parse reads tagged JSON as Flask's session interface does. The result is usually
// a map[string]any, but may be any JSON value. The error is a *pyjson.SyntaxError
// for data that is not JSON, or a *pyjson.ValueError that names the place of a tag
// that cannot be read and wraps ErrContent.
func (c *Codec) Parse(data []byte) (any, error) {
	return c.decoder.Parse(data)
}

// untag turns a tagged object into its value. The value inside was untagged
// before, so it may be of a type that JSON does not have.
func (c *Codec) untag(tag pyjson.Tag) (value any, ok bool, err error) {
	switch tag.Key {
	case tagTuple:
		var items []any
		items, ok = c.items(tag.Value)
		value = c.hooks.Tuple(items)
	case tagBytes:
		value, ok = c.bytes(tag.Value)
	case tagMarkup:
		value, ok = c.markup(tag.Value)
	case tagUUID:
		value, ok = c.uuid(tag.Value)
	case tagDate:
		value, ok = c.date(tag.Value)
	case tagDict:
		value, ok = dict(tag)
	default:
		return nil, false, nil
	}
	if !ok {
		return nil, false, fmt.Errorf("%w: %q of %.60s", ErrContent, tag.Key, pytext.Repr(tag.Value))
	}
	return value, true, nil
}

// text accepts the values that are a str in Python: strings and markup.
func (c *Codec) text(v any) (string, bool) {
	if text, ok := v.(string); ok {
		return text, true
	}
	return c.hooks.HTML(v)
}

// items takes the items of any value that Python can iterate over: the characters
// of a string, the keys of an object.
func (c *Codec) items(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []byte:
		return collect(slices.Values(v), func(b byte) any { return int(b) }), true
	case map[string]any:
		return collect(slices.Values(slices.Sorted(maps.Keys(v))), toAny), true
	}
	if items, ok := c.hooks.Items(v); ok {
		return items, true
	}
	text, ok := c.text(v)
	return collect(characters(text), toAny), ok
}

func toAny(text string) any { return text }

func collect[T any](items iter.Seq[T], convert func(T) any) []any {
	all := []any{}
	for item := range items {
		all = append(all, convert(item))
	}
	return all
}

// characters splits text as Python does, where a lone surrogate, stored in
// three bytes, is one character.
func characters(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			_, size := utf8.DecodeRuneInString(text)
			if _, ok := pytext.LeadingSurrogate(text); ok {
				size = 3
			}
			if !yield(text[:size]) {
				return
			}
			text = text[size:]
		}
	}
}

// maxMarkup bounds the printed form of a list or object inside of a markup tag.
// Each tag around another doubles the backslashes, so without a bound a short
// cookie could fill the memory.
const maxMarkup = 1 << 16

// markup returns any value as markup. A list or object is printed as in Python.
func (c *Codec) markup(v any) (any, bool) {
	html, ok := c.text(v)
	if !ok {
		html = pytext.Str(v)
		ok = len(html) <= maxMarkup
	}
	return c.hooks.Markup(html), ok
}

func (c *Codec) uuid(v any) (any, bool) {
	text, ok := c.text(v)
	if !ok {
		return nil, false
	}
	id, err := uuid.Parse(text)
	return c.hooks.UUID(id), err == nil
}

// date returns nil for a string that is not a date, and for an empty value or 0.
func (c *Codec) date(v any) (date any, ok bool) {
	text, ok := c.text(v)
	if !ok {
		return nil, c.isEmpty(v)
	}
	if date, ok := httpdate.Parse(text); ok {
		return date, true
	}
	return nil, true
}

func (c *Codec) isEmpty(v any) bool {
	switch v := v.(type) {
	case nil, []byte:
		return true
	case bool:
		return !v
	case int:
		return v == 0
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	items, isTuple := c.hooks.Items(v)
	return isTuple && len(items) == 0
}

// dict removes the last two characters of a key, whatever they are. If there are
// several keys, the first one counts.
func dict(tag pyjson.Tag) (any, bool) {
	object, ok := tag.Value.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, false
	}
	key := tag.First
	if len(object) == 1 {
		for only := range object {
			key = only
		}
	}
	name := slices.Collect(characters(key))
	name = name[:max(0, len(name)-2)]
	return map[string]any{strings.Join(name, ""): object[key]}, true
}
