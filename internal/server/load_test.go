package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// countingListener counts the accepted connections by the client's address.
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

// load sends requests from several clients and collects their answers.
type load struct {
	listener *countingListener

	sync.Mutex
	answers int
	broken  []string
	opened  map[string]int // connections, by the address of the client
}

const wholeAnswer = 100_000

// hammer sends requests until no connection can be opened.
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

// judge accepts an error of a client that got no connection, or whose connection
// still waited in the system's queue when the listener closed.
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

// Under load, a stop breaks no answer: a client whose connection was accepted,
// fresh or kept alive, gets what it asks for.
func TestStopLosesNoRequest(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &countingListener{Listener: tcp, accepted: map[string]int{}}
	got := load{listener: listener, opened: map[string]int{}}
	limits := defaultTimeouts
	limits.settle = 2 * time.Second // a busy machine is slow to read what it has accepted
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, strings.Repeat("x", wholeAnswer))
	})
	stop, tellToStop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- newServer(handler, slog.Default(), limits).serveUntil(stop, listener) }()
	var warm, clients sync.WaitGroup
	for client := range 8 {
		warm.Add(1)
		clients.Go(func() { got.hammer(client%2 == 0, &warm) })
	}
	warm.Wait()
	tellToStop()
	clients.Wait()
	if err := <-ended; err != nil {
		t.Errorf("the server returned %v", err)
	}
	if got.broken != nil || got.answers < 8 {
		t.Errorf("%d answers, and broken ones:\n%s", got.answers, strings.Join(got.broken, "\n"))
	}
}
