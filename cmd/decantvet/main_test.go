package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// house is the module of the framework, whose own types the programs in testdata
// use.
const house = "../.."

// programs copies testdata into a module that uses the framework.
func programs(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(house)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	router := ""
	for _, line := range strings.Split(read(t, filepath.Join(root, "go.mod")), "\n") {
		if strings.Contains(line, "httprouter ") {
			router = strings.TrimPrefix(strings.TrimSpace(line), "require ")
		}
	}
	write(t, filepath.Join(folder, "go.sum"), string(sums))
	write(t, filepath.Join(folder, "go.mod"), "module shop\n\ngo 1.25.0\n\nrequire (\n\tgithub.com/decant-go/decant v0.0.0\n\t"+flaskSession+" v0.0.0\n)\n\nrequire "+router+" // indirect\n\n"+
		"replace github.com/decant-go/decant => "+strconv.Quote(root)+"\n\nreplace "+flaskSession+" => ./flasksession\n")
	writeFlaskSession(t, filepath.Join(folder, "flasksession"))
	return folder
}

// writeFlaskSession writes the types of flasksession, without what that package
// requires, in a module of their own.
func writeFlaskSession(t *testing.T, folder string) {
	t.Helper()
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "go.mod"), "module "+flaskSession+"\n\ngo 1.25.0\n")
	write(t, filepath.Join(folder, "flasksession.go"), `package flasksession

import "time"

type Date struct{ Year int }

type NaiveTime struct{ time.Time }

type Item struct{ Key, Value any }

type Dict []Item
`)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnalyzers(t *testing.T) {
	folder := programs(t)
	for _, analyzer := range []*analysis.Analyzer{unreturned, sessionValue, runError} {
		t.Run(analyzer.Name, func(t *testing.T) {
			analysistest.Run(t, folder, analyzer, "./"+analyzer.Name)
		})
	}
}

// TestTheFix puts the return in front of the calls that fit, and of no others.
func TestTheFix(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, programs(t), unreturned, "./unreturned")
}

// TestTheExamplesAreClean looks at the programs that people copy.
func TestTheExamplesAreClean(t *testing.T) {
	vet := exec.Command("go", "vet", "-vettool="+newTool(t), "./_examples/login", "./_examples/pinboard", "./_examples/moving")
	vet.Dir = house
	if output, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// newTool builds the program.
func newTool(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "decantvet")
	if output, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return path
}

// TestGoVet runs the program as a tool of go vet, as the documentation says.
func TestGoVet(t *testing.T) {
	vet := exec.Command("go", "vet", "-vettool="+newTool(t), "./...")
	vet.Dir = programs(t)
	vet.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	output, err := vet.CombinedOutput()
	if err == nil {
		t.Fatalf("go vet finds nothing:\n%s", output)
	}
	for _, want := range []string{"the answer of c.Redirect is not returned", "the session cannot hold a user", "the error of app.Run is dropped"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("go vet does not say %q:\n%s", want, output)
		}
	}
}
