package pyjson

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/pytext"
)

// golden is one document and what Python's json module makes of it.
type golden struct {
	Data  []byte
	Error string

	Compact, Spaced, Raw, Indented, Repr string
}

func loadGolden(t testing.TB) []golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("golden.json holds only %d cases", len(cases))
	}
	return cases
}

func TestGolden(t *testing.T) {
	for _, c := range loadGolden(t) {
		value, err := Parse(c.Data)
		if c.Error != "" {
			if err == nil || err.Error() != c.Error {
				t.Errorf("Parse(%q): error %v, want %s", c.Data, err, c.Error)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", c.Data, err)
			continue
		}
		got := golden{
			Data:     c.Data,
			Compact:  appended(t, &Encoder{ASCII: true, SortKeys: true}, value),
			Spaced:   appended(t, &Encoder{ASCII: true, SortKeys: true, Spaced: true}, value),
			Raw:      appended(t, &Encoder{SortKeys: true}, value),
			Indented: appended(t, &Encoder{ASCII: true, SortKeys: true, Indent: 2}, value),
			// Surrogates in a repr are escapes; everything else is UTF-8.
			Repr: pytext.Repr(value),
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.Data, diff)
		}
	}
}

func appended(t testing.TB, e *Encoder, v any) string {
	t.Helper()
	text, err := e.Append(nil, v)
	if err != nil {
		t.Fatalf("Append(%#v): %v", v, err)
	}
	return string(text)
}
