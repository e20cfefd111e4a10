package flask

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// portAppsFolder has Flask applications that decant port looks at.
const portAppsFolder = "portapps"

// porting runs the command decant for a Flask application, and a program in Go that
// takes its place.
type porting struct {
	t       *testing.T
	app     string
	decant  string
	program string // its folder
	root    string
}

func newPorting(t *testing.T, app string) *porting {
	t.Helper()
	p := &porting{t: t, app: app, decant: filepath.Join(t.TempDir(), "decant"), program: t.TempDir()}
	p.root = strings.TrimSpace(mustRun(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/decant-go/decant"))
	mustRun(t, filepath.Join(p.root, "cmd", "decant"), "go", "build", "-o", p.decant, ".")
	return p
}

// run runs decant where it finds the Flask application.
func (p *porting) run(arguments ...string) (string, error) {
	command := exec.Command(p.decant, arguments...)
	command.Dir = portAppsFolder
	command.Env = append(os.Environ(), "DECANT_PYTHON="+python(p.t), "PYTHONDONTWRITEBYTECODE=1")
	command.Stderr = p.t.Output()
	output, err := command.Output()
	return string(output), err
}

func (p *porting) mustRun(arguments ...string) string {
	p.t.Helper()
	output, err := p.run(arguments...)
	if err != nil {
		p.t.Fatalf("decant %q: %v\n%s", arguments, err, output)
	}
	return output
}

// write makes the program in Go, which has moved /hello and renders a link there.
func (p *porting) write(converters string) {
	p.t.Helper()
	write := func(name, content string) {
		must(p.t, os.WriteFile(filepath.Join(p.program, name), []byte(content), 0o644))
	}
	write("go.mod", fmt.Sprintf("module example.com/moved\n\ngo 1.25\n\nreplace github.com/decant-go/decant => %q\n\nreplace github.com/decant-go/decant/cli => %q\n", p.root, filepath.Join(p.root, "cli")))
	write("main.go", `package main

import (
	"os"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

func main() { cli.Main(newApp) }

func newApp() (*decant.App, error) {
	app := decant.New("moved")
	app.Config.SecretKey = "dev"
	`+converters+`
	app.Get("/hello", hello)
	addLegacyRules(app)
	if address := os.Getenv("LEGACY_URL"); address != "" {
		app.Fallback(decant.Legacy(address))
	}
	return app, nil
}

func hello(c *decant.Context) (any, error) {
	return c.RenderString("{{ url_for('blog.update', id=3) }}")
}
`)
	mustRun(p.t, p.program, "go", "mod", "tidy")
}

// beside runs decant in the folder of the program in Go, with the Flask applications
// beside it, because both are looked up from one folder.
func (p *porting) beside(arguments ...string) (string, error) {
	for _, name := range []string{"flaskr", "portal.py"} {
		target := filepath.Join(p.program, name)
		if _, err := os.Lstat(target); err != nil {
			source, err := filepath.Abs(filepath.Join(portAppsFolder, name))
			must(p.t, err)
			must(p.t, os.Symlink(source, target))
		}
	}
	command := exec.Command(p.decant, arguments...)
	command.Dir = p.program
	command.Env = append(os.Environ(), "DECANT_PYTHON="+python(p.t), "PYTHONDONTWRITEBYTECODE=1", "GOWORK=off")
	command.Stderr = p.t.Output()
	output, err := command.Output()
	return string(output), err
}

// against compares the rules of both applications.
func (p *porting) against() (string, error) {
	return p.beside("routes", ".", "--against", p.app)
}

// TestPortNamesAllURLs ports two applications: legacy.go compiles, and its rules are
// those of the url_map.
func TestPortNamesAllURLs(t *testing.T) {
	for app, converters := range map[string]string{"flaskr": "", "portal": "addLegacyConverters(app)"} {
		t.Run(app, func(t *testing.T) {
			p := newPorting(t, app)
			p.mustRun("port", "--app", app, "--out", p.program)
			p.write(converters)
			output, err := p.against()
			if app == "flaskr" {
				if err != nil {
					t.Errorf("the rules differ: %v\n%s", err, output)
				}
				return
			}
			want := "--- Flask: portal\n+++ Go: .\n+ hello  GET, HEAD, OPTIONS  /hello\n"
			if diff := cmp.Diff(want, output); diff != "" || err == nil {
				t.Errorf("the comparison (-want +got), with the error %v:\n%s", err, diff)
			}
		})
	}
}

// TestPortLeavesOutWhatHasMoved writes legacy.go again when a view is in Go, and
// compares the settings.
func TestPortLeavesOutWhatHasMoved(t *testing.T) {
	p := newPorting(t, "flaskr")
	p.mustRun("port", "--app", "flaskr", "--out", p.program)
	p.write(`app.Config.SessionCookieName = "sid"
	app.Route("/create", hello, decant.Endpoint("blog.create"), decant.Methods("GET", "POST"))`)
	output, err := p.beside("port", "--app", "flaskr", "--go", ".")
	if err != nil || !strings.Contains(output, "have moved and are left out") {
		t.Fatalf("%v\n%s", err, output)
	}
	for file, parts := range map[string]map[string]bool{
		"legacy.go": {`add("blog.create"`: false, `add("blog.update"`: true, `add("hello"`: false},
		"PORTING.md": {
			"`blog.create`": false, "### `blog.update`": true, "| `SECRET_KEY` | a key | a key |  |": true,
			"| `SESSION_COOKIE_NAME` | `session` | `sid` | **differs** |": true, "| `SESSION_COOKIE_HTTPONLY` | `True` | `true` |  |": true,
			"| `PERMANENT_SESSION_LIFETIME` | `2678400 seconds` | `744h0m0s` |  |": true,
		},
	} {
		text, err := os.ReadFile(filepath.Join(p.program, file))
		must(t, err)
		for part, want := range parts {
			if strings.Contains(string(text), part) != want {
				t.Errorf("%s has %q: %t, want %t\n%s", file, part, !want, want, text)
			}
		}
	}
	if output, err := p.against(); err != nil {
		t.Errorf("afterwards the rules differ: %v\n%s", err, output)
	}
}

// TestTheExampleIsPorted runs the commands that the README of the half-moved example
// shows: its legacy.go is what decant port writes.
func TestTheExampleIsPorted(t *testing.T) {
	p := newPorting(t, "legacy")
	folder := filepath.Join("..", "..", "_examples", "moving")
	run := func(arguments ...string) string {
		command := exec.Command(p.decant, append([]string{"port", "--app", "legacy"}, arguments...)...)
		command.Dir = folder
		command.Env = append(os.Environ(), "DECANT_PYTHON="+debianPython, "PYTHONDONTWRITEBYTECODE=1")
		command.Stderr = t.Output()
		output, err := command.Output()
		must(t, err)
		return string(output)
	}
	run("--out", p.program)
	want, err := os.ReadFile(filepath.Join(folder, "legacy.go"))
	must(t, err)
	got, err := os.ReadFile(filepath.Join(p.program, "legacy.go"))
	must(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("legacy.go (-the example's +written now):\n%s", diff)
	}
	report, err := os.ReadFile(filepath.Join(p.program, "PORTING.md"))
	must(t, err)
	for _, part := range []string{"| `login` | `ext/login`", "| `csrf` | `ext/csrf`", "| `REMEMBER_COOKIE_NAME` | `remember_token` |", "| `WTF_CSRF_TIME_LIMIT` | `3600` |"} {
		if !strings.Contains(string(report), part) {
			t.Errorf("the report lacks %q:\n%s", part, report)
		}
	}
	if skeleton := run("--view", "add_note"); !strings.Contains(skeleton, "func addNote(c *decant.Context) (any, error) {") {
		t.Errorf("the draft of add_note:\n%s", skeleton)
	}
}

// TestPortedLinksReachFlask renders a link in Go, and follows it to Flask.
func TestPortedLinksReachFlask(t *testing.T) {
	p := newPorting(t, "flaskr")
	p.mustRun("port", "--app", "flaskr", "--out", p.program)
	p.write("")
	program := filepath.Join(t.TempDir(), "moved")
	mustRun(t, p.program, "go", "build", "-o", program, ".")

	port := freePort(t)
	flask := pythonCommand(t, "-m", "flask", "--app", "flaskr", "run", "--port", fmt.Sprint(port))
	flask.Dir = portAppsFolder
	legacy := startServer(t, flask, port)
	port = freePort(t)
	moved := exec.Command(program, "run", "--port", fmt.Sprint(port))
	moved.Dir, moved.Env = p.program, append(os.Environ(), "LEGACY_URL="+legacy)
	address := startServer(t, moved, port)

	_, link := fetch(t, address+"/hello")
	if link != "/3/update" {
		t.Fatalf("the link is %q", link)
	}
	response, _ := fetch(t, address+link)
	if location := response.Header.Get("Location"); response.StatusCode != http.StatusFound || location != "/auth/login" {
		t.Errorf("Flask answers %d, Location %q", response.StatusCode, location)
	}
}

func fetch(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("GET", address, nil)
	must(t, err)
	response, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return response, string(body)
}

// TestSkeletonsCompile makes a skeleton of each view, and hands it to the compiler.
func TestSkeletonsCompile(t *testing.T) {
	endpoint := regexp.MustCompile("(?m)^### `(.*)`$")
	for _, app := range []string{"flaskr", "portal"} {
		t.Run(app, func(t *testing.T) {
			p := newPorting(t, app)
			p.mustRun("port", "--app", app, "--out", p.program)
			report, err := os.ReadFile(filepath.Join(p.program, "PORTING.md"))
			must(t, err)
			p.write("")
			views := endpoint.FindAllStringSubmatch(string(report), -1)
			if len(views) < 4 {
				t.Fatalf("the report has only the views %q", views)
			}
			for i, view := range views {
				skeleton := p.mustRun("port", "--app", app, "--view", view[1])
				if !strings.HasSuffix(skeleton, "\treturn nil, decant.NewHTTPError(501, \""+view[1]+" has not moved yet\")\n}\n") {
					t.Errorf("the skeleton of %s does not end in a 501:\n%s", view[1], skeleton)
				}
				folder := filepath.Join(p.program, fmt.Sprintf("view%d", i))
				must(t, os.Mkdir(folder, 0o755))
				must(t, os.WriteFile(filepath.Join(folder, "view.go"), []byte(strings.Replace(skeleton, "package main", "package view", 1)), 0o644))
			}
			mustRun(t, p.program, "go", "vet", "./...")
		})
	}
}

// TestSkeletonOfALogin checks what is translated, and that nobody is logged in without
// the check of the password, which is not.
func TestSkeletonOfALogin(t *testing.T) {
	p := newPorting(t, "flaskr")
	skeleton := p.mustRun("port", "--app", "flaskr", "--view", "auth.login")
	for _, line := range []string{
		`//	app.Route("/auth/login", authLogin, decant.Methods("GET", "POST"), decant.Endpoint("auth.login"))`,
		`		if username, err = c.Request.Form.Require("username"); err != nil {`,
		`		if false { // user is None`,
		`		} else if false { // not check_password_hash(user['password'], password)`,
		`			// c.Session.Clear()`,
		`			// return c.Redirect(c.URLFor("index"))`,
		`	// return c.Render("auth/login.html")`,
	} {
		if !slices.Contains(strings.Split(skeleton, "\n"), line) {
			t.Errorf("the skeleton lacks %q:\n%s", line, skeleton)
		}
	}
	if active := regexp.MustCompile(`(?m)^\s*(c\.Session|return c\.)`).FindString(skeleton); active != "" {
		t.Errorf("the skeleton acts as if it were complete: %q\n%s", active, skeleton)
	}
}

// TestPortReport checks what the page says that a stranger needs.
func TestPortReport(t *testing.T) {
	p := newPorting(t, "portal")
	p.mustRun("port", "--app", "portal", "--out", p.program)
	report, err := os.ReadFile(filepath.Join(p.program, "PORTING.md"))
	must(t, err)
	for _, part := range []string{
		"| 1 | `api.v1.tag` | portal.py:", "session: `item`, `user_id`", "aborts: `404`", "`SESSION_COOKIE_NAME` | `site`", "`PERMANENT_SESSION_LIFETIME` | `7200 seconds`",
		"older ones in `SECRET_KEY_FALLBACKS`: 1", "`PAGE_SIZE`", "| before_request | `check` | api |", "| 404 | `missing` | api.v1 |", "filters `shout`", "converters `list`",
	} {
		if !strings.Contains(string(report), part) {
			t.Errorf("the report lacks %q:\n%s", part, report)
		}
	}
	if strings.Contains(string(report), "older\"") || regexp.MustCompile(`\b[0-9a-f]{8}\b`).Match(report) {
		t.Errorf("the report tells of a key:\n%s", report)
	}
	again := p.mustRun("port", "--app", "portal", "--out", p.program)
	if !strings.Contains(again, "legacy.go names the URLs of 9 rules") {
		t.Errorf("a second time it says %q", again)
	}
	must(t, os.WriteFile(filepath.Join(p.program, "legacy.go"), []byte("package main\n"), 0o644))
	if output, err := p.run("port", "--app", "portal", "--out", p.program); err == nil {
		t.Errorf("a file of somebody else was replaced: %s", output)
	}
	if output, err := p.run("port", "--app", "nowhere"); err == nil {
		t.Errorf("an application that is not there was described: %s", output)
	}
}
