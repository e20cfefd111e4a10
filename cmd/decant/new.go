package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

// skeleton is a new application. Files that end in ".tmpl" are templates of their
// contents; the others are copied.
//
//go:embed skeleton
var skeleton embed.FS

const framework = "github.com/decant-go/decant"

// application describes the application that is made.
type application struct {
	Name   string // of the program
	Module string
	Key    string // for sessions in debug mode
	folder string
}

func newNewCommand() *cobra.Command {
	var module, replace string
	command := &cobra.Command{
		Use:   "new name",
		Short: "Make a new application",
		Long: `Makes a folder with an application: views, templates, static files, tests, a
Dockerfile, a systemd unit and a Makefile. The folder must not exist or be empty.`,
		Example: "  decant new shop\n  decant new shop --module example.com/shop",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			app, err := newApplication(args[0], module)
			if err != nil {
				return err
			}
			if err := checkCheckout(replace); err != nil {
				return err
			}
			if err := app.write(); err != nil {
				return err
			}
			if err := app.require(command, replace); err != nil {
				return err
			}
			fmt.Fprintf(command.OutOrStdout(), "%s is ready:\n\n  cd %s\n  go test ./...\n  decant run\n", app.Name, args[0])
			return nil
		},
	}
	command.Flags().StringVar(&module, "module", "", "the path of the module (the name, unless given)")
	command.Flags().StringVar(&replace, "replace", "", "a checkout of Decant to use instead of a release")
	return command
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func newApplication(folder, module string) (*application, error) {
	name := filepath.Base(filepath.Clean(folder))
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("the name %q should be lower case letters, digits and hyphens, and begin with a letter, as in \"shop\"", name)
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("the folder %s is not empty; choose another name", folder)
	}
	if module == "" {
		module = name
	}
	return &application{Name: name, Module: module, Key: decant.NewSecretKey(), folder: folder}, nil
}

var frameworkModule = regexp.MustCompile(`(?m)^module[ \t]+"?` + regexp.QuoteMeta(framework) + `"?[ \t\r]*$`)

// checkCheckout looks whether a folder holds Decant, before anything is made.
func checkCheckout(folder string) error {
	if folder == "" {
		return nil
	}
	content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err == nil && frameworkModule.Match(content) {
		return nil
	}
	path, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s is no checkout of Decant; --replace takes the path of one, seen from the folder where you are", path)
}

// write fills the folder.
func (a *application) write() error {
	return fs.WalkDir(skeleton, "skeleton", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := skeleton.ReadFile(path)
		if err != nil {
			return err
		}
		name, isTemplate := strings.CutSuffix(strings.TrimPrefix(path, "skeleton/"), ".tmpl")
		if name == "app.service" {
			name = a.Name + ".service"
		}
		return a.writeFile(filepath.Join(a.folder, filepath.FromSlash(name)), string(content), isTemplate)
	})
}

func (a *application) writeFile(path, content string, isTemplate bool) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if isTemplate {
		var page *template.Template
		if page, err = template.New(path).Parse(content); err == nil {
			err = page.Execute(file, a)
		}
	} else {
		_, err = io.WriteString(file, content)
	}
	return errors.Join(err, file.Close())
}

// require adds Decant to the module: a release, or a checkout.
func (a *application) require(command *cobra.Command, replace string) error {
	steps := [][]string{{"get", framework + "@latest"}, {"mod", "tidy"}}
	if replace != "" {
		checkout, err := filepath.Abs(replace)
		if err != nil {
			return err
		}
		steps[0] = []string{"mod", "edit", "-require=" + framework + "@v0.0.0", "-replace=" + framework + "=" + checkout}
	}
	for _, step := range steps {
		program := exec.CommandContext(command.Context(), "go", step...)
		program.Dir = a.folder
		if output, err := program.CombinedOutput(); err != nil {
			advice := "mend that and run \"go mod tidy\""
			if replace == "" {
				advice += ", or delete the folder and use a checkout of Decant with --replace"
			}
			return fmt.Errorf("the application is in %s, but \"go %s\" failed there; %s:\n%s", a.folder, strings.Join(step, " "), advice, output)
		}
	}
	return nil
}
