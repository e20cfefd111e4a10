// Pinboard is a wall of pictures: templates, static files, uploads, flashed
// messages, and the same data as JSON.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/decant-go/decant"
)

func main() {
	folder := cmp.Or(os.Getenv("PINBOARD_FOLDER"), filepath.Join(os.TempDir(), "pinboard"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		log.Fatal(err)
	}
	if err := newApp(folder).Run(); err != nil {
		log.Fatal(err)
	}
}

// pin is a picture with a title.
type pin struct {
	ID       int    `json:"id"`
	Title    string `json:"title"`
	Filename string `json:"filename"`
}

// board is the wall. Its pictures are files; what is written below them is
// gone when the program ends.
type board struct {
	folder string

	mutex sync.Mutex
	pins  []pin
}

func newApp(folder string) *decant.App {
	app := decant.New("pinboard")
	app.Config.SecretKey = cmp.Or(os.Getenv("SECRET_KEY"), "a secret key for trying things out")
	app.Config.MaxContentLength = 8 << 20

	board := &board{folder: folder}
	app.Get("/", board.index)
	app.Post("/pins", board.add)
	app.Post("/name", changeName)
	app.Post("/logout", logout)
	app.Get("/pictures/<path:filename>", board.picture)
	app.Get("/api/pins", board.list)
	app.ErrorHandler(http.StatusRequestEntityTooLarge, tooLarge)
	return app
}

func (b *board) index(c *decant.Context) (any, error) {
	return c.Render("index.html", decant.H{"pins": b.all()})
}

// changeName is the login of this wall: everybody may say who they are.
func changeName(c *decant.Context) (any, error) {
	name, err := c.Request.Form.Require("name")
	if err != nil {
		return nil, err
	}
	c.Session.Set("name", name)
	return c.Redirect(c.URLFor("index"))
}

// logout takes a POST, because a link must not change anything: browsers fetch
// links in advance, and a picture on another site could log everybody out.
func logout(c *decant.Context) (any, error) {
	c.Session.Pop("name")
	return c.Redirect(c.URLFor("index"))
}

func (b *board) add(c *decant.Context) (any, error) {
	picture, err := c.Request.Files.Require("picture")
	if err != nil {
		return nil, err
	}
	title := c.Request.Form.Get("title")
	if title == "" || !isPicture(picture.Filename) {
		c.Flash("A pin has a title and a picture (.png, .jpg or .gif).", "error")
		return c.Redirect(c.URLFor("index"))
	}
	if err := b.pin(title, picture); err != nil {
		return nil, err
	}
	c.Flash(fmt.Sprintf("%q is on the wall.", title))
	return c.Redirect(c.URLFor("index"))
}

// pin keeps a picture. Its name is made safe, and different from all others.
func (b *board) pin(title string, picture *decant.File) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	id := len(b.pins) + 1
	filename := fmt.Sprintf("%d-%s", id, decant.SecureFilename(picture.Filename))
	if err := picture.Save(filepath.Join(b.folder, filename)); err != nil {
		return err
	}
	b.pins = append(b.pins, pin{id, title, filename})
	return nil
}

func (b *board) picture(c *decant.Context) (any, error) {
	return c.SendFromDirectory(os.DirFS(b.folder), c.Param("filename"))
}

func (b *board) list(*decant.Context) (any, error) { return b.all(), nil }

func (b *board) all() []pin {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return append([]pin{}, b.pins...)
}

func isPicture(filename string) bool {
	switch filepath.Ext(filename) {
	case ".png", ".jpg", ".gif":
		return true
	}
	return false
}

func tooLarge(c *decant.Context, e *decant.HTTPError) (any, error) {
	e.Description = "A picture has at most 8 megabytes."
	return c.Render("error.html", decant.H{"error": e})
}
