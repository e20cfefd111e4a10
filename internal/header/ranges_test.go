package header

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The answers are those of Werkzeug's parse_range_header.
func TestParseRange(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]*Ranges{
		"bytes=0-4":        {"bytes", []Span{{0, 5}}},
		"bytes=5-":         {"bytes", []Span{{5, OpenEnd}}},
		"bytes=-5":         {"bytes", []Span{{-5, OpenEnd}}},
		"bytes=-0":         {"bytes", []Span{{0, OpenEnd}}},
		" BYTES = 0 - 4 ":  {"bytes", []Span{{0, 5}}},
		"bytes=0-0,5-6,-1": {"bytes", []Span{{0, 1}, {5, 7}, {-1, OpenEnd}}},
		"bytes=0-4,-0":     {"bytes", []Span{{0, 5}, {0, OpenEnd}}},
		"bytes=0--0":       {"bytes", []Span{{0, 1}}},
		"bytes=0--":        nil,
		"bytes=1--0":       nil,
		"lines=1-2":        {"lines", []Span{{1, 3}}},
		"=1-2":             {"", []Span{{1, 3}}},
		"bytes=0-9e18":     nil,
		"bytes=9223372036854775807-9223372036854775808": nil,
		"bytes=1-9223372036854775807":                   {"bytes", []Span{{1, math.MaxInt64}}},
		"":                                              nil,
		"bytes":                                         nil,
		"bytes=":                                        nil,
		"bytes=5":                                       nil,
		"bytes=-":                                       nil,
		"bytes=--5":                                     nil,
		"bytes=- 5":                                     nil,
		"bytes=5-4":                                     nil,
		"bytes=+0-4":                                    nil,
		"bytes=0_1-4":                                   nil,
		"bytes=٠-4":                                     nil,
		"bytes=a-b":                                     nil,
		"bytes=0-4,":                                    nil,
		"bytes=5-,7-8":                                  nil,
		"bytes=-5,7-8":                                  nil,
		"bytes=0-4,3-":                                  nil,
	} {
		got, ok := ParseRange(value)
		if ok != (want != nil) {
			t.Errorf("ParseRange(%q) = %+v, %v; want %+v", value, got, ok, want)
		} else if ok && !cmp.Equal(*want, got) {
			t.Errorf("ParseRange(%q): (-want +got)\n%s", value, cmp.Diff(*want, got))
		}
	}
}

func TestSatisfy(t *testing.T) {
	t.Parallel()
	type part struct {
		Start, End int64
		OK         bool
	}
	for value, want := range map[string]part{
		"bytes=0-":      {0, 30, true},
		"bytes=0-29":    {0, 30, true},
		"bytes=29-":     {29, 30, true},
		"bytes=25-99":   {25, 30, true},
		"bytes=-30":     {0, 30, true},
		"bytes=-0":      {0, 30, true},
		"bytes=30-":     {},
		"bytes=-31":     {},
		"bytes=0-0,2-2": {},
		"lines=0-4":     {},
	} {
		ranges, ok := ParseRange(value)
		if !ok {
			t.Fatalf("ParseRange(%q) refuses", value)
		}
		var got part
		got.Start, got.End, got.OK = ranges.Satisfy(30)
		if got != want {
			t.Errorf("%q.Satisfy(30) = %+v; want %+v", value, got, want)
		}
	}
}

func FuzzRange(f *testing.F) {
	f.Fuzz(func(t *testing.T, value string, length int64) {
		ranges, ok := ParseRange(value)
		if !ok {
			return
		}
		if len(ranges.Spans) == 0 {
			t.Fatalf("ParseRange(%q) has no spans", value)
		}
		for _, span := range ranges.Spans {
			if span.End != OpenEnd && (span.Begin < 0 || span.Begin >= span.End) {
				t.Fatalf("ParseRange(%q) has the span %+v", value, span)
			}
		}
		start, end, ok := ranges.Satisfy(length)
		if ok && (start < 0 || start >= end || end > length) {
			t.Fatalf("%q.Satisfy(%d) = %d, %d", value, length, start, end)
		}
	})
}
