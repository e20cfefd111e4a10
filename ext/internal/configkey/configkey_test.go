package configkey

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// read sets a key and reads it; a panic is the result.
func read(value any, get func(*decant.Config, string) any) (got any) {
	defer func() {
		if problem := recover(); problem != nil {
			got = fmt.Sprint(problem)
		}
	}()
	config := decant.New("test").Config
	config.Set("REMEMBER_X", value)
	return get(config, "REMEMBER_X")
}

func TestValues(t *testing.T) {
	t.Parallel()
	asBool := func(c *decant.Config, key string) any { return Bool(c, key, true) }
	asText := func(c *decant.Config, key string) any { return Text(c, key, "otherwise") }
	asTexts := func(c *decant.Config, key string) any { return Texts(c, key, "otherwise") }
	asDuration := func(c *decant.Config, key string) any {
		duration, limited := Duration(c, key, time.Hour)
		return fmt.Sprint(duration, limited)
	}
	const mistake = "mistake"
	for name, c := range map[string]struct {
		value any
		get   func(*decant.Config, string) any
		want  any
	}{
		"true":               {true, asBool, true},
		"nil is false":       {nil, asBool, false},
		"0 is false":         {0, asBool, false},
		"1 is true":          {1, asBool, true},
		"no text is false":   {"", asBool, false},
		"a float is none":    {1.5, asBool, mistake},
		"text":               {"x", asText, "x"},
		"bytes":              {[]byte{0, 255}, asText, "\x00\xff"},
		"nil is no text":     {nil, asText, ""},
		"a number is none":   {1, asText, mistake},
		"texts":              {[]string{"a", "b"}, asTexts, []string{"a", "b"}},
		"a list":             {[]any{"a"}, asTexts, []string{"a"}},
		"texts in one":       {"a, b", asTexts, []string{"a", "b"}},
		"a list of numbers":  {[]any{1}, asTexts, mistake},
		"a bool is no list":  {true, asTexts, mistake},
		"seconds":            {90, asDuration, "1m30s true"},
		"parts of a second":  {1.5, asDuration, "1.5s true"},
		"a duration":         {time.Minute, asDuration, "1m0s true"},
		"no duration":        {nil, asDuration, "0s false"},
		"a text is no limit": {"1", asDuration, mistake},
	} {
		got := read(c.value, c.get)
		if text, ok := got.(string); ok && c.want == mistake {
			if !strings.Contains(text, "REMEMBER_X wants") {
				t.Errorf("%s: got %q", name, text)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSecondsThatNoDurationHolds(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]time.Duration{
		1e300: math.MaxInt64, -1e300: math.MinInt64, math.Inf(1): math.MaxInt64, 0.25: 250 * time.Millisecond,
	} {
		if got := Seconds(seconds); got != want {
			t.Errorf("%v seconds are %v, want %v", seconds, got, want)
		}
	}
}
