package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/decant-go/decant"
	_ "modernc.org/sqlite"
)

const schema = `
CREATE TABLE IF NOT EXISTS user (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	username TEXT UNIQUE NOT NULL
)`

// Open opens the database and makes the tables that are missing.
func Open(ctx context.Context, file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// NewApp makes the application around a database.
func NewApp(db *sql.DB) *decant.App {
	app := decant.New("users")
	users := &users{db}
	app.Get("/users/<username>", users.show)
	app.Post("/users/", users.create)
	return app
}

type users struct{ db *sql.DB }

func (u *users) show(c *decant.Context) (any, error) {
	var id int
	err := u.db.QueryRowContext(c, "SELECT id FROM user WHERE username = ?", c.Param("username")).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, decant.NewHTTPError(404, "There is no such user.")
	}
	return decant.H{"id": id}, err
}

func (u *users) create(c *decant.Context) (any, error) {
	username, err := c.Request.Form.Require("username")
	if err != nil {
		return nil, err
	}
	if _, err := u.db.ExecContext(c, "INSERT INTO user (username) VALUES (?)", username); err != nil {
		return nil, err
	}
	return c.Redirect(c.URLFor("show", "username", username))
}
