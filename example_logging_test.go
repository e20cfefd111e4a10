package decant_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"time"

	"github.com/decant-go/decant"
)

func ExampleContext_Logger() {
	app := decant.New("shop")
	app.Logger = slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	app.Config.TrustRequestID = true // a proxy in front sets X-Request-Id
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Logger().Info("logged in", "user", "ann")
		return "Welcome", nil
	}, decant.Endpoint("login"))

	request := httptest.NewRequest("GET", "/login", nil)
	request.Header.Set("X-Request-Id", "f3b8")
	send(app, request)
	// Output: level=INFO msg="logged in" request_id=f3b8 method=GET path=/login user=ann
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// The line is written once the request is answered.
func ExampleAccessLog() {
	app := decant.New("shop")
	app.Use(decant.AccessLog(slog.New(slog.NewTextHandler(os.Stdout, nil))))
}

// A stream of events ends when the server is told to stop.
func ExampleContext_Stopping() {
	clock := func(c *decant.Context) (any, error) {
		ticks := time.Tick(time.Second)
		return func(yield func(string) bool) {
			for {
				select {
				case <-c.Stopping():
					return
				case now := <-ticks:
					if !yield(fmt.Sprintf("data: %s\n\n", now.Format(time.TimeOnly))) {
						return
					}
				}
			}
		}, nil
	}
	decant.New("clock").Get("/clock", clock, decant.Endpoint("clock"))
}
