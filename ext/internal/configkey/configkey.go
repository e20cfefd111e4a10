// Package configkey reads the configuration keys of Flask's extensions, which
// an application keeps beside Flask's own. A value of the wrong type is a
// mistake in the program: the functions panic with an error that names the key.
package configkey

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

// Bool reads true or false. Numbers and strings count as Python counts them: 0,
// "" and nil are false.
func Bool(config *decant.Config, key string, otherwise bool) bool {
	value, ok := config.Lookup(key)
	if !ok {
		return otherwise
	}
	switch value := value.(type) {
	case bool:
		return value
	case nil:
		return false
	case string:
		return value != ""
	case int:
		return value != 0
	}
	panic(mistake(key, "true or false", value))
}

// Text reads a string or bytes; nil counts as "".
func Text(config *decant.Config, key, otherwise string) string {
	value, ok := config.Lookup(key)
	if !ok {
		return otherwise
	}
	switch value := value.(type) {
	case string:
		return value
	case []byte:
		return string(value)
	case nil:
		return ""
	}
	panic(mistake(key, "a string", value))
}

// Texts reads a list of strings, or one string with commas or blanks between
// them.
func Texts(config *decant.Config, key string, otherwise ...string) []string {
	value, ok := config.Lookup(key)
	if !ok {
		return otherwise
	}
	switch value := value.(type) {
	case []string:
		return value
	case []any:
		texts := make([]string, len(value))
		for i, item := range value {
			text, isText := item.(string)
			if !isText {
				panic(mistake(key, "a list of strings", value))
			}
			texts[i] = text
		}
		return texts
	case string:
		return strings.Fields(strings.ReplaceAll(value, ",", " "))
	}
	panic(mistake(key, "a list of strings", value))
}

// Duration reads a time.Duration or a number of seconds. It is not limited for
// nil, which is Python's None.
func Duration(config *decant.Config, key string, otherwise time.Duration) (duration time.Duration, limited bool) {
	value, ok := config.Lookup(key)
	if !ok {
		return otherwise, true
	}
	switch value := value.(type) {
	case time.Duration:
		return value, true
	case int:
		return Seconds(float64(value)), true
	case int64:
		return Seconds(float64(value)), true
	case float64:
		return Seconds(value), true
	case nil:
		return 0, false
	}
	panic(mistake(key, "a time.Duration or a number of seconds", value))
}

// Seconds turns a number of seconds into a duration. A number that no
// time.Duration can hold becomes the longest one.
func Seconds(seconds float64) time.Duration {
	nanoseconds := seconds * float64(time.Second)
	switch {
	case nanoseconds >= math.MaxInt64:
		return math.MaxInt64
	case nanoseconds <= math.MinInt64:
		return math.MinInt64
	}
	return time.Duration(nanoseconds)
}

func mistake(key, wanted string, value any) error {
	return fmt.Errorf("decant: the configuration key %s wants %s, not %T; change it where the application is configured", key, wanted, value)
}
