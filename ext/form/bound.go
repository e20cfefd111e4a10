package form

import (
	"errors"
	"fmt"
	"time"
)

// Bound is a field with data of the Go type T. Its methods are of use once the
// form is bound.
type Bound[T any] struct {
	Control
	kind        *kind[T]
	defaultData any
	filters     []func(string) string

	data, object       T
	hasData, hasObject bool

	given any // what the program gave, as long as it is the data

	sentZero bool // the number 0 of JSON was sent
}

// kind is what the fields of one WTForms class do.
type kind[T any] struct {
	typeName string
	widget   Widget
	// convert makes data of a value of the program. The error is a *rejected
	// where Python would note a message.
	convert func(value any) (data T, err error)
	// read makes data of the values that were sent, of which there is at least
	// one unless always is set. The error is a *rejected.
	read   func(f *Bound[T], raw []string) (data T, err error)
	always bool // read is called when nothing was sent, too
	keeps  bool // data stays as it was when read fails
	zero   bool // None as data is the zero value
	// text is the value in HTML when nothing was sent.
	text func(f *Bound[T]) string
	// value is the data for validators and templates, if it is not T itself.
	value func(f *Bound[T]) any
	// echoes is whether the element shows what was sent rather than the data.
	echoes bool
}

// rejected is a message about a value that cannot be read.
type rejected struct{ message string }

func (e *rejected) Error() string { return e.message }

// set makes the field one of a form.
func (f *Bound[T]) set(at place, k *kind[T], s settings, defaultData any, filters []func(string) string) error {
	f.kind, f.defaultData, f.filters = k, defaultData, filters
	s.typeName, s.widget = k.typeName, k.widget
	return f.place(at, s)
}

// Data is the data of the field, or the zero value where Python has None:
// field.data.
func (f *Bound[T]) Data() T { return f.data }

// Lookup is Data that also tells whether there is any: false is Python's None.
func (f *Bound[T]) Lookup() (data T, ok bool) { return f.data, f.hasData }

// Set replaces the data, as field.data = value does in Flask. A field that was
// sent and could not be read goes on showing what was sent.
func (f *Bound[T]) Set(data T) { f.data, f.hasData, f.given = data, true, nil }

// Value is Data, or nil where Python has None.
func (f *Bound[T]) Value() any {
	switch {
	case !f.hasData:
		return nil
	case f.kind != nil && f.kind.value != nil:
		return f.kind.value(f)
	}
	return f.data
}

// ObjectData is the data that the field had before anything was sent:
// field.object_data.
func (f *Bound[T]) ObjectData() (data T, ok bool) { return f.object, f.hasObject }

// isUnchanged tells whether the data is that of the object, for ReadOnly.
func (f *Bound[T]) isUnchanged() bool {
	return f.hasData == f.hasObject && equal(any(f.data), any(f.object))
}

func (f *Bound[T]) dataTree() any { return f.Value() }

func (f *Bound[T]) process(sent *submitted, object any, has bool) error {
	if !has {
		object = f.defaultData
	}
	if err := f.take(object); err != nil {
		return fmt.Errorf("form: the field %s (%s): %w", f.name, f.typeName, err)
	}
	f.object, f.hasObject = f.data, f.hasData
	if sent != nil {
		f.sentZero = sent.zeros[f.name]
		f.receive(sent.list(f.name))
	}
	if f.hasData && len(f.filters) > 0 {
		f.filter()
	}
	return nil
}

// take converts a value of the program.
func (f *Bound[T]) take(value any) error {
	var none T
	f.data, f.hasData = none, f.kind.zero
	if t, ok := value.(time.Time); ok && t.IsZero() {
		return nil
	}
	if basic(value) == nil {
		return nil
	}
	data, err := f.kind.convert(value)
	var message *rejected
	if errors.As(err, &message) {
		f.complain(f.Gettext(message.message))
		return nil
	}
	if err != nil {
		return err
	}
	f.data, f.hasData, f.given = data, true, value
	return nil
}

// receive reads the values that were sent.
func (f *Bound[T]) receive(raw []string) {
	f.raw, f.given = raw, nil
	if len(raw) == 0 && !f.kind.always {
		return
	}
	data, err := f.kind.read(f, raw)
	if err == nil {
		f.data, f.hasData = data, true
		return
	}
	if !f.kind.keeps {
		var none T
		f.data, f.hasData = none, false
	}
	f.complain(f.Gettext(err.Error()))
}

// filter runs the filters over text.
func (f *Bound[T]) filter() {
	text, ok := any(&f.data).(*string)
	if !ok {
		return
	}
	for _, filter := range f.filters {
		*text = filter(*text)
	}
}

func (f *Bound[T]) validate() (bool, error) { return f.Control.validate(nil) }

func (f *Bound[T]) display() string {
	if f.kind.echoes && len(f.raw) > 0 {
		return f.raw[0]
	}
	return f.kind.text(f)
}
