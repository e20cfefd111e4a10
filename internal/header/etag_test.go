package header

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/vectors"
)

func TestQuoteETagVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, ETag string
		Weak         bool
		Want         struct{ Out, Error string }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "quote_etag") {
		got, err := QuoteETag(c.ETag, c.Weak)
		if got != c.Want.Out || errors.Is(err, ErrETag) != (c.Want.Error == "ValueError") {
			t.Errorf("%s: QuoteETag(%q, %v) = %q, %v; want %+v", c.ID, c.ETag, c.Weak, got, err, c.Want)
		}
	}
}

func TestQuoteETagRefusesLineBreaks(t *testing.T) {
	t.Parallel()
	if got, err := QuoteETag("a\r\nSet-Cookie: b", false); !errors.Is(err, ErrETag) {
		t.Errorf("QuoteETag = %q, %v; want ErrETag", got, err)
	}
}

func TestUnquoteETagVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Text string
		Want         struct{ Out [2]any }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "unquote_etag") {
		etag, weak, ok := UnquoteETag(c.Text)
		if !ok && c.Want.Out != [2]any{nil, nil} || ok && c.Want.Out != [2]any{etag, weak} {
			t.Errorf("%s: UnquoteETag(%q) = %q, %v, %v; want %v", c.ID, c.Text, etag, weak, ok, c.Want.Out)
		}
	}
}

func TestGenerateETagVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op string
		Data   []byte `json:"data_b64"`
		answer[struct{ Out string }]
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "generate_etag") {
		if got := GenerateETag(c.Data); got != c.released().Out {
			t.Errorf("%s: GenerateETag(%q) = %q; want %q", c.ID, c.Data, got, c.released().Out)
		}
	}
}

// The wanted tags were made by Python from st_mtime, size and adler32.
func TestFileETag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		modified time.Time
		want     string
	}{
		{time.Unix(784887151, 0), "784887151.0-30-949421664"},
		{time.Unix(1700000000, 123456789), "1700000000.1234567-30-949421664"},
		{time.Unix(1700000000, 500000000), "1700000000.5-30-949421664"},
		{time.Unix(0, 0), "0.0-30-949421664"},
		{time.Unix(-1, 750000000), "-0.25-30-949421664"},
	} {
		if got := FileETag(c.modified, 30, "/srv/static/a.txt"); got != c.want {
			t.Errorf("FileETag(%v) = %q; want %q", c.modified, got, c.want)
		}
	}
}

func TestFindTag(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]tags{
		"":               {},
		`"v1"`:           {any: true, strong: true},
		`W/"v1"`:         {any: true, weak: true},
		`w/"v1"`:         {any: true, weak: true},
		`"a", W/"v1"`:    {any: true, weak: true},
		`"v1",W/"v1"`:    {any: true, strong: true, weak: true},
		"v1":             {any: true, strong: true},
		"a, v1 , b":      {any: true, strong: true},
		"*":              {any: true, star: true},
		`"v1", *`:        {any: true, star: true}, // a star takes the rest with it
		`"*"`:            {any: true},
		`""`:             {any: true},
		`"v1"x`:          {any: true},
		`"v1" , "b"`:     {any: true, strong: true},
		`"x"v1", "v1"`:   {any: true, strong: true},
		`"a"b", "c"`:     {any: true},
		" \"v1\"":        {any: true}, // not trimmed: net/http does that
		"\"v1\"\t,\t\"b": {any: true, strong: true},
	} {
		if got := findTag(list, "v1"); got != want {
			t.Errorf("findTag(%q) = %+v; want %+v", list, got, want)
		}
	}
}

// TestUnclosedTagsTakeLinearTime reads a list of many quoted tags of which none is
// closed. In quadratic time it would take hours.
func TestUnclosedTagsTakeLinearTime(t *testing.T) {
	t.Parallel()
	list := ETagList(strings.Repeat(`"a,`, 1<<20) + "b")
	if !list.Contains("b") || list.Contains("c") || !list.ContainsWeak(`"a`) {
		t.Error("the tags are not found as they were sent")
	}
}
