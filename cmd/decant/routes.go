package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant/cmd/decant/internal/flaskapp"
)

func newRoutesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes [package] [--against app] [flags of the program's own command]",
		Short: "List the rules of an application, or compare them with Flask's",
		Long: `Builds a program that uses cli.Main and asks it for its rules. Flags such as
--sort and --all-methods are handed to the program.

With --against, the rules are compared with those of a Flask application, which is
named as for flask --app. Each difference is a line: "-" for a rule that only Flask
has, "+" for one that only Go has. If there is one, the command fails.`,
		Example:            "  decant routes ./cmd/shop --sort rule\n  decant routes ./cmd/shop --against shop",
		DisableFlagParsing: true,
		RunE: func(command *cobra.Command, args []string) error {
			if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
				return command.Help()
			}
			pkg := "."
			if len(args) > 0 && args[0][:min(1, len(args[0]))] != "-" {
				pkg, args = args[0], args[1:]
			}
			if flask, ok := against(args); ok {
				return compareRoutes(command.Context(), pkg, flask, command.OutOrStdout(), command.ErrOrStderr())
			}
			program := exec.CommandContext(command.Context(), "go", slices.Concat([]string{"run", pkg, "routes"}, args)...)
			program.Stdout, program.Stderr = command.OutOrStdout(), command.ErrOrStderr()
			if err := program.Run(); err != nil {
				return fmt.Errorf("%s does not list its rules; it has to call cli.Main: %w", pkg, err)
			}
			return nil
		},
	}
}

// against finds the Flask application that the flag --against names.
func against(args []string) (name string, ok bool) {
	for i, arg := range args {
		if name, ok := strings.CutPrefix(arg, "--against="); ok {
			return name, true
		}
		if arg == "--against" && i+1 < len(args) {
			return args[i+1], true
		}
	}
	return "", slices.Contains(args, "--against")
}

// compareRoutes writes how the rules of two applications differ, and fails if they do.
func compareRoutes(ctx context.Context, pkg, flask string, out, log io.Writer) error {
	text, err := askProgram(ctx, pkg, "routes", "--all-methods", "--sort", "match")
	if err != nil {
		return err
	}
	rows, err := flaskapp.ReadTable(text)
	if err != nil {
		return err
	}
	app, err := flaskapp.Inspect(ctx, flask, log)
	if err != nil {
		return err
	}
	differences := app.Compare(rows)
	if len(differences) == 0 {
		fmt.Fprintf(out, "Both applications have the same %d rules.\n", len(rows))
		return nil
	}
	fmt.Fprintf(out, "--- Flask: %s\n+++ Go: %s\n%s\n", app.Name, pkg, strings.Join(differences, "\n"))
	return errors.New("the rules differ")
}
