package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant/cmd/decant/internal/flaskapp"
)

// port is the command that prepares the move of a Flask application.
type port struct {
	app, view, folder, program string
}

func newPortCommand() *cobra.Command {
	p := new(port)
	command := &cobra.Command{
		Use:   "port",
		Short: "Prepare the move of a Flask application",
		Long: `Imports a Flask application, in the Python of its virtual environment (or that of
DECANT_PYTHON), and writes two files:

  legacy.go   a function that names each URL of the Flask application, so that
              URLFor and url_for build them before the views have moved
  PORTING.md  what each view touches, an order in which to move them, and the
              settings that must agree

With --view it prints one view as a skeleton in Go instead: what has no translation
is a comment, and the view ends in a 501.`,
		Example: "  decant port --app shop\n  decant port --app shop --go ./cmd/shop\n  decant port --app shop --view auth.login > login.go",
		Args:    cobra.NoArgs,
		RunE:    func(command *cobra.Command, _ []string) error { return p.run(command) },
	}
	command.Flags().StringVar(&p.app, "app", os.Getenv("FLASK_APP"), "the Flask application, as for flask --app")
	command.Flags().StringVar(&p.view, "view", "", "the endpoint of a view to print as a skeleton")
	command.Flags().StringVar(&p.folder, "out", ".", "the folder of the files")
	command.Flags().StringVar(&p.program, "go", "", "the program in Go, which uses cli.Main, to compare its settings")
	return command
}

func (p *port) run(command *cobra.Command) error {
	app, err := flaskapp.Inspect(command.Context(), p.app, command.ErrOrStderr())
	if err != nil {
		return err
	}
	if p.view != "" {
		file, err := app.Skeleton(p.view, packageIn(p.folder))
		if err != nil {
			return err
		}
		_, err = command.OutOrStdout().Write(file)
		return err
	}
	legacy, err := app.LegacyFile(packageIn(p.folder))
	if err != nil {
		return err
	}
	var settings map[string]string
	if p.program != "" {
		if settings, err = settingsOf(command.Context(), p.program); err != nil {
			return err
		}
	}
	if err := p.write("legacy.go", legacy); err != nil {
		return err
	}
	if err := p.write("PORTING.md", []byte(app.Report(settings))); err != nil {
		return err
	}
	fmt.Fprintf(command.OutOrStdout(), "legacy.go names the URLs of %d rules, and PORTING.md says what they need.\nCall addLegacyRules(app) after your rules, and app.Fallback(decant.Legacy(\"http://127.0.0.1:8000\")).\n", len(app.Rules))
	return nil
}

// write replaces a file of an earlier run, and no file that somebody else wrote.
func (p *port) write(name string, content []byte) error {
	path := filepath.Join(p.folder, name)
	earlier, err := os.ReadFile(path)
	if err == nil && !bytes.Contains(earlier[:min(len(earlier), 400)], []byte("decant port")) {
		return fmt.Errorf("%s was not written by decant port; move it, or name another folder with --out", path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// packageIn is the package of the Go files in a folder, and main for a folder without
// Go files.
func packageIn(folder string) string {
	paths, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly); err == nil {
			return file.Name.Name
		}
	}
	return "main"
}

// settingsOf asks a program that uses cli.Main for its settings.
func settingsOf(ctx context.Context, program string) (map[string]string, error) {
	text, err := askProgram(ctx, program, "config")
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			settings[name] = strings.TrimSpace(value)
		}
	}
	return settings, nil
}

// askProgram runs a command of a program that uses cli.Main, and returns what it prints.
func askProgram(ctx context.Context, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", append([]string{"run", program}, arguments...)...)
	var failure strings.Builder
	command.Stderr = &failure
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s does not answer %q; it has to call cli.Main: %w\n%s", program, strings.Join(arguments, " "), err, failure.String())
	}
	return string(text), nil
}
