// Package decant is Flask's model of applications, requests and responses in Go,
// with Flask's wire formats. A Flask application moves to Go one view at a time,
// and nobody is logged out.
//
//	func main() {
//		app := decant.New("hello")
//		app.Get("/", func(c *decant.Context) (any, error) { return "Hello, World!", nil })
//		if err := app.Run(); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// The rule may have variables, and the view may be a function with a name:
//
//	app.Get("/user/<username>", profile)
//
//	func profile(c *decant.Context) (any, error) {
//		return "Hello, " + decant.Escape(c.Param("username")), nil
//	}
//
// # Rules
//
// A rule is written as in Flask. It begins with a slash, and a variable stands
// in angle brackets, with a converter where it needs one:
//
//	/user/<username>          one segment, as a string
//	/post/<int:id>            a whole number; read it with Context.ParamInt
//	/files/<path:name>        one segment or more
//	/<any(en, de):language>   one of the words
//	/code/<string(length=2):code>
//
// These converters are builtin; [App.Converter] adds more:
//
//	converter  matches                          arguments
//	string     a segment; the default           length, minlength, maxlength
//	int        digits                           fixed_digits, min, max, signed
//	float      digits, a dot, digits            min, max, signed
//	path       a segment or more, with slashes
//	any        one of its arguments             the words
//	uuid       a UUID
//
// The order of registration does not matter: a static segment is preferred to a
// variable, and a narrow converter to a wide one.
//
// # Slashes
//
//	rule     request   answer
//	/about/  /about/   the view
//	/about/  /about    a redirect (308) to /about/
//	/about   /about    the view
//	/about   /about/   404
//	/about   //about   the view: the path always begins with one slash
//	/a/b     /a//b     a redirect (308) to /a/b
//
// [StrictSlashes] and [MergeSlashes] change this for a rule or an application.
//
// # What a view returns
//
//	string, []byte, Markup      a page of HTML
//	Text                        plain text
//	map, slice, array, struct   JSON
//	*Response                   itself
//	*HTTPError                  its page
//	io.Reader                   its content, streamed
//	iter.Seq of string, []byte
//	or Event                    streamed, each piece at once
//	func(io.Writer) error       its output, streamed
//	http.Handler                its answer
//	nil                         an error that names the endpoint
//
// [Context.MakeResponse] sets a status and says more about streams;
// [Response.With] adds a header, and [Context.SetCookie] a cookie.
// [Context.Redirect], [Context.JSON] and [Context.SendFile] make other responses,
// and [Context.Render] renders a template.
//
// # The life of a request
//
//	middleware      App.Use, and the handlers of App.Mount
//	matching        the rule and the view arguments; an error waits for the view
//	origin          unsafe requests from pages of other sites get a 403
//	preprocessors   URLValuePreprocessor
//	before          BeforeRequest; the first answer or error skips the view
//	view            or the error of a request that no rule matches
//	response        made of the answer
//	deferred        Context.AfterThisRequest
//	after           AfterRequest, last registered first
//	session         saved
//	writing         the first byte is sent
//	teardown        TeardownRequest, App.TeardownAppContext
//
// An error in any step from origin to session becomes a whole error page, because
// nothing has been sent yet.
//
// # Sessions
//
// [Context.Session] is a signed cookie that Flask can read, and Flask's cookies
// are read here. It needs Config.SecretKey. It is loaded when it is first read
// and saved if it has changed. A [SessionInterface] keeps sessions elsewhere.
//
// # Errors
//
//	an *HTTPError, or Abort       its page, with its status
//	an error that embeds or       the same
//	wraps an *HTTPError
//	any other error, or a panic   a log entry and a 500
//
// A handler of [App.ErrorHandler] or [HandleError] replaces the page. The handlers
// of a blueprint are asked before those of the application, and HandleError says
// which one answers. Mistakes in the registration panic with a message that names
// the rule.
package decant

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/files"
	"github.com/decant-go/decant/internal/funcname"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/outer"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/server"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/internal/wirecookie"
)

// App is an application: Flask's Flask. Make one with [New], register views
// and hooks, and serve it: it is an http.Handler. After the first request
// registering anything is refused.
type App struct {
	// Name is for people: log entries and the greeting of Run.
	Name string
	// Config holds the settings. The first request freezes it: see [Config].
	Config *Config
	// SessionInterface opens and saves sessions. New sets the one that keeps
	// them in Flask's signed cookie. Another one counts if it is set before the
	// first request.
	SessionInterface SessionInterface
	// JSON writes and reads JSON. Its fields are the settings of app.json:
	//
	//	app.JSON.SortKeys = false
	JSON *JSON
	// Templates holds the filters, tests and globals of the application's
	// templates.
	Templates *Templating
	// Logger receives what goes wrong. Nil means slog.Default(); if the program has
	// not set that either, the stack of an error is shown as lines in a terminal
	// and in debug mode.
	Logger *slog.Logger
	// Signals tell of what happens in a request.
	Signals Signals

	scaffold

	config     *Config // the copy of Config that requests see, when the application is frozen
	rules      *rule.Map
	options    rule.Options
	endpoints  map[string]*endpoint
	scopes     map[string]*scope // the registered blueprints
	around     hooksInEffect     // the application's own
	middleware []func(http.Handler) http.Handler
	fallback   http.Handler
	mounts     []mount

	hasSnakeCase  bool // SnakeCaseEndpoints
	hasConverters bool // of its own, which may panic

	// console is the logger for a person, as long as slog.Default() is standard.
	// Both are nil if the log is not for a person.
	console, standard *slog.Logger

	rootPath     string
	embeddedTags files.Tags
	copyBuffers  files.Buffers

	trustedHosts       header.TrustedHosts
	buildErrorHandlers []func(*Context, *BuildError, H) (string, bool)
	teardownContext    []func(*Context, error)

	crossOrigin   *http.CrossOriginProtection // nil: switched off
	sessions      SessionInterface            // when the application is frozen
	sessionCookie cookie                      // without its value
	// preparedCookie is the same, written as far as it is always the same.
	preparedCookie *wirecookie.Prepared
	chain          http.Handler    // nil: serve
	debugLock      *debugpage.Lock // nil without debug mode
	freezing       sync.Mutex
	frozen         atomic.Bool
}

// View answers a request. It returns the response, or what
// [Context.MakeResponse] turns into one; or an error: an *HTTPError is its own
// page, any other is a 500 and a log entry unless a handler was registered.
type View func(c *Context) (any, error)

// AppOption is a setting that an application is made with.
type AppOption interface{ applyToApp(*App) }

// ruleOption says how an application reads its rules.
type ruleOption func(*rule.Options)

func (o ruleOption) applyToApp(a *App) { o(&a.options) }

// HostMatching matches rules by their [RuleHost]; a rule without one then
// matches no host. It mirrors Flask's host_matching.
func HostMatching() AppOption {
	return ruleOption(func(o *rule.Options) { o.HostMatching = true })
}

// SubdomainMatching matches rules by their [Subdomain], below
// Config.ServerName. It mirrors Flask's subdomain_matching.
func SubdomainMatching() AppOption {
	return ruleOption(func(o *rule.Options) { o.SubdomainMatching = true })
}

type snakeCase struct{}

func (snakeCase) applyToApp(a *App) { a.hasSnakeCase = true }

// SnakeCaseEndpoints names endpoints as Python would: the view viewGet has the
// endpoint "view_get", and getHTTPStatus "get_http_status". It is for templates
// that say url_for('view_get'). It holds for blueprints too, and for the types of
// method views, but not for names that [Endpoint] gives.
func SnakeCaseEndpoints() AppOption { return snakeCase{} }

// New returns an application with Flask's default settings.
func New(name string, options ...AppOption) *App {
	a := &App{
		Name:             name,
		Config:           defaultConfig(),
		SessionInterface: NewCookieSessions(),
		JSON:             NewJSON(),
		endpoints:        map[string]*endpoint{},
		scopes:           map[string]*scope{},
	}
	a.owner = a
	a.Signals = signalsOf(a)
	a.Templates = newTemplating(a)
	a.static.urlPath = defaultStaticURLPath
	mustBeOptions("New", options)
	for _, option := range options {
		option.applyToApp(a)
	}
	a.options.UUID = newUUID
	a.rules = rule.New(a.options)
	caller := funcname.CallerOf(0)
	a.resolveRootPath(caller.File)
	a.addStaticRoute(caller)
	return a
}

// Use wraps the whole application, error pages included, in net/http
// middleware. The first one that is added is the outermost.
func (a *App) Use(middleware func(http.Handler) http.Handler) {
	mustTake(a, "Use", middleware == nil)
	a.middleware = append(a.middleware, middleware)
}

// mustBeOpen panics after the first request, because a later registration would
// not reach all requests. It is Flask's setup-finished guard.
func (a *App) mustBeOpen(method string) {
	if a.frozen.Load() {
		panic(fmt.Sprintf("decant: %s was called on the application %q after it had served its first request; register everything before, or requests would not agree on what there is", method, a.Name))
	}
}

// freeze ends the registration and prepares what requests share.
func (a *App) freeze() {
	a.freezing.Lock()
	defer a.freezing.Unlock()
	if a.frozen.Load() {
		return
	}
	a.mustBeWhole()
	a.config = a.Config.frozenCopy(a.Name)
	a.sessions = a.SessionInterface
	a.findConsole()
	a.JSON.freeze()
	for _, shadow := range a.rules.Freeze() {
		a.logger().Warn("a rule can never match", "detail", shadow.String())
	}
	a.warnOfForeignSyntax()
	a.warnOfWeakKeys()
	a.checkServerName()
	a.trustedHosts = a.config.trustedHosts()
	a.findStaticFolder()
	a.resolveScopes()
	a.prepareTemplates()
	a.crossOrigin = a.config.crossOriginProtection()
	a.prepareSessionCookie()
	if sessions, ok := a.sessions.(*cookieSessions); ok {
		sessions.keysOf(a)
	}
	a.findChain()
	a.decideSteps()
	a.Config.frozenBy = a.config.frozenBy
	a.frozen.Store(true)
}

// findChain puts the mounts, the middleware and the lock of the debug page around
// serve. Without any of these, the chain stays nil.
func (a *App) findChain() {
	if len(a.mounts) == 0 && len(a.middleware) == 0 && !a.config.Debug {
		return
	}
	a.chain = a.withMounts(http.HandlerFunc(a.serve))
	for i := len(a.middleware) - 1; i >= 0; i-- {
		a.chain = a.middleware[i](a.chain)
	}
	if a.config.Debug {
		a.debugLock = debugpage.NewLock()
		a.chain = a.debugLock.Handler(a.chain)
	}
}

// mustBeWhole panics if a field that New has set is nil now. It names the first one.
func (a *App) mustBeWhole() {
	field := ""
	switch {
	case a.Config == nil:
		field = "Config"
	case a.SessionInterface == nil:
		field = "SessionInterface"
	case a.JSON == nil:
		field = "JSON"
	case a.Templates == nil:
		field = "Templates"
	default:
		return
	}
	panic(fmt.Sprintf("decant: the field %s of the application %q is nil; New has set it, so change what it holds, or put another one there", field, a.Name))
}

// warnOfWeakKeys logs the secret keys that others can guess. In debug mode and in
// tests they do no harm.
func (a *App) warnOfWeakKeys() {
	if a.config.Debug || a.config.Testing {
		return
	}
	for _, weakness := range a.config.weakKeys() {
		a.logger().Warn("a secret key is weak: whoever guesses it can log in as anybody", "detail", weakness+"; make a good one with: "+signing.KeyCommand)
	}
}

// effectiveConfig is the configuration that requests see, or for an application
// that is not frozen yet the one that they will see.
func (a *App) effectiveConfig() *Config {
	if a.frozen.Load() {
		return a.config
	}
	return a.Config
}

// checkServerName brings Config.ServerName into the form that URLs have. It panics
// if that is no host, and if subdomains are matched and Config.ServerName, which
// they are part of, is not set.
func (a *App) checkServerName() {
	name, err := header.ServerName(a.config.ServerName)
	if err != nil {
		panic(fmt.Sprintf("decant: Config.ServerName of the application %q is no host: %v; write one without a scheme and a path, with a port where needed, as in \"shop.example\" or \"localhost:5000\"", a.Name, err))
	}
	a.config.ServerName = name
	if a.options.SubdomainMatching && !a.options.HostMatching && a.config.ServerName == "" {
		panic(fmt.Sprintf("decant: the application %q has SubdomainMatching and no Config.ServerName; set it to the name below which the subdomains are", a.Name))
	}
}

// prepareSessionCookie panics if the session cookie cannot be written, or browsers
// would drop it. Whoever logs in would stay logged out, without a word.
func (a *App) prepareSessionCookie() {
	a.sessionCookie = sessionCookie(a.config)
	prepared, err := wirecookie.Prepare(a.sessionCookie)
	if err != nil {
		panic(fmt.Sprintf("decant: the settings of the session cookie of the application %q: %v; see Config.SessionCookieName, SessionCookieSecure, SessionCookieSameSite, SessionCookieDomain and SessionCookiePath", a.Name, err))
	}
	a.preparedCookie = prepared
}

// ServeHTTP answers one request. The first one freezes the application.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !a.frozen.Load() {
		a.freeze()
	}
	if a.chain == nil {
		a.serve(w, rooted(r))
		return
	}
	a.chain.ServeHTTP(w, rooted(r))
}

// serve is the life of a request, in Flask's order. Nothing reaches the client
// before the response is final, so an error in any step but the last ends in a
// whole error page.
func (a *App) serve(w http.ResponseWriter, r *http.Request) {
	c := a.newContext(w, a.withoutClaims(r))
	c.findRule()
	if c.isForFallback() {
		r.Pattern = ""
		c.serveFallback(r)
		return
	}
	c.showPattern(r)
	c.findWatcher()
	around := c.around()
	defer c.tearDown(around)

	answer, err := c.dispatch(around) // before-request functions and the view
	if err == nil && !around.isObserved && c.sendPlain(answer) {
		return
	}
	if err != nil {
		answer, err = c.handleUserError(err) // an error handler, or an HTTP error's own page
	}
	var response *Response
	if err == nil {
		response, err = c.finalize(answer) // after-request functions, session
	}
	if err != nil {
		response, err = c.answerSessionFailure(err)
	}
	if err != nil {
		c.needExtras().originalError = err
		c.notifyEach(&a.Signals.GotRequestException, original(err))
		if w := c.watched(); w != nil {
			w.Failed(original(err), stackOf(err))
		}
		if a.config.Testing {
			c.takeBackHeader()
			panic(err)
		}
		response = c.serverError(err) // logged, and a 500
	}
	response.send(c)
}

// dispatch runs the before-request functions and, unless one of them answers,
// the view. Unmatched requests get their error after the hooks have run.
func (c *Context) dispatch(around *hooksInEffect) (answer any, err error) {
	defer recoverInto(&err)
	c.notify(&c.App.Signals.ContextPushed)
	if err := c.checkOrigin(); err != nil {
		return nil, err
	}
	if around.isAnnounced {
		if answer, err = c.announce(around); err != nil || !isNoAnswer(answer) {
			return answer, err
		}
	}
	if c.match.Rule == nil {
		return c.unmatched()
	}
	return c.endpoint().answer(c)
}

// announce sends the signal of a request that begins, and runs what comes before the
// view. A before-request function may answer the request.
func (c *Context) announce(around *hooksInEffect) (answer any, err error) {
	c.notify(&c.App.Signals.RequestStarted)
	c.preprocess()
	for _, hook := range around.before {
		if answer, err = hook(c); err != nil || !isNoAnswer(answer) {
			return answer, err
		}
	}
	return nil, nil
}

// finalize makes a response of the answer and does all that happens to it before
// it is sent. If that fails, it returns both the response and the error.
func (c *Context) finalize(answer any) (response *Response, err error) {
	defer recoverInto(&err)
	response, err = c.convert(answer)
	if err != nil {
		return nil, err
	}
	return response, c.process(response)
}

// process runs the deferred callbacks and the after-request functions, saves the
// session, and checks that the response can be sent. It mirrors Flask's
// process_response.
func (c *Context) process(response *Response) error {
	early := c.runDeferred(response, 0)
	defer c.forgetDeferred(early)
	after := c.around().after
	for i := len(after) - 1; i >= 0; i-- {
		if err := after[i](c, response); err != nil {
			return err
		}
	}
	c.runDeferred(response, early)
	if err := c.saveSession(response); err != nil {
		return err
	}
	for _, subscriber := range c.App.Signals.RequestFinished.subscribers {
		subscriber(c, response)
	}
	c.warnOfUnescaped(response)
	return response.check()
}

// tearDown runs the teardown functions, each in a recover of its own, so that
// all of them run, and closes what the request had open. A panic that is on its
// way out goes on afterwards.
func (c *Context) tearDown(around *hooksInEffect) {
	if around.tearsDown {
		c.tearDownWith(around.teardown, &c.App.Signals.RequestTearingDown)
		c.tearDownAppContext()
	}
	c.release()
}

// release closes the bodies of all responses, sent or not, and then the uploads.
// The uploads come last because closing a body may read them.
func (c *Context) release() {
	for i := 0; c.extras != nil && i < len(c.extras.bodies); i++ { // one may add another
		c.closeBody(c.extras.bodies[i])
	}
	c.request.close()
}

// tearDownAppContext ends a context, with or without a request.
func (c *Context) tearDownAppContext() {
	c.tearDownWith(c.App.teardownContext, &c.App.Signals.ContextTearingDown)
	for _, subscriber := range c.App.Signals.ContextPopped.subscribers {
		c.runLate("A subscriber", func() { subscriber(c) })
	}
}

func (c *Context) tearDownWith(functions []func(*Context, error), signal *Signal[func(*Context, error)]) {
	err := c.originalError()
	for _, f := range slices.Backward(functions) {
		c.runLate("A teardown function", func() { f(c, err) })
	}
	c.notifyEach(signal, err)
}

// runLate runs a function at the end of a request. A panic in it is logged and
// does not keep the rest from running.
func (c *Context) runLate(what string, run func()) {
	defer func() {
		if value := recover(); value != nil {
			c.logLate(what, errorOf(value))
		}
	}()
	run()
}

func (c *Context) logLate(what string, err error) {
	if raised, ok := err.(*panicError); ok && !raised.isRaised() {
		c.logError(what+" panicked", err)
		return
	}
	c.logError(what+" failed", err)
}

// originalError returns the error that teardown functions get, or nil.
func (c *Context) originalError() error {
	if c.extras == nil {
		return nil
	}
	return c.extras.originalError
}

// RunOption says where and how [App.Run] serves.
type RunOption interface{ applyToRun(*runSettings) }

type runOption func(*runSettings)

func (o runOption) applyToRun(s *runSettings) { o(s) }

// runSettings is what the options of Run decide.
type runSettings struct {
	where      server.Address
	certFile   string
	keyFile    string
	tls        *tls.Config
	drain      time.Duration
	stopWithin time.Duration
	mistake    error // of the options
}

// Host is the address to listen on: 127.0.0.1 unless the environment variable
// DECANT_RUN_HOST or Config.ServerName says otherwise; see [App.Run].
func Host(host string) RunOption { return runOption(func(s *runSettings) { s.where.Host = host }) }

// Port is the port to listen on: 5000 unless the environment variable
// DECANT_RUN_PORT or Config.ServerName says otherwise. 0 takes any free one.
func Port(port int) RunOption {
	return runOption(func(s *runSettings) { s.where.Port = fmt.Sprint(port) })
}

// Unix listens on the socket of a path instead of a host and port. The umask
// decides who may connect. A socket that a killed program left behind is
// replaced. In gunicorn this is --bind unix:PATH.
func Unix(path string) RunOption {
	return runOption(func(s *runSettings) {
		if path == "" {
			s.refuse("Unix got no path; leave the option out to listen on a host and a port")
		}
		s.where.Unix = path
	})
}

// Listener accepts the connections of a listener that the program has opened
// itself. Run closes it. It comes before [Unix], [Host] and [Port], and before
// the sockets of systemd.
func Listener(listener net.Listener) RunOption {
	return runOption(func(s *runSettings) {
		if listener == nil {
			s.refuse("Listener got nil; pass what net.Listen returns, or leave the option out")
		}
		s.where.Listener = listener
	})
}

// TLS speaks HTTPS, with HTTP/2, and takes the certificate and its key from
// files in PEM. The file of the certificate holds those of its issuers, too.
// They are read once, when Run starts. It mirrors ssl_context=(cert, key).
func TLS(certFile, keyFile string) RunOption {
	return runOption(func(s *runSettings) {
		if certFile == "" || keyFile == "" {
			s.refuse("TLS got the certificate %q and the key %q; pass the paths of both, or leave the option out to speak plain HTTP", certFile, keyFile)
		}
		s.certFile, s.keyFile = certFile, keyFile
	})
}

// TLSConfig speaks HTTPS as the configuration says, with HTTP/2 unless its
// NextProtos are set and lack "h2". [TLS] adds a certificate to it; without one,
// Certificates, GetCertificate or GetConfigForClient must be set. It mirrors
// ssl_context.
func TLSConfig(config *tls.Config) RunOption {
	return runOption(func(s *runSettings) {
		if config == nil {
			s.refuse("TLSConfig got nil; pass a configuration, or leave the option out to speak plain HTTP")
		}
		s.tls = config
	})
}

// Drain is how long Run goes on as before once it is told to end, so that a load
// balancer learns that this program is not ready and sends nobody any more. The
// default is 3 seconds, and nothing with Config.Debug. There is no drain after
// SIGINT.
func Drain(d time.Duration) RunOption { return runOption(func(s *runSettings) { s.drain = d }) }

// StopWithin is how long the requests under way may take once Run accepts
// nothing new, which is after the drain. The default is 30 seconds. When five
// sixths of it are over, the contexts of the requests are cancelled.
func StopWithin(d time.Duration) RunOption {
	return runOption(func(s *runSettings) { s.stopWithin = d })
}

// The defaults of Drain and StopWithin.
const (
	defaultDrain      = 3 * time.Second
	defaultStopWithin = 30 * time.Second
)

// Run serves the application until the program is interrupted (SIGINT) or told
// to end (SIGTERM). It then drains (see [Drain]), accepts nothing new, lets the
// requests under way finish, and returns nil; what takes longer than
// [StopWithin] is cut off. That is an error if the views take so long, and none
// if clients do. Streams should end when
// [Context.Stopping] says so. A second signal ends the program at once. It
// mirrors Flask's run, on a server that is fit for production. For one of your
// own, use the App as an http.Handler.
//
// Run listens on 127.0.0.1, port 5000, unless the options [Host], [Port], [Unix]
// or [Listener] say otherwise, or the variables DECANT_RUN_HOST and
// DECANT_RUN_PORT, or, with Config.Debug, a Config.ServerName of this machine alone,
// such as "localhost:8000". If systemd has opened sockets for the program (LISTEN_FDS),
// Run takes them instead of any of these but Listener.
//
// Under the command decant run, Run listens where that command says, whatever
// the options are, and believes the visitor's address that it passes on.
func (a *App) Run(options ...RunOption) error {
	stop, release := server.UntilSignal()
	defer release()
	return a.RunContext(stop, options...)
}

// RunContext serves as [App.Run] does, until the context is done. It does not
// listen to signals.
func (a *App) RunContext(stop context.Context, options ...RunOption) error {
	a.freeze() // what is wrong with the settings shows now
	front := outer.FromEnvironment()
	settings := a.runSettings(options, front)
	if settings.mistake != nil {
		return settings.mistake
	}
	how, err := settings.serverOptions()
	if err != nil {
		return err
	}
	how.Logger = a.logger()
	how.Hurry = a.Config.Debug || front != nil
	if a.Config.SlowClientBytes > 0 && a.Config.SlowClientInterval > 0 {
		how.Pace = server.Pace{Bytes: a.Config.SlowClientBytes, Interval: a.Config.SlowClientInterval}
	}
	listeners, err := settings.where.Listen()
	if err != nil {
		return err
	}
	switch {
	case front == nil:
		fmt.Fprint(os.Stderr, a.greeting(how.TLS != nil).Lines(listeners))
	case !front.Restarted: // decant run greets by itself
		fmt.Fprint(os.Stderr, a.greeting(false).UnlockLine(front.URL))
	}
	return server.Serve(stop, listeners, front.Handler(a), how)
}

// runSettings applies the options. The server in front of this program, if there
// is one, overrides where it listens, and speaks TLS itself.
func (a *App) runSettings(options []RunOption, front *outer.Server) *runSettings {
	host, port := "", ""
	if a.config.Debug {
		host, port = server.LocalName(a.config.ServerName)
	}
	s := &runSettings{
		where: server.Address{
			Host: cmp.Or(os.Getenv("DECANT_RUN_HOST"), host, "127.0.0.1"),
			Port: cmp.Or(os.Getenv("DECANT_RUN_PORT"), port, "5000"),
		},
		drain:      defaultDrain,
		stopWithin: defaultStopWithin,
	}
	if a.config.Debug {
		s.drain = 0
	}
	for i, option := range options {
		if option == nil {
			s.refuse("option %d of Run is nil; leave it out, or pass one such as Port(8000)", i+1)
			continue
		}
		option.applyToRun(s)
	}
	if front != nil {
		s.where = server.Address{Host: front.Host, Port: front.Port, Fixed: true}
		s.tls, s.certFile, s.keyFile, s.drain, s.mistake = nil, "", "", 0, nil
	}
	return s
}

// refuse keeps the first mistake in the options for Run to return.
func (s *runSettings) refuse(format string, arguments ...any) {
	if s.mistake == nil {
		s.mistake = fmt.Errorf("decant: "+format, arguments...)
	}
}

func (s *runSettings) serverOptions() (how server.Options, err error) {
	if s.drain < 0 || s.stopWithin < 0 {
		return how, fmt.Errorf("decant: Drain is %v and StopWithin %v; neither can be negative", s.drain, s.stopWithin)
	}
	how.Drain, how.StopWithin = s.drain, s.stopWithin
	how.TLS, err = server.TLSConfig(s.tls, s.certFile, s.keyFile)
	return how, err
}

// greeting is what Run says when it starts, as Flask does.
func (a *App) greeting(isTLS bool) server.Greeting {
	greeting := server.Greeting{Name: a.Name, Debug: a.config.Debug, IsTLS: isTLS, ServerName: a.config.ServerName}
	if a.debugLock != nil {
		greeting.UnlockPath = a.debugLock.Path()
	}
	return greeting
}
