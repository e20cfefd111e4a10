package tests

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
)

// aProgram is a program that uses no template, no test, no form and few methods.
const aProgram = `package main

import "github.com/decant-go/decant"

type about struct{}

func (about) Get(*decant.Context) (any, error) { return "About", nil }

func main() {
	app := decant.New("hello")
	app.Get("/", func(c *decant.Context) (any, error) { return "Hello", nil })
	app.MethodView("/about", about{})
	if err := app.Run(); err != nil {
		panic(err)
	}
}
`

// TestAProgramContainsWhatItUses looks into a program that only says hello.
func TestAProgramContainsWhatItUses(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(house)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	source, overlay, program := filepath.Join(folder, "main.go"), filepath.Join(folder, "overlay.json"), filepath.Join(folder, "hello")
	write(t, source, []byte(aProgram))
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "hello", "main.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, overlay, replaced)
	build := exec.Command("go", "build", "-overlay", overlay, "-o", program, "./hello")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	symbols, err := exec.Command("go", "tool", "nm", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unused := range []string{"html/template.", "text/template.", "decant/jinja.New", "decant/jinja.(*Engine)", "net/http/httptest.", "testing.", "net/http/httputil.(*ReverseProxy)", "decant-go/decant.(*Response).AddETag", "decant-go/decant.(*Context).SendFile"} {
		if bytes.Contains(symbols, []byte(" "+unused)) || bytes.Contains(symbols, []byte("/"+unused)) {
			t.Errorf("a program that says hello contains %s", unused)
		}
	}
	if !bytes.Contains(symbols, []byte("decant.(*App).Run")) {
		t.Error("the symbols of the program were not found")
	}
}
