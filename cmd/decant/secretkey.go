package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

func newSecretKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "secret-key",
		Short: "Make a secret key",
		Long:  "Prints 32 random bytes in hexadecimal, for Config.SecretKey or the environment variable SECRET_KEY.",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(command.OutOrStdout(), decant.NewSecretKey())
			return err
		},
	}
}
