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

// pointer writes what a pointer leads to, and leaves it where it is for the sake
// of what only a pointer can marshal.
func (e *Encoder) pointer(t reflect.Type) writer {
	write := e.later(t.Elem())
	return func(s *state, v reflect.Value) error {
		if err := s.descend(); err != nil {
			return err
		}
		err := write(s, v.Elem())
		s.depth--
		return err
	}
}

// marshaler brings the value's own JSON into the form of the Encoder.
func (s *state) marshaler(v reflect.Value) error {
	m := v.Interface().(json.Marshaler)
	data, err := m.MarshalJSON()
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalJSON: %w", m, err)}
	}
	value, err := Parse(data)
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalJSON: %w", m, err)}
	}
	tag := s.tag
	s.tag = nil
	err = s.value(value)
	s.tag = tag
	return err
}

func (s *state) textMarshaler(v reflect.Value) error {
	m := v.Interface().(encoding.TextMarshaler)
	text, err := m.MarshalText()
	if err != nil {
		return &ValueError{Err: fmt.Errorf("%T.MarshalText: %w", m, err)}
	}
	s.keep(s.appendString(s.dst, string(text)))
	return nil
}

func (s *state) bytes(v reflect.Value) error {
	s.keep(s.appendString(s.dst, base64.StdEncoding.EncodeToString(v.Bytes())))
	return nil
}

func (e *Encoder) sequence(t reflect.Type) writer {
	write := e.later(t.Elem())
	return func(s *state, v reflect.Value) error { return s.sequence(v, write) }
}

func (s *state) sequence(v reflect.Value, write writer) error {
	if err := s.open('['); err != nil {
		return err
	}
	for i := range v.Len() {
		s.element(i)
		if err := write(s, v.Index(i)); err != nil {
			return within(indexStep(i), err)
		}
	}
	s.close(']', v.Len())
	return nil
}

func pointerMarshals(t reflect.Type) bool {
	return t.Name() != "" && !marshals(t) && marshals(reflect.PointerTo(t))
}

func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func (s *state) bool(v reflect.Value) error {
	s.keep(strconv.AppendBool(s.dst, v.Bool()))
	return nil
}

func (s *state) string(v reflect.Value) error {
	s.keep(s.appendString(s.dst, v.String()))
	return nil
}

func (s *state) int(v reflect.Value) error {
	s.keep(strconv.AppendInt(s.dst, v.Int(), 10))
	return nil
}

func (s *state) uint(v reflect.Value) error {
	s.keep(strconv.AppendUint(s.dst, v.Uint(), 10))
	return nil
}

func (s *state) float32(v reflect.Value) error {
	s.keep(appendFloat32(s.dst, float32(v.Float())))
	return nil
}

func (s *state) float64(v reflect.Value) error {
	s.keep(appendFloat(s.dst, v.Float()))
	return nil
}

func (s *state) unsupported(v reflect.Value) error {
	return &ValueError{Err: &UnsupportedError{Type: v.Type()}}
}
