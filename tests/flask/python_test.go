package flask

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// interpreters are where Flask may be installed: the Python of the path, and
// the one that the distribution's python3-flask belongs to.
var interpreters = []string{"python3", "/usr/bin/python3"}

const printVersion = `
import importlib.metadata
import flask
print(importlib.metadata.version("flask"))`

// python is the interpreter that can import the newest Flask. DECANT_PYTHON
// names another one.
func python(t testing.TB) string {
	t.Helper()
	path, _ := newestFlask(t)
	return path
}

// flaskVersion is the version that python imports, as comparable3 gives it.
func flaskVersion(t testing.TB) int {
	t.Helper()
	_, version := newestFlask(t)
	return version
}

func newestFlask(t testing.TB) (interpreter string, version int) {
	t.Helper()
	candidates := interpreters
	if chosen := os.Getenv("DECANT_PYTHON"); chosen != "" {
		candidates = []string{chosen}
	}
	for _, candidate := range candidates {
		output, err := exec.Command(candidate, "-c", printVersion).Output()
		if err != nil {
			continue // this one has no Flask
		}
		if found := comparable3(string(output)); found > version {
			interpreter, version = candidate, found
		}
	}
	if interpreter == "" {
		t.Fatalf("no Python here can import Flask (tried %q); run \"make interop\", which installs it", candidates)
	}
	return interpreter, version
}

// comparable3 makes one number of a version of three parts.
func comparable3(version string) int {
	number := 0
	parts := append(strings.Split(strings.TrimSpace(version), "."), "0", "0")
	for _, part := range parts[:3] {
		n, _ := strconv.Atoi(part)
		number = number*1000 + n
	}
	return number
}

func TestVersionsCompareByNumber(t *testing.T) {
	ascending := []string{"2.2", "2.2.2", "2.10.1", "3.1.3\n", "3.10"}
	for i := range ascending[1:] {
		if comparable3(ascending[i]) >= comparable3(ascending[i+1]) {
			t.Errorf("%q counts as %d and %q as %d", ascending[i], comparable3(ascending[i]), ascending[i+1], comparable3(ascending[i+1]))
		}
	}
}

// pythonCommand runs a script of this folder, and leaves nothing behind.
func pythonCommand(t testing.TB, arguments ...string) *exec.Cmd {
	command := exec.Command(python(t), append([]string{"-B"}, arguments...)...)
	command.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", fmt.Sprintf("FLASK_SECRET=%s", secretKey))
	command.Stderr = os.Stderr
	return command
}

// startPython runs a peer that answers lines with lines until its input ends.
func startPython(t testing.TB, script string, arguments ...string) (input io.Writer, output io.Reader) {
	t.Helper()
	command := pythonCommand(t, append([]string{script}, arguments...)...)
	in, err := command.StdinPipe()
	must(t, err)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		in.Close()
		must(t, command.Wait())
	})
	return in, out
}
