package form_test

import (
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/form"
)

// LoginForm is declared once, like a FlaskForm.
type LoginForm struct {
	form.Form
	Username form.String
	Password form.Password
	Remember form.Boolean `form:"remember_me"`
	Submit   form.Submit
}

func newLoginForm() LoginForm {
	return LoginForm{
		Username: form.String{Label: "Username", Validators: form.Validators{form.DataRequired(), form.Length(1, 64)}},
		Password: form.Password{Label: "Password", Validators: form.Validators{form.DataRequired()}},
		Remember: form.Boolean{Label: "Remember Me"},
		Submit:   form.Submit{Label: "Sign In"},
	}
}

// ValidateUsername is run after the validators of the field Username.
func (f *LoginForm) ValidateUsername() error {
	if f.Username.Data() == "root" {
		return form.Invalid("Root stays at home.")
	}
	return nil
}

func Example() {
	app := decant.New("login")
	app.Route("/login", func(c *decant.Context) (any, error) {
		f := newLoginForm()
		if err := form.Bind(c, &f, form.WithoutCSRF()); err != nil {
			return nil, err
		}
		if f.ValidateOnSubmit(c) {
			return "Hello " + f.Username.Data(), nil
		}
		return fmt.Sprint(f.Username.Render(form.Attributes{"size": 32}), "\n", f.Username.Errors()), nil
	}, decant.Methods("GET", "POST"), decant.Endpoint("login"))

	page := httptest.NewRecorder()
	app.ServeHTTP(page, httptest.NewRequest("GET", "/login", nil))
	fmt.Println(page.Body)
	fmt.Println(post(app, "/login", "username=root&password=x").Body)
	fmt.Println(post(app, "/login", "username=ann&password=x").Body)
	// Output:
	// <input id="username" maxlength="64" minlength="1" name="username" required size="32" type="text" value="">
	// []
	// <input id="username" maxlength="64" minlength="1" name="username" required size="32" type="text" value="root">
	// [Root stays at home.]
	// Hello ann
}

func ExampleDecode() {
	var search struct {
		Query string   `form:"q,required"`
		Page  int      `form:"page" default:"1"`
		Tags  []string `form:"tag"`
	}
	err := form.Decode(pairs{{"q", "flask"}, {"tag", "go"}, {"tag", "web"}}, &search)
	fmt.Println(search.Query, search.Page, search.Tags, err)

	err = form.Decode(pairs{{"q", "flask"}, {"page", "two"}}, &search)
	var page *decant.HTTPError
	fmt.Println(errors.As(err, &page), page.Code, page.Description)
	// Output:
	// flask 1 [go web] <nil>
	// true 400 The field "page" must be a whole number.
}

func ExampleForm_Populate() {
	type Account struct {
		Username string
		Remember bool `form:"remember_me"`
	}
	f := newLoginForm()
	err := form.Bind(nil, &f, form.FormData(pairs{{"username", "ann"}, {"remember_me", "y"}}))
	if err != nil {
		panic(err)
	}
	var account Account
	err = f.Populate(&account)
	fmt.Printf("%+v %v\n", account, err)
	// Output: {Username:ann Remember:true} <nil>
}

func ExampleFrom() {
	f := newLoginForm()
	stored := map[string]any{"username": "ann", "remember_me": true}
	if err := form.Bind(nil, &f, form.From(stored)); err != nil {
		panic(err)
	}
	fmt.Println(f.Username.Render())
	fmt.Println(f.Remember.Render())
	// Output:
	// <input id="username" maxlength="64" minlength="1" name="username" required type="text" value="ann">
	// <input checked id="remember_me" name="remember_me" type="checkbox" value="y">
}

func ExampleFieldList() {
	type Links struct {
		form.Form
		Links form.FieldList[form.URL]
	}
	f := Links{Links: form.FieldList[form.URL]{
		MinEntries: 2,
		Entry:      form.URL{Validators: form.Validators{form.Optional(), form.ValidURL()}},
	}}
	err := form.Bind(nil, &f, form.FormData(pairs{{"links-0", "https://example.com"}, {"links-4", "nowhere"}}))
	if err != nil {
		panic(err)
	}
	ok, err := f.Validate()
	fmt.Println(ok, err)
	for _, link := range f.Links.Entries() {
		fmt.Println(link.HTMLName(), link.Data(), link.Errors())
	}
	// Output:
	// false <nil>
	// links-0 https://example.com []
	// links-4 nowhere [Invalid URL.]
}

func ExampleSelect() {
	type Post struct {
		form.Form
		Language form.Select
	}
	f := Post{Language: form.Select{Choices: form.Pairs("de", "German", "fr", "French"), Default: "fr"}}
	if err := form.Bind(nil, &f); err != nil {
		panic(err)
	}
	fmt.Println(f.Language.Render())
	// Output: <select id="language" name="language"><option value="de">German</option><option selected value="fr">French</option></select>
}
