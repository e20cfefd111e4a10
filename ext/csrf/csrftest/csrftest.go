// Package csrftest sends forms with CSRF tokens in tests.
package csrftest

import (
	"net/http"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/csrf"
)

// WithToken is an option of a request that the application checks: it adds the token
// of the client's session, as a page with the form would have, and over HTTPS the
// Referer that goes with it.
//
//	client.Post("/order", decanttest.Form{"item": "tea"}, csrftest.WithToken(client))
//
// The session gets a token if it has none. WithToken panics without a secret key, as
// [csrf.Token] does.
func WithToken(client *decanttest.Client) decanttest.Option {
	var token string
	client.Session(func(s *decant.Session) { token = csrf.TokenFor(client.App(), s) })
	return decanttest.Prepare(func(r *http.Request) {
		r.Header.Set("X-CSRFToken", token)
		if r.TLS != nil {
			r.Header.Set("Referer", "https://"+r.Host+strings.TrimSuffix(r.URL.Path, "/")+"/")
		}
	})
}
