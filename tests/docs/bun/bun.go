package bun

import (
	"database/sql"
	"errors"

	"github.com/decant-go/decant"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// User is a row of the table that the model User of SQLAlchemy made.
type User struct {
	bun.BaseModel `bun:"table:user"`

	ID       int    `bun:"id,pk,autoincrement" json:"id"`
	Username string `bun:"username" json:"username"`
}

// NewApp makes the application around a database.
func NewApp(database *sql.DB) *decant.App {
	app := decant.New("users")
	users := &users{bun.NewDB(database, sqlitedialect.New())}
	app.Get("/users/<username>", users.show)
	return app
}

type users struct{ db *bun.DB }

func (u *users) show(c *decant.Context) (any, error) {
	var user User
	err := u.db.NewSelect().Model(&user).Where("username = ?", c.Param("username")).Scan(c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, decant.NewHTTPError(404)
	}
	return user, err
}
