package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// errSlow is the cause with which the context of a check ends.
var errSlow = errors.New("health: the check takes too long")

// probe is a check with its run.
type probe struct {
	name  string
	check func(context.Context) error

	mutex     sync.Mutex
	current   *run // nil if the check is not running
	isFailing bool // by the last run
}

// run is one run of a check.
type run struct {
	done chan struct{} // closed when err is set
	err  error
}

// wait returns the result of the run, or the reason why the context ended before.
func (r *run) wait(limit context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-limit.Done():
	}
	select {
	case <-r.done: // it ended in time, while the wait was for another check
		return r.err
	default:
		return context.Cause(limit)
	}
}

// start returns the run that is under way, or a new one. A check that does not
// respect its context keeps its only goroutine, and fails until that ends.
func (c *probe) start(p *probes) *run {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.current == nil {
		c.current = &run{done: make(chan struct{})}
		go c.finish(p, c.current)
	}
	return c.current
}

// finish runs the check, and logs when its result is another one than before.
func (c *probe) finish(p *probes, r *run) {
	limit, cancel := context.WithTimeoutCause(context.Background(), p.timeout, errSlow)
	defer cancel()
	r.err = c.try(limit)
	c.mutex.Lock()
	c.current = nil
	isNews := c.isFailing != (r.err != nil)
	c.isFailing = r.err != nil
	c.mutex.Unlock()
	switch {
	case isNews && r.err != nil:
		p.logger().Warn("a check of the health failed, so the program is not ready", "check", c.name, "error", r.err)
	case isNews:
		p.logger().Info("a check of the health succeeds again", "check", c.name)
	}
	close(r.done)
}

// try calls the check. Its panic is an error, and so is a result that comes too
// late.
func (c *probe) try(limit context.Context) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the check panicked: %v", value)
		}
	}()
	err = c.check(limit)
	if limit.Err() != nil {
		return errors.Join(errSlow, err)
	}
	return err
}
