package river

import (
	"context"
	"testing"

	"github.com/riverqueue/river"
)

func TestMailerSendsTheMail(t *testing.T) {
	sent := ""
	mailer := &Mailer{Send: func(_ context.Context, address string) error { sent = address; return nil }}
	if err := river.AddWorkerSafely(river.NewWorkers(), mailer); err != nil {
		t.Fatal(err)
	}
	if err := mailer.Work(t.Context(), &river.Job[Welcome]{Args: Welcome{"ann@example.com"}}); err != nil || sent != "ann@example.com" {
		t.Errorf("sent to %q: %v", sent, err)
	}
}
