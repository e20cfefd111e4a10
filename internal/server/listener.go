package server

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// listener accepts connections whose clients must keep a pace. Before it closes
// it accepts those that wait in the system's queue: their clients are connected
// already, and closing would reset them.
type listener struct {
	Listener
	pace Pace
	// quiet is for how long nobody may come, twice in turn, before it closes.
	quiet      time.Duration
	isEmptying atomic.Bool
	end        time.Time // of emptying the queue, at the latest
	emptied    chan struct{}
	hasEmptied func()       // closes emptied
	close      func() error // once

	// These belong to Accept.
	cameNew    bool // since the deadline was set
	quietTimes int
}

// longestQueue is how long a listener may take to empty its queue while clients
// keep coming.
const longestQueue = time.Second

func newListener(l Listener, pace Pace, quiet time.Duration) *listener {
	emptied := make(chan struct{})
	return &listener{
		Listener: l, pace: pace, quiet: quiet, emptied: emptied,
		hasEmptied: sync.OnceFunc(func() { close(emptied) }), close: sync.OnceValue(l.Close),
	}
}

// Close closes the listener once. The server of net/http closes it, too, and would
// take the error of a second time for one of the stop.
func (l *listener) Close() error { return l.close() }

// Accept returns net.ErrClosed when the queue of a closing listener is empty.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err == nil {
			l.cameNew = true
			return paced(c, l.pace), nil
		}
		isOver := l.isEmptying.Load() && errors.Is(err, os.ErrDeadlineExceeded)
		if isOver && l.waitsOn() {
			continue
		}
		l.hasEmptied()
		if isOver {
			err = net.ErrClosed
		}
		return nil, err
	}
}

// paced leaves connections alone that speak TLS already: net/http must see them
// as they are.
func paced(c net.Conn, pace Pace) net.Conn {
	if _, isSecure := c.(*tls.Conn); isSecure {
		return c
	}
	return newConnection(c, pace)
}

// waitsOn sets the next deadline, unless nobody has come for long enough. Each
// deadline is in the future, so that Accept asks the system at least once.
func (l *listener) waitsOn() bool {
	l.quietTimes++
	if l.cameNew {
		l.quietTimes = 0
	}
	l.cameNew = false
	if l.quietTimes == 2 || time.Now().After(l.end) {
		return false
	}
	return l.setDeadline()
}

func (l *listener) setDeadline() bool {
	timed, ok := l.Listener.Listener.(interface{ SetDeadline(time.Time) error })
	return ok && timed.SetDeadline(time.Now().Add(l.quiet)) == nil
}

// finish empties the queue and closes the listener. The queue of a listener that
// other processes share is theirs.
func (l *listener) finish() {
	defer l.Close()
	if l.IsShared {
		return
	}
	l.refuse()
	l.end = time.Now().Add(longestQueue)
	l.isEmptying.Store(true)
	if l.setDeadline() {
		<-l.emptied
	}
}

// refuse keeps new clients from the queue of a listener that is ours alone.
// Without that, one could come between the last look at the queue and closing.
func (l *listener) refuse() {
	if !l.IsOwn {
		return
	}
	switch own := l.Listener.Listener.(type) {
	case *net.TCPListener:
		refuseHandshakes(own)
	case *net.UnixListener:
		os.Remove(own.Addr().String())
		own.SetUnlinkOnClose(false) // by then the path may belong to the next program
	}
}
