package form

import "fmt"

// String is a line of text: StringField. The other fields of text have its
// declaration and its methods.
type String struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order.
	Validators Validators
	// Filters change the data before it is validated: strings.TrimSpace.
	Filters []func(string) string
	// Default is the data of a field that neither the client nor the object
	// has data for: a string, or nil for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[string]
}

type (
	// TextArea is text of several lines: TextAreaField.
	TextArea String
	// Password is text that is not shown, nor sent back to the browser:
	// PasswordField. Widget InputWidget{Type: "password", ShowValue: true}
	// sends it back.
	Password String
	// Hidden is text that the user does not see: HiddenField.
	Hidden String
	// Search is text to search for: SearchField.
	Search String
	// Tel is a telephone number: TelField.
	Tel String
	// URL is the address of a page: URLField. [ValidURL] checks it.
	URL String
	// Email is an e-mail address: EmailField. [ValidEmail] checks it.
	Email String
	// Color is a colour, such as "#ff8800": ColorField.
	Color String
)

func textKind(typeName string, widget Widget) *kind[string] {
	return &kind[string]{
		typeName: typeName,
		widget:   widget,
		convert:  textOf,
		read:     func(_ *Bound[string], raw []string) (string, error) { return raw[0], nil },
		text:     func(f *Bound[string]) string { return f.data },
	}
}

// The kinds are never written.
var (
	stringKind   = textKind("StringField", InputWidget{Type: "text"})
	textAreaKind = textKind("TextAreaField", TextAreaWidget{})
	passwordKind = textKind("PasswordField", InputWidget{Type: "password"})
	hiddenKind   = textKind("HiddenField", InputWidget{Type: "hidden"})
	searchKind   = textKind("SearchField", InputWidget{Type: "search"})
	telKind      = textKind("TelField", InputWidget{Type: "tel"})
	urlKind      = textKind("URLField", InputWidget{Type: "url"})
	emailKind    = textKind("EmailField", InputWidget{Type: "email"})
	colorKind    = textKind("ColorField", InputWidget{Type: "color"})
)

func textOf(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case fmt.Stringer:
		return value.String(), nil
	}
	if text, ok := basic(value).(string); ok {
		return text, nil
	}
	return fmt.Sprint(basic(value)), nil
}

func (f *String) attachAs(at place, k *kind[string]) error {
	return f.set(at, k, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, f.Filters)
}

func (f *String) attach(at place) error   { return f.attachAs(at, stringKind) }
func (f *TextArea) attach(at place) error { return (*String)(f).attachAs(at, textAreaKind) }
func (f *Password) attach(at place) error { return (*String)(f).attachAs(at, passwordKind) }
func (f *Hidden) attach(at place) error   { return (*String)(f).attachAs(at, hiddenKind) }
func (f *Search) attach(at place) error   { return (*String)(f).attachAs(at, searchKind) }
func (f *Tel) attach(at place) error      { return (*String)(f).attachAs(at, telKind) }
func (f *URL) attach(at place) error      { return (*String)(f).attachAs(at, urlKind) }
func (f *Email) attach(at place) error    { return (*String)(f).attachAs(at, emailKind) }
func (f *Color) attach(at place) error    { return (*String)(f).attachAs(at, colorKind) }
