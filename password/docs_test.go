package password_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestDocsCompile hands the programs of the page on passwords to the compiler.
func TestDocsCompile(t *testing.T) {
	page, err := os.ReadFile("../docs/passwords.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllSubmatch(page, -1)
	if len(blocks) == 0 {
		t.Fatal("the page has no programs")
	}
	folder := t.TempDir()
	module, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	arguments := []string{"build", "-overlay", filepath.Join(folder, "overlay.json")}
	for i, block := range blocks {
		name := fmt.Sprintf("snippet%d", i)
		file := filepath.Join(folder, name+".go")
		write(t, file, block[1])
		replace[filepath.Join(module, name, "snippet.go")] = file
		arguments = append(arguments, "./"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "overlay.json"), overlay)
	if output, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
