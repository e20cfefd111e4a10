package formdata

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/arrival"
)

// mustNotDepend reads a text in each way in which it can arrive. All reads must give
// the same.
func mustNotDepend(t *testing.T, place, text string, end error, read func(r io.Reader) string) {
	t.Helper()
	want := read(arrival.Ways(text, end)["all at once"])
	for way, r := range arrival.Ways(text, end) {
		if got := read(r); got != want {
			t.Errorf("%s, %d bytes %s until %v: got %.300s, want %.300s", place, len(text), way, end, got, want)
		}
	}
}

// beginnings calls visit for texts that begin the same and end everywhere, or if they
// are long, in some places.
func beginnings(text string, visit func(beginning string, end error)) {
	broken := errors.New("the connection is broken")
	step := 1
	if len(text) > 1000 {
		step = len(text) / 6
	}
	for size := len(text); size >= 0; size -= step {
		for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, broken} {
			visit(text[:size], end)
		}
	}
}

// The bytes of a form come in pieces that the network makes. Its end, or an error, comes
// with the last of them or later.
func TestNoFormDependsOnHowItArrives(t *testing.T) {
	t.Parallel()
	small := lines("--B", fieldA, "", "1", "--B", fileF, "", "content", "--B--", "")
	large := lines("--B", fieldA, "", strings.Repeat("1", 70_000), "--B", fileF, "", strings.Repeat("content", 10_000), "--B--", "")
	multipart := func(r io.Reader, length int64, limits Limits) string {
		form, err := ParseMultipart(r, length, "B", limits, "")
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(form.Fields, files(t, form))
	}
	urlencoded := func(r io.Reader, length int64, limits Limits) string {
		fields, err := ParseURLEncoded(r, length, limits)
		return fmt.Sprint(fields, err)
	}
	for _, c := range []struct {
		name, text string
		parse      func(r io.Reader, length int64, limits Limits) string
	}{
		{"multipart", small, multipart},
		{"large multipart", large, multipart},
		{"urlencoded", "a=1&b=%C3%A9&c=+&a=2", urlencoded},
		{"large urlencoded", strings.Repeat("a=1&", 20_000), urlencoded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			size := int64(len(c.text))
			for _, limit := range []int64{-1, size - 1, size, size + 1} {
				limits := unlimited()
				limits.ContentLength = limit
				beginnings(c.text, func(text string, end error) {
					for _, length := range []int64{-1, size} {
						mustNotDepend(t, fmt.Sprintf("length %d, limit %d", length, limit), text, end, func(r io.Reader) string { return c.parse(r, length, limits) })
					}
				})
			}
		})
	}
}

func TestNoBodyDependsOnHowItArrives(t *testing.T) {
	t.Parallel()
	for _, size := range []int{20, largestAllocation, largestAllocation + 20} {
		beginnings(strings.Repeat("x", size), func(text string, end error) {
			for _, length := range []int64{-1, int64(size)} {
				mustNotDepend(t, fmt.Sprintf("length %d", length), text, end, func(r io.Reader) string {
					data, err := ReadBody(r, length)
					if err != nil {
						return err.Error()
					}
					return fmt.Sprint(len(data))
				})
			}
		})
	}
}

// The error of a bounded body tells the limit, and not how much of it was left when the
// limit came into reach.
func TestNoBoundedBodyDependsOnHowItArrives(t *testing.T) {
	t.Parallel()
	const size = 5000
	beginnings(strings.Repeat("x", size), func(text string, end error) {
		for _, limit := range []int64{0, 1, 4000, size - 1, size, size + 1} {
			mustNotDepend(t, fmt.Sprintf("limit %d", limit), text, end, func(r io.Reader) string {
				body := NewBoundedBody(io.NopCloser(r), httptest.NewRecorder(), &testLimit{limit})
				var data strings.Builder
				_, err := io.CopyBuffer(onlyWriter{&data}, &body, make([]byte, 600))
				var tooLarge *http.MaxBytesError
				if errors.As(err, &tooLarge) && tooLarge.Limit != limit {
					t.Errorf("the error tells a limit of %d bytes, and it is %d", tooLarge.Limit, limit)
				}
				return fmt.Sprint(data.Len(), err)
			})
		}
	})
}

// onlyWriter makes io.CopyBuffer use its buffer.
type onlyWriter struct{ io.Writer }
