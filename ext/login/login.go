// Package login logs users in and out as Flask-Login does, with its session
// keys, its "remember me" cookie and its protection of sessions, so that a user
// who logged in at an application's Flask half is logged in at its Go half, and
// the other way round.
//
//	var users = login.New(loadUser)
//
//	func main() {
//		app := decant.New("shop")
//		users.LoginView = "auth.login"
//		users.Init(app)
//		app.Get("/account", account, decant.Decorate(users.Required))
//	}
//
//	func loadUser(c *decant.Context, id string) (*User, error) {
//		return findUser(c, id) // nil where there is no such user
//	}
//
// # Users
//
// A user is a value of your own type with a method GetID, mostly a pointer to a
// struct. Nobody is the zero value of that type: nil. The session and the cookie
// hold the text that GetID returns, which is what Flask-Login's get_id returns.
//
// # Templates
//
// Every template knows current_user. It has is_authenticated, is_active,
// is_anonymous and get_id, and whatever the user has. The user is loaded when a
// template first asks for one of these, and not before.
//
// # Settings
//
// Settings of the manager are its fields. These configuration keys are read,
// too, as Flask-Login reads them:
//
//	REMEMBER_COOKIE_NAME                  "remember_token"
//	REMEMBER_COOKIE_DURATION              365 days; a number of seconds or a time.Duration
//	REMEMBER_COOKIE_DOMAIN                the exact host
//	REMEMBER_COOKIE_PATH                  "/"
//	REMEMBER_COOKIE_SECURE                false
//	REMEMBER_COOKIE_HTTPONLY              true
//	REMEMBER_COOKIE_SAMESITE              the attribute is left out
//	REMEMBER_COOKIE_REFRESH_EACH_REQUEST  false
//	SESSION_PROTECTION                    instead of the field SessionProtection
//	USE_SESSION_FOR_NEXT                  false
//	FORCE_HOST_FOR_REDIRECTS              the host of LoginURL
//	LOGIN_DISABLED                        false; true lets everybody in, for tests
//
// # Fresh logins
//
// A login is fresh until the session is restored from the cookie, or the session
// protection finds another browser. [Manager.FreshRequired] asks for a fresh
// one, before a password is changed for example, and [Manager.Confirm] makes a
// login fresh again.
package login

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/decant-go/decant"
)

// User is what the type of an application's users must have. The zero value of
// the type stands for nobody.
type User interface {
	comparable
	// GetID returns the text by which the user loader finds the user again.
	GetID() string
}

// Protection says how much a session is bound to the browser for which it was
// made, by a hash of the address and the User-Agent.
type Protection string

const (
	// Basic makes the login of another browser stale: the user stays logged in
	// and [Manager.FreshRequired] asks for the password. It is the default.
	Basic Protection = "basic"
	// Strong logs another browser out, unless the session is permanent, for
	// which it does what Basic does.
	Strong Protection = "strong"
	// Off does not look.
	Off Protection = ""
)

// Version is the line of Flask-Login with which sessions are shared.
type Version int

const (
	// V06 is Flask-Login 0.6 and before.
	V06 Version = iota
	// V07 is Flask-Login 0.7, which makes another identifier of the browser, has
	// no LOGIN_DISABLED, and refreshes only cookies that were sent.
	V07
)

// Settings are the fields of a [Manager]. An application uses the settings as
// they are when [Manager.Init] is called.
type Settings struct {
	// LoginView is where users are sent to log in: an endpoint such as
	// "auth.login", or a URL that begins with "/", "http://" or "https://".
	// Without one they get a 401.
	LoginView string
	// BlueprintLoginViews are login views for the views of blueprints, by the
	// names under which the blueprints were registered. An empty one stands for
	// the 401.
	BlueprintLoginViews map[string]string
	// LoginMessage is flashed to users who are sent to log in, unless it is
	// empty.
	LoginMessage string
	// LoginMessageCategory is the category of the LoginMessage.
	LoginMessageCategory string

	// RefreshView is where users are sent whose login is not fresh. Without one
	// they get a 401.
	RefreshView string
	// NeedsRefreshMessage is flashed to them, unless it is empty.
	NeedsRefreshMessage string
	// NeedsRefreshMessageCategory is the category of the NeedsRefreshMessage.
	NeedsRefreshMessageCategory string

	// Localize, if it is set, translates both messages.
	Localize func(c *decant.Context, message string) string
	// UnauthorizedHandler, if it is set, answers instead of LoginView.
	UnauthorizedHandler decant.View
	// NeedsRefreshHandler, if it is set, answers instead of RefreshView.
	NeedsRefreshHandler decant.View

	// SessionProtection is the protection of sessions: [Basic].
	SessionProtection Protection
	// BindRemembered binds a session that was restored from the cookie to the
	// browser. Flask-Login does not, and its strong protection therefore logs
	// remembered users out again at their second request. Set it together with
	// [Strong] once Flask no longer restores logins itself.
	BindRemembered bool
	// Version is the line of Flask-Login on the other side: [V06].
	Version Version
}

// Manager logs users of the type U in and out. Make one with [New], set its
// fields, and start it with [Manager.Init]. It mirrors LoginManager.
type Manager[U User] struct {
	Settings
	// RequestLoader, if it is set, finds the user of a request that has neither
	// a session nor a cookie that leads to one, by a header for example. It
	// returns the zero value where there is none. It mirrors request_loader.
	RequestLoader func(c *decant.Context) (U, error)

	load    func(c *decant.Context, id string) (U, error)
	current decant.G[*visit[U]]
	looked  decant.G[bool] // into the session
	sites   sync.Map       // of *site[U] by *decant.App

	attributes attributes
}

// site is a manager as one application uses it.
type site[U User] struct {
	Settings
	requestLoader func(c *decant.Context) (U, error)
	load          func(c *decant.Context, id string) (U, error)
}

// New returns a manager with Flask-Login's default settings. Load finds a user
// by the text that GetID has returned; for an id that belongs to nobody it
// returns the zero value and no error. Its error ends the request with a 500.
// Nil will do for a manager that only has a RequestLoader. It mirrors
// LoginManager and user_loader.
func New[U User](load func(c *decant.Context, id string) (U, error)) *Manager[U] {
	return &Manager[U]{
		Settings: Settings{
			LoginMessage:                "Please log in to access this page.",
			LoginMessageCategory:        "message",
			NeedsRefreshMessage:         "Please reauthenticate to access this page.",
			NeedsRefreshMessageCategory: "message",
			SessionProtection:           Basic,
		},
		load:    load,
		current: decant.NewG[*visit[U]]("_login_user"),
		looked:  decant.NewG[bool]("_login_session"),
	}
}

// Init starts the manager on an application: it sets and deletes the cookie
// after each request, and gives templates current_user. The manager's fields
// are read now; what is changed later has no effect. Init panics if there is no
// way to find a user. A manager can serve several applications. It mirrors
// init_app.
func (m *Manager[U]) Init(app *decant.App) {
	if m.load == nil && m.RequestLoader == nil {
		panic(fmt.Sprintf("decant: the login manager of the application %q cannot find users; pass a function to login.New, or set RequestLoader", app.Name))
	}
	s := &site[U]{m.Settings, m.RequestLoader, m.load}
	m.sites.Store(app, s)
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error { return s.updateCookie(c, r, m.looked.Get(c)) })
	app.ContextProcessor(func(c *decant.Context) decant.H { return decant.H{"current_user": &Current[U]{m, c}} })
}

// site returns the settings for an application.
func (m *Manager[U]) site(app *decant.App) *site[U] {
	s, ok := m.sites.Load(app)
	if !ok {
		panic(fmt.Errorf("decant: a login manager is used in the application %q without being started there; call its Init before the first request", app.Name))
	}
	return s.(*site[U])
}

// Option is a setting of one [Manager.LoginUser].
type Option interface{ applyTo(*loginOptions) }

type loginOptions struct {
	remember, force, stale bool
	duration               *time.Duration
}

type loginOption func(*loginOptions)

func (o loginOption) applyTo(l *loginOptions) { o(l) }

// Remember sends a cookie by which the user stays logged in when the browser is
// closed, or the session has ended.
func Remember() Option { return loginOption(func(l *loginOptions) { l.remember = true }) }

// Duration makes the cookie of [Remember] last for a time of its own, instead of
// REMEMBER_COOKIE_DURATION.
func Duration(d time.Duration) Option {
	return loginOption(func(l *loginOptions) { l.duration = &d })
}

// Fresh says whether the login is fresh; without it, it is.
func Fresh(fresh bool) Option { return loginOption(func(l *loginOptions) { l.stale = !fresh }) }

// AllowInactive logs a user in who is not active: force=True.
func AllowInactive() Option { return loginOption(func(l *loginOptions) { l.force = true }) }

// LoginUser logs a user in: the session then holds the user's id, and is bound
// to this browser. The rest of the session stays; one on the server gets a new
// id. It reports false, and does nothing, for a user whose IsActive method says
// false. It mirrors login_user.
func (m *Manager[U]) LoginUser(c *decant.Context, user U, options ...Option) bool {
	s := m.site(c.App)
	m.looked.Set(c, true)
	var o loginOptions
	for _, option := range options {
		option.applyTo(&o)
	}
	var nobody U
	if user == nobody {
		panic(errors.New("decant: LoginUser got nobody to log in; look whether the user was found before"))
	}
	if !o.force && !isActive(user) {
		return false
	}
	c.Session.Set(userIDKey, user.GetID())
	c.Session.Set(freshKey, !o.stale)
	c.Session.Set(identifierKey, Identifier(c, s.Version))
	c.Session.Renew()
	if o.remember {
		c.Session.Set(rememberKey, rememberSet)
		if o.duration != nil {
			c.Session.Set(rememberSecondsKey, o.duration.Seconds())
		}
	}
	m.current.Set(c, &visit[U]{user})
	return true
}

// Logout logs the user out, if somebody is logged in, and makes the browser
// forget the cookie. The rest of the session stays. It mirrors logout_user.
func (m *Manager[U]) Logout(c *decant.Context) {
	m.visit(c)
	for _, key := range []string{userIDKey, freshKey, identifierKey} {
		forget(c, key)
	}
	if c.Request.Cookies.Has(cookieName(c)) {
		c.Session.Set(rememberKey, rememberClear)
		forget(c, rememberSecondsKey)
	}
	m.current.Set(c, new(visit[U]))
}

// forget removes a key from the session and leaves a session without it alone,
// which may be one that cannot be written.
func forget(c *decant.Context, key string) {
	if c.Session.Has(key) {
		c.Session.Delete(key)
	}
}

// Confirm makes the login fresh, after the user has shown the password once
// more. It mirrors confirm_login.
func (m *Manager[U]) Confirm(c *decant.Context) {
	m.looked.Set(c, true)
	c.Session.Set(freshKey, true)
	c.Session.Set(identifierKey, Identifier(c, m.site(c.App).Version))
	c.Session.Renew()
}

// IsFresh reports whether the login is fresh. It mirrors login_fresh.
func (m *Manager[U]) IsFresh(c *decant.Context) bool { return c.Session.Bool(freshKey) }

// IsRemembered reports whether this request came with a good cookie, by which
// the user stays logged in. It mirrors login_remembered.
func (m *Manager[U]) IsRemembered(c *decant.Context) bool {
	m.looked.Set(c, true)
	_, ok := remembered(c)
	return ok
}
