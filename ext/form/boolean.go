package form

import "slices"

// Boolean is a checkbox: BooleanField. Its data is false when the box was not
// ticked, which browsers tell by sending nothing.
type Boolean struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order. [DataRequired] demands a
	// tick.
	Validators Validators
	// Default is whether the box is ticked when nobody has said: a bool, or
	// nil for false.
	Default any
	// FalseValues are the values that mean false; nil stands for "false" and
	// "".
	FalseValues []string
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[bool]
}

// Submit is a button that sends the form: SubmitField. Its data tells whether
// it was pressed; its label is the text on it.
type Submit Boolean

// The kinds are never written.
var (
	booleanKind = boolKind("BooleanField", InputWidget{Type: "checkbox"})
	submitKind  = boolKind("SubmitField", InputWidget{Type: "submit"})
)

func boolKind(typeName string, widget Widget) *kind[bool] {
	return &kind[bool]{
		typeName: typeName,
		widget:   widget,
		convert:  func(value any) (bool, error) { return truthy(value), nil },
		read: func(f *Bound[bool], raw []string) (bool, error) {
			return len(raw) > 0 && !f.isFalse(raw[0]), nil
		},
		always: true,
		zero:   true,
		echoes: true,
		text:   func(*Bound[bool]) string { return "y" },
	}
}

// falseValuer is a field that knows which values mean false.
type falseValuer interface{ falseValues() []string }

func (f *Boolean) falseValues() []string { return f.FalseValues }
func (f *Submit) falseValues() []string  { return f.FalseValues }

func (f *Bound[T]) isFalse(text string) bool {
	if valuer, ok := f.field.(falseValuer); ok && valuer.falseValues() != nil {
		return slices.Contains(valuer.falseValues(), text)
	}
	return text == "false" || text == "" || f.sentZero
}

func (f *Boolean) attachAs(at place, k *kind[bool]) error {
	return f.set(at, k, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *Boolean) attach(at place) error { return f.attachAs(at, booleanKind) }
func (f *Submit) attach(at place) error  { return (*Boolean)(f).attachAs(at, submitKind) }
