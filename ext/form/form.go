// Package form has the forms of WTForms and Flask-WTF: declared once, bound to
// a request, validated, and printed by the templates that an application has
// already.
//
//	type LoginForm struct {
//		form.Form
//		Username form.String
//		Password form.Password
//		Remember form.Boolean `form:"remember_me"`
//		Submit   form.Submit
//	}
//
//	func newLoginForm() LoginForm {
//		return LoginForm{
//			Username: form.String{Label: "Username", Validators: form.Validators{form.DataRequired()}},
//			Password: form.Password{Label: "Password", Validators: form.Validators{form.DataRequired()}},
//			Remember: form.Boolean{Label: "Remember Me"},
//			Submit:   form.Submit{Label: "Sign In"},
//		}
//	}
//
//	func login(c *decant.Context) (any, error) {
//		f := newLoginForm()
//		if err := form.Bind(c, &f); err != nil {
//			return nil, err
//		}
//		if f.ValidateOnSubmit(c) {
//			… f.Username.Data() …
//		}
//		return c.Render("login.html", decant.H{"form": &f})
//	}
//
// # Names
//
// The name of a field in HTML is its Go name in snake case, or its tag form. A
// type is named like its class in WTForms without the word Field. Validators
// are functions with the names of WTForms' classes; [ValidEmail] and [ValidURL]
// are called so because Email and URL are fields.
//
// # Own validators
//
// A method of the form that is called Validate and then the name of a field is
// a validator of that field:
//
//	func (f *RegistrationForm) ValidateUsername() error {
//		if taken(f.Username.Data()) {
//			return form.Invalid("Please use a different username.")
//		}
//		return nil
//	}
//
// A [ValidatorFunc] is one that several forms share. An error that [Invalid] or
// [Stop] made is a message for the user; any other one is a failure of the
// program and ends the request.
//
// # HTML
//
// Elements are printed as WTForms 3.2 prints them, to the byte, and messages
// have its English text. In templates of the package jinja a form says what it
// says in Flask: form.username(class="wide"), form.username.label,
// form.username.errors, form.hidden_tag(), form.errors, "for field in form".
//
// # What clients send
//
// Lists have at most 1000 entries unless they say otherwise, and numbers of more
// than 1000 characters are not decimal numbers. Integers have the size of an
// int. A form needs memory in proportion to what was sent and to its fields.
package form

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

// Form is what a struct embeds to be a form. Its methods are of use once the
// form is bound by [Bind]. It mirrors flask_wtf.FlaskForm.
type Form struct {
	state *state
	added []addedField
}

// addedField is a field that is in no struct.
type addedField struct {
	name  string
	field Field
}

// Struct is a pointer to a struct that embeds [Form].
type Struct interface{ base() *Form }

func (f *Form) base() *Form { return f }

// state is what a bound form knows.
type state struct {
	context      *decant.Context
	prefix       string
	fields       []Field
	translations Translations
	submitted    bool
	formErrors   []string
}

// Bind makes a form ready for a request: it names the fields, gives them the
// data of the object that [From] names or their defaults, and then what the
// client sent, if the method is POST, PUT, PATCH or DELETE. form is a pointer
// to a struct that embeds [Form]; do not copy the struct afterwards.
//
// The error is a mistake of the program: a field that hides a method of Form,
// a default of the wrong type, a method Validate… for which there is no field.
// A body that cannot be read ends the request as [decant.Request.Form] does.
// It mirrors form = LoginForm(obj=user).
func Bind(c *decant.Context, form Struct, options ...Option) error {
	s := &state{context: c}
	settings := bindSettings{csrf: true}
	for _, option := range options {
		option.apply(&settings)
	}
	if err := settings.object.check(); err != nil {
		return err
	}
	s.prefix, s.translations = withSeparator(settings.prefix), settings.translations
	s.submitted = isSubmitted(c)
	if err := s.attachAll(form); err != nil {
		return err
	}
	if settings.csrf {
		if err := s.protect(); err != nil {
			return err
		}
	}
	sent := settings.sent
	if !settings.hasSource && s.submitted {
		sent = sentBy(c)
	}
	return s.process(sent, settings.object)
}

// withSeparator appends a hyphen to a prefix that has no separator yet.
func withSeparator(prefix string) string {
	if prefix == "" || strings.ContainsRune("-_;:/.", rune(prefix[len(prefix)-1])) {
		return prefix
	}
	return prefix + "-"
}

func isSubmitted(c *decant.Context) bool {
	if c == nil {
		return false
	}
	switch c.Request.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	return false
}

// sentBy collects what the client sent: the fields and files of a form, or the
// members of a JSON object.
func sentBy(c *decant.Context) *submitted {
	var files []*decant.File
	for _, file := range c.Request.Files.All() {
		files = append(files, file)
	}
	sent := newSubmitted(c.Request.Form, files)
	if sent == nil && c.Request.IsJSON() {
		return sentAsJSON(c)
	}
	return sent
}

// attachAll gives the fields of the struct to the form.
func (s *state) attachAll(form Struct) error {
	plan, err := planOf(form)
	if err != nil {
		return err
	}
	base := form.base()
	base.state = s
	s.fields = make([]Field, 0, len(plan.fields)+len(base.added)+1)
	if err := plan.each(form, s.add); err != nil {
		return err
	}
	for _, added := range base.added {
		if err := s.add(added.name, added.field, nil); err != nil {
			return err
		}
	}
	return nil
}

// add appends a field.
func (s *state) add(name string, field Field, inline func(Field) error) error {
	if err := field.attach(place{form: s, field: field, prefix: s.prefix, name: name}); err != nil {
		return err
	}
	field.control().inline = inline
	s.fields = append(s.fields, field)
	return nil
}

// Add appends a field that is not in the struct, for forms whose fields are
// known at run time only: the questions of a survey. Call it before [Bind]. A
// name that the form has already makes two fields of that name. It mirrors
// setattr(MyForm, name, field).
func (f *Form) Add(name string, field Field) {
	f.added = append(f.added, addedField{name, field})
}

// process gives the fields their data.
func (s *state) process(sent *submitted, object objectSource) error {
	for _, field := range s.fields {
		value, has := object.lookup(field.ShortName())
		if err := field.process(sent, value, has); err != nil {
			return err
		}
	}
	return nil
}

// ValidateOnSubmit validates a form that was sent, and reports whether it was
// sent and is valid. An error that a validator returned and that is no message
// for the user, such as one of the database, ends the request as if it were
// raised there: error handlers see it, and otherwise it is a 500. It mirrors
// form.validate_on_submit().
func (f Form) ValidateOnSubmit(c *decant.Context) bool {
	f.mustBeBound("ValidateOnSubmit")
	if !isSubmitted(c) {
		return false
	}
	ok, err := f.Validate()
	if err != nil {
		panic(err)
	}
	return ok
}

// Validate runs the validators of all fields, whatever the method of the
// request, and reports whether there were no errors. The error is one that a
// validator returned and that is no message for the user. It mirrors
// form.validate().
func (f Form) Validate() (bool, error) {
	f.mustBeBound("Validate")
	valid := true
	for _, field := range f.state.fields {
		ok, err := field.validate()
		if err != nil {
			return false, err
		}
		valid = valid && ok
	}
	return valid, nil
}

func (f Form) mustBeBound(method string) {
	if f.state == nil {
		panic(fmt.Sprintf("form: %s was called on a form that was not bound; call form.Bind(c, &f) first", method))
	}
}

// IsSubmitted reports whether the request's method is POST, PUT, PATCH or
// DELETE: form.is_submitted().
func (f Form) IsSubmitted() bool { return f.state != nil && f.state.submitted }

// Context is the context of the request that the form was bound for. It is nil
// for a form that was bound without one.
func (f Form) Context() *decant.Context {
	if f.state == nil {
		return nil
	}
	return f.state.context
}

// Fields yields the fields in the order of the struct, and the one of the CSRF
// token last. It mirrors "for field in form".
func (f Form) Fields() iter.Seq[Field] {
	if f.state == nil {
		return func(func(Field) bool) {}
	}
	return slices.Values(f.state.fields)
}

// Field returns the field of a name in the form, such as "username", or nil:
// form["username"].
func (f Form) Field(name string) Field {
	for field := range f.Fields() {
		if field.ShortName() == name {
			return field
		}
	}
	return nil
}

// Data is the data of all fields by their names: form.data. The data of a
// [FormField] is such a map itself, and the data of a [FieldList] a slice.
func (f Form) Data() decant.H {
	data := decant.H{}
	for field := range f.Fields() {
		data[field.ShortName()] = field.dataTree()
	}
	return data
}

// Errors are the messages of the fields that have some, by their names: a
// []string for each, a map as this one for a [FormField], a []any for a
// [FieldList]. Messages that [Form.AddError] added have the name "". It mirrors
// form.errors.
func (f Form) Errors() decant.H {
	errors := decant.H{}
	for name, tree := range f.eachError {
		errors[name] = tree
	}
	return errors
}

// eachError yields what Errors collects, in the order of the fields.
func (f Form) eachError(yield func(name string, errors any) bool) {
	for field := range f.Fields() {
		tree := field.errorTree()
		if hasErrors(tree) && !yield(field.ShortName(), tree) {
			return
		}
	}
	if f.state != nil && len(f.state.formErrors) > 0 {
		yield("", slices.Clone(f.state.formErrors))
	}
}

func hasErrors(tree any) bool {
	switch tree := tree.(type) {
	case []string:
		return len(tree) > 0
	case []any:
		return len(tree) > 0
	case decant.H:
		return len(tree) > 0
	}
	return false
}

// AddError adds a message that belongs to no field: form.form_errors.append.
func (f Form) AddError(message string) {
	f.mustBeBound("AddError")
	f.state.formErrors = append(f.state.formErrors, message)
}

// FormErrors are the messages that [Form.AddError] added: form.form_errors.
func (f Form) FormErrors() []string {
	if f.state == nil {
		return nil
	}
	return slices.Clone(f.state.formErrors)
}

// HiddenTag returns the hidden fields, the one of the CSRF token among them.
// With names it returns those of the named fields that are hidden. It mirrors
// form.hidden_tag().
func (f Form) HiddenTag(names ...string) decant.Markup {
	var page []byte
	for field := range f.Fields() {
		if !isHidden(field) || len(names) > 0 && !slices.Contains(names, field.ShortName()) {
			continue
		}
		if page != nil {
			page = append(page, '\n')
		}
		page = append(page, field.Render()...)
	}
	return decant.Markup(page)
}

// isHidden tells whether the field's widget is a hidden input.
func isHidden(field Field) bool {
	input, ok := field.control().widget.(InputWidget)
	return ok && input.Type == "hidden"
}
