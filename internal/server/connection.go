package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Pace is the least that a client must send or take while the server waits for
// it: so many bytes in each interval. No interval means no limit.
type Pace struct {
	Bytes    int64
	Interval time.Duration
}

// connection is a connection whose client must take answers at a pace. It sets
// a deadline for writing and moves it as long as the client makes progress. A
// client that stops is cut after one to two intervals.
//
// Deadlines that a handler or net/http sets come first. They hold until the next
// request.
type connection struct {
	net.Conn
	pace Pace
	born time.Time

	state    atomic.Int32 // an http.ConnState
	handedUp atomic.Bool  // the deadlines belong to a handler or to net/http
	deadline atomic.Int32 // who has set the one for writing
	armedAt  atomic.Int64 // when we set it, in nanoseconds since born
	taken    atomic.Int64 // bytes that the system has taken since then
	wroteAt  atomic.Int64 // the last write, in nanoseconds since born
}

// Who has set the deadline for writing.
const (
	nobody = iota
	us
	others
)

func newConnection(c net.Conn, pace Pace) *connection {
	return &connection{Conn: c, pace: pace, born: time.Now()}
}

// connectionOf returns the connection below TLS, or nil if the listener of the
// program itself has made another.
func connectionOf(c net.Conn) *connection {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	own, _ := c.(*connection)
	return own
}

// enter notes a state that net/http reports. A new request is paced again.
func (c *connection) enter(state http.ConnState) {
	c.state.Store(int32(state))
	if state == http.StateActive || state == http.StateIdle {
		c.handedUp.Store(false)
	}
}

// idleFor returns for how long nothing was written.
func (c *connection) idleFor() time.Duration {
	return time.Since(c.born) - time.Duration(c.wroteAt.Load())
}

func (c *connection) Write(data []byte) (written int, err error) {
	w := stall{connection: c}
	for {
		w.arm()
		n, err := c.Conn.Write(data[written:])
		written += n
		if err == nil || !w.goesOn(int64(n), err) {
			return written, err
		}
	}
}

// ReadFrom sends a file through the kernel, and anything else piece by piece.
func (c *connection) ReadFrom(r io.Reader) (sent int64, err error) {
	kernel, ok := c.Conn.(io.ReaderFrom)
	file := newFilePart(r)
	if !ok || file == nil {
		return io.Copy(onlyWriter{c}, r)
	}
	w := stall{connection: c}
	for {
		w.arm()
		n, err := kernel.ReadFrom(r)
		sent += n
		if err == nil || !w.goesOn(n, err) || file.goTo(sent) != nil {
			return sent, err
		}
	}
}

// onlyWriter hides ReadFrom.
type onlyWriter struct{ io.Writer }

// filePart is a file, or a limited part of one, as a reader.
type filePart struct {
	*os.File
	limit *io.LimitedReader // nil: up to the end
	start int64
	size  int64 // of the part
}

// newFilePart returns nil for other readers.
func newFilePart(r io.Reader) *filePart {
	p := new(filePart)
	if p.limit, _ = r.(*io.LimitedReader); p.limit != nil {
		r, p.size = p.limit.R, p.limit.N
	}
	var err error
	if p.File, _ = r.(*os.File); p.File != nil {
		p.start, err = p.Seek(0, io.SeekCurrent)
	}
	if p.File == nil || err != nil {
		return nil
	}
	return p
}

// goTo continues the file where the client has it to. A copy that was broken off
// may have read more than it has written.
func (p *filePart) goTo(sent int64) error {
	if p.limit != nil {
		p.limit.N = p.size - sent
	}
	_, err := p.Seek(p.start+sent, io.SeekStart)
	return err
}

// stall follows one write that may have to wait for the client.
type stall struct {
	*connection
	isMeasured bool
	queued     int64 // bytes that waited in the system when it was measured
}

// arm sets the deadline, unless it was set a short while ago: one in an answer
// of many writes is enough.
func (s *stall) arm() {
	now := time.Since(s.born)
	s.wroteAt.Store(int64(now))
	if s.pace.Interval == 0 {
		return
	}
	if s.handedUp.Load() {
		if s.deadline.CompareAndSwap(us, nobody) {
			s.Conn.SetWriteDeadline(time.Time{})
		}
		return
	}
	if s.deadline.Load() == us && now-time.Duration(s.armedAt.Load()) < s.pace.Interval/4 {
		return
	}
	s.rearm(now)
}

func (s *stall) rearm(now time.Duration) {
	s.deadline.Store(us)
	s.armedAt.Store(int64(now))
	s.taken.Store(0)
	s.Conn.SetWriteDeadline(s.born.Add(now + s.pace.Interval))
}

// goesOn reports whether a write that ended with an error goes on: at our
// deadline, it does if the client has made progress.
func (s *stall) goesOn(n int64, err error) bool {
	taken := s.taken.Add(n)
	if !errors.Is(err, os.ErrDeadlineExceeded) || s.deadline.Load() != us {
		return false
	}
	if !s.handedUp.Load() && taken < s.pace.Bytes && !s.isMoving(taken) {
		return false
	}
	s.deadline.Store(nobody) // arm sets the next one, or removes this one
	if s.handedUp.Load() {
		s.Conn.SetWriteDeadline(time.Time{})
	}
	return true
}

// isMoving reports whether the client still takes what waits in the system. The
// system takes more from us only when much of it is gone, so a slow client can
// make progress while no write does. The first time there is nothing to compare
// with, and the client gets another interval.
func (s *stall) isMoving(taken int64) bool {
	queued, ok := unacknowledged(s.Conn)
	if !ok {
		return false
	}
	wasMeasured, before := s.isMeasured, s.queued
	s.isMeasured, s.queued = true, queued
	return !wasMeasured || before+taken-queued >= s.pace.Bytes
}

// SetWriteDeadline hands the pace of the request up to the caller. No deadline
// at all is what net/http sets after each request; ours then stays where it is
// until somebody writes, which saves work.
func (c *connection) SetWriteDeadline(deadline time.Time) error {
	c.handedUp.Store(true)
	if deadline.IsZero() {
		if !c.deadline.CompareAndSwap(others, nobody) {
			return nil
		}
	} else {
		c.deadline.Store(others)
	}
	return c.Conn.SetWriteDeadline(deadline)
}

// SetDeadline hands the pace up as SetWriteDeadline does.
func (c *connection) SetDeadline(deadline time.Time) error {
	c.handedUp.Store(true)
	c.deadline.Store(others)
	return c.Conn.SetDeadline(deadline)
}
