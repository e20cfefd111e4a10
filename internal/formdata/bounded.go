package formdata

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
)

// Limiter tells what a request makes of its body.
type Limiter interface {
	// Limit is how many bytes may be read; zero or less means no limit.
	Limit() int64
	// Failed returns the error of a read that has failed with another one, which
	// is an *http.MaxBytesError for a read beyond the limit.
	Failed(err error) error
}

// BoundedBody is the body of a request. It asks for the limit when bytes are read,
// so that a view can still set it.
type BoundedBody struct {
	raw     io.ReadCloser
	writer  http.ResponseWriter
	limiter Limiter
	limited io.Reader // nil as long as the limit is out of reach
	limit   int64     // of limited and what was read before it
	count   int64     // bytes that were read
}

// NewBoundedBody bounds a server's body. The writer must be the server's own:
// through it, http.MaxBytesReader tells the server to close the connection of a
// client that sends too much.
func NewBoundedBody(raw io.ReadCloser, writer http.ResponseWriter, limiter Limiter) BoundedBody {
	return BoundedBody{raw: raw, writer: writer, limiter: limiter}
}

// Read reads up to the limit.
func (b *BoundedBody) Read(p []byte) (int, error) {
	n, err := b.source(int64(len(p))).Read(p)
	b.count += int64(n)
	if err != nil && err != io.EOF {
		err = b.limiter.Failed(b.withWholeLimit(err))
	}
	return n, err
}

// withWholeLimit makes the error of http.MaxBytesReader tell the limit, and not the part
// of it that was left when that reader was put in place.
func (b *BoundedBody) withWholeLimit(err error) error {
	if _, isTooLarge := err.(*http.MaxBytesError); isTooLarge && b.limited != nil && b.count >= b.limit {
		return &http.MaxBytesError{Limit: b.limit}
	}
	return err
}

// source returns the reader for the next bytes, at most size of them.
func (b *BoundedBody) source(size int64) io.Reader {
	if b.limited != nil {
		return b.limited
	}
	limit := b.limiter.Limit()
	if limit <= 0 || b.count+size <= limit {
		return b.raw
	}
	b.limited, b.limit = http.MaxBytesReader(b.writer, b.raw, max(0, limit-b.count)), limit
	return b.limited
}

// Close closes the server's body.
func (b *BoundedBody) Close() error { return b.raw.Close() }

// LimitChanged makes the body ask for the limit again.
func (b *BoundedBody) LimitChanged() { b.limited = nil }

// Left returns how much of a body of a declared length was not read yet.
func (b *BoundedBody) Left(length int64) int64 { return max(0, length-b.count) }

// IsAtLimit reports whether as much was read as may be.
func (b *BoundedBody) IsAtLimit() bool {
	limit := b.limiter.Limit()
	return limit > 0 && b.count >= limit
}

// DiscardSize is the number of bytes of a request's body that net/http reads and
// discards when an HTTP/1 answer begins, so that the next request can follow.
const DiscardSize = 256 << 10

// ReadAhead keeps the bytes in memory that net/http would discard. It reports
// whether they are the whole rest of the body.
func (b *BoundedBody) ReadAhead() bool {
	data, err := io.ReadAll(io.LimitReader(b.raw, DiscardSize))
	isWhole := len(data) < DiscardSize
	rest := io.Reader(b.raw)
	if isWhole {
		rest = failingReader{cmp.Or(err, io.EOF)}
	}
	b.raw = bodyAhead{io.MultiReader(bytes.NewReader(data), rest), b.raw}
	b.LimitChanged()
	return isWhole
}

// bodyAhead is a body whose beginning is in memory.
type bodyAhead struct {
	io.Reader
	io.Closer
}

// failingReader gives the error that follows the last byte.
type failingReader struct{ error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.error }

// ReadBody reads a body of the length that the client has declared. A negative
// length means an unknown one. A shorter body is an error; the bytes behind a
// longer one are left unread.
func ReadBody(source io.Reader, length int64) ([]byte, error) {
	if 0 <= length && length <= largestAllocation {
		data := make([]byte, length)
		_, err := io.ReadFull(source, data)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return data, err
	}
	if length >= 0 {
		source = io.LimitReader(source, length)
	}
	var data bytes.Buffer
	data.Grow(int(min(max(length, 0), largestAllocation)) + bytes.MinRead)
	n, err := data.ReadFrom(source)
	switch {
	case n == length:
		err = nil // io.ReadFull drops an error that comes with the last byte, too
	case err == nil && n < length:
		err = io.ErrUnexpectedEOF
	}
	return data.Bytes(), err
}

// largestAllocation is how much memory, in bytes, is set aside for a length that
// the client has only declared.
const largestAllocation = 64 << 10
