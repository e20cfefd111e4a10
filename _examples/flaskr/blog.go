package flaskr

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/decant-go/decant"
)

// Post is a row of the table post, with the name of its author.
type Post struct {
	ID       int
	Title    string
	Body     string
	Created  time.Time
	AuthorID int
	Username string
}

// posts holds the views of posts.
type posts struct{ db *sql.DB }

func newPosts(db *sql.DB) *decant.Blueprint {
	p := &posts{db}
	bp := decant.NewBlueprint("blog")
	bp.Get("/", p.index)
	bp.Route("/create", p.create, decant.Methods("GET", "POST"), decant.Decorate(loginRequired))
	bp.Route("/<int:id>/update", p.update, decant.Methods("GET", "POST"), decant.Decorate(loginRequired))
	bp.Post("/<int:id>/delete", p.delete, decant.Decorate(loginRequired))
	return bp
}

const selectPosts = `SELECT p.id, title, body, created, author_id, username
	FROM post p JOIN user u ON p.author_id = u.id`

// scanner is a row of a result.
type scanner interface{ Scan(into ...any) error }

func scanPost(row scanner) (*Post, error) {
	var p Post
	err := row.Scan(&p.ID, &p.Title, &p.Body, &p.Created, &p.AuthorID, &p.Username)
	return &p, err
}

// index shows all posts, the newest first.
func (p *posts) index(c *decant.Context) (any, error) {
	rows, err := p.db.QueryContext(c, selectPosts+" ORDER BY created DESC")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*Post
	for rows.Next() {
		post, err := scanPost(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, post)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return c.Render("blog/index.html", decant.H{"posts": found})
}

// own returns the post of the URL, which only its author may change.
func (p *posts) own(c *decant.Context) (*Post, error) {
	id := c.ParamInt("id")
	post, err := scanPost(p.db.QueryRowContext(c, selectPosts+" WHERE p.id = ?", id))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, decant.NewHTTPError(404, fmt.Sprintf("Post id %d doesn't exist.", id))
	case err != nil:
		return nil, err
	case post.AuthorID != user.Get(c).ID:
		return nil, decant.NewHTTPError(403)
	}
	return post, nil
}

func (p *posts) create(c *decant.Context) (any, error) {
	if c.Request.Method == "POST" {
		title, body, problem, err := written(c)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			_, err := p.db.ExecContext(c, "INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)", title, body, user.Get(c).ID)
			if err != nil {
				return nil, err
			}
			return c.Redirect(c.URLFor("blog.index"))
		}
		c.Flash(problem)
	}
	return c.Render("blog/create.html")
}

// written returns the title and the body of the form, or says what is wrong with them.
func written(c *decant.Context) (title, body, problem string, err error) {
	if title, err = c.Request.Form.Require("title"); err != nil {
		return "", "", "", err
	}
	if body, err = c.Request.Form.Require("body"); err != nil {
		return "", "", "", err
	}
	if title == "" {
		problem = "Title is required."
	}
	return title, body, problem, nil
}

func (p *posts) update(c *decant.Context) (any, error) {
	post, err := p.own(c)
	if err != nil {
		return nil, err
	}
	if c.Request.Method == "POST" {
		title, body, problem, err := written(c)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			_, err := p.db.ExecContext(c, "UPDATE post SET title = ?, body = ? WHERE id = ?", title, body, post.ID)
			if err != nil {
				return nil, err
			}
			return c.Redirect(c.URLFor("blog.index"))
		}
		c.Flash(problem)
	}
	return c.Render("blog/update.html", decant.H{"post": post})
}

func (p *posts) delete(c *decant.Context) (any, error) {
	post, err := p.own(c)
	if err != nil {
		return nil, err
	}
	if _, err := p.db.ExecContext(c, "DELETE FROM post WHERE id = ?", post.ID); err != nil {
		return nil, err
	}
	return c.Redirect(c.URLFor("blog.index"))
}
