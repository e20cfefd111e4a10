package pytext

import (
	"cmp"
	"reflect"
	"slices"
)

// inside runs write, or prints the ellipsis if v is being printed already
// because it contains itself.
func (p *printer) inside(v reflect.Value, ellipsis string, write func()) {
	isSame := func(outer reflect.Value) bool { return sameContainer(outer, v) }
	if slices.ContainsFunc(p.open, isSame) {
		p.text(ellipsis)
		return
	}
	p.open = append(p.open, v)
	write()
	p.open = p.open[:len(p.open)-1]
}

// sameContainer reports whether two slices, maps or pointers share their memory
// and their length.
func sameContainer(a, b reflect.Value) bool {
	return a.UnsafePointer() == b.UnsafePointer() && lengthOf(a) == lengthOf(b)
}

func lengthOf(v reflect.Value) int {
	if v.Kind() == reflect.Pointer {
		return 0
	}
	return v.Len()
}

func (p *printer) sequence(v reflect.Value) {
	switch {
	case v.Type().Elem().Kind() == reflect.Uint8:
		p.out = appendBytes(p.out, byteSlice(v))
	case v.Kind() == reflect.Slice && v.Type().Name() == "Tuple":
		p.tuple(v)
	case v.Kind() == reflect.Array || v.Len() == 0:
		p.items(v, "[", "]")
	default:
		p.list(v)
	}
}

// byteSlice copies an array's bytes, because an array in an interface cannot
// be sliced in place.
func byteSlice(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice {
		return v.Bytes()
	}
	data := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(data), v)
	return data
}

func (p *printer) list(v reflect.Value) {
	if v.Len() == 0 {
		p.text("[]")
		return
	}
	p.inside(v, "[...]", func() { p.items(v, "[", "]") })
}

func (p *printer) tuple(v reflect.Value) {
	switch v.Len() {
	case 0:
		p.text("()")
	case 1:
		p.inside(v, "(...)", func() { p.items(v, "(", ",)") })
	default:
		p.inside(v, "(...)", func() { p.items(v, "(", ")") })
	}
}

func (p *printer) items(v reflect.Value, begin, end string) {
	p.text(begin)
	for i := range v.Len() {
		p.comma(i)
		p.element(v.Index(i))
	}
	p.text(end)
}

func (p *printer) comma(i int) {
	if i > 0 {
		p.text(", ")
	}
}

func (p *printer) element(v reflect.Value) {
	p.value(v.Interface())
}

func (p *printer) dict(v reflect.Value) {
	if v.Len() == 0 {
		p.text("{}")
		return
	}
	p.inside(v, "{...}", func() { p.members(v) })
}

// member is a key of a map with its value. The value of a NaN cannot be looked up.
type member struct{ key, value reflect.Value }

func (p *printer) members(v reflect.Value) {
	p.text("{")
	members := make([]member, 0, v.Len())
	for key, value := range v.Seq2() {
		members = append(members, member{key, value})
	}
	slices.SortFunc(members, func(a, b member) int { return compareKeys(a.key, b.key) })
	for i, member := range members {
		p.comma(i)
		p.element(member.key)
		p.text(": ")
		p.element(member.value)
	}
	p.text("}")
}

// compareKeys orders numbers by size and strings by code point. Python cannot
// sort keys of mixed types; here they are sorted by their printed form. Keys that are
// equal so differ by their types.
func compareKeys(a, b reflect.Value) int {
	a, b = concrete(a), concrete(b)
	order := compareConcrete(a, b)
	if order != 0 || !a.IsValid() || !b.IsValid() {
		return order
	}
	return cmp.Compare(a.Type().String(), b.Type().String())
}

func compareConcrete(a, b reflect.Value) int {
	switch {
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint() && b.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case isNumeric(a) && isNumeric(b):
		return cmp.Compare(floatOf(a), floatOf(b))
	}
	return cmp.Compare(textOf(a), textOf(b))
}

func isNumeric(v reflect.Value) bool { return v.CanInt() || v.CanUint() || v.CanFloat() }

func floatOf(v reflect.Value) float64 { return v.Convert(reflect.TypeFor[float64]()).Float() }

func concrete(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func textOf(v reflect.Value) string {
	var p printer
	p.element(v)
	return string(p.out)
}

// dataclass prints the exported fields as Python prints a dataclass.
func (p *printer) dataclass(v reflect.Value) {
	p.text(v.Type().Name())
	p.text("(")
	written := 0
	for _, field := range reflect.VisibleFields(v.Type()) {
		if len(field.Index) > 1 || !field.IsExported() {
			continue
		}
		p.comma(written)
		p.text(field.Name)
		p.text("=")
		p.element(v.FieldByIndex(field.Index))
		written++
	}
	p.text(")")
}

func (p *printer) pointer(v reflect.Value) {
	if v.IsNil() {
		p.text("None")
		return
	}
	p.inside(v, "...", func() { p.element(v.Elem()) })
}
