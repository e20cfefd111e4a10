package vectors

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/uuid"
)

// The kinds of a typed value that Go has no type of its own for.
type (
	// Date is a day without a time, at midnight UTC.
	Date struct{ time.Time }
	// Decimal is the text of an exact decimal number.
	Decimal string
	// Set holds the items of a Python set in the order of the file.
	Set []any
	// Markup is HTML-safe text, Tuple a Python tuple and UUID a UUID, for tests
	// that bring no types of their own.
	Markup string
	Tuple  []any
	UUID   = uuid.UUID
)

// Repr is how Python prints markup inside of a list.
func (m Markup) Repr() string { return "Markup(" + pytext.Repr(string(m)) + ")" }

// String returns the day as Python prints it.
func (d Date) String() string { return d.Format(time.DateOnly) }

// Decoder turns typed values of the form {"t": kind, "v": ...} into Go values:
// nil, bool, int or *big.Int, float64, string, []byte, []any, a tuple,
// map[string]any (map[any]any when a key is no text), a UUID, time.Time
// (UTC when naive), Date, Decimal, Set and markup.
type Decoder struct {
	// Markup makes the test's own markup type; nil gives Markup.
	Markup func(html string) any
	// Tuple makes the test's own type of tuples; nil gives Tuple.
	Tuple func(items []any) any
	// UUID makes the test's own type of UUIDs; nil gives UUID.
	UUID func(id UUID) any
	// Naive makes the value of a time without a zone; nil gives the time in UTC.
	Naive func(date time.Time) any
}

// Value decodes a typed value with the zero Decoder. A kind it does not know
// fails the test.
func Value(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	return Decoder{}.Value(t, raw)
}

// Value decodes a typed value. A kind it does not know fails the test.
func (d Decoder) Value(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	value, err := d.decode(raw)
	if err != nil {
		t.Fatalf("vectors: typed value %s: %v", raw, err)
	}
	return value
}

func (d Decoder) decode(raw json.RawMessage) (any, error) {
	var typed struct {
		T string
		V json.RawMessage
	}
	if err := json.Unmarshal(raw, &typed); err != nil {
		return nil, err
	}
	switch typed.T {
	case "none":
		return nil, nil
	case "bool":
		return as[bool](typed.V)
	case "list":
		return d.items(typed.V)
	case "tuple":
		items, err := d.items(typed.V)
		return d.tuple(items), err
	case "set":
		items, err := d.items(typed.V)
		return Set(items), err
	case "dict":
		return d.dict(typed.V)
	}
	value, err := text(typed.V)
	if err != nil {
		return nil, err
	}
	return d.scalar(typed.T, value)
}

func as[T any](raw json.RawMessage) (value T, err error) {
	err = json.Unmarshal(raw, &value)
	return value, err
}

// text reads a string of JSON as Decant does, which keeps a lone surrogate. The
// decoder of the standard library puts U+FFFD for it.
func text(raw json.RawMessage) (string, error) {
	value, err := pyjson.Parse(raw)
	if err != nil {
		return "", err
	}
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("cannot unmarshal %s into a string", raw)
	}
	return text, nil
}

func (d Decoder) scalar(kind, text string) (any, error) {
	switch kind {
	case "int":
		return integer(text)
	case "float":
		return strconv.ParseFloat(text, 64)
	case "str":
		return text, nil
	case "bytes":
		return base64.StdEncoding.DecodeString(text)
	case "markup":
		return d.markup(text), nil
	case "uuid":
		return d.uuid(text)
	case "datetime":
		return d.datetime(text)
	case "date":
		day, err := time.Parse(time.DateOnly, text)
		return Date{day}, err
	case "decimal":
		return Decimal(text), nil
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

func (d Decoder) markup(html string) any {
	if d.Markup == nil {
		return Markup(html)
	}
	return d.Markup(html)
}

func (d Decoder) tuple(items []any) any {
	if d.Tuple == nil {
		return Tuple(items)
	}
	return d.Tuple(items)
}

func (d Decoder) uuid(text string) (any, error) {
	id, err := uuid.Parse(text)
	if d.UUID == nil {
		return id, err
	}
	return d.UUID(id), err
}

func integer(text string) (any, error) {
	if small, err := strconv.Atoi(text); err == nil {
		return small, nil
	}
	large, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%q is no int", text)
	}
	return large, nil
}

// datetime reads ISO 8601 with or without an offset; UTC is time.UTC.
func (d Decoder) datetime(text string) (any, error) {
	naive, err := time.Parse("2006-01-02T15:04:05", text)
	switch {
	case err != nil:
		return zoned(text)
	case d.Naive == nil:
		return naive, nil
	}
	return d.Naive(naive), nil
}

func zoned(text string) (time.Time, error) {
	date, err := time.Parse(time.RFC3339, text)
	if err != nil { // an offset of hours, minutes and seconds
		date, err = time.Parse("2006-01-02T15:04:05-07:00:00", text)
	}
	if _, offset := date.Zone(); offset == 0 {
		return date.UTC(), err
	}
	return date, err
}

func (d Decoder) items(raw json.RawMessage) ([]any, error) {
	elements, err := as[[]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	items := make([]any, len(elements))
	for i, element := range elements {
		if items[i], err = d.decode(element); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// dict reads [key, value] pairs. A key is a string or a typed value.
func (d Decoder) dict(raw json.RawMessage) (any, error) {
	pairs, err := as[[][2]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	texts := make(map[string]any, len(pairs))
	mixed := make(map[any]any, len(pairs))
	for _, pair := range pairs {
		key, err := d.key(pair[0])
		if err != nil {
			return nil, err
		}
		value, err := d.decode(pair[1])
		if err != nil {
			return nil, err
		}
		mixed[key] = value
		if text, ok := key.(string); ok {
			texts[text] = value
		}
	}
	if len(texts) == len(mixed) {
		return texts, nil
	}
	return mixed, nil
}

func (d Decoder) key(raw json.RawMessage) (any, error) {
	if key, err := text(raw); err == nil {
		return key, nil
	}
	return d.decode(raw)
}

// Bytes reads {"s": text} or {"b64": bytes}, the form of secrets, keys and
// salts.
func Bytes(t testing.TB, raw json.RawMessage) []byte {
	t.Helper()
	var form struct {
		S   *string
		B64 []byte
	}
	decode(t, "secret "+string(raw), raw, &form)
	if form.S != nil {
		return []byte(*form.S)
	}
	if form.B64 == nil {
		t.Fatalf("vectors: secret %s has neither s nor b64", raw)
	}
	return form.B64
}

// Secrets reads one secret or a list of them, oldest first.
func Secrets(t testing.TB, raw json.RawMessage) [][]byte {
	t.Helper()
	list, err := as[[]json.RawMessage](raw)
	if err != nil {
		return [][]byte{Bytes(t, raw)}
	}
	secrets := make([][]byte, len(list))
	for i, secret := range list {
		secrets[i] = Bytes(t, secret)
	}
	return secrets
}
