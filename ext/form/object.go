package form

import (
	"iter"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/jinja"
)

// The methods whose names begin with Jinja answer templates of the package
// jinja, so that they can say what templates of Flask say: form.username,
// form.username.label, form.errors, "for field in form".

// JinjaAttr answers form.username, form.errors and the other attributes of a
// form. The fields come first.
func (f Form) JinjaAttr(name string) (value any, ok bool) {
	if field := f.Field(name); field != nil {
		return field, true
	}
	switch name {
	case "data":
		return f.Data(), true
	case "errors":
		return orderedErrors{f}, true
	case "form_errors":
		return f.FormErrors(), true
	case "hidden_tag":
		return f.hiddenTag, true
	case "is_submitted":
		return f.IsSubmitted, true
	}
	return nil, false
}

// errorsInTemplates are the errors of a field. Before it is validated they are an
// empty tuple, which a template prints as ().
func (k *Control) errorsInTemplates() any {
	tree := k.field.errorTree()
	if _, isForm := tree.(decant.H); !isForm && !k.validated {
		return jinja.Tuple{}
	}
	return tree
}

// hiddenTag takes names and fields, as form.hidden_tag does.
func (f Form) hiddenTag(fields ...any) decant.Markup {
	var names []string
	for _, field := range fields {
		switch field := field.(type) {
		case string:
			names = append(names, field)
		case Field:
			names = append(names, field.ShortName())
		}
	}
	return f.HiddenTag(names...)
}

// JinjaItem answers form["username"].
func (f Form) JinjaItem(key any) (value any, ok bool) {
	name, _ := key.(string)
	if field := f.Field(name); field != nil {
		return field, true
	}
	return nil, false
}

// JinjaContains answers "username" in form.
func (f Form) JinjaContains(key any) bool {
	_, ok := f.JinjaItem(key)
	return ok
}

// JinjaIter answers "for field in form".
func (f Form) JinjaIter() iter.Seq[any] { return asAny(f.Fields()) }

func asAny(fields iter.Seq[Field]) iter.Seq[any] {
	return func(yield func(any) bool) {
		for field := range fields {
			if !yield(field) {
				return
			}
		}
	}
}

// JinjaAttr answers the attributes of a field of WTForms: field.data,
// field.errors, field.label, field.name, field.type and the others.
func (k *Control) JinjaAttr(name string) (value any, ok bool) {
	switch name {
	case "data":
		return forTemplates(k.field), true
	case "errors":
		return k.errorsInTemplates(), true
	case "label":
		return label{k}, true
	case "name":
		return k.name, true
	case "short_name":
		return k.shortName, true
	case "id":
		return k.id, true
	case "type":
		return k.typeName, true
	case "flags":
		return flagsOf{k}, true
	case "description":
		return k.description, true
	case "raw_data":
		return k.RawData(), true
	case "render_kw":
		return map[string]any(k.attributes), true
	case "process_errors":
		return append([]string(nil), k.processErrors...), true
	case "widget":
		return widgetOf{k.widget}, true
	case "gettext":
		return k.Gettext, true
	case "ngettext":
		return k.NGettext, true
	}
	return attributeOfKind(k.field, name)
}

// attributeOfKind answers what only some kinds of fields have.
func attributeOfKind(field Field, name string) (value any, ok bool) {
	switch kind := field.(type) {
	case checker:
		if name == "checked" {
			return kind.checked(), true
		}
	case chooser:
		switch name {
		case "choices":
			return choicePairs(kind), true
		case "iter_choices":
			return func() []any { return choiceTuples(kind) }, true
		case "has_groups":
			return func() bool { return hasGroups(kind) }, true
		}
	case interface{ innerForm() Form }:
		if name == "form" {
			return kind.innerForm(), true
		}
		return kind.innerForm().JinjaAttr(name)
	case compound:
		if name == "entries" {
			return entriesOf(kind), true
		}
	}
	return nil, false
}

func entriesOf(field compound) []any {
	var entries []any
	for entry := range field.parts() {
		entries = append(entries, entry)
	}
	return entries
}

func choicePairs(field chooser) []any {
	var pairs []any
	for _, choice := range field.choices() {
		pairs = append(pairs, []any{choice.Value, choice.text()})
	}
	return pairs
}

func choiceTuples(field chooser) []any {
	var tuples []any
	for each := range options(field) {
		tuples = append(tuples, []any{each.Value, each.text(), each.chosen, map[string]any(each.Attributes)})
	}
	return tuples
}

func hasGroups(field chooser) bool {
	for _, choice := range field.choices() {
		if choice.Group != "" {
			return true
		}
	}
	return false
}

// JinjaHTML answers {{ field }}.
func (k *Control) JinjaHTML() string { return string(k.Render()) }

// JinjaIter answers loops through the choices.
func (f *Select) JinjaIter() iter.Seq[any] { return asAny(choiceFields(f)) }

// JinjaIter answers loops through the buttons.
func (f *Radio) JinjaIter() iter.Seq[any] { return asAny(choiceFields(f)) }

// JinjaIter answers loops through the choices.
func (f *SelectMultiple) JinjaIter() iter.Seq[any] { return asAny(choiceFields(f)) }

// JinjaIter answers loops through the entries.
func (f *FieldList[F]) JinjaIter() iter.Seq[any] { return asAny(f.parts()) }

// JinjaLen answers field|length.
func (f *FieldList[F]) JinjaLen() int { return len(f.entries) }

// JinjaItem answers field[0].
func (f *FieldList[F]) JinjaItem(key any) (value any, ok bool) {
	number, ok := basic(key).(int64)
	if !ok || number < 0 || number >= int64(len(f.entries)) {
		return nil, false
	}
	return f.entries[number], true
}

// JinjaIter answers loops through the fields of the inner form.
func (f *FormField[F]) JinjaIter() iter.Seq[any] { return asAny(f.parts()) }

// JinjaItem answers field["street"].
func (f *FormField[F]) JinjaItem(key any) (value any, ok bool) { return f.innerForm().JinjaItem(key) }

// forTemplates is the data of a field as templates print it: a day or a time
// of day prints as Python prints it.
func forTemplates(field Field) any {
	value := field.Value()
	t, ok := value.(time.Time)
	if !ok {
		return value
	}
	switch field.Type() {
	case "TimeField":
		return moment{t, "%H:%M:%S"}
	case "DateTimeField", "DateTimeLocalField":
		return moment{t, "%Y-%m-%d %H:%M:%S"}
	}
	return moment{t, "%Y-%m-%d"}
}

// moment is a date or a time in a template.
type moment struct {
	time.Time
	format string
}

// JinjaString is Python's str of the date.
func (m moment) JinjaString() string { return m.write(m.format) }

func (m moment) write(format string) string {
	parsed, err := parseFormat(format)
	if err != nil {
		return m.Format(time.DateTime)
	}
	return parsed.write(m.Time)
}

// JinjaAttr answers what templates ask of dates.
func (m moment) JinjaAttr(name string) (value any, ok bool) {
	switch name {
	case "strftime":
		return m.write, true
	case "isoformat":
		return func() string {
			if m.format == "%Y-%m-%d %H:%M:%S" {
				return m.write("%Y-%m-%dT%H:%M:%S")
			}
			return m.JinjaString()
		}, true
	case "year":
		return m.Year(), true
	case "month":
		return int(m.Month()), true
	case "day":
		return m.Day(), true
	case "hour":
		return m.Hour(), true
	case "minute":
		return m.Minute(), true
	case "second":
		return m.Second(), true
	}
	return nil, false
}

// label is the label of a field in a template: field.label.
type label struct{ control *Control }

// JinjaHTML answers {{ field.label }}.
func (l label) JinjaHTML() string { return string(l.control.LabelTag()) }

// JinjaAttr answers field.label.text and field.label.field_id.
func (l label) JinjaAttr(name string) (value any, ok bool) {
	switch name {
	case "text":
		return l.control.label, true
	case "field_id":
		return l.control.id, true
	}
	return nil, false
}

// flagsOf are the flags of a field in a template: field.flags.required. A flag
// that is not set is None.
type flagsOf struct{ control *Control }

// JinjaAttr answers field.flags.required.
func (f flagsOf) JinjaAttr(name string) (value any, ok bool) { return f.control.Flags()[name], true }

// JinjaContains answers "required" in field.flags.
func (f flagsOf) JinjaContains(key any) bool {
	name, _ := key.(string)
	return truthy(f.control.Flags()[name])
}

// widgetOf is the widget of a field in a template.
type widgetOf struct{ widget Widget }

// JinjaAttr answers field.widget.input_type.
func (w widgetOf) JinjaAttr(name string) (value any, ok bool) {
	switch widget := w.widget.(type) {
	case InputWidget:
		if name == "input_type" {
			return widget.Type, true
		}
	case SelectWidget:
		if name == "multiple" {
			return widget.Multiple, true
		}
	}
	return nil, false
}

// orderedErrors are the errors of a form in a template, in the order of the
// fields: form.errors.
type orderedErrors struct{ form Form }

// JinjaAttr answers form.errors.items() and its kin, and form.errors.username.
func (e orderedErrors) JinjaAttr(name string) (value any, ok bool) {
	switch name {
	case "items":
		return func() []any { return e.list(func(name string, tree any) any { return []any{name, tree} }) }, true
	case "keys":
		return func() []any { return e.list(func(name string, _ any) any { return name }) }, true
	case "values":
		return func() []any { return e.list(func(_ string, tree any) any { return tree }) }, true
	case "get":
		return func(name string) any {
			value, _ := e.JinjaItem(name)
			return value
		}, true
	}
	return nil, false
}

func (e orderedErrors) list(part func(name string, tree any) any) []any {
	all := []any{}
	for name, tree := range e.form.eachError {
		all = append(all, part(name, tree))
	}
	return all
}

// JinjaItem answers form.errors["username"] and form.errors.username.
func (e orderedErrors) JinjaItem(key any) (value any, ok bool) {
	for name, tree := range e.form.eachError {
		if name == key {
			return tree, true
		}
	}
	return nil, false
}

// JinjaIter yields the names of the fields with errors.
func (e orderedErrors) JinjaIter() iter.Seq[any] {
	return func(yield func(any) bool) {
		for name := range e.form.eachError {
			if !yield(name) {
				return
			}
		}
	}
}

// JinjaLen is the number of fields with errors.
func (e orderedErrors) JinjaLen() int { return len(e.list(func(string, any) any { return nil })) }

// JinjaContains answers "username" in form.errors.
func (e orderedErrors) JinjaContains(key any) bool {
	_, ok := e.JinjaItem(key)
	return ok
}

// JinjaString is Python's str of the dict.
func (e orderedErrors) JinjaString() string { return decant.Escape(e.form.Errors()).Unescape() }
