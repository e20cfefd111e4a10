package files

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// UnknownSize is the size of a [Content] that is sent from its current position
// to its end.
const UnknownSize = -1

// Content is a body that is read while it is sent, such as a file.
type Content struct {
	// Reader is closed with the request if it is an io.Closer.
	Reader io.Reader

	// start and size say in bytes which part of the reader is sent. The start
	// counts only if the size is known.
	start, size int64
}

// NewContent returns the first size bytes of a reader, or the rest of the
// reader if the size is [UnknownSize].
func NewContent(reader io.Reader, size int64) *Content {
	return &Content{Reader: reader, size: size}
}

// Size returns the number of bytes to send, or [UnknownSize].
func (c *Content) Size() int64 { return c.size }

// Measure returns the number of bytes to send. If it is not known yet, Measure
// finds it out by seeking. It returns [UnknownSize] if the reader cannot seek.
func (c *Content) Measure() int64 {
	seeker, ok := c.Reader.(io.Seeker)
	if !ok || c.size >= 0 {
		return c.size
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return c.size // a pipe, for example
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return c.size
	}
	if _, err := seeker.Seek(start, io.SeekStart); err == nil {
		c.start, c.size = start, max(end-start, 0)
	}
	return c.size
}

// Announce sets the number of bytes to send, where it is not known yet, and returns
// it. [UnknownSize] changes nothing.
func (c *Content) Announce(size int64) int64 {
	c.size = size
	return size
}

// Cut keeps the bytes from start up to, and without, end. The size must be
// known.
func (c *Content) Cut(start, end int64) {
	c.start += start
	c.size = end - start
}

// Send writes the content to the client. It hands the original writer to
// io.Copy, so that the kernel can send a file (sendfile). A writer that cannot
// use the kernel gets the content through a buffer.
func (c *Content) Send(w http.ResponseWriter, buffers *Buffers) error {
	var buffer []byte
	if _, direct := w.(io.ReaderFrom); !direct {
		borrowed := buffers.take()
		defer buffers.pool.Put(borrowed)
		buffer = borrowed[:]
	}
	if c.size < 0 {
		_, err := io.CopyBuffer(w, c.Reader, buffer)
		return err
	}
	if err := skip(c.Reader, c.start); err != nil {
		return err
	}
	sent, err := io.CopyBuffer(w, &io.LimitedReader{R: c.Reader, N: c.size}, buffer)
	switch {
	case sent == c.size:
		return nil // an error that came with the last byte could have come a moment later
	case err == nil:
		return fmt.Errorf("decant: the content became shorter while it was sent: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// skip goes to a position from the beginning. A reader that cannot seek must
// stand at its beginning.
func skip(reader io.Reader, start int64) (err error) {
	if seeker, ok := reader.(io.Seeker); ok {
		_, err = seeker.Seek(start, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, reader, start)
	}
	return err
}

// Buffers are copy buffers that many answers share, one after the other. The
// zero value is ready for use.
type Buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

func (b *Buffers) take() *[bufferSize]byte {
	if buffer, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return buffer
	}
	return new([bufferSize]byte)
}
