package form

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/decant-go/decant"
)

// sentAsJSON takes the members of a JSON object for the fields of a form, as
// Flask-WTF does: a list is several values of one name. Objects inside and null
// are left out, and a body that is no object is taken for nothing.
func sentAsJSON(c *decant.Context) *submitted {
	var members map[string]any
	data, err := c.Request.Data()
	if err != nil || !json.Valid(data) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // a float64 has no room for an id of 17 digits
	if decoder.Decode(&members) != nil {
		return nil
	}
	s := &submitted{zeros: map[string]bool{}}
	for name, member := range members {
		items, isList := member.([]any)
		if !isList {
			items = []any{member}
		}
		name = strings.ToValidUTF8(name, "\uFFFD")
		s.zeros[name] = len(items) > 0 && isZero(items[0])
		for _, item := range items {
			if value, ok := jsonText(item); ok {
				s.names = append(s.names, name)
				s.values = append(s.values, value)
			}
		}
	}
	if len(s.names) == 0 {
		return nil
	}
	s.sort()
	return s
}

// jsonText is what a form would have sent.
func jsonText(item any) (string, bool) {
	switch item := item.(type) {
	case string:
		return item, true
	case bool:
		if item {
			return "true", true
		}
		return "false", true
	case json.Number:
		return numberText(item), true
	}
	return "", false
}

// numberText keeps a whole number as it is, and writes others as Python does.
func numberText(number json.Number) string {
	switch {
	case number == "-0":
		return "0"
	case !strings.ContainsAny(string(number), ".eE"):
		return string(number)
	}
	value, _ := number.Float64() // an infinity where it is out of range
	return strings.TrimSuffix(text(value), ".0")
}

// isZero reports whether a member is the number 0.
func isZero(item any) bool {
	number, ok := item.(json.Number)
	if !ok {
		return false
	}
	value, err := number.Float64()
	return err == nil && value == 0
}
