// Package flaskapp reads a Flask application by importing it in Python, and writes
// what moving it to Go needs: rules that name its URLs, a report, and skeletons of
// views.
package flaskapp

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed inspect.py
var script string

// App describes a Flask application.
type App struct {
	Name          string
	Rules         []Rule
	Converters    map[string]Converter // that are not Werkzeug's own
	HostMatching  bool                 `json:"host_matching"`
	SubMatching   bool                 `json:"subdomain_matching"`
	Blueprints    map[string]string    // their prefixes
	Hooks         []Function
	ErrorHandlers []Function `json:"error_handlers"`
	Settings      map[string]string
	Defaults      map[string]string // of those that extensions read
	OwnSettings   []string          `json:"own_settings"`
	Key           string            // a fingerprint, "" for none
	FallbackKeys  []string          `json:"fallback_keys"`
	Filters       []string
	Tests         []string
	Globals       []string
	Extensions    []string
	Views         map[string]*View
}

// Rule is one rule of the url_map.
type Rule struct {
	Rule          string
	Endpoint      string
	Methods       []string // nil: those of a WebSocket
	Defaults      map[string]any
	Domain        string // the host, or the subdomain
	StrictSlashes bool   `json:"strict_slashes"`
	MergeSlashes  bool   `json:"merge_slashes"`
	BuildOnly     bool   `json:"build_only"`
	WebSocket     bool
}

// Converter is a converter of the application's own.
type Converter struct {
	Class   string
	Pattern string
	Weight  int
}

// Function is a hook or an error handler.
type Function struct {
	Kind      string // of a hook
	What      string // that an error handler is for
	Blueprint string
	Name      string
	Place     string
}

// View is a view function, or a class of views.
type View struct {
	Endpoint string
	Class    string
	Place    string
	Lines    int
	Facts    map[string][]string // what it touches, by kind
	Skeleton string              // functions of Go
}

// Program is what the application in Go tells about itself.
type Program struct {
	Endpoints    []string          // that answer requests
	Settings     map[string]string // those that Settings of the App names, if they are set
	Key          string            // fingerprints, as in App
	FallbackKeys []string          `json:"fallback_keys"`
}

// Python finds the interpreter: DECANT_PYTHON, that of the virtual environment that
// is active or in the folder, or python3.
func Python() string {
	if named := os.Getenv("DECANT_PYTHON"); named != "" {
		return named
	}
	for _, environment := range []string{os.Getenv("VIRTUAL_ENV"), ".venv", "venv"} {
		path, err := filepath.Abs(filepath.Join(environment, "bin", "python"))
		if _, missing := os.Stat(path); environment != "" && err == nil && missing == nil {
			return path
		}
	}
	return "python3"
}

// Inspect imports the application, which is named as for flask --app, and describes
// it. Whatever the application prints goes to log.
func Inspect(ctx context.Context, name string, log io.Writer) (*App, error) {
	python := Python()
	var printed bytes.Buffer
	command := exec.CommandContext(ctx, python, "-c", script, name)
	command.Stdout, command.Stderr = &printed, log
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s cannot describe %s: %w; activate the virtual environment of the application, or name its interpreter in DECANT_PYTHON", python, called(name), err)
	}
	var answer struct {
		Error string
		App   *App
	}
	if err := json.Unmarshal(printed.Bytes(), &answer); err != nil {
		return nil, fmt.Errorf("the description of %s cannot be read: %w", called(name), err)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s cannot be imported by %s: %s; name it as for flask --app, and activate its virtual environment", called(name), python, strings.TrimSuffix(answer.Error, "."))
	}
	if answer.App == nil {
		return nil, errors.New("the description of the Flask application is empty")
	}
	return answer.App, nil
}

// called names the application, which Flask looks for in the folder if it has no name.
func called(name string) string {
	if name == "" {
		return "the Flask application of this folder"
	}
	return fmt.Sprintf("the Flask application %q", name)
}

// Skeleton returns a file of Go with a view, or with all methods of a class of
// views. Whatever has no translation is a comment, and the view ends in a 501.
func (a *App) Skeleton(endpoint, pkg string) ([]byte, error) {
	view := a.Views[endpoint]
	if view == nil {
		return nil, fmt.Errorf("the Flask application has no view %q; it has %s", endpoint, strings.Join(a.endpoints(), ", "))
	}
	if view.Skeleton == "" {
		return nil, fmt.Errorf("the source of the view %q was not found; it is made by code, or it belongs to an extension", endpoint)
	}
	imports := []string{framework}
	if strings.Contains(view.Skeleton, "fmt.") {
		imports = []string{"fmt", "", framework}
	}
	var file strings.Builder
	fmt.Fprintf(&file, "package %s\n\nimport (\n", pkg)
	for _, path := range imports {
		if path != "" {
			path = fmt.Sprintf("%q", path)
		}
		fmt.Fprintln(&file, path)
	}
	file.WriteString(")\n\n")
	if view.Class != "" {
		fmt.Fprintf(&file, "// %s holds the views of the class %s.\ntype %[1]s struct{}\n\n", lowerFirst(view.Class), view.Class)
	}
	file.WriteString(view.Skeleton)
	return formatted(file.String())
}

const framework = "github.com/decant-go/decant"

// endpoints are the names of the views, in order.
func (a *App) endpoints() []string {
	var names []string
	for name := range a.Views {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }
