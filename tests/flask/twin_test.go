package flask

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/decant-go/decant"
)

// newTwin is flask_app.py in Go, view for view: each flask_*.py file has its
// twin_*_test.go. The folder holds the files to serve.
func newTwin(folder string) *decant.App {
	app := decant.New("twin", decant.RootPath(folder))
	app.Config.SecretKey = secretKey
	app.Config.MaxFormParts = 20
	app.Logger = slog.New(slog.DiscardHandler) // /crash is meant to crash
	addHooks(app)
	for _, add := range []func(*decant.App){
		addAnswers,
		addErrors,
		addRoutes,
		addRequests,
		addJSON,
		addSessions,
		addConditional,
		addFiles,
		addBlueprints,
	} {
		add(app)
	}
	return app
}

// get registers a view under the name that it has in Python.
func get(on decant.Scaffold, rule, endpoint string, view decant.View, options ...decant.RouteOption) {
	on.Get(rule, view, append(options, decant.Endpoint(endpoint))...)
}

func post(on decant.Scaffold, rule, endpoint string, view decant.View) {
	on.Post(rule, view, decant.Endpoint(endpoint))
}

func getAndPost(on decant.Scaffold, rule, endpoint string, view decant.View) {
	on.Route(rule, view, decant.Endpoint(endpoint), decant.Methods("GET", "POST"))
}

// always is a view with one answer.
func always(answer any) decant.View {
	return func(*decant.Context) (any, error) { return answer, nil }
}

// makes is a view that changes the response which is made of an answer.
func makes(answer any, change func(*decant.Response)) decant.View {
	return func(c *decant.Context) (any, error) {
		response := c.MakeResponse(answer)
		change(response)
		return response, nil
	}
}

// httpError is the error with a status that an error stands for.
func httpError(err error) (found *decant.HTTPError) {
	if !errors.As(err, &found) {
		return decant.NewHTTPError(http.StatusInternalServerError)
	}
	return found
}

// textOrNil is Python's get: None for what is not there.
func textOrNil(value string, there bool) any {
	if !there {
		return nil
	}
	return value
}

// or is the first value unless it is nil.
func or(value any, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return value
}
