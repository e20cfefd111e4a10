package decant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/tagjson"
)

// cookieSessions keeps each session in a signed cookie, in Flask's format: it
// is Flask's SecureCookieSessionInterface. What is in the cookie is signed and
// not secret.
type cookieSessions struct {
	format tokenFormat
	err    error  // why nothing can be signed
	cookie cookie // without its value
	now    func() time.Time
}

const (
	sessionSalt = "cookie-session"

	// compressSessionsFrom is the size in bytes from which compression pays:
	// deflating a small session costs a hundred times its signature, and Flask
	// reads both forms.
	compressSessionsFrom = 1024
)

var errNoSecretKey = fmt.Errorf("%w because no secret key was set. Set Config.SecretKey on the application to something unique and secret", ErrNullSession)

// prepare derives the keys, once for the life of the application.
func (s *cookieSessions) prepare(config *Config) {
	if s.now == nil {
		s.now = time.Now
	}
	s.cookie = sessionCookie(config)
	if config.SecretKey == "" {
		s.err = errNoSecretKey
		return
	}
	settings := defaultSigning(config.SecretKey, sessionSalt)
	settings.derivation = "hmac"
	settings.oldKeys = config.SecretKeyFallbacks
	ring, err := newKeyring(settings)
	s.err = err
	s.format = tokenFormat{signers: []*keyring{ring}, timed: true, urlSafe: true, compressFrom: compressSessionsFrom}
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
	if s.err != nil {
		return nil, s.err
	}
	token := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	if token == "" {
		return nil, nil
	}
	buffer := sessionBuffers.Get().(*[]byte)
	payload, _, err := s.format.verify((*buffer)[:0], token, s.now(), c.App.Config.PermanentSessionLifetime)
	defer func() { releaseSessionBuffer(buffer, payload) }()
	switch {
	case errors.Is(err, ErrBadSignature):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parseSession(payload)
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
	return nil, fmt.Errorf("the session cookie holds a %T, and a session is an object", parsed)
}

// fromPairs is Python's dict(list of pairs).
func fromPairs(items []any) (map[string]any, error) {
	values := make(map[string]any, len(items))
	for i, item := range items {
		key, value, ok := pair(item)
		if !ok {
			return nil, fmt.Errorf("the session cookie holds a list whose item %d is no pair, and a session is an object", i)
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

// Save mirrors SecureCookieSessionInterface.save_session.
func (s *cookieSessions) Save(c *Context, session *Session, r *Response) error {
	r.AddVary("Cookie")
	if len(session.values) == 0 {
		if session.modified {
			r.addCookie(expired(s.cookieFor(c)))
		}
		return nil
	}
	if !session.modified && !(c.App.Config.SessionRefreshEachRequest && session.Permanent()) {
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
	signed := s.format.appendToken((*token)[:0], json, s.now())
	defer func() { releaseSessionBuffer(token, signed) }()

	cookie := s.cookieFor(c)
	cookie.Value = string(signed)
	if session.Permanent() {
		cookie.Expires = s.now().Add(c.App.Config.PermanentSessionLifetime)
	}
	if size := r.addCookie(cookie); tooLarge(size, c.App.Config) {
		c.warnOfLargeSession(session.values, size)
	}
	return nil
}

// unsaved says which value of the session is in the way.
func unsaved(err error) error {
	place := "session"
	var unfit *pyjson.ValueError
	if errors.As(err, &unfit) {
		place, err = place+unfit.Path, unfit.Err
	}
	return fmt.Errorf("decant: the session cannot be saved, and what changed in it is lost: %s: %w", place, err)
}

// cookieFor is the session cookie of this request, without its value. Below a
// mount its path is the mount's, so that two mounted applications do not
// overwrite each other's sessions. A prefix that a proxy adds changes nothing,
// as in Flask, with which the cookie may be shared.
func (s *cookieSessions) cookieFor(c *Context) cookie {
	origin := originOf(c.Request.Request)
	if !origin.mounted || c.App.Config.SessionCookiePath != "" {
		return s.cookie
	}
	return CookiePath(encodedPath(origin.root))(s.cookie)
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

// largestKeysShown is how many keys the warning about a large session names.
const largestKeysShown = 3

// warnOfLargeSession says what Flask's documentation says at the end of its
// page on sessions: the browser will drop the cookie, and the user will look
// logged out without any error.
func (c *Context) warnOfLargeSession(values map[string]any, size int) {
	c.App.logger().WarnContext(c, "the session cookie is too large: browsers ignore it without a word, and what was put into the session is lost; keep less in it, or keep sessions on the server",
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
