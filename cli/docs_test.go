package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestThePageOnCommands lays the program of the page and its test over this module,
// runs the test, and calls the program.
func TestThePageOnCommands(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	module, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	replace := map[string]string{}
	for i, block := range goBlock.FindAllStringSubmatch(string(page), -1) {
		name := fmt.Sprintf("file%d.go", i)
		if strings.Contains(block[1], `"testing"`) {
			name = fmt.Sprintf("file%d_test.go", i)
		}
		write(t, filepath.Join(folder, name), block[1])
		replace[filepath.Join(module, "flaskr", name)] = filepath.Join(folder, name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "overlay.json"), string(overlay))
	flag := "-overlay=" + filepath.Join(folder, "overlay.json")
	tests := filepath.Join(folder, "tests")
	if output, err := exec.Command("go", "test", "-vet=off", flag, "-c", "-o", tests, "./flaskr").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if output, err := exec.Command(tests, "-test.v").CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS: TestInitDB") {
		t.Errorf("%v\n%s", err, output)
	}
	binary := filepath.Join(folder, "flaskr")
	if output, err := exec.Command("go", "build", flag, "-o", binary, "./flaskr").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := exec.Command(binary, "users", "create", "ann", "--admin").Output()
	if err != nil || string(output) != "created ann, admin: true\n" {
		t.Errorf("%v\n%s", err, output)
	}
	mustBeLean(t, binary)
}

// mustBeLean checks that a program without templates has no engine for them, and
// nothing that is for tests. The linker keeps all methods of all types where it
// finds the engine of text/template.
func mustBeLean(t *testing.T, binary string) {
	t.Helper()
	symbols, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{" text/template.(*state).walk", " testing.(*T).", " net/http/httptest."} {
		if strings.Contains(string(symbols), part) {
			t.Errorf("the program contains%s", part)
		}
	}
	if !strings.Contains(string(symbols), "decant/cli.Main") {
		t.Error("the symbols lack cli.Main")
	}
}
