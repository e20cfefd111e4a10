package login

import (
	"fmt"

	"github.com/decant-go/decant"
)

// The keys of the session, and the values of rememberKey.
const (
	userIDKey          = "_user_id"
	freshKey           = "_fresh"
	identifierKey      = "_id"
	rememberKey        = "_remember"
	rememberSecondsKey = "_remember_seconds"
	nextKey            = "next"

	rememberSet   = "set"
	rememberClear = "clear"
)

// visit is the user of one request; its user is the zero value for nobody.
type visit[U User] struct{ user U }

func (v *visit[U]) isAuthenticated() bool {
	var nobody U
	if v.user == nobody {
		return false
	}
	asked, ok := any(v.user).(interface{ IsAuthenticated() bool })
	return !ok || asked.IsAuthenticated()
}

// isActive asks a user that can tell.
func isActive(user any) bool {
	asked, ok := user.(interface{ IsActive() bool })
	return !ok || asked.IsActive()
}

// CurrentUser returns the user of this request, or the zero value where nobody
// is logged in. The user is loaded at the first call. An error of the loader
// ends the request with a 500. It mirrors current_user.
func (m *Manager[U]) CurrentUser(c *decant.Context) U { return m.visit(c).user }

// IsAuthenticated reports whether somebody is logged in:
// current_user.is_authenticated. A user with a method IsAuthenticated has the
// last word.
func (m *Manager[U]) IsAuthenticated(c *decant.Context) bool { return m.visit(c).isAuthenticated() }

// visit loads the user when it is first asked for.
func (m *Manager[U]) visit(c *decant.Context) *visit[U] {
	if v, ok := m.current.Lookup(c); ok {
		return v
	}
	v := new(visit[U])
	if c.HasRequest() {
		m.looked.Set(c, true)
		user, err := m.site(c.App).find(c)
		if err != nil {
			panic(fmt.Errorf("decant: the user of the request cannot be loaded: %w", err))
		}
		v.user = user
	}
	m.current.Set(c, v)
	return v
}

// find looks for the user in the session, then in the cookie, then in the
// request. It mirrors _load_user.
func (s *site[U]) find(c *decant.Context) (user U, err error) {
	var nobody U
	if s.protectionFailed(c) {
		return nobody, nil
	}
	if id, ok := userID(c); ok && s.load != nil {
		user, err = s.load(c, id)
	}
	switch {
	case err != nil || user != nobody:
		return user, err
	case c.Request.Cookies.Has(cookieName(c)) && c.Session.Get(rememberKey) != rememberClear:
		return s.restore(c)
	case s.requestLoader != nil:
		return s.requestLoader(c)
	}
	return nobody, nil
}

// userID is the id in the session. Flask-Login writes a string. An
// application whose get_id returns a number has a number there.
func userID(c *decant.Context) (id string, ok bool) {
	switch value := c.Session.Get(userIDKey).(type) {
	case nil:
		return "", false
	case string:
		return value, true
	default:
		return fmt.Sprint(value), true
	}
}

// protectionFailed looks whether the session was made for this browser, and
// reports true if the user must not be loaded. It mirrors
// _session_protection_failed.
func (s *site[U]) protectionFailed(c *decant.Context) bool {
	mode := s.protection(c.App.Config)
	if mode != Basic && mode != Strong || c.Session.Len() == 0 {
		return false
	}
	if c.Session.Get(identifierKey) == Identifier(c, s.Version) {
		return false
	}
	if mode == Basic || c.Session.Permanent() {
		if c.Session.Get(freshKey) != false {
			c.Session.Set(freshKey, false)
		}
		return false
	}
	for _, key := range []string{userIDKey, rememberKey, rememberSecondsKey, identifierKey, freshKey, nextKey} {
		forget(c, key)
	}
	c.Session.Set(rememberKey, rememberClear)
	return true
}

// restore logs the user of the cookie in, and the login is not fresh. It mirrors
// _load_user_from_remember_cookie.
func (s *site[U]) restore(c *decant.Context) (user U, err error) {
	id, ok := remembered(c)
	if !ok {
		return user, nil
	}
	c.Session.Set(userIDKey, id)
	c.Session.Set(freshKey, false)
	if s.BindRemembered {
		c.Session.Set(identifierKey, Identifier(c, s.Version))
	}
	c.Session.Renew() // or who has planted the session would be logged in with it
	if s.load == nil {
		return user, nil
	}
	return s.load(c, id)
}

// Current is what templates know as current_user. It loads the user when it is
// first asked for something.
type Current[U User] struct {
	manager *Manager[U]
	context *decant.Context
}

// User returns the user, or the zero value where nobody is logged in.
func (u *Current[U]) User() U { return u.manager.CurrentUser(u.context) }

// IsAuthenticated reports whether somebody is logged in.
func (u *Current[U]) IsAuthenticated() bool { return u.manager.IsAuthenticated(u.context) }

// IsAnonymous reports whether nobody is logged in.
func (u *Current[U]) IsAnonymous() bool { return !u.IsAuthenticated() }

// IsActive reports whether somebody is logged in whose account is active.
func (u *Current[U]) IsActive() bool { return u.IsAuthenticated() && isActive(u.User()) }

// GetID returns the id of the user, or "" where nobody is logged in.
func (u *Current[U]) GetID() string {
	if u.IsAnonymous() {
		return ""
	}
	return u.User().GetID()
}
