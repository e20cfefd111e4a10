//go:build unix

package tests

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// started runs an application on a free port and returns its address, its
// greeting, and the result of Run.
func started(t *testing.T, app *decant.App) (address, greeting string, ended chan error) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	terminal := os.Stderr
	os.Stderr = write
	ended = make(chan error, 1)
	go func() { ended <- app.Run(decant.Port(0)) }()
	lines := bufio.NewScanner(read)
	for lines.Scan() && lines.Text() != "Press CTRL+C to quit" {
		greeting += lines.Text() + "\n"
		if rest, found := strings.CutPrefix(lines.Text(), " * Running on http://"); found {
			address = rest
		}
	}
	os.Stderr = terminal
	read.Close()
	write.Close()
	return address, strings.ReplaceAll(greeting, address, "ADDRESS"), ended
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

func TestGreeting(t *testing.T) {
	for debug, want := range map[bool]string{
		false: " * Serving Decant app 'test'\n * Debug mode: off\n * Running on http://ADDRESS\n",
		true: " * Serving Decant app 'test'\n * Debug mode: on\nWARNING: Debug mode shows the source code around an error to browsers on this machine; " +
			"others get the plain page. Do not use it where others reach the server, or behind a proxy.\n * Running on http://ADDRESS\n",
	} {
		t.Run(fmt.Sprint("debug ", debug), func(t *testing.T) {
			app, _ := appWith(hello)
			app.Config.Debug = debug
			address, greeting, ended := started(t, app)
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
	log.mustBeEmpty(t)
}
