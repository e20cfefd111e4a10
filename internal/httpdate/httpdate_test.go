package httpdate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/vectors"
)

func TestVectorsFormat(t *testing.T) {
	file := vectors.Load(t, "http.json")
	for _, c := range vectors.Select[struct {
		ID, Op string
		Value  json.RawMessage
		Want   struct{ Out string }
	}](t, file, "http_date") {
		date := asTime(t, vectors.Value(t, c.Value))
		if got := httpdate.Format(date); got != c.Want.Out {
			t.Errorf("%s: Format(%v) = %s, want %s", c.ID, date, got, c.Want.Out)
		}
		if got := string(httpdate.Append([]byte("x"), date)); got != "x"+c.Want.Out {
			t.Errorf("%s: Append(%v) = %s, want x%s", c.ID, date, got, c.Want.Out)
		}
	}
}

// asTime brings the numbers and days that Python accepts into Go's one type.
func asTime(t *testing.T, v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v
	case vectors.Date:
		return v.Time
	case int:
		return time.Unix(int64(v), 0)
	case float64:
		return time.UnixMilli(int64(v * 1000))
	}
	t.Fatalf("no date: %#v", v)
	return time.Time{}
}

func TestVectorsParse(t *testing.T) {
	file := vectors.Load(t, "http.json")
	for _, c := range vectors.Select[struct {
		ID, Op, Text string
		Want         struct{ Out json.RawMessage }
	}](t, file, "parse_date") {
		var got any
		if date, ok := httpdate.Parse(c.Text); ok {
			got = date
		}
		if diff := vectors.Diff(vectors.Value(t, c.Want.Out), got); diff != "" {
			t.Errorf("%s: Parse(%q) (-want +got):\n%s", c.ID, c.Text, diff)
		}
	}
}

// The answers are those of werkzeug.http.parse_date; "" is no date.
func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Tue, 15 Nov 1994 08:12:31 GMT", "1994-11-15T08:12:31+00:00"},
		{"Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"},
		{"Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37+00:00"},
		{"tue 15 nov 1994 08:12:31 gmt", "1994-11-15T08:12:31+00:00"},
		{"x, 15 November 1994 08:12 utc", "1994-11-15T08:12:00+00:00"},
		{"15 Nov 1994 08:12:31+0530", "1994-11-15T08:12:31+05:30"},
		{"15 Nov 1994 08:12:31-0530", "1994-11-15T08:12:31-05:30"},
		{"15 Nov 1994 08:12:31 -0000", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 1994 08:12:31 +0099", "1994-11-15T08:12:31+01:39"},
		{"15 Nov 1994 08:12:31 +2359", "1994-11-15T08:12:31+23:59"},
		{"15 Nov 1994 08:12:31 +2400", ""},
		{"15 Nov 1994 08:12:31 -2400", ""},
		{"15 Nov 1994 08:12:31 +99999999999999999999", ""},
		{"15 Nov 29922992992999 08:12:31 GMT", ""},
		{"15 Nov 1994 0899999999999:12:31 GMT", ""},
		{"15 Nov 1994 08:12:31 12", "1994-11-15T08:12:31+00:12"},
		{"15 Nov 1994 08:12:31 +1_00", "1994-11-15T08:12:31+01:00"},
		{"15 Nov 1994 08:12:31 EST", "1994-11-15T08:12:31-05:00"},
		{"15 Nov 1994 08:12:31 edt", "1994-11-15T08:12:31-04:00"},
		{"15 Nov 1994 08:12:31 CST", "1994-11-15T08:12:31-06:00"},
		{"15 Nov 1994 08:12:31 CDT", "1994-11-15T08:12:31-05:00"},
		{"15 Nov 1994 08:12:31 MST", "1994-11-15T08:12:31-07:00"},
		{"15 Nov 1994 08:12:31 MDT", "1994-11-15T08:12:31-06:00"},
		{"15 Nov 1994 08:12:31 PST", "1994-11-15T08:12:31-08:00"},
		{"15 Nov 1994 08:12:31 PDT", "1994-11-15T08:12:31-07:00"},
		{"15 Nov 1994 08:12:31 AST", "1994-11-15T08:12:31-04:00"},
		{"15 Nov 1994 08:12:31 ADT", "1994-11-15T08:12:31-03:00"},
		{"15 Nov 1994 08:12:31 Z", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 1994 08:12:31 UT", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 1994 08:12:31 CEST", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 1994 08.12.31", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 1994 08.12", "1994-11-15T08:12:00+00:00"},
		{"15 Nov 1994 08", ""},
		{"15 Nov 1994 1:2:3:4", ""},
		{"15 Nov 1994 1.2.3.4", ""},
		{"15 Nov 1994 :1:2", ""},
		{"15 Nov 1994 08:12:31,", "1994-11-15T08:12:31+00:00"},
		{"15, Nov 1994, 08:12:31", ""},
		{"Nov 15 1994 08:12:31 GMT", "1994-11-15T08:12:31+00:00"},
		{"Nov 15 08:12:31 1994", "1994-11-15T08:12:31+00:00"},
		{"Nov 15 08:12:31 GMT 1994", "1994-11-15T08:12:31+00:00"},
		{"15 Nov 08:12:31 94 EST", "1994-11-15T08:12:31-05:00"},
		{"15 Nov GMT 08:12:31 1994", "1994-11-15T08:12:31+00:00"},
		{"15 Nov GMT 08:12:31 -5", "1995-11-15T08:12:31+00:00"},
		{"15 Nov , 08:12:31", ""},
		{"15 Nov 68 00:00:00", "2068-11-15T00:00:00+00:00"},
		{"15 Nov 69 00:00:00", "1969-11-15T00:00:00+00:00"},
		{"15 Nov 99 00:00:00", "1999-11-15T00:00:00+00:00"},
		{"15 Nov 100 00:00:00", "0100-11-15T00:00:00+00:00"},
		{"15 Nov 0 00:00:00", "2000-11-15T00:00:00+00:00"},
		{"15 Nov 10000 00:00:00", ""},
		{"15 Nov 9999 23:59:59", "9999-11-15T23:59:59+00:00"},
		{"1_5 Nov 1_994 0_8:12", "1994-11-15T08:12:00+00:00"},
		{"+15 Nov 1994 08:12", "1994-11-15T08:12:00+00:00"},
		{"-1 Nov 1994 08:12", ""},
		{"٣ Nov ١٩٩٤ 08:12", "1994-11-03T08:12:00+00:00"},
		{"29 Feb 2024 00:00", "2024-02-29T00:00:00+00:00"},
		{"29 Feb 2023 00:00", ""},
		{"31 Apr 2024 00:00", ""},
		{"0 Jan 2024 00:00", ""},
		{"32 Jan 2024 00:00", ""},
		{"1 Jan 2024 24:00", ""},
		{"1 Jan 2024 23:60", ""},
		{"1 Jan 2024 23:59:60", ""},
		{"1 Jan 2024 -1:00", ""},
		{"", ""},
		{"   ", ""},
		{",", ""},
		{"Mon,", ""},
		{"Mon", ""},
		{"15 Nov", ""},
		{"15 Nov 1994", ""},
		{"15-Nov-94 08:12:31", ""},
		{"15-Nov-94 08:12:31 GMT", "1994-11-15T08:12:31+00:00"},
		{"Wed, 15-Nov-94 08:12 PST", "1994-11-15T08:12:00-08:00"},
		{"15-Nov 08:12:31 GMT", ""},
		{"--- 08:12:31 GMT", ""},
		{"1994-11-15T08:12:31Z", ""},
		{"1994-11-15 08:12:31 GMT", ""},
		{"15/11/1994 08:12:31 GMT", ""},
		{"15 Okt 1994 08:12:31", ""},
		{"15 Novem 1994 08:12:31", ""},
		{"Tue,15 Nov 1994 08:12:31 GMT", "1994-11-15T08:12:31+00:00"},
		{"a,b,15 Nov 1994 08:12:31 GMT", "1994-11-15T08:12:31+00:00"},
		{"Tuesday 15 Nov 1994 08:12", ""},
		{"15\x1cNov\u00851994\u00a008:12", "1994-11-15T08:12:00+00:00"},
		{"15 Nov 1994 08:12 GMT (comment) x", "1994-11-15T08:12:00+00:00"},
		{"15 Nov \u00b2x 08:12 12", ""},
		{"784887151", ""},
	} {
		got := ""
		if date, ok := httpdate.Parse(test.text); ok {
			got = date.Format("2006-01-02T15:04:05-07:00")
		}
		if got != test.want {
			t.Errorf("Parse(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestParseWithoutOffsetIsUTC(t *testing.T) {
	for _, text := range []string{"15 Nov 1994 08:12", "15 Nov 1994 08:12 GMT", "15 Nov 1994 08:12 +0000"} {
		if date, ok := httpdate.Parse(text); !ok || date.Location() != time.UTC {
			t.Errorf("Parse(%q) = %v, %v; want a date in UTC", text, date, ok)
		}
	}
}

func TestRoundtrip(t *testing.T) {
	for year := 100; year <= 9999; year += 37 {
		want := time.Date(year, time.Month(year%12+1), year%28+1, year%24, year%60, year%59, 0, time.UTC)
		if got, ok := httpdate.Parse(httpdate.Format(want)); !ok || !got.Equal(want) {
			t.Errorf("%v comes back as %v, %v", want, got, ok)
		}
	}
}

// FuzzParse insists that a text is read without a panic, and that what was
// read is a date of the calendar which survives being written.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		date, ok := httpdate.Parse(text)
		if !ok {
			return
		}
		if year := date.Year(); year < 1 || year > 9999 {
			t.Fatalf("Parse(%q) = %v, out of the calendar", text, date)
		}
		if year := date.UTC().Year(); year < 100 || year > 9999 {
			return // two-digit years are moved when read again
		}
		again, ok := httpdate.Parse(httpdate.Format(date))
		if !ok || !again.Equal(date) {
			t.Fatalf("Parse(%q) = %v comes back as %v, %v", text, date, again, ok)
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	date := time.Date(1994, 11, 15, 8, 12, 31, 0, time.UTC)
	buffer := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		httpdate.Append(buffer, date)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		httpdate.Parse("Tue, 15 Nov 1994 08:12:31 GMT")
	}
}
