package main

import (
	"fmt"
	"os/exec"
	"slices"

	"github.com/spf13/cobra"
)

func newRoutesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes [package] [flags of the program's own command]",
		Short: "List the rules of an application",
		Long: `Builds a program that uses cli.Main and asks it for its rules. Flags such as
--sort and --all-methods are handed to the program.`,
		Example:            "  decant routes ./cmd/shop --sort rule",
		DisableFlagParsing: true,
		RunE: func(command *cobra.Command, args []string) error {
			if slices.Contains(args, "--help") || slices.Contains(args, "-h") {
				return command.Help()
			}
			pkg := "."
			if len(args) > 0 && args[0][:min(1, len(args[0]))] != "-" {
				pkg, args = args[0], args[1:]
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
