package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// codeSpan is a piece of code within a line.
var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// TestTheHouseIsDescribed keeps CONTRIBUTING.md and the folders in step: each
// file of the root and each package of internal is named there, and each file
// that is named exists.
func TestTheHouseIsDescribed(t *testing.T) {
	t.Parallel()
	page := read(t, "CONTRIBUTING.md")
	var named []string
	for _, match := range codeSpan.FindAllStringSubmatch(page, -1) {
		named = append(named, strings.TrimSuffix(match[1], "/"))
	}
	for _, name := range slices.Concat(rootFiles(t), packages(t)) {
		if !slices.Contains(named, name) {
			t.Errorf("CONTRIBUTING.md does not name %s; say what it holds", name)
		}
	}
	for _, name := range named {
		if strings.ContainsAny(name, " *…=") || filepath.Ext(name) != ".go" && !strings.HasPrefix(name, "internal/") {
			continue
		}
		if _, err := os.Stat(filepath.Join(house, name)); err != nil {
			t.Errorf("CONTRIBUTING.md names %s: %v", name, err)
		}
	}
}

// TestTheRootStaysSmall counts the files that a visitor meets first.
func TestTheRootStaysSmall(t *testing.T) {
	t.Parallel()
	files := rootFiles(t)
	sources, tests := 0, 0
	for _, name := range files {
		switch {
		case strings.HasSuffix(name, "_test.go"):
			tests++
		case filepath.Ext(name) == ".go":
			sources++
		}
	}
	if len(files) > 36 || sources > 24 || tests > 3 {
		t.Errorf("the root has %d files, %d sources and %d tests; it should have at most 36, 24 and 3", len(files), sources, tests)
	}
}

// rootFiles are the files of the root that are not hidden.
func rootFiles(t *testing.T) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(house)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, entry.Name())
		}
	}
	return files
}

// packages are the folders of internal.
func packages(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(house, "internal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, "internal/"+entry.Name())
	}
	return names
}
