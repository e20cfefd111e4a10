package sqlc

import (
	"database/sql"
	"errors"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/tests/docs/sqlc/db"
)

// NewApp makes the application. The package db is what sqlc has generated.
func NewApp(database *sql.DB) *decant.App {
	app := decant.New("users")
	users := &users{db.New(database)}
	app.Get("/users/<username>", users.show)
	return app
}

type users struct{ queries *db.Queries }

func (u *users) show(c *decant.Context) (any, error) {
	user, err := u.queries.FindUser(c, c.Param("username"))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, decant.NewHTTPError(404)
	}
	return user, err
}
