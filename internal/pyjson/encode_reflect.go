package pyjson

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// UnsupportedError reports a type that JSON has no form for.
type UnsupportedError struct {
	Type reflect.Type
}

// Error names the type and says what can be done.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("a %s cannot be written as JSON; give the type a MarshalJSON method or use something simpler", e.Type)
}

// reflected writes a value of any type: as it marshals itself, or as its kind
// suggests.
func (s *state) reflected(v reflect.Value) error {
	if v.Kind() == reflect.Pointer && !pointerMarshals(v.Type().Elem()) {
		return s.pointer(v.Elem())
	}
	switch m := v.Interface().(type) {
	case json.Marshaler:
		return s.marshaler(m)
	case encoding.TextMarshaler:
		return s.textMarshaler(m)
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		return s.sequence(v)
	case reflect.Map:
		return s.dict(v)
	case reflect.Struct:
		return s.structure(v)
	}
	return s.scalar(v)
}

// pointer writes what a pointer leads to. A struct stays where it is, for the
// sake of fields that only a pointer can marshal.
func (s *state) pointer(v reflect.Value) error {
	if v.Kind() != reflect.Struct {
		return s.deeper(v.Interface())
	}
	if err := s.descend(); err != nil {
		return err
	}
	err := s.other(v)
	s.depth--
	return err
}

// marshaler brings the value's own JSON into the form of the Encoder.
func (s *state) marshaler(m json.Marshaler) error {
	data, err := m.MarshalJSON()
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalJSON: %w", m, err)}
	}
	value, err := Parse(data)
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalJSON: %w", m, err)}
	}
	return s.untagged(func() error { return s.value(value) })
}

// untagged runs write with the Tag function switched off.
func (s *state) untagged(write func() error) error {
	tag := s.tag
	s.tag = nil
	err := write()
	s.tag = tag
	return err
}

func (s *state) textMarshaler(m encoding.TextMarshaler) error {
	text, err := m.MarshalText()
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalText: %w", m, err)}
	}
	s.dst = s.appendString(s.dst, string(text))
	return nil
}

func (s *state) sequence(v reflect.Value) error {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		s.dst = s.appendString(s.dst, base64.StdEncoding.EncodeToString(v.Bytes()))
		return nil
	}
	if err := s.open('['); err != nil {
		return err
	}
	for i := range v.Len() {
		s.element(i)
		if err := s.value(inner(v.Index(i))); err != nil {
			return within(indexStep(i), err)
		}
	}
	s.close(']', v.Len())
	return nil
}

// inner takes an element out of its container. Where only a pointer to it can
// marshal itself, the pointer stands in for it.
func inner(v reflect.Value) any {
	if v.CanAddr() && pointerMarshals(v.Type()) {
		return v.Addr().Interface()
	}
	return v.Interface()
}

func pointerMarshals(t reflect.Type) bool {
	return t.Name() != "" && !marshals(t) && marshals(reflect.PointerTo(t))
}

func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func (s *state) scalar(v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Bool:
		s.dst = strconv.AppendBool(s.dst, v.Bool())
	case v.Kind() == reflect.String:
		s.dst = s.appendString(s.dst, v.String())
	case v.CanInt():
		s.dst = strconv.AppendInt(s.dst, v.Int(), 10)
	case v.CanUint():
		s.dst = strconv.AppendUint(s.dst, v.Uint(), 10)
	case v.Kind() == reflect.Float32:
		s.dst = appendFloat32(s.dst, float32(v.Float()))
	case v.Kind() == reflect.Float64:
		s.dst = appendFloat(s.dst, v.Float())
	default:
		return &ValueError{Err: &UnsupportedError{Type: v.Type()}}
	}
	return nil
}
