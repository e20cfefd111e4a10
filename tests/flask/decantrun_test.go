package flask

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestDevelopmentDay makes an application with decant new, runs it with decant
// run, and edits it while Chromium looks at it and fifty requests a second come
// in: the page shows each change without being loaded again by hand, and no
// request is refused.
func TestDevelopmentDay(t *testing.T) {
	root := strings.TrimSpace(mustRun(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/decant-go/decant"))
	decant := filepath.Join(t.TempDir(), "decant")
	mustRun(t, filepath.Join(root, "cmd", "decant"), "go", "build", "-o", decant, ".")
	folder := t.TempDir()
	mustRun(t, folder, decant, "new", "shop", "--replace", root)
	shop := &edited{t: t, folder: filepath.Join(folder, "shop")}
	mustRun(t, shop.folder, "go", "test", "./...")

	port := freePort(t)
	command := exec.Command(decant, "run", "--port", fmt.Sprint(port))
	command.Dir = shop.folder
	command.Stdout, command.Stderr = t.Output(), t.Output()
	address := startServer(t, command, port)
	stop := visitFiftyTimesASecond(address)
	shop.tab = browser(t)
	must(t, chromedp.Do(shop.tab, chromedp.Navigate(address)))
	shop.see("the first page", heading, "Hello, stranger")

	shop.replace("app.go", `c.Render("index.html")`, `c.Render("index.html", decant.H{"session": decant.H{"name": "Gopher"}})`)
	shop.see("a view that was edited", heading, "Hello, Gopher")

	shop.replace("app.go", `"Gopher"`, `Gopher`)
	shop.see("a mistake", heading, "The application does not build")
	shop.see("where the mistake is", `document.querySelector(".wrong").textContent.trim()`, `return c.Render("index.html", decant.H{"session": decant.H{"name": Gopher}})`)
	shop.replace("app.go", `Gopher`, `"Gopher"`)
	shop.see("the page after the mistake", heading, "Hello, Gopher")

	shop.replace("templates/index.html", "Hello,", "Welcome,")
	shop.see("a template that was edited", heading, "Welcome, Gopher")

	shop.replace("static/style.css", "body {", "h1 { color: rgb(1, 2, 3); }\nbody {")
	shop.see("a style sheet that was edited", `getComputedStyle(document.querySelector("h1")).color`, "rgb(1, 2, 3)")

	answered, refused := stop()
	t.Logf("%d requests were answered meanwhile, %d refused", answered, refused)
	if answered == 0 || refused > 0 {
		t.Errorf("%d requests were answered and %d refused", answered, refused)
	}
}

const heading = `document.querySelector("h1").textContent`

func mustRun(t *testing.T, dir, program string, arguments ...string) string {
	t.Helper()
	command := exec.Command(program, arguments...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return string(output)
}

// edited is an application that changes while a browser shows it.
type edited struct {
	t      *testing.T
	folder string
	tab    context.Context
	saved  time.Time
}

func (e *edited) replace(name, old, new string) {
	e.t.Helper()
	path := filepath.Join(e.folder, filepath.FromSlash(name))
	content, err := os.ReadFile(path)
	must(e.t, err)
	if strings.Count(string(content), old) != 1 {
		e.t.Fatalf("%s holds %q %d times", name, old, strings.Count(string(content), old))
	}
	must(e.t, os.WriteFile(path, []byte(strings.Replace(string(content), old, new, 1)), 0o644))
	e.saved = time.Now()
}

// see waits until an expression has this value in the page, and says how long it
// took since a file was saved. A page that is just being loaded has no value.
func (e *edited) see(what, expression, want string) {
	e.t.Helper()
	var got string
	for deadline := time.Now().Add(patience); got != want; time.Sleep(20 * time.Millisecond) {
		if value, err := chromedp.Run(e.tab, chromedp.Evaluate[string](expression)); err == nil {
			got = value
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("%s: the browser shows %q, and should show %q", what, got, want)
		}
	}
	if !e.saved.IsZero() {
		e.t.Logf("%s: seen %v after it was saved", what, time.Since(e.saved).Round(10*time.Millisecond))
	}
}

// visitFiftyTimesASecond asks for a page until it is stopped. Each visitor has a
// connection of its own.
func visitFiftyTimesASecond(address string) (stop func() (answered, refused int64)) {
	ctx, cancel := context.WithCancel(context.Background())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	var good, bad atomic.Int64
	var visitors sync.WaitGroup
	visit := func() {
		resp, err := client.Get(address)
		if err != nil {
			bad.Add(1)
			return
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			bad.Add(1)
			return
		}
		good.Add(1)
	}
	visitors.Go(func() {
		ticker := time.NewTicker(time.Second / 50)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				visitors.Go(visit)
			}
		}
	})
	return func() (int64, int64) {
		cancel()
		visitors.Wait()
		return good.Load(), bad.Load()
	}
}
