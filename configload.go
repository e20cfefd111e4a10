package decant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/decant-go/decant/internal/pyjson"
)

// FromMap sets many keys at once, as [Config.Set] does, and passes over those
// that are not in upper case. It mirrors from_mapping.
//
// The error lists every key that is wrong, with what to do about it. All others
// are set.
func (c *Config) FromMap(values map[string]any) error {
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if isUpper(key) {
			problems = append(problems, c.set(key, values[key]))
		}
	}
	return errors.Join(problems...)
}

// FromFile sets the keys that a file holds, as FromMap does. The second
// argument reads the file's format: json.Unmarshal, or that of any library
// which fills a map with string keys. A relative name is looked up in the
// working directory. It mirrors from_file.
//
// Whole numbers are int and lists are []any, whatever the format. Where the
// file need not be there, errors.Is(err, fs.ErrNotExist) tells.
func (c *Config) FromFile(name string, unmarshal func(data []byte, into any) error) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("decant: the configuration file cannot be read: %w%s", err, lookedUpIn(name))
	}
	var values settings
	if err := unmarshal(data, &values); err != nil {
		return fmt.Errorf("decant: the configuration file %s cannot be understood: %w%s", name, err, atLine(data, err))
	}
	if err := c.FromMap(values.plain()); err != nil {
		return fmt.Errorf("in the configuration file %s: %w", name, err)
	}
	return nil
}

// lookedUpIn explains where a relative name begins.
func lookedUpIn(name string) string {
	if name == "" {
		return " (the name is empty; if it comes from an environment variable, set that)"
	}
	directory, err := os.Getwd()
	if err != nil || filepath.IsAbs(name) {
		return ""
	}
	return fmt.Sprintf(" (the name is relative to the working directory, %s)", directory)
}

// atLine adds what encoding/json does not say.
func atLine(data []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ""
	}
	return fmt.Sprintf(" (line %d)", 1+bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")))
}

// settings are what a file holds. JSON is read as Python reads it, in which a
// whole number is no float; other formats see a map.
type settings map[string]any

var errNoObject = errors.New("its outermost value is not an object with the keys; put everything between { and }")

func (s *settings) UnmarshalJSON(data []byte) error {
	value, err := pyjson.Parse(data)
	if err != nil {
		return err
	}
	values, ok := value.(map[string]any)
	if !ok {
		return errNoObject
	}
	*s = values
	return nil
}

// plain gives values of other formats the types that JSON's have here.
func (s settings) plain() map[string]any {
	values := make(map[string]any, len(s))
	for key, value := range s {
		values[key] = plainSetting(value)
	}
	return values
}

func plainSetting(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return settings(value).plain()
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
		list[i] = plainSetting(item)
	}
	return list
}
