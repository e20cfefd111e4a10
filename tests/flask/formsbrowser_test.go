package flask

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/form"
)

// registrationApp shows the registration form and welcomes who has filled it.
// Its forms carry CSRF tokens.
func registrationApp() *decant.App {
	app := decant.New("registration")
	app.Config.SecretKey = secretKey
	app.Route("/register", func(c *decant.Context) (any, error) {
		f := wtforms["registration"]().(*registrationForm)
		if err := form.Bind(c, f); err != nil {
			return nil, err
		}
		if f.ValidateOnSubmit(c) {
			return decant.Escape("Welcome, " + f.Username.Data() + "!"), nil
		}
		var page strings.Builder
		page.WriteString(`<form method="post" novalidate>` + string(f.HiddenTag()))
		for field := range f.Fields() {
			if field.Type() == "CSRFTokenField" {
				continue
			}
			page.WriteString("<p>" + string(field.Render()))
			for _, message := range field.Errors() {
				page.WriteString(string(decant.Escape(message)))
			}
			page.WriteString("</p>")
		}
		page.WriteString("</form>")
		return page.String(), nil
	}, decant.Methods("GET", "POST"), decant.Endpoint("register"))
	return app
}

// TestBrowserRegisters fills the form wrongly, reads the messages, mends it and
// sends it again.
func TestBrowserRegisters(t *testing.T) {
	server := httptest.NewServer(registrationApp())
	t.Cleanup(server.Close)
	tab := browser(t)
	fill := func(name, value string) {
		t.Helper()
		must(t, chromedp.Do(tab, chromedp.SendKeys(`input[name="`+name+`"]`, value)))
	}

	must(t, chromedp.Do(tab, chromedp.Navigate(server.URL+"/register")))
	see(t, tab, page{Address: "/register"})
	fill("username", "ann")
	fill("email", "ann@localhost")
	fill("password", "correct")
	fill("password2", "horse")
	must(t, click(tab, `input[type="submit"]`))
	see(t, tab, page{Address: "/register", Text: strings.Join([]string{
		"Please use a different username.", "Invalid email address.",
		"Field must be equal to password.", "This field is required.",
	}, "\n\n")})

	must(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("[name=username],[name=email]").forEach(e => { e.value = "" })`)))
	fill("username", "bob")
	fill("email", "bob@example.org")
	fill("password", "correct")
	fill("password2", "correct")
	must(t, chromedp.Do(tab, chromedp.Click(`input[name="accept"]`)))
	must(t, click(tab, `input[type="submit"]`))
	see(t, tab, page{Address: "/register", Text: "Welcome, bob!"})
}
