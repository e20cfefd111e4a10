// Package flasksession shares the sessions of Flask-Session with an
// application's Flask half: it reads and writes them in Redis and in SQL
// tables, in the forms that the Python side reads.
//
//	store := goredisstore.NewWithPrefix(client, "") // github.com/alexedwards/scs/goredisstore
//	flasksession.New(store).Init(app)
//
// The store is any one made for [scs], or [NewSQLAlchemy] or [NewPostgreSQL]
// for the tables. It is given whole keys, prefix and id, so a prefix of its own
// must be empty.
//
// # Settings
//
// The settings are Flask-Session's configuration keys. Set them with
// [decant.Config.Set] to what they are on the Python side.
//
//	SESSION_KEY_PREFIX            "session:"
//	SESSION_PERMANENT             true: new sessions are permanent
//	SESSION_USE_SIGNER            false: the cookie holds the id as it is
//	SESSION_ID_LENGTH             32 random bytes in a new id
//	SESSION_SERIALIZATION_FORMAT  "msgpack", or "json"; "pickle" where the
//	                              Flask-Session beside it is older than 0.7
//
// The cookie's name and attributes, Config.PermanentSessionLifetime and
// Config.SessionRefreshEachRequest count as they do for Flask.
//
// # What a session holds
//
// The usual values come back as they do from the signed cookie, except that
// MessagePack and JSON have no tuples, no markup and fewer dates: tuples and
// sets come back as lists, and UUIDs as strings. [Dict], [NaiveTime] and the
// types beside them stand for what only Python has, so that a session that Go
// has touched still holds what Python put there. A pickle that holds objects of
// other classes is an error that names the class.
//
// # What differs from Flask-Session
//
// Session.Clear and Session.Renew give the session a new id, as the package
// serversession does, so that nobody who knew an id before a login is logged in
// after it. Flask-Session keeps the id.
//
// Of two requests that change one session at a time, the later one wins, as with
// Flask-Session. A session that another request has ended meanwhile stays ended
// where Flask-Session would bring it back.
//
// [scs]: https://github.com/alexedwards/scs
package flasksession

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
)

// Option is a setting of [New].
type Option interface{ applyTo(*Sessions) }

type option func(*Sessions)

func (o option) applyTo(s *Sessions) { o(s) }

// Timeout bounds each call to the store, in place of 3 seconds; the request
// then ends with a 503. It is for stores whose methods take a context.
func Timeout(limit time.Duration) Option {
	if limit <= 0 {
		panic(fmt.Sprintf("decant: flasksession.Timeout(%v) leaves the store no time; pass one such as time.Second", limit))
	}
	return option(func(s *Sessions) { s.timeout = limit })
}

// Sessions are the sessions of Flask-Session in one store. They are a
// [decant.SessionInterface].
type Sessions struct {
	store   serversession.Store
	timeout time.Duration
	visits  decant.G[*visit]
	sites   sync.Map // of *settings by *decant.App
}

// New returns the sessions in a store. Several applications may share them.
//
// An error of the store ends the request with a 503, or with the answer of the
// application's ErrorHandler for 503.
func New(store serversession.Store, options ...Option) *Sessions {
	if store == nil {
		panic("decant: flasksession.New got a nil store; pass one such as serversession.NewMemory()")
	}
	s := &Sessions{store: store, timeout: 3 * time.Second, visits: decant.NewG[*visit]("flasksession")}
	for _, option := range options {
		option.applyTo(s)
	}
	return s
}

// Init makes these the sessions of an application, and renews the lifetime of
// each visitor's session at every request, also at those that do not look at
// it, as Flask-Session does where Config.SessionRefreshEachRequest is set. Call
// it before functions are registered with AfterRequest, which may still look at
// the session.
func (s *Sessions) Init(app *decant.App) {
	app.SessionInterface = s
	app.AfterRequest(s.refresh)
}

// visit is what one request knows of its session.
type visit struct {
	id        string // "" until the session is in the store
	data      []byte // as it was found
	values    map[string]any
	permanent bool // it was when it was opened
	untouched bool // only refresh has opened it
}

// salt tells signed ids from everything else that is signed with the key.
const salt = "flask-session"

// settings are the configuration keys of the package as an application has set
// them.
type settings struct {
	prefix               string
	permanent, useSigner bool
	idLength             int
	format               Format
	signer               *decant.Signer
}

func (s *Sessions) settings(app *decant.App) (*settings, error) {
	if found, ok := s.sites.Load(app); ok {
		return found.(*settings), nil
	}
	read, err := readSettings(app.Config)
	if err != nil {
		return nil, err
	}
	s.sites.Store(app, read)
	return read, nil
}

func readSettings(config *decant.Config) (*settings, error) {
	s := &settings{prefix: "session:", permanent: true, idLength: 32, format: Msgpack}
	var format string
	for _, setting := range []struct {
		key    string
		target any
	}{
		{"SESSION_KEY_PREFIX", &s.prefix},
		{"SESSION_PERMANENT", &s.permanent},
		{"SESSION_USE_SIGNER", &s.useSigner},
		{"SESSION_ID_LENGTH", &s.idLength},
		{"SESSION_SERIALIZATION_FORMAT", &format},
	} {
		if value, ok := config.Lookup(setting.key); ok && !assign(setting.target, value) {
			return nil, fmt.Errorf("decant: the configuration key %s is a %T; set it to what Flask-Session has there", setting.key, value)
		}
	}
	if format != "" {
		s.format = Format(format)
	}
	const shortest, longest = 16, 128
	if s.idLength < shortest || s.idLength > longest {
		return nil, fmt.Errorf("decant: the configuration key SESSION_ID_LENGTH is %d; write a number of bytes from %d to %d", s.idLength, shortest, longest)
	}
	if s.useSigner {
		s.signer = newSigner(config.SecretKey)
	}
	return s, s.format.check()
}

// assign stores a value of the right type.
func assign(target, value any) bool {
	ok := false
	switch target := target.(type) {
	case *string:
		*target, ok = value.(string)
	case *bool:
		*target, ok = value.(bool)
	case *int:
		*target, ok = value.(int)
	}
	return ok
}

func newSigner(secretKey string) *decant.Signer {
	return decant.NewSigner(secretKey, salt, decant.KeyDerivation("hmac"))
}

// SignID returns the value of the cookie for an id where SESSION_USE_SIGNER is
// set: "id.signature". The error comes from [decant.Signer.Sign].
func SignID(secretKey, id string) (string, error) { return newSigner(secretKey).Sign(id) }

// UnsignID returns the id in a signed cookie. The error comes from
// [decant.Signer.Unsign]. Former keys are not believed, as in Flask-Session.
func UnsignID(secretKey, cookie string) (string, error) { return newSigner(secretKey).Unsign(cookie) }

// Open reads the session that the request's cookie names. An id that is not in
// the store, or not signed where it should be, gives a new session; its own id
// comes with the first change.
func (s *Sessions) Open(c *decant.Context) (map[string]any, error) {
	if v, ok := s.visits.Lookup(c); ok {
		return v.values, nil // refresh has found it
	}
	v := new(visit)
	s.visits.Set(c, v)
	settings, err := s.settings(c.App)
	if err != nil {
		return nil, err
	}
	if found, err := s.load(c, settings, v); found || err != nil {
		return v.values, err
	}
	v.permanent = settings.permanent
	if settings.permanent {
		v.values = map[string]any{permanentKey: true}
	}
	return v.values, nil
}

// permanentKey is where Flask keeps the permanent flag, inside the session.
const permanentKey = "_permanent"

// load finds the session in the store.
func (s *Sessions) load(c *decant.Context, settings *settings, v *visit) (found bool, err error) {
	id, err := settings.idOf(c)
	if id == "" || err != nil {
		return false, err
	}
	data, found, err := s.find(c, settings.prefix+id)
	if !found || len(data) == 0 || err != nil {
		return false, err
	}
	value, err := Decode(data, settings.format)
	if err != nil {
		return false, err
	}
	v.values, err = dictOf(value)
	v.id, v.data = id, data
	v.permanent, _ = v.values[permanentKey].(bool)
	return true, err
}

func (s *Sessions) visitOf(c *decant.Context) *visit {
	v, ok := s.visits.Lookup(c)
	if !ok {
		v = new(visit)
		s.visits.Set(c, v)
	}
	return v
}

// longestKey is what the tables of Flask-Session have room for.
const longestKey = 255

// idOf returns the id that the request names, or "".
func (s *settings) idOf(c *decant.Context) (string, error) {
	id := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	if s.signer != nil && id != "" {
		unsigned, err := s.signer.Unsign(id)
		if err != nil && !errors.Is(err, decant.ErrBadSignature) {
			return "", err
		}
		id = unsigned
	}
	if len(s.prefix)+len(id) > longestKey {
		return "", nil
	}
	return id, nil
}

// refresh opens the session of a request that did not look at it, so that Save
// renews it. A session that cannot be opened is no reason to refuse a page that
// does not need it.
func (s *Sessions) refresh(c *decant.Context, _ *decant.Response) error {
	if !c.App.Config.SessionRefreshEachRequest || !c.Request.Cookies.Has(c.App.Config.SessionCookieName) {
		return nil
	}
	if _, touched := s.visits.Lookup(c); touched {
		return nil
	}
	settings, err := s.settings(c.App)
	if err != nil {
		return err
	}
	v := &visit{untouched: true}
	found, err := s.load(c, settings, v)
	if err != nil {
		c.Logger().WarnContext(c, "the session could not be renewed", "error", err)
	}
	if found && err == nil {
		s.visits.Set(c, v)
		c.Session.Len()
	}
	return nil
}

// Save writes the session, or deletes it if it is empty; one that only holds
// the permanent flag counts as empty.
func (s *Sessions) Save(c *decant.Context, session *decant.Session, r *decant.Response) error {
	settings, err := s.settings(c.App)
	if err != nil {
		return err
	}
	v := s.visitOf(c)
	if !v.untouched || session.Modified() {
		r.AddVary("Cookie")
	}
	saving := saving{s, settings, v, c, session, r}
	switch {
	case isEmpty(session):
		return saving.remove()
	case !session.Modified() && !c.App.Config.SessionRefreshEachRequest:
		return nil
	case !session.Modified():
		return saving.renew()
	case session.Renewed():
		return saving.begin()
	}
	return saving.write()
}

func isEmpty(session *decant.Session) bool {
	length := session.Len()
	return length == 0 || length == 1 && session.Has(permanentKey)
}

// saving is one call of Save.
type saving struct {
	*Sessions
	*settings
	*visit
	context  *decant.Context
	session  *decant.Session
	response *decant.Response
}

// remove deletes what is in the store, and the cookie.
func (s saving) remove() error {
	if !s.session.Modified() {
		return nil
	}
	if err := s.leave(); err != nil {
		return err
	}
	s.response.DeleteSessionCookie(s.session)
	return nil
}

// leave deletes the entry under the session's id.
func (s saving) leave() error {
	if s.id == "" {
		return nil
	}
	key := s.prefix + s.id
	s.id = ""
	return s.delete(s.context, key)
}

// renew gives a session that did not change its lifetime anew. A request beside
// this one may have changed or deleted it since it was read.
func (s saving) renew() error {
	data := s.data
	if !s.untouched {
		current, found, err := s.find(s.context, s.prefix+s.id)
		if err != nil || !found {
			return err
		}
		data = current
	}
	err := s.commit(data)
	if s.untouched && err != nil {
		s.context.Logger().WarnContext(s.context, "the session could not be renewed", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	return s.setCookie()
}

// begin keeps the session under a new id, and deletes what was under the old
// one.
func (s saving) begin() error {
	if !s.session.Has(permanentKey) && s.visit.permanent {
		s.session.SetPermanent(true) // Flask-Session keeps the flag when a session is cleared
	}
	old := *s.visit
	s.id = ""
	if err := s.write(); err != nil {
		s.id = old.id // for the error page, which saves again
		return err
	}
	return saving{s.Sessions, s.settings, &old, s.context, s.session, s.response}.leave()
}

// write stores a session that was changed, under a new id if it has none.
func (s saving) write() error {
	data, err := Encode(maps.Collect(s.session.All()), s.format)
	if err != nil {
		return err
	}
	if s.id == "" {
		s.id = newID(s.idLength)
	} else if _, found, err := s.find(s.context, s.prefix+s.id); err != nil || !found {
		return err // a request beside this one has logged the user out
	}
	if err := s.commit(data); err != nil {
		return err
	}
	return s.setCookie()
}

// newID is safe in a cookie. The program ends if there is no randomness.
func newID(length int) string {
	id := make([]byte, length)
	rand.Read(id)
	return base64.RawURLEncoding.EncodeToString(id)
}

func (s saving) setCookie() error {
	if !s.session.ShouldSetCookie() {
		return nil
	}
	value := s.id
	if s.signer != nil {
		signed, err := s.signer.Sign(s.id)
		if err != nil {
			return err
		}
		value = signed
	}
	s.response.AddVary("Cookie")
	s.response.SetSessionCookie(s.session, value)
	return nil
}

// commit refuses a lifetime of nothing, which to some stores means for ever.
func (s saving) commit(data []byte) error {
	lifetime := s.context.App.Config.PermanentSessionLifetime
	if lifetime < time.Second {
		return fmt.Errorf("decant: no session can be kept for %v; set Config.PermanentSessionLifetime to a second or more", lifetime)
	}
	return s.Sessions.commit(s.context, s.prefix+s.id, data, time.Now().Add(lifetime))
}

// contextStore is what scs.CtxStore adds to a store.
type contextStore interface {
	FindCtx(ctx context.Context, token string) (data []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, token string) error
}

// within outlives the request: a client that hangs up must not keep its logout
// from the store.
func (s *Sessions) within(c *decant.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c), s.timeout)
}

func (s *Sessions) find(c *decant.Context, key string) (data []byte, found bool, err error) {
	if store, ok := s.store.(contextStore); ok {
		ctx, cancel := s.within(c)
		defer cancel()
		data, found, err = store.FindCtx(ctx, key)
	} else {
		data, found, err = s.store.Find(key)
	}
	return data, found, unavailable("finding a session", err)
}

func (s *Sessions) commit(c *decant.Context, key string, data []byte, expiry time.Time) error {
	if store, ok := s.store.(contextStore); ok {
		ctx, cancel := s.within(c)
		defer cancel()
		return unavailable("writing a session", store.CommitCtx(ctx, key, data, expiry))
	}
	return unavailable("writing a session", s.store.Commit(key, data, expiry))
}

func (s *Sessions) delete(c *decant.Context, key string) error {
	if store, ok := s.store.(contextStore); ok {
		ctx, cancel := s.within(c)
		defer cancel()
		return unavailable("deleting a session", store.DeleteCtx(ctx, key))
	}
	return unavailable("deleting a session", s.store.Delete(key))
}

// storeError is an error of the store. Its page is a 503.
type storeError struct {
	doing string
	err   error
}

func unavailable(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &storeError{doing, err}
}

func (e *storeError) Error() string { return fmt.Sprintf("the store failed at %s: %v", e.doing, e.err) }

func (e *storeError) Unwrap() []error {
	return []error{e.err, decant.NewHTTPError(http.StatusServiceUnavailable)}
}
