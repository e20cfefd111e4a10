// Package csrftest sends forms with CSRF tokens in tests.
package csrftest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/decanttest"
	"github.com/decant-go/decant/ext/csrf"
	"github.com/decant-go/decant/ext/internal/configkey"
)

// WithToken is an option of a request that the application checks: it adds the token
// of the client's session, as a page with the form would have, and over HTTPS the
// Referer that goes with it.
//
//	client.Post("/order", decanttest.Form{"item": "tea"}, csrftest.WithToken(client))
//
// The token goes into the first header of WTF_CSRF_HEADERS. The session gets a token
// if it has none. WithToken panics without a secret key, as [csrf.Token] does, and
// where WTF_CSRF_HEADERS names no header.
func WithToken(client *decanttest.Client) decanttest.Option {
	headers := configkey.Texts(client.App().Config, "WTF_CSRF_HEADERS", "X-CSRFToken")
	if len(headers) == 0 {
		panic(errors.New("decant: WTF_CSRF_HEADERS is empty, so no header can hold the token; post it in the form field of WTF_CSRF_FIELD_NAME"))
	}
	var token string
	client.Session(func(s *decant.Session) { token = csrf.TokenFor(client.App(), s) })
	return decanttest.Prepare(func(r *http.Request) {
		r.Header.Set(headers[0], token)
		if r.TLS != nil {
			r.Header.Set("Referer", "https://"+r.Host+strings.TrimSuffix(r.URL.Path, "/")+"/")
		}
	})
}
