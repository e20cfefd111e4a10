// Package flaskr is the blog of Flask's tutorial: users register, log in, and write,
// edit and delete posts. It has the tutorial's URLs, templates, tables, password hashes
// and sessions, so that it can open the database of the Python application, and take
// its place while users are logged in.
package flaskr

import (
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/decant-go/decant"
)

//go:embed templates static
var files embed.FS

// Blog is the application with its database.
type Blog struct {
	*decant.App
	DB *sql.DB
}

// New makes the application. Without settings it reads instance/config.json, if that
// is there, and environment variables such as FLASKR_SECRET_KEY. Tests pass their
// settings. It mirrors the tutorial's create_app.
func New(settings decant.H) (*Blog, error) {
	app := decant.New("flaskr", decant.Templates(folder("templates")), decant.Static(folder("static")))
	app.Config.SecretKey = "dev" // a real one stands in instance/config.json
	app.Config.Set("DATABASE", filepath.Join("instance", "flaskr.sqlite"))
	if err := configure(app.Config, settings); err != nil {
		return nil, err
	}
	db, err := openDB(app.Config.Get("DATABASE").(string))
	if err != nil {
		return nil, err
	}

	app.Get("/hello", func(c *decant.Context) (any, error) { return "Hello, World!", nil }, decant.Endpoint("hello"))
	app.RegisterBlueprint(newAuth(db))
	app.RegisterBlueprint(newPosts(db))
	app.Get("/", nil, decant.Endpoint("index"), decant.BuildOnly()) // another name of blog.index
	return &Blog{app, db}, nil
}

func configure(config *decant.Config, settings decant.H) error {
	if settings != nil {
		return config.FromMap(settings)
	}
	err := config.FromFile(filepath.Join("instance", "config.json"), json.Unmarshal)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return config.FromPrefixedEnv("FLASKR")
}

// folder is a folder of the files that the program carries.
func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is not a path
	}
	return sub
}
