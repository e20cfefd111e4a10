//go:build unix

package tests

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// savedAs precedes a block that the reader saves as a file.
var savedAs = regexp.MustCompile("[Ss]ave (?:this|it) as `([^`]+)`")

// TestQuickstartSteps does what the quickstart says, beside a copy of the
// repository: it saves the files, runs the commands, and logs in.
func TestQuickstartSteps(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	copyHouse(t, filepath.Join(place, "decant"))
	reader := &quickstart{T: t, folder: place}
	page := read(t, "docs/quickstart.md")
	lines := strings.Split(page, "\n")
	for _, block := range fences("docs/quickstart.md", page) {
		before := lines[max(0, block.line-4) : block.line-1]
		if match := savedAs.FindStringSubmatch(strings.Join(before, "\n")); match != nil {
			fill(t, reader.folder, match[1], block.text)
		} else if block.language == "sh" {
			reader.run(block.text)
		}
	}
	if reader.starts != 3 {
		t.Errorf("the page starts the program %d times", reader.starts)
	}
	if got := reader.logIn(); !strings.Contains(got, "You were successfully logged in") || !strings.Contains(got, "Logged in as &lt;Ann&gt;") {
		t.Errorf("after logging in the page is %s", got)
	}
}

// quickstart is somebody who follows the page.
type quickstart struct {
	*testing.T
	folder  string
	address string // of the program that was started last
	starts  int
}

// run runs the commands of a block in the folder where the ones before ended.
func (q *quickstart) run(commands string) {
	q.Helper()
	if strings.Contains(commands, "go run .") {
		q.starts++
		address, output := startIn(q.T, q.folder, commands)
		q.address = "http://" + address
		if got := fetch(q.address); !strings.Contains(got, "Hello") {
			q.Errorf("the commands %q lead to %q\n%s", commands, got, output)
		}
		return
	}
	shell := exec.Command("sh", "-e", "-c", commands+"pwd\n")
	shell.Dir = q.folder
	shell.Stderr = os.Stderr
	output, err := shell.Output()
	if err != nil {
		q.Fatalf("the commands %q: %v", commands, err)
	}
	printed := strings.Split(strings.TrimSpace(string(output)), "\n")
	q.folder = printed[len(printed)-1]
}

// logIn returns the page that a user sees after logging in.
func (q *quickstart) logIn() string {
	q.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		q.Fatal(err)
	}
	visitor := &http.Client{Jar: jar}
	response, err := visitor.PostForm(q.address+"/login", url.Values{"username": {"<Ann>"}})
	if err != nil {
		q.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		q.Fatal(err)
	}
	return string(body)
}
