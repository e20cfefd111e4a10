package flaskapp

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// interpreter is a program that prints a description instead of Python.
func interpreter(t *testing.T, description string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\ncat <<'END'\n" + description + "\nEND\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DECANT_PYTHON", path)
}

const shop = `{"app": {"name": "shop", "rules": [
	{"rule": "/", "endpoint": "index", "methods": ["GET", "HEAD", "OPTIONS"], "domain": "", "strict_slashes": true, "merge_slashes": true},
	{"rule": "/new", "endpoint": "new", "methods": ["POST"], "defaults": {"a": null, "b": 1, "c": "x\"", "d": true}, "domain": "shop", "strict_slashes": false, "merge_slashes": false},
	{"rule": "/ws", "endpoint": "ws", "methods": null, "websocket": true, "domain": ""}],
	"converters": {"odd": {"class": "shop.Odd", "pattern": "(?=x)y"}},
	"subdomain_matching": true,
	"settings": {"SESSION_COOKIE_NAME": "session", "PERMANENT_SESSION_LIFETIME": "60 seconds", "REMEMBER_COOKIE_DURATION": "31536000 seconds", "SESSION_PROTECTION": "strong", "WTF_CSRF_TIME_LIMIT": "600", "SESSION_COOKIE_PATH": "None", "SESSION_COOKIE_SECURE": "True"},
	"defaults": {"REMEMBER_COOKIE_DURATION": "31536000 seconds", "SESSION_PROTECTION": "basic", "WTF_CSRF_TIME_LIMIT": "3600"},
	"key": "1234", "fallback_keys": ["5678"], "extensions": ["login", "mystery"], "views": {"index": {"endpoint": "index", "lines": 2, "facts": {"session": ["a|b"]}}}}}`

func inspected(t *testing.T) *App {
	t.Helper()
	interpreter(t, shop)
	app, err := Inspect(t.Context(), "shop", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestLegacyFile(t *testing.T) {
	file, err := inspected(t).LegacyFile("web", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"package web\n", "decant.SubdomainMatching()", "return decant.Converter{}, nil // shop.Odd", `	add("index", "/")` + "\n",
		`	add("new", "/new", decant.Methods("POST"), decant.ProvideAutomaticOptions(false), decant.Defaults("a", nil), decant.Defaults("b", 1), decant.Defaults("c", "x\""), decant.Defaults("d", true), decant.Subdomain("shop"), decant.StrictSlashes(false), decant.MergeSlashes(false))`,
		"// /ws is a WebSocket",
	} {
		if !strings.Contains(string(file), part) {
			t.Errorf("the file lacks %q:\n%s", part, file)
		}
	}
}

func TestLegacyFileWithoutWhatHasMoved(t *testing.T) {
	app, program := inspected(t), &Program{Endpoints: []string{"index", "ws"}}
	file, err := app.LegacyFile("web", program)
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]bool{`add("index"`: false, `add("new"`: true, "/ws": false} {
		if strings.Contains(string(file), part) != want {
			t.Errorf("the file has %q: %t, want %t\n%s", part, !want, want, file)
		}
	}
	if app.Left(program) != 1 || app.Left(nil) != 3 {
		t.Errorf("%d and %d rules are left", app.Left(program), app.Left(nil))
	}
	if report := app.Report(program); strings.Contains(report, "`index`") {
		t.Errorf("the report has a view that has moved:\n%s", report)
	}
}

func TestReport(t *testing.T) {
	report := inspected(t).Report(&Program{
		Settings: map[string]string{
			"SESSION_COOKIE_NAME": "sid", "PERMANENT_SESSION_LIFETIME": "1m0s", "SESSION_COOKIE_PATH": "", "SESSION_COOKIE_SECURE": "true",
			"WTF_CSRF_TIME_LIMIT": "10m0s",
		},
		Key: "1234",
	})
	for _, line := range []string{
		"| `SECRET_KEY` | a key | a key |  |", "| `SECRET_KEY_FALLBACKS` | 1 | 0 | **differs** |",
		"| `SESSION_COOKIE_NAME` | `session` | `sid` | **differs** |", "| `PERMANENT_SESSION_LIFETIME` | `60 seconds` | `1m0s` |  |",
		"| `SESSION_COOKIE_PATH` | `None` | `` |  |", "| `SESSION_COOKIE_SECURE` | `True` | `true` |  |",
		"| `REMEMBER_COOKIE_DURATION` | `31536000 seconds` | `31536000 seconds` by default |  |", "| `WTF_CSRF_TIME_LIMIT` | `600` | `10m0s` |  |",
		"| `SESSION_PROTECTION` | `strong` | `basic` by default | **differs**, unless the field `SessionProtection` is set |",
		"| `login` | `ext/login`, with the same session, cookie and protection |", "| 1 | `index` |  | 2 | session: `a\\|b` |",
	} {
		if !strings.Contains(report, line) {
			t.Errorf("the report lacks %q:\n%s", line, report)
		}
	}
	if strings.Contains(report, "1234") || strings.Contains(report, "5678") {
		t.Errorf("the report tells of a key:\n%s", report)
	}
	if page := inspected(t).Report(nil); !strings.Contains(page, "older ones in `SECRET_KEY_FALLBACKS`: 1. Both sides must have the same.") {
		t.Errorf("the report without a program:\n%s", page)
	}
}

func TestCompare(t *testing.T) {
	rows, err := ReadTable("a line of the program\nEndpoint  Methods             Subdomain  Rule\n--------  ------------------  ---------  ----\nindex     GET, HEAD, OPTIONS             /\nold       GET                            /é  x\nnew       POST                shop       /new\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{{"index", "/", "", []string{"GET", "HEAD", "OPTIONS"}}, {"old", "/é  x", "", []string{"GET"}}, {"new", "/new", "shop", []string{"POST"}}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	app := inspected(t)
	if diff := cmp.Diff([]string{"+ old  GET  /é  x"}, app.Compare(rows)); diff != "" {
		t.Errorf("the differences (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"- index  GET, HEAD, OPTIONS  /", "- new  POST  /new  at shop"}, app.Compare(nil)); diff != "" {
		t.Errorf("without rules (-want +got):\n%s", diff)
	}
	if _, err := ReadTable("No routes were registered.\n"); err == nil {
		t.Error("output without a table was read")
	}
}

func TestInspectSaysWhatFailed(t *testing.T) {
	for description, want := range map[string]string{
		`{"error": "ImportError: no shop"}`: "ImportError: no shop; name it as for flask --app",
		`{}`:                                "empty",
		`nonsense`:                          "cannot be read",
	} {
		interpreter(t, description)
		if _, err := Inspect(t.Context(), "shop", t.Output()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", description, err)
		}
	}
	t.Setenv("DECANT_PYTHON", filepath.Join(t.TempDir(), "none"))
	if _, err := Inspect(t.Context(), "shop", t.Output()); err == nil || !strings.Contains(err.Error(), "DECANT_PYTHON") {
		t.Errorf("without Python: %v", err)
	}
	app := inspected(t)
	for endpoint, want := range map[string]string{"nothing": `no view "nothing"; it has index`, "index": "was not found"} {
		if _, err := app.Skeleton(endpoint, "main"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the skeleton of %s: %v", endpoint, err)
		}
	}
}

func TestAnApplicationThatCannotBeImported(t *testing.T) {
	interpreter(t, `{"error": "NoAppException: Could not locate a Flask application."}`)
	for name, want := range map[string]string{
		"":     "the Flask application of this folder cannot be imported by ",
		"shop": `the Flask application "shop" cannot be imported by `,
	} {
		_, err := Inspect(t.Context(), name, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "Could not locate a Flask application; name it as for flask --app") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
