package decant

import (
	"errors"
	"fmt"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/tagjson"
)

// MarshalSession writes the values of a session as JSON with Flask's tags, for
// a [SessionInterface] that keeps them elsewhere: Flask's
// TaggedJSONSerializer().dumps. The error names the value that cannot be
// stored.
func MarshalSession(values map[string]any) ([]byte, error) {
	json, err := sessionJSON.Append(nil, values)
	if err != nil {
		return nil, unsaved(err)
	}
	return json, nil
}

// UnmarshalSession reads what [MarshalSession] or Flask wrote. The values are
// new ones, and data is not kept. It mirrors TaggedJSONSerializer().loads; a
// payload that is no object is an error.
func UnmarshalSession(data []byte) (map[string]any, error) { return parseSession(data) }

// unsaved says which value of the session is in the way.
func unsaved(err error) error {
	place := "session"
	var unfit *pyjson.ValueError
	if errors.As(err, &unfit) {
		place, err = place+unfit.Path, unfit.Err
	}
	return fmt.Errorf("decant: the session cannot be saved, and what changed in it is lost: %s: %w", place, err)
}

func parseSession(payload []byte) (map[string]any, error) {
	parsed, err := sessionJSON.Parse(payload)
	if err != nil {
		return nil, badPayload("could not load the payload because an error occurred on unserializing the data", err)
	}
	switch values := parsed.(type) {
	case map[string]any:
		return values, nil
	case nil:
		return nil, nil
	case []any:
		return fromPairs(values)
	case Tuple:
		return fromPairs(values)
	}
	return nil, fmt.Errorf("the session holds a %T, and a session is an object", parsed)
}

// fromPairs is Python's dict(list of pairs).
func fromPairs(items []any) (map[string]any, error) {
	values := make(map[string]any, len(items))
	for i, item := range items {
		key, value, ok := pair(item)
		if !ok {
			return nil, fmt.Errorf("the session holds a list whose item %d is no pair, and a session is an object", i)
		}
		values[key] = value
	}
	return values, nil
}

func pair(item any) (key string, value any, ok bool) {
	var items []any
	switch item := item.(type) {
	case []any:
		items = item
	case Tuple:
		items = item
	case string:
		for _, char := range item {
			items = append(items, string(char))
		}
	}
	if len(items) != 2 {
		return "", nil, false
	}
	key, ok = items[0].(string)
	return key, items[1], ok
}

// sessionJSON is TaggedJSONSerializer with this package's Markup. It is never
// changed.
var sessionJSON = tagjson.New(tagjson.Hooks{
	Markup:  func(html string) any { return Markup(html) },
	HTML:    markupOf,
	Default: jsonDefault,
})
