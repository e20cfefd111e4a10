package form

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Choice is one of the options of a [Select], a [SelectMultiple] or a [Radio].
type Choice struct {
	// Value is what is sent.
	Value string
	// Label is what the user reads; empty, it is the value.
	Label string
	// Group is the heading under which the choice stands in a list. Choices of
	// one group stand together.
	Group string
	// Attributes are attributes of the option's element.
	Attributes Attributes
}

// Choices makes choices of their values, which are their labels, too.
func Choices(values ...string) []Choice {
	choices := make([]Choice, len(values))
	for i, value := range values {
		choices[i] = Choice{Value: value}
	}
	return choices
}

// Pairs makes choices of values and labels: Pairs("de", "German", "fr",
// "French"). It panics if a label is missing.
func Pairs(valuesAndLabels ...string) []Choice {
	if len(valuesAndLabels)%2 != 0 {
		panic(fmt.Sprintf("form: Pairs was given %d strings; it takes a label for each value", len(valuesAndLabels)))
	}
	var choices []Choice
	for pair := range slices.Chunk(valuesAndLabels, 2) {
		choices = append(choices, Choice{Value: pair[0], Label: pair[1]})
	}
	return choices
}

func (c Choice) text() string {
	if c.Label == "" {
		return c.Value
	}
	return c.Label
}

// Select is a list of which one option is chosen: SelectField. Fill Choices
// when the form is made, or after Bind and before the form is validated and
// printed.
type Select struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Choices are the options.
	Choices []Choice
	// Coerce makes the value that validators and templates see: [CoerceInt]
	// for whole numbers. Nil leaves the string. An error is a message to the
	// user.
	Coerce func(value string) (any, error)
	// AnyChoice accepts values that are none of the choices:
	// validate_choice=False.
	AnyChoice bool
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the value of a field that neither the client nor the object
	// has one for, or nil for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget
	// OptionWidget prints one choice, where the element is a list of them.
	OptionWidget Widget

	Bound[string]
}

// Radio is a list of radio buttons: RadioField.
type Radio Select

// SelectMultiple is a list of which several options are chosen:
// SelectMultipleField. With Widget ListWidget{LabelAfter: true} and
// OptionWidget InputWidget{Type: "checkbox"} it is a list of checkboxes.
type SelectMultiple struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Choices are the options.
	Choices []Choice
	// Coerce makes the values that validators and templates see: [CoerceInt]
	// for whole numbers. Nil leaves the strings. An error is a message to the
	// user.
	Coerce func(value string) (any, error)
	// AnyChoice accepts values that are none of the choices:
	// validate_choice=False.
	AnyChoice bool
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the values of a field that neither the client nor the object
	// has some for: a slice, or nil for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget
	// OptionWidget prints one choice, where the element is a list of them.
	OptionWidget Widget

	Bound[[]string]
}

// CoerceInt makes whole numbers of the values of a choice: coerce=int.
func CoerceInt(value string) (any, error) {
	if number, ok := pytext.ParseInt(value); ok {
		return number, nil
	}
	return nil, Invalid("Invalid Choice: could not coerce.")
}

const (
	noChoice   = "Not a valid choice."
	noCoercion = "Invalid Choice: could not coerce."
)

// chooser is a field with choices.
type chooser interface {
	Field
	choices() []Choice
	coerce(value string) (any, error)
	anyChoice() bool
	optionWidget() Widget
	// chosen returns a function that tells whether a coerced value is chosen.
	chosen() func(value any) bool
}

// choiceKind is the kind of a Select and a Radio.
func choiceKind(typeName string, widget Widget) *kind[string] {
	return &kind[string]{
		typeName: typeName,
		widget:   widget,
		convert: func(value any) (string, error) {
			return text(basic(value)), nil
		},
		read: func(f *Bound[string], raw []string) (string, error) {
			if _, err := f.field.(chooser).coerce(raw[0]); err != nil {
				return "", &rejected{noCoercion}
			}
			return raw[0], nil
		},
		keeps: true,
		text:  func(f *Bound[string]) string { return f.data },
		value: func(f *Bound[string]) any {
			coerced, err := f.field.(chooser).coerce(f.data)
			if err != nil {
				return nil
			}
			return coerced
		},
	}
}

// The kinds are never written.
var (
	selectKind         = choiceKind("SelectField", SelectWidget{})
	radioKind          = choiceKind("RadioField", ListWidget{LabelAfter: true})
	selectMultipleKind = &kind[[]string]{
		typeName: "SelectMultipleField",
		widget:   SelectWidget{Multiple: true},
		convert:  textsOf,
		read: func(f *Bound[[]string], raw []string) ([]string, error) {
			for _, value := range raw {
				if _, err := f.field.(chooser).coerce(value); err != nil {
					return nil, &rejected{"Invalid choice(s): one or more data inputs could not be coerced."}
				}
			}
			return slices.Clone(raw), nil
		},
		always: true,
		keeps:  true,
		text:   func(f *Bound[[]string]) string { return strings.Join(f.data, ", ") },
		value: func(f *Bound[[]string]) any {
			coerced := make([]any, 0, len(f.data))
			for _, value := range f.data {
				each, err := f.field.(chooser).coerce(value)
				if err != nil { // the program's data, since a client's is rejected
					return nil
				}
				coerced = append(coerced, each)
			}
			return coerced
		},
	}
)

func (f *Select) choices() []Choice                { return f.Choices }
func (f *Select) anyChoice() bool                  { return f.AnyChoice }
func (f *Select) coerce(value string) (any, error) { return coerced(f.Coerce, value) }
func (f *Select) optionWidget() Widget             { return orOption(f.OptionWidget, OptionWidget{}) }
func (f *Select) validate() (bool, error) {
	return f.Control.validate(func() error { return checkChoice(f) })
}
func (f *Select) attach(at place) error           { return f.attachAs(at, selectKind) }
func (f *Radio) choices() []Choice                { return f.Choices }
func (f *Radio) anyChoice() bool                  { return f.AnyChoice }
func (f *Radio) coerce(value string) (any, error) { return coerced(f.Coerce, value) }
func (f *Radio) validate() (bool, error) {
	return f.Control.validate(func() error { return checkChoice(f) })
}
func (f *Radio) attach(at place) error                 { return (*Select)(f).attachAs(at, radioKind) }
func (f *SelectMultiple) choices() []Choice            { return f.Choices }
func (f *SelectMultiple) anyChoice() bool              { return f.AnyChoice }
func (f *SelectMultiple) coerce(v string) (any, error) { return coerced(f.Coerce, v) }
func (f *SelectMultiple) optionWidget() Widget         { return orOption(f.OptionWidget, OptionWidget{}) }

func (f *Radio) optionWidget() Widget {
	return orOption(f.OptionWidget, InputWidget{Type: "radio"})
}

func (f *Select) chosen() func(value any) bool { return isValue(f.Value()) }
func (f *Radio) chosen() func(value any) bool  { return isValue(f.Value()) }

func isValue(chosen any) func(any) bool {
	return func(value any) bool { return chosen != nil && equal(value, chosen) }
}

// chosen collects the values once, so that many values of a client against
// many choices cost their sum.
func (f *SelectMultiple) chosen() func(value any) bool {
	values, _ := f.Value().([]any)
	chosen := make(map[any]bool, len(values))
	for _, value := range values {
		chosen[keyOf(value)] = true
	}
	return func(value any) bool { return chosen[keyOf(value)] }
}

// Int is the value as a whole number, or 0 if it is none: for choices that are
// the ids of something.
func (f *Select) Int() int { return intOrZero(f.data) }

// Int is the value as a whole number, or 0 if it is none.
func (f *Radio) Int() int { return intOrZero(f.data) }

func intOrZero(text string) int {
	number, _ := pytext.ParseInt(text)
	return number
}

func orOption(own, otherwise Widget) Widget {
	if own != nil {
		return own
	}
	return otherwise
}

func coerced(coerce func(string) (any, error), value string) (any, error) {
	if coerce == nil {
		return value, nil
	}
	return coerce(value)
}

func (f *Select) attachAs(at place, k *kind[string]) error {
	return f.set(at, k, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *SelectMultiple) attach(at place) error {
	return f.set(at, selectMultipleKind, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

// textsOf takes a slice of the program.
func textsOf(value any) ([]string, error) {
	switch value := value.(type) {
	case []string:
		return slices.Clone(value), nil
	case []int:
		texts := make([]string, len(value))
		for i, each := range value {
			texts[i] = text(each)
		}
		return texts, nil
	case []any:
		texts := make([]string, len(value))
		for i, each := range value {
			texts[i] = text(basic(each))
		}
		return texts, nil
	}
	return nil, fmt.Errorf("a %T is no []string", value)
}

// checkChoice is the check that the value is one of the choices.
func checkChoice(f chooser) error {
	if f.anyChoice() {
		return nil
	}
	for option := range options(f) {
		if option.chosen {
			return nil
		}
	}
	return Invalid(f.control().Gettext(noChoice))
}

func (f *SelectMultiple) validate() (bool, error) {
	return f.Control.validate(f.checkChoices)
}

func (f *SelectMultiple) checkChoices() error {
	if f.AnyChoice || len(f.data) == 0 {
		return nil
	}
	acceptable := make(map[any]bool, len(f.Choices))
	for _, choice := range f.Choices {
		if value, err := f.coerce(choice.Value); err == nil {
			acceptable[keyOf(value)] = true
		}
	}
	var unacceptable []string
	chosen, _ := f.Value().([]any)
	for _, value := range chosen {
		if key := keyOf(value); !acceptable[key] {
			acceptable[key] = true // each is named once
			unacceptable = append(unacceptable, text(value))
		}
	}
	if len(unacceptable) == 0 {
		return nil
	}
	message := f.NGettext(
		"'%(value)s' is not a valid choice for this field.",
		"'%(value)s' are not valid choices for this field.", len(unacceptable))
	return Invalid(interpolate(message, "value", strings.Join(unacceptable, "', '")))
}

// keyOf makes a key of a value that may be a slice or a map.
func keyOf(value any) any {
	switch value := value.(type) {
	case string, int, bool, float64:
		return value
	}
	return fmt.Sprintf("%T %v", value, value)
}

// option is a choice as it stands in the page.
type option struct {
	Choice
	chosen bool
}

// options yields the choices of a field.
func options(f chooser) iter.Seq[option] {
	return func(yield func(option) bool) {
		isChosen := f.chosen()
		for _, choice := range f.choices() {
			value, err := f.coerce(choice.Value)
			if !yield(option{choice, err == nil && isChosen(value)}) {
				return
			}
		}
	}
}
