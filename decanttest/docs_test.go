package decanttest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	goBlock  = regexp.MustCompile("(?s)```go\n(.*?)```")
	testName = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// TestThePageOnTesting runs the tests of the page. Blocks that begin with a package
// clause are files, and the others belong to the file before them.
func TestThePageOnTesting(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, block := range goBlock.FindAllStringSubmatch(string(page), -1) {
		if strings.HasPrefix(block[1], "package main\n") {
			files = append(files, "")
		}
		files[len(files)-1] += block[1]
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	replace := map[string]string{}
	for i, name := range []string{"blog.go", "blog_test.go"} {
		write(t, filepath.Join(folder, name), []byte(files[i]))
		replace[filepath.Join(root, "blog", name)] = filepath.Join(folder, name)
	}
	write(t, filepath.Join(folder, "main.go"), []byte("package main\n\nfunc main() { newApp(nil) }\n"))
	replace[filepath.Join(root, "blog", "main.go")] = filepath.Join(folder, "main.go")
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "overlay.json"), overlay)
	program := filepath.Join(folder, "tests")
	build := exec.Command("go", "test", "-vet=off", "-overlay="+filepath.Join(folder, "overlay.json"), "-c", "-o", program, "./blog")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := exec.Command(program, "-test.v").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	names := testName.FindAllStringSubmatch(string(page), -1)
	for _, name := range names {
		if !strings.Contains(string(output), "--- PASS: "+name[1]) {
			t.Errorf("%s did not run:\n%s", name[1], output)
		}
	}
	if len(names) == 0 || len(files) != 2 {
		t.Errorf("the page has %d tests in %d files", len(names), len(files))
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
