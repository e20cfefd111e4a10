package decant_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/decant-go/decant"
)

// Builtin keys are fields; the application's own have names.
func ExampleConfig() {
	app := decant.New("shop")
	app.Config.SecretKey = "a long random text that is kept secret"
	app.Config.PermanentSessionLifetime = 7 * 24 * time.Hour
	app.Config.Set("PAGE_SIZE", 20)

	fmt.Println(app.Config.Get("PAGE_SIZE"), app.Config.Get("PERMANENT_SESSION_LIFETIME"))
	// Output: 20 168h0m0s
}

// A factory takes settings, which tests make use of.
func ExampleConfig_FromMap() {
	makeApp := func(settings decant.H) (*decant.App, error) {
		app := decant.New("shop")
		return app, app.Config.FromMap(settings)
	}

	_, err := makeApp(decant.H{"TESTING": "yes", "SECRT_KEY": "dev"})
	fmt.Println(err)
	// Output:
	// decant: the configuration key SECRT_KEY is none of the builtin ones; if you mean SECRET_KEY, write that, and otherwise choose a name that cannot be taken for it
	// decant: the configuration key TESTING wants true or false, not string
}

func ExampleConfig_FromFile() {
	folder, err := os.MkdirTemp("", "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "config.json")
	os.WriteFile(name, []byte(`{"PERMANENT_SESSION_LIFETIME": 3600, "PAGE_SIZE": 20}`), 0o600)

	app := decant.New("shop")
	err = app.Config.FromFile(name, json.Unmarshal)
	fmt.Println(app.Config.PermanentSessionLifetime, app.Config.Get("PAGE_SIZE"), err)
	// Output: 1h0m0s 20 <nil>
}

func ExampleConfig_FromPrefixedEnv() {
	os.Setenv("BAKERY_SECRET_KEY", "12345")
	os.Setenv("BAKERY_PAGE_SIZE", "20")
	os.Setenv("BAKERY_DB__user", "ann")

	app := decant.New("bakery")
	err := app.Config.FromPrefixedEnv("BAKERY")
	fmt.Printf("%q %v %v %v\n", app.Config.SecretKey, app.Config.Get("PAGE_SIZE"), app.Config.Get("DB"), err)
	// Output: "12345" 20 map[user:ann] <nil>
}
