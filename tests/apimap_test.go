package tests

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestAPIMap looks up every Go name in docs/api-map.md: "Context.Flash" is a
// method or a field, "decant.Escape" anything that the package exports.
func TestAPIMap(t *testing.T) {
	t.Parallel()
	packages := loadPackages(t)
	names := goNames(read(t, "docs/api-map.md"))
	if len(names) < 150 {
		t.Fatalf("docs/api-map.md has only %d Go names", len(names))
	}
	for _, name := range names {
		if err := lookUp(packages, name); err != nil {
			t.Errorf("docs/api-map.md: %v", err)
		}
	}
	for _, gone := range []string{"Context.Flahs", "decant.Escpae", "Nothing.Get", "Config.secretKey"} {
		if lookUp(packages, gone) == nil {
			t.Errorf("%s was found, and there is no such name", gone)
		}
	}
}

var goName = regexp.MustCompile("^`([A-Za-z]+)\\.([A-Za-z.]+)`")

// goNames are the names at the beginning of the second cells, and those after
// a comma there.
func goNames(page string) (names []string) {
	for line := range strings.Lines(page) {
		cells := strings.Split(line, " | ")
		if len(cells) < 2 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for part := range strings.SplitSeq(cells[1], ", ") {
			if match := goName.FindString(part); match != "" {
				names = append(names, strings.Trim(match, "`"))
			}
		}
	}
	return names
}

// documented are the packages that the page may name, by their own names.
var documented = []string{"github.com/decant-go/decant", "github.com/decant-go/decant/decanttest", "github.com/decant-go/decant/serversession", "net/http"}

// loadPackages reads what the compiler knows of the packages.
func loadPackages(t *testing.T) map[string]*types.Package {
	t.Helper()
	output, err := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, documented...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for line := range bytes.Lines(output) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		exports[path] = file
	}
	reader := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	packages := map[string]*types.Package{}
	for _, path := range documented {
		found, err := reader.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		packages[found.Name()] = found
	}
	return packages
}

// lookUp finds "package.Name", or "Type.Member" of the framework itself.
func lookUp(packages map[string]*types.Package, name string) error {
	first, rest, _ := strings.Cut(name, ".")
	in, isPackage := packages[first]
	if !isPackage {
		in, rest = packages["decant"], name
	}
	typeName, member, hasMember := strings.Cut(rest, ".")
	object := in.Scope().Lookup(typeName)
	if object == nil || !object.Exported() {
		return fmt.Errorf("%s: there is no %s", name, typeName)
	}
	if !hasMember {
		return nil
	}
	found, _, _ := types.LookupFieldOrMethod(object.Type(), true, in, member)
	if found == nil || !found.Exported() {
		return fmt.Errorf("%s: %s has no %s", name, typeName, member)
	}
	return nil
}
