package catalog_test

import (
	"fmt"
	"os"

	"github.com/decant-go/decant/jinja/catalog"
)

func ExampleLoad() {
	translations, err := catalog.Load(os.DirFS("testdata/translations"), "messages")
	if err != nil {
		fmt.Println(err)
		return
	}
	language := translations.Match("de-AT,de;q=0.9,en;q=0.5", "en")
	c := translations.Catalog(language)
	fmt.Println(language)
	fmt.Println(c.Gettext("Log in"))
	fmt.Println(c.NGettext("%(num)s file", "%(num)s files", 3))
	// Output:
	// de
	// Anmelden
	// %(num)s Dateien
}
