package pytext

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// Str returns Python's str(v). A string comes back unchanged, a value with an
// Error or String method returns the result of that method, and any other value
// is printed as by Repr.
func Str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case time.Time:
		return string(appendTime(nil, v))
	}
	if text, ok := ownText(v); ok {
		return text
	}
	if text := reflect.ValueOf(v); text.Kind() == reflect.String {
		return text.String()
	}
	return Repr(v)
}

// Repr returns Python's repr(v): None, True, 1.5, 'text', b'bytes',
// [1, 'a'], (1,), {'k': 1}. The keys of maps are sorted, because Go's maps have
// no order. A type may have a method Repr() string of its own. Structs look like
// dataclasses, User(Name='ann'), and a slice whose type is called Tuple looks like
// a tuple. A value inside itself is written as [...], (...) or {...}.
func Repr(v any) string {
	var buffer [64]byte
	p := printer{out: buffer[:0]}
	p.value(v)
	return string(p.out)
}

// printer holds the output so far and the containers that are being printed.
type printer struct {
	out  []byte
	open []reflect.Value
}

func (p *printer) value(v any) {
	switch v := v.(type) {
	case nil:
		p.text("None")
	case bool:
		p.bool(v)
	case string:
		p.out = AppendQuoted(p.out, v)
	case int:
		p.out = strconv.AppendInt(p.out, int64(v), 10)
	case float64:
		p.out = AppendFloat(p.out, v)
	case []byte:
		p.out = appendBytes(p.out, v)
	case time.Time:
		p.out = appendTimeRepr(p.out, v)
	case []any:
		p.list(reflect.ValueOf(v))
	default:
		p.other(v)
	}
}

func (p *printer) text(s string) {
	p.out = append(p.out, s...)
}

func (p *printer) bool(b bool) {
	if b {
		p.text("True")
		return
	}
	p.text("False")
}

// other prints a value by its own method, or else by its kind.
func (p *printer) other(v any) {
	if own, ok := v.(interface{ Repr() string }); ok && !isNil(v) {
		p.text(own.Repr())
		return
	}
	if text, ok := ownText(v); ok {
		p.text(text)
		return
	}
	p.reflected(reflect.ValueOf(v))
}

// ownText returns the result of a value's Error or String method.
func ownText(v any) (string, bool) {
	if isNil(v) {
		return "", false
	}
	switch v := v.(type) {
	case *big.Int:
		return v.String(), true
	case error:
		return v.Error(), true
	case fmt.Stringer:
		return v.String(), true
	}
	return "", false
}

func isNil(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}

func (p *printer) reflected(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		p.bool(v.Bool())
	case reflect.String:
		p.out = AppendQuoted(p.out, v.String())
	case reflect.Float32:
		p.out = AppendFloat32(p.out, float32(v.Float()))
	case reflect.Float64:
		p.out = AppendFloat(p.out, v.Float())
	case reflect.Slice, reflect.Array:
		p.sequence(v)
	case reflect.Map:
		p.dict(v)
	case reflect.Struct:
		p.dataclass(v)
	case reflect.Pointer:
		p.pointer(v)
	default:
		p.number(v)
	}
}

func (p *printer) number(v reflect.Value) {
	switch {
	case v.CanInt():
		p.out = strconv.AppendInt(p.out, v.Int(), 10)
	case v.CanUint():
		p.out = strconv.AppendUint(p.out, v.Uint(), 10)
	default:
		p.out = fmt.Append(p.out, v)
	}
}
