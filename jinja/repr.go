package jinja

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/jinja/internal/strftime"
	"github.com/decant-go/decant/jinja/internal/text"
)

// textLength counts the characters of a string.
func textLength(s string) int { return utf8.RuneCountInString(s) }

// textOf returns the text of a value, as Python's str does. It is not escaped.
func textOf(v value) string {
	switch v.kind {
	case kindString, kindMarkup:
		return v.text()
	case kindMissing, kindUndefined:
		return undefinedText(undefinedOf(v))
	case kindGo:
		return goText(v)
	case kindObject:
		if o, ok := v.ref.(interface{ str() string }); ok {
			return o.str()
		}
	}
	return reprOf(v)
}

// undefinedText returns what an undefined value prints.
func undefinedText(u *undefined) string {
	switch {
	case u.mode != Debug:
		return ""
	case u.hint != "":
		return "{{ undefined value printed: " + u.hint + " }}"
	case u.owner.kind == kindMissing:
		return "{{ " + textOf(u.name) + " }}"
	}
	return "{{ no such element: " + objectTypeName(u.owner) + "[" + reprOf(u.name) + "] }}"
}

// goText returns the text of a Go value. A struct without a text of its own
// prints its type alone, since its fields are nobody's business.
func goText(v value) string {
	switch x := v.ref.(type) {
	case time.Time:
		return strftime.String(x, isZoned(x))
	case time.Duration:
		return durationText(x)
	case Stringer:
		return x.JinjaString()
	case HTMLer:
		return x.JinjaHTML()
	case error:
		return x.Error()
	case fmt.Stringer:
		return x.String()
	}
	return reprOf(v)
}

// isZoned reports whether a time prints its zone. UTC and local times do not,
// as Python's naive ones.
func isZoned(t time.Time) bool { return t.Location() != time.UTC && t.Location() != time.Local }

// durationText is Python's str of a timedelta.
func durationText(d time.Duration) string {
	days := d / (24 * time.Hour)
	rest := d % (24 * time.Hour)
	if rest < 0 {
		days--
		rest += 24 * time.Hour
	}
	var b strings.Builder
	if days != 0 {
		plural := "s"
		if days == 1 || days == -1 {
			plural = ""
		}
		fmt.Fprintf(&b, "%d day%s, ", days, plural)
	}
	fmt.Fprintf(&b, "%d:%02d:%02d", rest/time.Hour, rest/time.Minute%60, rest/time.Second%60)
	if micros := rest / time.Microsecond % 1_000_000; micros != 0 {
		fmt.Fprintf(&b, ".%06d", micros)
	}
	return b.String()
}

// reprOf returns the printed form of a value inside of a list, as Python's
// repr.
func reprOf(v value) string {
	p := printer{}
	p.repr(v)
	return p.b.String()
}

// printer writes printed forms.
type printer struct {
	b    strings.Builder
	open []any // the lists and dicts around, to find one that contains itself

	sortDicts bool // prints dicts in the order of their keys
}

// maxPrinted bounds what is printed of data that is larger than any page.
const maxPrinted = 16 << 20

func (p *printer) repr(v value) {
	if p.b.Len() > maxPrinted {
		return
	}
	switch v.kind {
	case kindMissing, kindUndefined:
		p.b.WriteString("Undefined")
	case kindNone:
		p.b.WriteString("None")
	case kindBool:
		if v.bool() {
			p.b.WriteString("True")
		} else {
			p.b.WriteString("False")
		}
	case kindInt:
		p.b.WriteString(strconv.FormatInt(v.int(), 10))
	case kindBig:
		p.b.WriteString(v.ref.(*big.Int).String())
	case kindFloat:
		p.b.WriteString(floatText(v.float()))
	case kindString:
		p.quote(v.text())
	case kindMarkup:
		p.b.WriteString("Markup(")
		p.quote(v.text())
		p.b.WriteString(")")
	case kindList:
		l := v.ref.(*list)
		p.enclosed("[", "]", "[...]", l, func() {
			for i := range l.len() {
				p.comma(i)
				p.repr(l.at(i))
			}
		})
	case kindTuple:
		p.tuple(v.ref.(*tuple))
	case kindDict, kindMap:
		p.dict(v)
	case kindRange:
		r := v.ref.(*rangeValue)
		fmt.Fprintf(&p.b, "range(%d, %d", r.start, r.stop)
		if r.step != 1 {
			fmt.Fprintf(&p.b, ", %d", r.step)
		}
		p.b.WriteString(")")
	case kindIter:
		p.b.WriteString("<generator object " + v.ref.(*iterator).name + ">")
	case kindFunc:
		if b, ok := v.ref.(*builtin); ok && b.class != "" {
			p.b.WriteString("<class '" + b.class + "'>")
			return
		}
		p.b.WriteString("<function " + v.ref.(callable).callName() + ">")
	case kindObject:
		p.object(v.ref)
	default:
		p.goValue(v)
	}
}

func (p *printer) comma(i int) {
	if i > 0 {
		p.b.WriteString(", ")
	}
}

// enclosed writes the content of a list or dict in brackets. If it contains
// itself, it writes dots.
func (p *printer) enclosed(open, end, dots string, id any, content func()) {
	for _, other := range p.open {
		if other == id {
			p.b.WriteString(dots)
			return
		}
	}
	if len(p.open) > maxConversion {
		p.b.WriteString(dots)
		return
	}
	p.open = append(p.open, id)
	p.b.WriteString(open)
	content()
	p.b.WriteString(end)
	p.open = p.open[:len(p.open)-1]
}

func (p *printer) tuple(t *tuple) {
	p.enclosed("(", ")", "(...)", t, func() {
		for i, item := range t.items {
			p.comma(i)
			p.repr(item)
		}
		if len(t.items) == 1 {
			p.b.WriteString(",")
		}
	})
}

func (p *printer) dict(v value) {
	var id any = v.ref
	if v.kind == kindMap {
		id = reflect.ValueOf(v.ref.(*goMap).m).Pointer()
	}
	p.enclosed("{", "}", "{...}", id, func() {
		if p.sortDicts {
			for i, e := range sortedEntries(v) {
				p.entry(i, e.key, e.val)
			}
			return
		}
		i := 0
		eachEntry(v, func(key, val value) bool {
			p.entry(i, key, val)
			i++
			return p.b.Len() <= maxPrinted
		})
	})
}

// entry writes the entry of a dict at a position.
func (p *printer) entry(i int, key, val value) {
	p.comma(i)
	p.repr(key)
	p.b.WriteString(": ")
	p.repr(val)
}

func (p *printer) object(o any) {
	switch o := o.(type) {
	case interface{ write(p *printer) }:
		o.write(p)
	case interface{ repr() string }:
		p.b.WriteString(o.repr())
	default:
		p.b.WriteString("<" + o.(object).typeName() + " object>")
	}
}

func (p *printer) goValue(v value) {
	switch x := v.ref.(type) {
	case time.Time:
		fmt.Fprintf(&p.b, "datetime.datetime(%d, %d, %d, %d, %d", x.Year(), x.Month(), x.Day(), x.Hour(), x.Minute())
		if x.Second() != 0 || x.Nanosecond() >= 1000 {
			fmt.Fprintf(&p.b, ", %d", x.Second())
		}
		if x.Nanosecond() >= 1000 {
			fmt.Fprintf(&p.b, ", %d", x.Nanosecond()/1000)
		}
		p.b.WriteString(")")
	case time.Duration:
		p.b.WriteString("datetime.timedelta(" + durationText(x) + ")")
	case []byte:
		p.bytes(x)
	case Stringer, error, fmt.Stringer:
		p.b.WriteString("<" + typeName(v) + ": " + goText(v) + ">")
	default:
		p.b.WriteString("<" + typeName(v) + " object>")
	}
}

// bytes writes bytes as Python does.
func (p *printer) bytes(data []byte) {
	p.b.WriteString("b'")
	for _, c := range data {
		switch {
		case c == '\'' || c == '\\':
			p.b.WriteByte('\\')
			p.b.WriteByte(c)
		case c == '\n':
			p.b.WriteString(`\n`)
		case c == '\r':
			p.b.WriteString(`\r`)
		case c == '\t':
			p.b.WriteString(`\t`)
		case c >= ' ' && c < 0x7f:
			p.b.WriteByte(c)
		default:
			p.b.WriteString(`\x` + hex.EncodeToString([]byte{c}))
		}
	}
	p.b.WriteString("'")
}

// quote writes a string in quotes, with escapes for what cannot be printed.
func (p *printer) quote(s string) {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	p.b.WriteByte(quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			p.b.WriteByte('\\')
			p.b.WriteRune(r)
		case r == '\n':
			p.b.WriteString(`\n`)
		case r == '\r':
			p.b.WriteString(`\r`)
		case r == '\t':
			p.b.WriteString(`\t`)
		case r >= ' ' && r < 0x7f || r > 0x7f && text.IsPrintRune(r):
			p.b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&p.b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&p.b, `\u%04x`, r)
		default:
			fmt.Fprintf(&p.b, `\U%08x`, r)
		}
	}
	p.b.WriteByte(quote)
}

// floatText is Python's repr of a float.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
