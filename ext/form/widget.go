package form

import (
	"slices"

	"github.com/decant-go/decant"
)

// Widget prints the element of a field. The widgets of this package print what
// WTForms' widgets of the same name print; an application may have its own.
type Widget interface {
	// Render returns the HTML of a field. The attributes are those of the
	// declaration and of the call, by their names in HTML.
	Render(field Field, attributes Attributes) decant.Markup
}

// builtinWidget is a widget that writes into a page.
type builtinWidget interface {
	Widget
	appendTo(page []byte, field Field, list attributes) []byte
}

// Flagger is a validator or a widget that sets flags of its field, which
// templates read and elements have as attributes: "required", "maxlength".
type Flagger interface {
	Flags(set func(name string, value any))
}

// InputWidget prints an <input>: WTForms' TextInput, CheckboxInput, NumberInput
// and the other inputs, by their type.
type InputWidget struct {
	// Type is the type of the input, such as "text" or "checkbox".
	Type string
	// Step, Min and Max are attributes of a "number" or "range".
	Step, Min, Max any
	// ShowValue sends the value of a "password" back to the browser.
	ShowValue bool
	// Multiple lets the user choose several files for a "file".
	Multiple bool
}

// Render returns the <input> of a field.
func (w InputWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func rendered(w builtinWidget, field Field, all Attributes) decant.Markup {
	return decant.Markup(w.appendTo(nil, field, attributes(nil).merge(all)))
}

// Flags sets the flag "hidden" for a hidden input.
func (w InputWidget) Flags(set func(name string, value any)) {
	if w.Type == "hidden" {
		set("hidden", true)
	}
}

// inputFlags are the flags that an input of a type has as attributes; other
// types have those of "checkbox". The map is never written.
var inputFlags = map[string][]string{
	"checkbox":       {"required", "disabled"},
	"color":          {"disabled"},
	"date":           timeFlags,
	"datetime":       timeFlags,
	"datetime-local": timeFlags,
	"email":          textFlags,
	"file":           {"required", "disabled", "accept"},
	"hidden":         {"disabled"},
	"month":          timeFlags,
	"number":         timeFlags,
	"password":       textFlags,
	"range":          {"disabled", "max", "min", "step"},
	"search":         textFlags,
	"tel":            textFlags,
	"text":           textFlags,
	"time":           timeFlags,
	"url":            textFlags,
	"week":           timeFlags,
}

// The lists are never written.
var (
	textFlags     = []string{"required", "disabled", "readonly", "maxlength", "minlength", "pattern"}
	timeFlags     = []string{"required", "disabled", "readonly", "max", "min", "step"}
	textAreaFlags = []string{"required", "disabled", "readonly", "maxlength", "minlength"}
	selectFlags   = []string{"required", "disabled"}
)

// checker is a field whose checkbox or radio button is ticked by something
// else than its data.
type checker interface{ checked() bool }

func (w InputWidget) appendTo(page []byte, field Field, list attributes) []byte {
	switch w.Type {
	case "checkbox", "radio":
		if isTicked(field) {
			list = list.set("checked", true)
		}
	case "password":
		if !w.ShowValue {
			list = list.set("value", "")
		}
	case "file":
		list = list.set("value", false)
		if w.Multiple {
			list = list.set("multiple", true)
		}
	case "submit":
		list = list.setDefault("value", field.Text())
	}
	for _, own := range []attribute{{"step", w.Step}, {"min", w.Min}, {"max", w.Max}} {
		if own.value != nil {
			list = list.setDefault(own.name, own.value)
		}
	}
	list = list.setDefault("id", field.HTMLID())
	list = list.setDefault("type", w.Type)
	if list.index("value") < 0 {
		list = append(list, attribute{"value", field.display()})
	}
	flags, ok := inputFlags[w.Type]
	if !ok {
		flags = inputFlags["checkbox"]
	}
	page = append(page, "<input "...)
	page = withNameAndFlags(list, field, flags).appendTo(page)
	return append(page, '>')
}

func isTicked(field Field) bool {
	if checker, ok := field.(checker); ok {
		return checker.checked()
	}
	return truthy(field.Value())
}

// withNameAndFlags adds the name of the field and those of its flags that the
// element has as attributes.
func withNameAndFlags(list attributes, field Field, flags []string) attributes {
	list = list.setDefault("name", field.HTMLName())
	given := len(list)
	field.control().eachFlag(func(name string, value any) {
		switch i := list.index(name); {
		case !slices.Contains(flags, name):
		case i < 0:
			list = append(list, attribute{name, value})
		case i >= given:
			list[i].value = value // a later validator wins
		}
	})
	return list
}

// TextAreaWidget prints a <textarea>.
type TextAreaWidget struct{}

// Render returns the <textarea> of a field.
func (w TextAreaWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func (TextAreaWidget) appendTo(page []byte, field Field, list attributes) []byte {
	list = list.setDefault("id", field.HTMLID())
	page = append(page, "<textarea "...)
	page = withNameAndFlags(list, field, textAreaFlags).appendTo(page)
	page = append(page, ">\r\n"...) // browsers drop the first line break
	page = appendText(page, field.display())
	return append(page, "</textarea>"...)
}

// SelectWidget prints a <select> with its options.
type SelectWidget struct {
	// Multiple lets the user choose several options.
	Multiple bool
}

// Render returns the <select> of a field with choices.
func (w SelectWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func (w SelectWidget) appendTo(page []byte, field Field, list attributes) []byte {
	list = list.setDefault("id", field.HTMLID())
	if w.Multiple {
		list = list.set("multiple", true)
	}
	page = append(page, "<select "...)
	page = withNameAndFlags(list, field, selectFlags).appendTo(page)
	page = append(page, '>')
	if chooser, ok := field.(chooser); ok {
		page = appendOptions(page, chooser)
	}
	return append(page, "</select>"...)
}

// appendOptions writes the choices, those of a group below its heading.
func appendOptions(page []byte, field chooser) []byte {
	group := ""
	for each := range options(field) {
		if each.Group != group {
			page = endGroup(page, group)
			if each.Group != "" {
				page = append(page, "<optgroup "...)
				page = attributes{{"label", each.Group}}.appendTo(page)
				page = append(page, '>')
			}
			group = each.Group
		}
		page = appendOption(page, each, nil)
	}
	return endGroup(page, group)
}

func endGroup(page []byte, group string) []byte {
	if group == "" {
		return page
	}
	return append(page, "</optgroup>"...)
}

func appendOption(page []byte, each option, list attributes) []byte {
	list = list.merge(each.Attributes).set("value", each.Value)
	if each.chosen {
		list = list.set("selected", true)
	}
	page = append(page, "<option "...)
	page = list.appendTo(page)
	page = append(page, '>')
	page = appendText(page, each.text())
	return append(page, "</option>"...)
}

// OptionWidget prints the <option> of one choice, where a template goes through
// the choices of a field.
type OptionWidget struct{}

// Render returns the <option> of a choice.
func (w OptionWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func (OptionWidget) appendTo(page []byte, field Field, list attributes) []byte {
	choice, ok := field.(*choiceField)
	if !ok {
		return page
	}
	return appendOption(page, choice.option, list)
}

// ListWidget prints the parts of a field as a list: the buttons of a [Radio],
// the entries of a [FieldList].
type ListWidget struct {
	// Ordered makes it an <ol> rather than a <ul>.
	Ordered bool
	// LabelAfter puts the label of a part behind it: prefix_label=False.
	LabelAfter bool
}

// Render returns the list of a field with parts.
func (w ListWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func (w ListWidget) appendTo(page []byte, field Field, list attributes) []byte {
	tag := "ul"
	if w.Ordered {
		tag = "ol"
	}
	page = append(page, '<')
	page = append(page, tag...)
	page = append(page, ' ')
	page = list.setDefault("id", field.HTMLID()).appendTo(page)
	page = append(page, '>')
	for part := range parts(field) {
		page = append(page, "<li>"...)
		page = w.appendPart(page, part.control())
		page = append(page, "</li>"...)
	}
	page = append(page, "</"...)
	page = append(page, tag...)
	return append(page, '>')
}

func (w ListWidget) appendPart(page []byte, part *Control) []byte {
	var room [8]attribute
	if w.LabelAfter {
		page = part.appendTo(page, attributes(room[:0]).merge(part.attributes))
		page = append(page, ' ')
		return part.appendLabel(page, part.label, nil)
	}
	page = part.appendLabel(page, part.label, nil)
	page = append(page, ' ')
	return part.appendTo(page, attributes(room[:0]).merge(part.attributes))
}

// TableWidget prints the parts of a field as the rows of a table: the fields of
// a [FormField].
type TableWidget struct {
	// RowsOnly leaves out the <table> around the rows: with_table_tag=False.
	RowsOnly bool
}

// Render returns the table of a field with parts.
func (w TableWidget) Render(field Field, attributes Attributes) decant.Markup {
	return rendered(w, field, attributes)
}

func (w TableWidget) appendTo(page []byte, field Field, list attributes) []byte {
	if !w.RowsOnly {
		page = append(page, "<table "...)
		page = list.setDefault("id", field.HTMLID()).appendTo(page)
		page = append(page, '>')
	}
	var hidden []byte
	for part := range parts(field) {
		if part.Type() == "HiddenField" || part.Type() == "CSRFTokenField" {
			hidden = append(hidden, part.Render()...)
			continue
		}
		page = append(page, "<tr><th>"...)
		page = append(page, part.LabelTag()...)
		page = append(page, "</th><td>"...)
		page = append(page, hidden...)
		page = append(page, part.Render()...)
		page = append(page, "</td></tr>"...)
		hidden = nil
	}
	if !w.RowsOnly {
		page = append(page, "</table>"...)
	}
	return append(page, hidden...)
}
