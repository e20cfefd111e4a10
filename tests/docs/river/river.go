package river

import (
	"context"
	"database/sql"

	"github.com/decant-go/decant"
	"github.com/riverqueue/river"
)

// Welcome are the arguments of a task.
type Welcome struct {
	Address string `json:"address"`
}

// Kind names the task in the table of jobs.
func (Welcome) Kind() string { return "welcome" }

// Mailer works on the tasks. Register it with river.AddWorker.
type Mailer struct {
	river.WorkerDefaults[Welcome]
	Send func(ctx context.Context, address string) error
}

// Work sends one mail. The task is tried again if it returns an error.
func (m *Mailer) Work(ctx context.Context, job *river.Job[Welcome]) error {
	return m.Send(ctx, job.Args.Address)
}

// NewApp makes the application around a database and a client of river.
func NewApp(db *sql.DB, client *river.Client[*sql.Tx]) *decant.App {
	app := decant.New("shop")
	signUps := &signUps{db, client}
	app.Post("/sign-up", signUps.add)
	return app
}

type signUps struct {
	db     *sql.DB
	client *river.Client[*sql.Tx]
}

func (s *signUps) add(c *decant.Context) (any, error) {
	address, err := c.Request.Form.Require("email")
	if err != nil {
		return nil, err
	}
	tx, err := s.db.BeginTx(c, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(c, "INSERT INTO account (email) VALUES ($1)", address); err != nil {
		return nil, err
	}
	if _, err := s.client.InsertTx(c, tx, Welcome{address}, nil); err != nil {
		return nil, err
	}
	return decant.H{"status": "welcome"}, tx.Commit()
}
