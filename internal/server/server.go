// Package server runs the HTTP server of an application. The server limits how
// long a client may take, and it stops without breaking an answer.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// Options are what an application decides about its server.
type Options struct {
	// TLS makes the server speak TLS. Nil means plain HTTP.
	TLS *tls.Config
	// Logger receives what net/http reports.
	Logger *slog.Logger
	// Drain is how long the server goes on as before once it is told to stop,
	// while [Draining] says so.
	Drain time.Duration
	// StopWithin is how long requests may take once nothing new is accepted.
	StopWithin time.Duration
}

// timeouts are the time limits of a server. Writing has no limit, because a
// stream of events may last as long as it likes.
type timeouts struct {
	header time.Duration // to read the head of a request
	body   time.Duration // to wait for the next piece of a request's body
	idle   time.Duration // between two requests of a connection

	// When the server is told to stop, it first goes on for the time of drain.
	// Then it closes its listeners, and still reads requests from open
	// connections for the time of settle. Then it waits for the requests that
	// are being answered. It cancels their contexts after the time of patience
	// and cuts their connections after the time of stop.
	drain, settle, patience, stop time.Duration
}

func (o Options) timeouts() timeouts {
	return timeouts{
		header:   10 * time.Second,
		body:     30 * time.Second,
		idle:     2 * time.Minute,
		drain:    o.Drain,
		settle:   250 * time.Millisecond,
		patience: o.StopWithin * 5 / 6,
		stop:     o.StopWithin,
	}
}

const maxHeaderBytes = 64 << 10

// errStopping is the cause with which the context of a request ends that takes
// too long when the server stops.
var errStopping = errors.New("decant: the server is stopping")

// errInterrupted is the cause of a stop by SIGINT, which is mostly a person at
// the keyboard. Nobody waits for a drain then.
var errInterrupted = errors.New("decant: the server was interrupted")

// UntilSignal returns a context that is done when the program gets SIGINT or
// SIGTERM. A second signal ends the program at once.
func UntilSignal() (stop context.Context, release func()) {
	stop, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case received := <-signals:
			signal.Stop(signals) // from then on a signal has its usual effect
			if received == os.Interrupt {
				cancel(errInterrupted)
			} else {
				cancel(nil)
			}
		case <-stop.Done():
		}
	}()
	return stop, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// Serve serves requests until the context is done. Then it closes the listeners,
// lets the requests that have begun finish, and returns nil. It returns an error
// if it had to cut a request, or the error of a listener.
func Serve(stop context.Context, listeners []net.Listener, handler http.Handler, options Options) error {
	s := newServer(handler, options.Logger, options.timeouts())
	if options.TLS != nil {
		s.speakTLS(options.TLS)
	}
	return s.serveUntil(stop, listeners...)
}

// server is an http.Server that stops without breaking an answer.
type server struct {
	http.Server
	handler  http.Handler
	timeouts timeouts
	isTLS    bool
	draining chan struct{}           // closed when the server is told to stop
	stopping chan struct{}           // closed when the drain is over
	cancel   context.CancelCauseFunc // of the contexts of all requests
}

func newServer(handler http.Handler, logger *slog.Logger, limits timeouts) *server {
	base, cancel := context.WithCancelCause(context.Background())
	s := &server{handler: handler, timeouts: limits, draining: make(chan struct{}), stopping: make(chan struct{}), cancel: cancel}
	base = context.WithValue(base, serverKey{}, s)
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

// speakTLS makes the server speak TLS, and HTTP/2 unless the configuration names
// other protocols only.
func (s *server) speakTLS(config *tls.Config) {
	s.isTLS, s.TLSConfig = true, config
	if len(config.NextProtos) > 0 && !slices.Contains(config.NextProtos, "h2") {
		s.Protocols = new(http.Protocols)
		s.Protocols.SetHTTP1(true)
	}
}

func (s *server) serveUntil(stop context.Context, listeners ...net.Listener) error {
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { failed <- s.serve(listener) }()
	}
	select {
	case err := <-failed:
		s.Close()
		return err
	case <-stop.Done():
	}
	close(s.draining)
	if context.Cause(stop) != errInterrupted {
		time.Sleep(s.timeouts.drain)
	}
	close(s.stopping)
	for _, listener := range listeners {
		listener.Close()
	}
	return s.finish()
}

func (s *server) serve(listener net.Listener) error {
	if s.isTLS {
		return s.ServeTLS(listener, "", "")
	}
	return s.Serve(listener)
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
// long. The listeners are closed before. Shutdown comes after the connections
// have settled, because from then on net/http drops every request that it reads.
func (s *server) finish() error {
	time.Sleep(s.timeouts.settle)
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

type serverKey struct{}

// Draining returns a channel that is closed as soon as the server that answers
// the request is told to stop. On any other server it is nil. The argument is
// the context of the request.
func Draining(request context.Context) <-chan struct{} {
	if s, ok := request.Value(serverKey{}).(*server); ok {
		return s.draining
	}
	return nil
}

// Stopping returns a channel that is closed when the server that answers the
// request accepts nothing new, after the drain. On any other server it is nil.
// The argument is the context of the request.
func Stopping(request context.Context) <-chan struct{} {
	if s, ok := request.Value(serverKey{}).(*server); ok {
		return s.stopping
	}
	return nil
}
