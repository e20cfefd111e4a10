package form

import (
	"errors"

	"github.com/decant-go/decant/ext/csrf"
)

// tokenField is the hidden field of the CSRF token: CSRFTokenField. It always
// shows the token of this request, whatever was sent.
type tokenField struct {
	Bound[string]
	token string
}

var tokenKind = textKind("CSRFTokenField", InputWidget{Type: "hidden"})

// protect adds the field of the CSRF token, unless the application has
// switched it off.
func (s *state) protect() error {
	if s.context == nil || !csrf.Enabled(s.context) {
		return nil
	}
	name := csrf.FieldName(s.context)
	for _, field := range s.fields {
		if field.ShortName() == name {
			return errors.New("form: the field " + name + " has the name of the CSRF token's field; rename it, or set WTF_CSRF_FIELD_NAME")
		}
	}
	field := &tokenField{}
	if err := field.attach(place{form: s, field: field, prefix: s.prefix, name: name}); err != nil {
		return err
	}
	s.fields = append(s.fields, field)
	return nil
}

func (f *tokenField) attach(at place) error {
	return f.set(at, tokenKind, settings{label: "CSRF Token"}, nil, nil)
}

// display is the token, which is made when it is first shown.
func (f *tokenField) display() string {
	if f.token == "" {
		f.token = csrf.Token(f.form.context)
	}
	return f.token
}

func (f *tokenField) validate() (bool, error) { return f.Control.validate(f.check) }

func (f *tokenField) check() error {
	c := f.form.context
	if csrf.Valid(c) {
		return nil
	}
	err := csrf.Validate(c, f.data)
	var refused *csrf.Error
	if errors.As(err, &refused) {
		return Invalid(refused.Reason)
	}
	return err
}
