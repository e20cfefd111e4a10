package form

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// plan is what a struct type says about its form. It is worked out once for
// each type.
type plan struct {
	fields []plannedField
	err    error
}

// plannedField is a field of the struct and the method that validates it.
type plannedField struct {
	name   string // in HTML, without a prefix
	goName string
	index  []int
	method int // of the pointer type, or -1
}

// plans holds a *plan for each reflect.Type. It keeps facts about types, as
// package encoding/json does, and nothing of an application.
var plans sync.Map

var (
	fieldType = reflect.TypeFor[Field]()
	formType  = reflect.TypeFor[Form]()
)

// planOf returns the plan of the form's type.
func planOf(form Struct) (*plan, error) {
	pointer := reflect.TypeOf(form)
	if pointer == nil || reflect.ValueOf(form).IsNil() {
		return nil, fmt.Errorf("form: Bind was given no form; pass a pointer to a struct that embeds form.Form")
	}
	if known, ok := plans.Load(pointer); ok {
		return known.(*plan), known.(*plan).err
	}
	made := newPlan(pointer)
	plans.Store(pointer, made)
	return made, made.err
}

func newPlan(pointer reflect.Type) *plan {
	p := &plan{}
	if pointer == reflect.PointerTo(formType) {
		return p // all its fields were added
	}
	if p.err = p.collect(pointer.Elem(), nil); p.err == nil {
		p.err = p.addMethods(pointer)
	}
	return p
}

// collect appends the fields of a struct and of the structs that it embeds.
func (p *plan) collect(structure reflect.Type, index []int) error {
	for i := range structure.NumField() {
		field := structure.Field(i)
		at := append(index[:len(index):len(index)], i)
		switch {
		case field.Type == formType:
		case field.Anonymous && field.Type.Kind() == reflect.Struct && !reflect.PointerTo(field.Type).Implements(fieldType):
			if err := p.collect(field.Type, at); err != nil {
				return err
			}
		default:
			if err := p.add(structure, field, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// add appends a field of the struct if it is one of the form.
func (p *plan) add(structure reflect.Type, field reflect.StructField, index []int) error {
	name := field.Tag.Get("form")
	if name == "-" {
		return nil
	}
	where := fmt.Sprintf("form: the field %s of %s", field.Name, structure)
	if !reflect.PointerTo(field.Type).Implements(fieldType) {
		if field.Type.Implements(fieldType) {
			return fmt.Errorf("%s is a pointer; declare it as the value %s", where, field.Type.Elem())
		}
		return nil
	}
	if !field.IsExported() {
		return fmt.Errorf("%s is not exported, so that the form cannot fill it; begin its name with a capital letter", where)
	}
	if name == "" {
		name = snakeCase(field.Name)
	}
	if _, hides := reflect.PointerTo(formType).MethodByName(field.Name); hides {
		return fmt.Errorf("%s hides the method %s of form.Form; rename it and keep its name in HTML with the tag `form:%q`", where, field.Name, name)
	}
	if reserved[name] {
		return fmt.Errorf("%s has the name %q in HTML, which templates need for form.%s; choose another one by the tag `form:\"…\"`", where, name, name)
	}
	for _, other := range p.fields {
		if other.name == name {
			return fmt.Errorf("%s has the name %q in HTML, and so has the field %s; give one of them another name by the tag `form:\"…\"`", where, name, other.goName)
		}
	}
	p.fields = append(p.fields, plannedField{name, field.Name, index, -1})
	return nil
}

// reserved are the names that templates use for something else than a field.
var reserved = map[string]bool{"errors": true, "form_errors": true, "hidden_tag": true}

// addMethods finds the methods that validate a field: ValidateUsername for the
// field Username.
func (p *plan) addMethods(pointer reflect.Type) error {
	for i := range pointer.NumMethod() {
		method := pointer.Method(i)
		goName, ok := strings.CutPrefix(method.Name, "Validate")
		if _, own := reflect.PointerTo(formType).MethodByName(method.Name); !ok || own {
			continue
		}
		if err := p.addMethod(pointer, method, goName); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) addMethod(pointer reflect.Type, method reflect.Method, goName string) error {
	switch reflect.Zero(pointer).Method(method.Index).Interface().(type) {
	case func() error, func(Field) error:
	default:
		return fmt.Errorf("form: the method %s of %s validates a field of the form if its type is func() error or func(form.Field) error; give it one of these, or a name that does not begin with Validate", method.Name, pointer)
	}
	var names []string
	for i := range p.fields {
		if p.fields[i].goName == goName {
			p.fields[i].method = method.Index
			return nil
		}
		names = append(names, p.fields[i].goName)
	}
	return fmt.Errorf("form: the method %s of %s would validate the field %s, which the form does not have; its fields are %s", method.Name, pointer, goName, strings.Join(names, ", "))
}

// each calls a function for each field of a form of this plan's type.
func (p *plan) each(form Struct, visit func(name string, field Field, inline func(Field) error) error) error {
	pointer := reflect.ValueOf(form)
	for _, planned := range p.fields {
		field := pointer.Elem().FieldByIndex(planned.index).Addr().Interface().(Field)
		if err := visit(planned.name, field, planned.inline(pointer)); err != nil {
			return err
		}
	}
	return nil
}

// inline returns the form's method for the field, or nil.
func (f plannedField) inline(pointer reflect.Value) func(Field) error {
	if f.method < 0 {
		return nil
	}
	switch method := pointer.Method(f.method).Interface().(type) {
	case func(Field) error:
		return method
	case func() error:
		return func(Field) error { return method() }
	}
	return nil
}

// snakeCase turns a Go name into Python's: "UserID" into "user_id" and
// "HTTPStatus" into "http_status".
func snakeCase(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, char := range runes {
		if unicode.IsUpper(char) && i > 0 {
			afterLower := !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower && runes[i-1] != '_' {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(char))
	}
	return out.String()
}
