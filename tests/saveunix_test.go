//go:build unix

package tests

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/decant-go/decant"
)

// TestAPartOfAFileIsNotKept saves an upload where there is room for a part of it
// only. The limit holds for a whole process, so the test runs in one of its own.
func TestAPartOfAFileIsNotKept(t *testing.T) {
	const folder = "DECANT_TEST_FOLDER"
	if os.Getenv(folder) == "" {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), folder+"="+t.TempDir())
		if output, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return
	}
	app, _ := appWith(func(c *decant.Context) (any, error) {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100_000, Max: 100_000}); err != nil {
			return nil, err
		}
		path := filepath.Join(os.Getenv(folder), "saved")
		if err := c.Request.Files.Get("f").Save(path); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("Save: %v", err)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a part of the file was kept: %v", err)
		}
		return "done", nil
	})
	mustAnswer(t, send(app, "POST", "/", upload("f", "n", strings.Repeat("x", 400_000)), "Content-Type", uploadType), 200, "done")
}
