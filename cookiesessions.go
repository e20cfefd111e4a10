package decant

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/internal/tagjson"
	"github.com/decant-go/decant/internal/uuid"
	"github.com/decant-go/decant/internal/wirecookie"
)

// CookieSessionsOption is a setting of [NewCookieSessions].
type CookieSessionsOption interface{ applyToCookieSessions(*cookieSessions) }

type cookieSessionsOption func(*cookieSessions)

func (o cookieSessionsOption) applyToCookieSessions(s *cookieSessions) { o(s) }

// CookieNameFunc chooses the name of the session cookie by the request, such as
// one for each tenant. If it returns "", the name is Config.SessionCookieName. It
// mirrors a get_cookie_name of one's own.
func CookieNameFunc(name func(c *Context) string) CookieSessionsOption {
	return cookieSessionsOption(func(s *cookieSessions) { s.nameOf = name })
}

// NewCookieSessions returns the sessions of Flask: each is in a cookie that is
// signed with Config.SecretKey, but not secret. [New] sets them. Make them
// yourself to wrap them or to give them options:
//
//	app.SessionInterface = decant.NewCookieSessions(decant.CookieNameFunc(tenantCookie))
//
// Several applications may share them; each signs with its own key. It mirrors
// SecureCookieSessionInterface.
func NewCookieSessions(options ...CookieSessionsOption) SessionInterface {
	s := new(cookieSessions)
	mustBeOptions("NewCookieSessions", options)
	for _, option := range options {
		option.applyToCookieSessions(s)
	}
	return s
}

type cookieSessions struct {
	nameOf func(*Context) string // nil: Config.SessionCookieName

	first  atomic.Pointer[sessionKeys] // of the application that asked first
	others sync.Map                    // of *sessionKeys by *App
}

// sessionKeys are the keys of one application.
type sessionKeys struct {
	app    *App
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

var errNoSecretKey = fmt.Errorf("%w because no secret key was set. Set Config.SecretKey on the application to something unique and secret, such as the output of: %s", ErrNullSession, signing.KeyCommand)

// keysOf returns the keys of an application, which are derived once. It is called
// when the application is frozen, or at the first request if another interface
// wraps this one.
func (s *cookieSessions) keysOf(a *App) *sessionKeys {
	if keys := s.first.Load(); keys != nil && keys.app == a {
		return keys
	}
	if keys, ok := s.others.Load(a); ok {
		return keys.(*sessionKeys)
	}
	keys := newSessionKeys(a)
	if s.first.CompareAndSwap(nil, keys) {
		return keys
	}
	kept, _ := s.others.LoadOrStore(a, keys)
	return kept.(*sessionKeys)
}

func newSessionKeys(a *App) *sessionKeys {
	if a.config.SecretKey == "" {
		return &sessionKeys{app: a, err: errNoSecretKey}
	}
	settings := signing.DefaultSettings(a.config.SecretKey, sessionSalt)
	settings.Derivation = "hmac"
	settings.OldKeys = a.config.SecretKeyFallbacks
	ring, err := signing.NewKeyring(settings)
	return &sessionKeys{
		app:    a,
		format: signing.TokenFormat{Signers: []*signing.Keyring{ring}, Timed: true, URLSafe: true, CompressFrom: compressSessionsFrom, CompressFast: true},
		err:    err,
	}
}

// nameFor returns the name of the cookie for a request.
func (s *cookieSessions) nameFor(c *Context) string {
	if s.nameOf != nil {
		return cmp.Or(s.nameOf(c), c.App.config.SessionCookieName)
	}
	return c.App.config.SessionCookieName
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
	keys := s.keysOf(c.App)
	if keys.err != nil {
		return nil, keys.err
	}
	token := c.Request.Cookies.Get(s.nameFor(c))
	if token == "" {
		return nil, nil
	}
	buffer := sessionBuffers.Get().(*[]byte)
	payload, _, err := keys.format.Verify((*buffer)[:0], token, time.Now(), c.App.config.PermanentSessionLifetime)
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
	if !session.ShouldSetCookie() {
		return nil
	}
	cookie, err := s.preparedCookie(c, session)
	switch {
	case err != nil:
		r.fail(err)
		return nil
	case len(session.values) == 0:
		r.addCookieLine(cookie.Deletion())
		return nil
	}
	return s.write(c, session, r, cookie)
}

// preparedCookie returns the session cookie of this request. The cookie of the
// application was prepared when it was frozen.
func (s *cookieSessions) preparedCookie(c *Context, session *Session) (*wirecookie.Prepared, error) {
	name := s.nameFor(c)
	if name == c.App.config.SessionCookieName && !session.hasMountedPath() {
		return c.App.preparedCookie, nil
	}
	cookie := session.cookie()
	cookie.Name = name
	return wirecookie.Prepare(cookie)
}

func (s *cookieSessions) write(c *Context, session *Session, r *Response, cookie *wirecookie.Prepared) error {
	payload := sessionBuffers.Get().(*[]byte)
	json, err := sessionJSON.Append((*payload)[:0], session.values)
	defer func() { releaseSessionBuffer(payload, json) }()
	if err != nil {
		return unsaved(err)
	}
	buffer := sessionBuffers.Get().(*[]byte)
	line := s.keysOf(c.App).format.AppendToken(cookie.AppendStart((*buffer)[:0]), json, time.Now())
	line = cookie.AppendEnd(line, session.expires())
	defer func() { releaseSessionBuffer(buffer, line) }()

	r.addCookieLine(string(line))
	if tooLarge(len(line), c.App.config) {
		c.warnOfLargeSession(session.values, s.nameFor(c), len(line))
	}
	return nil
}

// expires is until when browsers keep the session: for the lifetime of a permanent
// one, and else the zero time.
func (s *Session) expires() time.Time {
	if !s.Permanent() {
		return time.Time{}
	}
	return time.Now().Add(s.context.App.config.PermanentSessionLifetime)
}

// largestKeysShown is how many keys the warning about a large session names.
const largestKeysShown = 3

// warnOfLargeSession logs that the browser will drop the cookie, so that the user
// seems to be logged out without any error.
func (c *Context) warnOfLargeSession(values map[string]any, name string, size int) {
	c.Logger().WarnContext(c, "the session cookie is too large: browsers ignore it without a word, and what was put into the session is lost; keep less in it, or keep sessions on the server",
		"cookie", name,
		"size", size,
		"limit", c.App.config.MaxCookieSize,
		"largest_keys", strings.Join(largestKeys(values), ", "))
}

func largestKeys(values map[string]any) []string {
	sizes := map[string]int{}
	for key, value := range values {
		json, _ := sessionJSON.Append(nil, value)
		sizes[key] = len(json)
	}
	keys := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b))
	})
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
	cookie := s.cookie()
	cookie.Value, cookie.Expires = value, s.expires()
	r.warnOfLargeCookie(cookie.Name, r.addCookie(&cookie))
}

// DeleteSessionCookie makes the browser delete the session cookie. Call it in the
// Save of a [SessionInterface].
func (r *Response) DeleteSessionCookie(s *Session) {
	cookie := expired(s.cookie())
	r.addCookie(&cookie)
}

// cookie returns the session cookie of this request, without its value. The path
// of a mounted application is that of its mount, so that two mounted applications
// do not overwrite each other's sessions. A prefix that a proxy adds does not
// change the path, as in Flask, which may share the cookie.
func (s *Session) cookie() cookie {
	if !s.hasMountedPath() {
		return s.context.App.sessionCookie
	}
	root := originOf(s.context.Request.Request).root
	return CookiePath(encodedPath(root)).change()(s.context.App.sessionCookie)
}

// hasMountedPath reports whether the path of the cookie is that of a mount.
func (s *Session) hasMountedPath() bool {
	return s.context.App.config.SessionCookiePath == "" && originOf(s.context.Request.Request).mounted
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
	case []any:
		return fromPairs(values)
	case Tuple:
		return fromPairs(values)
	case nil:
		return nil, nil
	case string, Markup, []byte: // Python makes an empty dict of an empty string
		if !isTrue(values) {
			return nil, nil
		}
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
		for item != "" {
			size := 3 // of a lone surrogate
			if _, ok := pytext.LeadingSurrogate(item); !ok {
				_, size = utf8.DecodeRuneInString(item)
			}
			items = append(items, item[:size])
			item = item[size:]
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
