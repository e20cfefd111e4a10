package templatecases

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	text, _ := content.(string)
	switch tag {
	case "$markup":
		return jinja.Markup(text), nil
	case "$datetime":
		return time.Parse("2006-01-02T15:04:05", text)
	case "$strobj":
		return textObject(text), nil
	case "$htmlobj":
		return htmlObject(text), nil
	case "$tuple":
		items, _ := content.([]any)
		built, err := buildList(items)
		return jinja.Tuple(built), err
	case "$object":
		fields, _ := content.(map[string]any)
		built, err := buildMap(fields)
		return object(built), err
	case "$multidict":
		return buildMultiDict(content)
	}
	return nil, fmt.Errorf("the tag %q is not known", tag)
}

// object has attributes and no items.
type object map[string]any

// JinjaAttr returns an attribute.
func (o object) JinjaAttr(name string) (any, bool) {
	v, ok := o[name]
	return v, ok
}

// textObject prints its text, which is not safe.
type textObject string

// JinjaString returns the text.
func (o textObject) JinjaString() string { return string(o) }

// htmlObject knows its HTML.
type htmlObject string

// JinjaHTML returns the HTML.
func (o htmlObject) JinjaHTML() string { return string(o) }

// JinjaString returns the HTML too.
func (o htmlObject) JinjaString() string { return string(o) }

// multiDict is like the form of a request.
type multiDict map[string][]any

func buildMultiDict(content any) (any, error) {
	fields, _ := content.(map[string]any)
	built := multiDict{}
	for key, raw := range fields {
		items, ok := raw.([]any)
		if !ok {
			return nil, fmt.Errorf("the multidict's key %q has no list", key)
		}
		values, err := buildList(items)
		if err != nil {
			return nil, err
		}
		built[key] = values
	}
	return built, nil
}

// JinjaItem returns the first value of a key.
func (m multiDict) JinjaItem(key any) (any, bool) {
	name, _ := key.(string)
	if len(m[name]) == 0 {
		return nil, false
	}
	return m[name][0], true
}

// JinjaContains reports whether there is a value.
func (m multiDict) JinjaContains(key any) bool {
	_, ok := m.JinjaItem(key)
	return ok
}

// JinjaAttr returns the methods.
func (m multiDict) JinjaAttr(name string) (any, bool) {
	switch name {
	case "get":
		return m.get, true
	case "getlist":
		return m.getList, true
	}
	return nil, false
}

func (m multiDict) get(key string, otherwise ...any) any {
	if v, ok := m.JinjaItem(key); ok {
		return v
	}
	if len(otherwise) > 0 {
		return otherwise[0]
	}
	return nil
}

func (m multiDict) getList(key string) []any { return slices.Clone(m[key]) }
