package asynq

import (
	"context"
	"encoding/json"

	"github.com/decant-go/decant"
	"github.com/hibiken/asynq"
)

const welcomeMail = "mail:welcome"

type welcome struct{ Address string }

// NewApp makes the application. A worker program calls NewWorker.
func NewApp(client *asynq.Client) *decant.App {
	app := decant.New("shop")
	signUps := &signUps{client}
	app.Post("/sign-up", signUps.add)
	return app
}

type signUps struct{ client *asynq.Client }

func (s *signUps) add(c *decant.Context) (any, error) {
	address, err := c.Request.Form.Require("email")
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(welcome{address})
	if err != nil {
		return nil, err
	}
	info, err := s.client.EnqueueContext(c, asynq.NewTask(welcomeMail, payload), asynq.MaxRetry(5))
	if err != nil {
		return nil, err
	}
	return c.JSON(decant.H{"task": info.ID}, 202)
}

// NewWorker makes the handler of a worker: asynq.NewServer(…).Run(NewWorker(send)).
func NewWorker(send func(ctx context.Context, address string) error) *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(welcomeMail, func(ctx context.Context, task *asynq.Task) error {
		var mail welcome
		if err := json.Unmarshal(task.Payload(), &mail); err != nil {
			return err
		}
		return send(ctx, mail.Address)
	})
	return mux
}
