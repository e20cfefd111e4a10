package form_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/decant-go/decant/ext/form"
)

// everything has a field of each kind.
type everything struct {
	form.Form
	String        form.String
	Text          form.TextArea
	Password      form.Password
	Hidden        form.Hidden
	Boolean       form.Boolean
	Integer       form.Integer
	Float         form.Float
	Decimal       form.Decimal
	Range         form.DecimalRange
	Select        form.Select
	Radio         form.Radio
	Multiple      form.SelectMultiple
	File          form.File
	Files         form.MultipleFile
	Day           form.Date
	Moment        form.DateTimeLocal
	Clock         form.Time
	Month         form.Month
	Week          form.Week
	Mail          form.Email
	Page          form.URL
	Home          form.FormField[address]
	Links         form.FieldList[form.String]
	Addresses     form.FieldList[form.FormField[address]]
	Grid          form.FieldList[form.FieldList[form.Integer]]
	SubmitPressed form.Submit `form:"submit"`
}

func newEverything() everything {
	choices := append(form.Choices("a", "b"), form.Choice{Value: "1", Label: "One", Group: "Numbers"})
	required := form.Validators{form.InputRequired()}
	return everything{
		String:    form.String{Validators: form.Validators{form.Length(1, 5), form.Regexp(usernames), form.EqualTo("hidden"), form.UUID(), form.MACAddress(), form.IPAddress()}},
		Integer:   form.Integer{Validators: form.Validators{form.NumberRange(1, 10)}},
		Float:     form.Float{Validators: form.Validators{form.NumberRange(nil, 1.5), form.AnyOf(form.Values(1.0, 2.0))}},
		Decimal:   form.Decimal{Validators: form.Validators{form.NumberRange(0, nil), form.DataRequired()}},
		Select:    form.Select{Choices: choices, Coerce: form.CoerceInt, Validators: form.Validators{form.Optional()}},
		Radio:     form.Radio{Choices: choices, Validators: required},
		Multiple:  form.SelectMultiple{Choices: choices, Validators: form.Validators{form.NoneOf(form.Values("b"))}},
		File:      form.File{Validators: form.Validators{form.FileRequired(), form.FileAllowed([]string{"png"}), form.FileSize(1, 10)}},
		Day:       form.Date{Formats: []string{"%d.%m.%Y", "%-j %y %B %p %I"}},
		Mail:      form.Email{Validators: form.Validators{form.ValidEmail()}},
		Page:      form.URL{Validators: form.Validators{form.ValidURL(), form.ReadOnly()}},
		Home:      form.FormField[address]{New: newAddress},
		Links:     form.FieldList[form.String]{MinEntries: 1},
		Addresses: form.FieldList[form.FormField[address]]{Entry: form.FormField[address]{New: newAddress}},
		Grid:      form.FieldList[form.FieldList[form.Integer]]{Entry: form.FieldList[form.Integer]{MaxEntries: 2}},
	}
}

// run binds, validates, prints and populates a form.
func run(t testing.TB, sent form.Source) (fields int) {
	f := newEverything()
	bind(t, nil, &f, form.FormData(sent))
	if _, err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	for field := range f.Fields() {
		fields++
		html := string(field.Render(form.Attributes{"class": "x"})) + string(field.LabelTag())
		if strings.Count(html, "<script") > 0 {
			t.Fatalf("%s prints what was sent as HTML: %s", field.HTMLName(), html)
		}
	}
	f.Errors()
	f.Data()
	var target struct {
		String, Text, Hidden, Select, Mail string
		Multiple                           []string
		Links                              []string
		Addresses                          []struct{ Street string }
	}
	if err := f.Populate(&target); err != nil {
		t.Fatal(err)
	}
	return fields + len(f.Links.Entries()) + len(f.Addresses.Entries()) + len(f.Grid.Entries())
}

// FuzzPost sends anything to a form with all kinds of fields.
func FuzzPost(f *testing.F) {
	f.Add("string=ab&integer=5&float=nan&decimal=1e9&select=1&radio=a&multiple=a&multiple=b&day=03.02.2026")
	f.Add("links-0=a&links-99999999999999999999=b&addresses-3-street=x&grid-0-1=5&grid-1-=7&grid--1=2&home-zip=1_0")
	f.Add("decimal=1E%2B999999999&range=-0.0000001E-999999999&float=1e999&integer=%D9%A1&week=2026-W53&month=2026-02")
	f.Add("mail=%C3%A4%40b%C3%BCcher.de&page=http%3A%2F%2Fb%C3%BCcher.de&string=%3Cscript%3E%22%27%26&moment=2026-02-03T10%3A30&clock=7%3A5")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		var sent pairs
		for name, all := range values {
			for _, value := range all {
				sent = append(sent, [2]string{name, value})
			}
		}
		run(t, sent)
	})
}

// TestManyValues sends as many values as fit into a body: the form must not
// become any number of fields, nor take more than linear time.
func TestManyValues(t *testing.T) {
	t.Parallel()
	var sent pairs
	for i := range 20000 {
		sent = append(sent,
			[2]string{fmt.Sprintf("links-%d", i), "x"},
			[2]string{fmt.Sprintf("addresses-%d-street", i), "x"},
			[2]string{fmt.Sprintf("grid-%d-%d", i, i), "5"},
			[2]string{"multiple", fmt.Sprint(i)})
	}
	f := newEverything()
	bind(t, nil, &f, form.FormData(sent))
	if _, err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	got := []int{len(f.Links.Entries()), len(f.Addresses.Entries()), len(f.Grid.Entries())}
	if fmt.Sprint(got) != "[1000 1000 1000]" {
		t.Errorf("the lists have %v entries, want 1000 each", got)
	}
}
