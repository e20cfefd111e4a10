package jinja_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/templatecases"
)

// marker is what an attacker would put wherever an application reads text.
const marker = `<x9>"'&`

var (
	// saysSafe finds templates whose author turned escaping off.
	saysSafe = regexp.MustCompile(`safe|autoescape`)
	// rawMarker finds the marker's tag, also in upper case and turned around.
	rawMarker = regexp.MustCompile(`(?i)<x9|>9x<`)
	// brokenOut finds the marker's quotes behind its escaped tag.
	brokenOut = regexp.MustCompile(`(?i)&lt;x9&gt;["']`)
)

// TestNothingIsPrintedRaw puts a marker into each string of each case's context,
// in place of it and behind it, and looks for it in the pages.
func TestNothingIsPrintedRaw(t *testing.T) {
	shown := 0
	for _, c := range vectors(t, "testdata") {
		if !escapesEverything(c) {
			continue
		}
		original := c.Context
		for _, replace := range []bool{true, false} {
			c.Context = marked(t, original, replace)
			output, err := c.Run()
			if err != nil {
				continue // the template does more with the text than to print it
			}
			if rawMarker.MatchString(output) || brokenOut.MatchString(output) {
				t.Errorf("%s prints the marker raw:\n%s\ntemplates: %q", c.ID, output, c.Templates)
			}
			if strings.Contains(output, "&lt;x9&gt;&#34;&#39;&amp;") {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("no case printed the marker: the test looks at nothing")
	}
}

// escapesEverything reports whether all templates of a case are HTML, and none
// says that a text is safe.
func escapesEverything(c templatecases.Case) bool {
	for name, source := range c.Templates {
		if !strings.HasSuffix(name, ".html") || saysSafe.MatchString(source) {
			return false
		}
	}
	return true
}

// marked puts the marker into the strings of a context, but not into those that
// the application calls safe.
func marked(t *testing.T, context json.RawMessage, replace bool) json.RawMessage {
	t.Helper()
	var values any
	if err := json.Unmarshal(context, &values); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(mark(values, replace))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mark(v any, replace bool) any {
	switch v := v.(type) {
	case string:
		if replace {
			return marker
		}
		return v + marker
	case []any:
		for i, item := range v {
			v[i] = mark(item, replace)
		}
	case map[string]any:
		for key, item := range v {
			switch key {
			case "$markup", "$htmlobj", "$datetime":
			default:
				v[key] = mark(item, replace)
			}
		}
	}
	return v
}
