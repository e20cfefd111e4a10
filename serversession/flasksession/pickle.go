package flasksession

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/decant-go/decant"
)

// encodePickle writes a pickle of protocol 3, which every Python 3 reads.
func encodePickle(value any) ([]byte, error) {
	w := new(pickleWriter)
	w.raw(opProto, 3)
	if err := write(w, new(place), value); err != nil {
		return nil, err
	}
	w.raw('.')
	return w.out.Bytes(), nil
}

type pickleWriter struct{ out bytes.Buffer }

func (w *pickleWriter) raw(codes ...byte) { w.out.Write(codes) }

// sized writes an opcode, a length and that many bytes.
func (w *pickleWriter) sized(code byte, data string) {
	w.raw(code)
	w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	w.out.WriteString(data)
}

// call writes a call of a class with the arguments that write writes.
func (w *pickleWriter) call(class string, writeArguments func()) {
	w.raw(opGlobal)
	w.out.WriteString(class)
	w.raw(opMark)
	writeArguments()
	w.raw(opTuple, opReduce)
}

func (w *pickleWriter) null() { w.raw(opNone) }

func (w *pickleWriter) boolean(value bool) {
	if value {
		w.raw(opTrue)
	} else {
		w.raw(opFalse)
	}
}

func (w *pickleWriter) integer(value int64) {
	switch {
	case 0 <= value && value <= math.MaxUint8:
		w.raw(opInt1, byte(value))
	case math.MinInt32 <= value && value <= math.MaxInt32:
		w.raw(opInt4)
		w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(value)))
	default:
		w.long(big.NewInt(value))
	}
}

func (w *pickleWriter) bigInteger(_ *place, value *big.Int) error {
	w.long(value)
	return nil
}

// long writes a number in two's complement, the lowest byte first.
func (w *pickleWriter) long(value *big.Int) {
	length := value.BitLen()/8 + 1
	wrapped := value
	if value.Sign() < 0 {
		wrapped = new(big.Int).Add(value, new(big.Int).Lsh(big.NewInt(1), uint(8*length)))
	}
	digits := wrapped.FillBytes(make([]byte, length))
	slices.Reverse(digits)
	w.sized(opLong4, string(digits))
}

func (w *pickleWriter) float(value float64) {
	w.raw(opFloat)
	w.out.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(value)))
}

func (w *pickleWriter) text(value string)  { w.sized(opUnicode4, value) }
func (w *pickleWriter) bytes(value []byte) { w.sized(opBytes4, string(value)) }

func (w *pickleWriter) markup(_ *place, value decant.Markup) error {
	w.call("markupsafe\nMarkup\n", func() { w.text(string(value)) })
	return nil
}

func (w *pickleWriter) uuid(value decant.UUID) {
	w.call("uuid\nUUID\n", func() { w.text(value.String()) })
}

func (w *pickleWriter) decimal(value Decimal) {
	w.call("decimal\nDecimal\n", func() { w.text(string(value)) })
}

func (w *pickleWriter) date(value Date) {
	w.call("datetime\ndate\n", func() {
		w.bytes([]byte{byte(value.Year >> 8), byte(value.Year), byte(value.Month), byte(value.Day)})
	})
}

func (w *pickleWriter) naive(value NaiveTime) {
	w.call("datetime\ndatetime\n", func() { w.bytes(packTime(value.Time)) })
}

func (w *pickleWriter) aware(value time.Time) {
	_, offset := value.Zone()
	w.call("datetime\ndatetime\n", func() {
		w.bytes(packTime(value))
		w.call("datetime\ntimezone\n", func() { w.duration(time.Duration(offset) * time.Second) })
	})
}

// packTime is the form of the datetime module.
func packTime(t time.Time) []byte {
	micros := t.Nanosecond() / 1000
	return []byte{
		byte(t.Year() >> 8), byte(t.Year()), byte(t.Month()), byte(t.Day()),
		byte(t.Hour()), byte(t.Minute()), byte(t.Second()),
		byte(micros >> 16), byte(micros >> 8), byte(micros),
	}
}

func (w *pickleWriter) duration(value time.Duration) {
	w.call("datetime\ntimedelta\n", func() {
		w.integer(0)
		w.integer(int64(value / time.Second))
		w.integer(int64(value % time.Second / time.Microsecond))
	})
}

func (w *pickleWriter) ext(p *place, value Ext) error { return p.unfit(value) }

func (w *pickleWriter) list(p *place, items []any) error {
	w.raw(opEmptyList, opMark)
	if err := writeItems(w, p, items, nil); err != nil {
		return err
	}
	w.raw(opAppends)
	return nil
}

func (w *pickleWriter) tuple(p *place, items []any) error {
	w.raw(opMark)
	if err := writeItems(w, p, items, nil); err != nil {
		return err
	}
	w.raw(opTuple)
	return nil
}

func (w *pickleWriter) set(p *place, items []any) (err error) {
	w.call("builtins\nset\n", func() { err = w.list(p, items) })
	return err
}

func (w *pickleWriter) dict(p *place, items []Item) error {
	w.raw(opEmptyDict, opMark)
	for _, item := range items {
		inner := p.at(item.Key)
		if err := write(w, inner, item.Key); err != nil {
			return err
		}
		if err := write(w, inner, item.Value); err != nil {
			return err
		}
	}
	w.raw(opSetItems)
	return nil
}
