package form_test

import (
	"database/sql/driver"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/form"
)

type registration struct {
	form.Form
	Username form.String
	Email    form.Email
	Password form.Password
	Repeat   form.Password `form:"password2"`
	Submit   form.Submit

	taken map[string]bool
}

var usernames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]*$`)

func newRegistration() registration {
	return registration{
		Username: form.String{Label: "Username", Filters: []func(string) string{strings.TrimSpace}, Validators: form.Validators{
			form.DataRequired(), form.Length(1, 64), form.Regexp(usernames, "Letters only."),
		}},
		Email:    form.Email{Validators: form.Validators{form.DataRequired(), form.ValidEmail()}},
		Password: form.Password{Validators: form.Validators{form.DataRequired()}},
		Repeat:   form.Password{Label: "Repeat", Validators: form.Validators{form.EqualTo("password")}},
		taken:    map[string]bool{"ann": true},
	}
}

// ValidateUsername refuses names that are taken.
func (f *registration) ValidateUsername() error {
	if f.taken[f.Username.Data()] {
		return form.Invalid("Please use a different username.")
	}
	return nil
}

// ValidateEmail is given the field.
func (f *registration) ValidateEmail(field form.Field) error {
	switch field.Value() {
	case "down@example.org":
		return io.ErrUnexpectedEOF
	case "stop@example.org":
		return form.Stop("No.")
	}
	return nil
}

func bind(t testing.TB, c *decant.Context, f form.Struct, options ...form.Option) {
	t.Helper()
	if err := form.Bind(c, f, append(options, form.WithoutCSRF())...); err != nil {
		t.Fatal(err)
	}
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sent   string
		errors decant.H
		data   decant.H
	}{
		"good": {
			"username=+bob+&email=bob@example.org&password=x&password2=x&submit=Submit",
			decant.H{},
			decant.H{"username": "bob", "email": "bob@example.org", "password": "x", "password2": "x", "submit": true},
		},
		"bad": {
			"username=ann&email=ann@localhost&password=x&password2=y",
			decant.H{
				"username":  []string{"Please use a different username."},
				"email":     []string{"Invalid email address."},
				"password2": []string{"Field must be equal to password."},
			},
			decant.H{"username": "ann", "email": "ann@localhost", "password": "x", "password2": "y", "submit": false},
		},
		"stopped": {
			"username=9&email=stop@example.org&password=x&password2=x",
			decant.H{"username": []string{"Letters only."}, "email": []string{"No."}},
			decant.H{"username": "9", "email": "stop@example.org", "password": "x", "password2": "x", "submit": false},
		},
		"empty": {
			"",
			decant.H{"username": []string{"This field is required."}, "email": []string{"This field is required."}, "password": []string{"This field is required."}},
			decant.H{"username": nil, "email": nil, "password": nil, "password2": nil, "submit": false},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve(t, http.MethodPost, "application/x-www-form-urlencoded", test.sent, func(c *decant.Context) {
				f := newRegistration()
				bind(t, c, &f)
				if ok := f.ValidateOnSubmit(c); ok != (len(test.errors) == 0) {
					t.Errorf("valid is %t", ok)
				}
				if diff := cmp.Diff(test.errors, f.Errors()); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(test.data, f.Data()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestValidatorThatFails(t *testing.T) {
	t.Parallel()
	sent := "username=bob&email=down@example.org&password=x&password2=x"
	app := decant.New("test")
	app.Post("/", func(c *decant.Context) (any, error) {
		f := newRegistration()
		bind(t, c, &f)
		if _, err := f.Validate(); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "the field email") {
			t.Errorf("Validate: %v", err)
		}
		f.ValidateOnSubmit(c)
		return "not reached", nil
	}, decant.Endpoint("form"))
	decant.HandleError(app, func(c *decant.Context, err error) (any, error) {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the handler was given %v", err)
		}
		return "handled", nil
	})
	recorder := post(app, "/", sent)
	if recorder.Body.String() != "handled" {
		t.Errorf("answered %d %q", recorder.Code, recorder.Body)
	}
}

func TestGetValidatesNothing(t *testing.T) {
	t.Parallel()
	serve(t, http.MethodGet, "", "", func(c *decant.Context) {
		f := newRegistration()
		bind(t, c, &f, form.From(struct{ Username, Email string }{"eve", "eve@example.org"}))
		if f.ValidateOnSubmit(c) || f.IsSubmitted() || len(f.Errors()) > 0 {
			t.Error("a GET was validated")
		}
		if f.Username.Data() != "eve" {
			t.Errorf("the username is %q", f.Username.Data())
		}
		if _, ok := f.Password.Lookup(); ok {
			t.Error("the password is not None")
		}
	})
}

// TestMistakes has forms that Bind refuses.
func TestMistakes(t *testing.T) {
	t.Parallel()
	type hides struct {
		form.Form
		Data form.String
	}
	type reserved struct {
		form.Form
		Problem form.String `form:"errors"`
	}
	type twice struct {
		form.Form
		A form.String `form:"name"`
		B form.String `form:"name"`
	}
	type pointer struct {
		form.Form
		Name *form.String
	}
	type unexported struct {
		form.Form
		name form.String
	}
	type date struct {
		form.Form
		Day form.Date
	}
	type inner struct {
		form.Form
		Address form.FormField[struct{ Street string }]
	}
	type list struct {
		form.Form
		Links form.FieldList[string]
	}
	tests := map[string]struct {
		form    form.Struct
		options []form.Option
		want    string
	}{
		"hides a method":   {&hides{}, nil, "hides the method Data"},
		"reserved":         {&reserved{}, nil, `"errors"`},
		"twice":            {&twice{}, nil, "so has the field A"},
		"pointer":          {&pointer{}, nil, "declare it as the value form.String"},
		"unexported":       {&unexported{name: form.String{}}, nil, "is not exported"},
		"misspelt method":  {&misspelt{}, nil, "would validate the field Nmae"},
		"wrong method":     {&wrongMethod{}, nil, "func(form.Field) error"},
		"nil":              {(*hides)(nil), nil, "was given no form"},
		"format":           {&date{Day: form.Date{Formats: []string{"%Q"}}}, nil, `"%Q"`},
		"default":          {&date{Day: form.Date{Default: "today"}}, nil, "a string is no time.Time"},
		"object":           {&date{}, []form.Option{form.From(5)}, "was given a int"},
		"no inner form":    {&inner{}, nil, "no function New"},
		"no list of field": {&list{}, nil, "is no field"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := form.Bind(nil, test.form, test.options...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

type misspelt struct {
	form.Form
	Name form.String
}

func (f *misspelt) ValidateNmae() error { return nil }

type wrongMethod struct {
	form.Form
	Name form.String
}

func (f *wrongMethod) ValidateName(string) error { return nil }

type address struct {
	form.Form
	Street form.String
	Zip    form.Integer
}

func newAddress() address {
	return address{Street: form.String{Validators: form.Validators{form.DataRequired()}}}
}

type profile struct {
	form.Form
	Name      form.String
	Born      form.Date
	Price     form.Decimal
	Admin     form.Boolean
	Colors    form.SelectMultiple
	Home      form.FormField[address]
	Links     form.FieldList[form.String]
	Addresses form.FieldList[form.FormField[address]]
}

func newProfile() profile {
	return profile{
		Colors:    form.SelectMultiple{Choices: form.Choices("red", "green")},
		Home:      form.FormField[address]{New: newAddress},
		Links:     form.FieldList[form.String]{MinEntries: 1, MaxEntries: 3, Entry: form.String{Validators: form.Validators{form.Length(-1, 3)}}},
		Addresses: form.FieldList[form.FormField[address]]{Entry: form.FormField[address]{New: newAddress}},
	}
}

type user struct {
	Name      *string
	Born      time.Time
	Price     float64
	Admin     bool
	Colors    []string
	Home      place
	Links     []string
	Addresses []place
	Secret    string
}

type place struct {
	Street string
	Zip    uint16
}

func TestNestedForms(t *testing.T) {
	t.Parallel()
	sent := "name=Ann&born=2001-02-03&price=19.90&admin=y&colors=red&colors=green&home-street=High&home-zip=12" +
		"&links-5=b&links-0=a&links-7=c&links-9=d&links-x=e&addresses-0-street=&addresses-0-zip=1&addresses-3-street=Low&addresses-3-zip=70000"
	serve(t, http.MethodPost, "application/x-www-form-urlencoded", sent, func(c *decant.Context) {
		f := newProfile()
		bind(t, c, &f)
		if f.ValidateOnSubmit(c) {
			t.Error("an empty street was accepted")
		}
		want := decant.H{"addresses": []any{decant.H{"street": []string{"This field is required."}}, decant.H{}}}
		if diff := cmp.Diff(want, f.Errors()); diff != "" {
			t.Error(diff)
		}
		var names []string
		for _, link := range f.Links.Entries() {
			names = append(names, link.HTMLName()+"="+link.Data())
		}
		if diff := cmp.Diff([]string{"links-0=a", "links-5=b", "links-7=c"}, names); diff != "" {
			t.Error(diff)
		}
		if got := f.Addresses.Entries()[1].Inner().Street.HTMLName(); got != "addresses-3-street" {
			t.Errorf("the street of the second address is called %s", got)
		}
		target := user{Secret: "kept"}
		if err := f.Populate(&target); err == nil || !strings.Contains(err.Error(), "addresses-3-zip") {
			t.Errorf("Populate of a number that is too large: %v", err)
		}
		f.Addresses.Pop()
		if err := f.Populate(&target); err != nil {
			t.Fatal(err)
		}
		ann := "Ann"
		filled := user{&ann, time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC), 19.9, true, []string{"red", "green"},
			place{"High", 12}, []string{"a", "b", "c"}, []place{{"", 1}}, "kept"}
		if diff := cmp.Diff(filled, target); diff != "" {
			t.Error(diff)
		}
	})
}

// TestFromAndBack gives a form an object and writes it into another one.
func TestFromAndBack(t *testing.T) {
	t.Parallel()
	name := "Eve"
	before := user{&name, time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), 2.5, true, []string{"green"},
		place{"A", 1}, []string{"x", "y"}, []place{{"B", 2}, {"C", 3}}, ""}
	f := newProfile()
	bind(t, nil, &f, form.From(&before))
	var after user
	if err := f.Populate(&after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestCSRF(t *testing.T) {
	t.Parallel()
	serve(t, http.MethodPost, "application/x-www-form-urlencoded", "username=bob", func(c *decant.Context) {
		f := newRegistration()
		if err := form.Bind(c, &f, form.Prefix("r")); err != nil {
			t.Fatal(err)
		}
		if f.ValidateOnSubmit(c) {
			t.Error("a form without a token was accepted")
		}
		if diff := cmp.Diff([]string{"The CSRF token is missing."}, f.Field("csrf_token").Errors()); diff != "" {
			t.Error(diff)
		}
		want := `<input id="r-csrf_token" name="r-csrf_token" type="hidden" value="` + csrf.Token(c) + `">`
		if got := string(f.HiddenTag()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		good := newRegistration()
		err := form.Bind(c, &good, form.FormData(pairs{{"csrf_token", csrf.Token(c)}}))
		if err != nil {
			t.Fatal(err)
		}
		good.Validate()
		if problems := good.Field("csrf_token").Errors(); len(problems) > 0 {
			t.Errorf("a good token: %v", problems)
		}
	})
}

func TestEmailIsCheckedByItsForm(t *testing.T) {
	t.Parallel()
	for address, isValid := range map[string]bool{"ann@nobody-has-this-name.org": true, "ann@例え.example": true, "ann@nothing": false, "ann.example.org": false} {
		sent := "username=ann2&password=x&password2=x&email=" + url.QueryEscape(address)
		serve(t, http.MethodPost, "application/x-www-form-urlencoded", sent, func(c *decant.Context) {
			f := newRegistration()
			bind(t, c, &f)
			f.ValidateOnSubmit(c)
			if got := len(f.Email.Errors()) == 0; got != isValid {
				t.Errorf("%s: valid %t, want %t", address, got, isValid)
			}
		})
	}
}

func TestAFormInsideAFormHasNoToken(t *testing.T) {
	t.Parallel()
	serve(t, http.MethodGet, "", "", func(c *decant.Context) {
		f := newProfile()
		if err := form.Bind(c, &f); err != nil {
			t.Fatal(err)
		}
		if f.Field("csrf_token") == nil {
			t.Error("the form has no token")
		}
		if f.Home.Inner().Field("csrf_token") != nil {
			t.Error("the form inside has a token of its own")
		}
	})
}

func TestSeveralWrongChoices(t *testing.T) {
	t.Parallel()
	serve(t, http.MethodPost, "application/x-www-form-urlencoded", "colors=pink&colors=red&colors=blue&colors=amber", func(c *decant.Context) {
		f := newProfile()
		bind(t, c, &f)
		f.ValidateOnSubmit(c)
		if diff := cmp.Diff([]string{"'pink', 'blue', 'amber' are not valid choices for this field."}, f.Colors.Errors()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	sent := `{"name": "Ann", "admin": false, "colors": ["red"], "price": 5, "born": null, "home-zip": 7}`
	serve(t, http.MethodPost, "application/json", sent, func(c *decant.Context) {
		f := newProfile()
		bind(t, c, &f)
		got := []any{f.Name.Data(), f.Admin.Data(), f.Colors.Data(), f.Price.Data(), f.Born.Value(), f.Home.Inner().Zip.Data()}
		if diff := cmp.Diff([]any{"Ann", false, []string{"red"}, form.Number("5"), nil, 7}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNumbersOfJSON has the answers of Flask-WTF.
func TestNumbersOfJSON(t *testing.T) {
	t.Parallel()
	type numbers struct {
		form.Form
		Whole   form.Integer
		Price   form.Decimal
		Text    form.String
		Checked form.Boolean
	}
	for sent, want := range map[string][]any{
		`{"whole": 9007199254740993, "price": 12345678901234567890, "text": 10000000000000000, "checked": 1}`: {9007199254740993, form.Number("12345678901234567890"), "10000000000000000", true},
		`{"whole": 1.0, "price": 2.5, "text": 1.50, "checked": 0}`:                                            {1, form.Number("2.5"), "1.5", false},
		`{"whole": -0, "price": 1e3, "text": 1e400, "checked": [0.0, 1]}`:                                     {0, form.Number("1000"), "inf", false},
		`{"whole": "0", "price": "0", "text": "0", "checked": "0"}`:                                           {0, form.Number("0"), "0", true},
		`{"whole": 5, "checked": 1} trailing`:                                                                 {0, form.Number(""), "", false},
	} {
		serve(t, http.MethodPost, "application/json", sent, func(c *decant.Context) {
			var f numbers
			bind(t, c, &f)
			got := []any{f.Whole.Data(), f.Price.Data(), f.Text.Data(), f.Checked.Data()}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", sent, diff)
			}
		})
	}
}

// Python's Decimal strips the separators of ASCII, which Go does not take for blanks.
func TestParseNumberStripsAsPython(t *testing.T) {
	for text, want := range map[string]form.Number{
		"\x1c5": "5", "5\x1f": "5", "\u2003 1_0.50\u0085": "10.50", "\ufeff5": "", "\u200b5": "", "\x1c": "",
	} {
		if got, ok := form.ParseNumber(text); got != want || ok != (want != "") {
			t.Errorf("ParseNumber(%q) is %q, %v, want %q", text, got, ok, want)
		}
	}
}

// itself is a driver.Valuer that returns its own type, which is a mistake.
type itself string

func (i itself) Value() (driver.Value, error) { return i, nil }

func TestAValuerThatReturnsItself(t *testing.T) {
	t.Parallel()
	var f struct {
		form.Form
		Name form.String
	}
	bind(t, nil, &f, form.From(&struct{ Name itself }{"Ann"}))
	if f.Name.Data() != "Ann" {
		t.Errorf("the name is %q", f.Name.Data())
	}
}

// german translates two messages.
type german struct{}

func (german) Gettext(message string) string {
	if message == "This field is required." {
		return "Dieses Feld wird benötigt."
	}
	return message
}

func (german) NGettext(singular, plural string, n int) string {
	if n == 1 {
		return "Höchstens ein Zeichen."
	}
	return "Höchstens %(max)d Zeichen."
}

func TestTwoSpellingsOfAnAttribute(t *testing.T) {
	t.Parallel()
	f := newProfile()
	bind(t, nil, &f)
	for range 30 { // the order of a map is another one each time
		html := string(f.Name.Render(form.Attributes{"class_": "a", "class": "b", "data_x": 1, "data-x": 2}))
		if !strings.Contains(html, `class="a"`) || !strings.Contains(html, `data-x="1"`) {
			t.Fatal(html)
		}
	}
}

func TestTranslations(t *testing.T) {
	t.Parallel()
	f := newProfile()
	bind(t, nil, &f, form.Translate(german{}), form.FormData(pairs{{"links-0", "long"}}))
	if _, err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	want := decant.H{
		"home":  decant.H{"street": []string{"Dieses Feld wird benötigt."}},
		"links": []any{[]string{"Höchstens 3 Zeichen."}},
		"born":  []string(nil),
	}
	delete(want, "born")
	if diff := cmp.Diff(want, f.Errors()); diff != "" {
		t.Error(diff)
	}
}

func TestBlanksAreThoseOfPython(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"\x1c": false, " \x1d\x1e\x1f\t": false, "\u00a0": false, "\x1b": true, "\u200b": true} {
		f := &form.Form{}
		f.Add("f", &form.String{Validators: form.Validators{form.DataRequired()}})
		inRequest(t, "POST", &[][2]string{{"f", text}}, func(c *decant.Context) {
			if err := form.Bind(c, f, form.WithoutCSRF()); err != nil {
				t.Fatal(err)
			}
			if got := f.ValidateOnSubmit(c); got != want {
				t.Errorf("%q: valid is %t, want %t", text, got, want)
			}
		})
	}
}

func TestChoicesThatCannotBeCoercedChooseNothing(t *testing.T) {
	t.Parallel()
	f := &form.Form{}
	f.Add("f", &form.SelectMultiple{Choices: []form.Choice{{Value: "1", Label: "One"}}, Coerce: form.CoerceInt})
	inRequest(t, "GET", nil, func(c *decant.Context) {
		data := map[string]any{"f": []string{"a", "1"}}
		if err := form.Bind(c, f, form.WithoutCSRF(), form.From(data)); err != nil {
			t.Fatal(err)
		}
		field := f.Field("f")
		const want = `<select id="f" multiple name="f"><option value="1">One</option></select>`
		if got := string(field.Render()); got != want || field.Value() != nil {
			t.Errorf("got %s and %v", got, field.Value())
		}
	})
}
