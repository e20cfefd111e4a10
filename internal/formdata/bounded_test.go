package formdata

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// testLimit is a Limiter that a test can change.
type testLimit struct{ bytes int64 }

func (l *testLimit) Limit() int64 { return l.bytes }

func (l *testLimit) Failed(err error) error { return err }

func bounded(text string, l *testLimit) *BoundedBody {
	body := NewBoundedBody(io.NopCloser(strings.NewReader(text)), httptest.NewRecorder(), l)
	return &body
}

func TestBoundedBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second int64 // the limit, changed after three bytes
		isTooLarge    bool
	}{
		"no limit":              {0, 0, false},
		"enough":                {10, 10, false},
		"one byte too few":      {9, 9, true},
		"lowered":               {100, 5, true},
		"raised":                {5, 100, false},
		"below the bytes read":  {100, 1, true},
		"no limit, then one":    {0, 5, true},
		"a limit, then no more": {5, -1, false},
	} {
		l := &testLimit{c.first}
		body := bounded("0123456789", l)
		if _, err := io.ReadFull(body, make([]byte, 3)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := body.Left(10); got != 7 {
			t.Errorf("%s: %d bytes are left, want 7", name, got)
		}
		l.bytes = c.second
		body.LimitChanged()
		rest, err := io.ReadAll(body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) != c.isTooLarge || !c.isTooLarge && (err != nil || string(rest) != "3456789") {
			t.Errorf("%s: %q, %v", name, rest, err)
		}
	}
}

func TestReadAhead(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]bool{0: true, 1: true, DiscardSize - 1: true, DiscardSize: false, DiscardSize + 1: false} {
		text := strings.Repeat("x", size)
		body := bounded(text, &testLimit{0})
		if got := body.ReadAhead(); got != want {
			t.Errorf("%d bytes: the whole rest is read: %v, want %v", size, got, want)
		}
		if got, err := io.ReadAll(body); string(got) != text || err != nil {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
	}
	broken := errors.New("the client has gone")
	body := NewBoundedBody(io.NopCloser(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken))), httptest.NewRecorder(), &testLimit{0})
	if !body.ReadAhead() {
		t.Error("there is more after an error")
	}
	if got, err := io.ReadAll(&body); string(got) != "x" || err != broken {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", largestAllocation+1)
	for _, c := range []struct {
		text   string
		length int64
		want   string
		err    error
	}{
		{"", 0, "", nil}, {"", -1, "", nil}, {"abc", 3, "abc", nil}, {"abc", 2, "ab", nil}, {"abc", -1, "abc", nil},
		{"abc", 4, "abc\x00", io.ErrUnexpectedEOF}, {"", 1, "\x00", io.ErrUnexpectedEOF},
		{large, int64(len(large)), large, nil}, {large + "y", int64(len(large)), large, nil}, {large, -1, large, nil},
		{large, 1 << 40, large, io.ErrUnexpectedEOF},
	} {
		got, err := ReadBody(strings.NewReader(c.text), c.length)
		if string(got) != c.want || err != c.err {
			t.Errorf("%d of %d bytes: got %d, %v, want %d, %v", c.length, len(c.text), len(got), err, len(c.want), c.err)
		}
	}
}
