package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/decant-go/decant/internal/pyjson"
)

// SetFile sets the keys that a file holds, as SetAll does. The function
// unmarshal reads the file's format into a map with string keys.
func (s Settings) SetFile(name string, unmarshal func(data []byte, into any) error) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("decant: the configuration file cannot be read: %w%s", err, explainName(name))
	}
	var values fileValues
	if err := unmarshal(data, &values); err != nil {
		return fmt.Errorf("decant: the configuration file %s cannot be understood: %w%s", name, err, lineOf(data, err))
	}
	if err := s.SetAll(values.plain()); err != nil {
		return fmt.Errorf("in the configuration file %s: %w", name, err)
	}
	return nil
}

// explainName says which folder a relative name is looked up in.
func explainName(name string) string {
	if name == "" {
		return " (the name is empty; if it comes from an environment variable, set that)"
	}
	directory, err := os.Getwd()
	if err != nil || filepath.IsAbs(name) {
		return ""
	}
	return fmt.Sprintf(" (the name is relative to the working directory, %s)", directory)
}

// lineOf names the line of a mistake in JSON: encoding/json gives only the
// offset. The offset may lie behind the end of data, because unmarshal may have
// changed the data before it parsed them.
func lineOf(data []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ""
	}
	before := data[:min(int(syntax.Offset), len(data))]
	return fmt.Sprintf(" (line %d)", 1+bytes.Count(before, []byte("\n")))
}

// fileValues are the values of a file. It unmarshals JSON as Python does, so
// that a whole number does not become a float64; for any other format it is a
// plain map.
type fileValues map[string]any

var errNoObject = errors.New("its outermost value is not an object with the keys; put everything between { and }")

func (v *fileValues) UnmarshalJSON(data []byte) error {
	value, err := pyjson.Parse(data)
	if err != nil {
		return err
	}
	values, ok := value.(map[string]any)
	if !ok {
		return errNoObject
	}
	*v = values
	return nil
}

// plain converts the values to the types that a JSON file gives: int for a
// whole number, []any for a list, map[string]any for a map.
func (v fileValues) plain() map[string]any {
	values := make(map[string]any, len(v))
	for key, value := range v {
		values[key] = plainValue(value)
	}
	return values
}

func plainValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return fileValues(value).plain()
	case []any:
		return plainList(value)
	case []map[string]any:
		return plainList(value)
	case json.Number:
		return plainNumber(value)
	case float32, float64:
		return value
	}
	if number, ok := integer(value); ok && math.MinInt <= number && number <= math.MaxInt {
		return int(number)
	}
	return value
}

func plainList[T any](items []T) []any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = plainValue(item)
	}
	return list
}
