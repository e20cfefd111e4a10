package server

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// connections are those that net/http serves.
type connections struct {
	mutex sync.Mutex
	open  map[net.Conn]*connection // nil for one that another listener has made
}

// note is called by net/http when the state of a connection changes. The changes
// that come with each request take no lock.
func (c *connections) note(changed net.Conn, state http.ConnState) {
	own := connectionOf(changed)
	if own != nil {
		own.enter(state)
	}
	switch state {
	case http.StateNew:
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if c.open == nil {
			c.open = map[net.Conn]*connection{}
		}
		c.open[changed] = own
	case http.StateClosed, http.StateHijacked:
		c.mutex.Lock()
		defer c.mutex.Unlock()
		delete(c.open, changed)
	}
}

func (c *connections) count() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.open)
}

// mayBring reports whether a request may be on its way: on a connection whose
// client has said nothing yet, or has had its last answer a short while ago.
func (c *connections) mayBring(fresh, quiet time.Duration) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, own := range c.open {
		if own == nil {
			continue
		}
		switch http.ConnState(own.state.Load()) {
		case http.StateNew:
			if time.Since(own.born) < fresh {
				return true
			}
		case http.StateIdle:
			if own.idleFor() < quiet {
				return true
			}
		}
	}
	return false
}

// closeNew closes the connections whose clients have said nothing yet.
func (c *connections) closeNew() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, own := range c.open {
		if own != nil && http.ConnState(own.state.Load()) == http.StateNew {
			own.Close()
		}
	}
}
