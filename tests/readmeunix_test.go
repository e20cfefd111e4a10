//go:build unix

package tests

import (
	"bufio"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadmeBeginsWithAProgram keeps the first program as short as Flask's.
func TestReadmeBeginsWithAProgram(t *testing.T) {
	t.Parallel()
	program := firstProgram(t)
	_, body, found := strings.Cut(program, "func main() {\n")
	if lines := strings.Count(body, "\n") - 1; !found || lines != 5 {
		t.Errorf("main has %d lines, and should have 5:\n%s", lines, program)
	}
}

func firstProgram(t *testing.T) string {
	t.Helper()
	block := fences("README.md", read(t, "README.md"))[0]
	if block.language != "go" || !strings.Contains(block.text, "package main\n") {
		t.Fatalf("README.md begins with %q", block.text)
	}
	return block.text
}

// TestReadmeStart does what the README says, beside a copy of the repository.
func TestReadmeStart(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	copyHouse(t, filepath.Join(place, "decant"))
	folder := filepath.Join(place, "hello")
	fill(t, folder, "main.go", firstProgram(t))
	commands := ""
	for _, block := range fences("README.md", read(t, "README.md")) {
		if strings.HasPrefix(block.text, "go mod init ") {
			commands = block.text
		}
	}
	address, output := startIn(t, folder, commands)
	if got := fetch("http://" + address); got != "Hello, World!" {
		t.Errorf("the commands %q lead to %q\n%s", commands, got, output)
	}
}

// startIn runs commands, the last of which serves an application, and returns its
// address. The test ends it.
func startIn(t *testing.T, folder, commands string) (address, output string) {
	t.Helper()
	shell := exec.Command("sh", "-e", "-c", commands)
	shell.Dir = folder
	shell.Env = append(os.Environ(), "DECANT_RUN_PORT=0", "DECANT_RUN_HOST=127.0.0.1")
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	messages, err := shell.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-shell.Process.Pid, syscall.SIGINT)
		shell.Wait() // the shell was interrupted too
	})
	for lines := bufio.NewScanner(messages); lines.Scan(); {
		output += lines.Text() + "\n"
		if rest, found := strings.CutPrefix(lines.Text(), " * Running on http://"); found {
			return rest, output
		}
	}
	t.Fatalf("the commands %q did not start the program:\n%s", commands, output)
	return "", ""
}

// copyHouse copies the packages that people import, without their tests.
func copyHouse(t *testing.T, target string) {
	t.Helper()
	left := map[string]bool{".git": true, "tests": true, "_examples": true, "docs": true}
	err := filepath.WalkDir(house, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && left[entry.Name()]:
			return filepath.SkipDir
		case !entry.Type().IsRegular() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		name, err := filepath.Rel(house, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fill(t, target, filepath.ToSlash(name), string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
