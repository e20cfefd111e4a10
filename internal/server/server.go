// Package server runs the HTTP server of an application. The server limits how
// long a client may take, and it stops without breaking an answer.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// timeouts are the time limits of a server. Writing has no limit, because a
// stream of events may last as long as it likes.
type timeouts struct {
	header time.Duration // to read the head of a request
	body   time.Duration // to wait for the next piece of a request's body
	idle   time.Duration // between two requests of a connection

	// When the server is told to stop, it still reads requests from open
	// connections for the time of drain. Then it waits for the requests that
	// are being answered. It cancels their contexts after the time of patience
	// and cuts their connections after the time of stop.
	drain, patience, stop time.Duration
}

var defaultTimeouts = timeouts{
	header:   10 * time.Second,
	body:     30 * time.Second,
	idle:     2 * time.Minute,
	drain:    250 * time.Millisecond,
	patience: 25 * time.Second,
	stop:     30 * time.Second,
}

const maxHeaderBytes = 64 << 10

// errStopping is the cause with which the context of a request ends that takes
// too long when the server stops.
var errStopping = errors.New("decant: the server is stopping")

// Run serves requests until the program gets SIGINT or SIGTERM. Then it closes
// the listener, lets the requests that have begun finish, and returns nil. It
// returns an error if it had to cut a request, or the error of the listener. A
// second signal ends the program at once. The logger receives what net/http
// reports.
func Run(listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	context.AfterFunc(stop, release) // from then on a signal has its usual effect
	return newServer(handler, logger, defaultTimeouts).serveUntil(stop, listener)
}

// server is an http.Server that stops without breaking an answer.
type server struct {
	http.Server
	handler  http.Handler
	timeouts timeouts
	stopping chan struct{}           // closed when the server is told to stop
	cancel   context.CancelCauseFunc // of the contexts of all requests
}

func newServer(handler http.Handler, logger *slog.Logger, limits timeouts) *server {
	base, cancel := context.WithCancelCause(context.Background())
	s := &server{handler: handler, timeouts: limits, stopping: make(chan struct{}), cancel: cancel}
	base = context.WithValue(base, stoppingKey{}, s.stopping)
	s.Server = http.Server{
		Handler:           http.HandlerFunc(s.answer),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: limits.header,
		IdleTimeout:       limits.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	return s
}

func (s *server) serveUntil(stop context.Context, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	listener.Close()
	return s.finish()
}

// answer hands a request to the application. While the server stops, the answer
// says that the connection ends, so that no client sends its next request to a
// closed connection.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.stopping:
		w.Header().Set("Connection", "close")
	default:
	}
	if r.ContentLength != 0 {
		r.Body = newTimedBody(w, r.Body, s.timeouts.body)
	}
	s.handler.ServeHTTP(w, r)
}

// finish waits for the requests that have begun, and cuts those that take too
// long. The listener is closed before. Shutdown comes after the drain, because
// from then on net/http drops every request that it reads.
func (s *server) finish() error {
	close(s.stopping)
	time.Sleep(s.timeouts.drain)
	defer s.cancel(errStopping)
	patience := time.AfterFunc(s.timeouts.patience, func() { s.cancel(errStopping) })
	defer patience.Stop()
	limit, release := context.WithTimeout(context.Background(), s.timeouts.stop)
	defer release()
	if err := s.Shutdown(limit); err != nil {
		s.Close()
		return fmt.Errorf("decant: some requests were cut off after %v: %w", s.timeouts.stop, err)
	}
	return nil
}

type stoppingKey struct{}

// Stopping returns a channel that is closed when the server that answers the
// request is told to stop. On any other server it is nil. The argument is the
// context of the request.
func Stopping(request context.Context) <-chan struct{} {
	stopping, _ := request.Value(stoppingKey{}).(chan struct{})
	return stopping
}
