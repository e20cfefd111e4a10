package formdata

import (
	"errors"
	"io"
	"slices"
)

// chunkSize is the number of bytes of a body that are read at once. Werkzeug's
// memory limit depends on it.
const chunkSize = 64 << 10

// ParseMultipart reads a multipart/form-data body to its end and returns its
// fields and files. The boundary is the result of [Boundary]. The length is the
// declared length in bytes, or negative if it is unknown, as in
// [ParseURLEncoded]. Large files go to tempDir, or to the system's folder for
// temporary files if tempDir is empty; call [Form.Remove] when the request is
// over.
//
// A malformed body gives an empty form and no error. Errors match [ErrTooLarge] or
// [ErrClientDisconnected], or come from the disk. After an error, no temporary
// file is left. It mirrors Werkzeug's MultiPartParser.
func ParseMultipart(source io.Reader, length int64, boundary string, limits Limits, tempDir string) (*Form, error) {
	return newParser(limits, tempDir).parse(source, length, boundary)
}

// parser reads a chunk, takes all the steps it can, and reads the next.
type parser struct {
	body   *body
	limits Limits
	marker []byte // what announces a delimiter: two dashes and the boundary
	step   step
	spool  spool
	form   *Form
	parts  int
	final  bool // the delimiter that ends the form has been seen

	chunk   int64 // how much to read at once
	storage []byte
	buffer  []byte // the unparsed end of storage
	dropped int64  // bytes gone from the buffer that FormMemory still counts

	searched int // how much of the buffer holds no end of a header block
	part     part
	begun    bool   // the line break in front of the part's content is gone
	value    []byte // the field so far
}

// step parses a piece of the buffer and sets the step that follows. It returns
// false if it needs more data.
type step func(*parser) (bool, error)

func newParser(limits Limits, tempDir string) *parser {
	return &parser{limits: limits, spool: newSpool(tempDir, limits.FileMemory), chunk: chunkSize}
}

func (p *parser) parse(source io.Reader, length int64, boundary string) (form *Form, err error) {
	p.body, err = newBody(source, length, p.limits)
	if err != nil {
		return nil, err
	}
	if boundary == "" || !usableBoundary(boundary) {
		return &Form{}, nil
	}
	p.form, p.marker, p.step = &Form{}, []byte("--"+boundary), (*parser).preamble
	kept := false
	defer func() { // runs also when the source panics
		if !kept {
			err = errors.Join(err, p.discard())
		}
	}()
	err = p.run()
	if err == errMalformed {
		return &Form{}, nil
	}
	if err != nil {
		return nil, err
	}
	kept = true
	return p.form, nil
}

func (p *parser) run() error {
	for {
		err := p.receive()
		if err == io.EOF {
			return p.ended()
		}
		if err != nil {
			return err
		}
		for more := true; more; {
			if more, err = p.step(p); err != nil {
				return err
			}
		}
	}
}

// ended returns the error for the end of the body, or nil.
func (p *parser) ended() error {
	if !p.final {
		return errMalformed
	}
	return nil
}

// discard removes all files, also the one that is being received.
func (p *parser) discard() error {
	p.spool.close()
	return p.form.Remove()
}

// receive adds the next chunk to the buffer. It always waits for a full one,
// so that no result depends on how the body arrives.
func (p *parser) receive() error {
	kept := len(p.buffer)
	size := int(min(p.chunk, p.body.left))
	if cap(p.buffer) < cap(p.storage) { // a part at the start was consumed
		p.buffer = append(p.storage[:0], p.buffer...)
	}
	p.storage = slices.Grow(p.buffer, size)
	// An error after the last bytes is returned again by the next read.
	n, _ := io.ReadFull(p.body, p.storage[kept:kept+size])
	if n == 0 {
		_, err := p.body.Read(nil)
		return err
	}
	p.buffer = p.storage[:kept+n]
	if over(p.dropped+int64(kept+n), p.limits.FormMemory) {
		return FormTooLarge("the form data held in memory", p.limits.FormMemory)
	}
	return nil
}

func (p *parser) consume(n int) { p.buffer = p.buffer[n:] }

// drop discards bytes that are not needed. FormMemory still counts them, because
// Werkzeug keeps them.
func (p *parser) drop(n int) {
	p.dropped += int64(n)
	p.consume(n)
}
