package formdata

import (
	"fmt"
	"io"
	"math"
)

// body reads up to the declared length, or up to the content limit if no length
// was declared. After an error, every read gives the same error.
type body struct {
	source   io.Reader
	left     int64 // bytes that may still be read
	declared bool  // the client declared the length
	limit    int64 // Limits.ContentLength
	err      error
}

// newBody takes a negative length for an unknown one.
func newBody(source io.Reader, length int64, limits Limits) (*body, error) {
	limit := limits.ContentLength
	if over(length, limit) {
		return nil, ContentTooLong(limit)
	}
	b := &body{source: source, left: length, declared: length >= 0, limit: limit}
	if !b.declared {
		b.left = limit
	}
	if b.left < 0 {
		b.left = math.MaxInt64
	}
	return b, nil
}

// Read returns io.EOF after a whole body and nothing else.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 && b.err == nil {
		b.err = b.exhausted()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.source.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil {
		b.err = b.ended(err)
	}
	return n, b.err
}

// exhausted returns the error after the last byte that may be read. A further read,
// to see whether the body has ended, could wait forever; so a body of unknown length
// that reaches the limit is too large, as in Werkzeug. That holds even if its end
// came with the last bytes, because the network decides that.
func (b *body) exhausted() error {
	if b.declared {
		return io.EOF
	}
	return ContentTooLong(b.limit)
}

// ended returns the error for an error of the source. After the last byte that may be
// read, an error of the source does not count: it could have come a moment later.
func (b *body) ended(err error) error {
	if b.left == 0 {
		return b.exhausted()
	}
	if err != io.EOF {
		return fmt.Errorf("formdata: %w: %w", ErrClientDisconnected, err)
	}
	if !b.declared {
		return io.EOF
	}
	return fmt.Errorf("formdata: %w: %d bytes are missing", ErrClientDisconnected, b.left)
}
