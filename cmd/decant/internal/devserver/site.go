package devserver

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// site is what visitors get at the moment: a program, and the problem that keeps
// a newer one from taking over.
type site struct {
	announce func(*problem) // told when the program that serves ends

	mutex   sync.Mutex
	program *program // nil until one has started, and after a crash
	problem *problem
	run     string // tells this run of the server from an earlier one
	count   int    // of the changes that pages should show
	changed chan struct{}
	retired sync.WaitGroup
}

func newSite(announce func(*problem)) *site {
	return &site{
		announce: announce,
		run:      fmt.Sprintf("%x", time.Now().UnixNano()),
		changed:  make(chan struct{}),
	}
}

// update changes the site under its lock and tells everybody who waits.
func (s *site) update(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	s.count++
	close(s.changed)
	s.changed = make(chan struct{})
}

// reload asks pages to load again.
func (s *site) reload() { s.update(func() {}) }

// fail shows a problem to browsers. Other visitors still get the program, if
// there is one.
func (s *site) fail(p *problem) { s.update(func() { s.problem = p }) }

// isBroken reports whether browsers see a problem.
func (s *site) isBroken() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.problem != nil
}

// replace lets a program take over. The one before finishes its requests and is
// stopped.
func (s *site) replace(p *program) {
	var old *program
	s.update(func() {
		old, s.program, s.problem = s.program, p, nil
		if old != nil {
			s.retire(old)
		}
	})
	go s.report(p)
}

// report shows that a program has ended, if it was the one that serves. A problem
// with a newer program is what matters then, and stays.
func (s *site) report(p *program) {
	<-p.ended
	s.mutex.Lock()
	serves := s.program == p
	s.mutex.Unlock()
	if !serves {
		return
	}
	crash := p.crash()
	s.update(func() {
		if s.program != p {
			return
		}
		s.program = nil
		if s.problem == nil {
			s.problem = crash
		}
	})
	s.announce(crash)
}

// grace is how long a program that was replaced goes on without being told: new
// requests no longer reach it, and most of those under way end in this time.
const grace = 2 * time.Second

// retire ends a program when its requests are answered. The caller holds the
// lock.
func (s *site) retire(p *program) {
	p.quiet = make(chan struct{})
	if p.requests == 0 {
		close(p.quiet)
	}
	s.retired.Go(func() {
		select {
		case <-p.quiet:
		case <-time.After(grace): // streams end when the program is told to stop
		}
		p.stop()
	})
}

// stop ends all programs.
func (s *site) stop() {
	s.update(func() {
		if s.program != nil {
			s.retire(s.program)
		}
		s.program = nil
	})
	s.retired.Wait()
}

// enter waits until there is something to show, and returns it. A program that
// is returned keeps running until leave is called with it.
func (s *site) enter(ctx context.Context, navigates bool) (*program, *problem, error) {
	for {
		s.mutex.Lock()
		program, problem, changed := s.program, s.problem, s.changed
		if problem != nil && (navigates || program == nil) {
			s.mutex.Unlock()
			return nil, problem, nil
		}
		if program != nil {
			program.requests++
			s.mutex.Unlock()
			return program, nil, nil
		}
		s.mutex.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

func (s *site) leave(p *program) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	p.requests--
	if p.requests == 0 && p.quiet != nil {
		select {
		case <-p.quiet:
		default:
			close(p.quiet)
		}
	}
}

// generation names the state that pages show, and the channel that is closed
// when there is another one.
func (s *site) generation() (string, <-chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return fmt.Sprintf("%s-%d", s.run, s.count), s.changed
}
