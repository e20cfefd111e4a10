package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/decant-go/decant/cli/internal/dotenv"
)

// readFiles sets the variables of .decantenv, .env and --env-file that are not set
// yet. It mirrors load_dotenv.
func (p *program) readFiles(command *cobra.Command) error {
	values := map[string]string{}
	if !isOn(os.Getenv("DECANT_SKIP_DOTENV")) {
		for _, name := range []string{".decantenv", ".env"} {
			if path := findAbove(name); path != "" {
				if err := p.readFile(path, values); err != nil {
					return err
				}
			}
		}
	}
	path := command.Flags().Lookup("env-file").Value.String()
	if path == "" {
		path = os.Getenv("DECANT_ENV_FILE")
	}
	if path != "" {
		err := p.readFile(path, values)
		if errors.Is(err, fs.ErrNotExist) {
			return Usage("Invalid value for '--env-file': File '%s' does not exist.", path)
		}
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, isSet := os.LookupEnv(name); isSet {
			continue
		}
		if err := os.Setenv(name, values[name]); err != nil {
			return fmt.Errorf("the variable %q of the .env files cannot be set: %w", name, err)
		}
	}
	return nil
}

// readFile adds the variables of a file.
func (p *program) readFile(path string, values map[string]string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file := dotenv.Parse(string(content))
	for _, line := range file.Unreadable {
		fmt.Fprintf(p.err, "Warning: %s:%d: the line sets no variable; write NAME=value\n", path, line)
	}
	maps.Copy(values, file.Resolve(os.LookupEnv))
	return nil
}

// findAbove looks for a file in the working directory and the folders above it.
func findAbove(name string) string {
	folder, err := os.Getwd()
	for err == nil {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		if folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	return ""
}

// optionsFromEnvironment takes options that were not given from variables such as
// DECANT_RUN_PORT.
func optionsFromEnvironment(command *cobra.Command) (err error) {
	prefix := "DECANT"
	for _, word := range strings.Fields(command.CommandPath())[1:] {
		prefix += "_" + variable(word)
	}
	command.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		text, isSet := os.LookupEnv(prefix + "_" + variable(flag.Name))
		if err != nil || flag.Changed || !isSet || text == "" || flag.Name == "help" {
			return
		}
		if failure := command.Flags().Set(flag.Name, text); failure != nil {
			var invalid *pflag.InvalidValueError
			if errors.As(failure, &invalid) {
				failure = errors.New(misfit(flag, text, invalid.Unwrap()))
			}
			err = Usage("Invalid value for '--%s' (env var: '%s'): %v", flag.Name, prefix+"_"+variable(flag.Name), failure)
		}
	})
	return err
}

// variable is a name of a command or an option in that of a variable.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
