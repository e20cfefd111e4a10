package arrival

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWays(t *testing.T) {
	broken := errors.New("broken")
	for _, data := range []string{"", "x", strings.Repeat("0123456789", 500)} {
		for name, r := range Ways(data, io.EOF) {
			if err := iotest.TestReader(r, []byte(data)); err != nil {
				t.Errorf("%d bytes %s: %v", len(data), name, err)
			}
		}
		for name, r := range Ways(data, broken) {
			got, err := io.ReadAll(r)
			if _, again := r.Read(make([]byte, 1)); string(got) != data || err != broken || again != nil && again != broken {
				t.Errorf("%d bytes %s: got %d, %v, %v", len(data), name, len(got), err, again)
			}
		}
	}
}
