package bench

import (
	"iter"
	"net/url"
	"strings"
	"testing"

	wtf "github.com/decant-go/decant/ext/form"
	playform "github.com/go-playground/form/v4"
	"github.com/go-playground/validator/v10"
)

// userForm is a form of ten fields, as in BenchmarkForm.
type userForm struct {
	wtf.Form
	Username   wtf.String
	Email      wtf.Email
	Password   wtf.Password
	FirstName  wtf.String
	LastName   wtf.String
	City       wtf.String
	Country    wtf.Select
	Age        wtf.Integer
	Newsletter wtf.Boolean
	Remember   wtf.Boolean
}

func newAccount() userForm {
	required := wtf.DataRequired()
	name := wtf.Validators{required, wtf.Length(1, 40)}
	return userForm{
		Username:  wtf.String{Validators: name},
		Email:     wtf.Email{Validators: wtf.Validators{required, wtf.ValidEmail()}},
		Password:  wtf.Password{Validators: wtf.Validators{required}},
		FirstName: wtf.String{Validators: name},
		LastName:  wtf.String{Validators: name},
		City:      wtf.String{Validators: name},
		Country:   wtf.Select{Choices: wtf.Choices("GB", "DE", "FR")},
		Age:       wtf.Integer{Validators: wtf.Validators{wtf.NumberRange(1, 120)}},
	}
}

// plainAccount is the same for go-playground's decoder and validator, which
// print nothing.
type plainAccount struct {
	Username   string `form:"username" validate:"required,min=1,max=40"`
	Email      string `form:"email" validate:"required,email"`
	Password   string `form:"password" validate:"required"`
	FirstName  string `form:"first_name" validate:"required,min=1,max=40"`
	LastName   string `form:"last_name" validate:"required,min=1,max=40"`
	City       string `form:"city" validate:"required,min=1,max=40"`
	Country    string `form:"country" validate:"oneof=GB DE FR"`
	Age        int    `form:"age" validate:"min=1,max=120"`
	Newsletter bool   `form:"newsletter"`
	Remember   bool   `form:"remember"`
}

// sentAccount is what a browser sends.
var sentAccount = url.Values{
	"username": {"ada"}, "email": {"ada@example.org"}, "password": {"correct horse"}, "first_name": {"Ada"}, "last_name": {"Lovelace"},
	"city": {"London"}, "country": {"GB"}, "age": {"36"}, "newsletter": {"true"}, "remember": {"true"},
}

// sentValues is a source of values in an order.
type sentValues struct{ url.Values }

func (s sentValues) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, values := range s.Values {
			if !yield(name, values[0]) {
				return
			}
		}
	}
}

// BenchmarkTenFields binds and validates a form of ten fields; decant's third
// part prints it, too.
func BenchmarkTenFields(b *testing.B) {
	b.Run("decant", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bindAccount(b)
		}
	})
	b.Run("decant-printed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := bindAccount(b)
			length := 0
			for field := range f.Fields() {
				length += len(field.LabelTag()) + len(field.Render())
			}
			if length < 1000 {
				b.Fatalf("printed %d bytes", length)
			}
		}
	})
	b.Run("playground", func(b *testing.B) {
		decoder, validate := playform.NewDecoder(), validator.New()
		b.ReportAllocs()
		for b.Loop() {
			var got plainAccount
			if err := decoder.Decode(&got, sentAccount); err != nil {
				b.Fatal(err)
			}
			if err := validate.Struct(got); err != nil || got.Age != 36 || !got.Remember || !strings.HasPrefix(got.City, "Lon") {
				b.Fatal(err, got)
			}
		}
	})
	b.Run("decant-decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got plainAccount
			if err := wtf.Decode(sentValues{sentAccount}, &got); err != nil || got.Age != 36 || !got.Remember {
				b.Fatal(err, got)
			}
		}
	})
}

func bindAccount(b *testing.B) *userForm {
	f := newAccount()
	if err := wtf.Bind(nil, &f, wtf.FormData(sentValues{sentAccount})); err != nil {
		b.Fatal(err)
	}
	if ok, err := f.Validate(); !ok || err != nil || f.Age.Data() != 36 || !f.Remember.Data() {
		b.Fatal(f.Errors(), err)
	}
	return &f
}
