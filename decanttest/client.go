// Package decanttest tests an application without a server and without a browser:
//
//	func TestLogin(t *testing.T) {
//		app := newApp()
//		app.Config.Testing = true
//		client := decanttest.NewClient(t, app)
//
//		rv := client.Post("/login", decanttest.Form{"username": "ann"}, decanttest.FollowRedirects())
//		if !strings.Contains(rv.Text, "Hello, ann") || rv.Session.String("username") != "ann" {
//			t.Error(rv)
//		}
//	}
//
// A client keeps cookies as a browser does, and calls the application in the test's
// own goroutine: there is no port, and nothing to wait for. A response knows the
// request's context: the session, values of G, flashed messages, and the templates
// with their variables.
//
// Where Config.Testing is set, an error that nobody handled fails the test at once,
// with the request, the error, and the stack of a panic. Otherwise the answer is the
// 500 that a visitor gets, and the error is the response's Err.
//
// It mirrors flask.testing.
package decanttest

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/watch"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Client sends requests to an application and keeps its cookies. It mirrors
// FlaskClient. One client is one visitor; several may visit one application, but
// each is used by one goroutine at a time.
type Client struct {
	t        testing.TB
	app      *decant.App
	defaults []Option
	jar      *jar // nil: NoCookies
	prefixed *prefixed
}

// NewClient returns a client without cookies. The options hold for each of its
// requests, unless a request has one that says otherwise: they take the place of
// environ_base. The test t fails if a request cannot be made, and where the
// application fails with Config.Testing set.
//
// It mirrors app.test_client().
func NewClient(t testing.TB, app *decant.App, options ...Option) *Client {
	t.Helper()
	c := &Client{t: t, app: app, defaults: options, jar: new(jar), prefixed: new(prefixed)}
	if c.settings(nil).noCookies {
		c.jar = nil
	}
	return c
}

// In returns a client with the same cookies and options whose failures are those of
// another test, such as a subtest.
func (c *Client) In(t testing.TB) *Client {
	client := *c
	client.t = t
	return &client
}

// App returns the application that the client visits.
func (c *Client) App() *decant.App { return c.app }

// Get sends a GET request. The path begins with a slash and may have a query; it is
// below Config.ApplicationRoot. A whole URL goes to the host that it names.
func (c *Client) Get(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodGet, path, nil, options...)
}

// Head sends a HEAD request. See [Client.Get].
func (c *Client) Head(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodHead, path, nil, options...)
}

// Options sends an OPTIONS request. See [Client.Get].
func (c *Client) Options(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodOptions, path, nil, options...)
}

// Delete sends a DELETE request without a body. See [Client.Get], and [Client.Open]
// for one with a body.
func (c *Client) Delete(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodDelete, path, nil, options...)
}

// Post sends a POST request. The body is
//
//	a Form or url.Values    a form: multipart if it has a File, else urlencoded
//	[]byte, string          the body as it is, without a Content-Type
//	JSON(value)             the JSON of a value
//	anything else but nil   the same
//	nil                     no body
//
// JSON is written by the application's own provider.
func (c *Client) Post(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodPost, path, body, options...)
}

// Put sends a PUT request. The body is that of [Client.Post].
func (c *Client) Put(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodPut, path, body, options...)
}

// Patch sends a PATCH request. The body is that of [Client.Post].
func (c *Client) Patch(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Open(http.MethodPatch, path, body, options...)
}

// Open sends a request of any method. The body is that of [Client.Post].
func (c *Client) Open(method, path string, body any, options ...Option) *Response {
	c.t.Helper()
	s := c.settings(options)
	request, err := c.newMessage(method, path, body, s)
	if err != nil {
		c.t.Fatalf("decanttest: %s %s: %v", method, path, err)
	}
	response := c.send(request, s)
	if s.followRedirects {
		response = c.follow(response, request, s)
	}
	return response
}

// send lets the application answer a message.
func (c *Client) send(m *message, s *settings) *Response {
	c.t.Helper()
	request := m.request()
	if c.jar != nil {
		if request.Header.Get("Cookie") != "" {
			c.t.Fatalf("decanttest: %s %s has a Cookie header, and the client has cookies of its own; use Client.SetCookie, or the option NoCookies of NewClient", m.method, m.url)
		}
		if header := c.jar.header(m.url); header != "" {
			request.Header.Set("Cookie", header)
		}
	}
	s.change(request)
	seen := &observed{app: c.app}
	request = request.WithContext(watch.With(request.Context(), seen))
	recorder := httptest.NewRecorder()
	panicked := catch(func() { c.app.ServeHTTP(recorder, c.prefixed.strip(request, m.root)) })
	response := seen.response(m, request, recorder)
	if c.jar != nil {
		c.jar.keep(m.url, response.Header["Set-Cookie"])
	}
	c.judge(response, panicked, s)
	return response
}

// judge fails the test if the application has failed, or should have.
func (c *Client) judge(response *Response, panicked *failure, s *settings) {
	c.t.Helper()
	if panicked != nil {
		if response.Err == nil {
			response.Err = panicked.err
			response.stack = panicked.stack
		}
		response.Status = http.StatusInternalServerError
	}
	switch {
	case s.expectError && response.Err == nil:
		c.t.Fatalf("decanttest: the request should have failed, and did not\n%s", response)
	case !s.expectError && panicked != nil:
		c.t.Fatalf("decanttest: the application failed: %v\n%s", response.Err, response)
	}
}

// failure is what a panic left behind.
type failure struct {
	err   error
	stack []byte
}

// catch runs a function and returns its panic, or nil.
func catch(run func()) (panicked *failure) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case error:
			panicked = &failure{value, debug.Stack()}
		default:
			panicked = &failure{fmt.Errorf("panic: %v", value), debug.Stack()}
		}
	}()
	run()
	return nil
}

var (
	errLoop      = errors.New("the redirects go round in a circle")
	errElsewhere = errors.New("the redirect leaves the application, and the client does not follow it there; look at the Location header instead")
)

// maxRedirects bounds redirects that never lead to the same place twice. Browsers give
// up after 20.
const maxRedirects = 20

// follow goes where redirects lead. 301, 302 and 303 are followed with GET, and 307
// and 308 with the same method and body. HEAD stays HEAD.
func (c *Client) follow(response *Response, m *message, s *settings) *Response {
	c.t.Helper()
	var history []*Response
	type step struct {
		location string
		status   int
	}
	seen := map[step]bool{}
	for response.isRedirect() {
		here := step{response.Header.Get("Location"), response.Status}
		if seen[here] {
			c.t.Fatalf("decanttest: %v: %s\n%s", errLoop, here.location, response)
		}
		if len(history) == maxRedirects {
			c.t.Fatalf("decanttest: %d redirects were followed, and the last answer is another one; look at the Location headers\n%s", maxRedirects, response)
		}
		seen[here] = true
		history = append(history, response)
		next, err := m.redirected(response)
		if err != nil {
			c.t.Fatalf("decanttest: %v: %s\n%s", err, here.location, response)
		}
		m = next
		response = c.send(m, s)
	}
	response.History = history
	return response
}

// Session runs f with the client's session, and keeps what it changes: before the
// first request, between two, or to look. It works with every SessionInterface.
// The options are those of the request by which the session is found.
//
//	client.Session(func(s *decant.Session) { s.Set("user_id", 1) })
//
// It fails the test if the session cannot be written: see [decant.ErrNullSession].
// It mirrors session_transaction.
func (c *Client) Session(f func(s *decant.Session), options ...Option) {
	c.t.Helper()
	c.InRequest(func(ctx *decant.Context) { f(ctx.Session) }, options...)
}

// InRequest is [Client.Session] for code that needs a whole context: that of a
// request of this client to "/", which is not served.
//
//	client.InRequest(func(c *decant.Context) { c.Flash("Welcome") })
func (c *Client) InRequest(f func(c *decant.Context), options ...Option) {
	c.t.Helper()
	if c.jar == nil {
		c.t.Fatal("decanttest: the client has no cookies, and so no session; leave the option NoCookies out")
	}
	s := c.settings(options)
	m, err := c.newMessage(http.MethodGet, "/", nil, s)
	if err != nil {
		c.t.Fatalf("decanttest: a request for the session cannot be made: %v", err)
	}
	request := m.request()
	if header := c.jar.header(m.url); header != "" {
		request.Header.Set("Cookie", header)
	}
	s.change(request)
	var cookies []string
	panicked := catch(func() {
		err = c.app.InRequest(c.prefixed.strip(request, m.root), func(ctx *decant.Context) error {
			f(ctx)
			cookies, err = saved(ctx)
			return err
		})
	})
	switch {
	case panicked != nil && errors.Is(panicked.err, decant.ErrNullSession):
		c.t.Fatalf("decanttest: the session: %v", panicked.err)
	case panicked != nil:
		c.t.Fatalf("decanttest: the session: %v\n%s", panicked.err, panicked.stack)
	case err != nil:
		c.t.Fatalf("decanttest: the session cannot be saved: %v", err)
	}
	c.jar.keep(m.url, cookies)
}

// saved saves the session of a context and returns the cookies for the client.
func saved(ctx *decant.Context) (cookies []string, err error) {
	if !ctx.Session.Accessed() {
		return nil, nil
	}
	response := ctx.MakeResponse("")
	err = ctx.App.SessionInterface.Save(ctx, ctx.Session, response)
	return response.Header()["Set-Cookie"], err
}

// Request runs work with the context of a request that is not served, as
// [decant.App.InRequest] does, and fails the test with the error that work returns.
// The options are those of a client; [Body] adds a body.
//
//	decanttest.Request(t, app, "GET", "/?name=Peter", func(c *decant.Context) error {
//		if c.Request.Args.Get("name") != "Peter" {
//			t.Error("there is no name")
//		}
//		return nil
//	})
//
// It mirrors app.test_request_context.
func Request(t testing.TB, app *decant.App, method, path string, work func(c *decant.Context) error, options ...Option) {
	t.Helper()
	c := NewClient(t, app)
	s := c.settings(options)
	m, err := c.newMessage(method, path, s.body, s)
	if err != nil {
		t.Fatalf("decanttest: %s %s: %v", method, path, err)
	}
	request := m.request()
	s.change(request)
	if err := app.InRequest(c.prefixed.strip(request, m.root), work); err != nil {
		t.Fatalf("decanttest: %s %s: %v", method, path, err)
	}
}

// Cookie returns the value of a cookie that the client would send to the
// application, and whether there is one. It mirrors client.get_cookie.
func (c *Client) Cookie(name string) (value string, ok bool) {
	if c.jar == nil {
		return "", false
	}
	return wirecookie.Lookup(c.jar.header(c.home()), name)
}

// SetCookie gives the client a cookie, for the whole host. It mirrors
// client.set_cookie.
func (c *Client) SetCookie(name, value string) {
	c.t.Helper()
	line, err := wirecookie.Append(nil, wirecookie.Cookie{Name: name, Value: value, Path: wirecookie.Some("/")}, time.Now())
	switch {
	case c.jar == nil:
		c.t.Fatal("decanttest: SetCookie: the client has no cookies; leave the option NoCookies out")
	case err != nil:
		c.t.Fatalf("decanttest: SetCookie: %v", err)
	}
	c.jar.keep(c.home(), []string{string(line)})
}

// DeleteCookie removes a cookie from the client, whatever its path is. It mirrors
// client.delete_cookie.
func (c *Client) DeleteCookie(name string) {
	if c.jar != nil {
		c.jar.forget(c.home().Hostname(), name)
	}
}

// home is the URL of the application's front page.
func (c *Client) home() *url.URL {
	m, err := c.newMessage(http.MethodGet, "/", nil, c.settings(nil))
	if err != nil {
		return &url.URL{Scheme: "http", Host: "localhost", Path: "/"}
	}
	return m.url
}

// prefixed takes the prefix of the application off paths, and tells the application
// of it, as a server does that has the application below a prefix.
type prefixed struct {
	root string      // without a slash at its end
	app  *decant.App // for root; nil before the first request
}

// passed is what the mount has made of a request.
type passed struct{ request *http.Request }

type passedKey struct{}

// strip returns the request as the application below root gets it.
func (p *prefixed) strip(r *http.Request, root string) *http.Request {
	if root == "" {
		return r
	}
	if p.app == nil || p.root != root {
		p.root, p.app = root, mountAt(root)
	}
	kept := new(passed)
	p.app.ServeHTTP(httptest.NewRecorder(), withValue(r, passedKey{}, kept))
	return cmp.Or(kept.request, r)
}

// mountAt returns an application that keeps the requests below a prefix.
func mountAt(root string) *decant.App {
	app := decant.New("decanttest")
	app.Mount(root, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Context().Value(passedKey{}).(*passed).request = r
	}))
	return app
}

// connectionOf returns the state of an encrypted connection for https.
func connectionOf(u *url.URL) *tls.ConnectionState {
	if u.Scheme != "https" {
		return nil
	}
	return &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: u.Hostname()}
}

// withPort returns an address as net/http's RemoteAddr has it.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil || address == "@" {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), "49152")
}
