package flask

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/redis/go-redis/v9"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
	"github.com/decant-go/decant/serversession/sessiontest"
)

// redisServer is a Redis of the test's own. It writes every change to the disk
// before it answers, so that being stopped loses nothing.
type redisServer struct {
	port    int
	folder  string
	command *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	server := &redisServer{port: freePort(t), folder: t.TempDir()}
	server.start(t)
	t.Cleanup(func() { server.signal(syscall.SIGCONT); server.stop() })
	return server
}

func (s *redisServer) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *redisServer) client(t *testing.T) *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: s.address(), ContextTimeoutEnabled: true})
	t.Cleanup(func() { client.Close() })
	return client
}

func (s *redisServer) start(t *testing.T) {
	t.Helper()
	s.command = exec.Command("redis-server", "--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--dir", s.folder,
		"--save", "", "--appendonly", "yes", "--appendfsync", "always")
	must(t, s.command.Start())
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if s.answers() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer", s.command)
		}
	}
}

// answers asks on a connection of its own, which no pool keeps.
func (s *redisServer) answers() bool {
	connection, err := net.DialTimeout("tcp", s.address(), time.Second)
	if err != nil {
		return false
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprint(connection, "PING\r\n")
	answer := make([]byte, 5)
	_, err = io.ReadFull(connection, answer)
	return err == nil && string(answer) == "+PONG"
}

func (s *redisServer) signal(signal syscall.Signal) { s.command.Process.Signal(signal) }

func (s *redisServer) stop() {
	s.signal(syscall.SIGTERM)
	s.command.Wait() // its status is that of a program that was told to stop
}

func TestRedisKeepsTheContract(t *testing.T) {
	client := startRedis(t).client(t)
	sessiontest.RunServer(t, func() decant.SessionInterface {
		return serversession.New(goredisstore.New(client))
	})
	keys, err := client.Keys(t.Context(), "*").Result()
	must(t, err)
	if len(keys) < 100 {
		t.Errorf("only %d entries are left", len(keys))
	}
	for _, key := range keys {
		left, err := client.PTTL(t.Context(), key).Result()
		must(t, err)
		if left <= 0 || left > 31*24*time.Hour {
			t.Errorf("%s is kept for %v", key, left)
		}
	}
}

// process is one of the servers that share their sessions.
type process struct {
	program string
	redis   *redisServer
	port    int
	log     string // the name of the file
	command *exec.Cmd
}

func startProcess(t *testing.T, program string, redis *redisServer) *process {
	t.Helper()
	p := &process{program: program, redis: redis, port: freePort(t)}
	p.log = filepath.Join(t.TempDir(), "log")
	p.start(t)
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer log.Close()
	p.command = exec.Command(p.program)
	p.command.Env = append(os.Environ(), fmt.Sprintf("DECANT_RUN_PORT=%d", p.port), "SECRET_KEY="+secretKey, "REDIS="+p.redis.address())
	p.command.Stderr = log
	startServer(t, p.command, p.port)
}

func (p *process) kill() {
	p.command.Process.Kill()
	p.command.Wait() // its status is that of a killed program
}

func (p *process) logged(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.log)
	must(t, err)
	return string(text)
}

// shopper is a user with a browser of his own, known to all processes: cookies
// mind no port.
type shopper struct {
	name   string
	client *http.Client
	// count is how often the servers said that they counted, and doubts how
	// often none came to say whether it did.
	count, doubts int
}

func newShopper(t *testing.T, name string) *shopper {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &shopper{name: name, client: &http.Client{Jar: jar, Timeout: patience}}
}

func (s *shopper) ask(p *process, path string) (status int, body string, err error) {
	response, err := s.client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.port, path))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func (s *shopper) mustSee(t *testing.T, p *process, path, want string) {
	t.Helper()
	if status, body, err := s.ask(p, path); err != nil || status != 200 || body != want {
		t.Errorf("%s, asking for %s: %d %q, %v, want %q", s.name, path, status, body, err, want)
	}
}

// countOn has a process count, and checks that it goes on where the last one
// stopped.
func (s *shopper) countOn(p *process) error {
	status, body, err := s.ask(p, "/count")
	if err != nil {
		s.doubts++
		return nil
	}
	var name string
	var count int
	if _, err := fmt.Sscan(body, &name, &count); status != 200 || err != nil {
		return fmt.Errorf("%s got %d %q", s.name, status, body)
	}
	if name != s.name || count <= s.count || count > s.count+1+s.doubts {
		return fmt.Errorf("%s with the count %d and %d doubts got %q", s.name, s.count, s.doubts, body)
	}
	s.count, s.doubts = count, 0
	return nil
}

func TestRedisSessionsOutliveTheirProcesses(t *testing.T) {
	program := filepath.Join(t.TempDir(), "sessionserver")
	if output, err := exec.Command("go", "build", "-o", program, "./sessionserver").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	store := startRedis(t)
	processes := []*process{startProcess(t, program, store), startProcess(t, program, store)}
	shoppers := make([]*shopper, 16)
	for i := range shoppers {
		shoppers[i] = newShopper(t, fmt.Sprintf("shopper-%d", i))
		shoppers[i].mustSee(t, processes[i%2], "/login/"+shoppers[i].name, shoppers[i].name+" 0")
		shoppers[i].mustSee(t, processes[(i+1)%2], "/me", shoppers[i].name+" 0")
	}
	countWhileOneIsKilled(t, shoppers, processes)
	for _, s := range shoppers {
		s.mustSee(t, processes[0], "/me", fmt.Sprint(s.name, " ", s.count))
	}

	for way, c := range map[string]struct{ stop, start func() }{
		"stopped": {store.stop, func() { store.start(t) }},
		"hanging": {func() { store.signal(syscall.SIGSTOP) }, func() { store.signal(syscall.SIGCONT) }},
	} {
		t.Run(way, func(t *testing.T) {
			c.stop()
			mustBeUnavailable(t, shoppers[0], processes)
			c.start()
			mustRecover(t, shoppers[0], processes)
			for i, s := range shoppers {
				s.mustSee(t, processes[i%2], "/me", fmt.Sprint(s.name, " ", s.count))
			}
		})
	}
	shoppers[0].mustSee(t, processes[0], "/logout", " 0")
	shoppers[0].mustSee(t, processes[1], "/me", " 0")
}

// countWhileOneIsKilled has everybody count on both processes in turn, while
// one of them is killed without warning and started again.
func countWhileOneIsKilled(t *testing.T, shoppers []*shopper, processes []*process) {
	t.Helper()
	var done atomic.Bool
	var counted atomic.Int64
	var group sync.WaitGroup
	for _, s := range shoppers {
		group.Go(func() {
			for i := 0; !done.Load(); i++ {
				if err := s.countOn(processes[i%2]); err != nil {
					t.Error(err)
					return
				}
				counted.Add(1)
			}
			for s.doubts > 0 && !t.Failed() {
				if err := s.countOn(processes[1]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait := func(more int64) {
		for want := counted.Load() + more; counted.Load() < want && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
	}
	wait(500)
	processes[0].kill()
	wait(500)
	processes[0].start(t)
	wait(500)
	done.Store(true)
	group.Wait()
}

// mustBeUnavailable checks that each process says so soon, and in its log, and
// goes on with what needs no session.
func mustBeUnavailable(t *testing.T, s *shopper, processes []*process) {
	t.Helper()
	for _, p := range processes {
		before := strings.Count(p.logged(t), "The session failed on /me")
		for range 3 {
			began := time.Now()
			status, body, err := s.ask(p, "/me")
			if took := time.Since(began); err != nil || status != 503 || !strings.Contains(body, "<h1>Service Unavailable</h1>") || took > 3*time.Second {
				t.Errorf("after %v: %d %q, %v", took, status, body, err)
			}
		}
		if entries := strings.Count(p.logged(t), "The session failed on /me") - before; entries != 3 {
			t.Errorf("%d log entries about 3 requests:\n%s", entries, p.logged(t))
		}
		s.mustSee(t, p, "/", "no session is needed here")
	}
}

// mustRecover waits until each process has found its store again.
func mustRecover(t *testing.T, s *shopper, processes []*process) {
	t.Helper()
	for _, p := range processes {
		deadline := time.Now().Add(patience)
		for status := 0; status != 200; {
			status, _, _ = s.ask(p, "/me")
			if time.Now().After(deadline) {
				t.Fatalf("the process does not find its store again:\n%s", p.logged(t))
			}
		}
	}
}
