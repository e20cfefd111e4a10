package pyjson

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"sync"
)

// writer writes the values of one type.
type writer func(s *state, v reflect.Value) error

// writerOf works out how a type is written, once for each Encoder.
func (e *Encoder) writerOf(t reflect.Type) writer {
	if known, ok := e.writers.Load(t); ok {
		return known.(writer)
	}
	write := e.newWriter(t)
	e.writers.Store(t, write)
	return write
}

// later is writerOf for parts of a type, which may be the type itself again.
func (e *Encoder) later(t reflect.Type) writer {
	if write := e.common(t); write != nil {
		return write
	}
	find := sync.OnceValue(func() writer { return e.writerOf(t) })
	return func(s *state, v reflect.Value) error { return find()(s, v) }
}

// newWriter puts in front of what a type means by itself what the Encoder's
// functions may say about it.
func (e *Encoder) newWriter(t reflect.Type) writer {
	if write := e.common(t); write != nil {
		return write
	}
	write := e.byItself(t)
	if e.Default != nil && (e.Concerns == nil || e.Concerns(t)) {
		write = write.unlessReplaced
	}
	if e.Tag != nil {
		write = write.unlessTagged
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return write.unlessNil
	case pointerMarshals(t):
		return write.unlessAddressable
	}
	return write
}

// common returns the writer of a type that the functions are not asked about,
// nil for any other.
func (e *Encoder) common(t reflect.Type) writer {
	switch t {
	case reflect.TypeFor[bool]():
		return (*state).bool
	case reflect.TypeFor[string]():
		return (*state).string
	case reflect.TypeFor[int](), reflect.TypeFor[int64](), reflect.TypeFor[int32]():
		return (*state).int
	case reflect.TypeFor[uint](), reflect.TypeFor[uint64]():
		return (*state).uint
	case reflect.TypeFor[float64]():
		return (*state).float64
	case reflect.TypeFor[float32]():
		return (*state).float32
	case reflect.TypeFor[[]any](), reflect.TypeFor[[]string](), reflect.TypeFor[[]int](), reflect.TypeFor[[]map[string]any]():
		return e.sequence(t)
	case reflect.TypeFor[map[string]any](), reflect.TypeFor[map[string]string](), reflect.TypeFor[*big.Int](), reflect.TypeFor[json.Number]():
		return (*state).boxed
	}
	if t.Kind() == reflect.Interface {
		return (*state).boxed
	}
	return nil
}

// boxed writes what is as cheap, or cheaper, without reflection.
func (s *state) boxed(v reflect.Value) error { return s.value(v.Interface()) }

// byItself is how a type marshals itself, or else what its kind suggests.
func (e *Encoder) byItself(t reflect.Type) writer {
	kind := t.Kind()
	switch {
	case kind == reflect.Pointer && !pointerMarshals(t.Elem()):
		return e.pointer(t)
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		return (*state).marshaler
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return (*state).textMarshaler
	case kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return (*state).bytes
	case kind == reflect.Slice, kind == reflect.Array:
		return e.sequence(t)
	case kind == reflect.Map:
		return e.dict(t)
	case kind == reflect.Struct:
		fields := e.fieldsOf(t)
		return func(s *state, v reflect.Value) error { return s.structure(v, fields) }
	}
	return scalar(kind)
}

func scalar(kind reflect.Kind) writer {
	switch kind {
	case reflect.Bool:
		return (*state).bool
	case reflect.String:
		return (*state).string
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return (*state).int
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return (*state).uint
	case reflect.Float32:
		return (*state).float32
	case reflect.Float64:
		return (*state).float64
	}
	return (*state).unsupported
}

func (write writer) unlessNil(s *state, v reflect.Value) error {
	if v.IsNil() {
		return s.text("null")
	}
	return write(s, v)
}

// unlessAddressable lets the pointer to a value stand in for it, where only
// that can marshal itself.
func (write writer) unlessAddressable(s *state, v reflect.Value) error {
	if v.CanAddr() {
		return s.other(v.Addr())
	}
	return write(s, v)
}

func (write writer) unlessReplaced(s *state, v reflect.Value) error {
	replacement, ok, err := s.Default(v.Interface())
	switch {
	case err != nil:
		return within("", err)
	case !ok:
		return write(s, v)
	}
	return s.deeper(replacement)
}

func (write writer) unlessTagged(s *state, v reflect.Value) error {
	if s.tag != nil {
		if done, err := s.tagged(v.Interface()); done {
			return err
		}
	}
	return write(s, v)
}
