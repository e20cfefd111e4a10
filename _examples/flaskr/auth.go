package flaskr

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/password"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// User is a row of the table user.
type User struct {
	ID       int
	Username string
	Password string // its hash
}

// user is who is logged in, or nil: g.user in templates.
var user = decant.NewG[*User]("user")

// auth holds the views of users.
type auth struct{ db *sql.DB }

func newAuth(db *sql.DB) *decant.Blueprint {
	a := &auth{db}
	bp := decant.NewBlueprint("auth", decant.URLPrefix("/auth"))
	bp.BeforeAppRequest(a.loadLoggedInUser)
	bp.Route("/register", a.register, decant.Methods("GET", "POST"))
	bp.Route("/login", a.login, decant.Methods("GET", "POST"))
	bp.Get("/logout", a.logout)
	return bp
}

// loginRequired sends visitors who are not logged in to the login page.
func loginRequired(view decant.View) decant.View {
	return func(c *decant.Context) (any, error) {
		if user.Get(c) == nil {
			return c.Redirect(c.URLFor("auth.login"))
		}
		return view(c)
	}
}

// loadLoggedInUser runs before each request.
func (a *auth) loadLoggedInUser(c *decant.Context) (any, error) {
	id := c.Session.Get("user_id")
	if id == nil {
		user.Set(c, nil)
		return nil, nil
	}
	found, err := a.find(c, "id", id)
	user.Set(c, found)
	return nil, err
}

// find returns the user whose column has a value, or nil.
func (a *auth) find(c *decant.Context, column string, value any) (*User, error) {
	var u User
	row := a.db.QueryRowContext(c, "SELECT id, username, password FROM user WHERE "+column+" = ?", value)
	switch err := row.Scan(&u.ID, &u.Username, &u.Password); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &u, nil
}

func (a *auth) register(c *decant.Context) (any, error) {
	if c.Request.Method == "POST" {
		problem, err := a.addUser(c)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			return c.Redirect(c.URLFor("auth.login"))
		}
		c.Flash(problem)
	}
	return c.Render("auth/register.html")
}

// addUser adds the user of the form, or says what is wrong with it.
func (a *auth) addUser(c *decant.Context) (problem string, err error) {
	username, given, err := credentials(c)
	switch {
	case err != nil:
		return "", err
	case username == "":
		return "Username is required.", nil
	case given == "":
		return "Password is required.", nil
	}
	hash, err := password.Generate(given)
	if err != nil {
		return "", err
	}
	_, err = a.db.ExecContext(c, "INSERT INTO user (username, password) VALUES (?, ?)", username, hash)
	var failure *sqlite.Error
	if errors.As(err, &failure) && failure.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return fmt.Sprintf("User %s is already registered.", username), nil
	}
	return "", err
}

func credentials(c *decant.Context) (username, given string, err error) {
	if username, err = c.Request.Form.Require("username"); err != nil {
		return "", "", err
	}
	given, err = c.Request.Form.Require("password")
	return username, given, err
}

func (a *auth) login(c *decant.Context) (any, error) {
	if c.Request.Method == "POST" {
		found, problem, err := a.checkUser(c)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			c.Session.Clear()
			c.Session.Set("user_id", found.ID)
			return c.Redirect(c.URLFor("index"))
		}
		c.Flash(problem)
	}
	return c.Render("auth/login.html")
}

// checkUser returns the user whose name and password are in the form, or says what is
// wrong with them.
func (a *auth) checkUser(c *decant.Context) (found *User, problem string, err error) {
	username, given, err := credentials(c)
	if err != nil {
		return nil, "", err
	}
	found, err = a.find(c, "username", username)
	switch {
	case err != nil:
		return nil, "", err
	case found == nil:
		return nil, "Incorrect username.", nil
	}
	matches, err := password.Check(found.Password, given)
	if err == nil && !matches {
		problem = "Incorrect password."
	}
	return found, problem, err
}

func (a *auth) logout(c *decant.Context) (any, error) {
	c.Session.Clear()
	return c.Redirect(c.URLFor("index"))
}
