package health_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/health"
)

// The program is not ready as long as a check fails. With a database, the check is
// db.PingContext.
func Example() {
	app := decant.New("shop")
	app.Use(health.Probes(
		health.Check("database", func(context.Context) error { return nil }),
		health.Check("warehouse", func(context.Context) error { return errors.New("no route to the warehouse") }),
	))

	for _, path := range []string{"/livez", "/readyz"} {
		answer := httptest.NewRecorder()
		app.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		fmt.Print(answer.Code, " ", answer.Body)
	}
	// Output:
	// 200 ok
	// 503 not ready
	// database: ok
	// warehouse: failed
}
