package form

import (
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
	if err != nil || json.Unmarshal(data, &members) != nil {
		return nil
	}
	s := &submitted{}
	for name, member := range members {
		items, isList := member.([]any)
		if !isList {
			items = []any{member}
		}
		for _, item := range items {
			if value, ok := jsonText(item); ok {
				s.names = append(s.names, strings.ToValidUTF8(name, "\uFFFD"))
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
	case float64:
		return strings.TrimSuffix(text(item), ".0"), true
	}
	return "", false
}
