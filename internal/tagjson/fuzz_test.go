package tagjson_test

import (
	"errors"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/tagjson"
	"github.com/decant-go/decant/internal/vectors"
)

// FuzzTagged insists that what was read is written and read back as it was,
// again and again.
func FuzzTagged(f *testing.F) {
	codec := newCodec()
	f.Add([]byte(`{"_flashes":[{" t":["message","Saved."]}],"user_id":42}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := codec.Parse(data)
		if err != nil {
			return
		}
		first, err := codec.Append(nil, value)
		if errors.Is(err, tagjson.ErrCalendar) {
			return // the last hours of year 9999 west of Greenwich
		}
		if err != nil {
			t.Fatalf("%q is read as %#v and cannot be written: %v", data, value, err)
		}
		again, err := codec.Parse(first)
		if err != nil {
			t.Fatalf("%q is written as %q and cannot be read: %v", data, first, err)
		}
		if diff := vectors.Diff(settled(value), again); diff != "" {
			t.Fatalf("%q (-read +read again):\n%s", data, diff)
		}
		second, err := codec.Append(nil, again)
		if err != nil {
			t.Fatalf("%q cannot be written again: %v", first, err)
		}
		third, err := codec.Parse(second)
		if diff := vectors.Diff(again, third); err != nil || diff != "" {
			t.Fatalf("%q changes when it is read from %q: %v\n%s", first, second, err, diff)
		}
	})
}

// settled brings dates into UTC, as writing does, and maps the years that
// reading moves: Flask reads year 99 as 1999.
func settled(v any) any {
	switch v := v.(type) {
	case time.Time:
		return settledDate(v.UTC())
	case []any:
		for i := range v {
			v[i] = settled(v[i])
		}
	case vectors.Tuple:
		for i := range v {
			v[i] = settled(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = settled(v[key])
		}
	}
	return v
}

func settledDate(date time.Time) time.Time {
	switch year := date.Year(); {
	case year < 69:
		return date.AddDate(2000, 0, 0)
	case year < 100:
		return date.AddDate(1900, 0, 0)
	}
	return date
}
