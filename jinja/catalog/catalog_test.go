package catalog_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/jinja/catalog"
)

func load(t *testing.T) *catalog.Translations {
	t.Helper()
	translations, err := catalog.Load(os.DirFS("testdata/translations"), "messages")
	if err != nil {
		t.Fatal(err)
	}
	return translations
}

func TestTranslations(t *testing.T) {
	translations := load(t)
	pl, de := translations.Catalog("pl"), translations.Catalog("de")
	var none *catalog.Catalog
	for _, test := range []struct{ name, got, want string }{
		{"message", pl.Gettext("Log in"), "Zaloguj się"},
		{"message with a placeholder", de.Gettext("Hello %(name)s!"), "Hallo %(name)s!"},
		{"unknown message", pl.Gettext("Log out"), "Log out"},
		{"a message with forms gives the form for one", pl.Gettext("%(num)s file"), "%(num)s plik"},
		{"form for one", pl.NGettext("%(num)s file", "%(num)s files", 1), "%(num)s plik"},
		{"form for few", pl.NGettext("%(num)s file", "%(num)s files", 22), "%(num)s pliki"},
		{"form for many", pl.NGettext("%(num)s file", "%(num)s files", 12), "%(num)s plików"},
		{"unknown message, one", pl.NGettext("day", "days", 1), "day"},
		{"unknown message, none", pl.NGettext("day", "days", 0), "days"},
		{"context", pl.PGettext("month", "May"), "maj"},
		{"without the context", pl.Gettext("May"), "May"},
		{"another context", pl.PGettext("verb", "May"), "May"},
		{"context and form", pl.NPGettext("mail", "%(num)s draft", "%(num)s drafts", 3), "%(num)s szkice"},
		{"unknown context and form", pl.NPGettext("x", "%(num)s draft", "%(num)s drafts", 3), "%(num)s drafts"},
		{"header", de.Header("plural-forms"), "nplurals=2; plural=(n != 1);"},
		{"no header", de.Header("X-Nothing"), ""},
		{"no catalog", none.Gettext("Log in"), "Log in"},
		{"no catalog, forms", none.NGettext("day", "days", 2), "days"},
		{"no catalog, context", none.PGettext("month", "May"), "May"},
		{"no catalog, header", none.Header("Language"), ""},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
	if got := []int{pl.Len(), de.Len(), none.Len()}; !cmp.Equal(got, []int{4, 3, 0}) {
		t.Errorf("numbers of messages: %v", got)
	}
}

func TestLanguages(t *testing.T) {
	translations := load(t)
	if diff := cmp.Diff([]string{"de", "pl", "pt_BR"}, translations.Languages()); diff != "" {
		t.Error(diff)
	}
	for language, want := range map[string]string{
		"de": "Anmelden", "de_AT": "Anmelden", "DE-at": "Anmelden", "pt-br": "Entrar", "pt": "Log in", "fr": "Log in", "": "Log in",
	} {
		if got := translations.Catalog(language).Gettext("Log in"); got != want {
			t.Errorf("the catalog for %q says %q, want %q", language, got, want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	if _, err := catalog.Load(os.DirFS("testdata/absent"), "messages"); err == nil {
		t.Error("a folder that is not there is no error")
	}
	translations, err := catalog.Load(os.DirFS("testdata/translations"), "absent")
	if err != nil || len(translations.Languages()) != 0 {
		t.Errorf("an absent domain: %v, %v; want no languages and no error", translations, err)
	}
}
