// Package devserver is decant run: it builds an application, starts it, and
// does both again when a file changes, while visitors are served all the time.
//
// The server holds the application's port and passes requests on to the program
// that it built. A new program takes over when it listens; the old one finishes
// its requests. The environment variables and headers by which the program knows
// its outer address and its visitors are in program.go and proxy.go.
package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Config says what to run, and how.
type Config struct {
	Dir        string   // the folder of the go command
	Package    string   // of the program, as the go command takes it
	BuildFlags []string // for go build
	Args       []string // for the program
	Host       string   // where visitors connect
	Port       int      // 0 takes any free one
	Debug      bool     // debug mode of the application
	Poll       bool     // look at the files regularly instead of being told
	Exclude    []string // patterns of files that are not watched
	Output     io.Writer
}

// Run serves the application until the context ends. It returns an error when
// the port cannot be had; an application that does not build is no error, for
// it will be mended.
func Run(ctx context.Context, config Config) error {
	listener, err := listen(config.Host, config.Port)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "decant-run-")
	if err != nil {
		return fmt.Errorf("decant: no folder for the programs: %w", err)
	}
	defer os.RemoveAll(folder)
	if config.Dir, err = filepath.Abs(config.Dir); err != nil {
		return err
	}

	progress := newProgress(config.Output)
	s := &server{
		Config:   config,
		url:      "http://" + outerAddress(config.Host, listener.Addr()),
		site:     newSite(func(p *problem) { progress.say("%s. %s", p.Title, p.Advice) }),
		builder:  &builder{dir: config.Dir, pkg: config.Package, flags: config.BuildFlags, folder: folder},
		progress: progress,
	}
	front := &http.Server{
		Handler:           &front{site: s.site, progress: s.progress},
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          discard,
	}
	failed := make(chan error, 1)
	go func() { failed <- front.Serve(listener) }()
	defer front.Close()

	s.progress.say("Running on %s (press CTRL+C to quit)", s.url)
	finished := make(chan struct{})
	go func() { defer close(finished); s.work(ctx) }()
	select {
	case err = <-failed:
	case <-finished:
	}
	s.site.stop()
	return err
}

func listen(host string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("decant: port %d of %s is in use by another program; stop that one, or choose another port with --port", port, host)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: cannot listen on %s, port %d: %w", host, port, err)
	}
	return listener, nil
}

// outerAddress is the host and port that a browser on this machine uses.
func outerAddress(host string, where net.Addr) string {
	_, port, _ := net.SplitHostPort(where.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// server builds programs and puts them before visitors.
type server struct {
	Config
	url      string
	site     *site
	builder  *builder
	progress *progress
	starts   int

	toldReload time.Time
}

// work builds and starts, and does what each change of a file asks for.
func (s *server) work(ctx context.Context) {
	watch := newWatcher(s.Dir, s.Exclude, s.Poll, s.progress)
	defer watch.Close()
	todo := rebuild
	for {
		if todo == rebuild || todo == restart {
			todo = s.renew(ctx, watch, todo)
		} else {
			todo = s.decide(ctx, watch)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// task is what a change asks for.
type task int

const (
	nothing task = iota
	reload       // pages show another template or style sheet
	restart      // the program reads its environment when it starts
	rebuild
)

// decide waits for a change. It carries out a reload itself and returns what
// takes longer.
func (s *server) decide(ctx context.Context, watch *watcher) task {
	select {
	case <-ctx.Done():
		return nothing
	case changed := <-watch.Changes():
		todo := s.builder.task(changed)
		if todo == reload && !s.site.isBroken() {
			s.site.reload()
			s.sayReload(changed)
			return nothing
		}
		todo = max(todo, restart) // a program that has ended gets another chance
		s.progress.say("%s changed", s.describe(changed))
		return todo
	}
}

// renew builds a program, starts it, and lets it take over. A change that comes
// meanwhile begins the work anew; it is returned. A file that does not go into the
// program, or of which nobody knows yet whether it does, waits for the end of the
// work: one that changes all the time, such as a file that the output is copied to,
// would let none end.
func (s *server) renew(ctx context.Context, watch *watcher, todo task) task {
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); s.buildAndStart(work, todo) }()
	var waiting []string
	for {
		select {
		case <-done:
			watch.Add(s.builder.folders())
			if len(waiting) == 0 {
				return nothing
			}
			next := s.builder.task(waiting)
			if next == reload {
				s.site.reload() // a page may have been loaded before the file changed
				return nothing
			}
			s.progress.say("%s changed meanwhile", s.describe(waiting))
			return next
		case <-ctx.Done():
			<-done
			return nothing
		case changed := <-watch.Changes():
			next := s.builder.task(changed)
			if next == reload || s.builder.doubts(changed) {
				waiting = append(waiting, changed...)
				continue
			}
			cancel()
			<-done
			s.progress.say("%s changed meanwhile", s.describe(changed))
			return max(next, todo)
		}
	}
}

func (s *server) buildAndStart(ctx context.Context, todo task) {
	times := s.progress.begin(s.Package)
	if todo == rebuild || s.builder.built == "" {
		problem := s.builder.build(ctx, times)
		if ctx.Err() != nil {
			times.drop()
			return
		}
		if problem != nil {
			times.failed(problem)
			s.site.fail(problem)
			return
		}
	}
	times.starting()
	program, problem := s.start(ctx)
	if ctx.Err() != nil {
		times.drop()
		return
	}
	if problem != nil {
		times.failed(problem)
		s.site.fail(problem)
		return
	}
	s.site.replace(program)
	times.done()
	s.builder.list(ctx)
}

// sayReload tells the terminal of a reload, unless it did a moment ago: a file that
// the output is copied to changes with each line.
func (s *server) sayReload(changed []string) {
	const moment = time.Second
	if time.Since(s.toldReload) > moment {
		s.progress.say("%s changed: pages reload", s.describe(changed))
	}
	s.toldReload = time.Now()
}

// describe names changed files for a reader.
func (s *server) describe(changed []string) string {
	name, err := filepath.Rel(s.Dir, changed[0])
	if err != nil {
		name = changed[0]
	}
	if len(changed) > 1 {
		return fmt.Sprintf("%s and %d more", name, len(changed)-1)
	}
	return name
}
