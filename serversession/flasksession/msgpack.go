package flasksession

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"time"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/decant-go/decant"
)

// timestampCode is the extension for an aware datetime.
const timestampCode = -1

func decodeMsgpack(data []byte) (any, error) {
	if len(data) == 0 {
		return nil, errEmpty
	}
	source := bytes.NewReader(data)
	r := &msgpackReader{msgpack.NewDecoder(source), source}
	value, err := r.value(0, false)
	if err == nil && source.Len() > 0 {
		err = errTrailing
	}
	return value, err
}

// msgpackReader reads with the decoder of the library, and bounds the depth,
// which the library does not.
type msgpackReader struct {
	decoder *msgpack.Decoder
	source  *bytes.Reader
}

func (r *msgpackReader) value(depth int, isKey bool) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	code, err := r.decoder.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case msgpcode.IsFixedNum(code):
		return r.integer()
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return r.dict(depth, isKey)
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		return r.list(depth, isKey)
	case msgpcode.IsString(code):
		return r.text()
	case msgpcode.IsExt(code):
		return r.extension()
	}
	return r.scalar(code)
}

func (r *msgpackReader) scalar(code byte) (any, error) {
	switch code {
	case msgpcode.Nil:
		return nil, r.decoder.DecodeNil()
	case msgpcode.True, msgpcode.False:
		return r.decoder.DecodeBool()
	case msgpcode.Float:
		value, err := r.decoder.DecodeFloat32()
		return float64(value), err
	case msgpcode.Double:
		return r.decoder.DecodeFloat64()
	case msgpcode.Bin8, msgpcode.Bin16, msgpcode.Bin32:
		return r.sized(r.decoder.DecodeBytesLen())
	case msgpcode.Uint64:
		value, err := r.decoder.DecodeUint64()
		return plainInt(new(big.Int).SetUint64(value)), err
	case msgpcode.Uint8, msgpcode.Uint16, msgpcode.Uint32, msgpcode.Int8, msgpcode.Int16, msgpcode.Int32, msgpcode.Int64:
		return r.integer()
	}
	return nil, fmt.Errorf("the byte %#x means nothing in MessagePack", code)
}

func (r *msgpackReader) integer() (any, error) {
	value, err := r.decoder.DecodeInt64()
	return int(value), err
}

func (r *msgpackReader) text() (any, error) {
	data, err := r.sized(r.decoder.DecodeBytesLen())
	if err == nil && !utf8.Valid(data) {
		err = errNotUTF8
	}
	return string(data), err
}

// sized reads as many bytes as were announced. The library would allocate them
// before it looks whether they are there.
func (r *msgpackReader) sized(length int, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if length < 0 || length > r.source.Len() {
		return nil, errors.New("something is longer than what follows")
	}
	data := make([]byte, length)
	return data, r.decoder.ReadFull(data)
}

// list reads an array, which as a key is a tuple. Its length is a claim, so
// nothing is allocated for it.
func (r *msgpackReader) list(depth int, isKey bool) (any, error) {
	length, err := r.decoder.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	items := []any{}
	for range length {
		item, err := r.value(depth+1, isKey)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if isKey {
		return decant.Tuple(items), nil
	}
	return items, nil
}

func (r *msgpackReader) dict(depth int, isKey bool) (any, error) {
	if isKey {
		return nil, errors.New("a dict is a key of a dict, which Python cannot have")
	}
	length, err := r.decoder.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	dict := newEntries()
	for range length {
		key, err := r.value(depth+1, true)
		if err != nil {
			return nil, err
		}
		value, err := r.value(depth+1, false)
		if err != nil {
			return nil, err
		}
		if err := dict.set(key, value); err != nil {
			return nil, err
		}
	}
	return dict.value(), nil
}

func (r *msgpackReader) extension() (any, error) {
	code, length, err := r.decoder.DecodeExtHeader()
	data, err := r.sized(length, err)
	if err != nil {
		return nil, err
	}
	if code == timestampCode {
		return timestamp(data)
	}
	return Ext{code, data}, nil
}

// timestamp reads the three lengths of the extension. Python keeps microseconds
// and rounds to them, and has the years 1 to 9999.
func timestamp(data []byte) (any, error) {
	number := func(bytes []byte) (n uint64) {
		for _, b := range bytes {
			n = n<<8 | uint64(b)
		}
		return n
	}
	var seconds int64
	var nanoseconds uint64
	switch len(data) {
	case 4:
		seconds = int64(number(data))
	case 8:
		both := number(data)
		seconds, nanoseconds = int64(both&(1<<34-1)), both>>34
	case 12:
		seconds, nanoseconds = int64(number(data[4:])), number(data[:4])
	default:
		return nil, fmt.Errorf("a timestamp has %d bytes", len(data))
	}
	const first, last = -62135596800, 253402300799
	date := time.Unix(seconds, int64(nanoseconds+500)/1000*1000).UTC()
	if nanoseconds > 999_999_999 || seconds < first || seconds > last || !isPythonYear(date.Year()) {
		return nil, errors.New("a timestamp is out of range")
	}
	return date, nil
}

func encodeMsgpack(value any) ([]byte, error) {
	var buffer bytes.Buffer
	w := &msgpackWriter{msgpack.NewEncoder(&buffer)}
	if err := write(w, new(place), value); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// msgpackWriter writes to memory, which cannot fail.
type msgpackWriter struct{ encoder *msgpack.Encoder }

func (w *msgpackWriter) null()                        { w.encoder.EncodeNil() }
func (w *msgpackWriter) boolean(value bool)           { w.encoder.EncodeBool(value) }
func (w *msgpackWriter) integer(value int64)          { w.encoder.EncodeInt(value) }
func (w *msgpackWriter) float(value float64)          { w.encoder.EncodeFloat64(value) }
func (w *msgpackWriter) text(value string)            { w.encoder.EncodeString(value) }
func (w *msgpackWriter) uuid(value decant.UUID)       { w.text(value.String()) }
func (w *msgpackWriter) decimal(value Decimal)        { w.text(string(value)) }
func (w *msgpackWriter) date(value Date)              { w.text(value.String()) }
func (w *msgpackWriter) naive(value NaiveTime)        { w.text(value.String()) }
func (w *msgpackWriter) duration(value time.Duration) { w.text(isoDuration(value)) }

func (w *msgpackWriter) bytes(value []byte) {
	if value == nil {
		value = []byte{} // the library writes nil otherwise
	}
	w.encoder.EncodeBytes(value)
}

func (w *msgpackWriter) bigInteger(p *place, value *big.Int) error {
	if !value.IsUint64() {
		return p.refuse("is an integer of more than 64 bits, which MessagePack does not have; store it as a string")
	}
	w.encoder.EncodeUint(value.Uint64())
	return nil
}

func (w *msgpackWriter) markup(p *place, _ decant.Markup) error { return refuseMarkup(p) }

func refuseMarkup(p *place) error {
	return p.refuse("is a decant.Markup, which Flask-Session cannot store; store a string")
}

func (w *msgpackWriter) aware(value time.Time) {
	w.encoder.EncodeTime(value.Truncate(time.Microsecond))
}

func (w *msgpackWriter) ext(_ *place, value Ext) error {
	w.encoder.EncodeExtHeader(value.Code, len(value.Data))
	w.encoder.Writer().Write(value.Data)
	return nil
}

func (w *msgpackWriter) list(p *place, items []any) error {
	w.encoder.EncodeArrayLen(len(items))
	return writeItems(w, p, items, nil)
}

func (w *msgpackWriter) tuple(p *place, items []any) error { return w.list(p, items) }
func (w *msgpackWriter) set(p *place, items []any) error   { return w.list(p, items) }

func (w *msgpackWriter) dict(p *place, items []Item) error {
	w.encoder.EncodeMapLen(len(items))
	for _, item := range items {
		inner := p.at(item.Key)
		if err := write(w, inner, item.Key); err != nil {
			return err
		}
		if err := write(w, inner, item.Value); err != nil {
			return err
		}
	}
	return nil
}
