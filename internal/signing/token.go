package signing

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// TokenFormat turns payloads into signed tokens and back. It does not look into
// the payload, so serializers and session cookies share it. Its fields must not
// change once it is in use; goroutines may then share it.
type TokenFormat struct {
	Signers      []*Keyring // the first one signs, all of them verify
	Timed        bool
	URLSafe      bool
	CompressFrom int  // the size in bytes from which URL-safe tokens try to compress
	CompressFast bool // compress for speed rather than for size
}

// SmallestCompressible is the size in bytes of the shortest payload that zlib
// can make two bytes shorter: its stream takes six bytes, a literal and a
// repetition four.
const SmallestCompressible = 12

// AppendToken appends the signed form of payload to dst.
func (f *TokenFormat) AppendToken(dst, payload []byte, now time.Time) []byte {
	start := len(dst)
	dst = f.appendPayload(dst, payload)
	if f.Timed {
		dst = f.Signers[0].AppendTimestamp(dst, now)
	}
	return f.Signers[0].AppendSignature(dst, start)
}

// Verify appends the payload of a token to dst. It returns the date on which
// the token was signed, or the zero time if the format is untimed. On an
// [*Error] dst comes back as it was.
func (f *TokenFormat) Verify(dst []byte, token string, now time.Time, maxAge time.Duration) (payload []byte, signedAt time.Time, err error) {
	encoded, signedAt, err := f.unsign(token, now, maxAge)
	if err != nil {
		return dst, time.Time{}, err
	}
	payload, err = f.DecodePayload(dst, encoded)
	return payload, signedAt, err
}

// unsign tries the signers in turn. It stops at a good signature, also if the
// token is too old or has an impossible date: no other signer can accept it.
func (f *TokenFormat) unsign(token string, now time.Time, maxAge time.Duration) (encoded string, signedAt time.Time, err error) {
	for _, signer := range f.Signers {
		if f.Timed {
			encoded, signedAt, err = signer.UnsignTimed(token, now, maxAge)
		} else {
			encoded, err = signer.Unsign(token)
		}
		if !errors.Is(err, ErrBadSignature) || errors.Is(err, ErrSignatureExpired) {
			break
		}
	}
	return encoded, signedAt, err
}

// appendPayload writes the payload as it is. In a URL-safe format it writes the
// base64 of the payload, or, where that is shorter, "." and the base64 of its
// zlib stream.
func (f *TokenFormat) appendPayload(dst, payload []byte) []byte {
	if !f.URLSafe {
		return append(dst, payload...)
	}
	if len(payload) < f.CompressFrom {
		return AppendEncode(dst, payload)
	}
	pool := &deflaters
	if f.CompressFast {
		pool = &fastDeflaters
	}
	d := pool.Get().(*deflater)
	defer pool.Put(d)
	if packed := d.deflate(payload); len(packed) < len(payload)-1 {
		return AppendEncode(append(dst, '.'), packed)
	}
	return AppendEncode(dst, payload)
}

// DecodePayload appends the payload that a token without date and signature
// stands for to dst. It checks no signature. On an [*Error] dst comes back as
// it was.
func (f *TokenFormat) DecodePayload(dst []byte, encoded string) ([]byte, error) {
	if !f.URLSafe {
		return append(dst, encoded...), nil
	}
	i := inflaters.Get().(*inflater)
	defer i.release()
	if encoded != "" && encoded[0] == '.' {
		return i.inflate(dst, encoded[1:])
	}
	i.text = append(i.text[:0], encoded...)
	payload, err := AppendDecode(dst, i.text)
	if err != nil {
		return dst, BadPayload("could not base64 decode the payload", err)
	}
	return payload, nil
}

// A new zlib writer takes some 800 kB and most of the time of a compression,
// and a new reader takes a good part of that, so both are kept for later tokens.
var (
	deflaters     = sync.Pool{New: func() any { return newDeflater(zlib.DefaultCompression) }}
	fastDeflaters = sync.Pool{New: func() any { return newDeflater(zlib.BestSpeed) }}
	inflaters     = sync.Pool{New: func() any { return new(inflater) }}
)

type deflater struct {
	packed bytes.Buffer
	writer *zlib.Writer
}

func newDeflater(level int) *deflater {
	d := new(deflater)
	d.writer, _ = zlib.NewWriterLevel(&d.packed, level) // the levels of zlib are no error
	return d
}

// deflate returns the zlib stream of payload, valid until the next call.
// Writing to memory cannot fail.
func (d *deflater) deflate(payload []byte) []byte {
	d.packed.Reset()
	d.writer.Reset(&d.packed)
	d.writer.Write(payload)
	d.writer.Close()
	return d.packed.Bytes()
}

type inflater struct {
	text   []byte // base64
	packed []byte // the zlib stream
	source bytes.Reader
	reader io.ReadCloser // a zlib reader, nil until it is needed
}

// MaxPayload bounds the size in bytes of an inflated payload. A few kilobytes
// can stand for gigabytes, and DecodePayload reads them without a signature.
const MaxPayload = 1 << 20

var errPayloadTooLarge = fmt.Errorf("it is larger than %d bytes", MaxPayload)

func (i *inflater) release() {
	if cap(i.text) <= largestScratch {
		inflaters.Put(i)
	}
}

// inflate decodes the base64 of a zlib stream and appends the inflated bytes to
// dst. Bytes after the stream are ignored, as Python ignores them.
func (i *inflater) inflate(dst []byte, encoded string) ([]byte, error) {
	i.text = append(i.text[:0], encoded...)
	packed, err := AppendDecode(i.packed[:0], i.text)
	if err != nil {
		return dst, BadPayload("could not base64 decode the payload", err)
	}
	i.packed = packed
	payload, err := i.read(dst)
	if err != nil {
		return dst, BadPayload("could not zlib decompress the payload", err)
	}
	return payload, nil
}

func (i *inflater) read(dst []byte) ([]byte, error) {
	if err := i.open(); err != nil {
		return nil, err
	}
	buffer := bytes.NewBuffer(dst)
	size, err := buffer.ReadFrom(io.LimitReader(i.reader, MaxPayload+1))
	if err == nil && size > MaxPayload {
		err = errPayloadTooLarge
	}
	return buffer.Bytes(), err
}

func (i *inflater) open() (err error) {
	i.source.Reset(i.packed)
	if resetter, ok := i.reader.(zlib.Resetter); ok {
		return resetter.Reset(&i.source, nil)
	}
	i.reader, err = zlib.NewReader(&i.source)
	return err
}
