package flasksession

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant"
)

func decodeJSON(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errNotUTF8
	}
	if hasLoneSurrogate(data) {
		return nil, errors.New("it holds half of a surrogate pair")
	}
	r := jsonReader{json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	value, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return value, nil
}

// hasLoneSurrogate finds what Go replaces and Python refuses.
func hasLoneSurrogate(data []byte) bool {
	for i := 0; i+1 < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if data[i+1] != 'u' {
			i++
			continue
		}
		unit, ok := escapedUnit(data[i:])
		isHigh := 0xd800 <= unit && unit < 0xdc00
		if !ok || !isHigh {
			if 0xdc00 <= unit && unit < 0xe000 {
				return true
			}
			continue
		}
		low, ok := escapedUnit(data[i+6:])
		if !ok || low < 0xdc00 || low >= 0xe000 {
			return true
		}
		i += 11
	}
	return false
}

// escapedUnit reads \uXXXX.
func escapedUnit(data []byte) (unit uint64, ok bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	return unit, err == nil
}

type jsonReader struct{ *json.Decoder }

func (r jsonReader) value(depth int) (any, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	return r.rest(token, depth)
}

// rest reads what the token begins.
func (r jsonReader) rest(token json.Token, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return r.dict(depth)
		}
		return r.list(depth)
	case json.Number:
		return parseNumber(string(token))
	}
	return token, nil
}

func (r jsonReader) list(depth int) (any, error) {
	items := []any{}
	for r.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := r.Token()
	return items, err
}

func (r jsonReader) dict(depth int) (any, error) {
	values := map[string]any{}
	for r.More() {
		key, err := r.Token()
		if err != nil {
			return nil, err
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		values[key.(string)] = value
	}
	_, err := r.Token()
	return values, err
}

// parseNumber keeps whole numbers whole.
func parseNumber(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		value, err := strconv.ParseFloat(text, 64)
		return value, err
	}
	if small, err := strconv.Atoi(text); err == nil {
		return small, nil
	}
	if len(text) > maxDigits {
		return nil, fmt.Errorf("a number has more than %d digits", maxDigits)
	}
	number, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return plainInt(number), nil
}

func encodeJSON(value any) ([]byte, error) {
	w := new(jsonWriter)
	if err := write(w, new(place), value); err != nil {
		return nil, err
	}
	return w.out, nil
}

// jsonWriter writes JSON as msgspec does.
type jsonWriter struct{ out []byte }

func (w *jsonWriter) raw(text string)              { w.out = append(w.out, text...) }
func (w *jsonWriter) null()                        { w.raw("null") }
func (w *jsonWriter) boolean(value bool)           { w.out = strconv.AppendBool(w.out, value) }
func (w *jsonWriter) integer(value int64)          { w.out = strconv.AppendInt(w.out, value, 10) }
func (w *jsonWriter) bytes(value []byte)           { w.text(base64.StdEncoding.EncodeToString(value)) }
func (w *jsonWriter) uuid(value decant.UUID)       { w.text(value.String()) }
func (w *jsonWriter) decimal(value Decimal)        { w.text(string(value)) }
func (w *jsonWriter) date(value Date)              { w.text(value.String()) }
func (w *jsonWriter) naive(value NaiveTime)        { w.text(value.String()) }
func (w *jsonWriter) aware(value time.Time)        { w.text(rfc3339(value)) }
func (w *jsonWriter) duration(value time.Duration) { w.text(isoDuration(value)) }

func (w *jsonWriter) bigInteger(_ *place, value *big.Int) error {
	w.out = value.Append(w.out, 10)
	return nil
}

func (w *jsonWriter) markup(p *place, _ decant.Markup) error { return refuseMarkup(p) }

func (w *jsonWriter) ext(p *place, value Ext) error { return p.unfit(value) }

// float writes the shortest digits that mean the number.
func (w *jsonWriter) float(value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		w.null()
		return
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(value, 'e', -1, 64), "e")
	power, _ := strconv.Atoi(exponent)
	if value != 0 && (power < -5 || power > 15) {
		w.raw(mantissa + "e" + strconv.Itoa(power))
		return
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	w.raw(text)
}

const hexDigits = "0123456789abcdef"

func (w *jsonWriter) text(value string) {
	w.out = append(w.out, '"')
	for i := range len(value) {
		switch char := value[i]; char {
		case '"', '\\':
			w.out = append(w.out, '\\', char)
		case '\b':
			w.raw(`\b`)
		case '\f':
			w.raw(`\f`)
		case '\n':
			w.raw(`\n`)
		case '\r':
			w.raw(`\r`)
		case '\t':
			w.raw(`\t`)
		default:
			if char < ' ' {
				w.out = append(w.out, '\\', 'u', '0', '0', hexDigits[char>>4], hexDigits[char&15])
			} else {
				w.out = append(w.out, char)
			}
		}
	}
	w.out = append(w.out, '"')
}

func (w *jsonWriter) list(p *place, items []any) error {
	w.raw("[")
	err := writeItems(w, p, items, w.comma)
	w.raw("]")
	return err
}

func (w *jsonWriter) tuple(p *place, items []any) error { return w.list(p, items) }
func (w *jsonWriter) set(p *place, items []any) error   { return w.list(p, items) }

func (w *jsonWriter) comma(i int) {
	if i > 0 {
		w.raw(",")
	}
}

func (w *jsonWriter) dict(p *place, items []Item) error {
	w.raw("{")
	for i, item := range items {
		w.comma(i)
		inner := p.at(item.Key)
		if err := w.key(inner, item.Key); err != nil {
			return err
		}
		w.raw(":")
		if err := write(w, inner, item.Value); err != nil {
			return err
		}
	}
	w.raw("}")
	return nil
}

// key writes a key, which JSON has only as a string.
func (w *jsonWriter) key(p *place, key any) error {
	switch key.(type) {
	case string, []byte, decant.UUID, Decimal, Date, NaiveTime, time.Time, time.Duration:
		return write(w, p, key)
	case int, int64, *big.Int, float64:
		w.raw(`"`)
		err := write(w, p, key)
		w.raw(`"`)
		return err
	}
	return p.refuse("has a %T as its key, which JSON does not have; use strings", key)
}
