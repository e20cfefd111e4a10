// Decant is the command that accompanies the development of an application:
//
//	decant new shop           make a new application
//	decant run ./cmd/shop     run it, and show each change in the browser
//	decant routes ./cmd/shop  list its rules
//	decant secret-key         make a secret key
//	decant port --app shop    prepare the move of a Flask application
//	decant shadow             compare the answers of an old and a new application
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	context.AfterFunc(ctx, release) // a second signal ends the program at once
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "decant:", err)
		os.Exit(exitCode(err))
	}
}

// exitCode is that of a program which was run and failed, or 1.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	return 1
}

// newCommand is the program with all its commands. The command that prints
// completions for a shell is cobra's own.
func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "decant",
		Short:         "Make, run and look at applications of Decant",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		newNewCommand(),
		newRunCommand(),
		newRoutesCommand(),
		newSecretKeyCommand(),
		newPortCommand(),
		newShadowCommand(),
	)
	return root
}

// version is that of the module, which the go command knows.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
