package flasksession

import (
	"errors"
	"fmt"
	"math/big"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant"
)

// These are Python's types that Go has no type of its own for. They come out of
// sessions that Python wrote, and go back as what they were, as far as the
// format can say it.
type (
	// Dict is a dict with a key that is not a string, in the order of Python. A
	// dict whose keys are all strings is a map[string]any.
	Dict []Item

	// Item is one entry of a [Dict].
	Item struct{ Key, Value any }

	// Set is a set or a frozenset, in no order. Only pickles tell it from a list.
	Set []any

	// Decimal is the text of a decimal.Decimal. Only pickles tell it from a str.
	Decimal string

	// NaiveTime is a datetime without a time zone, with the clock's numbers as
	// if they were UTC. Only pickles tell it from a str.
	NaiveTime struct{ time.Time }

	// Date is a datetime.date. Only pickles tell it from a str.
	Date struct {
		Year  int
		Month time.Month
		Day   int
	}

	// Ext is an extension of MessagePack other than the timestamp.
	Ext struct {
		Code int8
		Data []byte
	}
)

// String returns the date as Python's isoformat does: "2026-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// String returns the time as Python's isoformat does: "2026-01-02T03:04:05",
// with six digits of the second where there are any.
func (t NaiveTime) String() string { return isoTime(t.Time) }

func isoTime(t time.Time) string {
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// rfc3339 writes an aware datetime as msgspec does. Seconds of an offset are
// rounded to minutes.
func rfc3339(t time.Time) string {
	_, offset := t.Zone()
	if offset == 0 {
		return isoTime(t) + "Z"
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	minutes := (offset + 30) / 60
	return fmt.Sprintf("%s%c%02d:%02d", isoTime(t), sign, minutes/60, minutes%60)
}

// isoDuration writes a timedelta as msgspec does: "P1DT90.5S". Python counts
// microseconds.
func isoDuration(d time.Duration) string {
	micros := d.Microseconds()
	text := "P"
	if micros < 0 {
		text, micros = "-P", -micros
	}
	const day = int64(24 * time.Hour / time.Microsecond)
	if days := micros / day; days > 0 {
		text += fmt.Sprintf("%dD", days)
		micros %= day
	} else if micros == 0 {
		return "P0D"
	}
	if micros == 0 {
		return text
	}
	text += fmt.Sprintf("T%d", micros/1e6)
	if rest := micros % 1e6; rest > 0 {
		digits := fmt.Sprintf(".%06d", rest)
		for digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
		text += digits
	}
	return text + "S"
}

// The bounds of what is read. Python's own recursion limit is a thousand, too.
const (
	maxDepth  = 1000
	maxDigits = 4300
)

var (
	errTooDeep  = fmt.Errorf("it is nested more than %d levels deep", maxDepth)
	errNotUTF8  = errors.New("it holds a string that is not UTF-8")
	errTrailing = errors.New("there is something behind the value")
)

// plainInt turns a number into an int if that can hold it.
func plainInt(n *big.Int) any {
	if n.IsInt64() {
		return int(n.Int64())
	}
	return n
}

// entries gathers a dict while it is read.
type entries struct {
	items   []Item
	places  map[any]int // of the keys that can be compared
	isPlain bool        // all keys are strings
}

func newEntries() *entries { return &entries{places: map[any]int{}, isPlain: true} }

// set adds an entry, in place of an earlier one with that key.
func (e *entries) set(key, value any) error {
	switch key.(type) {
	case string:
	case nil, bool, int, float64, decant.Markup, decant.UUID, Decimal, Date, time.Duration:
		e.isPlain = false
	case []byte, *big.Int, decant.Tuple, time.Time, NaiveTime, Set:
		e.isPlain = false
		e.items = append(e.items, Item{key, value})
		return nil
	default:
		return fmt.Errorf("a %T is a key of a dict, which Python cannot have", key)
	}
	if place, ok := e.places[key]; ok {
		e.items[place].Value = value
		return nil
	}
	e.places[key] = len(e.items)
	e.items = append(e.items, Item{key, value})
	return nil
}

// value is a map[string]any, or a Dict where that will not do.
func (e *entries) value() any {
	if !e.isPlain {
		return Dict(e.items)
	}
	values := make(map[string]any, len(e.items))
	for _, item := range e.items {
		values[item.Key.(string)] = item.Value
	}
	return values
}

// place is where a value is, for errors: session["cart"][0].
type place struct {
	outer *place
	key   any // nil for the session itself
	depth int
}

func (p *place) at(key any) *place { return &place{p, key, p.depth + 1} }

func (p *place) String() string {
	if p.outer == nil {
		return "session"
	}
	return fmt.Sprintf("%s[%#v]", p.outer, p.key)
}

// refuse says which value cannot be stored.
func (p *place) refuse(format string, args ...any) error {
	return fmt.Errorf("decant: the session cannot be saved, and what changed in it is lost: %s %s", p, fmt.Sprintf(format, args...))
}

// unfit is the error for a value of a type that has no form in the store.
func (p *place) unfit(value any) error {
	return p.refuse("is a %T; store an id, or numbers, strings, lists and maps of them", value)
}

func (p *place) check(text string) error {
	if !utf8.ValidString(text) {
		return p.refuse("is a string that is not UTF-8; store it as []byte")
	}
	return nil
}

// Stores reports whether a value is of a type of this package, which sessions of
// Flask-Session hold besides those that decant.Session lists.
func (s *Sessions) Stores(value any) bool {
	switch value.(type) {
	case Dict, Set, Decimal, Date, NaiveTime, time.Duration, Ext:
		return true
	}
	return false
}

// writer writes values in one format.
type writer interface {
	null()
	boolean(value bool)
	integer(value int64)
	bigInteger(p *place, value *big.Int) error
	float(value float64)
	text(value string)
	bytes(value []byte)
	markup(p *place, value decant.Markup) error
	uuid(value decant.UUID)
	decimal(value Decimal)
	date(value Date)
	naive(value NaiveTime)
	aware(value time.Time)
	duration(value time.Duration)
	ext(p *place, value Ext) error
	list(p *place, items []any) error
	tuple(p *place, items []any) error
	set(p *place, items []any) error
	dict(p *place, items []Item) error
}

// write writes one value.
func write(w writer, p *place, value any) error {
	if p.depth > maxDepth {
		return p.outer.refuse("is nested more than %d levels deep", maxDepth)
	}
	switch value := value.(type) {
	case nil:
		w.null()
	case bool:
		w.boolean(value)
	case int:
		w.integer(int64(value))
	case int64:
		w.integer(value)
	case *big.Int:
		return writeBig(w, p, value)
	case float64:
		w.float(value)
	case string:
		if err := p.check(value); err != nil {
			return err
		}
		w.text(value)
	case []byte:
		w.bytes(value)
	case decant.Markup:
		if err := p.check(string(value)); err != nil {
			return err
		}
		return w.markup(p, value)
	default:
		return writeRare(w, p, value)
	}
	return nil
}

func writeBig(w writer, p *place, value *big.Int) error {
	if value == nil {
		return p.unfit(value)
	}
	if value.IsInt64() {
		w.integer(value.Int64())
		return nil
	}
	return w.bigInteger(p, value)
}

// writeRare is write for containers, and for what few sessions hold.
func writeRare(w writer, p *place, value any) error {
	switch value := value.(type) {
	case map[string]any:
		return w.dict(p, sortedItems(value))
	case map[string]string:
		return w.dict(p, sortedItems(value))
	case Dict:
		return w.dict(p, value)
	case []any:
		return w.list(p, value)
	case []string:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = item
		}
		return w.list(p, items)
	case decant.Tuple:
		return w.tuple(p, value)
	case Set:
		return w.set(p, value)
	case decant.UUID:
		w.uuid(value)
	case Decimal:
		w.decimal(value)
	case Date:
		w.date(value)
	case NaiveTime:
		if !isPythonYear(value.Year()) {
			return p.refuse(outOfYears)
		}
		w.naive(value)
	case time.Time:
		if !isPythonYear(value.UTC().Year()) || !isPythonYear(value.Year()) {
			return p.refuse(outOfYears)
		}
		w.aware(value)
	case time.Duration:
		w.duration(value)
	case Ext:
		return w.ext(p, value)
	default:
		return p.unfit(value)
	}
	return nil
}

const outOfYears = "is a date outside of the years 1 to 9999, which Python does not have"

func isPythonYear(year int) bool { return 1 <= year && year <= 9999 }

// writeItems writes the items of a list.
func writeItems(w writer, p *place, items []any, between func(i int)) error {
	for i, item := range items {
		if between != nil {
			between(i)
		}
		if err := write(w, p.at(i), item); err != nil {
			return err
		}
	}
	return nil
}
