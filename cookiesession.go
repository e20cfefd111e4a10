package decant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// cookieSessions keeps each session in a signed cookie, in Flask's format: it
// is Flask's SecureCookieSessionInterface. What is in the cookie is signed and
// not secret.
type cookieSessions struct {
	preparing sync.Mutex
	prepared  atomic.Bool

	format tokenFormat
	err    error // why nothing can be signed
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
	if s.now == nil {
		s.now = time.Now
	}
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
	signed := s.format.appendToken((*token)[:0], json, s.now())
	defer func() { releaseSessionBuffer(token, signed) }()

	if size := r.setSessionCookie(session, string(signed), s.now()); tooLarge(size, c.App.Config) {
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
