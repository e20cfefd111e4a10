package devserver

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// The environment variables by which a program knows that this server is in
// front of it.
const (
	outerURL     = "DECANT_OUTER_URL"     // by which visitors reach it
	outerToken   = "DECANT_OUTER_TOKEN"   // that proves a visitor's address
	outerRestart = "DECANT_OUTER_RESTART" // set from the second start on
	runHost      = "DECANT_RUN_HOST"      // where it listens
	runPort      = "DECANT_RUN_PORT"
	debugMode    = "DECANT_DEBUG"
)

// program is a running application.
type program struct {
	command *exec.Cmd
	address string // where it listens
	token   string
	proxy   *httputil.ReverseProxy
	ended   chan struct{}
	log     *programLog

	// The site's lock guards these.
	requests int
	quiet    chan struct{} // closed without requests, once it was replaced
}

// startLimit is how long a program may take until it listens.
const startLimit = time.Minute

// start runs the newest program and waits until it listens.
func (s *server) start(ctx context.Context) (*program, *problem) {
	address, err := freeAddress()
	if err != nil {
		return nil, &problem{Title: "No port is free", Output: err.Error()}
	}
	token := make([]byte, 32)
	rand.Read(token)
	p := &program{
		command: exec.Command(s.builder.built, s.Args...),
		address: address,
		token:   base64.RawURLEncoding.EncodeToString(token),
		ended:   make(chan struct{}),
		log:     &programLog{terminal: s.progress},
	}
	p.proxy = newProxy(p, s.site)
	p.command.Dir = s.Dir
	p.command.Env = append(os.Environ(), s.environment(p)...)
	ownGroup(p.command)
	if problem := p.run(); problem != nil {
		return nil, problem
	}
	s.starts++
	if problem := p.await(ctx); problem != nil {
		p.stop()
		return nil, problem
	}
	return p, nil
}

func (s *server) environment(p *program) []string {
	host, port, _ := net.SplitHostPort(p.address)
	debug := "0"
	if s.Debug {
		debug = "1"
	}
	variables := []string{
		outerURL + "=" + s.url,
		outerToken + "=" + p.token,
		runHost + "=" + host,
		runPort + "=" + port,
		debugMode + "=" + debug,
	}
	if s.starts > 0 {
		variables = append(variables, outerRestart+"=1")
	}
	return variables
}

// freeAddress is one where nobody listens at the moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// run starts the process and follows what it writes. The thread that starts a
// process stays with it, because some systems end the process with the thread.
func (p *program) run() *problem {
	reader, writer := io.Pipe()
	p.command.Stdout, p.command.Stderr = writer, writer
	p.command.WaitDelay = time.Second // what its own children still write is not waited for
	read := make(chan struct{})
	go func() { defer close(read); p.log.follow(reader) }()
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.command.Start()
		started <- err
		if err == nil {
			p.command.Wait()
		}
		writer.Close()
		<-read
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return &problem{Title: "The application does not start", Output: err.Error()}
	}
	return nil
}

// await returns when the program listens, or says why it does not.
func (p *program) await(ctx context.Context) *problem {
	limit, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		if connection, err := net.DialTimeout("tcp", p.address, time.Second); err == nil {
			connection.Close()
			return nil
		}
		select {
		case <-p.ended:
			return p.crash()
		case <-limit.Done():
			return &problem{
				Title:  fmt.Sprintf("The application does not listen after %v", startLimit),
				Advice: "decant run needs a program that serves with app.Run or cli.Main: these listen where the environment variables DECANT_RUN_HOST and DECANT_RUN_PORT say.",
				Output: p.log.text(),
			}
		case <-retry.C:
		}
	}
}

// crash describes the end of a program that should run.
func (p *program) crash() *problem {
	return &problem{
		Title:  fmt.Sprintf("The application ended: %v", p.command.ProcessState),
		Advice: "It starts again when a file changes.",
		Output: p.log.text(),
	}
}

// stopLimit is how long a program may take to end. App.Run itself cuts off
// requests after 30 seconds.
const stopLimit = 35 * time.Second

// stop asks the program to end and waits for it.
func (p *program) stop() {
	terminate(p.command.Process)
	select {
	case <-p.ended:
	case <-time.After(stopLimit):
		p.command.Process.Kill()
		<-p.ended
	}
}

// programLog passes lines of the program on to the terminal, and keeps the last
// ones for the page about a crash.
type programLog struct {
	terminal *progress
	mutex    sync.Mutex
	last     tail
}

func (l *programLog) follow(output io.Reader) {
	reader := bufio.NewReaderSize(output, maxOutput)
	for {
		line, err := reader.ReadSlice('\n')
		if len(line) > 0 {
			l.mutex.Lock()
			l.last.Write(line)
			l.mutex.Unlock()
			l.terminal.pass(line)
		}
		if err != nil && err != bufio.ErrBufferFull { // a part of a long line is passed on as it is
			return
		}
	}
}

func (l *programLog) text() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return strings.TrimSpace(string(l.last.data))
}
