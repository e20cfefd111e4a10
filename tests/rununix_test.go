//go:build unix

package tests

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/health"
)

// started runs an application on a free port, unless an option says otherwise,
// and returns its address, its greeting, and the result of Run.
func started(t *testing.T, app *decant.App, options ...decant.RunOption) (address, greeting string, ended chan error) {
	t.Helper()
	address, greeting, ended = startedAt(t, app, append([]decant.RunOption{decant.Port(0), decant.Drain(0)}, options...)...)
	if address != "" {
		greeting = strings.ReplaceAll(greeting, address, "ADDRESS")
	}
	return address, greeting, ended
}

// startedAt runs an application where its settings say.
func startedAt(t *testing.T, app *decant.App, options ...decant.RunOption) (address, greeting string, ended chan error) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	terminal := os.Stderr
	os.Stderr = write
	ended = make(chan error, 1)
	go func() { ended <- app.Run(options...) }()
	lines := bufio.NewScanner(read)
	for lines.Scan() && lines.Text() != "Press CTRL+C to quit" {
		greeting += lines.Text() + "\n"
		if rest, found := strings.CutPrefix(lines.Text(), " * Running on "); found {
			_, address, _ = strings.Cut(rest, "://")
		}
	}
	os.Stderr = terminal
	read.Close()
	write.Close()
	return address, greeting, ended
}

func signalItself(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		t.Fatal(err)
	}
}

func fetch(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// When Run is told to end, it accepts no new connection and lets the requests
// that have begun finish.
func TestRunLetsRequestsFinish(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			begun, goOn := make(chan bool), make(chan bool)
			app, log := appWith(func(*decant.Context) (any, error) {
				close(begun)
				<-goOn
				return "finished", nil
			})
			address, _, ended := started(t, app)
			answered := make(chan string, 1)
			go func() { answered <- fetch("http://" + address) }()
			<-begun
			signalItself(t, signal)
			waitUntilRefused(address)
			close(goOn)
			if answer := <-answered; answer != "finished" {
				t.Errorf("the request got %q", answer)
			}
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v", err)
			}
			log.mustBeEmpty(t)
		})
	}
}

func waitUntilRefused(address string) {
	for {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		connection.Close()
	}
}

// A stream of a mounted application, too, hears that the server stops.
func TestStreamsEndWhenRunStops(t *testing.T) {
	inner, log := newTestApp()
	inner.Get("/events", func(c *decant.Context) (any, error) {
		return func(yield func(string) bool) {
			yield("first\n")
			<-c.Stopping()
			yield("last\n")
		}, nil
	}, decant.Endpoint("events"))
	app, _ := newTestApp()
	app.Mount("/inner", inner)
	address, _, ended := started(t, app)
	response, err := http.Get("http://" + address + "/inner/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Scan()
	signalItself(t, syscall.SIGTERM)
	rest, err := io.ReadAll(response.Body)
	if lines.Text() != "first" || string(rest) != "last\n" || err != nil {
		t.Errorf("the stream is %q, %q, %v", lines.Text(), rest, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	log.mustBeEmpty(t)
}

// In debug mode, Run listens where a Config.ServerName of this machine says.
func TestRunListensWhereTheServerNameSays(t *testing.T) {
	for _, test := range []struct {
		serverName string // PORT is a free one
		debug      bool
		options    []decant.RunOption
		variables  map[string]string
		want       string // of the greeting; OTHER is another port
	}{
		{"localhost:PORT", true, nil, nil, " * Running on http://127.0.0.1:PORT\n * External URLs have the host localhost:PORT, as Config.ServerName says\n"},
		{"127.0.0.1:PORT", true, nil, nil, " * Running on http://127.0.0.1:PORT\n"},
		{"shop.localhost:PORT", true, nil, nil, " * Running on http://127.0.0.1:PORT\n * External URLs have the host shop.localhost:PORT, as Config.ServerName says\n"},
		{"127.0.0.1:PORT", false, []decant.RunOption{decant.Port(0)}, nil, " * Running on http://127.0.0.1:OTHER\n * External URLs have the host 127.0.0.1:PORT, as Config.ServerName says\n"},
		{"127.0.0.1:PORT", true, []decant.RunOption{decant.Port(0)}, nil, " * Running on http://127.0.0.1:OTHER\n * External URLs have the host 127.0.0.1:PORT, as Config.ServerName says\n"},
		{"127.0.0.1:1", true, nil, map[string]string{"DECANT_RUN_PORT": "PORT"}, " * Running on http://127.0.0.1:PORT\n * External URLs have the host 127.0.0.1:1, as Config.ServerName says\n"},
		{"example.org", true, []decant.RunOption{decant.Port(0)}, nil, " * Running on http://127.0.0.1:OTHER\n * External URLs have the host example.org, as Config.ServerName says\n"},
		{"example.org:PORT", false, []decant.RunOption{decant.Port(0)}, nil, " * Running on http://127.0.0.1:OTHER\n * External URLs have the host example.org:PORT, as Config.ServerName says\n"},
	} {
		t.Run(fmt.Sprint(test.serverName, test.debug, test.variables), func(t *testing.T) {
			port := freePort(t)
			app, _ := appWith(hello)
			app.Config.Debug = test.debug
			app.Config.ServerName = strings.ReplaceAll(test.serverName, "PORT", port)
			for name, value := range test.variables {
				t.Setenv(name, strings.ReplaceAll(value, "PORT", port))
			}
			address, greeting, ended := startedAt(t, app, append(test.options, decant.Drain(0))...)
			signalItself(t, syscall.SIGINT)
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v", err)
			}
			_, listening, _ := net.SplitHostPort(address)
			want := strings.NewReplacer("PORT", port, "OTHER", listening).Replace(test.want)
			mustContainAll(t, greeting, want)
			if strings.Count(greeting, "External URLs") != strings.Count(want, "External URLs") {
				t.Errorf("the greeting is\n%s", greeting)
			}
		})
	}
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func TestGreeting(t *testing.T) {
	for debug, want := range map[bool]string{
		false: " * Serving Decant app 'test'\n * Debug mode: off\n * Running on http://ADDRESS\n",
		true: " * Serving Decant app 'test'\n * Debug mode: on\nWARNING: Debug mode shows the source code around an error to a browser on this machine that opened the link below; " +
			"others get the plain page. Do not use it where others reach the server.\n * Running on http://ADDRESS\n" +
			" * To see errors in your browser, open http://ADDRESS/_decant/unlock/TOKEN once\n",
	} {
		t.Run(fmt.Sprint("debug ", debug), func(t *testing.T) {
			app, _ := appWith(hello)
			app.Config.Debug = debug
			address, greeting, ended := started(t, app)
			greeting = regexp.MustCompile(`/unlock/[\w-]{43} `).ReplaceAllString(greeting, "/unlock/TOKEN ")
			if diff := cmp.Diff(want, greeting); diff != "" {
				t.Errorf("the greeting (-want +got):\n%s", diff)
			}
			fetch("http://" + address) // from now on Run listens to signals
			signalItself(t, syscall.SIGTERM)
			if err := <-ended; err != nil {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

// Under decant run the environment says where to listen, whatever the options
// are, and the visitor's address is believed.
func TestRunBehindTheDevelopmentServer(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	where := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(where)
	for name, value := range map[string]string{
		"DECANT_OUTER_URL": "http://127.0.0.1:5000", "DECANT_OUTER_TOKEN": "secret",
		"DECANT_RUN_HOST": "127.0.0.1", "DECANT_RUN_PORT": port,
	} {
		t.Setenv(name, value)
	}
	app, log := appWith(func(c *decant.Context) (any, error) { return c.Request.RemoteAddr, nil })
	app.Config.Debug = true
	terminal, printed := os.Stderr, filepath.Join(t.TempDir(), "stderr")
	if os.Stderr, err = os.Create(printed); err != nil {
		t.Fatal(err)
	}
	defer func() { os.Stderr = terminal }()
	ended := make(chan error, 1)
	go func() { ended <- app.Run(decant.Host("192.0.2.1"), decant.Port(1)) }()

	request, err := http.NewRequest("GET", "http://"+where, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"X-Decant-Outer-Token": {"secret"}, "X-Decant-Outer-Address": {"192.0.2.7:99"}}
	var response *http.Response
	for response == nil {
		select {
		case err := <-ended:
			t.Fatalf("Run returned %v", err)
		default:
			response, _ = http.DefaultClient.Do(request)
		}
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "192.0.2.7:99" {
		t.Errorf("the view sees the address %q, %v", body, err)
	}
	signalItself(t, syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	os.Stderr.Close()
	greeting, err := os.ReadFile(printed)
	if want := " * To see errors in your browser, open http://127.0.0.1:5000/_decant/unlock/"; err != nil || !strings.HasPrefix(string(greeting), want) || strings.Count(string(greeting), "\n") != 1 {
		t.Errorf("Run prints %q, %v", greeting, err)
	}
	log.mustBeEmpty(t)
}

// overSocket is a transport whose connections go to a socket.
func overSocket(path string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
}

func TestRunOnASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	app, log := appWith(hello)
	_, greeting, ended := started(t, app, decant.Unix(path))
	mustContainAll(t, greeting, " * Running on unix:"+path+"\n")
	if got := visit(t, overSocket(path), "http://app/"); got != "HTTP/1.1 200 Hello" {
		t.Errorf("the answer is %s", got)
	}
	second, _ := appWith(hello)
	mustSay(t, second.Run(decant.Unix(path)), path, "in use by another program")
	signalItself(t, syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is left behind")
	}
	log.mustBeEmpty(t)
}

// A socket that a killed program left behind is replaced; a file is not.
func TestRunOnALeftSocket(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "app.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	app, _ := appWith(hello)
	_, _, ended := started(t, app, decant.Unix(path))
	if got := visit(t, overSocket(path), "http://app/"); got != "HTTP/1.1 200 Hello" {
		t.Errorf("the answer is %s", got)
	}
	signalItself(t, syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}

	file := filepath.Join(folder, "notes.txt")
	write(t, file, []byte("keep"))
	mustSay(t, app.Run(decant.Unix(file)), file, "a file of that name exists")
	if kept, err := os.ReadFile(file); string(kept) != "keep" {
		t.Errorf("the file holds %q, %v", kept, err)
	}
	mustSay(t, app.Run(decant.Unix(filepath.Join(folder, "none", "app.sock"))), "cannot listen on the socket", "must exist")
}

// TestMain runs a program instead of the tests where a test asks for it: some
// tests need a process of their own.
func TestMain(m *testing.M) {
	if os.Getenv("TESTS_PROGRAM") == "" {
		os.Exit(m.Run())
	}
	port, err := strconv.Atoi(os.Getenv("TESTS_PORT"))
	drain, _ := time.ParseDuration(os.Getenv("TESTS_DRAIN")) // 0 if it is not set
	if err == nil {
		err = programApp().Run(decant.Drain(drain), decant.Port(port), decant.StopWithin(programStop))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// programStop is how long requests of the program may take when it stops.
const programStop = 5 * time.Second

// wholePage is a page that does not fit into the buffers of the sockets.
const wholePage = 64 << 20

func programApp() *decant.App {
	app := decant.New("program")
	app.Use(health.Probes())
	app.Get("/", hello)
	app.Get("/broken", func(*decant.Context) (any, error) { panic("on purpose") })
	app.Get("/descriptors", func(*decant.Context) (any, error) { return fmt.Sprintf("%q", os.Getenv("LISTEN_FDS")), nil })
	app.Get("/large", func(*decant.Context) (any, error) { return make([]byte, wholePage), nil })
	app.Post("/", func(c *decant.Context) (any, error) {
		n, err := io.Copy(io.Discard, c.Request.Body)
		return fmt.Sprint(n), err
	})
	app.Get("/stream", func(c *decant.Context) (any, error) {
		return func(yield func(string) bool) {
			for yield("piece\n") {
				select {
				case <-c.Stopping():
					yield("last\n")
					return
				case <-time.After(10 * time.Millisecond):
				}
			}
		}, nil
	})
	return app
}

// program is a command that runs the program of TestMain with inherited files.
func program(t *testing.T, variables string, files ...*os.File) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", variables+` exec "$0"`, executable) // exec keeps the process id, as systemd does
	command.Env = append(os.Environ(), "TESTS_PROGRAM=yes", "TESTS_PORT=1")
	command.ExtraFiles = files
	return command
}

func TestRunOnInheritedSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	unix.SetUnlinkOnClose(false)
	command := program(t, "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:unix", handedOn(t, tcp.(*net.TCPListener)), handedOn(t, unix))
	var output strings.Builder
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for _, file := range command.ExtraFiles {
		file.Close()
	}
	defer func() {
		if t.Failed() {
			command.Process.Kill()
			command.Wait()
			t.Logf("the program says\n%s", output.String())
		}
	}()
	address := "http://" + tcp.Addr().String()
	for url, transport := range map[string]*http.Transport{address: {}, "http://app": overSocket(path)} {
		if got := visit(t, transport, url); got != "HTTP/1.1 200 Hello" {
			t.Errorf("%s answers %s", url, got)
		}
	}
	if got := visit(t, new(http.Transport), address+"/descriptors"); got != `HTTP/1.1 200 ""` {
		t.Errorf("LISTEN_FDS is %s once it is used", got)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	mustContainAll(t, output.String(), " * Running on "+address+"\n", " * Running on unix:"+path+"\n")
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket that belongs to systemd is gone: %v", err)
	}
}

// handedOn is the file of a listener, which is closed here.
func handedOn(t *testing.T, listener interface {
	File() (*os.File, error)
	Close() error
}) *os.File {
	t.Helper()
	defer listener.Close()
	file, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestInheritedFilesThatAreNoSockets(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for variables, want := range map[string]string{
		"LISTEN_PID=$$ LISTEN_FDS=1":   "file descriptor 3, which LISTEN_FDS promises, is not a socket that accepts connections",
		"LISTEN_PID=$$ LISTEN_FDS=two": `LISTEN_FDS is "two", and should be the number`,
		"LISTEN_PID=1 LISTEN_FDS=1":    "cannot listen on 192.0.2.1, port 1", // another process should use them
	} {
		command := program(t, variables, file)
		command.Env = append(command.Env, "DECANT_RUN_HOST=192.0.2.1")
		output, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(output), want) {
			t.Errorf("%s: %v, and the program says\n%s", variables, err, output)
		}
	}
}

func mustContainAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
}
