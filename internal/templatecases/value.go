package templatecases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/jinja"
)

// decodeContext reads the variables of a case. Whole numbers are int or
// *big.Int, and numbers with a point or an exponent float64.
func decodeContext(data []byte) (jinja.Vars, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var raw map[string]any
	if err := decoder.Decode(&raw); err != nil {
		return nil, err
	}
	return buildMap(raw)
}

func buildMap(raw map[string]any) (map[string]any, error) {
	built := make(map[string]any, len(raw))
	for key, item := range raw {
		v, err := build(item)
		if err != nil {
			return nil, err
		}
		built[key] = v
	}
	return built, nil
}

func buildList(raw []any) ([]any, error) {
	built := make([]any, len(raw))
	for i, item := range raw {
		v, err := build(item)
		if err != nil {
			return nil, err
		}
		built[i] = v
	}
	return built, nil
}

// build makes the Go value of a JSON value.
func build(raw any) (any, error) {
	switch raw := raw.(type) {
	case json.Number:
		return number(raw.String())
	case []any:
		return buildList(raw)
	case map[string]any:
		for tag, content := range raw {
			if len(raw) == 1 && strings.HasPrefix(tag, "$") {
				return buildTagged(tag, content)
			}
		}
		return buildMap(raw)
	}
	return raw, nil
}

func number(s string) (any, error) {
	if strings.ContainsAny(s, ".eE") {
		return strconv.ParseFloat(s, 64)
	}
	if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("the number %s cannot be read", s)
	}
	return n, nil
}

func buildTagged(tag string, content any) (any, error) {
	switch content := content.(type) {
	case string:
		switch tag {
		case "$markup":
			return jinja.Markup(content), nil
		case "$datetime":
			return dateTime(content)
		case "$strobj":
			return &textObject{content}, nil
		case "$htmlobj":
			return &htmlObject{content}, nil
		}
	case []any:
		if tag == "$tuple" {
			built, err := buildList(content)
			return jinja.Tuple(built), err
		}
	case map[string]any:
		switch tag {
		case "$object":
			built, err := buildMap(content)
			return &object{built}, err
		case "$multidict":
			return buildMultiDict(content)
		}
	}
	return nil, fmt.Errorf("the tag %q with a %T is not known", tag, content)
}

// dateTime reads a date with or without a time.
func dateTime(text string) (when time.Time, err error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if when, err = time.Parse(layout, text); err == nil {
			break
		}
	}
	return when, err
}

// object has attributes and no items. Like the other objects it equals only itself,
// and is therefore a pointer.
type object struct{ attributes map[string]any }

// JinjaAttr returns an attribute.
func (o *object) JinjaAttr(name string) (any, bool) {
	v, ok := o.attributes[name]
	return v, ok
}

// textObject prints its text, which is not safe.
type textObject struct{ text string }

// JinjaString returns the text.
func (o *textObject) JinjaString() string { return o.text }

// htmlObject knows its HTML.
type htmlObject struct{ html string }

// JinjaHTML returns the HTML.
func (o *htmlObject) JinjaHTML() string { return o.html }

// JinjaString returns the HTML too.
func (o *htmlObject) JinjaString() string { return o.html }

// multiDict is like the form of a request.
type multiDict struct {
	keys   []string // sorted
	values map[string][]any
}

func buildMultiDict(fields map[string]any) (any, error) {
	built := &multiDict{values: map[string][]any{}}
	for key, raw := range fields {
		items, ok := raw.([]any)
		if !ok {
			return nil, fmt.Errorf("the multidict's key %q has no list", key)
		}
		values, err := buildList(items)
		if err != nil {
			return nil, err
		}
		if len(values) > 0 {
			built.keys = append(built.keys, key)
			built.values[key] = values
		}
	}
	slices.Sort(built.keys)
	return built, nil
}

// JinjaItem returns the first value of a key.
func (m *multiDict) JinjaItem(key any) (any, bool) {
	name, _ := key.(string)
	if len(m.values[name]) == 0 {
		return nil, false
	}
	return m.values[name][0], true
}

// JinjaContains reports whether there is a value.
func (m *multiDict) JinjaContains(key any) bool {
	_, ok := m.JinjaItem(key)
	return ok
}

// JinjaLen returns the number of keys.
func (m *multiDict) JinjaLen() int { return len(m.keys) }

// JinjaIter goes through the keys.
func (m *multiDict) JinjaIter() iter.Seq[any] {
	return m.each(func(key string) any { return key })
}

// each goes through what a function makes of the keys.
func (m *multiDict) each(made func(key string) any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, key := range m.keys {
			if !yield(made(key)) {
				return
			}
		}
	}
}

// JinjaAttr returns the methods.
func (m *multiDict) JinjaAttr(name string) (any, bool) {
	switch name {
	case "get":
		return call(m.get), true
	case "getlist":
		return call(m.getList), true
	case "keys":
		return func() iter.Seq[any] { return m.JinjaIter() }, true
	case "values":
		return func() iter.Seq[any] {
			return m.each(func(key string) any { return m.values[key][0] })
		}, true
	case "items":
		return func() iter.Seq[any] {
			return m.each(func(key string) any { return jinja.Tuple{key, m.values[key][0]} })
		}, true
	}
	return nil, false
}

func (m *multiDict) get(args []any, kwargs jinja.Kwargs) (any, error) {
	bound, err := bind(args, kwargs, []any{errRequired, nil}, "key", "default")
	if err != nil {
		return nil, err
	}
	if v, ok := m.JinjaItem(bound[0]); ok {
		return v, nil
	}
	return bound[1], nil
}

func (m *multiDict) getList(args []any, kwargs jinja.Kwargs) (any, error) {
	bound, err := bind(args, kwargs, []any{errRequired}, "key")
	if err != nil {
		return nil, err
	}
	name, _ := bound[0].(string)
	return slices.Clone(m.values[name]), nil
}
