// Package serversession keeps sessions on the server, in memory or in any
// store made for [scs], and gives the browser a signed id:
//
//	app.SessionInterface = serversession.New(serversession.NewMemory())
//
// A session holds the same values, is saved at the same time and has a cookie of the
// same attributes as with the signed cookie that applications begin with. But only the
// server can read it, its size has no limit, and when it is cleared it is over, for
// copies of the cookie too.
//
// # Ids
//
// An id is 32 random bytes. The cookie holds it signed and dated with
// Config.SecretKey; Config.SecretKeyFallbacks are still believed. The store
// sees only its SHA-256, so whoever reads the store can log in as nobody. An id
// is never taken from a client: one that is not signed, or not in the store,
// gives a new session with a new id. Session.Clear and Session.Renew give the
// session a new id, and delete the old one.
//
// # Expiry
//
// A session ends Config.PermanentSessionLifetime after it was last written, in
// the browser, by the date in the cookie and in the store. A permanent one is
// also prolonged when it is read, if Config.SessionRefreshEachRequest is set;
// so that not every request writes to the store, that happens once a twentieth
// of its lifetime is over. It may therefore end so much early, and never late.
//
// # Requests side by side
//
// Of two requests that write to one session, the later one wins. A session that
// was cleared or renewed stays gone, whatever requests that began before still
// want to write: what they wrote is dropped, and no cookie is sent. To know of
// them, the store keeps an empty entry for an hour.
//
// [scs]: https://github.com/alexedwards/scs
package serversession

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/signing"
)

// Option changes one setting of [New].
type Option interface{ applyTo(*sessions) }

type option func(*sessions)

func (o option) applyTo(s *sessions) { o(s) }

// Timeout bounds each call to the store, in place of 3 seconds; the request
// then ends with a 503. It is for stores whose methods take a context.
func Timeout(limit time.Duration) Option {
	if limit <= 0 {
		panic(fmt.Sprintf("decant: serversession.Timeout(%v) leaves the store no time; pass one such as time.Second", limit))
	}
	return option(func(s *sessions) { s.store.timeout = limit })
}

// Adopt takes over the sessions of another interface, so that nobody is logged
// out when sessions move to the server: those in the signed cookies that the
// application, or Flask before it, has given out so far. Such a session moves
// into the store when it is first looked at, and the browser gets an id for it.
//
//	former := app.SessionInterface
//	app.SessionInterface = serversession.New(store, serversession.Adopt(former))
//
// A copy of an old cookie is believed until it expires, as before. Flask cannot
// read sessions in the store: adopt them when it no longer has to, and leave
// the option out again once Config.PermanentSessionLifetime is over.
func Adopt(former decant.SessionInterface) Option {
	return option(func(s *sessions) { s.former = former })
}

// New returns the sessions that are kept in a store, for App.SessionInterface.
// Applications may share it, or only the store; with equal secret keys they
// share sessions too.
//
// An error of the store ends the request with a 503 and a log entry, or with
// the answer of the application's ErrorHandler for 503; the session can then
// be read, as far as it was opened, and not be written.
func New(store Store, options ...Option) decant.SessionInterface {
	s := &sessions{store: newTimedStore(store), visits: decant.NewG[*visit]("serversession")}
	for _, option := range options {
		option.applyTo(s)
	}
	return s
}

type sessions struct {
	store   timedStore
	former  decant.SessionInterface // nil: none is adopted
	visits  decant.G[*visit]
	signers sync.Map // of *decant.TimestampSigner by *decant.App, whose keys are known when it serves
}

// salt tells session ids from everything else that is signed with the key.
const salt = "server-session"

var errNoSecretKey = fmt.Errorf("%w because its id cannot be signed. Set Config.SecretKey on the application to something unique and secret, such as the output of: %s", decant.ErrNullSession, signing.KeyCommand)

// visit is what one request knows of the entry of its session.
type visit struct {
	id       string    // "" for a session that is in no store yet
	signedAt time.Time // the date of the cookie
	adopted  bool      // it is somewhere else, and has to move
}

// leave forgets the id and returns it.
func (v *visit) leave() (id string) {
	id, v.id = v.id, ""
	return id
}

// visitOf is blank for a session that was opened by somebody else.
func (s *sessions) visitOf(c *decant.Context) *visit {
	v, ok := s.visits.Lookup(c)
	if !ok {
		v = new(visit)
		s.visits.Set(c, v)
	}
	return v
}

func (s *sessions) Open(c *decant.Context) (map[string]any, error) {
	if c.App.Config.SecretKey == "" {
		return nil, errNoSecretKey
	}
	cookie := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	if cookie == "" {
		return nil, nil
	}
	id, signedAt, err := s.signer(c.App).Unsign(cookie, c.App.Config.PermanentSessionLifetime)
	switch {
	case errors.Is(err, decant.ErrBadSignature):
		return s.adopt(c)
	case err != nil:
		return nil, err
	}
	payload, found, err := s.store.find(c, entryOf(id))
	if err != nil || !found {
		return nil, err
	}
	s.visits.Set(c, &visit{id: id, signedAt: signedAt})
	return decant.UnmarshalSession(payload)
}

// adopt opens a session whose cookie holds no id of ours.
func (s *sessions) adopt(c *decant.Context) (map[string]any, error) {
	if s.former == nil {
		return nil, nil
	}
	values, err := s.former.Open(c)
	if len(values) > 0 {
		s.visits.Set(c, &visit{adopted: true})
	}
	return values, err
}

func (s *sessions) signer(app *decant.App) *decant.TimestampSigner {
	if signer, ok := s.signers.Load(app); ok {
		return signer.(*decant.TimestampSigner)
	}
	signer := decant.NewTimestampSigner(app.Config.SecretKey, salt,
		decant.OldKeys(app.Config.SecretKeyFallbacks...), decant.KeyDerivation("hmac"))
	s.signers.Store(app, signer)
	return signer
}

// newID is safe in a cookie. The program ends if there is no randomness.
func newID() string {
	var id [32]byte
	rand.Read(id[:])
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// entryOf is the name of a session in the store, and graveOf that of its end.
// Both are as long as the names that scs gives, for which its stores in
// databases have a column.
func entryOf(id string) string { return hashOf(id) }
func graveOf(id string) string { return hashOf("ended." + id) }

func hashOf(text string) string {
	hash := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}
