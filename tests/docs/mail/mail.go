package mail

import (
	"context"

	"github.com/decant-go/decant"
	"github.com/wneessen/go-mail"
)

// Mailer sends messages. It is an interface so that a test can look at them.
type Mailer interface {
	DialAndSendWithContext(ctx context.Context, messages ...*mail.Msg) error
}

// NewMailer returns a mailer for an SMTP server: MAIL_SERVER, MAIL_USERNAME and
// MAIL_PASSWORD of Flask-Mail.
func NewMailer(server, username, password string) (Mailer, error) {
	return mail.NewClient(server,
		mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(username), mail.WithPassword(password))
}

// NewApp makes the application.
func NewApp(mailer Mailer) *decant.App {
	app := decant.New("shop")
	accounts := &accounts{mailer}
	app.Post("/reset", accounts.reset)
	return app
}

type accounts struct{ mailer Mailer }

func (a *accounts) reset(c *decant.Context) (any, error) {
	address, err := c.Request.Form.Require("email")
	if err != nil {
		return nil, err
	}
	text, err := c.RenderString("Hello! Somebody asked for a new password for {{ address }}.", decant.H{"address": address})
	if err != nil {
		return nil, err
	}
	message := mail.NewMsg()
	if err := message.From("shop@example.com"); err != nil {
		return nil, err
	}
	if err := message.To(address); err != nil {
		return nil, decant.NewHTTPError(400, "This is not an address.")
	}
	message.Subject("Reset your password")
	message.SetBodyString(mail.TypeTextHTML, text)
	if err := a.mailer.DialAndSendWithContext(c, message); err != nil {
		return nil, err
	}
	return "Look into your mailbox.", nil
}
