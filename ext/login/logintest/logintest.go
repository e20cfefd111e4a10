// Package logintest logs users in for tests, without a password and a form.
package logintest

import (
	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/login"
)

// LoginAs puts a user into a session, as if the user had logged in, and the
// login is fresh. It is for the session of a test client:
//
//	client.Session(func(s *decant.Session) { logintest.LoginAs(s, user) })
//
// The session is not bound to a browser, since there is none. Where the manager
// protects sessions, the first request therefore makes the login stale, or ends
// it under [login.Strong]; [LoginAsFrom] binds it. It mirrors FlaskLoginClient.
func LoginAs[U login.User](session *decant.Session, user U) {
	session.Set("_user_id", user.GetID())
	session.Set("_fresh", true)
}

// LoginAsFrom is [LoginAs] in a request: it binds the session to the address
// and the User-Agent of the request's client, as [login.Identifier] tells them. For
// a test client:
//
//	client.InRequest(func(c *decant.Context) { logintest.LoginAsFrom(c, user, login.V06) })
func LoginAsFrom[U login.User](c *decant.Context, user U, version login.Version) {
	LoginAs(c.Session, user)
	c.Session.Set("_id", login.Identifier(c, version))
}
