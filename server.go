package decant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// timeouts are those of the server that Run starts. There is none on writing,
// because a stream of events may last as long as it likes.
type timeouts struct {
	header time.Duration // for a request's head
	body   time.Duration // for the next piece of a request's body
	idle   time.Duration // between two requests of a connection

	// When the server is told to stop, it goes on reading requests from the
	// connections there are for the time of drain. Then it waits for those that
	// are under way: their contexts are cancelled after the time of patience,
	// and their connections cut after that of stop.
	drain, patience, stop time.Duration
}

var everyday = timeouts{
	header:   10 * time.Second,
	body:     30 * time.Second,
	idle:     2 * time.Minute,
	drain:    250 * time.Millisecond,
	patience: 25 * time.Second,
	stop:     30 * time.Second,
}

const maxHeaderBytes = 64 << 10

// errStopping is the cause of the end of a request that took too long to
// finish when the server was told to stop.
var errStopping = errors.New("decant: the server is stopping")

// server is an http.Server that stops without breaking an answer.
type server struct {
	http.Server
	app      http.Handler
	limits   timeouts
	stopping chan struct{}
	cancel   context.CancelCauseFunc // the contexts of all requests
}

func (a *App) newServer(limits timeouts) *server {
	base, cancel := context.WithCancelCause(context.Background())
	s := &server{app: a, limits: limits, stopping: make(chan struct{}), cancel: cancel}
	base = context.WithValue(base, stoppingKey{}, s.stopping)
	s.Server = http.Server{
		Handler:           http.HandlerFunc(s.answer),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: limits.header,
		IdleTimeout:       limits.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(a.logger().Handler(), slog.LevelWarn),
	}
	return s
}

// answer hands a request to the application. A server that is about to stop
// says that the connection ends with this answer, so that no client writes its
// next request to a closed one.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.stopping:
		w.Header().Set("Connection", "close")
	default:
	}
	if r.ContentLength != 0 {
		r.Body = newPromptBody(w, r.Body, s.limits.body)
	}
	s.app.ServeHTTP(w, r)
}

// finish lets the requests under way end, and cuts what takes too long. It is
// called when the listener is closed. Shutdown comes later, because from then
// on net/http drops the requests that it reads.
func (s *server) finish() error {
	close(s.stopping)
	time.Sleep(s.limits.drain)
	defer s.cancel(errStopping)
	patience := time.AfterFunc(s.limits.patience, func() { s.cancel(errStopping) })
	defer patience.Stop()
	limit, release := context.WithTimeout(context.Background(), s.limits.stop)
	defer release()
	if err := s.Shutdown(limit); err != nil {
		s.Close()
		return fmt.Errorf("decant: some requests were cut off after %v: %w", s.limits.stop, err)
	}
	return nil
}

type stoppingKey struct{}

// Stopping is closed when [App.Run] is told to stop, while there is still time
// to finish: requests are not cancelled before another 25 seconds. A stream
// that has no end of its own ends when it is closed:
//
//	select {
//	case <-c.Stopping():
//		return
//	case event := <-events:
//		…
//	}
//
// On a server of your own it is nil, which a select waits for in vain.
func (c *Context) Stopping() <-chan struct{} {
	stopping, _ := c.Value(stoppingKey{}).(chan struct{})
	return stopping
}

// promptBody is the body of a request whose client must keep sending. What it
// does not send in time is os.ErrDeadlineExceeded, and a form's is a 408.
type promptBody struct {
	io.ReadCloser
	connection *http.ResponseController
	limit      time.Duration
}

// newPromptBody sets the first deadline, for a body that the view leaves to
// net/http to read away.
func newPromptBody(w http.ResponseWriter, body io.ReadCloser, limit time.Duration) *promptBody {
	b := &promptBody{body, http.NewResponseController(w), limit}
	b.connection.SetReadDeadline(time.Now().Add(limit))
	return b
}

func (b *promptBody) Read(data []byte) (int, error) {
	b.connection.SetReadDeadline(time.Now().Add(b.limit))
	n, err := b.ReadCloser.Read(data)
	if err == io.EOF { // net/http now listens for the end of the connection
		b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
