// Decant is the command that accompanies the development of an application:
//
//	decant new shop           make a new application
//	decant run ./cmd/shop     run it, and show each change in the browser
//	decant routes ./cmd/shop  list its rules
//	decant secret-key         make a secret key
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
	err := newCommand().ExecuteContext(ctx)
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit): // what ended so has said why
		os.Exit(exit.ExitCode())
	default:
		fmt.Fprintln(os.Stderr, "decant:", err)
		os.Exit(1)
	}
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
		newRunCommand(),
		newRoutesCommand(),
		newSecretKeyCommand(),
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
