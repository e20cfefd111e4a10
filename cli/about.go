package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

// configCommand shows the settings. Secrets and the values of the application's own
// keys are hidden, as wherever a Config is printed.
func (p *program) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings, without secrets",
		Long: `Shows the settings with which the application would serve. Secret keys, and the
values of the application's own keys, are hidden.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			app, err := p.load()
			if err != nil {
				return &failure{err}
			}
			var rows [][]string
			for _, setting := range app.Config.LogValue().Group() {
				rows = append(rows, []string{setting.Key, setting.Value.String()})
			}
			writeTable(p.out, []string{"Key", "Value"}, rows)
			return nil
		},
	}
}

// facts are what the command facts prints.
type facts struct {
	Endpoints    []string          `json:"endpoints"` // that answer requests
	Settings     map[string]string `json:"settings"`
	Key          string            `json:"key"`
	FallbackKeys []string          `json:"fallback_keys"`
}

// factsCommand tells decant port what it compares with the Flask application. Keys
// are told by fingerprints, which are those of decant port.
func (p *program) factsCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "port-facts [key...]",
		Short:  "Tell decant port about the application",
		Hidden: true,
		RunE: func(_ *cobra.Command, keys []string) error {
			app, err := p.load()
			if err != nil {
				return &failure{err}
			}
			f := facts{Settings: map[string]string{}, Key: fingerprint(app.Config.SecretKey), FallbackKeys: []string{}}
			for _, route := range app.Routes() {
				if !route.BuildOnly {
					f.Endpoints = append(f.Endpoints, route.Endpoint)
				}
			}
			for _, key := range keys {
				if value, ok := app.Config.Lookup(key); ok && !strings.Contains(key, "SECRET") {
					f.Settings[key] = settingText(value)
				}
			}
			for _, key := range app.Config.SecretKeyFallbacks {
				f.FallbackKeys = append(f.FallbackKeys, fingerprint(key))
			}
			return json.NewEncoder(p.out).Encode(f)
		},
	}
}

// settingText writes a setting as decant port compares it.
func settingText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case []string:
		return strings.Join(slices.Sorted(slices.Values(value)), ", ")
	}
	return fmt.Sprint(value)
}

func fingerprint(key string) string {
	if key == "" {
		return ""
	}
	digest := sha256.Sum256([]byte("decant port" + key))
	return hex.EncodeToString(digest[:4])
}

func secretKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "secret-key",
		Short: "Make a secret key",
		Long:  "Prints 32 random bytes in hexadecimal, for Config.SecretKey or a variable in .env.",
		Args:  noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(command.OutOrStdout(), decant.NewSecretKey())
			return err
		},
	}
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the versions of the program, Decant and Go",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return p.showVersion() },
	}
}

func (p *program) showVersion() error {
	_, err := fmt.Fprint(p.out, p.version())
	return err
}

// version is what the go command has noted in the program.
func (p *program) version() string {
	program, framework := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			program = info.Main.Version
		}
		for _, module := range info.Deps {
			if module.Path == "github.com/decant-go/decant" {
				framework = module.Version
			}
		}
	}
	return fmt.Sprintf("%s %s\nDecant %s\nGo %s\n", p.name, program, framework, runtime.Version())
}
