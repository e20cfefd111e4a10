package files

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant/internal/arrival"
)

func TestNoContentDependsOnHowItArrives(t *testing.T) {
	t.Parallel()
	const text = "0123456789"
	send := func(source io.Reader, size, start, end int64) string {
		content := NewContent(source, size)
		if end > 0 {
			content.Cut(start, end)
		}
		w := httptest.NewRecorder()
		err := content.Send(w, new(Buffers))
		return fmt.Sprintf("%q, %v", w.Body, err)
	}
	for _, end := range []error{io.EOF, errors.New("broken")} {
		for _, c := range []struct{ size, start, end int64 }{
			{UnknownSize, 0, 0}, {10, 0, 0}, {9, 0, 0}, {11, 0, 0}, {10, 2, 5}, {10, 2, 10}, {10, 9, 10}, {12, 10, 12}, {15, 12, 15},
		} {
			want := send(arrival.Ways(text, end)["all at once"], c.size, c.start, c.end)
			for way, r := range arrival.Ways(text, end) {
				if got := send(r, c.size, c.start, c.end); got != want {
					t.Errorf("bytes %d to %d of %d %s until %v: got %s, want %s", c.start, c.end, c.size, way, end, got, want)
				}
			}
		}
	}
}
