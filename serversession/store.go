package serversession

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/decant-go/decant"
)

// Store keeps sessions, by the hash of their id. Its methods are those of the
// stores of [github.com/alexedwards/scs], all of which will do, and so will one
// of your own:
//
// Find returns what is kept under a token; what has expired is not found, and
// that is no error. Commit keeps bytes under a token, in place of what was
// there, until the expiry. Delete removes them, if they are there.
//
// If a store also has the methods of scs.CtxStore, these are called instead,
// with a context that has a deadline:
//
//	FindCtx(ctx context.Context, token string) (data []byte, found bool, err error)
//	CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error
//	DeleteCtx(ctx context.Context, token string) error
//
// Calls without a context cannot be given up: set the timeouts of the store's
// own client, or a database that hangs makes requests hang. Some clients mind
// no deadline unless told to, such as go-redis without ContextTimeoutEnabled.
type Store interface {
	Find(token string) (data []byte, found bool, err error)
	Commit(token string, data []byte, expiry time.Time) error
	Delete(token string) error
}

// contextStore is what scs.CtxStore adds.
type contextStore interface {
	FindCtx(ctx context.Context, token string) (data []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, token string) error
}

// timedStore gives each call its deadline and each error its page.
type timedStore struct {
	contextStore
	timeout time.Duration
}

const defaultTimeout = 3 * time.Second

func newTimedStore(store Store) timedStore {
	if store == nil {
		panic("decant: serversession.New got a nil store; pass one such as serversession.NewMemory()")
	}
	withContext, ok := store.(contextStore)
	if !ok {
		withContext = plainStore{store}
	}
	return timedStore{withContext, defaultTimeout}
}

// within outlives the request: a client that hangs up must not keep its logout
// from the store.
func (s timedStore) within(c *decant.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c), s.timeout)
}

func (s timedStore) find(c *decant.Context, token string) (data []byte, found bool, err error) {
	ctx, cancel := s.within(c)
	defer cancel()
	data, found, err = s.FindCtx(ctx, token)
	return data, found, unavailable("finding a session", err)
}

func (s timedStore) commit(c *decant.Context, token string, data []byte, expiry time.Time) error {
	ctx, cancel := s.within(c)
	defer cancel()
	return unavailable("writing a session", s.CommitCtx(ctx, token, data, expiry))
}

func (s timedStore) delete(c *decant.Context, token string) error {
	ctx, cancel := s.within(c)
	defer cancel()
	return unavailable("deleting a session", s.DeleteCtx(ctx, token))
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

func (e *storeError) Error() string {
	return fmt.Sprintf("the store failed at %s: %v", e.doing, e.err)
}

func (e *storeError) Unwrap() []error {
	return []error{e.err, decant.NewHTTPError(http.StatusServiceUnavailable)}
}

// plainStore is a store that knows no contexts.
type plainStore struct{ store Store }

func (s plainStore) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	return s.store.Find(token)
}

func (s plainStore) CommitCtx(_ context.Context, token string, data []byte, expiry time.Time) error {
	return s.store.Commit(token, data, expiry)
}

func (s plainStore) DeleteCtx(_ context.Context, token string) error { return s.store.Delete(token) }
