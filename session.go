package decant

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/big"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/decant-go/decant/internal/uuid"
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
// string, []byte, Markup, UUID, time.Time, Tuple, []any or map[string]any. Set
// refuses any other, because it would come back as another type. A slice or map
// from a session is not a copy. After you change it in place, Set it again or call
// MarkModified, or the change is not saved.
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
	refused  bool // the session cannot be written; the extras hold the reason

	// These two are facts of the context, where they would take another word.
	sent bool // the answer is being sent, with the cookie or without
	lent bool // a response writes to the header map of the server's writer
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

// Get returns the value of a key. If the key is not there, it returns otherwise,
// or nil if that is not given. It mirrors session.get(key, otherwise).
func (s *Session) Get(key string, otherwise ...any) any {
	value, ok := s.load()[key]
	return given(value, ok, otherwise)
}

// Lookup is like Get and also reports whether the key is there.
func (s *Session) Lookup(key string) (value any, ok bool) {
	value, ok = s.load()[key]
	return value, ok
}

// String returns the value of a key if it is a string or Markup. Else it returns
// otherwise, or "" if that is not given.
func (s *Session) String(key string, otherwise ...string) string {
	text, ok := textOf(s.Get(key))
	return given(text, ok, otherwise)
}

func textOf(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case Markup:
		return string(value), true
	}
	return "", false
}

// Int returns the value of a key if it is a whole number that an int can hold.
// Else it returns otherwise, or 0 if that is not given.
func (s *Session) Int(key string, otherwise ...int) int {
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
	return given(0, false, otherwise)
}

// Bool returns the value of a key if it is a bool. Else it returns otherwise, or
// false if that is not given.
func (s *Session) Bool(key string, otherwise ...bool) bool {
	value, ok := s.Get(key).(bool)
	return given(value, ok, otherwise)
}

// Strings returns the value of a key if it is a list or tuple of strings. Else it
// returns otherwise, or nil if that is not given. The slice is a copy.
func (s *Session) Strings(key string, otherwise ...[]string) []string {
	items, isList := itemsOf(s.Get(key))
	texts := make([]string, len(items))
	for i, item := range items {
		text, isText := textOf(item)
		isList = isList && isText
		texts[i] = text
	}
	return given(texts, isList, otherwise)
}

// itemsOf returns the items of a list or tuple.
func itemsOf(value any) (items []any, ok bool) {
	switch value := value.(type) {
	case []any:
		return value, true
	case Tuple:
		return value, true
	}
	return nil, false
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

// Set sets a key. The value has a type that [Session] lists, at any depth. The
// other integers of Go are stored as int, a float32 as float64, and a []string as
// []any, which [Session.Strings] reads.
//
// Set panics for any other type, with an error that names the key and the type: a
// struct would come back as a map. Store its id, and load it in each request. A
// value that became wrong later, in place, is noticed when the session is saved.
func (s *Session) Set(key string, value any) {
	s.mustBeUnsent("Set", key)
	kept, err := s.storable(value)
	if err != nil {
		panic(fmt.Errorf("decant: Session.Set(%q): %w", key, err))
	}
	s.change()[key] = kept
}

// SessionTypes is a [SessionInterface] that stores values of more types than
// [Session] lists, as they are.
type SessionTypes interface {
	// Stores reports whether a value is of such a type.
	Stores(value any) bool
}

// deepest is how deep lists and maps in a session may be nested.
const deepest = 1000

// storable returns the value in the types of sessions. The error names the place
// in the value, its type, and what to store instead.
func (s *Session) storable(value any) (any, error) {
	more, _ := s.context.App.sessions.(SessionTypes)
	kept, _, unfit := storable(value, more, 0)
	if unfit != nil {
		return nil, unfit
	}
	return kept, nil
}

// storable returns the value as it is kept, and whether that is another one.
func storable(value any, more SessionTypes, depth int) (kept any, changed bool, unfit *unfitValue) {
	switch value := value.(type) {
	case nil, bool, int, float64, string, []byte, Markup, UUID, time.Time:
		return value, false, nil
	case *big.Int:
		if value != nil {
			return value, false, nil
		}
	case []any:
		return storableItems(value, func(items []any) any { return items }, more, depth)
	case Tuple:
		return storableItems(value, func(items []any) any { return Tuple(items) }, more, depth)
	case map[string]any:
		return storableMembers(value, more, depth)
	case []string:
		items := make([]any, len(value))
		for i, text := range value {
			items[i] = text
		}
		return items, true, nil
	case float32:
		return float64(value), true, nil
	}
	if whole := wholeNumber(value); whole != nil {
		return whole, true, nil
	}
	if more != nil && more.Stores(value) {
		return value, false, nil
	}
	return nil, false, &unfitValue{value: value}
}

// wholeNumber returns the int, or the *big.Int, of Go's other integers, and nil of
// anything else.
func wholeNumber(value any) any {
	number := reflect.ValueOf(value)
	isBuiltin := number.IsValid() && number.Type().PkgPath() == ""
	switch {
	case isBuiltin && number.CanInt():
		return int(number.Int())
	case isBuiltin && number.CanUint():
		if large := number.Uint(); large > math.MaxInt {
			return new(big.Int).SetUint64(large)
		}
		return int(number.Uint())
	}
	return nil
}

func storableItems(items []any, as func([]any) any, more SessionTypes, depth int) (any, bool, *unfitValue) {
	if depth == deepest {
		return nil, false, &unfitValue{value: as(items), isDeep: true}
	}
	copied := false
	for i, item := range items {
		kept, changed, unfit := storable(item, more, depth+1)
		if unfit != nil {
			return nil, false, unfit.below(fmt.Sprintf("[%d]", i))
		}
		if changed && !copied {
			items, copied = slices.Clone(items), true
		}
		if changed {
			items[i] = kept
		}
	}
	return as(items), copied, nil
}

func storableMembers(members map[string]any, more SessionTypes, depth int) (any, bool, *unfitValue) {
	if depth == deepest {
		return nil, false, &unfitValue{value: members, isDeep: true}
	}
	result := members
	copied := false
	for _, key := range slices.Sorted(maps.Keys(members)) {
		kept, changed, unfit := storable(members[key], more, depth+1)
		if unfit != nil {
			return nil, false, unfit.below(fmt.Sprintf("[%q]", key))
		}
		if changed && !copied {
			result, copied = maps.Clone(members), true
		}
		if changed {
			result[key] = kept
		}
	}
	return result, copied, nil
}

// unfitValue is the error about a value that a session cannot keep.
type unfitValue struct {
	path   string // to the value, as ["cart"][0]
	value  any
	isDeep bool
}

func (e *unfitValue) below(step string) *unfitValue {
	if len(e.path) < 100 {
		e.path = step + e.path
	}
	return e
}

func (e *unfitValue) Error() string {
	subject := fmt.Sprintf("a %T", e.value)
	if e.path != "" {
		subject = fmt.Sprintf("the value at %s is a %T, which", e.path, e.value)
	}
	if e.isDeep {
		return fmt.Sprintf("%s is nested more than %d levels deep, or holds itself; store an id, and load the value in each request", subject, deepest)
	}
	return fmt.Sprintf("%s cannot be kept in a session, %s", subject, e.advice())
}

func (e *unfitValue) advice() string {
	kind := reflect.TypeOf(e.value).Kind()
	if kind == reflect.Pointer {
		kind = reflect.TypeOf(e.value).Elem().Kind()
	}
	switch kind {
	case reflect.Struct:
		return "where it would come back as a map; store its id, and load it in each request"
	case reflect.String:
		return "where it would come back as a string; store string(value)"
	case reflect.Slice, reflect.Array:
		return "where it would come back as a []any; store a []any, or an id"
	case reflect.Map:
		return "where it would come back as a map[string]any; store that, or an id"
	}
	return "where it would not come back as it is; store a string, a number, a bool, or an id"
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
	sessions, signed := c.App.sessions.(*cookieSessions)
	return signed && c.HasRequest() && sessions.keysOf(c.App).err == nil
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

// Permanent reports whether the browser keeps the session when it is closed. A view
// of Flask may have stored any value that Python takes for true, such as 1.
func (s *Session) Permanent() bool { return isTrue(s.Get(permanentKey)) }

// isTrue reports whether Python takes a value of a session for true.
func isTrue(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case int:
		return value != 0
	case float64:
		return value != 0
	case string:
		return value != ""
	case Markup:
		return value != ""
	case []byte:
		return len(value) > 0
	case []any:
		return len(value) > 0
	case Tuple:
		return len(value) > 0
	case map[string]any:
		return len(value) > 0
	}
	return true
}

// SetPermanent(true) keeps the session for Config.PermanentSessionLifetime.
// SetPermanent(false) ends it when the browser is closed.
func (s *Session) SetPermanent(permanent bool) { s.Set(permanentKey, permanent) }

// Modified reports whether the session was written to in this request.
func (s *Session) Modified() bool { return s.modified }

// MarkModified has the session saved after a value in it was changed in place:
//
//	c.Session.Get("cart").(map[string]any)["apples"] = 3
//	c.Session.MarkModified()
//
// It mirrors session.modified = True.
func (s *Session) MarkModified() {
	s.mustBeUnsent("MarkModified", "")
	s.change()
}

// Accessed reports whether the session was read or written in this request. The
// answer then says Vary: Cookie. It mirrors session.accessed.
func (s *Session) Accessed() bool { return s.opened }

// ShouldSetCookie reports whether the session cookie has to be sent, or deleted
// if the session is empty: the session was modified, or it is permanent and
// Config.SessionRefreshEachRequest is set. It mirrors Flask's
// SessionInterface.should_set_cookie.
func (s *Session) ShouldSetCookie() bool {
	return s.modified || s.Permanent() && s.context.App.config.SessionRefreshEachRequest
}

// isOnlyRead reports whether an open session adds no more to the answer than Vary:
// it is in a signed cookie that need not be sent again.
func (s *Session) isOnlyRead() bool {
	_, isSigned := s.context.App.sessions.(*cookieSessions)
	return isSigned && !s.refused && !s.ShouldSetCookie()
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
		panic(raisedError{s.fail("opened", err)})
	}
}

func (s *Session) find() (map[string]any, error) {
	if !s.context.HasRequest() {
		return nil, errNoRequest
	}
	return s.context.App.sessions.Open(s.context)
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
		panic(raisedError{s.refusal()})
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
	err := c.App.sessions.Save(c, s, r)
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

// newUUID is the UUID of the machinery as a value of this package.
func newUUID(id uuid.UUID) any { return UUID(id) }
