package form

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"

	"github.com/decant-go/decant"
)

// FieldList is a list of fields of one kind: FieldList. F is a field type, such
// as String or FormField[Address]; what was sent as links-0, links-1 and so on
// are its entries.
type FieldList[F any] struct {
	// Entry is the declaration that each entry is a copy of.
	Entry F
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// MinEntries is how many entries there are at least. Empty ones fill the
	// list.
	MinEntries int
	// MaxEntries is how many entries there are at most; 0 stands for 1000.
	// Entries beyond it are dropped.
	MaxEntries int
	// Validators check the list as a whole, after its entries.
	Validators Validators
	// Default is the data of the entries if nobody has some: a slice, or nil
	// for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Control
	at      place
	entries []*F
	last    int // the number of the last entry
	object  any
}

// maxEntries bounds a list that has no bound of its own: what a client sends
// must not become any number of fields.
const maxEntries = 1000

func (f *FieldList[F]) attach(at place) error {
	if _, ok := any(&f.Entry).(Field); !ok {
		return fmt.Errorf("form: the entries of the list %s have the type %T, which is no field; use one such as form.String or form.FormField", at.name, f.Entry)
	}
	f.at, f.last = at, -1
	return f.place(at, settings{
		typeName: "FieldList", label: f.Label, description: f.Description, id: f.ID,
		widget: ListWidget{}, own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	})
}

func (f *FieldList[F]) limit() int {
	if f.MaxEntries > 0 {
		return f.MaxEntries
	}
	return maxEntries
}

func (f *FieldList[F]) process(sent *submitted, object any, has bool) error {
	if !has || isEmptyList(object) {
		object = f.Default
	}
	f.object = object
	data, err := itemsOf(object)
	if err != nil {
		return fmt.Errorf("form: the field %s (FieldList): %w", f.name, err)
	}
	f.entries, f.last = nil, -1
	if sent == nil {
		for _, item := range data {
			if err := f.add(nil, item, true, f.last+1); err != nil {
				return err
			}
		}
	} else {
		for i, number := range f.numbers(sent) {
			var item any
			if i < len(data) {
				item = data[i]
			}
			if err := f.add(sent, item, i < len(data), number); err != nil {
				return err
			}
		}
	}
	for len(f.entries) < min(f.MinEntries, f.limit()) {
		if err := f.add(sent, nil, false, f.last+1); err != nil {
			return err
		}
	}
	return nil
}

// numbers are the numbers of the entries that were sent, in order. They are no
// more than the list may have.
func (f *FieldList[F]) numbers(sent *submitted) []int {
	var numbers []int
	for rest := range sent.rests(f.name + "-") {
		if number, ok := leadingNumber(rest); ok {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	return numbers[:min(len(numbers), f.limit())]
}

// leadingNumber reads the number of an entry: "12" and "12-street" are 12.
func leadingNumber(text string) (int, bool) {
	end := 0
	for end < len(text) && '0' <= text[end] && text[end] <= '9' {
		end++
	}
	if end < len(text) && text[end] != '-' {
		return 0, false
	}
	number, err := strconv.ParseInt(text[:end], 10, 32)
	return int(number), err == nil
}

// add appends an entry, unless the list is full.
func (f *FieldList[F]) add(sent *submitted, object any, has bool, number int) error {
	if len(f.entries) >= f.limit() {
		return nil
	}
	entry := new(F)
	*entry = f.Entry
	field := any(entry).(Field)
	f.last = number
	err := field.attach(place{
		form: f.form, field: field, prefix: f.at.prefix,
		name: numbered(f.shortName, "-", number), id: numbered(f.id, "-", number),
	})
	if err != nil {
		return err
	}
	f.entries = append(f.entries, entry)
	return field.process(sent, object, has)
}

func numbered(name, separator string, number int) string {
	return name + separator + strconv.Itoa(number)
}

// Entries are the fields of the list: field.entries.
func (f *FieldList[F]) Entries() []*F { return slices.Clone(f.entries) }

// Append adds an entry with data of the program, or an empty one for nil, and
// returns it. In a full list it returns nil. The error is data of the wrong
// type. It mirrors field.append_entry(data).
func (f *FieldList[F]) Append(data any) (*F, error) {
	before := len(f.entries)
	if err := f.add(nil, data, data != nil, f.last+1); err != nil || len(f.entries) == before {
		return nil, err
	}
	return f.entries[before], nil
}

// Pop removes the last entry and returns it, or nil: field.pop_entry().
func (f *FieldList[F]) Pop() *F {
	if len(f.entries) == 0 {
		return nil
	}
	last := len(f.entries) - 1
	entry := f.entries[last]
	f.entries = f.entries[:last]
	f.last--
	return entry
}

func (f *FieldList[F]) parts() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for _, entry := range f.entries {
			if !yield(any(entry).(Field)) {
				return
			}
		}
	}
}

// Data are the data of the entries: field.data.
func (f *FieldList[F]) Data() []any {
	data := make([]any, 0, len(f.entries))
	for entry := range f.parts() {
		data = append(data, entry.dataTree())
	}
	return data
}

// Value is Data.
func (f *FieldList[F]) Value() any { return f.Data() }

func (f *FieldList[F]) dataTree() any   { return f.Data() }
func (f *FieldList[F]) display() string { return "" }

func (f *FieldList[F]) isUnchanged() bool {
	before, _ := itemsOf(f.object)
	return equal(before, f.Data())
}

func (f *FieldList[F]) validate() (bool, error) {
	valid := true
	for entry := range f.parts() {
		ok, err := entry.validate()
		if err != nil {
			return false, err
		}
		valid = valid && ok
	}
	f.errors, f.validated = nil, true
	if err := f.runValidators(); err != nil {
		return false, err
	}
	return valid && len(f.errors) == 0, nil
}

// Errors are the messages of all entries and of the list.
func (f *FieldList[F]) Errors() []string {
	var all []string
	for entry := range f.parts() {
		all = append(all, entry.Errors()...)
	}
	return append(all, f.errors...)
}

// errorTree has an item for each entry, if one of them has errors, and then
// the messages of the list.
func (f *FieldList[F]) errorTree() any {
	tree := []any{}
	for entry := range f.parts() {
		tree = append(tree, entry.errorTree())
	}
	if !slices.ContainsFunc(tree, hasErrors) {
		tree = tree[:0]
	}
	for _, message := range f.errors {
		tree = append(tree, message)
	}
	return tree
}

func isEmptyList(value any) bool {
	content := reflect.ValueOf(value)
	return !content.IsValid() || content.Kind() == reflect.Slice && content.Len() == 0
}

// itemsOf takes a slice of the program apart.
func itemsOf(value any) ([]any, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case []any:
		return value, nil
	}
	content := reflect.ValueOf(value)
	if content.Kind() != reflect.Slice && content.Kind() != reflect.Array {
		return nil, fmt.Errorf("a %T is no slice", value)
	}
	items := make([]any, content.Len())
	for i := range items {
		items[i] = content.Index(i).Interface()
	}
	return items, nil
}

// FormField is a form inside a form: FormField. F is a struct that embeds
// [Form]; its fields have the name of this one as a prefix. It has no CSRF
// token of its own, since the form around it has one.
type FormField[F any] struct {
	// New makes the inner form.
	New func() F
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Default is an object that the inner form takes its data from if nobody
	// has some, as for [From].
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Control
	inner *F
	state *state // of inner
}

func (f *FormField[F]) attach(at place) error {
	if f.New == nil {
		return fmt.Errorf("form: the field %s has no function New, which makes the inner form", at.name)
	}
	f.inner = new(F)
	inner, ok := any(f.inner).(Struct)
	if !ok {
		return fmt.Errorf("form: the inner form of the field %s is a %T, which is no struct that embeds form.Form", at.name, *f.inner)
	}
	*f.inner = f.New()
	err := f.place(at, settings{
		typeName: "FormField", label: f.Label, description: f.Description, id: f.ID,
		widget: TableWidget{}, own: f.Widget, attributes: f.Attributes,
	})
	if err != nil {
		return err
	}
	f.state = &state{
		context: at.form.context, submitted: at.form.submitted,
		translations: at.form.translations, prefix: f.name + "-",
	}
	return f.state.attachAll(inner)
}

func (f *FormField[F]) process(sent *submitted, object any, has bool) error {
	if !has {
		object = f.Default
	}
	source := objectSource{object}
	if err := source.check(); err != nil {
		return fmt.Errorf("the field %s (FormField): %w", f.name, err)
	}
	return f.state.process(sent, source)
}

// Inner is the inner form: field.form.
func (f *FormField[F]) Inner() *F { return f.inner }

func (f *FormField[F]) innerForm() Form { return Form{state: f.state} }

func (f *FormField[F]) parts() iter.Seq[Field] { return f.innerForm().Fields() }

// Data are the data of the inner form's fields by their names: field.data.
func (f *FormField[F]) Data() decant.H { return f.innerForm().Data() }

// Value is Data.
func (f *FormField[F]) Value() any { return f.Data() }

func (f *FormField[F]) dataTree() any   { return f.Data() }
func (f *FormField[F]) display() string { return "" }

func (f *FormField[F]) validate() (bool, error) {
	valid, err := f.innerForm().Validate()
	if err != nil {
		return false, err
	}
	f.errors = nil
	if f.inline != nil {
		_, err = f.note(f.inline(f))
	}
	return valid && len(f.errors) == 0, err
}

// Errors are the messages of all fields of the inner form.
func (f *FormField[F]) Errors() []string {
	var all []string
	for field := range f.parts() {
		all = append(all, field.Errors()...)
	}
	return append(all, f.errors...)
}

func (f *FormField[F]) errorTree() any {
	tree := f.innerForm().Errors()
	if len(f.errors) > 0 {
		tree[""] = f.Errors()
	}
	return tree
}
