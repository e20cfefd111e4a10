package cli

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/decant-go/decant"
)

// Result is what a command has done in a test. It mirrors click.testing.Result.
type Result struct {
	// Output is what it wrote to Out, and Errors what it wrote to Err.
	Output, Errors string
	// ExitCode is what the program would have ended with.
	ExitCode int
	// Err is the error of the command, or nil.
	Err error
}

// Invoke runs a command line of an application in a test:
//
//	result := cli.Invoke(app, commands, "user", "create", "ann")
//
// The application is used as it is: no .env is read, and debug mode stays what it is.
// A panic of the command goes on. It mirrors app.test_cli_runner().invoke.
func Invoke(app *decant.App, commands []Command, args ...string) Result {
	return Runner{App: app, Commands: commands}.Invoke(args...)
}

// Runner is [Invoke] with more settings. It mirrors FlaskCliRunner.
type Runner struct {
	App      *decant.App
	Commands []Command
	// NewApp makes the application, where App is nil.
	NewApp func() (*decant.App, error)
	// Input is what the command reads from In.
	Input string
	// Context ends the command. Nil means that nothing does.
	Context context.Context
}

// Invoke runs a command line.
func (r Runner) Invoke(args ...string) Result {
	newApp := r.NewApp
	if r.App != nil {
		newApp = func() (*decant.App, error) { return r.App, nil }
	}
	ctx := r.Context
	if ctx == nil {
		ctx = context.Background()
	}
	var out, err bytes.Buffer
	p := &program{
		name: "app", newApp: newApp, commands: r.Commands,
		in: io.Reader(strings.NewReader(r.Input)), out: &out, err: &err, isTest: true,
	}
	code, failure := p.try(ctx, args)
	return Result{Output: out.String(), Errors: err.String(), ExitCode: code, Err: failure}
}
