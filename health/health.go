// Package health answers the probes of load balancers and of Kubernetes: whether a
// program lives, and whether it is ready for visitors.
//
//	app.Use(health.Probes(
//		health.Check("database", db.PingContext),
//		health.Timeout(2*time.Second),
//	))
//
// # Paths
//
//	/livez    200 as long as the program answers at all
//	/readyz   200 if all checks succeed, else 503
//
// From the moment at which [decant.App.Run] is told to end, /readyz is a 503, while
// the program still answers everybody for the time of [decant.Drain]. A server of
// your own does not tell; add a check for it.
//
// The answers are text, which caches do not keep. They name the checks and say how
// they went. The error of a check is in the log only: one entry when the check begins
// to fail, and one when it succeeds again. [decant.AccessLog] leaves probes out,
// whether it comes before or after this middleware.
//
// A check runs once at a time, however many probes come: those that come meanwhile
// share its result. So probes may be open to everybody.
package health

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/server"
)

// Option says what a program needs to be ready, and how long it may take to find
// out.
type Option interface{ apply(*probes) }

type option func(*probes)

func (o option) apply(p *probes) { o(p) }

// Check adds something that must work before the program is ready, such as a
// database. The name is shown in the answer. The context of a run ends after the
// [Timeout]. An error, a panic and a run that takes longer mean that the program is
// not ready.
//
// It panics for an empty name, a name that is taken, and a nil check.
func Check(name string, check func(ctx context.Context) error) Option {
	return option(func(p *probes) {
		switch {
		case name == "" || strings.ContainsAny(name, "\r\n"):
			panic(fmt.Sprintf("health: the check %q needs a name of one line, for the answer and the log", name))
		case check == nil:
			panic(fmt.Sprintf("health: the check %q has a nil function; pass one such as db.PingContext", name))
		case p.has(name):
			panic(fmt.Sprintf("health: the name %q of a check is taken; give each one its own", name))
		}
		p.checks = append(p.checks, &probe{name: name, check: check})
	})
}

// Timeout is how long the checks of a probe may take together. The default is one
// second, which is also how long Kubernetes waits by default.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("health: the timeout is %v; it must be longer than nothing", d))
	}
	return option(func(p *probes) { p.timeout = d })
}

// Logger receives what goes wrong. Without it, slog.Default() does.
func Logger(logger *slog.Logger) Option { return option(func(p *probes) { p.log = logger }) }

// probes is what the middleware knows.
type probes struct {
	checks  []*probe
	timeout time.Duration
	log     *slog.Logger // nil: slog.Default()
}

func (p *probes) has(name string) bool {
	for _, other := range p.checks {
		if other.name == name {
			return true
		}
	}
	return false
}

// Probes returns middleware that answers GET and HEAD requests for /livez and
// /readyz, before any rule, hook or check of hosts of the application.
func Probes(options ...Option) func(http.Handler) http.Handler {
	p := &probes{timeout: time.Second}
	for _, option := range options {
		option.apply(p)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/livez":
				answer(w, r, nil)
			case "/readyz":
				answer(w, r, func() report { return p.readiness(r) })
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// report is what a probe finds out.
type report struct {
	problem string // "" if the program is ready
	lines   []string
}

// answer sends a report; without one, the program lives.
func answer(w http.ResponseWriter, r *http.Request, find func() report) {
	keepOutOfAccessLog(w)
	h := w.Header()
	h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	h["Cache-Control"] = []string{"no-store"}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h["Allow"] = []string{"GET, HEAD"}
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var found report
	if find != nil {
		found = find()
	}
	if found.problem != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if r.Method == http.MethodGet {
		io.WriteString(w, strings.Join(append([]string{cmp.Or(found.problem, "ok")}, found.lines...), "\n")+"\n")
	}
}

// keepOutOfAccessLog tells each access log around the handler to leave the request
// out.
func keepOutOfAccessLog(w http.ResponseWriter) {
	for {
		if logged, ok := w.(interface{ SkipAccessLog() }); ok {
			logged.SkipAccessLog()
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = wrapper.Unwrap()
	}
}

// readiness runs all checks at once and waits for them.
func (p *probes) readiness(r *http.Request) report {
	select {
	case <-server.Draining(r.Context()):
		return report{problem: "stopping"}
	default:
	}
	wait, cancel := context.WithTimeoutCause(r.Context(), p.timeout, errSlow)
	defer cancel()
	runs := make([]*run, len(p.checks))
	for i, check := range p.checks {
		runs[i] = check.start(p)
	}
	var found report
	for i, check := range p.checks {
		result := "ok"
		if err := runs[i].wait(wait); err != nil {
			result, found.problem = "failed", "not ready"
			if errors.Is(err, errSlow) {
				result = "timed out"
			}
		}
		found.lines = append(found.lines, check.name+": "+result)
	}
	return found
}

func (p *probes) logger() *slog.Logger { return cmp.Or(p.log, slog.Default()) }
