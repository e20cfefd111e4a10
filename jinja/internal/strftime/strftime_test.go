package strftime

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// moment is one entry of testdata/python.json.
type moment struct {
	Fields  []int
	Offset  *int
	Str     string
	Date    string
	Formats map[string]string
	ISO     map[string]string `json:"iso"`
}

func (m moment) time() time.Time {
	zone := time.UTC
	if m.Offset != nil && *m.Offset != 0 {
		zone = time.FixedZone("", *m.Offset)
	}
	f := m.Fields
	return time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], f[6]*1000, zone)
}

func TestAsPython(t *testing.T) {
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var moments []moment
	if err := json.Unmarshal(data, &moments); err != nil {
		t.Fatal(err)
	}
	for _, m := range moments {
		when, zoned := m.time(), m.Offset != nil
		for layout, want := range m.Formats {
			if diff := cmp.Diff(want, Format(when, layout, zoned)); diff != "" {
				t.Errorf("strftime(%q) of %s (-python +go):\n%s", layout, m.Str, diff)
			}
		}
		for spec, want := range m.ISO {
			got, err := ISOFormat(when, "T", spec, zoned)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("isoformat(%q) of %s: %v (-python +go):\n%s", spec, m.Str, err, diff)
			}
		}
		if diff := cmp.Diff([]string{m.Str, m.Date}, []string{String(when, zoned), Date(when)}); diff != "" {
			t.Errorf("str of %s (-python +go):\n%s", m.Str, diff)
		}
	}
}

func TestZoneNames(t *testing.T) {
	when := time.Date(2024, 7, 1, 12, 0, 0, 0, time.FixedZone("CEST", 7200))
	if got, want := Format(when, "%H:%M %Z (%z)", true), "12:00 CEST (+0200)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnknownTimespec(t *testing.T) {
	if got, err := ISOFormat(time.Time{}, "T", "days", false); err == nil {
		t.Errorf("the timespec days gives %q, want an error", got)
	}
}

func TestWidthIsBounded(t *testing.T) {
	layout := strings.Repeat("%999999999999999999999d", 100)
	if got := Format(time.Time{}, layout, false); got != layout {
		t.Errorf("got %d bytes, want the layout as it is", len(got))
	}
}
