package decant

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// running is a server that was started as Run does it.
type running struct {
	address string
	ended   chan error
}

func start(t *testing.T, app *App, limits timeouts) *running {
	t.Helper()
	return startOn(listenLocally(t), app, limits)
}

func listenLocally(t *testing.T) net.Listener {
	t.Helper()
	listener, err := address{host: "127.0.0.1", port: "0"}.listen()
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func startOn(listener net.Listener, app *App, limits timeouts) *running {
	r := &running{listener.Addr().String(), make(chan error, 1)}
	app.freeze()
	go func() { r.ended <- app.serveUntilStopped(listener, limits) }()
	fetch("http://" + r.address + "/ready") // from now on signals are caught
	return r
}

func terminate(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

func quickly() timeouts {
	l := everyday
	l.drain = 10 * time.Millisecond
	return l
}

// countingListener counts the connections that it accepts, by the address of
// the client.
type countingListener struct {
	net.Listener
	sync.Mutex
	accepted map[string]int
}

func (l *countingListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err == nil {
		l.Lock()
		l.accepted[connection.RemoteAddr().String()]++
		l.Unlock()
	}
	return connection, err
}

// load is what some clients ask of a server, and what they get.
type load struct {
	listener *countingListener

	sync.Mutex
	answers int
	broken  []string
	opened  map[string]int // connections, by the address of the client
}

const wholeAnswer = 100_000

// hammer sends requests until there is no connection to be had.
func (l *load) hammer(keepAlive bool, warm *sync.WaitGroup) {
	var local string
	transport := &http.Transport{DisableKeepAlives: !keepAlive}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			local = connection.LocalAddr().String()
			l.open(local)
		}
		return connection, err
	}
	defer transport.CloseIdleConnections()
	warmedUp := sync.OnceFunc(warm.Done)
	defer warmedUp()
	for {
		local = ""
		err := l.ask(transport)
		if err != nil {
			l.judge(err, local)
			return
		}
		warmedUp()
	}
}

// ask sends one request. Its body keeps the transport from sending it again.
func (l *load) ask(transport *http.Transport) error {
	body := io.MultiReader(strings.NewReader("body"))
	request, err := http.NewRequest("POST", "http://"+l.listener.Addr().String(), body)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (len(answer) != wholeAnswer || response.StatusCode != 200) {
		err = fmt.Errorf("status %d with %d bytes", response.StatusCode, len(answer))
	}
	l.Lock()
	defer l.Unlock()
	l.answers++
	return err
}

func (l *load) open(local string) {
	l.Lock()
	defer l.Unlock()
	l.opened[local]++
}

// judge forgives a client that got no connection, or one that still waited in
// the system's queue when the server closed it.
func (l *load) judge(err error, local string) {
	var dialing *net.OpError
	if errors.As(err, &dialing) && dialing.Op == "dial" {
		return
	}
	l.listener.Lock()
	defer l.listener.Unlock()
	l.Lock()
	defer l.Unlock()
	if local == "" || l.listener.accepted[local] == l.opened[local] {
		l.broken = append(l.broken, err.Error())
	}
}

// Under load, being told to stop breaks no answer: whoever has a connection
// that was accepted, fresh or kept alive, gets what it asks for.
func TestRunLosesNoRequest(t *testing.T) {
	app, log := appWith(func(c *Context) (any, error) {
		_, err := io.ReadAll(c.Request.Body)
		return strings.Repeat("x", wholeAnswer), err
	})
	listener := &countingListener{Listener: listenLocally(t), accepted: map[string]int{}}
	got := load{listener: listener, opened: map[string]int{}}
	patient := everyday
	patient.drain = 2 * time.Second // a busy machine is slow to read what it has accepted
	server := startOn(listener, app, patient)
	var warm, clients sync.WaitGroup
	for client := range 8 {
		warm.Add(1)
		clients.Go(func() { got.hammer(client%2 == 0, &warm) })
	}
	warm.Wait()
	terminate(t)
	clients.Wait()
	if err := <-server.ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	if got.broken != nil || got.answers < 8 {
		t.Errorf("%d answers, and broken ones:\n%s", got.answers, strings.Join(got.broken, "\n"))
	}
	log.mustBeEmpty(t)
}

// A client that keeps its connection is told that there is no next request.
func TestStoppingServerEndsConnections(t *testing.T) {
	started, goOn := make(chan bool), make(chan bool)
	app, _ := appWith(func(c *Context) (any, error) {
		close(started)
		<-goOn
		return "", nil
	})
	server := app.newServer(everyday)
	early, late := httptest.NewRecorder(), httptest.NewRecorder()
	go func() {
		<-started
		close(server.stopping)
		server.answer(late, httptest.NewRequest("GET", "/unknown", nil))
		close(goOn)
	}()
	server.answer(early, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff([]string{"", "close"}, []string{early.Header().Get("Connection"), late.Header().Get("Connection")}); diff != "" {
		t.Errorf("Connection (-want +got):\n%s", diff)
	}
}

// A stream has no end of its own, and must not hold a stop until it is cut.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	inner, log := newTestApp()
	inner.Get("/events", func(c *Context) (any, error) {
		return func(yield func(string) bool) {
			yield("first\n")
			<-c.Stopping()
			yield("last\n")
		}, nil
	}, Endpoint("events"))
	app, _ := newTestApp()
	app.Mount("/inner", inner)
	server := start(t, app, quickly())
	response, err := http.Get("http://" + server.address + "/inner/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Scan()
	terminate(t)
	rest, err := io.ReadAll(response.Body)
	if lines.Text() != "first" || string(rest) != "last\n" || err != nil {
		t.Errorf("the stream is %q, %q, %v", lines.Text(), rest, err)
	}
	if err := <-server.ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	log.mustBeEmpty(t)
}

func TestStoppingIsNilOnOtherServers(t *testing.T) {
	app, _ := appWith(func(c *Context) (any, error) { return fmt.Sprint(c.Stopping() == nil), nil })
	mustAnswer(t, get(app, "/"), 200, "true")
}

// Requests that take too long are told first, and cut last.
func TestRunCutsWhatTakesTooLong(t *testing.T) {
	limits := quickly()
	limits.patience, limits.stop = 10*time.Millisecond, 50*time.Millisecond
	started, cause, goOn := make(chan bool), make(chan error, 1), make(chan bool)
	app, _ := newTestApp()
	app.Get("/", func(c *Context) (any, error) {
		close(started)
		<-c.Done()
		cause <- context.Cause(c)
		<-goOn
		return "", nil
	}, Endpoint("view"))
	server := start(t, app, limits)
	answered := make(chan string, 1)
	go func() { answered <- fetch("http://" + server.address) }()
	<-started
	terminate(t)
	if err := <-cause; err != errStopping {
		t.Errorf("the request ended because of %v", err)
	}
	if err := <-server.ended; !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "cut off after 50ms") {
		t.Errorf("Run returned %v", err)
	}
	if answer := <-answered; !strings.HasPrefix(answer, "Get ") { // an error of the client's
		t.Errorf("the client got %q", answer)
	}
	close(goOn)
}

// dial opens a connection that gives up after a while, and sends text.
func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	return connection
}

func serveWith(t *testing.T, app *App, limits timeouts) string {
	t.Helper()
	listener := listenLocally(t)
	server := app.newServer(limits)
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

// A client that sends its head a little at a time holds no connection for ever.
func TestSlowHeadersAreCut(t *testing.T) {
	limits := everyday
	limits.header = 50 * time.Millisecond
	app, _ := appWith(hello)
	connection := dial(t, serveWith(t, app, limits), "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
	if answer, err := io.ReadAll(connection); err != nil || strings.Contains(string(answer), "Hello") {
		t.Errorf("the client got %q, %v", answer, err)
	}
}

// Nor does one whose body never comes: the view gets a 408 for its form, and a
// view that reads nothing is answered, and then the connection is cut.
func TestSlowBodiesAreCut(t *testing.T) {
	limits := everyday
	limits.body = 50 * time.Millisecond
	for _, reads := range []bool{true, false} {
		app, log := appWith(func(c *Context) (any, error) {
			if reads {
				c.Request.Form.Get("a")
			}
			return "Hello", nil
		})
		connection := dial(t, serveWith(t, app, limits), "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: "+formType+"\r\nContent-Length: 10\r\n\r\na=")
		answer, err := io.ReadAll(connection)
		want := "HTTP/1.1 200 OK"
		if reads {
			want = "HTTP/1.1 408 Request Timeout"
		}
		if err != nil || !strings.HasPrefix(string(answer), want) {
			t.Errorf("reading %v: the client got %q, %v", reads, answer, err)
		}
		log.mustBeEmpty(t)
	}
}

// A body that keeps coming may take longer than the limit as a whole, and once
// it is there nothing is timed: the view may think, and the client may wait.
func TestBodiesThatKeepComingAreRead(t *testing.T) {
	limits := everyday
	limits.body = 200 * time.Millisecond
	app, log := appWith(func(c *Context) (any, error) {
		name := c.Request.Form.Get("a")
		select {
		case <-c.Done():
			return nil, c.Err()
		case <-time.After(2 * limits.body):
			return name, nil
		}
	})
	connection := dial(t, serveWith(t, app, limits), "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: "+formType+"\r\nContent-Length: 10\r\n\r\na=")
	pieces := time.NewTicker(limits.body / 4)
	defer pieces.Stop()
	for _, piece := range "12345678" {
		<-pieces.C
		io.WriteString(connection, string(piece))
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); string(body) != "12345678" || err != nil {
		t.Errorf("the answer is %d %q, %v", response.StatusCode, body, err)
	}
	io.WriteString(connection, "GET /unknown HTTP/1.1\r\nHost: a\r\n\r\n")
	if response, err := http.ReadResponse(reader, nil); err != nil || response.StatusCode != 404 {
		t.Errorf("the connection does not go on: %v, %v", response, err)
	}
	log.mustBeEmpty(t)
}

func TestGreeting(t *testing.T) {
	where := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5000}
	app := New("shop")
	want := " * Serving Decant app 'shop'\n * Debug mode: off\n * Running on http://127.0.0.1:5000\nPress CTRL+C to quit\n"
	if diff := cmp.Diff(want, app.greeting(where)); diff != "" {
		t.Errorf("greeting (-want +got):\n%s", diff)
	}
	app.Config.Debug = true
	want = " * Serving Decant app 'shop'\n * Debug mode: on\n" + debugWarning + " * Running on http://127.0.0.1:5000\nPress CTRL+C to quit\n"
	if diff := cmp.Diff(want, app.greeting(where)); diff != "" {
		t.Errorf("greeting in debug mode (-want +got):\n%s", diff)
	}
}
