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
	"github.com/decant-go/decant/internal/wirecookie"
)

// Tuple is Python's tuple in a session: Tuple{1, "a"}. It is stored as a tuple and
// read as one; a []any is Python's list. [Escape] and templates print it as Python
// does: (1, 'a').
type Tuple []any

// UUID is a UUID in a session, or the value of a <uuid:id> variable in a URL: its
// 16 bytes, the most significant first. The zero value is the nil UUID.
type UUID [16]byte

// ParseUUID reads a UUID as Python's uuid.UUID(text) does: 32 hexadecimal digits,
// in upper or lower case, with dashes, braces, "urn:" or "uuid:" among them or
// not. The error quotes the text.
func ParseUUID(text string) (UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return UUID{}, fmt.Errorf("decant: %w", err)
	}
	return UUID(id), nil
}

// String returns the usual form in lower case with dashes:
// "12345678-1234-5678-1234-567812345678". It mirrors str(id).
func (id UUID) String() string { return uuid.UUID(id).String() }

// Repr returns Python's repr: "UUID('12345678-1234-5678-1234-567812345678')". It
// is part of the printed form of a list that holds a UUID.
func (id UUID) Repr() string { return uuid.UUID(id).Repr() }

// MarshalText returns the result of String.
func (id UUID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText reads a UUID as [ParseUUID] does.
func (id *UUID) UnmarshalText(text []byte) error {
	parsed, err := ParseUUID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Session holds the data of one user across requests: Flask's session. It is
// loaded when it is first touched, and saved after the request if it changed.
//
// A value may be nil, bool, int (or *big.Int for a larger number), float64,
// string, []byte, Markup, UUID, time.Time, Tuple, []any or map[string]any. A
// slice or map from a session is not a copy. After you change it in place, Set it
// again, or the change is not saved.
//
// While an answer is streamed, the session can be read but not changed: a change
// panics with an error that names the key. It is then also too late to send the
// Vary header. If caches matter, read the session in the view.
//
// A session that is broken and cannot be opened, or cannot be written because
// there is no secret key, ends the request with an error.
type Session struct {
	context  *Context
	values   map[string]any
	opened   bool
	modified bool
	renewed  bool
	sent     bool // the answer is being sent, with the cookie or without
	refused  bool // the session cannot be written; the extras hold the reason
}

// ErrNullSession is the error of SessionInterface.Open for a null session: it is
// empty, can be read, and cannot be written. It may be wrapped in the reason. It
// mirrors make_null_session.
var ErrNullSession = errors.New("the session is empty and cannot be written")

var errNoRequest = fmt.Errorf("%w outside of a request; pass the values that the work needs", ErrNullSession)

// SessionInterface opens and saves sessions. New sets one that keeps them in
// Flask's signed cookie. The package serversession keeps them on the server. To
// write your own, use MarshalSession, Session.ShouldSetCookie and
// Response.SetSessionCookie, and test it with the package
// serversession/sessiontest.
type SessionInterface interface {
	// Open returns the values of the request's session, or nil for a new one.
	// An error makes the request a 500, or the page of an *HTTPError that it
	// wraps, such as a 503 when the store is down. ErrNullSession gives an empty
	// session that cannot be written.
	Open(c *Context) (map[string]any, error)
	// Save is called after the after-request functions if the session was
	// touched. It adds the headers that the client needs to the response. Its
	// errors have the same effect as those of Open. If the request fails
	// afterwards, Save is called again with the error page.
	Save(c *Context, s *Session, r *Response) error
}

// Get returns the value of a key, or nil.
func (s *Session) Get(key string) any { return s.load()[key] }

// Lookup is like Get and also reports whether the key is there.
func (s *Session) Lookup(key string) (value any, ok bool) {
	value, ok = s.load()[key]
	return value, ok
}

// String returns the value of a key if it is a string or Markup, and ""
// otherwise.
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

// Len returns the number of keys, including the one of the permanent flag.
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

// Set sets a key. A value that cannot be stored is noticed when the session is
// saved: the request becomes a 500, and the stored session stays unchanged.
func (s *Session) Set(key string, value any) {
	s.mustBeUnsent("Set", key)
	s.change()[key] = value
}

// mustBeUnsent panics if it is too late for a change. The key may be "".
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

// Clear removes all keys and gives the session a new id, as Renew does. Call it
// first at login and at logout, so that no data of one user reaches the next.
func (s *Session) Clear() {
	s.mustBeUnsent("Clear", "")
	if !s.opened && s.context.dropsSessionsUnread() {
		s.opened = true
	}
	clear(s.change())
	s.renewed = true
}

// dropsSessionsUnread reports whether a session can be cleared without being read:
// it is in a signed cookie that this application can write.
func (c *Context) dropsSessionsUnread() bool {
	sessions, signed := c.App.SessionInterface.(*cookieSessions)
	return signed && c.HasRequest() && sessions.canSign(c.App.Config)
}

// Renew gives the session a new id and keeps its values. Call it when a user's
// rights change and the session is not cleared, so that somebody who knew the old
// id does not get the new rights. A session in a signed cookie has no id; it is
// only written again.
func (s *Session) Renew() {
	s.mustBeUnsent("Renew", "")
	s.change()
	s.renewed = true
}

// Renewed reports whether Clear or Renew was called in this request. A
// [SessionInterface] then keeps the session under a new id and forgets the old
// one.
func (s *Session) Renewed() bool { return s.renewed }

// permanentKey is the key of Flask's permanent flag in the session.
const permanentKey = "_permanent"

// Permanent reports whether the browser keeps the session when it is closed.
func (s *Session) Permanent() bool { return s.Bool(permanentKey) }

// SetPermanent(true) keeps the session for Config.PermanentSessionLifetime.
// SetPermanent(false) ends it when the browser is closed.
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

// refuse marks the session as one that can be read but not written.
func (s *Session) refuse(reason error) {
	s.refused, s.context.needExtras().refusal = true, reason
}

// refusal returns the reason why the session cannot be written, or nil.
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

// saveSession saves the session if it was touched. It runs after the
// after-request functions, because they may still change the session.
func (c *Context) saveSession(r *Response) error {
	s := &c.session
	switch {
	case !s.opened:
		return nil
	case s.refused:
		if !errors.Is(s.refusal(), ErrNullSession) {
			r.AddVary("Cookie") // another cookie might be accepted
		}
		return nil
	}
	err := c.App.SessionInterface.Save(c, s, r)
	if pageOf(err) != nil {
		return s.fail("saved", err)
	}
	return err
}

// sessionFailure is an error of the SessionInterface that wraps an *HTTPError. The
// request ends with the page of that error.
type sessionFailure struct{ err error }

func (f *sessionFailure) Error() string { return f.err.Error() }
func (f *sessionFailure) Unwrap() error { return f.err }

// fail ends the session of this request. It can still be read, but it is neither
// written nor opened again, so an error page that reads it does not wait for the
// store a second time.
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

// cookieSessions keeps each session in a signed cookie. The values are signed
// but not secret. It mirrors Flask's SecureCookieSessionInterface.
type cookieSessions struct {
	preparing sync.Mutex
	prepared  atomic.Bool

	format signing.TokenFormat
	err    error // why nothing can be signed
}

const (
	sessionSalt = "cookie-session"

	// compressSessionsFrom is the size in bytes from which a session is
	// compressed: a smaller one fits into a cookie as it is. Deflating costs many
	// times the signature, and Flask reads both forms.
	compressSessionsFrom = 2800
)

var errNoSecretKey = fmt.Errorf("%w because no secret key was set. Set Config.SecretKey on the application to something unique and secret", ErrNullSession)

// prepare derives the keys once for the life of the application. It runs when
// the application is frozen, or at the first request if another interface wraps
// this one.
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
	s.format = signing.TokenFormat{Signers: []*signing.Keyring{ring}, Timed: true, URLSafe: true, CompressFrom: compressSessionsFrom, CompressFast: true}
}

// canSign reports whether there is a key to sign sessions with.
func (s *cookieSessions) canSign(config *Config) bool {
	if !s.prepared.Load() {
		s.prepare(config)
	}
	return s.err == nil
}

// sessionBuffers holds scratch memory for payloads and cookies.
var sessionBuffers = sync.Pool{New: func() any { return new([]byte) }}

// largestSessionBuffer is the size in bytes of the largest buffer that is kept.
const largestSessionBuffer = 16 << 10

func releaseSessionBuffer(buffer *[]byte, used []byte) {
	if cap(used) <= largestSessionBuffer {
		*buffer = used[:0]
		sessionBuffers.Put(buffer)
	}
}

// Open reads the cookie. A cookie with a bad or an old signature counts as no
// cookie. A cookie with a good signature and an unreadable payload is an error, as
// in Flask.
func (s *cookieSessions) Open(c *Context) (map[string]any, error) {
	if !s.canSign(c.App.Config) {
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

// Save writes the cookie, or deletes it if the session is empty. It mirrors
// SecureCookieSessionInterface.save_session.
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

// warnOfLargeSession logs that the browser will drop the cookie, so that the user
// seems to be logged out without any error.
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
// signed id. Its attributes come from Config. If the session is permanent, the
// cookie lasts for Config.PermanentSessionLifetime. Call it in the Save of a
// [SessionInterface].
func (r *Response) SetSessionCookie(s *Session, value string) {
	size := r.setSessionCookie(s, value, time.Now())
	r.warnOfLargeCookie(s.context.App.Config.SessionCookieName, size)
}

// DeleteSessionCookie makes the browser delete the session cookie. Call it in the
// Save of a [SessionInterface].
func (r *Response) DeleteSessionCookie(s *Session) {
	r.addCookie(expired(s.cookie()))
}

// setSessionCookie adds the cookie and returns the size of its header in bytes.
func (r *Response) setSessionCookie(s *Session, value string, now time.Time) int {
	cookie := s.cookie()
	cookie.Value = value
	if s.Permanent() {
		cookie.Expires = now.Add(s.context.App.Config.PermanentSessionLifetime)
	}
	return r.addCookie(cookie)
}

// cookie returns the session cookie of this request, without its value. The path
// of a mounted application is that of its mount, so that two mounted applications
// do not overwrite each other's sessions. A prefix that a proxy adds does not
// change the path, as in Flask, which may share the cookie.
func (s *Session) cookie() cookie {
	app, origin := s.context.App, originOf(s.context.Request.Request)
	if !origin.mounted || app.Config.SessionCookiePath != "" {
		return app.sessionCookie
	}
	return CookiePath(encodedPath(origin.root)).applyToCookie(app.sessionCookie)
}

// sessionCookie returns the session cookie of an application, without its value.
func sessionCookie(config *Config) cookie {
	c := newCookie(config.SessionCookieName, "", CookiePath(config.sessionCookiePath()))
	if config.SessionCookieDomain != "" {
		c.Domain = wirecookie.Some(config.SessionCookieDomain)
	}
	if config.SessionCookieSameSite != "" {
		c.SameSite = wirecookie.Some(config.SessionCookieSameSite)
	}
	c.Secure = config.SessionCookieSecure
	c.HTTPOnly = config.SessionCookieHTTPOnly
	c.Partitioned = config.SessionCookiePartitioned
	return c
}

// MarshalSession writes the values of a session as JSON with Flask's tags, for
// a [SessionInterface] of your own. The error names the value that cannot be
// stored. It mirrors TaggedJSONSerializer().dumps.
func MarshalSession(values map[string]any) ([]byte, error) {
	json, err := sessionJSON.Append(nil, values)
	if err != nil {
		return nil, unsaved(err)
	}
	return json, nil
}

// UnmarshalSession reads the JSON of [MarshalSession] or of Flask. The values do
// not share memory with data. JSON that is not an object is an error. It mirrors
// TaggedJSONSerializer().loads.
func UnmarshalSession(data []byte) (map[string]any, error) { return parseSession(data) }

// unsaved is the error about a value that cannot be stored. It names the value.
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

// fromPairs makes a map of a list of pairs, as Python's dict does.
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

// sessionJSON reads and writes the JSON of sessions with this package's Markup.
// It is never changed. It mirrors TaggedJSONSerializer.
var sessionJSON = tagjson.New(tagjson.Hooks{
	Tuple:   func(items []any) any { return Tuple(items) },
	Items:   func(v any) ([]any, bool) { items, ok := v.(Tuple); return items, ok },
	UUID:    newUUID,
	ID:      func(v any) (uuid.UUID, bool) { id, ok := v.(UUID); return uuid.UUID(id), ok },
	Markup:  func(html string) any { return Markup(html) },
	HTML:    markupOf,
	Default: jsonDefault,
})

// newUUID is the UUID of the machinery as a value of this package.
func newUUID(id uuid.UUID) any { return UUID(id) }
