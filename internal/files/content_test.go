package files

import (
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unseekable is a pipe: it has the method Seek, which always fails.
type unseekable struct{ io.Reader }

func (unseekable) Seek(int64, int) (int64, error) { return 0, errors.New("illegal seek") }

func TestContent(t *testing.T) {
	t.Parallel()
	text := func() io.Reader { return strings.NewReader("0123456789") }
	from := func(start int64) io.Reader {
		reader := strings.NewReader("0123456789")
		reader.Seek(start, io.SeekStart)
		return reader
	}
	for name, c := range map[string]struct {
		content  *Content
		measured int64
		cut      []int64
		want     string
		err      error
	}{
		"of known size":         {NewContent(text(), 10), 10, nil, "0123456789", nil},
		"the beginning":         {NewContent(text(), 4), 4, nil, "0123", nil},
		"a part":                {NewContent(text(), 10), 10, []int64{2, 5}, "234", nil},
		"a part of a part":      {NewContent(text(), 10), 10, []int64{2, 8, 1, 3}, "34", nil},
		"what is left":          {NewContent(from(7), UnknownSize), 3, nil, "789", nil},
		"a part of what's left": {NewContent(from(7), UnknownSize), 3, []int64{1, 2}, "8", nil},
		"behind the end":        {NewContent(from(20), UnknownSize), 0, nil, "", nil},
		"a pipe":                {NewContent(unseekable{text()}, UnknownSize), UnknownSize, nil, "0123456789", nil},
		"only a reader":         {NewContent(io.MultiReader(text()), UnknownSize), UnknownSize, nil, "0123456789", nil},
		"a part of a reader":    {NewContent(io.MultiReader(text()), 10), 10, []int64{4, 6}, "45", nil},
		"too short":             {NewContent(text(), 11), 11, nil, "0123456789", io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.content.Measure(); got != c.measured || c.content.Size() != got {
				t.Errorf("the size is %d, want %d", got, c.measured)
			}
			for i := 0; i < len(c.cut); i += 2 {
				c.content.Cut(c.cut[i], c.cut[i+1])
			}
			w := httptest.NewRecorder()
			err := c.content.Send(w, new(Buffers))
			if got := w.Body.String(); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("sent %q, %v, want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

// kernelWriter is a writer that can have a file sent by the kernel.
type kernelWriter struct {
	*httptest.ResponseRecorder
	source io.Reader
}

func (w *kernelWriter) ReadFrom(source io.Reader) (int64, error) {
	w.source = source
	return io.Copy(w.ResponseRecorder, source)
}

func TestAFileReachesTheWriterAsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content := NewContent(file, 10)
	content.Cut(3, 6)
	w := &kernelWriter{ResponseRecorder: httptest.NewRecorder()}
	if err := content.Send(w, new(Buffers)); err != nil || w.Body.String() != "345" {
		t.Errorf("sent %q, %v", w.Body, err)
	}
	limited, _ := w.source.(*io.LimitedReader)
	if limited == nil || limited.R != io.Reader(file) {
		t.Errorf("the writer was given %#v", w.source)
	}
}
