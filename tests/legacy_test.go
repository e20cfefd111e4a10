package tests

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// old serves what a Flask application would, and returns its address.
func old(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// moving is an application in front of an old one, on a server of its own.
func moving(t *testing.T, address string, options ...decant.LegacyOption) (*decant.App, *journal) {
	t.Helper()
	app, log := newTestApp()
	app.Get("/new", hello)
	app.Fallback(decant.Legacy(address, options...))
	return app, log
}

func served(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestLegacySendsTheRequestAsItCame(t *testing.T) {
	t.Parallel()
	address := old(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s Host=%s Agent=%q Encoding=%q Cookie=%s %s", r.Method, r.RequestURI, r.Host, r.Header["User-Agent"], r.Header["Accept-Encoding"], r.Header.Get("Cookie"), body)
	})
	app, log := moving(t, address)
	for target, want := range map[string]string{
		"/a%2Fb/%C3%A9?x=1;y=2&x=%zz": "/a%2Fb/%C3%A9?x=1;y=2&x=%zz",
		"/report?":                    "/report?",
		"/":                           "/",
	} {
		w := send(app, "POST", target, "text=hello", "Cookie", "session=x")
		mustAnswer(t, w, http.StatusTeapot, "POST "+want+` Host=example.com Agent=[] Encoding=[] Cookie=session=x text=hello`)
		if diff := cmp.Diff([]string{"a=1", "b=2"}, w.Header()["Set-Cookie"]); diff != "" {
			t.Error(diff)
		}
	}
	mustAnswer(t, get(app, "/new"), http.StatusOK, "Hello")
	log.mustBeEmpty(t)
}

func TestLegacyForwarded(t *testing.T) {
	t.Parallel()
	address := old(t, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"For", "Proto", "Host", "Port", "Prefix"} {
			fmt.Fprintf(w, "%s=%s ", name, strings.Join(r.Header["X-Forwarded-"+name], "|"))
		}
		fmt.Fprintf(w, "Forwarded=%s Host=%s", r.Header.Get("Forwarded"), r.Host)
	})
	sent := []string{
		"X-Forwarded-For", "6.6.6.6, 7.7.7.7", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.example",
		"X-Forwarded-Port", "444", "X-Forwarded-Prefix", "/shop", "Forwarded", "for=6.6.6.6",
	}
	for name, c := range map[string]struct {
		hops decant.Hops
		sent []string
		want string
	}{
		"no proxy":                  {decant.Hops{}, nil, "For=192.0.2.1 Proto=http Host=example.com Port= Prefix= Forwarded= Host=example.com"},
		"a client that forges them": {decant.Hops{}, sent, "For=192.0.2.1 Proto=http Host=example.com Port= Prefix= Forwarded= Host=example.com"},
		"a trusted proxy":           {decant.Hops{For: 1, Proto: 1}, sent, "For=6.6.6.6, 7.7.7.7 Proto=https Host=example.com Port= Prefix= Forwarded= Host=example.com"},
		"one that sends nothing":    {decant.Hops{For: 1, Proto: 1}, nil, "For=192.0.2.1 Proto=http Host=example.com Port= Prefix= Forwarded= Host=example.com"},
		"one that sends all":        {decant.Hops{For: 1, Proto: 1, Host: 1, Port: 1, Prefix: 1}, sent, "For=6.6.6.6, 7.7.7.7 Proto=https Host=shop.example Port=444 Prefix=/shop Forwarded= Host=shop.example:444"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := moving(t, address)
			app.Use(decant.ProxyFix(c.hops))
			mustAnswer(t, get(app, "/old", c.sent...), http.StatusOK, c.want)
		})
	}
	inner, _ := moving(t, address)
	outer, _ := newTestApp()
	outer.Mount("/wiki", inner)
	mustAnswer(t, get(outer, "/wiki/old"), http.StatusOK, "For=192.0.2.1 Proto=http Host=example.com Port= Prefix=/wiki Forwarded= Host=example.com")
}

// TestLegacyHidesClaims sends names that a WSGI application takes for those of
// trusted headers.
func TestLegacyHidesClaims(t *testing.T) {
	t.Parallel()
	address := old(t, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			fmt.Fprintf(w, "%s=%s ", name, strings.Join(r.Header[name], "|"))
		}
	})
	sent := []string{
		"X_Forwarded_For", "6.6.6.6", "X-Forwarded_Proto", "https", "X-Real-IP", "6.6.6.6", "X_Real_IP", "6.6.6.6",
		"X-Forwarded-Ssl", "on", "X-Forwarded-Server", "evil", "Content_Length", "7", "X-Own", "kept", "Connection", "X-Forwarded-For",
	}
	for name, c := range map[string]struct {
		hops decant.Hops
		want string
	}{
		"no proxy": {decant.Hops{}, "X-Forwarded-For=192.0.2.1 X-Forwarded-Host=example.com X-Forwarded-Proto=http X-Own=kept "},
		"a proxy":  {decant.Hops{Proto: 1}, "X-Forwarded-For=192.0.2.1 X-Forwarded-Host=example.com X-Forwarded-Proto=http X-Forwarded-Server=evil X-Forwarded-Ssl=on X-Own=kept X-Real-Ip=6.6.6.6 "},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := moving(t, address)
			app.Use(decant.ProxyFix(c.hops))
			mustAnswer(t, get(app, "/old", sent...), http.StatusOK, c.want)
		})
	}
}

// TestViewsBelieveWhatFlaskDoes has views and the old application see the address in
// X-Forwarded-For under the same condition.
func TestViewsBelieveWhatFlaskDoes(t *testing.T) {
	t.Parallel()
	address := old(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("X-Forwarded-For")) })
	for name, c := range map[string]struct {
		fallback  http.Handler
		hops      decant.Hops
		old, here string
	}{
		"a client's claim":          {decant.Legacy(address), decant.Hops{Proto: 1}, "192.0.2.1", "|192.0.2.1"},
		"a proxy's word":            {decant.Legacy(address), decant.Hops{For: 1}, "6.6.6.6", "6.6.6.6|6.6.6.6"},
		"without an old one behind": {http.NotFoundHandler(), decant.Hops{}, "404 page not found\n", "6.6.6.6|192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newTestApp()
			app.Use(decant.ProxyFix(c.hops))
			var pattern, sent string
			app.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r)
					pattern, sent = r.Pattern, r.Header.Get("X-Forwarded-For")
				})
			})
			app.Get("/new", func(c *decant.Context) (any, error) {
				return c.Request.Header.Get("X-Forwarded-For") + "|" + c.Request.RemoteIP(), nil
			}, decant.Endpoint("new"))
			app.Fallback(c.fallback)
			mustAnswer(t, get(app, "/new", "X-Forwarded-For", "6.6.6.6"), http.StatusOK, c.here)
			if pattern != "GET /new" || sent != "6.6.6.6" {
				t.Errorf("middleware sees the pattern %q and the address %q", pattern, sent)
			}
			if got := get(app, "/old", "X-Forwarded-For", "6.6.6.6").Body.String(); got != c.old {
				t.Errorf("the old application says %q, want %q", got, c.old)
			}
		})
	}
}

func TestLegacyIsDead(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	app, log := moving(t, gone.URL)
	mustAnswer(t, get(app, "/old"), http.StatusBadGateway, errorPage(decant.NewHTTPError(502)))
	log.mustContain(t, "ERROR 502 Bad Gateway: the old application at "+gone.URL+" does not answer /old: ", "refused")

	app, _ = moving(t, gone.URL)
	app.Config.Debug = true
	w := httptest.NewRecorder()
	app.ServeHTTP(w, local("/old"))
	if page := w.Body.String(); w.Code != http.StatusBadGateway || !strings.Contains(page, gone.URL) {
		t.Errorf("the debug page has the status %d and lacks %s:\n%s", w.Code, gone.URL, page)
	}
}

func TestLegacyStreams(t *testing.T) {
	t.Parallel()
	seen := make(chan struct{})
	address := old(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-seen:
			fmt.Fprint(w, "data: 2\n\n")
		case <-r.Context().Done():
		}
	})
	app, _ := moving(t, address)
	server := served(t, app)
	for _, kind := range []string{"text/event-stream", "text/plain"} {
		response, err := http.Get(server.URL + "/events?type=" + url.QueryEscape(kind))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(response.Body)
		if line, err := lines.ReadString('\n'); line != "data: 1\n" {
			t.Fatalf("%s: the first line is %q (%v)", kind, line, err)
		}
		seen <- struct{}{} // not before the first line has arrived
		rest, err := io.ReadAll(lines)
		if string(rest) != "\ndata: 2\n\n" || err != nil {
			t.Errorf("%s: the rest is %q (%v)", kind, rest, err)
		}
		response.Body.Close()
	}
}

func TestLegacyPassesUpgrades(t *testing.T) {
	t.Parallel()
	address := old(t, func(w http.ResponseWriter, r *http.Request) {
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", r.Header.Get("Upgrade"))
		line, _ := buffered.ReadString('\n')
		fmt.Fprint(connection, "echo "+line)
	})
	app, _ := moving(t, address)
	app.Use(decant.AccessLog(app.Logger))
	connection, err := net.Dial("tcp", strings.TrimPrefix(served(t, app).URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET /socket.io/ HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("the upgrade was answered with %v (%v)", response, err)
	}
	fmt.Fprint(connection, "hello\n")
	if line, err := reader.ReadString('\n'); line != "echo hello\n" {
		t.Errorf("read %q (%v)", line, err)
	}
}

// TestLegacyRepeatsWhatMayBeRepeated cuts a connection that was kept open when the
// second request comes on it.
func TestLegacyRepeatsWhatMayBeRepeated(t *testing.T) {
	t.Parallel()
	const ok, bad = http.StatusOK, http.StatusBadGateway
	for request, want := range map[string]int{
		"GET": ok, "HEAD": ok, "OPTIONS": ok, "PUT": ok, "DELETE": ok, "POST": bad, "PATCH": bad, "PUT with a body": bad, "DELETE with a body": bad,
	} {
		method, _, hasBody := strings.Cut(request, " with ")
		t.Run(request, func(t *testing.T) {
			var mutex sync.Mutex
			requests := map[string]int{} // by the client's address
			second := 0
			address := old(t, func(w http.ResponseWriter, r *http.Request) {
				if key, isSent := r.Header["Idempotency-Key"]; isSent {
					t.Errorf("the old application got the key %q", key)
				}
				mutex.Lock()
				requests[r.RemoteAddr]++
				cut := requests[r.RemoteAddr] == 2
				if r.URL.Path == "/second" {
					second++
				}
				mutex.Unlock()
				if cut {
					panic(http.ErrAbortHandler)
				}
				fmt.Fprint(w, "old")
			})
			// This transport keeps idle connections however long the test takes.
			app, _ := moving(t, address, decant.LegacyTransport(&http.Transport{}))
			mustAnswer(t, get(app, "/first"), http.StatusOK, "old")
			body := ""
			if hasBody {
				body = "text=1"
			}
			if got := send(app, method, "/second", body).Code; got != want {
				t.Errorf("the answer is a %d, want %d", got, want)
			}
			mutex.Lock()
			defer mutex.Unlock()
			if sent := map[int]int{http.StatusOK: 2, http.StatusBadGateway: 1}[want]; second != sent {
				t.Errorf("the old application got the request %d times, want %d", second, sent)
			}
		})
	}
}

func TestLegacyBoundsItsConnections(t *testing.T) {
	t.Parallel()
	var open, most atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "old") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	app, _ := moving(t, server.URL, decant.LegacyConnections(1))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { mustAnswer(t, get(app, "/old"), http.StatusOK, "old") })
	}
	group.Wait()
	if most.Load() != 1 {
		t.Errorf("%d connections were open at once", most.Load())
	}
}

func TestLegacyOnASocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host)
	})}}
	server.Start()
	t.Cleanup(server.Close)
	app, _ := moving(t, "unix:"+path)
	mustAnswer(t, get(app, "/old"), http.StatusOK, "example.com")
}

func TestLegacyRefusesOddAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:8000", "shop:8000", "ftp://shop", "http://", "unix:", "http://shop/path", "http://shop?x", "http://a:b@shop", "http://[::1"} {
		mustPanic(t, func() { decant.Legacy(address) }, fmt.Sprintf("Legacy(%q)", address), "http://127.0.0.1:8000")
	}
	mustPanic(t, func() { decant.Legacy("http://shop", decant.LegacyConnections(0)) }, "LegacyConnections(0)")
}

func TestMatches(t *testing.T) {
	t.Parallel()
	app, _ := moving(t, "http://127.0.0.1:1")
	app.Get("/dir/", hello, decant.Endpoint("dir"))
	app.Get("/old", nil, decant.BuildOnly(), decant.Endpoint("old"))
	app.Post("/form", hello, decant.Endpoint("form"))
	app.Mount("/admin", http.NotFoundHandler())
	app.Get("/admin/x", hello, decant.Endpoint("hidden"))
	for target, want := range map[string]bool{
		"GET /new": true, "HEAD /new": true, "GET //new": true, "GET /dir/": true, "GET /dir": true, "POST /form": true,
		"GET /old": false, "GET /form": false, "GET /nowhere": false, "GET /admin/x": false, "GET /static/x.css": false,
	} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequest(method, "/", nil)
		r.URL.Path = path
		if got := app.Matches(r); got != want {
			t.Errorf("Matches(%s) is %t", target, got)
		}
	}
}
