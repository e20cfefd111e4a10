package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decant runs a command line and returns what it prints.
func runDecant(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := newCommand()
	var output bytes.Buffer
	command.SetOut(&output)
	command.SetErr(&output)
	command.SetArgs(arguments)
	err := command.ExecuteContext(t.Context())
	return output.String(), err
}

func goCommand(t *testing.T, dir string, arguments ...string) {
	t.Helper()
	command := exec.Command("go", arguments...)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

func TestNew(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "shop")
	output, err := runDecant(t, "new", folder, "--module", "example.com/shop", "--replace", "../..")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(output, "decant run") {
		t.Errorf("it says %q", output)
	}
	want := []string{
		"Dockerfile", "Makefile", "app.go", "app_test.go", "go.mod", "go.sum", "main.go", "shop.service",
		"static/style.css", "templates/index.html", "templates/layout.html",
	}
	if diff := cmp.Diff(want, filesIn(t, folder)); diff != "" {
		t.Errorf("the files (-want +got):\n%s", diff)
	}
	goCommand(t, folder, "vet", "./...")
	goCommand(t, folder, "test", "./...")
	if unformatted, err := exec.Command("gofmt", "-l", folder).CombinedOutput(); err != nil || len(unformatted) > 0 {
		t.Errorf("gofmt: %v %s", err, unformatted)
	}

	if _, err := runDecant(t, "new", folder); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second time: %v", err)
	}
}

func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestNewRefusesNames(t *testing.T) {
	for _, name := range []string{"Shop", "1shop", "my shop", ".", "shop_1"} {
		if _, err := runDecant(t, "new", name); err == nil || !strings.Contains(err.Error(), "lower case") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNewSaysWhatFailed(t *testing.T) {
	for _, checkout := range []string{t.TempDir(), ".", filepath.Join(t.TempDir(), "missing")} {
		folder := filepath.Join(t.TempDir(), "shop")
		_, err := runDecant(t, "new", folder, "--replace", checkout)
		if err == nil || !strings.Contains(err.Error(), "is no checkout of Decant") {
			t.Errorf("%s: the error is %v", checkout, err)
		}
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the folder was made: %v", checkout, err)
		}
	}
	t.Setenv("GOPROXY", "off")
	_, err := runDecant(t, "new", filepath.Join(t.TempDir(), "shop"))
	if err == nil || !strings.Contains(err.Error(), "go mod tidy") || !strings.Contains(err.Error(), "--replace") {
		t.Errorf("without a release: %v", err)
	}
}

func TestSecretKey(t *testing.T) {
	first, err := runDecant(t, "secret-key")
	if err != nil || !regexp.MustCompile(`^[0-9a-f]{64}\n$`).MatchString(first) {
		t.Fatalf("%q, %v", first, err)
	}
	if second, _ := runDecant(t, "secret-key"); second == first {
		t.Error("the same key twice")
	}
}

// A program that answers "routes" stands for one that uses cli.Main.
func TestRoutes(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":           "module example.com/shop\n",
		"cmd/shop/main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Println(os.Args[1:]) }\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	output, err := runDecant(t, "routes", "./cmd/shop", "--sort", "rule")
	if err != nil || output != "[routes --sort rule]\n" {
		t.Errorf("%q, %v", output, err)
	}
	if _, err := runDecant(t, "routes", "./nowhere"); err == nil || !strings.Contains(err.Error(), "cli.Main") {
		t.Errorf("no program: %v", err)
	}
	if output, err := runDecant(t, "routes", "--help"); err != nil || !strings.Contains(output, "cli.Main") {
		t.Errorf("help: %q, %v", output, err)
	}
}

// shop is a program that uses cli.Main.
const shop = `package main

import (
	"github.com/decant-go/decant"
	"github.com/decant-go/decant/cli"
)

func main() {
	cli.Main(func() (*decant.App, error) {
		app := decant.New("shop")
		app.Get("/cart", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("cart"))
		return app, nil
	})
}
`

func TestRoutesOfAProgram(t *testing.T) {
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(shop), 0o644); err != nil {
		t.Fatal(err)
	}
	goCommand(t, folder, "mod", "init", "example.com/shop")
	goCommand(t, folder, "mod", "edit", "-replace="+framework+"="+checkout, "-replace="+framework+"/cli="+filepath.Join(checkout, "cli"))
	goCommand(t, folder, "mod", "tidy")
	t.Chdir(folder)
	output, err := runDecant(t, "routes", "--sort", "rule")
	want := "Endpoint  Methods  Rule                   \n" +
		"--------  -------  -----------------------\n" +
		"cart      GET      /cart                  \n" +
		"static    GET      /static/<path:filename>\n"
	if err != nil || output != want {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestRunTakesOnePackage(t *testing.T) {
	if _, err := runDecant(t, "run", "a", "b"); err == nil || !strings.Contains(err.Error(), `"--"`) {
		t.Errorf("two packages: %v", err)
	}
}

func TestCompletionAndVersion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if output, err := runDecant(t, "completion", shell); err != nil || !strings.Contains(output, "decant") {
			t.Errorf("%s: %v", shell, err)
		}
	}
	if output, err := runDecant(t, "--version"); err != nil || !strings.HasPrefix(output, "decant version ") {
		t.Errorf("%q, %v", output, err)
	}
}
