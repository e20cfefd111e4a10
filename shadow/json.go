package shadow

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readJSON reads a document whose numbers keep their spelling.
func readJSON(text string) (value any, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return value, err == io.EOF
}

// maxDepth and maxPath bound the paths of values. Deeper values are compared
// as one.
const (
	maxDepth = 50
	maxPath  = 1000 // bytes
)

// compareJSON reports the values that differ, with their paths. The order of keys does
// not matter; 1 and 1.0 are of different kinds.
func (c *comparison) compareJSON(where string, old, new any) {
	c.compareBelow(where, old, new, maxDepth)
}

func (c *comparison) compareBelow(where string, old, new any, depth int) {
	if c.isNoise(where) {
		return
	}
	if depth == 0 || len(where) > maxPath {
		if before, after := c.jsonText(old), c.jsonText(new); before != after {
			c.add(where, before, after)
		}
		return
	}
	switch before := old.(type) {
	case map[string]any:
		if after, ok := new.(map[string]any); ok {
			c.compareObjects(where, before, after, depth)
			return
		}
	case []any:
		if after, ok := new.([]any); ok && len(before) == len(after) {
			for i := range before {
				c.compareBelow(fmt.Sprintf("%s[%d]", where, i), before[i], after[i], depth-1)
			}
			return
		}
	case json.Number:
		if after, ok := new.(json.Number); ok && sameNumber(before, after) {
			return
		}
	case string:
		if after, ok := new.(string); ok && c.spoken(before) == c.spoken(after) {
			return
		}
	default:
		if old == new {
			return
		}
	}
	c.add(where, c.jsonText(old), c.jsonText(new))
}

const absent = "(nothing)"

func (c *comparison) compareObjects(where string, old, new map[string]any, depth int) {
	keys := maps.Clone(old)
	maps.Copy(keys, new)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		below := where + "." + key
		before, inOld := old[key]
		after, inNew := new[key]
		switch {
		case c.isNoise(below):
		case !inOld:
			c.add(below, absent, c.jsonText(after))
		case !inNew:
			c.add(below, c.jsonText(before), absent)
		default:
			c.compareBelow(below, before, after, depth-1)
		}
	}
}

// sameNumber compares values and kinds: a number with a fraction or an exponent is a
// float.
func sameNumber(a, b json.Number) bool {
	isFloat := func(n json.Number) bool { return strings.ContainsAny(string(n), ".eE") }
	if isFloat(a) != isFloat(b) {
		return false
	}
	if !isFloat(a) {
		return a == b
	}
	x, err := strconv.ParseFloat(string(a), 64)
	y, otherErr := strconv.ParseFloat(string(b), 64)
	return err == nil && otherErr == nil && x == y
}

func (c *comparison) jsonText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return c.spoken(string(text))
}
