package flasksession

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Format is the form in which sessions are kept in the store. All forms are
// read whatever the setting, so that it may change while sessions are alive.
type Format string

const (
	// Msgpack is the default of Flask-Session 0.7 and later.
	Msgpack Format = "msgpack"
	// JSON is the other form of Flask-Session 0.7 and later.
	JSON Format = "json"
	// Pickle is what Flask-Session before 0.7 writes, and the only form that it
	// reads. Later ones read it, too, and write the session in their own.
	Pickle Format = "pickle"
)

// check refuses a setting that does not exist.
func (f Format) check() error {
	switch f {
	case Msgpack, JSON, Pickle:
		return nil
	}
	return fmt.Errorf("decant: SESSION_SERIALIZATION_FORMAT is %q; write \"msgpack\" or \"json\", or \"pickle\" where the Flask-Session beside this application is older than 0.7", string(f))
}

// Encode writes a session, or any value that one can hold. Keys of maps are
// sorted. The error names the value that cannot be stored in the format: an
// integer of more than 64 bits and markup have no form in MessagePack, and JSON
// takes only strings and numbers as keys.
func Encode(value any, format Format) ([]byte, error) {
	if err := format.check(); err != nil {
		return nil, err
	}
	switch format {
	case JSON:
		return encodeJSON(value)
	case Pickle:
		return encodePickle(value)
	}
	return encodeMsgpack(value)
}

// Decode reads what Flask-Session wrote in any form. The format says which of
// MessagePack and JSON is tried first; a pickle is tried last, and may hold
// plain data only: nothing in it is ever run.
//
// Whole numbers come back as int or *big.Int, dicts as map[string]any or [Dict],
// lists and sets of MessagePack and JSON as []any. Reading takes linear time. Data
// that is nested more than a thousand levels deep is an error.
func Decode(data []byte, format Format) (any, error) {
	if err := format.check(); err != nil {
		return nil, err
	}
	first, second := decodeMsgpack, decodeJSON
	if format == JSON {
		first, second = second, first
	}
	if value, err := first(data); err == nil {
		return value, nil
	}
	if value, err := second(data); err == nil {
		return value, nil
	}
	value, err := decodePickle(data)
	if err != nil {
		return nil, undecodable(data, err)
	}
	return value, nil
}

// undecodable says what is wrong in the form that was most likely meant.
func undecodable(data []byte, pickleError error) error {
	if bytes.HasPrefix(data, []byte{0x80}) {
		return fmt.Errorf("decant: the pickled session cannot be read: %w", pickleError)
	}
	_, jsonError := decodeJSON(data)
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return fmt.Errorf("decant: the session cannot be read as JSON: %w", jsonError)
	}
	_, msgpackError := decodeMsgpack(data)
	return fmt.Errorf("decant: the session is neither MessagePack, JSON nor a pickle: %w", msgpackError)
}

var errEmpty = errors.New("it is empty")

// sortedItems lists the entries of a map by key.
func sortedItems[V any](values map[string]V) []Item {
	items := make([]Item, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		items = append(items, Item{key, values[key]})
	}
	return items
}

// dictOf reads the session itself, which Python makes with dict(…).
func dictOf(value any) (map[string]any, error) {
	switch value := value.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return value, nil
	case Dict:
		for _, item := range value {
			if _, isText := item.Key.(string); !isText {
				return nil, fmt.Errorf("decant: the session has the key %#v, and its own keys must be strings; let the Python side use str", item.Key)
			}
		}
	}
	return nil, fmt.Errorf("decant: the store holds a %T where a session should be; look whether something else uses the same keys", value)
}
