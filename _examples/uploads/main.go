// Uploads takes files from a form, keeps them in a folder and sends them back.
package main

import (
	"cmp"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

// allowed are the endings of the files that are taken.
var allowed = []string{".txt", ".pdf", ".png", ".jpg", ".jpeg", ".gif"}

func main() {
	folder := cmp.Or(os.Getenv("UPLOADS_FOLDER"), filepath.Join(os.TempDir(), "uploads"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		log.Fatal(err)
	}
	if err := newApp(folder).Run(); err != nil {
		log.Fatal(err)
	}
}

func newApp(folder string) *decant.App {
	app := decant.New("uploads")
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")
	app.Config.MaxContentLength = 1 << 20

	uploads := &uploads{folder}
	app.Get("/", uploads.index)
	app.Post("/", uploads.save)
	app.Get("/uploads/<name>", uploads.download)
	app.ErrorHandler(413, tooLarge)
	return app
}

// uploads is the folder of the files.
type uploads struct{ folder string }

func (u *uploads) index(c *decant.Context) (any, error) {
	entries, err := os.ReadDir(u.folder)
	if err != nil {
		return nil, err
	}
	return c.Render("index.html", decant.H{"files": entries})
}

func (u *uploads) save(c *decant.Context) (any, error) {
	file, err := c.Request.Files.Require("file")
	if err != nil {
		return nil, err
	}
	name := decant.SecureFilename(file.Filename)
	if !slices.Contains(allowed, strings.ToLower(filepath.Ext(name))) {
		c.Flash("Files of this kind are not taken.")
		return c.Redirect(c.URLFor("index"))
	}
	if err := file.Save(filepath.Join(u.folder, name)); err != nil {
		return nil, err
	}
	c.Flash(name + " is saved.")
	return c.Redirect(c.URLFor("index"))
}

func (u *uploads) download(c *decant.Context) (any, error) {
	return c.SendFromDirectory(os.DirFS(u.folder), c.Param("name"), decant.AsAttachment())
}

func tooLarge(c *decant.Context, _ *decant.HTTPError) (any, error) {
	return "A file may have 1 MiB.", nil
}
