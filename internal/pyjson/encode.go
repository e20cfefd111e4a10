package pyjson

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"sync"
)

// Encoder writes JSON as Python's json.dumps does. The zero value writes the
// compact form with characters beyond ASCII as they are. Set the fields before
// the first use; after that an Encoder may be shared, and must not be copied.
type Encoder struct {
	// Spaced puts a blank after commas and colons, Python's default form.
	Spaced bool
	// ASCII writes every character beyond ASCII, and DEL, as \uXXXX.
	ASCII bool
	// SortKeys orders the fields of structs by name, and refuses maps whose
	// keys Python could not sort, such as text beside numbers. Maps, which
	// have no order in Go, are sorted in any case.
	SortKeys bool
	// Indent, when positive, puts every element on a line of its own, moved
	// in by that many blanks for each level.
	Indent int
	// Default, when set, is asked before anything else about a value whose
	// type is not nil, bool, a number type of Go, string, *big.Int,
	// json.Number, []any, map[string]any or one of the common typed slices
	// and maps. Where it reports ok, its replacement is written instead.
	Default func(v any) (replacement any, ok bool, err error)
	// Concerns, when set, tells of which types Default has anything to say. It
	// is asked once about each type.
	Concerns func(t reflect.Type) bool
	// Tag, when set, is asked before Default, and also about maps of one
	// member. Where it reports ok, content is written inside of an object
	// whose only key is key. Values inside of a struct are never tagged.
	Tag func(v any) (key string, content any, ok bool)

	writers sync.Map // reflect.Type to writer
}

// Append appends the JSON form of v to dst. On an error dst comes back as it
// was.
//
// Written are nil, booleans, numbers of all kinds (floats as Python's repr,
// NaN and Infinity bare), text, slices and arrays, maps whose keys are text,
// numbers, booleans or nil, structs by their json tags, pointers to all
// these, and values that marshal themselves by MarshalJSON or MarshalText. A
// []byte is standard base64 text; a nil slice is [] and a nil map {}, since
// Python has no other. Anything else, a value nested too deep and map keys that
// cannot be ordered are errors of type *ValueError, which name the place.
func (e *Encoder) Append(dst []byte, v any) ([]byte, error) {
	s, err := e.write(v)
	if err == nil {
		dst = append(dst, s.dst...)
	}
	s.release()
	return dst, err
}

// Line returns what Append appends, and a line break.
func (e *Encoder) Line(v any) (line string, err error) {
	s, err := e.write(v)
	if err == nil {
		line = string(append(s.dst, '\n'))
	}
	s.release()
	return line, err
}

// Scratch is the JSON form of a value, and a line break, in memory that is used
// again after Release.
type Scratch struct{ s *state }

// Scratch writes what Line returns, without copying it.
func (e *Encoder) Scratch(v any) (Scratch, error) {
	s, err := e.write(v)
	if err != nil {
		s.release()
		return Scratch{}, err
	}
	s.dst = append(s.dst, '\n')
	return Scratch{s}, nil
}

// Bytes returns the line. It must not be used after Release.
func (l Scratch) Bytes() []byte { return l.s.dst }

// Release gives the memory back.
func (l Scratch) Release() { l.s.release() }

// write returns a state with the JSON form of v, for release.
func (e *Encoder) write(v any) (*state, error) {
	s := states.Get().(*state)
	s.Encoder, s.tag = e, e.Tag
	return s, s.value(v)
}

// states are kept for the sake of their scratch space. Callers get a copy.
var states = sync.Pool{New: func() any { return new(state) }}

func (s *state) release() {
	if cap(s.dst) > largestScratch {
		s.dst = nil
	}
	s.dst, s.depth, s.level = s.dst[:0], 0, 0
	states.Put(s)
}

// largestScratch is the size in bytes of the largest scratch space that is kept.
const largestScratch = 64 << 10

// state is an Encoder at work.
type state struct {
	*Encoder
	tag   func(v any) (key string, content any, ok bool) // nil inside of structs
	dst   []byte
	depth int // of nested values, pointers included
	level int // of indentation
}

// keep takes what an append function returned. It writes the pointer only if that is
// another one, because the collector, while it runs, wants to know of each pointer
// that is written.
func (s *state) keep(dst []byte) {
	if cap(dst) != cap(s.dst) {
		s.dst = dst
		return
	}
	s.dst = s.dst[:len(dst)]
}

func (s *state) text(text string) error {
	s.keep(append(s.dst, text...))
	return nil
}

func (s *state) value(v any) error {
	switch v := v.(type) {
	case nil:
		return s.text("null")
	case bool:
		s.keep(strconv.AppendBool(s.dst, v))
	case string:
		s.keep(s.appendString(s.dst, v))
	case int:
		s.keep(strconv.AppendInt(s.dst, int64(v), 10))
	case int64:
		s.keep(strconv.AppendInt(s.dst, v, 10))
	case float64:
		s.keep(appendFloat(s.dst, v))
	case map[string]any:
		return object(s, v)
	case []any:
		return list(s, v)
	default:
		return s.typed(v)
	}
	return nil
}

// typed writes the less common types that need no reflection either.
func (s *state) typed(v any) error {
	switch v := v.(type) {
	case int32:
		s.keep(strconv.AppendInt(s.dst, int64(v), 10))
	case uint:
		s.keep(strconv.AppendUint(s.dst, uint64(v), 10))
	case uint64:
		s.keep(strconv.AppendUint(s.dst, v, 10))
	case float32:
		s.keep(appendFloat32(s.dst, v))
	case *big.Int:
		return s.bigInt(v)
	case json.Number:
		return s.number(v)
	case map[string]string:
		return object(s, v)
	case []string:
		return list(s, v)
	case []int:
		return list(s, v)
	case []map[string]any:
		return list(s, v)
	default:
		return s.other(reflect.ValueOf(v))
	}
	return nil
}

// other writes a value of a type that is none of the above.
func (s *state) other(v reflect.Value) error { return s.writerOf(v.Type())(s, v) }

// deeper writes what stands in for a value. It counts as a level, as does
// where a pointer leads, so that a chain without end comes to one.
func (s *state) deeper(v any) error {
	if err := s.descend(); err != nil {
		return err
	}
	err := s.value(v)
	s.depth--
	return err
}

func (s *state) descend() error {
	if s.depth == MaxDepth {
		return &ValueError{Err: ErrDepth}
	}
	s.depth++
	return nil
}

func (s *state) tagged(v any) (done bool, err error) {
	key, content, ok := s.tag(v)
	if !ok {
		return false, nil
	}
	if err := s.open('{'); err != nil {
		return true, err
	}
	s.member(0, key)
	err = s.value(content)
	s.close('}', 1)
	return true, err
}

// object writes a map with text keys. One of a single member may be tagged.
func object[T any](s *state, v map[string]T) error {
	if len(v) == 1 && s.tag != nil {
		if done, err := s.tagged(v); done {
			return err
		}
	}
	return members(s, v)
}

func list[T any](s *state, items []T) error {
	if err := s.open('['); err != nil {
		return err
	}
	for i, item := range items {
		s.element(i)
		if err := s.value(item); err != nil {
			return within(indexStep(i), err)
		}
	}
	s.close(']', len(items))
	return nil
}

func members[T any](s *state, v map[string]T) error {
	if err := s.open('{'); err != nil {
		return err
	}
	var few [16]string
	keys := few[:0]
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		s.member(i, key)
		if err := s.value(v[key]); err != nil {
			return within(keyStep(key), err)
		}
	}
	s.close('}', len(keys))
	return nil
}

func (s *state) open(bracket byte) error {
	if err := s.descend(); err != nil {
		return err
	}
	s.level++
	s.dst = append(s.dst, bracket)
	return nil
}

// element writes what stands in front of element i.
func (s *state) element(i int) {
	if i > 0 {
		s.dst = append(s.dst, ',')
	}
	switch {
	case s.Indent > 0:
		s.newLine()
	case s.Spaced && i > 0:
		s.dst = append(s.dst, ' ')
	}
}

// comma stands between elements on one line.
func (e *Encoder) comma() string {
	if e.Spaced {
		return ", "
	}
	return ","
}

func (s *state) member(i int, key string) {
	s.element(i)
	s.keep(s.appendKey(s.dst, key))
}

func (e *Encoder) appendKey(dst []byte, key string) []byte {
	dst = append(e.appendString(dst, key), ':')
	if e.Spaced || e.Indent > 0 {
		dst = append(dst, ' ')
	}
	return dst
}

func (s *state) newLine() {
	s.dst = append(s.dst, '\n')
	for range s.level * s.Indent {
		s.dst = append(s.dst, ' ')
	}
}

// close ends a list or object of count elements.
func (s *state) close(bracket byte, count int) {
	s.depth--
	s.level--
	if s.Indent > 0 && count > 0 {
		s.newLine()
	}
	s.dst = append(s.dst, bracket)
}
