// Docs makes a site of the documentation, with a page for each package, and
// serves it with Decant. With -o it writes the site into a folder instead.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/decant-go/decant"
)

func main() {
	output := flag.String("o", "", "write the site into this folder, and do not serve it")
	flag.Parse()
	if err := run(*output); err != nil {
		log.Fatal(err)
	}
}

func run(output string) error {
	root, err := findRoot(".")
	if err != nil {
		return err
	}
	site, err := build(root)
	if err != nil {
		return err
	}
	if output != "" {
		return write(site, output)
	}
	folder, err := os.MkdirTemp("", "decant-docs-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := write(site, folder); err != nil {
		return err
	}
	return newApp(os.DirFS(folder)).Run()
}

// newApp serves a site.
func newApp(site fs.FS) *decant.App {
	app := decant.New("docs")
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(site, "index.html")
	})
	app.Get("/<path:name>", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(site, c.Param("name"))
	})
	return app
}

// findRoot looks for the root of the repository, from a folder upwards.
func findRoot(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "docs", "quickstart.md")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("docs: no docs/quickstart.md here or above; start the program in the repository")
		}
	}
}

// write writes the files of a site into a folder.
func write(site map[string][]byte, folder string) error {
	for name, content := range site {
		target := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return fmt.Errorf("docs: %w", err)
		}
	}
	return nil
}
