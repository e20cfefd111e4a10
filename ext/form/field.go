package form

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/decant-go/decant"
)

// Field is a field of a form: [String], [Boolean], [Select] and the other
// field types of this package. It mirrors wtforms.Field.
type Field interface {
	// HTMLName is the name under which the field is sent, with the prefix of
	// the form: field.name.
	HTMLName() string
	// ShortName is the name of the field in its form: field.short_name.
	ShortName() string
	// HTMLID is the id of the field's element: field.id.
	HTMLID() string
	// Type is the name of the field's class in WTForms, such as "StringField".
	Type() string
	// Text is the text of the label: field.label.text.
	Text() string
	// Value is the data of the field, or nil where Python has None.
	Value() any
	// RawData are the values that were sent, or nil: field.raw_data.
	RawData() []string
	// Errors are the messages of the last validation.
	Errors() []string
	// ClearErrors drops the messages so far, as a validator may do before it
	// stops the chain.
	ClearErrors()
	// Form is the form that the field belongs to.
	Form() Form
	// Flags are what the validators tell about the field, such as "required".
	Flags() map[string]any
	// Render returns the field's element: field(class_="wide").
	Render(attributes ...Attributes) decant.Markup
	// LabelTag returns the field's <label>: field.label(class_="wide").
	LabelTag(attributes ...Attributes) decant.Markup

	// control is the part that all fields share.
	control() *Control
	// attach makes the field one of a form. It is called once, before the
	// others.
	attach(place place) error
	// process takes the data of an object, or else the default, and then what
	// was sent.
	process(sent *submitted, object any, has bool) error
	// validate runs the validators and reports whether there were no errors.
	// The error is one that is not about the input.
	validate() (bool, error)
	// display is the text of the value in HTML.
	display() string
	// errorTree are the errors as form.errors shows them.
	errorTree() any
	// dataTree is the data as form.data shows it.
	dataTree() any
}

// place is where a field is attached.
type place struct {
	form   *state
	field  Field
	prefix string // of the HTML name
	name   string // in the form
	id     string // or "" for the field's own
}

// Control is what all fields have in common. Its methods are of use once the
// form is bound.
type Control struct {
	form  *state
	field Field // the one that this control is a part of

	typeName    string
	name        string
	shortName   string
	id          string
	label       string
	description string
	widget      Widget
	attributes  Attributes
	validators  Validators
	inline      func(Field) error // the form's method for this field

	raw           []string
	errors        []string
	processErrors []string
	validated     bool
}

// settings are the parts of a field's declaration that all kinds have.
type settings struct {
	typeName    string
	label       string
	description string
	id          string
	widget      Widget
	own         Widget // of the declaration, instead of widget
	attributes  Attributes
	validators  Validators
}

// place makes the control part of a form.
func (k *Control) place(at place, s settings) error {
	k.form, k.field = at.form, at.field
	k.typeName, k.description, k.attributes = s.typeName, s.description, s.attributes
	k.shortName, k.name = at.name, at.prefix+at.name
	k.id = first(at.id, s.id, k.name)
	k.validators = s.validators
	if k.widget = s.widget; s.own != nil {
		k.widget = s.own
	}
	if k.label = s.label; k.label == "" {
		k.label = k.Gettext(titled(at.name))
	}
	for i, validator := range s.validators {
		if validator == nil {
			return fmt.Errorf("form: validator %d of the field %s is nil", i+1, k.name)
		}
	}
	return nil
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// titled makes the text of a label of a field's name: "first_name" becomes
// "First Name", as Python's title does it.
func titled(name string) string {
	inWord := false
	return strings.Map(func(char rune) rune {
		if char == '_' {
			char = ' '
		}
		wasInWord := inWord
		inWord = unicode.IsUpper(char) || unicode.IsLower(char) || unicode.IsTitle(char)
		if wasInWord {
			return unicode.ToLower(char)
		}
		return unicode.ToTitle(char)
	}, name)
}

func (k *Control) control() *Control { return k }

// HTMLName is the name under which the field is sent, with the prefix of the
// form: field.name.
func (k *Control) HTMLName() string { return k.name }

// ShortName is the name of the field in its form: field.short_name.
func (k *Control) ShortName() string { return k.shortName }

// HTMLID is the id of the field's element: field.id.
func (k *Control) HTMLID() string { return k.id }

// Type is the name of the field's class in WTForms, such as "StringField".
func (k *Control) Type() string { return k.typeName }

// Text is the text of the label: field.label.text.
func (k *Control) Text() string { return k.label }

// Form is the form that the field belongs to.
func (k *Control) Form() Form { return Form{state: k.form} }

// RawData are the values that were sent for the field, or nil if nothing was:
// field.raw_data. For files they are the names of the files.
func (k *Control) RawData() []string { return slices.Clone(k.raw) }

// Errors are the messages of the last validation: field.errors.
func (k *Control) Errors() []string { return slices.Clone(k.errors) }

// AddError adds a message to the field's errors, for a check that needs more
// than the field: field.errors.append. The next validation drops it.
func (k *Control) AddError(message string) { k.errors = append(k.errors, message) }

// ClearErrors drops the messages so far, as a validator may do before it stops
// the chain.
func (k *Control) ClearErrors() { k.errors = nil }

// Gettext translates a message by the form's translations: field.gettext.
func (k *Control) Gettext(message string) string {
	if k.form == nil || k.form.translations == nil {
		return message
	}
	return k.form.translations.Gettext(message)
}

// NGettext translates a message that depends on a number: field.ngettext.
func (k *Control) NGettext(singular, plural string, n int) string {
	if k.form != nil && k.form.translations != nil {
		return k.form.translations.NGettext(singular, plural, n)
	}
	if n == 1 {
		return singular
	}
	return plural
}

// Flags are what the validators and the widget tell about the field, such as
// "required": true and "maxlength": 20: field.flags.
func (k *Control) Flags() map[string]any {
	flags := map[string]any{}
	k.eachFlag(func(name string, value any) { flags[name] = value })
	return flags
}

func (k *Control) eachFlag(set func(name string, value any)) {
	for _, validator := range k.validators {
		if flagger, ok := validator.(Flagger); ok {
			flagger.Flags(set)
		}
	}
	if flagger, ok := k.widget.(Flagger); ok {
		flagger.Flags(set)
	}
}

// Render returns the HTML of the field. The attributes win over those of the
// declaration. It mirrors field(**attributes).
func (k *Control) Render(all ...Attributes) decant.Markup {
	var room [12]attribute
	return decant.Markup(k.appendTo(nil, attributes(room[:0]).merge(k.attributes).merge(all...)))
}

// appendTo writes the field with attributes that include the declaration's.
func (k *Control) appendTo(page []byte, list attributes) []byte {
	if k.field == nil {
		panic("form: the field was never bound; call form.Bind before you render the form")
	}
	if builtin, ok := k.widget.(builtinWidget); ok {
		return builtin.appendTo(page, k.field, list)
	}
	return append(page, k.widget.Render(k.field, list.public())...)
}

// LabelTag returns the field's <label> element. It mirrors
// field.label(**attributes).
func (k *Control) LabelTag(all ...Attributes) decant.Markup {
	var room [4]attribute
	return decant.Markup(k.appendLabel(nil, k.label, attributes(room[:0]).merge(all...)))
}

func (k *Control) appendLabel(page []byte, text string, list attributes) []byte {
	list = list.setDefault("for", k.id)
	page = append(page, "<label "...)
	page = list.appendTo(page)
	page = append(page, '>')
	page = appendText(page, text)
	return append(page, "</label>"...)
}

// validate runs the field's own check and then its chain of validators.
func (k *Control) validate(own func() error) (bool, error) {
	k.errors, k.validated = slices.Clone(k.processErrors), true
	if own != nil {
		if stopped, err := k.note(own()); stopped || err != nil {
			return len(k.errors) == 0, err
		}
	}
	err := k.runValidators()
	return len(k.errors) == 0, err
}

// runValidators runs the validators of the declaration and then the form's
// method for the field, until one of them stops the chain.
func (k *Control) runValidators() error {
	for _, validator := range k.validators {
		if stopped, err := k.note(validator.Validate(k.field)); stopped || err != nil {
			return err
		}
	}
	if k.inline == nil {
		return nil
	}
	_, err := k.note(k.inline(k.field))
	return err
}

// note keeps the message of a validator. An error that is not about the input
// comes back.
func (k *Control) note(err error) (stopped bool, failure error) {
	if err == nil {
		return false, nil
	}
	message, stop, ok := verdict(err)
	if !ok {
		return true, fmt.Errorf("form: validating the field %s: %w", k.name, err)
	}
	if message != "" || !stop {
		k.errors = append(k.errors, message)
	}
	return stop, nil
}

// errorTree is an empty list rather than nil for a field without errors: in
// JSON it is [].
func (k *Control) errorTree() any { return append([]string{}, k.errors...) }

// complain keeps a message about what was sent.
func (k *Control) complain(message string) {
	k.processErrors = append(k.processErrors, message)
}
