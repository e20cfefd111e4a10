package decant

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/funcname"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/rule"
)

// origin holds what proxies and mounts say about the URL of a request. It is
// kept in the request's context, where no client can set it.
type origin struct {
	scheme string // "" where the connection tells
	root   string // the decoded path above the application, without a slash at its end
	// mounted says that root ends in the prefix of a Mount.
	mounted bool
	trusted Hops // what ProxyFix believes
}

type originKey struct{}

func originOf(r *http.Request) origin {
	o, _ := r.Context().Value(originKey{}).(*origin)
	if o == nil {
		return origin{}
	}
	return *o
}

func (o origin) attach(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), originKey{}, &o))
}

// ScriptRoot is the decoded path that the application is mounted under,
// without a slash at its end, and empty for one at the root of its host. It is
// known where [App.Mount] or [ProxyFix] has set it. It mirrors
// request.script_root.
func (r *Request) ScriptRoot() string { return originOf(r.Request).root }

// scheme is "http" or "https", or what a trusted proxy says.
func (c *Context) scheme() string { return schemeOf(c.Request.Request) }

func schemeOf(r *http.Request) string {
	if scheme := originOf(r).scheme; scheme != "" {
		return scheme
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func encodedPath(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// mount is a handler that lives below a prefix.
type mount struct {
	prefix  string
	handler http.Handler
	place   string
}

// Mount hands requests for a path and everything below it to another handler,
// with the prefix taken off: Werkzeug's DispatcherMiddleware. Rules of this
// application below the prefix are never reached; neither its hooks, its
// Config.TrustedHosts nor its check of cross-origin requests see such a
// request, while its middleware does; a mounted App has its own. The
// prefix itself, with and without a slash, becomes "/".
//
// A mounted App knows the prefix: its URLs and redirects begin with it. An App
// behind http.StripPrefix cannot know, because nothing tells it.
//
// It panics for a prefix that is not like "/admin" or is mounted already.
func (a *App) Mount(prefix string, handler http.Handler) {
	a.mustBeOpen("Mount")
	m := mount{prefix, handler, funcname.CallerOf(0).Place()}
	m.check()
	for _, earlier := range a.mounts {
		if earlier.prefix == prefix {
			panic(fmt.Sprintf("decant: Mount of %q at %s: the prefix was mounted at %s; choose another one", prefix, m.place, earlier.place))
		}
	}
	a.mounts = append(a.mounts, m)
	slices.SortStableFunc(a.mounts, func(a, b mount) int { return len(b.prefix) - len(a.prefix) })
}

func (m *mount) check() {
	if m.handler == nil {
		panic(fmt.Sprintf("decant: Mount of %q at %s got a nil handler; pass the one that answers", m.prefix, m.place))
	}
	segments := strings.Split(m.prefix, "/")
	isOdd := func(segment string) bool { return segment == "" || segment == "." || segment == ".." }
	if segments[0] != "" || len(segments) < 2 || slices.ContainsFunc(segments[1:], isOdd) {
		panic(fmt.Sprintf("decant: Mount of %q at %s: a prefix begins with a slash and does not end in one, as in \"/admin\"; use Fallback for what no rule matches", m.prefix, m.place))
	}
}

// withMounts asks the mounted handlers, longest prefix first, before the rules.
func (a *App) withMounts(next http.Handler) http.Handler {
	if len(a.mounts) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range a.mounts {
			if a.mounts[i].covers(r.URL.Path) {
				a.mounts[i].serve(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// covers checks the decoded path, as the rules do, so that an encoded path cannot
// get past a mount (echo GHSA-vfp3-v2gw-7wfq).
func (m *mount) covers(path string) bool {
	rest, ok := strings.CutPrefix(path, m.prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// serve hands the request on, and puts the prefix into the pattern that the other
// handler finds.
func (m *mount) serve(w http.ResponseWriter, r *http.Request) {
	stripped := m.strip(r)
	stripped.Pattern = ""
	m.handler.ServeHTTP(w, stripped)
	r.Pattern = stripped.Pattern
	if method, path, ok := strings.Cut(stripped.Pattern, " /"); ok {
		r.Pattern = method + " " + m.prefix + "/" + path
	}
}

func (m *mount) strip(r *http.Request) *http.Request {
	above := originOf(r)
	above.root += m.prefix
	above.mounted = true
	stripped := above.attach(r)
	location := *r.URL
	stripped.URL = &location
	location.Path = rootedPath(r.URL.Path[len(m.prefix):])
	location.RawPath = ""
	if raw := r.URL.RawPath; raw != "" {
		location.RawPath = rootedPath(behind(raw, len(m.prefix)))
	}
	return stripped
}

func rootedPath(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// behind returns an encoded path without its beginning. The length of the
// beginning is counted in decoded bytes. It returns "" if the path is too short.
// Readers of URL.RawPath check that it fits the decoded path.
func behind(raw string, decoded int) string {
	for ; decoded > 0 && raw != ""; decoded-- {
		size := 1
		if raw[0] == '%' {
			size = min(3, len(raw))
		}
		raw = raw[size:]
	}
	return raw
}

// Fallback hands requests that no rule matches to another handler, such as
// [Legacy] for the Flask application that has not moved yet. This application
// does not take part in such a request: no hook runs, and no session is opened.
// Requests for static files are handed on too if the application has no folder
// of static files.
//
// In front of [Legacy], views see X-Forwarded-For only where [ProxyFix] trusts it,
// because the old application does: both have to agree about a client's address.
//
// A handler that cannot answer may say so with [Abort], as long as it has not
// written anything: that ends in the page of this application for the status,
// by its error handlers if it has some. They can read the session but cannot
// change it.
func (a *App) Fallback(handler http.Handler) {
	mustTake(a, "Fallback", handler == nil)
	a.fallback = handler
}

// withoutClaims takes out an X-Forwarded-For that no trusted proxy has sent, if
// Legacy takes it out for the old application. Flask-Login binds sessions to the
// first address in that header, so the two sides would disagree about it.
func (a *App) withoutClaims(r *http.Request) *http.Request {
	const name = "X-Forwarded-For"
	if _, isLegacy := a.fallback.(*legacyHandler); !isLegacy || r.Header[name] == nil || originOf(r).trusted.For > 0 {
		return r
	}
	believed := *r
	believed.Header = maps.Clone(r.Header)
	delete(believed.Header, name)
	return &believed
}

func (c *Context) isForFallback() bool {
	if c.App.fallback == nil {
		return false
	}
	return errors.Is(c.routingError(), rule.ErrNotFound) || c.isForAbsentFolder()
}

// isForAbsentFolder reports whether only the default rule for static files
// matches, and the application has no folder of static files.
func (c *Context) isForAbsentFolder() bool {
	if !c.App.static.isAbsent {
		return false
	}
	e := c.endpoint()
	return e != nil && e == c.App.endpoints["static"]
}

// serveFallback lets the fallback handler answer the request.
func (c *Context) serveFallback(r *http.Request) {
	page := c.runFallback(r)
	if page == nil {
		return
	}
	defer c.release()
	c.session.refuse(errFallback)
	response, err := c.fallbackPage(page)
	if err != nil {
		c.logError("The error handler for a fallback failed", err)
		response = c.errorResponse(page)
	}
	response.send(c)
}

// runFallback returns the error that the handler aborted with, or nil. Any other
// panic is raised again.
func (c *Context) runFallback(r *http.Request) *HTTPError {
	err := catch(func() error {
		c.App.fallback.ServeHTTP(c.writer, r)
		return nil
	})
	page := pageOf(err)
	if raised, ok := err.(*panicError); ok && page == nil {
		panic(raised.value)
	}
	return page
}

var errFallback = errors.New("decant: the page for what a Fallback aborted with wanted to change the session, which is not saved there; change it in a view of this application")

func (c *Context) fallbackPage(page *HTTPError) (*Response, error) {
	response, err := c.pageFor(page)
	if err != nil {
		return nil, err
	}
	c.runDeferred(response, 0)
	if err := c.saveSession(response); err != nil {
		return nil, err
	}
	return response, response.check()
}

// LegacyOption is a setting of [Legacy].
type LegacyOption interface{ applyToLegacy(*legacy) }

type legacyOption func(*legacy)

func (o legacyOption) applyToLegacy(l *legacy) { o(l) }

// LegacyConnections is how many connections to the old application may be open at
// once: 512 by default. Streams and WebSockets hold one each. A request beyond
// that waits until one is free or its client has gone.
func LegacyConnections(n int) LegacyOption {
	return legacyOption(func(l *legacy) { l.maxConnections = n })
}

// LegacyTransport sends the requests with a transport of your own, for TLS with a
// private certificate or for tests. LegacyConnections does not hold for it.
func LegacyTransport(transport http.RoundTripper) LegacyOption {
	return legacyOption(func(l *legacy) { l.transport = transport })
}

// legacy is the proxy to an application that has not moved yet.
type legacy struct {
	address        string // as it was given, for messages
	url            *url.URL
	socket         string // the path of a unix socket, or ""
	maxConnections int
	transport      http.RoundTripper
}

// Legacy returns a handler that passes requests on to the application at an
// address, such as a Flask application that is moving:
//
//	app.Fallback(decant.Legacy("http://127.0.0.1:8000"))
//
// The address is a URL with http or https, or "unix:/run/shop.sock" for a socket
// of that path; anything else panics.
//
// The application sees the request as the client sent it, with its Host, path and
// query, but without headers whose names have underscores. It learns the visitor's
// address, scheme and host from X-Forwarded-For, -Proto and -Host, for which it
// needs Werkzeug's ProxyFix with one hop each. Where [ProxyFix] trusts proxies in
// front of this program, what they sent is passed on as it is; everything else in
// such headers, and in X-Real-IP, comes from the client and is replaced or left out.
// Event streams, and other answers without a length, are passed on piece by piece,
// and so are WebSockets.
//
// If the application does not answer, the client gets the page for 502, and the
// log has the reason. The debug page names the address. A request that may be
// repeated (GET, HEAD, OPTIONS, TRACE, PUT or DELETE, without a body) is sent again if
// its connection had been idle and was closed before a byte of the answer came. So is
// another one without a body that has an Idempotency-Key.
func Legacy(address string, options ...LegacyOption) http.Handler {
	l := &legacy{address: address, maxConnections: 512}
	l.readAddress()
	mustBeOptions("Legacy", options)
	for _, option := range options {
		option.applyToLegacy(l)
	}
	if l.maxConnections < 1 {
		panic(fmt.Sprintf("decant: Legacy with LegacyConnections(%d): at least one connection is needed", l.maxConnections))
	}
	if l.transport == nil {
		l.transport = l.newTransport()
	}
	return &legacyHandler{httputil.ReverseProxy{Rewrite: l.rewrite, Transport: l.transport, ErrorHandler: l.fail}}
}

// legacyHandler is what Legacy returns, so that an App knows it.
type legacyHandler struct{ httputil.ReverseProxy }

func (l *legacy) readAddress() {
	if socket, ok := strings.CutPrefix(l.address, "unix:"); ok && socket != "" {
		l.socket, l.url = socket, &url.URL{Scheme: "http", Host: "localhost"}
		return
	}
	var err error
	l.url, err = url.Parse(l.address)
	if err != nil || l.url.Scheme != "http" && l.url.Scheme != "https" || l.url.Host == "" || strings.Trim(l.url.Path, "/") != "" || l.url.RawQuery != "" || l.url.User != nil {
		panic(fmt.Sprintf("decant: Legacy(%q): pass the address of the old application without a path, such as \"http://127.0.0.1:8000\" or \"unix:/run/shop.sock\"", l.address))
	}
}

// newTransport returns a transport that closes idle connections early, because
// Python's servers do so after two seconds, and a POST on a connection that is
// being closed cannot be repeated.
func (l *legacy) newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	dial := dialer.DialContext
	if l.socket != "" {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", l.socket)
		}
	}
	return &http.Transport{
		DialContext:         dial,
		DisableCompression:  true, // the client and the application agree on that
		MaxConnsPerHost:     l.maxConnections,
		MaxIdleConnsPerHost: l.maxConnections,
		IdleConnTimeout:     time.Second,
		TLSHandshakeTimeout: 5 * time.Second,
	}
}

// rewrite says where the request goes. ReverseProxy has removed the headers of
// other proxies, and parts of the query that Go reads in another way than Python.
func (l *legacy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = l.url.Scheme, l.url.Host
	r.Out.URL.RawQuery, r.Out.URL.ForceQuery = r.In.URL.RawQuery, r.In.URL.ForceQuery
	r.Out.Host = r.In.Host
	o := originOf(r.In)
	removeClaims(r.Out.Header, o.trusted != Hops{})
	forward(r, "X-Forwarded-For", o.trusted.For > 0, withoutPort(r.In.RemoteAddr))
	forward(r, "X-Forwarded-Proto", o.trusted.Proto > 0, schemeOf(r.In))
	forward(r, "X-Forwarded-Host", o.trusted.Host > 0, r.In.Host)
	forward(r, "X-Forwarded-Port", o.trusted.Port > 0, "")
	forward(r, "X-Forwarded-Prefix", o.trusted.Prefix > 0 && !o.mounted, encodedPath(o.root))
	allowRepeating(r.Out)
}

// allowRepeating tells the transport that a PUT or DELETE without a body may be sent
// again, as a GET may. The transport reads that from a header, which it does not send
// if it has no values. It repeats a request only on a connection that was idle before
// and brought no byte of an answer.
func allowRepeating(r *http.Request) {
	const name = "Idempotency-Key"
	isIdempotent := r.Method == http.MethodPut || r.Method == http.MethodDelete
	if _, isSent := r.Header[name]; isIdempotent && r.Body == nil && !isSent {
		r.Header[name] = nil
	}
}

// removeClaims takes out what a client may claim about itself by other headers than
// those that forward sets: X-Real-IP and its like are a proxy's if there is one. Names
// with underscores are left out, as nginx does by default: an old server of WSGI takes
// X_Forwarded_For for X-Forwarded-For, and Content_Length for Content-Length.
func removeClaims(headers http.Header, hasProxy bool) {
	for name := range headers {
		isClaim := !hasProxy && (strings.HasPrefix(name, "X-Forwarded-") || name == "X-Real-Ip")
		if isClaim || strings.Contains(name, "_") {
			delete(headers, name)
		}
	}
}

// forward sends a header as a trusted proxy sent it, or else with a value of our
// own, or not at all if that is empty.
func forward(r *httputil.ProxyRequest, name string, isTrusted bool, own string) {
	sent := r.In.Header[name]
	switch {
	case isTrusted && len(sent) > 0:
		r.Out.Header[name] = sent
	case own != "":
		r.Out.Header[name] = []string{own}
	default:
		delete(r.Out.Header, name)
	}
}

// fail answers where the application did not.
func (l *legacy) fail(_ http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has gone, or the program ends
	}
	page := NewHTTPError(http.StatusBadGateway)
	page.Original = err
	page.advice = &advice{text: fmt.Sprintf("the old application at %s does not answer %s: %v. Start it, or correct the address that decant.Legacy got", l.address, onOneLine(shortened(r.URL.Path)), err)}
	panic(page)
}

// Hops says how many proxies in front of the server add to each X-Forwarded
// header. Zero ignores the header. Too large a number trusts values that clients
// can forge.
type Hops struct {
	// For counts those that add the client's address to X-Forwarded-For.
	For int
	// Proto counts those that set X-Forwarded-Proto.
	Proto int
	// Host counts those that set X-Forwarded-Host.
	Host int
	// Port counts those that set X-Forwarded-Port.
	Port int
	// Prefix counts those that set X-Forwarded-Prefix.
	Prefix int
}

// ProxyFix is middleware that makes a request look as it did to the outermost
// trusted proxy:
//
//	app.Use(decant.ProxyFix(decant.Hops{For: 1, Proto: 1}))
//
// It sets RemoteAddr, to the address as the proxy wrote it and mostly without
// a port, and Host; scheme and prefix show in URLs, redirects and
// [Request.ScriptRoot]. A value that is missing or malformed changes nothing, with
// one exception: an address that cannot be read makes RemoteAddr empty, because the
// proxy's own address may be trusted where the client's is not.
// It mirrors Werkzeug's ProxyFix, except that it trusts no header by default.
func ProxyFix(hops Hops) func(http.Handler) http.Handler {
	if min(hops.For, hops.Proto, hops.Host, hops.Port, hops.Prefix) < 0 {
		panic(fmt.Sprintf("decant: ProxyFix got %+v; count the proxies that add to each header, and leave out those that none adds to", hops))
	}
	return func(next http.Handler) http.Handler {
		if hops == (Hops{}) {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, hops.apply(r))
		})
	}
}

func (h Hops) apply(r *http.Request) *http.Request {
	before := originOf(r)
	counts := header.ProxyCounts{For: h.For, Proto: h.Proto, Host: h.Host, Port: h.Port, Prefix: h.Prefix}
	reported := counts.Apply(r.Header, header.Origin{
		RemoteAddr: r.RemoteAddr,
		Scheme:     before.scheme,
		Host:       r.Host,
		Prefix:     before.root,
	})
	before.trusted = h
	before.scheme, before.root = reported.Scheme, strings.TrimRight(reported.Prefix, "/")
	fixed := before.attach(r)
	fixed.RemoteAddr, fixed.Host = reported.RemoteAddr, reported.Host
	return fixed
}

// crossOriginProtection returns the check of cross-origin requests, or nil if it
// is switched off.
func (c *Config) crossOriginProtection() *http.CrossOriginProtection {
	if c.AllowCrossOrigin {
		return nil
	}
	protection := http.NewCrossOriginProtection()
	for _, origin := range c.TrustedOrigins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(fmt.Sprintf("decant: Config.TrustedOrigins: %v; write an origin such as \"https://app.example.com\"", err))
		}
	}
	return protection
}

// checkOrigin returns a 403 for an unsafe request of another origin's page.
func (c *Context) checkOrigin() error {
	if c.App.crossOrigin == nil || c.Request.Method == http.MethodGet {
		return nil
	}
	if h := c.Request.Header; h["Sec-Fetch-Site"] == nil && h["Origin"] == nil {
		return nil // no browser has sent it, as net/http's check sees it
	}
	if c.App.crossOrigin.Check(c.Request.Request) == nil {
		return nil
	}
	e := NewHTTPError(http.StatusForbidden, "This request was sent by a page of another site. Use the site's own pages, or add the other origin to the trusted ones.")
	e.advice = &advice{text: c.adviceOnOrigin()}
	return e
}

// adviceOnOrigin names the two origins of a request that was refused.
func (c *Context) adviceOnOrigin() string {
	own := shortened(c.scheme() + "://" + c.Request.Host)
	foreign := c.Request.Header.Get("Origin")
	if !strings.Contains(foreign, "://") {
		return fmt.Sprintf("a page of another origin, which the browser does not name, sent this request to %q. Config.TrustedOrigins cannot list such pages, as those of a file or of a sandboxed frame; Config.AllowCrossOrigin admits all", own)
	}
	foreign = shortened(foreign)
	return fmt.Sprintf("a page of %q sent this request to %q. If it may, add %[1]q to Config.TrustedOrigins. If the two are the same site, a proxy does not pass the Host that the browser sent: let it pass Host (in nginx: proxy_set_header Host $host), or X-Forwarded-Host and use decant.ProxyFix", foreign, own)
}

// shortened cuts a string of the client that is long, for a log entry.
func shortened(text string) string {
	const enough = 200
	if len(text) > enough {
		return text[:enough] + "…"
	}
	return text
}

// AccessLog is middleware that logs each request once it is answered, as the
// line that Flask's development server prints, and with how long it took:
//
//	app.Use(decant.AccessLog(nil))
//
//	127.0.0.1 - - [24/Nov/2026 03:22:19] "GET /login?next=/ HTTP/1.1" 200 -
//
// The line holds the address as the client wrote it, query included, so keep
// secrets out of queries. Characters with which a client could forge a line are
// escaped.
// The status is "-" where the connection was cut before an answer, and 101
// where a handler took the connection over. Behind a
// proxy, add it after [ProxyFix] to see the client's address. Probes of package
// health are left out. A nil logger means slog.Default().
func AccessLog(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			watched := &watchedWriter{ResponseWriter: w}
			defer func() {
				if watched.isSkipped {
					return
				}
				cmp.Or(logger, slog.Default()).InfoContext(r.Context(), accessLine(r, watched.status, began), "duration", time.Since(began))
			}()
			next.ServeHTTP(watched, r)
			watched.begin(http.StatusOK)
		})
	}
}

// accessLine formats a line of the log as Werkzeug's server does.
func accessLine(r *http.Request, status int, at time.Time) string {
	host := cmp.Or(withoutPort(r.RemoteAddr), "-")
	request := strconv.QuoteToASCII(r.Method + " " + cmp.Or(r.RequestURI, r.URL.RequestURI()) + " " + r.Proto)
	code := "-"
	if status != 0 {
		code = strconv.Itoa(status)
	}
	return fmt.Sprintf("%s - - [%s] %s %s -", cmp.Or(onOneLine(host), "-"), at.Format("02/Jan/2006 15:04:05"), request, code)
}

// watchedWriter remembers the status. Its ReadFrom and Unwrap keep the abilities
// of the writer below it, such as sending a file without copying it.
type watchedWriter struct {
	http.ResponseWriter
	status    int // 0 until the answer begins
	isSkipped bool
}

// SkipAccessLog leaves the request out of the log. Package health calls it for
// probes.
func (w *watchedWriter) SkipAccessLog() { w.isSkipped = true }

func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) begin(status int) {
	isFinal := status >= 200 || status == http.StatusSwitchingProtocols
	if w.status == 0 && isFinal {
		w.status = status
	}
}

func (w *watchedWriter) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(data []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(data)
}

func (w *watchedWriter) WriteString(text string) (int, error) {
	w.begin(http.StatusOK)
	return io.WriteString(w.ResponseWriter, text)
}

func (w *watchedWriter) ReadFrom(body io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	return io.Copy(w.ResponseWriter, body)
}

// Hijack serves handlers that look for an http.Hijacker, such as those of
// WebSockets. Bytes that are written from then on are not seen.
func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begin(http.StatusSwitchingProtocols)
	}
	return connection, buffered, err
}

// Flush serves handlers that look for an http.Flusher.
func (w *watchedWriter) Flush() {
	w.begin(http.StatusOK)
	http.NewResponseController(w.ResponseWriter).Flush()
}
