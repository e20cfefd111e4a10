package form_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/ext/form"
)

// attributer is jinja's interface of the same meaning.
type attributer interface {
	JinjaAttr(name string) (any, bool)
}

type htmler interface{ JinjaHTML() string }

type stringer interface{ JinjaString() string }

// look follows a path of attributes, as a template does with dots, and returns
// the text that the template would print.
func look(t *testing.T, object any, path ...string) string {
	t.Helper()
	for _, name := range path {
		next, ok := object.(attributer).JinjaAttr(name)
		if !ok {
			return "undefined"
		}
		object = next
	}
	switch object := object.(type) {
	case htmler:
		return object.JinjaHTML()
	case stringer:
		return object.JinjaString()
	}
	return fmt.Sprint(object)
}

// TestTemplates asks what templates ask of forms.
func TestTemplates(t *testing.T) {
	t.Parallel()
	f := newProfile()
	f.Name.Validators = form.Validators{form.DataRequired()}
	f.Name.Description = "Who are you?"
	bind(t, nil, &f, form.FormData(pairs{
		{"name", " "}, {"born", "2001-02-03"}, {"colors", "red"}, {"home-zip", "x"}, {"links-0", "abcd"}}))
	if _, err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		`<input id="name" name="name" required type="text" value=" ">`: {"name"},
		`<label for="name">Name</label>`:                               {"name", "label"},
		"Name":                                                         {"name", "label", "text"},
		"[This field is required.]":                                    {"name", "errors"},
		"Who are you?":                                                 {"name", "description"},
		"true":                                                         {"name", "flags", "required"},
		"<nil>":                                                        {"name", "flags", "hidden"},
		"text":                                                         {"name", "widget", "input_type"},
		"StringField":                                                  {"name", "type"},
		"2001-02-03":                                                   {"born", "data"},
		"2001":                                                         {"born", "data", "year"},
		"[red]":                                                        {"colors", "data"},
		"[[red red] [green green]]":                                    {"colors", "choices"},
		`<input id="home-zip" name="home-zip" type="number" value="x">`: {"home", "form", "zip"},
		"[Not a valid integer value.]":                                  {"home", "zip", "errors"},
		"undefined":                                                     {"csrf_token"},
	}
	for want, path := range tests {
		if got := look(t, f.Form, path...); got != want {
			t.Errorf("%v: got %s, want %s", path, got, want)
		}
	}
	var names []string
	for field := range f.JinjaIter() {
		names = append(names, field.(form.Field).ShortName())
	}
	if want := []string{"name", "born", "price", "admin", "colors", "home", "links", "addresses"}; !slices.Equal(want, names) {
		t.Errorf("the fields are %v, want %v", names, want)
	}
	wantErrors := "[[name [This field is required.]] " +
		"[home map[street:[This field is required.] zip:[Not a valid integer value.]]] [links [[Field cannot be longer than 3 characters.]]]]"
	errors, _ := f.JinjaAttr("errors")
	items, _ := errors.(attributer).JinjaAttr("items")
	if diff := cmp.Diff(wantErrors, fmt.Sprint(items.(func() []any)())); diff != "" {
		t.Error(diff)
	}
}

// TestChoicesInTemplates goes through the buttons of a field.
func TestChoicesInTemplates(t *testing.T) {
	t.Parallel()
	type survey struct {
		form.Form
		Size  form.Radio
		Extra form.SelectMultiple
	}
	f := survey{
		Size: form.Radio{Choices: form.Pairs("s", "Small", "l", "Large"), Default: "l"},
		Extra: form.SelectMultiple{
			Choices: form.Choices("a", "b"), Default: []string{"b"},
			Widget: form.ListWidget{LabelAfter: true}, OptionWidget: form.InputWidget{Type: "checkbox"},
		},
	}
	bind(t, nil, &f)
	var got []string
	for button := range f.Size.JinjaIter() {
		got = append(got, look(t, button)+look(t, button, "label")+look(t, button, "checked"))
	}
	want := []string{
		`<input id="size-0" name="size" type="radio" value="s"><label for="size-0">Small</label>false`,
		`<input checked id="size-1" name="size" type="radio" value="l"><label for="size-1">Large</label>true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	boxes := `<ul id="extra"><li><input id="extra-0" name="extra" type="checkbox" value="a"> <label for="extra-0">a</label></li>` +
		`<li><input checked id="extra-1" name="extra" type="checkbox" value="b"> <label for="extra-1">b</label></li></ul>`
	if diff := cmp.Diff(boxes, string(f.Extra.Render())); diff != "" {
		t.Error(diff)
	}
}
