package tests

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fence is a fenced block of a page.
type fence struct {
	page, language string
	line           int // of the first line inside
	text           string
}

// TestDocsCompile hands every piece of Go in the README and in docs to the
// compiler: whole programs as they are, the others in a function. A block that
// imports another module is a file of tests/docs, which is compiled there.
func TestDocsCompile(t *testing.T) {
	t.Parallel()
	var sources []string
	for _, page := range pages(t) {
		text := read(t, page)
		for _, block := range fences(page, text) {
			switch {
			case block.language != "go" || page == "docs/testing.md" || strings.HasPrefix(page, "docs/tutorial/"):
				// the tests of decanttest run the page on testing, and the tutorial shows Flaskr
			case block.needsAnotherModule():
				checkOtherModule(t, block)
			default:
				sources = append(sources, block.source())
			}
		}
		if cells := tableCells(page, text); cells != "" {
			sources = append(sources, cells)
		}
	}
	if len(sources) < 5 {
		t.Fatalf("found only %d pieces of Go in the docs", len(sources))
	}
	if output, err := compile(t, sources); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// needsAnotherModule reports whether a block imports a package that is neither of
// the standard library nor of the root module.
func (b fence) needsAnotherModule() bool {
	for _, match := range importLine.FindAllStringSubmatch(b.text, -1) {
		name, rest, _ := strings.Cut(match[1], "/")
		isOurs := strings.HasPrefix(rest, "decant-go/decant") && !strings.HasSuffix(rest, "/password") && !strings.HasSuffix(rest, "/cli") && !strings.HasPrefix(rest, "decant-go/decant/tests/")
		if strings.Contains(name, ".") && !isOurs {
			return true
		}
	}
	return false
}

var importLine = regexp.MustCompile(`(?m)^(?:import)?\s*(?:[a-z_]+ )?"([^"\s]+)"$`)

// checkOtherModule reports a block that no test compiles: it must be a file of
// tests/docs as it is. The tests of the modules password and cli compile the blocks of their
// pages.
func checkOtherModule(t *testing.T, block fence) {
	t.Helper()
	if block.page == "docs/passwords.md" || block.page == "docs/cli.md" {
		return
	}
	files, err := filepath.Glob(filepath.Join(house, "tests", "docs", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && string(text) == block.text {
			return
		}
	}
	t.Errorf("%s:%d imports another module, and no file of tests/docs is like it; put the block there, in a folder of its own, so that it is compiled", block.page, block.line)
}

// TestDocsCompileNoticesMistakes keeps the test above honest.
func TestDocsCompileNoticesMistakes(t *testing.T) {
	t.Parallel()
	page := "# Page\n\n```go\napp.Gte(\"/\", index)\n```\n\n" +
		"| Flask | Go |\n|---|---|\n| `session[\"a\"]` | `c.Session.Sting(\"a\")` |\n"
	blocks := fences("broken.md", page)
	output, err := compile(t, []string{blocks[0].source(), tableCells("broken.md", page)})
	if err == nil {
		t.Fatal("a page with mistakes passed")
	}
	for _, want := range []string{"broken.md:4", "app.Gte", "broken.md:9", "c.Session.Sting"} {
		if !strings.Contains(output, want) {
			t.Errorf("the report does not mention %q:\n%s", want, output)
		}
	}
}

func TestReadmeShowsTheLoginExample(t *testing.T) {
	t.Parallel()
	program := read(t, "_examples/login/main.go")
	for _, block := range fences("README.md", read(t, "README.md")) {
		if block.text == program {
			return
		}
	}
	t.Error("README.md does not show _examples/login/main.go as it is; copy the file into its block")
}

func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	var commands []string
	for _, block := range fences("README.md", read(t, "README.md")) {
		if block.language == "sh" {
			commands = append(commands, strings.Fields(block.text)...)
		}
	}
	shown := strings.Join(commands, " ")
	for _, want := range []string{"go run ./_examples/login", "make test"} {
		if !strings.Contains(shown, want) {
			t.Errorf("README.md does not show %q; its commands are %q", want, shown)
		}
	}
	if !strings.Contains(read(t, "Makefile"), "\ntest:") {
		t.Error("README.md shows make test, and the Makefile has no such target")
	}
}

// house is the root of the module.
const house = ".."

func pages(t *testing.T) []string {
	t.Helper()
	var docs []string
	for _, folder := range []string{"docs", "docs/patterns", "docs/tutorial"} {
		names, err := fs.Glob(os.DirFS(house), folder+"/*.md")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s/*.md: %v, %v", folder, names, err)
		}
		docs = append(docs, names...)
	}
	examples, err := fs.Glob(os.DirFS(house), "_examples/*/README.md")
	if err != nil || len(examples) == 0 {
		t.Fatalf("_examples/*/README.md: %v, %v", examples, err)
	}
	return slices.Concat([]string{"README.md"}, docs, examples)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(house, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fences(page, text string) []fence {
	var blocks []fence
	inside := false
	for i, line := range strings.SplitAfter(text, "\n") {
		language, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !inside:
			blocks = append(blocks, fence{page: page, language: language, line: i + 2})
			inside = true
		case isFence:
			inside = false
		case inside:
			blocks[len(blocks)-1].text += line
		}
	}
	return blocks
}

// source makes a file of a block. Declarations stay on their own; statements go
// into a function that has an app and a request at hand, and into a block of it
// where they may declare their own.
func (b fence) source() string {
	if _, err := parser.ParseFile(token.NewFileSet(), "", b.text, 0); err == nil {
		return b.text
	}
	if file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+b.text, 0); err == nil {
		if len(file.Imports) > 0 {
			return "package snippet\n" + b.position() + b.text
		}
		return withImports(b.position() + b.text)
	}
	return withImports(prelude + inFunction("{"+b.position()+b.text+"}"))
}

func (b fence) position() string { return fmt.Sprintf("\n//line %s:%d\n", b.page, b.line) }

// prelude is what the snippets take for granted.
const prelude = `
func index(c *decant.Context) (any, error) { return "", nil }
func login(c *decant.Context) (any, error) { return "", nil }
func profile(c *decant.Context) (any, error) { return "", nil }
func addNote(c *decant.Context) (any, error) { return "", nil }
func notFound(c *decant.Context, e *decant.HTTPError) (any, error) { return "", nil }
func ping(context.Context) error { return nil }
func loginRequired(view decant.View) decant.View { return view }
type User struct{ Name string }
type OutOfStock struct{ *decant.HTTPError }
var user = decant.NewG[*User]("user")
`

func inFunction(statements string) string {
	return "func _(app *decant.App, c *decant.Context, resp *decant.Response, username string, data []byte, found *User) (any, error) {\n" +
		statements + "\nreturn nil, nil\n}\n"
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// tableCells makes a file of the last column of each table that has Go in it.
func tableCells(page, text string) string {
	var functions strings.Builder
	isGo := false
	for i, line := range strings.Split(text, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		last := cells[len(cells)-1]
		code := inBackticks.FindStringSubmatch(last)
		switch {
		case !strings.HasPrefix(line, "|"):
			isGo = false
		case last == "Go":
			isGo = true
		case isGo && code != nil:
			functions.WriteString(inFunction(fmt.Sprintf("\n//line %s:%d\n%s", page, i+1, asStatement(code[1]))))
		}
	}
	if functions.Len() == 0 {
		return ""
	}
	return withImports(prelude + "func show(...any) {}\n" + functions.String())
}

// asStatement lets an expression stand alone, which a call can by itself.
func asStatement(code string) string {
	expression, err := parser.ParseExpr(code)
	if _, isCall := expression.(*ast.CallExpr); err != nil || isCall {
		return code
	}
	return "show(" + code + ")"
}

// importPaths are the packages that snippets may use without saying so.
var importPaths = []string{
	"bytes", "context", "crypto/sha256", "crypto/tls", "database/sql", "encoding/json", "errors", "fmt", "hash", "io", "io/fs", "iter", "log", "log/slog", "maps", "net/http", "net/http/httptest", "net/http/httputil", "net/url", "os", "path/filepath", "slices", "strings", "sync", "time",
	"github.com/decant-go/decant",
	"github.com/decant-go/decant/ext/csrf",
	"github.com/decant-go/decant/ext/login",
	"github.com/decant-go/decant/ext/form",
	"github.com/decant-go/decant/health",
	"github.com/decant-go/decant/htmltemplate",
	"github.com/decant-go/decant/jinja",
	"github.com/decant-go/decant/jinja/catalog",
	"github.com/decant-go/decant/serversession",
	"github.com/decant-go/decant/shadow",
}

// TestDocsRunAsTheyShould keeps log.Fatal away from Run, which returns nil after a
// graceful stop.
func TestDocsRunAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		for _, block := range fences(page, read(t, page)) {
			if strings.Contains(block.text, "log.Fatal(app.Run") {
				t.Errorf("%s:%d: a program that was stopped in order ends with the status 1; write if err := app.Run(); err != nil { log.Fatal(err) }", page, block.line)
			}
		}
	}
}

// positions are the lines that name a page, such as errors.md.
var positions = regexp.MustCompile(`(?m)^//line .*$`)

func withImports(code string) string {
	file := "package snippet\n"
	plain := positions.ReplaceAllString(code, "")
	for _, path := range importPaths {
		if regexp.MustCompile(`\b` + filepath.Base(path) + `\.[A-Z]`).MatchString(plain) {
			file += fmt.Sprintf("import %q\n", path)
		}
	}
	return file + code
}

// compile lays the sources over this module, each as a package of its own, and
// reports what the compiler has to say.
func compile(t *testing.T, sources []string) (report string, err error) {
	t.Helper()
	root, err := filepath.Abs(house)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	replace := map[string]string{}
	arguments := []string{"build", "-overlay", filepath.Join(folder, "overlay.json")}
	for i, source := range sources {
		name := fmt.Sprintf("snippet%02d", i)
		file := filepath.Join(folder, name+".go")
		write(t, file, []byte(source))
		replace[filepath.Join(root, name, "snippet.go")] = file
		arguments = append(arguments, "./"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "overlay.json"), overlay)
	command := exec.Command("go", arguments...)
	command.Dir = root
	output, err := command.CombinedOutput()
	return string(output), err
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
