// Package runerror runs an application.
package runerror

import (
	"context"
	"log"
	"os"

	"github.com/decant-go/decant"
)

func drops(app *decant.App) {
	app.Run()                            // want `the error of app.Run is dropped: with the port in use the program ends without a word; write if err := app.Run\(…\); err != nil \{ log.Fatal\(err\) \}`
	app.Run(decant.Port(8000))           // want `the error of app.Run is dropped`
	go app.Run()                         // want `the error of app.Run is dropped`
	defer app.Run()                      // want `the error of app.Run is dropped`
	app.RunContext(context.Background()) // want `the error of app.RunContext is dropped`
}

func ends(app *decant.App) {
	logger := log.New(os.Stderr, "", 0)
	log.Fatal(app.Run())    // want `the program ends with the status 1 after a graceful stop, too, for which app.Run returns nil; write if err := app.Run`
	logger.Panic(app.Run()) // want `the program ends with the status 1`
}

func good(app *decant.App) error {
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
	_ = app.Run()
	log.Print(app.Run())
	return app.Run()
}
