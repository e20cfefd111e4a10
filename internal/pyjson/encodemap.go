package pyjson

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
)

// ErrMixedKeys reports a map whose keys have no common order, such as text
// beside numbers. Python raises TypeError then.
var ErrMixedKeys = errors.New("map keys of different kinds cannot be sorted; use text keys only")

// keyKind says which keys can be compared with each other.
type keyKind int

const (
	textKey keyKind = iota
	numberKey
	nullKey
)

// mapKey is one key of a map, with its JSON text, its place in the order and its
// value. A value cannot be looked up later: NaN is a key that is never found.
type mapKey struct {
	kind   keyKind
	text   string
	number float64
	key    reflect.Value
	value  reflect.Value
}

// dict writes maps of any type.
func (e *Encoder) dict(t reflect.Type) writer {
	write := e.later(t.Elem())
	return func(s *state, v reflect.Value) error { return s.dict(v, write) }
}

func (s *state) dict(v reflect.Value, write writer) error {
	keys, err := s.mapKeys(v)
	if err != nil {
		return &ValueError{Err: err}
	}
	if err := s.open('{'); err != nil {
		return err
	}
	for i, key := range keys {
		s.member(i, key.text)
		if err := write(s, key.value); err != nil {
			return within(keyStep(key.text), err)
		}
	}
	s.close('}', len(keys))
	return nil
}

// mapKeys orders the keys before they turn into text, as Python does: 2 comes
// before 10.
func (s *state) mapKeys(v reflect.Value) ([]mapKey, error) {
	keys := make([]mapKey, 0, v.Len())
	mixed := false
	for key, value := range v.Seq2() {
		k, err := newMapKey(key)
		if err != nil {
			return nil, err
		}
		k.value = value
		mixed = mixed || len(keys) > 0 && k.kind != keys[0].kind
		keys = append(keys, k)
	}
	if mixed && s.SortKeys {
		return nil, ErrMixedKeys
	}
	slices.SortFunc(keys, mapKey.compare)
	return keys, nil
}

func (k mapKey) compare(other mapKey) int {
	switch {
	case k.kind != other.kind:
		return cmp.Compare(k.kind, other.kind)
	case k.kind != numberKey:
		return cmp.Compare(k.text, other.text)
	case k.key.CanInt() && other.key.CanInt():
		return cmp.Compare(k.key.Int(), other.key.Int())
	case k.key.CanUint() && other.key.CanUint():
		return cmp.Compare(k.key.Uint(), other.key.Uint())
	}
	return cmp.Or(cmp.Compare(k.number, other.number), cmp.Compare(k.text, other.text))
}

func newMapKey(key reflect.Value) (mapKey, error) {
	v := key
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	k := mapKey{kind: numberKey, key: key}
	switch {
	case !v.IsValid():
		k.kind, k.text = nullKey, "null"
	case v.Kind() == reflect.String:
		k.kind, k.text = textKey, v.String()
	case v.Type() == reflect.TypeFor[*big.Int]() && !v.IsNil():
		whole := v.Interface().(*big.Int)
		k.text = whole.String()
		k.number, _ = whole.Float64()
	case v.Type().Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return k, fmt.Errorf("key %v: %w", v, err)
		}
		k.kind, k.text = textKey, string(text)
	default:
		return k.numeric(v)
	}
	return k, nil
}

func (k mapKey) numeric(v reflect.Value) (mapKey, error) {
	switch {
	case v.Kind() == reflect.Bool:
		k.text = strconv.FormatBool(v.Bool())
		if v.Bool() {
			k.number = 1
		}
	case v.CanInt():
		k.text, k.number = strconv.FormatInt(v.Int(), 10), float64(v.Int())
	case v.CanUint():
		k.text, k.number = strconv.FormatUint(v.Uint(), 10), float64(v.Uint())
	case v.Kind() == reflect.Float32:
		k.text, k.number = string(appendFloat32(nil, float32(v.Float()))), v.Float()
	case v.Kind() == reflect.Float64:
		k.text, k.number = string(appendFloat(nil, v.Float())), v.Float()
	default:
		return k, fmt.Errorf("map keys must be text, numbers, booleans or nil, not %s", v.Type())
	}
	return k, nil
}
