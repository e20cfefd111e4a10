package tests

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/serversession"
)

func TestNewSecretKey(t *testing.T) {
	first, second := decant.NewSecretKey(), decant.NewSecretKey()
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(first) || first == second {
		t.Errorf("the keys are %q and %q", first, second)
	}
	if weakness := signing.Weakness(first); weakness != "" {
		t.Errorf("a new key %s", weakness)
	}
}

// Whoever guesses the key can log in as anybody. The program says so at its start,
// and never shows the key.
func TestWeakKeysAreWarnedAbout(t *testing.T) {
	good := decant.NewSecretKey()
	for name, c := range map[string]struct {
		key  string
		old  []string
		want []string
	}{
		"short":       {"hunter2", nil, []string{"Config.SecretKey has only 7 bytes"}},
		"placeholder": {"you-will-never-guess", nil, []string{"Config.SecretKey is the placeholder of a tutorial"}},
		"an old one":  {good, []string{good, "hunter2"}, []string{"Config.SecretKeyFallbacks[1] has only 7 bytes"}},
		"all":         {"dev", []string{"hunter2"}, []string{"Config.SecretKey is the placeholder", "Config.SecretKeyFallbacks[0] has only 7 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(hello)
			app.Config.SecretKey, app.Config.SecretKeyFallbacks = c.key, c.old
			get(app, "/")
			get(app, "/")
			lines := strings.Split(log.text(), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("the log is\n%s", log.text())
			}
			for i, want := range c.want {
				if !strings.HasPrefix(lines[i], "WARN a secret key is weak") || !strings.Contains(lines[i], want) || !strings.HasSuffix(lines[i], "; make a good one with: openssl rand -hex 32") {
					t.Errorf("the entry is %q, want %q", lines[i], want)
				}
			}
			if strings.Contains(log.text(), "hunter2") || strings.Contains(log.text(), "guess-") {
				t.Errorf("the log shows the key:\n%s", log.text())
			}
		})
	}
}

func TestGoodKeysAreNotWarnedAbout(t *testing.T) {
	for name, set := range map[string]func(*decant.Config){
		"a new key":     func(c *decant.Config) { c.SecretKey = decant.NewSecretKey() },
		"no key":        func(c *decant.Config) { c.SecretKey = "" },
		"in debug mode": func(c *decant.Config) { c.SecretKey, c.Debug = "dev", true },
		"in tests":      func(c *decant.Config) { c.SecretKey, c.Testing = "dev", true },
	} {
		app, log := appWith(hello)
		set(app.Config)
		get(app, "/")
		if log.mustBeEmpty(t); t.Failed() {
			t.Fatal(name)
		}
	}
}

// The error for a missing key ends in the command that makes one.
func TestTheErrorForAMissingKeyEndsInTheCommand(t *testing.T) {
	const want = " on the application to something unique and secret, such as the output of: openssl rand -hex 32"
	for name, sessions := range map[string]decant.SessionInterface{
		"signed cookies": decant.NewCookieSessions(),
		"on the server":  serversession.New(serversession.NewMemory()),
	} {
		app, _ := appWith(doing(func(c *decant.Context) { c.Session.Set("a", 1) }))
		app.Config.SecretKey = ""
		app.SessionInterface = sessions
		var failure error
		app.Signals.GotRequestException.Connect(func(_ *decant.Context, err error) { failure = err })
		mustFail(t, get(app, "/"))
		if failure == nil || !errors.Is(failure, decant.ErrNullSession) || !strings.HasSuffix(failure.Error(), want) {
			t.Errorf("%s: the error is %v", name, failure)
		}
	}
}

// doing makes a view of a function without an answer.
func doing(f func(*decant.Context)) decant.View {
	return func(c *decant.Context) (any, error) { f(c); return "", nil }
}

// TestTheExamplesKeysArePlaceholders looks for secret keys in all examples: whoever
// copies one is warned.
func TestTheExamplesKeysArePlaceholders(t *testing.T) {
	found := 0
	for _, file := range exampleFiles(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			for _, key := range keysIn(n) {
				found++
				if !strings.Contains(signing.Weakness(key), "placeholder") {
					t.Errorf("%s has the key %q; add it to the placeholders of package signing", file, key)
				}
			}
			return true
		})
	}
	if found < 5 {
		t.Errorf("found only %d keys", found)
	}
}

func exampleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(house, func(path string, entry fs.DirEntry, err error) error {
		isExample := strings.Contains(path, "_examples") && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
		if err == nil && (isExample || strings.HasSuffix(path, "example_test.go")) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

// keysIn returns the strings that a node assigns to a SecretKey.
func keysIn(n ast.Node) (keys []string) {
	assignment, ok := n.(*ast.AssignStmt)
	if !ok {
		return nil
	}
	selector, ok := assignment.Lhs[0].(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "SecretKey" {
		return nil
	}
	ast.Inspect(assignment.Rhs[0], func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if key, _ := strconv.Unquote(literal.Value); key != "SECRET_KEY" {
				keys = append(keys, key)
			}
		}
		return true
	})
	return keys
}
