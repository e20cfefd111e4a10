package form

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"
)

// Populate writes the data of the fields into a struct, which is given by a
// pointer: into the exported field that has the name of the form's field, in the
// tag form, in Go's spelling or in snake case. Data that has no field in the
// struct is left out, such as a button or a repeated password; None becomes nil or the
// zero value. A [FormField] fills a struct inside, a [FieldList] a slice.
//
// The error names the first field whose data does not fit. The struct may then
// be filled in part. It mirrors form.populate_obj(obj).
func (f Form) Populate(target any) error {
	f.mustBeBound("Populate")
	object := reflect.ValueOf(target)
	if object.Kind() != reflect.Pointer || object.IsNil() || object.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("form: Populate was given a %T; it takes a pointer to a struct", target)
	}
	return f.populate(object.Elem())
}

func (f Form) populate(object reflect.Value) error {
	members := membersOf(object.Type())
	for field := range f.Fields() {
		index, ok := members[field.ShortName()]
		if !ok || field.Type() == "CSRFTokenField" {
			continue
		}
		member, err := object.FieldByIndexErr(index)
		if err != nil {
			return fmt.Errorf("form: populating the field %s: %w", field.HTMLName(), err)
		}
		if err := store(member, field); err != nil {
			return fmt.Errorf("form: populating the field %s: %w", field.HTMLName(), err)
		}
	}
	return nil
}

// store writes the data of a field.
func store(member reflect.Value, field Field) error {
	if inner, ok := field.(interface{ innerForm() Form }); ok {
		return storeForm(member, inner.innerForm())
	}
	if list, ok := field.(compound); ok {
		return storeList(member, list)
	}
	return assign(member, field.Value())
}

func storeForm(member reflect.Value, inner Form) error {
	if member.Kind() == reflect.Pointer && member.Type().Elem().Kind() == reflect.Struct {
		if member.IsNil() {
			member.Set(reflect.New(member.Type().Elem()))
		}
		member = member.Elem()
	}
	if member.Kind() != reflect.Struct {
		return assign(member, inner.Data())
	}
	return inner.populate(member)
}

func storeList(member reflect.Value, list compound) error {
	if member.Kind() != reflect.Slice {
		return fmt.Errorf("a list does not fit a %s", member.Type())
	}
	items := reflect.MakeSlice(member.Type(), 0, 0)
	for entry := range list.parts() {
		item := reflect.New(member.Type().Elem()).Elem()
		if items.Len() < member.Len() {
			item.Set(member.Index(items.Len())) // keeps what the form has no field for
		}
		if err := store(item, entry); err != nil {
			return err
		}
		items = reflect.Append(items, item)
	}
	member.Set(items)
	return nil
}

// assign converts a value to the type of a variable.
func assign(target reflect.Value, value any) error {
	if value == nil {
		target.SetZero()
		return nil
	}
	content := reflect.ValueOf(value)
	if content.Type().AssignableTo(target.Type()) {
		target.Set(content)
		return nil
	}
	if scanner, ok := target.Addr().Interface().(interface{ Scan(value any) error }); ok {
		return scanner.Scan(scannable(value))
	}
	if text, ok := value.(string); ok {
		if reader, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
			return reader.UnmarshalText([]byte(text))
		}
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return assign(target.Elem(), value)
	case reflect.Slice:
		return assignSlice(target, content)
	}
	return assignBasic(target, value)
}

// scannable is a value as database drivers have it.
func scannable(value any) any {
	switch value := value.(type) {
	case int:
		return int64(value)
	case Number:
		return string(value)
	}
	return value
}

func assignSlice(target, content reflect.Value) error {
	if content.Kind() != reflect.Slice {
		return fmt.Errorf("a %s does not fit a %s", content.Type(), target.Type())
	}
	items := reflect.MakeSlice(target.Type(), content.Len(), content.Len())
	for i := range content.Len() {
		if err := assign(items.Index(i), content.Index(i).Interface()); err != nil {
			return err
		}
	}
	target.Set(items)
	return nil
}

func assignBasic(target reflect.Value, value any) error {
	misfit := fmt.Errorf("%v (%T) does not fit a %s", value, value, target.Type())
	switch value := value.(type) {
	case string:
		if target.Kind() == reflect.String {
			target.SetString(value)
			return nil
		}
		return assignNumber(target, value, misfit)
	case Number:
		return assignNumber(target, string(value), misfit)
	case bool:
		if target.Kind() == reflect.Bool {
			target.SetBool(value)
			return nil
		}
	case int:
		switch {
		case target.Kind() == reflect.String:
			target.SetString(text(value)) // of a choice
			return nil
		case target.CanInt() && !target.OverflowInt(int64(value)):
			target.SetInt(int64(value))
			return nil
		case target.CanUint() && value >= 0 && !target.OverflowUint(uint64(value)):
			target.SetUint(uint64(value))
			return nil
		case target.CanFloat():
			target.SetFloat(float64(value))
			return nil
		}
	case float64:
		if target.CanFloat() && !(target.OverflowFloat(value) && !math.IsInf(value, 0)) {
			target.SetFloat(value)
			return nil
		}
	case time.Time:
		if target.Kind() == reflect.String {
			target.SetString(value.Format(time.RFC3339))
			return nil
		}
	}
	return misfit
}

// assignNumber reads a number from text: the value of a choice, or a decimal
// number.
func assignNumber(target reflect.Value, text string, misfit error) error {
	switch {
	case target.Kind() == reflect.String:
		target.SetString(text)
		return nil
	case target.CanFloat():
		if number, ok := ParseNumber(text); ok {
			target.SetFloat(number.Float())
			return nil
		}
	case target.CanInt() || target.CanUint():
		if number, err := intOf(text); err == nil {
			return assignBasic(target, number)
		}
	}
	return misfit
}
