package decant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
)

// RunOption says where Run listens.
type RunOption func(*address)

type address struct{ host, port string }

// Host is the address to listen on: 127.0.0.1 unless the environment variable
// DECANT_RUN_HOST says otherwise.
func Host(host string) RunOption { return func(a *address) { a.host = host } }

// Port is the port to listen on: 5000 unless the environment variable
// DECANT_RUN_PORT says otherwise. 0 takes any free one.
func Port(port int) RunOption {
	return func(a *address) { a.port = fmt.Sprint(port) }
}

// Run serves the application until the program is interrupted (SIGINT) or told
// to end (SIGTERM). It then accepts nothing new, lets the requests under way
// finish, and returns nil; what takes longer than 30 seconds is cut off, and is
// an error. Streams should end when [Context.Stopping] says so. It mirrors
// Flask's run, on a server that is fit for production. For one of your own, use
// the App as an http.Handler.
func (a *App) Run(options ...RunOption) error {
	a.freeze() // what is wrong with the settings shows now
	where := address{
		host: cmp.Or(os.Getenv("DECANT_RUN_HOST"), "127.0.0.1"),
		port: cmp.Or(os.Getenv("DECANT_RUN_PORT"), "5000"),
	}
	for _, option := range options {
		option(&where)
	}
	listener, err := where.listen()
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, a.greeting(listener.Addr()))
	return a.serveUntilStopped(listener, everyday)
}

// greeting is what Flask says when it starts.
func (a *App) greeting(where net.Addr) string {
	mode, warning := "off", ""
	if a.Config.Debug {
		mode, warning = "on", debugWarning
	}
	return fmt.Sprintf(" * Serving Decant app '%s'\n * Debug mode: %s\n%s * Running on http://%s\nPress CTRL+C to quit\n", a.Name, mode, warning, where)
}

const debugWarning = "WARNING: Debug mode shows the source code around an error to browsers on this machine; others get the plain page. Do not use it where others reach the server, or behind a proxy.\n"

func (a address) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(a.host, a.port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("decant: port %s of %s is in use by another program; stop that one, or choose another port with decant.Port(n) or DECANT_RUN_PORT=n", a.port, a.host)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: cannot listen on %s, port %s: %w", a.host, a.port, err)
	}
	return listener, nil
}

func (a *App) serveUntilStopped(listener net.Listener, limits timeouts) error {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	server := a.newServer(limits)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	release() // a second signal ends the program at once
	listener.Close()
	return server.finish()
}
