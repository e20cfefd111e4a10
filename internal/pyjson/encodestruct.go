package pyjson

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// structField is one member of a struct's JSON form.
type structField struct {
	name      string
	key       string // the name as JSON, and the colon
	nextKey   string // the same behind a comma
	write     writer
	index     []int // path through embedded structs
	tagged    bool  // named by its tag
	omitEmpty bool
	omitZero  bool
	quoted    bool // the string option: a number or boolean inside of a string
	isHidden  bool // an embedded struct whose type is not exported

	// isPlain says that the field is one of the struct itself, and is always written
	// by write alone.
	isPlain bool
}

// structure writes the fields that encoding/json would write, under the same
// names. Like Flask's dataclasses, what is inside is never tagged.
func (s *state) structure(v reflect.Value, fields []structField) error {
	if err := s.open('{'); err != nil {
		return err
	}
	tag := s.tag
	if tag != nil {
		s.tag = nil
	}
	count, err := s.fields(v, fields)
	if tag != nil {
		s.tag = tag
	}
	s.close('}', count)
	return err
}

func (s *state) fields(v reflect.Value, fields []structField) (count int, err error) {
	for i := range fields {
		field := &fields[i]
		if field.isPlain {
			s.key(field, count)
			err = field.write(s, v.Field(field.index[0]))
		} else {
			value, ok := field.in(v)
			if !ok || field.omits(value) {
				continue
			}
			s.key(field, count)
			err = s.field(field, value)
		}
		count++
		if err != nil {
			return count, within("."+v.Type().FieldByIndex(field.index).Name, err)
		}
	}
	return count, nil
}

// key writes what stands in front of a field that count others come before.
func (s *state) key(field *structField, count int) {
	if s.Indent > 0 {
		s.element(count)
	}
	if count == 0 || s.Indent > 0 {
		s.keep(append(s.dst, field.key...))
		return
	}
	s.keep(append(s.dst, field.nextKey...))
}

// in finds the field in a struct. A nil embedded pointer has no fields.
func (f *structField) in(v reflect.Value) (value reflect.Value, ok bool) {
	if len(f.index) == 1 {
		return v.Field(f.index[0]), true
	}
	value, err := v.FieldByIndexErr(f.index)
	return value, err == nil
}

func (f *structField) omits(v reflect.Value) bool {
	return f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v)
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if !v.CanInterface() {
		return v.IsZero()
	}
	if own, ok := v.Interface().(interface{ IsZero() bool }); ok && !isNilPointer(v) {
		return own.IsZero()
	}
	return v.IsZero()
}

func (s *state) field(f *structField, v reflect.Value) error {
	if f.isHidden {
		return s.hidden(v)
	}
	start := len(s.dst)
	if err := f.write(s, v); err != nil {
		return err
	}
	if f.quoted && !isNilPointer(v) {
		s.keep(s.appendString(s.dst[:start], string(s.dst[start:])))
	}
	return nil
}

func isNilPointer(v reflect.Value) bool {
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// hidden writes an embedded struct whose type is not exported but whose field
// has a name by its tag.
func (s *state) hidden(v reflect.Value) error {
	if isNilPointer(v) {
		return s.text("null")
	}
	v = reflect.Indirect(v)
	return s.structure(v, s.fieldsOf(v.Type()))
}

// fieldsOf works out the fields of a struct.
func (e *Encoder) fieldsOf(t reflect.Type) []structField {
	fields := visible(collect(t, nil, nil))
	if e.SortKeys {
		slices.SortFunc(fields, func(a, b structField) int { return cmp.Compare(a.name, b.name) })
	}
	for i := range fields {
		field := &fields[i]
		field.key = string(e.appendKey(nil, field.name))
		field.nextKey = e.comma() + field.key
		found := t.FieldByIndex(field.index)
		field.write = e.later(found.Type)
		field.isHidden = !found.IsExported()
		field.isPlain = len(field.index) == 1 && !field.omitEmpty && !field.omitZero && !field.quoted && !field.isHidden
	}
	return fields
}

// collect lists the fields of a struct and of those embedded in it, outer
// being the embedded types on the way here.
func collect(t reflect.Type, index []int, outer []reflect.Type) []structField {
	var fields []structField
	for i := range t.NumField() {
		field := t.Field(i)
		path := append(slices.Clip(index), i)
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		embedded := embeddedStruct(field)
		switch {
		case tag == "-" || !field.IsExported() && embedded == nil:
			continue
		case embedded != nil && name == "":
			if !slices.Contains(outer, embedded) {
				fields = append(fields, collect(embedded, path, append(slices.Clip(outer), t))...)
			}
		default:
			fields = append(fields, newStructField(field, path, name, options))
		}
	}
	return fields
}

// embeddedStruct returns the type of an embedded struct or pointer to one.
func embeddedStruct(field reflect.StructField) reflect.Type {
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !field.Anonymous || t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

func newStructField(field reflect.StructField, index []int, name, options string) structField {
	f := structField{name: cmp.Or(name, field.Name), index: index, tagged: name != ""}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = true
		case "string":
			f.quoted = canQuote(field.Type)
		}
	}
	return f
}

func canQuote(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := t.Kind()
	return reflect.Bool <= kind && kind <= reflect.Float64 || kind == reflect.String
}

// visible keeps one field for each name: the least deeply embedded, among
// equals the one that its tag names, and none if that does not decide.
func visible(fields []structField) []structField {
	var kept []structField
	for _, field := range fields {
		if !slices.ContainsFunc(fields, field.yieldsTo) {
			kept = append(kept, field)
		}
	}
	return kept
}

func (f structField) yieldsTo(other structField) bool {
	switch {
	case f.name != other.name || slices.Equal(f.index, other.index):
		return false
	case len(f.index) != len(other.index):
		return len(f.index) > len(other.index)
	}
	return other.tagged || !f.tagged
}
