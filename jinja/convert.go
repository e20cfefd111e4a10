package jinja

import (
	"math"
	"math/big"
	"reflect"
	"time"
)

// value converts a Go value to what templates work with. It copies nothing: a
// map stays the map that it is, and a slice is converted when it is used.
func (e *engine) value(x any) value {
	switch x := x.(type) {
	case nil:
		return none
	case string:
		return stringValue(x)
	case int:
		return intValue(int64(x))
	case bool:
		return boolValue(x)
	case map[string]any:
		if x == nil {
			return none
		}
		return e.mapValue(x)
	case []any:
		return e.anyList(x)
	case Markup:
		return markupValue(string(x))
	case int64:
		return intValue(x)
	case float64:
		return floatValue(x)
	case Tuple:
		return tupleValue(e.values(x)...)
	case *Dict:
		if x == nil {
			return none
		}
		return dictValue(x)
	case []string:
		return value{kind: kindList, ref: &list{items: stringValues(x)}}
	case time.Time, time.Duration:
		return value{kind: kindGo, ref: x}
	case *big.Int:
		if x == nil {
			return none
		}
		return bigValue(new(big.Int).Set(x))
	case Undefined:
		return e.undefinedNamed(x.Name)
	case *Macro:
		return value{kind: kindObject, ref: x.macro}
	case exported:
		return x.value
	}
	if e.safe != nil {
		if html, ok := e.safe(x); ok {
			return markupValue(html)
		}
	}
	return e.reflected(reflect.ValueOf(x))
}

// anyList is the value of a slice, which is converted when it is used.
func (e *engine) anyList(items []any) value {
	return value{kind: kindList, ref: &list{engine: e, anys: items, lazy: len(items) > 0}}
}

// values converts the items of a Go slice.
func (e *engine) values(items []any) []value {
	converted := make([]value, len(items))
	for i, item := range items {
		converted[i] = e.value(item)
	}
	return converted
}

func stringValues(items []string) []value {
	converted := make([]value, len(items))
	for i, item := range items {
		converted[i] = stringValue(item)
	}
	return converted
}

// reflected converts a Go value that reflection has found.
func (e *engine) reflected(v reflect.Value) value {
	if !v.IsValid() {
		return none
	}
	t := v.Type()
	switch t.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return none
		}
		return e.value(v.Interface())
	case reflect.String:
		if t == stringType {
			return stringValue(v.String())
		}
	case reflect.Map, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return none
		}
	case reflect.Pointer:
		if v.IsNil() {
			return none
		}
	case reflect.Slice:
		if t == anysType && v.CanAddr() {
			return e.anyList(*v.Addr().Interface().(*[]any)) // without a copy of the header
		}
	case reflect.Struct:
		if v.CanAddr() && t != timeType {
			return e.pointed(v)
		}
	}
	b := bindingOf(t)
	if b.special || b.isObject || e.safe != nil && t.PkgPath() != "" {
		return e.special(v, b)
	}
	return e.plain(v, b)
}

// pointed converts a struct that is part of another Go value, by its address.
func (e *engine) pointed(v reflect.Value) value {
	if e.safe != nil {
		if html, ok := e.safe(v.Interface()); ok {
			return markupValue(html)
		}
	}
	if b := bindingOf(v.Type()); b.nullable {
		return e.null(v, b)
	}
	return value{kind: kindGo, ref: v.Addr().Interface()}
}

// special converts a value of a type that the engine knows, or of which the
// embedder may say that it is safe.
func (e *engine) special(v reflect.Value, b *binding) value {
	switch b.typ {
	case timeType, durationType:
		return value{kind: kindGo, ref: v.Interface()}
	case markupType:
		return markupValue(v.String())
	}
	if b.special && v.CanInterface() {
		return e.value(v.Interface())
	}
	if e.safe != nil && v.CanInterface() {
		if html, ok := e.safe(v.Interface()); ok {
			return markupValue(html)
		}
	}
	return e.plain(v, b)
}

// plain converts by the kind of the type. A type with methods keeps them.
func (e *engine) plain(v reflect.Value, b *binding) value {
	if b.isObject || b.isStringer && isScalar(b.typ.Kind()) {
		return value{kind: kindGo, ref: v.Interface()}
	}
	switch b.typ.Kind() {
	case reflect.String:
		return stringValue(v.String())
	case reflect.Bool:
		return boolValue(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intValue(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if n := v.Uint(); n > math.MaxInt64 {
			return bigValue(new(big.Int).SetUint64(n))
		}
		return intValue(int64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		return floatValue(v.Float())
	case reflect.Slice, reflect.Array:
		if b.isStringer || b.typ.Elem().Kind() == reflect.Uint8 {
			return value{kind: kindGo, ref: v.Interface()}
		}
		return value{kind: kindList, ref: &list{engine: e, source: v, lazy: true}}
	case reflect.Map:
		return e.mapValue(v.Interface())
	case reflect.Func:
		if b.isSeq || b.isSeq2 {
			return value{kind: kindGo, ref: v.Interface()}
		}
		return value{kind: kindFunc, ref: &goFunc{fn: v, sig: signatureOf(b.typ), engine: e}}
	case reflect.Pointer:
		if elem := v.Elem(); elem.Kind() != reflect.Struct && !b.isStringer {
			return e.reflected(elem)
		}
		if elem := b.typ.Elem(); elem == timeType {
			return value{kind: kindGo, ref: v.Elem().Interface()}
		}
	case reflect.Struct:
		if b.nullable {
			return e.null(v, b)
		}
	}
	return value{kind: kindGo, ref: v.Interface()}
}

// null converts a sql.NullString and its kin: the value, or None.
func (e *engine) null(v reflect.Value, b *binding) value {
	if !v.Field(1).Bool() {
		return none
	}
	return e.reflected(v.Field(0))
}

func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

// underlying returns the number or the string of a Go value whose type has
// methods, such as an enumeration with a String method, or missing.
func underlying(v value) value {
	if v.kind != kindGo {
		return missing
	}
	rv := reflect.ValueOf(v.ref)
	if bindingOf(rv.Type()).isObject {
		return missing
	}
	switch k := rv.Kind(); {
	case k == reflect.String:
		return stringValue(rv.String())
	case k == reflect.Bool:
		return boolValue(rv.Bool())
	case rv.CanInt():
		return intValue(rv.Int())
	case rv.CanUint():
		return bigValue(new(big.Int).SetUint64(rv.Uint()))
	case rv.CanFloat():
		return floatValue(rv.Float())
	}
	return missing
}

// exported carries a value of the engine through Go code, which can do nothing
// with it but hand it back.
type exported struct{ value value }

// String returns the text that a template would print.
func (x exported) String() string { return textOf(x.value) }

// toGo converts a value to the Go value that a function of the application
// receives.
func toGo(v value) any {
	switch v.kind {
	case kindMissing, kindUndefined:
		u := undefinedOf(v)
		if u.name.isText() {
			return Undefined{Name: u.name.text()}
		}
		return Undefined{}
	case kindNone:
		return nil
	case kindBool:
		return v.bool()
	case kindInt:
		if n := v.int(); n >= math.MinInt && n <= math.MaxInt {
			return int(n)
		}
		return v.int()
	case kindFloat:
		return v.float()
	case kindString:
		return v.text()
	case kindMarkup:
		return Markup(v.text())
	case kindList:
		return listToGo(v.ref.(*list))
	case kindTuple:
		return Tuple(toGoAll(v.ref.(*tuple).items))
	case kindRange:
		r := v.ref.(*rangeValue)
		numbers := make([]any, r.len())
		for i := range numbers {
			numbers[i] = toGo(r.at(i))
		}
		return numbers
	case kindFunc:
		if f, ok := v.ref.(*goFunc); ok {
			return f.fn.Interface()
		}
		return exported{v}
	case kindObject:
		if m, ok := v.ref.(*macro); ok {
			return &Macro{macro: m}
		}
		return exported{v}
	case kindIter:
		return exported{v}
	case kindMap:
		return v.ref.(*goMap).m
	case kindDict:
		if d := v.ref.(*Dict); d.source != nil {
			return d.source
		}
	}
	return v.ref
}

func listToGo(l *list) any {
	switch {
	case l.isOwn || l.anys == nil && !l.source.IsValid():
		return toGoAll(l.items)
	case l.anys != nil:
		return l.anys
	}
	return l.source.Interface()
}

// maxConversion is how deep lists in lists are converted. A list that contains
// itself has no end.
const maxConversion = 100

func toGoAll(items []value) []any { return toGoDeep(items, 0) }

func toGoDeep(items []value, depth int) []any {
	converted := make([]any, len(items))
	for i, item := range items {
		switch {
		case depth > maxConversion:
			converted[i] = exported{item}
		case item.kind == kindList && item.ref.(*list).isOwn:
			converted[i] = toGoDeep(item.ref.(*list).items, depth+1)
		case item.kind == kindTuple:
			converted[i] = Tuple(toGoDeep(item.ref.(*tuple).items, depth+1))
		default:
			converted[i] = toGo(item)
		}
	}
	return converted
}
