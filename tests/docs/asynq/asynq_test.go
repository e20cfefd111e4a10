package asynq

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"
)

func TestWorkerSendsTheMail(t *testing.T) {
	var addresses []string
	failure := errors.New("no mail today")
	worker := NewWorker(func(_ context.Context, address string) error {
		addresses = append(addresses, address)
		return failure
	})
	err := worker.ProcessTask(t.Context(), asynq.NewTask(welcomeMail, []byte(`{"Address": "ann@example.com"}`)))
	if !errors.Is(err, failure) || len(addresses) != 1 || addresses[0] != "ann@example.com" {
		t.Errorf("the error is %v, the addresses are %q", err, addresses)
	}
}
