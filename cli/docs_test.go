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
	output, err := exec.Command("go", "run", flag, "./flaskr", "users", "create", "ann", "--admin").Output()
	if err != nil || string(output) != "created ann, admin: true\n" {
		t.Errorf("%v\n%s", err, output)
	}
}
