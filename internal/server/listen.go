package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Address says where a server listens. If Listener is set, the other fields do
// not count; if Unix is set, Host and Port do not.
type Address struct {
	Listener   net.Listener
	Unix       string // the path of a socket
	Host, Port string
	// Fixed ignores listeners that the program inherits.
	Fixed bool
}

// LocalName returns the address and the port of a server name, such as
// "localhost:8000", if it is a name of this machine for itself, and else "". Other
// names are those of a proxy or a container, which cannot be listened on. The port
// may be "".
func LocalName(serverName string) (host, port string) {
	host = serverName
	if name, digits, err := net.SplitHostPort(serverName); err == nil {
		host, port = name, digits
	}
	host = strings.Trim(host, "[]")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return "127.0.0.1", port
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", ""
	}
	return host, port
}

// Listener is a listener, and who has it.
type Listener struct {
	net.Listener
	IsOwn    bool // the server has opened it
	IsShared bool // another process has it, too
}

// Listen opens the address. Listeners that systemd has opened for this program
// take the place of all but Listener.
func (a Address) Listen() ([]Listener, error) {
	if a.Listener != nil {
		return []Listener{{Listener: a.Listener}}, nil
	}
	if !a.Fixed {
		if listeners, err := inherited(); err != nil || listeners != nil {
			return listeners, err
		}
	}
	listener, err := a.open()
	if err != nil {
		return nil, err
	}
	return []Listener{{Listener: listener, IsOwn: true}}, nil
}

func (a Address) open() (net.Listener, error) {
	if a.Unix != "" {
		return listenUnix(a.Unix)
	}
	var plain net.ListenConfig
	plain.SetMultipathTCP(false) // its sockets take no filter; see refuseHandshakes
	listener, err := plain.Listen(context.Background(), "tcp", net.JoinHostPort(a.Host, a.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("decant: port %s of %s is in use by another program; stop that one, or choose another port with decant.Port(n) or DECANT_RUN_PORT=n", a.Port, a.Host)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: cannot listen on %s, port %s: %w%s", a.Host, a.Port, err, a.advice())
	}
	return listener, nil
}

// advice says what is wrong with a host and a port that cannot be listened on, if
// that can be seen, and else nothing.
func (a Address) advice() string {
	if _, err := strconv.ParseUint(a.Port, 10, 16); err != nil {
		return "; a port is a number up to 65535, given by decant.Port(n) or DECANT_RUN_PORT=n"
	}
	if _, port, err := net.SplitHostPort(a.Host); err == nil {
		return "; a host has no port: give that by decant.Port(" + port + ") or DECANT_RUN_PORT=" + port
	}
	return ""
}

// listenUnix opens a socket. It replaces one that a program left behind when it
// was killed, and nothing else.
func listenUnix(path string) (net.Listener, error) {
	listener, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeDeadSocket(path); err != nil {
			return nil, err
		}
		listener, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: cannot listen on the socket %s: %w; its folder must exist and be writable, and the path must be shorter than 100 bytes", path, err)
	}
	return listener, nil
}

func removeDeadSocket(path string) error {
	file, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("decant: cannot listen on the socket %s: %w", path, err)
	}
	if file.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("decant: cannot listen on the socket %s, because a file of that name exists; remove it, or choose another path", path)
	}
	connection, err := net.Dial("unix", path)
	if err == nil {
		connection.Close()
		return fmt.Errorf("decant: the socket %s is in use by another program; stop that one, or choose another path", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("decant: the socket %s exists and cannot be used: %w", path, err)
	}
	return os.Remove(path)
}

// firstInherited is the first file descriptor that systemd passes on.
const firstInherited = 3

// inherited returns the listeners that systemd, or a program that follows its
// protocol, has opened for this program, and nil where there are none. It
// removes the variables that tell of them, so that they are used once and no
// child of this program sees them.
func inherited() ([]Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	text := os.Getenv("LISTEN_FDS")
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		os.Unsetenv(name)
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 {
		return nil, fmt.Errorf("decant: LISTEN_FDS is %q, and should be the number of sockets that systemd passes on", text)
	}
	var listeners []Listener
	for i := range count {
		listener, err := inheritedListener(firstInherited + i)
		if err != nil {
			for _, opened := range listeners {
				opened.Close()
			}
			return nil, err
		}
		listeners = append(listeners, Listener{Listener: listener, IsShared: true})
	}
	return listeners, nil
}

func inheritedListener(descriptor int) (net.Listener, error) {
	file := os.NewFile(uintptr(descriptor), "inherited socket")
	if file == nil {
		return nil, fmt.Errorf("decant: LISTEN_FDS promises a socket as file descriptor %d, which is not open", descriptor)
	}
	defer file.Close() // the listener has a descriptor of its own
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("decant: file descriptor %d, which LISTEN_FDS promises, is not a socket that accepts connections: %w; pass on sockets of ListenStream= alone", descriptor, err)
	}
	return listener, nil
}
