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
	"sync"
	"sync/atomic"
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
	// Hurry makes the stop shorter at the cost of requests that are just on
	// their way, for development.
	Hurry bool
	// Pace is that of the clients.
	Pace Pace
}

// timeouts are the time limits of a server.
type timeouts struct {
	header time.Duration // to read the head of a request
	idle   time.Duration // between two requests of a connection
	pace   Pace          // of bodies and answers

	// When the server is told to stop, it first goes on for the time of drain.
	// Then it accepts who waits in the queues of its listeners, until nobody has
	// come for the time of empty, and closes them.
	drain, empty time.Duration

	// It still reads requests from open connections for the time of settle, and
	// longer as long as one is to be expected: from connections that are
	// younger than fresh, and those whose last answer is not older than quiet.
	settle, fresh, quiet time.Duration

	// Then it waits for the requests that are being answered. It cancels their
	// contexts after the time of patience and cuts their connections after the
	// time of cut. A request that takes longer than stop is an error.
	patience, cut, stop time.Duration
}

func (o Options) timeouts() timeouts {
	t := timeouts{
		header:   10 * time.Second,
		idle:     2 * time.Minute,
		pace:     o.Pace,
		drain:    o.Drain,
		empty:    100 * time.Millisecond,
		settle:   250 * time.Millisecond,
		fresh:    2 * time.Second,
		quiet:    time.Second,
		patience: o.StopWithin - o.StopWithin/12 - o.afterCut(),
		cut:      o.StopWithin - o.afterCut(),
		stop:     o.StopWithin,
	}
	if o.Hurry {
		t.hurry()
	}
	return t
}

// afterCut is how long handlers may take to end once their connections are cut: on a
// busy machine they need more than a moment.
func (o Options) afterCut() time.Duration {
	return max(o.StopWithin/12, min(1500*time.Millisecond, o.StopWithin/3))
}

func (t *timeouts) hurry() {
	t.drain, t.empty = 0, 5*time.Millisecond
	t.fresh, t.quiet = t.settle, t.settle
}

const maxHeaderBytes = 64 << 10

// errStopping is the cause with which the context of a request ends that takes
// too long when the server stops.
var errStopping = errors.New("decant: the server is stopping")

// errInterrupted is the cause of a stop by SIGINT, which is mostly a person at
// the keyboard, who is in a hurry.
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
// if a handler took too long, or the error of a listener. That a client is too
// slow is not an error.
func Serve(stop context.Context, listeners []Listener, handler http.Handler, options Options) error {
	s := newServer(handler, options.Logger, options.timeouts())
	if options.TLS != nil {
		s.speakTLS(options.TLS)
	}
	return s.serveUntil(stop, listeners...)
}

// server is an http.Server that stops without breaking an answer.
type server struct {
	http.Server
	handler     http.Handler
	logger      *slog.Logger
	timeouts    timeouts
	isTLS       bool
	connections connections
	streams     atomic.Int64            // requests of HTTP/2, which outlive their connection
	draining    chan struct{}           // closed when the server is told to stop
	stopping    chan struct{}           // closed when the drain is over
	cancel      context.CancelCauseFunc // of the contexts of all requests
}

func newServer(handler http.Handler, logger *slog.Logger, limits timeouts) *server {
	base, cancel := context.WithCancelCause(context.Background())
	s := &server{handler: handler, logger: logger, timeouts: limits, draining: make(chan struct{}), stopping: make(chan struct{}), cancel: cancel}
	base = context.WithValue(base, serverKey{}, s)
	s.Server = http.Server{
		Handler:           http.HandlerFunc(s.answer),
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnState:         s.connections.note,
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

func (s *server) serveUntil(stop context.Context, listeners ...Listener) error {
	failed := make(chan error, len(listeners))
	opened := make([]*listener, len(listeners))
	for i := range listeners {
		opened[i] = newListener(listeners[i], s.timeouts.pace, s.timeouts.empty)
		go func() { failed <- s.serve(opened[i]) }()
	}
	select {
	case err := <-failed:
		s.Close()
		return err
	case <-stop.Done():
	}
	close(s.draining)
	if context.Cause(stop) == errInterrupted {
		s.timeouts.hurry()
	}
	time.Sleep(s.timeouts.drain)
	close(s.stopping)
	s.finish(opened)
	return s.end()
}

func (s *server) serve(l net.Listener) error {
	if s.isTLS {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
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
	if r.ProtoMajor == 2 {
		s.answerStream(w, r)
		return
	}
	if r.ContentLength != 0 && s.timeouts.pace.Interval > 0 {
		r.Body = newPacedBody(w, r, s.timeouts.pace)
	}
	s.handler.ServeHTTP(w, r)
}

// answerStream hands a request of HTTP/2 to the application.

func (s *server) answerStream(w http.ResponseWriter, r *http.Request) {
	s.streams.Add(1)
	defer s.streams.Add(-1)
	if s.timeouts.pace.Interval == 0 {
		s.handler.ServeHTTP(w, r)
		return
	}
	if r.ContentLength != 0 {
		r.Body = newPacedBody(w, r, s.timeouts.pace)
	}
	writer := newPacedWriter(w, s.timeouts.pace)
	s.handler.ServeHTTP(writer, r)
	writer.finish()
}

// finish closes the listeners and waits until no request is to be expected any
// more. From then on net/http drops every request that it reads.
func (s *server) finish(listeners []*listener) {
	began := time.Now()
	var closing sync.WaitGroup
	for _, l := range listeners {
		closing.Go(l.finish)
	}
	closing.Wait()
	for time.Since(began) < s.timeouts.settle || s.connections.mayBring(s.timeouts.fresh, s.timeouts.quiet) {
		time.Sleep(poll)
	}
	s.connections.closeNew()
}

// poll is how often a stopping server looks at its connections.
const poll = 5 * time.Millisecond

// end waits for the requests that are being answered, and cuts those that take
// too long. A handler that waits for its client ends when the connection is cut.
// One that goes on then is an error.
func (s *server) end() error {
	began := time.Now()
	defer s.cancel(errStopping)
	patience := time.AfterFunc(s.timeouts.patience, func() { s.cancel(errStopping) })
	defer patience.Stop()
	limit, release := context.WithTimeout(context.Background(), s.timeouts.cut)
	defer release()
	if s.Shutdown(limit) == nil && s.streams.Load() == 0 {
		return nil
	}
	slow := s.connections.count()
	s.Close()
	for time.Since(began) < s.timeouts.stop && s.isBusy() {
		time.Sleep(poll)
	}
	if s.isBusy() {
		return fmt.Errorf("decant: some requests were cut off after %v, because their views went on; let streams end when Context.Stopping is closed, and long work when the context of the request is done", s.timeouts.stop)
	}
	s.logger.Warn("slow clients were cut off to stop", "connections", slow)
	return nil
}

// isBusy reports whether a handler runs.
func (s *server) isBusy() bool { return s.connections.count() > 0 || s.streams.Load() > 0 }

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
