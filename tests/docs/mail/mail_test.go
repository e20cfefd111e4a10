package mail

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"
)

// outbox keeps messages instead of sending them.
type outbox struct{ messages []*mail.Msg }

func (o *outbox) DialAndSendWithContext(_ context.Context, messages ...*mail.Msg) error {
	o.messages = append(o.messages, messages...)
	return nil
}

func TestReset(t *testing.T) {
	var sent outbox
	app := NewApp(&sent)
	for address, status := range map[string]int{"ann@example.com": 200, "nobody": 400} {
		r := httptest.NewRequest("POST", "/reset", strings.NewReader("email="+address))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: %d %s", address, w.Code, w.Body)
		}
	}
	if len(sent.messages) != 1 || !strings.Contains(sent.messages[0].GetToString()[0], "ann@example.com") {
		t.Errorf("the messages are %v", sent.messages)
	}
}

func TestNewMailer(t *testing.T) {
	if _, err := NewMailer("mail.example.com", "shop", "secret"); err != nil {
		t.Error(err)
	}
}
