package decant

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"slices"
	"strconv"

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
	refused  bool // there is no session to write to; the notes say why
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
	s.refused, s.context.take().refusal = true, reason
}

// refusal says why the session cannot be written, nil if it can.
func (s *Session) refusal() error {
	if !s.refused {
		return nil
	}
	return s.context.notes.refusal
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
