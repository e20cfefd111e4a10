package decant

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/internal/tagjson"
	"github.com/decant-go/decant/internal/uuid"
)

// Tuple is Python's tuple in a session: it goes out and comes back as one,
// where a []any is a list.
type Tuple = tagjson.Tuple

// UUID is a UUID in a session or a URL. Its String is the usual text form.
type UUID = uuid.UUID

// Session is what is known of one user across requests: Flask's session. It is
// loaded when it is first touched, and saved after the request if it changed.
//
// Values are what JSON and Flask's tags can say: nil, bool, int (or *big.Int
// where that is too small), float64, string, []byte, Markup, UUID, time.Time,
// Tuple, []any and map[string]any. A slice or map that comes out of a session
// is the session's own: after changing it in place, Set it again, or the
// change is not noticed.
//
// While an answer is streamed, the session can be read, and it is too late to
// change it: that is an error which names the key. Nor can the answer still
// say that it depends on the cookie; read the session in the view where caches
// matter.
//
// A session that cannot be opened because it is broken, or written because
// there is no secret key, ends the request with an error.
type Session struct {
	context  *Context
	values   map[string]any
	opened   bool
	modified bool
	renewed  bool
	sent     bool // the answer is on its way, with the cookie or without
	refused  bool // there is no session to write to; the extras say why
}

// ErrNullSession is what SessionInterface.Open returns, alone or wrapped in
// the reason, where sessions can be read (and are empty) but not written.
var ErrNullSession = errors.New("the session is unavailable")

var errNoRequest = fmt.Errorf("%w outside of a request; pass the values that the work needs", ErrNullSession)

// SessionInterface opens and saves sessions. The one that New sets keeps them
// in Flask's signed cookie; those of the package serversession are kept on the
// server. For one of your own, MarshalSession, Session.ShouldSetCookie and
// Response.SetSessionCookie do what every one needs, and the package
// serversession/sessiontest is its test.
type SessionInterface interface {
	// Open returns the values of the request's session, nil for a new one. An
	// error is a 500, or the page of an *HTTPError that it wraps: a 503 where
	// the store is down. ErrNullSession gives an empty session that refuses to
	// be written.
	Open(c *Context) (map[string]any, error)
	// Save is called after the after-request functions if the session was
	// touched. It adds to the response whatever the client must be told. Its
	// errors are those of Open. After another failure it is called again, with
	// the error page.
	Save(c *Context, s *Session, r *Response) error
}

// permanentKey is where Flask keeps the permanent flag, inside the session.
const permanentKey = "_permanent"

func (s *Session) load() map[string]any {
	if !s.opened {
		s.open()
	}
	return s.values
}

func (s *Session) open() {
	values, err := s.find()
	s.opened = true
	switch {
	case err == nil:
		s.values = values
	case errors.Is(err, ErrNullSession):
		s.refuse(fmt.Errorf("decant: %w", err))
	default:
		panic(s.fail("opened", err))
	}
}

func (s *Session) find() (map[string]any, error) {
	if !s.context.HasRequest() {
		return nil, errNoRequest
	}
	return s.context.App.SessionInterface.Open(s.context)
}

// refuse makes the session one that can be read and not written.
func (s *Session) refuse(reason error) {
	s.refused, s.context.needExtras().refusal = true, reason
}

// refusal says why the session cannot be written, nil if it can.
func (s *Session) refusal() error {
	if !s.refused {
		return nil
	}
	return s.context.extras.refusal
}

// change opens the session for writing.
func (s *Session) change() map[string]any {
	s.load()
	if s.refused {
		panic(s.refusal())
	}
	if s.values == nil {
		s.values = map[string]any{}
	}
	s.modified = true
	return s.values
}

// Get returns the value of a key, or nil.
func (s *Session) Get(key string) any { return s.load()[key] }

// Lookup is Get that also tells whether the key is there.
func (s *Session) Lookup(key string) (value any, ok bool) {
	value, ok = s.load()[key]
	return value, ok
}

// String returns the value of a key if it is text, and "" otherwise.
func (s *Session) String(key string) string {
	switch value := s.Get(key).(type) {
	case string:
		return value
	case Markup:
		return string(value)
	}
	return ""
}

// Int returns the value of a key if it is a whole number that an int can hold,
// and 0 otherwise.
func (s *Session) Int(key string) int {
	switch value := s.Get(key).(type) {
	case int:
		return value
	case int64:
		return int(value)
	case *big.Int:
		if value.IsInt64() {
			return int(value.Int64())
		}
	}
	return 0
}

// Bool returns the value of a key if it is a bool, and false otherwise.
func (s *Session) Bool(key string) bool {
	value, _ := s.Get(key).(bool)
	return value
}

// Has reports whether the key is there.
func (s *Session) Has(key string) bool {
	_, ok := s.Lookup(key)
	return ok
}

// Len is the number of keys, that of the permanent flag included.
func (s *Session) Len() int { return len(s.load()) }

// All yields the keys and values, sorted by key.
func (s *Session) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		values := s.load()
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if !yield(key, values[key]) {
				return
			}
		}
	}
}

// Set sets a key. That the value can be stored shows when the session is
// saved: one that cannot makes the request a 500 and changes nothing.
func (s *Session) Set(key string, value any) {
	s.mustBeUnsent("Set", key)
	s.change()[key] = value
}

// mustBeUnsent refuses a change that nobody would ever see. The key may be "".
func (s *Session) mustBeUnsent(method, key string) {
	if !s.sent {
		return
	}
	if key != "" {
		key = strconv.Quote(key)
	}
	panic(fmt.Errorf("decant: Session.%s(%s) came too late: the session had been saved and its cookie sent; change it before the view returns, not in a stream or a teardown function", method, key))
}

// Pop removes a key and returns its value, or nil if it was not there.
func (s *Session) Pop(key string) any {
	value, ok := s.Lookup(key)
	if ok || s.refused {
		s.mustBeUnsent("Pop", key)
		delete(s.change(), key)
	}
	return value
}

// Delete removes a key, if it is there.
func (s *Session) Delete(key string) { s.Pop(key) }

// Clear removes all keys. Call it first at login and at logout, so that
// nothing of one user reaches the next. It also does what Renew does.
func (s *Session) Clear() {
	s.mustBeUnsent("Clear", "")
	clear(s.change())
	s.renewed = true
}

// Renew gives the session a new id and keeps what is in it. Call it wherever
// somebody's rights change and the session is not cleared, so that nobody who
// knew the old id has the new rights. In a signed cookie, which has no id, the
// session is only written again.
func (s *Session) Renew() {
	s.mustBeUnsent("Renew", "")
	s.change()
	s.renewed = true
}

// Renewed reports whether Clear or Renew was called in this request. A
// [SessionInterface] then keeps the session under a new id and forgets the old
// one.
func (s *Session) Renewed() bool { return s.renewed }

// Permanent reports whether the browser keeps the session when it is closed.
func (s *Session) Permanent() bool { return s.Bool(permanentKey) }

// SetPermanent makes the session outlive the browser, by
// Config.PermanentSessionLifetime, or not.
func (s *Session) SetPermanent(permanent bool) { s.Set(permanentKey, permanent) }

// Modified reports whether the session was written to in this request.
func (s *Session) Modified() bool { return s.modified }

// ShouldSetCookie reports whether the session cookie has to be sent, or deleted
// if the session is empty: the session was modified, or it is permanent and
// Config.SessionRefreshEachRequest is set. It mirrors Flask's
// SessionInterface.should_set_cookie.
func (s *Session) ShouldSetCookie() bool {
	return s.modified || s.Permanent() && s.context.App.Config.SessionRefreshEachRequest
}

// saveSession is the last step before a response is sent: after-request
// functions may still change the session.
func (c *Context) saveSession(r *Response) error {
	s := &c.session
	switch {
	case !s.opened:
		return nil
	case s.refused:
		if !errors.Is(s.refusal(), ErrNullSession) {
			r.AddVary("Cookie") // another cookie might have done
		}
		return nil
	}
	err := c.App.SessionInterface.Save(c, s, r)
	if pageOf(err) != nil {
		return s.fail("saved", err)
	}
	return err
}

// cookieSessions keeps each session in a signed cookie, in Flask's format: it
// is Flask's SecureCookieSessionInterface. What is in the cookie is signed and
// not secret.
type cookieSessions struct {
	preparing sync.Mutex
	prepared  atomic.Bool

	format signing.TokenFormat
	err    error // why nothing can be signed
}

const (
	sessionSalt = "cookie-session"

	// compressSessionsFrom is the size in bytes from which compression pays:
	// deflating a small session costs a hundred times its signature, and Flask
	// reads both forms.
	compressSessionsFrom = 1024
)

var errNoSecretKey = fmt.Errorf("%w because no secret key was set. Set Config.SecretKey on the application to something unique and secret", ErrNullSession)

// prepare derives the keys, once for the life of the application: when that is
// frozen, or at the first request if another interface has adopted this one.
func (s *cookieSessions) prepare(config *Config) {
	s.preparing.Lock()
	defer s.preparing.Unlock()
	if !s.prepared.Load() {
		s.readKeys(config)
		s.prepared.Store(true)
	}
}

func (s *cookieSessions) readKeys(config *Config) {
	if config.SecretKey == "" {
		s.err = errNoSecretKey
		return
	}
	settings := signing.DefaultSettings(config.SecretKey, sessionSalt)
	settings.Derivation = "hmac"
	settings.OldKeys = config.SecretKeyFallbacks
	ring, err := signing.NewKeyring(settings)
	s.err = err
	s.format = signing.TokenFormat{Signers: []*signing.Keyring{ring}, Timed: true, URLSafe: true, CompressFrom: compressSessionsFrom}
}

// sessionBuffers are scratch space for payloads and cookies on their way.
var sessionBuffers = sync.Pool{New: func() any { return new([]byte) }}

// largestSessionBuffer keeps one huge session from pinning its memory.
const largestSessionBuffer = 16 << 10

func releaseSessionBuffer(buffer *[]byte, used []byte) {
	if cap(used) <= largestSessionBuffer {
		*buffer = used[:0]
		sessionBuffers.Put(buffer)
	}
}

// Open reads the cookie. One that was not signed by us, or too long ago, is as
// good as none; one that was signed by us and says nothing sensible is an
// error, as it is in Flask.
func (s *cookieSessions) Open(c *Context) (map[string]any, error) {
	if !s.prepared.Load() {
		s.prepare(c.App.Config)
	}
	if s.err != nil {
		return nil, s.err
	}
	token := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	if token == "" {
		return nil, nil
	}
	buffer := sessionBuffers.Get().(*[]byte)
	payload, _, err := s.format.Verify((*buffer)[:0], token, time.Now(), c.App.Config.PermanentSessionLifetime)
	defer func() { releaseSessionBuffer(buffer, payload) }()
	switch {
	case errors.Is(err, ErrBadSignature):
		return nil, nil
	case err != nil:
		return nil, signatureError(err)
	}
	return parseSession(payload)
}

// Save mirrors SecureCookieSessionInterface.save_session.
func (s *cookieSessions) Save(c *Context, session *Session, r *Response) error {
	r.AddVary("Cookie")
	switch {
	case !session.ShouldSetCookie():
		return nil
	case len(session.values) == 0:
		r.DeleteSessionCookie(session)
		return nil
	}
	return s.write(c, session, r)
}

func (s *cookieSessions) write(c *Context, session *Session, r *Response) error {
	payload := sessionBuffers.Get().(*[]byte)
	json, err := sessionJSON.Append((*payload)[:0], session.values)
	defer func() { releaseSessionBuffer(payload, json) }()
	if err != nil {
		return unsaved(err)
	}
	token := sessionBuffers.Get().(*[]byte)
	signed := s.format.AppendToken((*token)[:0], json, time.Now())
	defer func() { releaseSessionBuffer(token, signed) }()

	if size := r.setSessionCookie(session, string(signed), time.Now()); tooLarge(size, c.App.Config) {
		c.warnOfLargeSession(session.values, size)
	}
	return nil
}

// largestKeysShown is how many keys the warning about a large session names.
const largestKeysShown = 3

// warnOfLargeSession says what Flask's documentation says at the end of its
// page on sessions: the browser will drop the cookie, and the user will look
// logged out without any error.
func (c *Context) warnOfLargeSession(values map[string]any, size int) {
	c.Logger().WarnContext(c, "the session cookie is too large: browsers ignore it without a word, and what was put into the session is lost; keep less in it, or keep sessions on the server",
		"cookie", c.App.Config.SessionCookieName,
		"size", size,
		"limit", c.App.Config.MaxCookieSize,
		"largest_keys", strings.Join(largestKeys(values), ", "))
}

func largestKeys(values map[string]any) []string {
	sizes := map[string]int{}
	for key, value := range values {
		json, _ := sessionJSON.Append(nil, value)
		sizes[key] = len(json)
	}
	keys := slices.SortedFunc(maps.Keys(values), func(a, b string) int { return sizes[b] - sizes[a] })
	keys = keys[:min(len(keys), largestKeysShown)]
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%s (%d bytes)", key, sizes[key])
	}
	return keys
}

// SetSessionCookie sets the session cookie to a value of your own, such as a
// signed id, with the attributes that Config gives it. That of a permanent
// session lasts for Config.PermanentSessionLifetime. It is for the Save of a
// [SessionInterface].
func (r *Response) SetSessionCookie(s *Session, value string) {
	size := r.setSessionCookie(s, value, time.Now())
	r.warnOfLargeCookie(s.context.App.Config.SessionCookieName, size)
}

// DeleteSessionCookie makes the browser forget the session cookie. It is for
// the Save of a [SessionInterface].
func (r *Response) DeleteSessionCookie(s *Session) {
	r.addCookie(expired(s.cookie()))
}

// setSessionCookie returns the size of the header in bytes.
func (r *Response) setSessionCookie(s *Session, value string, now time.Time) int {
	cookie := s.cookie()
	cookie.Value = value
	if s.Permanent() {
		cookie.Expires = now.Add(s.context.App.Config.PermanentSessionLifetime)
	}
	return r.addCookie(cookie)
}

// cookie is the session cookie of this request, without its value. Below a
// mount its path is the mount's, so that two mounted applications do not
// overwrite each other's sessions. A prefix that a proxy adds changes nothing,
// as in Flask, with which the cookie may be shared.
func (s *Session) cookie() cookie {
	app, origin := s.context.App, originOf(s.context.Request.Request)
	if !origin.mounted || app.Config.SessionCookiePath != "" {
		return app.sessionCookie
	}
	return CookiePath(encodedPath(origin.root))(app.sessionCookie)
}

// sessionCookie is the session cookie without its value.
func sessionCookie(config *Config) cookie {
	c := CookiePath(config.sessionCookiePath())(newCookie(config.SessionCookieName, ""))
	if config.SessionCookieDomain != "" {
		c = CookieDomain(config.SessionCookieDomain)(c)
	}
	if config.SessionCookieSameSite != "" {
		c = SameSite(config.SessionCookieSameSite)(c)
	}
	c.Secure = config.SessionCookieSecure
	c.HTTPOnly = config.SessionCookieHTTPOnly
	c.Partitioned = config.SessionCookiePartitioned
	return c
}

// sessionFailure is an error of the SessionInterface that says, by wrapping an
// *HTTPError, with which page the request ends.
type sessionFailure struct{ err error }

func (f *sessionFailure) Error() string { return f.err.Error() }
func (f *sessionFailure) Unwrap() error { return f.err }

// fail ends the session of this request: it can still be read, and is neither
// written nor opened again, so that an error page that looks at it does not
// wait for the store a second time.
func (s *Session) fail(done string, err error) error {
	failure := fmt.Errorf("decant: the session cannot be %s: %w", done, err)
	if page := pageOf(err); page != nil {
		failure = &sessionFailure{failure}
		if page.Code >= http.StatusInternalServerError {
			s.context.logError("The session failed on "+s.context.logged(), failure)
		}
	}
	s.refuse(failure)
	return failure
}

// pageOf returns the HTTPError in a chain, or nil.
func pageOf(err error) *HTTPError {
	if err == nil {
		return nil
	}
	var page *HTTPError
	errors.As(err, &page)
	return page
}

// answerSessionFailure answers a request whose session failed, in an
// after-request function or when it was saved. The answer is the page that the
// failure asks for, or the result of its error handler. If a handler writes to
// the session, the answer is the default page. Any other error is returned as it
// is.
func (c *Context) answerSessionFailure(err error) (*Response, error) {
	var failure *sessionFailure
	if !errors.As(err, &failure) {
		return nil, err
	}
	answer, err := c.handleUserError(failure)
	if errors.As(err, &failure) {
		answer, err = pageOf(failure), nil
	}
	if err != nil {
		return nil, err
	}
	response, err := c.finalize(answer)
	if errors.As(err, &failure) { // a hook wants to write, too
		response.AddVary("Cookie")
		err = response.check()
	}
	return response, err
}

// MarshalSession writes the values of a session as JSON with Flask's tags, for
// a [SessionInterface] that keeps them elsewhere: Flask's
// TaggedJSONSerializer().dumps. The error names the value that cannot be
// stored.
func MarshalSession(values map[string]any) ([]byte, error) {
	json, err := sessionJSON.Append(nil, values)
	if err != nil {
		return nil, unsaved(err)
	}
	return json, nil
}

// UnmarshalSession reads what [MarshalSession] or Flask wrote. The values are
// new ones, and data is not kept. It mirrors TaggedJSONSerializer().loads; a
// payload that is no object is an error.
func UnmarshalSession(data []byte) (map[string]any, error) { return parseSession(data) }

// unsaved says which value of the session is in the way.
func unsaved(err error) error {
	place := "session"
	var unfit *pyjson.ValueError
	if errors.As(err, &unfit) {
		place, err = place+unfit.Path, unfit.Err
	}
	return fmt.Errorf("decant: the session cannot be saved, and what changed in it is lost: %s: %w", place, err)
}

func parseSession(payload []byte) (map[string]any, error) {
	parsed, err := sessionJSON.Parse(payload)
	if err != nil {
		return nil, badPayload("could not load the payload because an error occurred on unserializing the data", err)
	}
	switch values := parsed.(type) {
	case map[string]any:
		return values, nil
	case nil:
		return nil, nil
	case []any:
		return fromPairs(values)
	case Tuple:
		return fromPairs(values)
	}
	return nil, fmt.Errorf("the session holds a %T, and a session is an object", parsed)
}

// fromPairs is Python's dict(list of pairs).
func fromPairs(items []any) (map[string]any, error) {
	values := make(map[string]any, len(items))
	for i, item := range items {
		key, value, ok := pair(item)
		if !ok {
			return nil, fmt.Errorf("the session holds a list whose item %d is no pair, and a session is an object", i)
		}
		values[key] = value
	}
	return values, nil
}

func pair(item any) (key string, value any, ok bool) {
	var items []any
	switch item := item.(type) {
	case []any:
		items = item
	case Tuple:
		items = item
	case string:
		for _, char := range item {
			items = append(items, string(char))
		}
	}
	if len(items) != 2 {
		return "", nil, false
	}
	key, ok = items[0].(string)
	return key, items[1], ok
}

// sessionJSON is TaggedJSONSerializer with this package's Markup. It is never
// changed.
var sessionJSON = tagjson.New(tagjson.Hooks{
	Markup:  func(html string) any { return Markup(html) },
	HTML:    markupOf,
	Default: jsonDefault,
})
