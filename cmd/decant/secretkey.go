package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"
)

func newSecretKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "secret-key",
		Short: "Make a secret key",
		Long:  "Prints 32 random bytes in hexadecimal, for Config.SecretKey or the environment variable SECRET_KEY.",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			key := make([]byte, 32)
			rand.Read(key)
			_, err := fmt.Fprintln(command.OutOrStdout(), hex.EncodeToString(key))
			return err
		},
	}
}
