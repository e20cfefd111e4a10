package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

With --go, the program in Go is built and asked, too: rules that it answers by now are
left out, and its settings are compared with Flask's. The program has to build, so
leave the old legacy.go where it is.

With --view it prints one view as a skeleton in Go instead: what has no translation
is a comment, and the view ends in a 501.`,
		Example: "  decant port --app shop\n  decant port --app shop --go ./cmd/shop\n  decant port --app shop --view auth.login > login.go",
		Args:    cobra.NoArgs,
		RunE:    func(command *cobra.Command, _ []string) error { return p.run(command) },
	}
	command.Flags().StringVar(&p.app, "app", os.Getenv("FLASK_APP"), "the Flask application, as for flask --app")
	command.Flags().StringVar(&p.view, "view", "", "the endpoint of a view to print as a skeleton")
	command.Flags().StringVar(&p.folder, "out", ".", "the folder of the files")
	command.Flags().StringVar(&p.program, "go", "", "the program in Go, which uses cli.Main, to leave out what has moved and compare its settings")
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
	var program *flaskapp.Program
	if p.program != "" {
		if program, err = programFacts(command.Context(), p.program, app); err != nil {
			return err
		}
	}
	legacy, err := app.LegacyFile(packageIn(p.folder), program)
	if err != nil {
		return err
	}
	if err := p.write("legacy.go", legacy); err != nil {
		return err
	}
	if err := p.write("PORTING.md", []byte(app.Report(program))); err != nil {
		return err
	}
	left := app.Left(program)
	fmt.Fprintf(command.OutOrStdout(), "legacy.go names the URLs of %d rules, and PORTING.md says what they need.\n", left)
	if moved := len(app.Rules) - left; moved > 0 {
		fmt.Fprintf(command.OutOrStdout(), "%d rules have moved and are left out.\n", moved)
		return nil
	}
	fmt.Fprintln(command.OutOrStdout(), "Call addLegacyRules(app) after your rules, and app.Fallback(decant.Legacy(\"http://127.0.0.1:8000\")).")
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

// programFacts asks a program that uses cli.Main for the settings that it shares with
// the Flask application, and for the endpoints that have moved.
func programFacts(ctx context.Context, program string, app *flaskapp.App) (*flaskapp.Program, error) {
	names := slices.Sorted(maps.Keys(app.Settings))
	text, err := askProgram(ctx, program, append([]string{"port-facts", "--"}, names...)...)
	if err != nil {
		return nil, err
	}
	facts := new(flaskapp.Program)
	if err := json.Unmarshal([]byte(text), facts); err != nil {
		return nil, fmt.Errorf("the answer of %s to decant port cannot be read: %w; the program has to print nothing itself, and to use a version of the module cli that is as new as decant", program, err)
	}
	return facts, nil
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
