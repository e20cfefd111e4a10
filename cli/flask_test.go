package cli_test

import (
	"fmt"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

// The tests in this file are those of Flask's runner of command lines, told in Go.

func hello(greeting string) cli.Command {
	return cli.Command{Name: "hello", Run: func(c *cli.Context) error {
		_, err := fmt.Fprintln(c.Out, greeting)
		return err
	}}
}

func TestCLIRunnerClass(t *testing.T) {
	t.Parallel()
	runner := cli.Runner{App: decant.New("flask_test"), Commands: []cli.Command{hello("Hello, World!")}}
	other := runner
	other.Commands = []cli.Command{hello("Hello from another runner!")}
	mustBe(t, "a runner", runner.Invoke("hello").Output, "Hello, World!\n")
	mustBe(t, "another runner", other.Invoke("hello").Output, "Hello from another runner!\n")
}

func TestCLIInvoke(t *testing.T) {
	t.Parallel()
	result := cli.Invoke(decant.New("flask_test"), []cli.Command{hello("Hello, World!")}, "hello")
	mustBe(t, "the output", result.Output, "Hello, World!\n")
}

func TestCLICustomObj(t *testing.T) {
	t.Parallel()
	called := 0
	runner := cli.Runner{
		Commands: []cli.Command{hello("Hello, World!")},
		NewApp: func() (*decant.App, error) {
			called++
			return decant.New("flask_test"), nil
		},
	}
	runner.Invoke("hello")
	mustBe(t, "how often the application was made", called, 1)
}
