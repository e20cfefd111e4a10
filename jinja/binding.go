package jinja

import (
	"context"
	"iter"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode"
)

var (
	stringType   = reflect.TypeFor[string]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	markupType   = reflect.TypeFor[Markup]()
	contextType  = reflect.TypeFor[context.Context]()
	errorType    = reflect.TypeFor[error]()
	kwargsType   = reflect.TypeFor[Kwargs]()
	anyType      = reflect.TypeFor[any]()
	anysType     = reflect.TypeFor[[]any]()
	anyMapType   = reflect.TypeFor[map[string]any]()
)

// isSpecial reports whether engine.value converts a type by itself.
func isSpecial(t reflect.Type) bool {
	switch t {
	case timeType, durationType, markupType, anysType, anyMapType,
		reflect.TypeFor[Tuple](), reflect.TypeFor[*Dict](), reflect.TypeFor[*big.Int](),
		reflect.TypeFor[Undefined](), reflect.TypeFor[*Macro](), reflect.TypeFor[exported]():
		return true
	}
	return false
}

// binding is what templates may do with a Go type. It is worked out once for
// each type.
type binding struct {
	typ     reflect.Type
	fields  map[string][]int // the index of a field by its name in templates
	names   []string         // of the fields, in their order
	methods map[string]*boundMethod

	special    bool // engine.value converts it by itself
	nullable   bool // sql.NullString and its kin
	isObject   bool // implements an interface of objects
	isStringer bool // prints itself
	isSeq      bool // iter.Seq
	isSeq2     bool // iter.Seq2
}

// boundMethod is a method of a Go type.
type boundMethod struct {
	index int
	sig   *goSignature
}

// bindings holds the *binding of each reflect.Type that templates have met.
// Types do not change, so all engines share it.
var bindings sync.Map

func bindingOf(t reflect.Type) *binding {
	if b, ok := bindings.Load(t); ok {
		return b.(*binding)
	}
	b, _ := bindings.LoadOrStore(t, newBinding(t))
	return b.(*binding)
}

func newBinding(t reflect.Type) *binding {
	b := &binding{typ: t, special: isSpecial(t)}
	b.isObject = implementsAny(t,
		reflect.TypeFor[Attributer](), reflect.TypeFor[Itemer](), reflect.TypeFor[Caller](),
		reflect.TypeFor[Iterable](), reflect.TypeFor[Lener](), reflect.TypeFor[Container](),
		reflect.TypeFor[HTMLer](), reflect.TypeFor[Stringer]())
	b.isStringer = implementsAny(t, reflect.TypeFor[interface{ String() string }](), errorType)
	if t.Kind() == reflect.Func {
		b.isSeq, b.isSeq2 = sequenceKind(t)
	}
	structType := t
	if t.Kind() == reflect.Pointer {
		structType = t.Elem()
	}
	if structType.Kind() == reflect.Struct {
		b.fields = map[string][]int{}
		b.addFields(structType, nil, map[reflect.Type]bool{})
		b.nullable = structType == t && isNullable(t)
	}
	b.addMethods(t)
	return b
}

func implementsAny(t reflect.Type, interfaces ...reflect.Type) bool {
	for _, i := range interfaces {
		if t.Implements(i) {
			return true
		}
	}
	return false
}

// isNullable reports whether a type is sql.NullString or one of its kin.
func isNullable(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null") &&
		t.NumField() == 2 && t.Field(1).Name == "Valid"
}

// addFields binds the exported fields, those of embedded structs behind the
// others.
func (b *binding) addFields(t reflect.Type, path []int, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	var embedded []reflect.StructField
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous && field.Tag.Get("jinja") == "" && field.Tag.Get("json") == "" {
			embedded = append(embedded, field)
		}
		if !field.IsExported() {
			continue
		}
		name := fieldName(field)
		if name == "" {
			continue
		}
		index := append(append([]int(nil), path...), i)
		for _, alias := range []string{name, snakeCase(field.Name), field.Name} {
			if _, ok := b.fields[alias]; !ok {
				b.fields[alias] = index
				if alias == name {
					b.names = append(b.names, name)
				}
			}
		}
	}
	for _, field := range embedded {
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
			if !field.IsExported() {
				continue
			}
		}
		if inner.Kind() == reflect.Struct {
			b.addFields(inner, append(append([]int(nil), path...), field.Index[0]), seen)
		}
	}
}

// fieldName returns the name by which templates know a field: that of its
// jinja tag, else that of its json tag, else its Go name in snake case. A
// field whose jinja tag is "-" has none. A field that JSON leaves out keeps its
// own name, as JSON and pages have different readers.
func fieldName(field reflect.StructField) string {
	for _, key := range []string{"jinja", "json"} {
		tag, ok := field.Tag.Lookup(key)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(tag, ",")
		if name == "-" {
			if key == "jinja" {
				return ""
			}
			break
		}
		if name != "" {
			return name
		}
	}
	return snakeCase(field.Name)
}

// addMethods binds the exported methods by their name in snake case and by
// their Go name.
func (b *binding) addMethods(t reflect.Type) {
	if t.Kind() == reflect.Interface {
		return
	}
	b.methods = make(map[string]*boundMethod, 2*t.NumMethod())
	for i := range t.NumMethod() {
		method := t.Method(i)
		if strings.HasPrefix(method.Name, "Jinja") {
			continue
		}
		bound := &boundMethod{index: i, sig: signatureOf(withoutReceiver(method.Type))}
		b.methods[method.Name] = bound
		if snake := snakeCase(method.Name); b.methods[snake] == nil {
			b.methods[snake] = bound
		}
	}
}

// withoutReceiver returns the type of a method without its first parameter.
func withoutReceiver(t reflect.Type) reflect.Type {
	in := make([]reflect.Type, 0, t.NumIn())
	for i := 1; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	out := make([]reflect.Type, t.NumOut())
	for i := range out {
		out[i] = t.Out(i)
	}
	return reflect.FuncOf(in, out, t.IsVariadic())
}

// sequenceKind reports whether a function type is an iter.Seq or an iter.Seq2.
func sequenceKind(t reflect.Type) (isSeq, isSeq2 bool) {
	if t.NumIn() != 1 || t.NumOut() != 0 || t.In(0).Kind() != reflect.Func {
		return false, false
	}
	yield := t.In(0)
	if yield.NumOut() != 1 || yield.Out(0).Kind() != reflect.Bool || yield.IsVariadic() {
		return false, false
	}
	return yield.NumIn() == 1, yield.NumIn() == 2
}

// snakeCase spells a Go name as Python would: IsAdmin is is_admin, UserID is
// user_id, and HTMLBody is html_body.
func snakeCase(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			afterLower := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])
			if runes[i-1] != '_' && (afterLower || beforeLower) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// goAttr returns a field or a method of a Go value, or missing.
func (e *engine) goAttr(x any, name string) value {
	rv := reflect.ValueOf(x)
	b := bindingOf(rv.Type())
	if index, ok := b.fields[name]; ok {
		return e.field(rv, index)
	}
	if method, ok := b.methods[name]; ok {
		return value{kind: kindFunc, ref: &goFunc{fn: rv.Method(method.index), sig: method.sig, engine: e, name: name}}
	}
	return missing
}

// field returns a field of a struct, or None behind a nil pointer.
func (e *engine) field(v reflect.Value, index []int) value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return none
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return e.reflected(v)
}

// goLength returns the length of a Go value that has one.
func goLength(x any) (int, bool) {
	switch x := x.(type) {
	case Lener:
		return x.JinjaLen(), true
	case []byte:
		return len(x), true
	}
	rv := reflect.ValueOf(x)
	if bindingOf(rv.Type()).isObject {
		return 0, false
	}
	switch rv.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return rv.Len(), true
	case reflect.String:
		if !bindingOf(rv.Type()).isObject {
			return textLength(rv.String()), true
		}
	}
	return 0, false
}

// goTruth reports whether a value without a length is true: it is unless it is
// a number or a bool that is zero.
func goTruth(v value) bool {
	if u := underlying(v); u.kind != kindMissing {
		truth, err := isTrue(u)
		return truth && err == nil
	}
	if d, ok := v.ref.(time.Duration); ok {
		return d != 0
	}
	return true
}

// pulled makes an iterator of an iter.Seq or iter.Seq2 of any types. The
// function that it returns beside stops the sequence.
func (e *engine) pulled(fn reflect.Value, pairs bool) (next func() (value, bool), stop func()) {
	if !pairs {
		next, stop := iter.Pull(fn.Seq())
		return func() (value, bool) {
			v, ok := next()
			if !ok {
				return missing, false
			}
			return e.reflected(v), true
		}, stop
	}
	next2, stop := iter.Pull2(fn.Seq2())
	return func() (value, bool) {
		k, v, ok := next2()
		if !ok {
			return missing, false
		}
		return tupleValue(e.reflected(k), e.reflected(v)), true
	}, stop
}

// hashGo returns a key for a Go value or an object, by identity or, for types
// that Go can compare, by equality.
func hashGo(v value) (hashKey, error) {
	if t, ok := v.ref.(time.Time); ok {
		return hashKey{kind: kindGo, n: uint64(t.UnixNano()), ref: timeType}, nil
	}
	if u := underlying(v); u.kind != kindMissing {
		return hashOf(u)
	}
	if !reflect.ValueOf(v.ref).Comparable() {
		return hashKey{}, typeError("unhashable type: '%s'", typeName(v))
	}
	return hashKey{kind: kindGo, ref: v.ref}, nil
}
