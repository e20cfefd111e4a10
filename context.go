package decant

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/console"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/server"
	"github.com/decant-go/decant/internal/watch"
)

// Context is one request. Views and hooks get it as their only argument; it
// takes the place of Flask's request, session, g and current_app.
//
// A Context is never used for a second request, so a goroutine that keeps one
// never sees the data of another request. Args, Form, the session, the logger
// and other values are made when they are first read: read them before you start
// a goroutine that needs them.
//
// A Context is also a context.Context, that of the HTTP request: it ends when the
// client has gone away and when the request is over, and Value finds what
// middleware has put into the request.
type Context struct {
	// App is the application that serves the request.
	App *App
	// Request is what the client sent.
	Request *Request
	// Session is the user's session. It is loaded when it is first touched.
	Session *Session

	request Request
	session Session

	writer      http.ResponseWriter
	match       rule.Match
	extras      *contextExtras // nil until one is needed
	contentType [1]string      // of an answer without a header map, where net/http finds it
}

// contextExtras is state that few requests need. It is made on demand, because
// every request pays for the size of its context.
type contextExtras struct {
	routingError  error
	originalError error // what teardown functions are told
	deferred      []func(*Response)
	values        []namedValue
	bodies        []io.Closer // of responses, sent or not
	flashes       []FlashMessage
	hasFlashes    bool   // they were taken out of the session
	detached      bool   // there is no request
	refusal       error  // why there is no session to write to
	requestID     string // "" until it is asked for
	watcher       watcher
	unescaped     []unescapedPage
	logger        *slog.Logger
}

// needExtras returns the extras for writing and makes them if there are none.
func (c *Context) needExtras() *contextExtras {
	if c.extras == nil {
		c.extras = new(contextExtras)
	}
	return c.extras
}

// endpoint returns the view that the URL belongs to, nil where no rule matches.
func (c *Context) endpoint() *endpoint {
	if c.match.Rule == nil {
		return nil
	}
	return c.match.Rule.Target.(*endpoint)
}

// routingError says why no rule matches.
func (c *Context) routingError() error {
	if c.extras == nil {
		return nil
	}
	return c.extras.routingError
}

// newContext fills the context in one piece: the compiler knows that the memory is
// new, and leaves out most of what the collector wants to know of pointers.
func (a *App) newContext(w http.ResponseWriter, r *http.Request) *Context {
	c := &Context{App: a, writer: w}
	request, session := &c.request, &c.session
	c.Request, c.Session = request, session
	session.context = c
	request.context = c
	request.Request = r
	request.Cookies.request = request
	request.Args = Values{request, (*Request).args}
	request.Form = Values{request, (*Request).form}
	request.Files.request = request
	request.Values = Values{request, (*Request).values}
	request.adapt()
	return c
}

// Deadline returns the deadline of the HTTP request's context, if it has one.
func (c *Context) Deadline() (deadline time.Time, ok bool) { return c.Request.Context().Deadline() }

// Done returns a channel that is closed when the client has gone away, or when the
// request is over.
func (c *Context) Done() <-chan struct{} { return c.Request.Context().Done() }

// Err returns nil while Done is open, and then the reason.
func (c *Context) Err() error { return c.Request.Context().Err() }

// Value returns the value that middleware has put into the context of the HTTP
// request under a key, or nil.
func (c *Context) Value(key any) any { return c.Request.Context().Value(key) }

// AfterThisRequest calls f with the response of this request, once there is
// one: after the view, before the AfterRequest functions, in the order of
// registration. It may be called from hooks, views and helpers, long before any
// response exists. A function that an AfterRequest function registers runs after
// all of these. It mirrors flask.after_this_request.
func (c *Context) AfterThisRequest(f func(*Response)) { c.runLater("AfterThisRequest", f) }

// runLater registers a deferred callback for a method.
func (c *Context) runLater(method string, f func(*Response)) {
	if !c.HasRequest() {
		panic(fmt.Errorf("decant: %s was called outside of a request, where no response will ever come; call it in a view or a hook", method))
	}
	n := c.needExtras()
	n.deferred = append(n.deferred, f)
}

// runDeferred calls the deferred callbacks from the one with that index on, and
// returns the index after the last one. A callback may add another one.
func (c *Context) runDeferred(r *Response, from int) int {
	i := from
	for ; c.extras != nil && i < len(c.extras.deferred); i++ {
		c.extras.deferred[i](r)
	}
	return i
}

// forgetDeferred removes the callbacks from the one with that index on, which
// AfterRequest functions registered. If an error page replaces the response, these
// functions run again.
func (c *Context) forgetDeferred(from int) {
	if c.extras != nil {
		c.extras.deferred = c.extras.deferred[:from]
	}
}

// Param returns the view argument of that name as text: what the URL holds,
// decoded, or a default of the rule. A name that the rule does not have is a
// mistake in the program and ends the request with a 500.
func (c *Context) Param(name string) string {
	if _, preprocessed := viewArgs.Lookup(c); !preprocessed && !c.hasDefault(name) {
		if text, ok := c.match.Text(name); ok {
			return text
		}
	}
	return fmt.Sprint(c.ParamValue(name))
}

// LookupParam returns the view argument of that name as [Context.Param] does, and
// whether there is one. It is for views with several rules, and for hooks, that
// cannot know which arguments there are.
func (c *Context) LookupParam(name string) (text string, ok bool) {
	if _, ok := c.viewArg(name); !ok {
		return "", false
	}
	return c.Param(name), true
}

func (c *Context) hasDefault(name string) bool {
	if c.match.Rule == nil {
		return false
	}
	_, ok := c.match.Rule.Defaults[name]
	return ok
}

// ParamInt returns a view argument of the int converter, which has checked it
// already. It panics if the rule has no such argument or if it is not a number.
func (c *Context) ParamInt(name string) int {
	return paramOf[int](c, name, "<int:"+name+">")
}

// ParamFloat returns a view argument of the float converter, as ParamInt does.
func (c *Context) ParamFloat(name string) float64 {
	return paramOf[float64](c, name, "<float:"+name+">")
}

// ParamValue returns what the converter of a view argument made of it: a
// string, an int, a float64, a UUID, or what a converter of your own returns.
func (c *Context) ParamValue(name string) any {
	value, ok := c.viewArg(name)
	if !ok {
		panic(fmt.Errorf("decant: there is no view argument %q; %s", name, c.describeArguments()))
	}
	return value
}

func (c *Context) viewArg(name string) (any, bool) {
	if values, preprocessed := viewArgs.Lookup(c); preprocessed {
		value, ok := values[name]
		return value, ok
	}
	return c.match.Value(name)
}

func paramOf[T any](c *Context, name, placeholder string) T {
	value := c.ParamValue(name)
	typed, ok := value.(T)
	if !ok {
		panic(fmt.Errorf("decant: the view argument %q is a %T; write %s in the rule, or read it with Param or ParamValue", name, value, placeholder))
	}
	return typed
}

func (c *Context) describeArguments() string {
	if c.match.Rule == nil {
		return "no rule matches this request"
	}
	return fmt.Sprintf("the %s has %q", c.match.Rule, c.match.Rule.Arguments())
}

// G is a value that lives as long as one request: an attribute of flask.g, but
// with a type. Declare it once, as a package variable:
//
//	var user = decant.NewG[*User]("user")
type G[T any] struct{ name *string }

// namedValue is the value of one G in one request.
type namedValue struct {
	name  *string
	value any
}

// NewG declares a request-local value. The name is for people and templates;
// two values of the same name do not meet.
func NewG[T any](name string) G[T] { return G[T]{&name} }

// Get returns the value that was set in this request. If there is none, it returns
// otherwise, or the zero value if that is not given. It mirrors
// g.get("user", otherwise).
func (g G[T]) Get(c *Context, otherwise ...T) T {
	value, ok := g.Lookup(c)
	return given(value, ok, otherwise)
}

// Lookup is Get that also tells whether a value was set.
func (g G[T]) Lookup(c *Context) (value T, ok bool) {
	if named := c.named(g.name); named != nil {
		value, _ = named.value.(T)
		return value, true
	}
	return value, false
}

// Has reports whether a value was set in this request: "user" in g.
func (g G[T]) Has(c *Context) bool { return c.named(g.name) != nil }

// Delete removes the value from this request, if one was set: del g.user.
func (g G[T]) Delete(c *Context) {
	if c.named(g.name) == nil {
		return
	}
	n := c.extras
	n.values = slices.DeleteFunc(n.values, func(named namedValue) bool { return named.name == g.name })
}

// Set sets the value for the rest of this request.
func (g G[T]) Set(c *Context, value T) {
	if named := c.named(g.name); named != nil {
		named.value = value
		return
	}
	n := c.needExtras()
	n.values = append(n.values, namedValue{g.name, value})
}

// named finds the value of a G, or nil.
func (c *Context) named(name *string) *namedValue {
	if c.extras == nil {
		return nil
	}
	for i := range c.extras.values {
		if named := &c.extras.values[i]; named.name == name {
			return named
		}
	}
	return nil
}

// InContext runs work that belongs to no request, such as a job or a command,
// with a context of its own: Flask's app_context. G values, templates, URLFor
// (which then builds external URLs and needs Config.ServerName) and the
// functions of [App.TeardownAppContext] work in it as in a request. There is no
// request: the context's is an empty one, and its session is empty and cannot
// be written.
//
// It returns what work returns, or what it aborts with. The application is
// frozen as by a first request. Ctx ends the context when it ends.
func (a *App) InContext(ctx context.Context, work func(c *Context) error) error {
	if !a.frozen.Load() {
		a.freeze()
	}
	c, err := a.newDetached(ctx)
	if err != nil {
		return err
	}
	defer c.release()
	defer c.tearDownAppContext()
	return c.runWork(work)
}

// InRequest runs work with the context of a request that is not served, to try out
// code that needs one:
//
//	r := httptest.NewRequest("GET", "/?name=Peter", nil)
//	err := app.InRequest(r, func(c *decant.Context) error { return greet(c) })
//
// The URL is matched and the session can be opened, but neither middleware nor
// before-request functions nor the view run, and nothing is saved or sent. The
// functions of TeardownRequest and [App.TeardownAppContext] run at the end.
//
// It returns what work returns, or what it aborts with. The application is frozen
// as by a first request. The package decanttest makes requests as a client would.
// It mirrors test_request_context.
func (a *App) InRequest(r *http.Request, work func(c *Context) error) error {
	if !a.frozen.Load() {
		a.freeze()
	}
	c := a.newContext(nil, rooted(r))
	c.findRule()
	c.showPattern(r)
	defer c.tearDown(c.around())
	return c.runWork(work)
}

// runWork runs what InContext and InRequest were called with.
func (c *Context) runWork(work func(c *Context) error) (err error) {
	defer func() {
		value := recover()
		if value != nil {
			err = errorOf(value)
		}
		c.needExtras().originalError = err
		if _, aborted := value.(*HTTPError); value != nil && !aborted {
			panic(value) // here, where the stack still shows the place in the work
		}
	}()
	c.notify(&c.App.Signals.ContextPushed)
	return work(c)
}

// newDetached returns a context without a request.
func (a *App) newDetached(ctx context.Context) (*Context, error) {
	nowhere, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, fmt.Errorf("decant: InContext: %w; pass context.Background()", err)
	}
	c := a.newContext(nil, nowhere)
	c.needExtras().detached = true
	return c, nil
}

// HasRequest reports whether the context is that of a request, and not of
// [App.InContext]: has_request_context.
func (c *Context) HasRequest() bool { return c.extras == nil || !c.extras.detached }

// watcher is a test client that sees what happens in the requests that it sends.
type watcher interface {
	Began(c *Context)
	Flashed(message FlashMessage)
	Rendered(template string, variables H)
	// Failed is called with an error that nobody handled, and its stack or nil.
	Failed(err error, stack []byte)
}

// findWatcher tells the watcher of the request, if it has one, that it begins.
func (c *Context) findWatcher() {
	if w, ok := watch.Of(c.Request.Context()).(watcher); ok {
		c.needExtras().watcher = w
		w.Began(c)
	}
}

// watched returns the watcher of the request, or nil.
func (c *Context) watched() watcher {
	if c.extras == nil {
		return nil
	}
	return c.extras.watcher
}

// TeardownAppContext runs f at the end of each request, after the teardown
// functions of the request, and at the end of [App.InContext], last registered
// first, whatever happened; err is the error that became a 500, or that the
// work ended with. It mirrors Flask's teardown_appcontext.
func (a *App) TeardownAppContext(f func(c *Context, err error)) {
	mustTake(a, "TeardownAppContext", f == nil)
	a.teardownContext = append(a.teardownContext, f)
}

// Stopping returns a channel that is closed when [App.Run], told to end, accepts
// nothing new any more; see [Drain]. There is still time to finish: requests are
// cancelled 25 seconds later; see [StopWithin]. A stream that has no end of its
// own ends when the channel is closed:
//
//	select {
//	case <-c.Stopping():
//		return
//	case event := <-events:
//		…
//	}
//
// On a server of your own the channel is nil, and a select never chooses it.
func (c *Context) Stopping() <-chan struct{} { return server.Stopping(c) }

// requestIDHeader is where a proxy says what it calls the request.
const requestIDHeader = "X-Request-Id"

// longestRequestID is the length in bytes of the longest id that is believed.
const longestRequestID = 128

// Logger is the application's logger with "request_id", "method" and "path" of
// the request attached: Flask's app.logger.
//
//	c.Logger().Info("logged in", "user", name)
//
// It is made when it is first asked for. Ask before you start a goroutine that
// logs.
func (c *Context) Logger() *slog.Logger {
	n := c.needExtras()
	if n.logger == nil {
		n.logger = c.App.logger().With("request_id", c.RequestID(), "method", c.Request.Method, "path", c.Request.Path())
	}
	return n.logger
}

// logger is the application's Logger, or else the one of the program.
func (a *App) logger() *slog.Logger {
	if a.Logger != nil {
		return a.Logger
	}
	standard := slog.Default()
	if a.console != nil && standard == a.standard {
		return a.console
	}
	return standard
}

// findConsole makes the logger that shows stacks as lines, if a person reads the
// log and the program has not configured it: where it goes to a terminal, and in
// debug mode.
func (a *App) findConsole() {
	standard := slog.Default()
	if !console.IsStandard(standard.Handler()) || !a.config.Debug && !console.IsTerminal(log.Writer()) {
		return
	}
	a.standard, a.console = standard, slog.New(console.New(standard.Handler()))
}

// RequestID names the request in the log: a random string of 26 letters
// and digits, made when it is first read. With Config.TrustRequestID it is the id
// that the proxy in front of the server gave.
func (c *Context) RequestID() string {
	n := c.needExtras()
	if n.requestID == "" {
		n.requestID = c.newRequestID()
	}
	return n.requestID
}

func (c *Context) newRequestID() string {
	if id := c.Request.Header.Get(requestIDHeader); c.App.config.TrustRequestID && isRequestID(id) {
		return id
	}
	return rand.Text()
}

// isRequestID accepts the ids of proxies, such as UUIDs and AWS's "Root=1-…". It
// refuses characters that a log or a page would have to quote.
func isRequestID(text string) bool {
	isOdd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.:;=+/@", r))
	}
	return text != "" && len(text) <= longestRequestID && !strings.ContainsFunc(text, isOdd)
}

// logError writes what went wrong, with the stack of a panic.
func (c *Context) logError(message string, err error) {
	attributes := []any{slog.Any("error", err)}
	if stack := stackOf(err); stack != nil {
		attributes = append(attributes, slog.String(console.StackKey, string(stack)))
	}
	c.Logger().ErrorContext(c, message, attributes...)
}

// logged is the path and the method of the request for the message of a log
// entry, as Flask writes them.
func (c *Context) logged() string {
	return onOneLine(c.Request.Path()) + " [" + onOneLine(c.Request.Method) + "]"
}

// onOneLine quotes a string of the client that holds line breaks or other
// characters that are not printable. Some handlers of slog write messages as
// they are, and the string could look like several log entries.
func onOneLine(text string) string {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return strconv.Quote(text)
		}
	}
	return text
}
