package form

import "iter"

// compound is a field that is made of others.
type compound interface {
	parts() iter.Seq[Field]
}

// parts yields the fields that a field is made of: the choices of a list, the
// entries of a [FieldList], the fields of a [FormField].
func parts(field Field) iter.Seq[Field] {
	switch field := field.(type) {
	case compound:
		return field.parts()
	case chooser:
		return choiceFields(field)
	}
	return func(func(Field) bool) {}
}

// choiceField is one choice of a list as a field of its own, with a label and
// an element: WTForms' _Option.
type choiceField struct {
	Control
	option option
}

// choiceFields yields the choices of a field as fields.
func choiceFields(field chooser) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		shared := field.control()
		number := 0
		for each := range options(field) {
			part := &choiceField{Control: Control{
				form: shared.form, typeName: "_Option",
				name: shared.name, shortName: shared.name,
				id: numbered(shared.id, "-", number), label: each.text(),
				widget: field.optionWidget(), attributes: shared.attributes, validators: shared.validators,
			}, option: each}
			part.field = part
			if !yield(part) {
				return
			}
			number++
		}
	}
}

// Value is the value of the choice.
func (f *choiceField) Value() any { return f.option.Value }

func (f *choiceField) checked() bool                       { return f.option.chosen }
func (f *choiceField) attach(place) error                  { return nil }
func (f *choiceField) process(*submitted, any, bool) error { return nil }
func (f *choiceField) validate() (bool, error)             { return true, nil }
func (f *choiceField) display() string                     { return f.option.Value }
func (f *choiceField) dataTree() any                       { return f.option.Value }
