package decant

import (
	"errors"
	"iter"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/rule"
)

// Request is a client's request. It embeds the *http.Request, so it has Method,
// URL, Header, RemoteAddr and Body; the Body is bounded by
// Config.MaxContentLength.
//
// Its Pattern is the method and the rule, such as "GET /user/<name>", or "" if no
// rule matches. Middleware finds it in its own request once the application has
// answered, and can name traces and measurements by it.
//
// Cookies, Args, Form and the others are read at their first use. Use them
// instead of net/http's ParseForm, FormValue and FormFile, which would use up the
// body. Nothing beyond the ContentLength is read: middleware that decompresses a
// body must set the ContentLength to the new length, or to -1.
//
// It mirrors Flask's request.
type Request struct {
	*http.Request
	// Cookies are the cookies of the Cookie header: request.cookies.
	Cookies Cookies
	// Args are the parameters of the query string: request.args.
	Args Values
	// Form holds the fields of a urlencoded or multipart body, for any method:
	// request.form.
	Form Values
	// Files are the files of a multipart body: request.files.
	Files Files
	// Values are Args and then Form; if a name occurs in both, Get returns the
	// value of the URL. The Form of a GET is left out. It mirrors
	// request.values.
	Values Values

	context *Context
	extras  *requestExtras // nil until one is needed
}

// adapt bounds the body of the HTTP request, and puts its method into upper case. It
// changes a copy.
func (r *Request) adapt() {
	if raw := r.Request; raw.ContentLength != 0 && raw.Body != nil && raw.Body != http.NoBody {
		r.Request = r.withBoundedBody(raw)
	}
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodHead:
		return
	}
	if method := strings.ToUpper(r.Method); method != r.Method {
		upper := *r.Request
		upper.Method = method
		r.Request = &upper
	}
}

// rooted returns the request with a path that begins with one slash.
func rooted(r *http.Request) *http.Request {
	if path := r.URL.Path; path == "" || path[0] != '/' || strings.HasPrefix(path, "//") {
		return withSingleSlash(r)
	}
	return r
}

// withSingleSlash begins the path with one slash, as Werkzeug does, so that
// middleware, mounts, hooks and rules all see the same path, and "//admin/" does
// not get past a guard of "/admin/".
func withSingleSlash(r *http.Request) *http.Request {
	rooted := *r
	location := *r.URL
	location.Path, location.RawPath = "/"+strings.TrimLeft(location.Path, "/"), ""
	rooted.URL = &location
	return &rooted
}

// Path is the decoded path, such as "/user/ann". Rules match it. It is valid UTF-8:
// U+FFFD replaces other bytes. It mirrors request.path.
func (r *Request) Path() string { return pytext.ReplaceInvalid(r.URL.Path) }

// Endpoint is the name of the view for the URL, or "" if no rule matches. It
// mirrors request.endpoint.
func (r *Request) Endpoint() string {
	if e := r.context.endpoint(); e != nil {
		return e.name
	}
	return ""
}

// URLRule is the rule that the URL matches, such as "/user/<name>", or "" if no
// rule matches. It mirrors request.url_rule.rule.
func (r *Request) URLRule() string {
	if matched := r.context.match.Rule; matched != nil {
		return matched.Text
	}
	return ""
}

// ViewArgs returns a copy of all view arguments, with the values of their
// converters, or nil if no rule matches. [Context.Param] reads a single argument.
// It mirrors request.view_args.
func (r *Request) ViewArgs() H {
	if values, preprocessed := viewArgs.Lookup(r.context); preprocessed {
		return maps.Clone(values)
	}
	return r.context.match.Values()
}

// RoutingError returns the reason why no rule matches, or nil if a rule matches.
// It is an *HTTPError with status 404 or 405, or another error if the URL is
// redirected or cannot be looked up. Before-request functions can look at it
// before it becomes the answer. It mirrors request.routing_exception.
func (r *Request) RoutingError() error {
	err := r.context.routingError()
	var refusal *rule.NotAllowed
	switch {
	case errors.As(err, &refusal):
		return methodNotAllowed(r.Method, refusal)
	case errors.Is(err, rule.ErrNotFound):
		return NewHTTPError(http.StatusNotFound)
	}
	return err
}

// close removes the uploaded files from the disk.
func (r *Request) close() {
	if form := r.MultipartForm; form != nil {
		form.RemoveAll() // this request may be a copy, and net/http cleans up the original only
	}
	body := r.readExtras().body
	if body == nil || body.multipart == nil {
		return
	}
	if err := body.multipart.Remove(); err != nil {
		r.context.logError("Removing uploaded files failed", err)
	}
}

// requestExtras holds the parts of a request that were read so far. It is made on
// demand.
type requestExtras struct {
	args      pairs
	argsError error
	hasArgs   bool
	cookies   *pairs // nil if there are few, or nobody has asked
	body      *body  // nil until the body, or one of its limits, is touched
}

// needExtras returns the extras for writing and makes them if there are none.
func (r *Request) needExtras() *requestExtras {
	if r.extras == nil {
		r.extras = new(requestExtras)
	}
	return r.extras
}

// noRequestExtras is what readExtras returns for most requests. It is never written.
var noRequestExtras requestExtras

// readExtras returns the extras for reading.
func (r *Request) readExtras() *requestExtras {
	if r.extras == nil {
		return &noRequestExtras
	}
	return r.extras
}

// Scheme is "http" or "https". A proxy that [ProxyFix] trusts can set it. It
// mirrors request.scheme.
func (r *Request) Scheme() string { return r.context.scheme() }

// IsSecure reports whether the client's connection is encrypted:
// request.is_secure.
func (r *Request) IsSecure() bool {
	scheme := r.Scheme()
	return scheme == "https" || scheme == "wss"
}

// FullURL is the whole URL of the request, in a readable form. In FullURL,
// BaseURL, RootURL and HostURL the client can choose the host, unless
// Config.TrustedHosts lists the right ones. A malformed host is left out. It
// mirrors request.url.
func (r *Request) FullURL() string { return r.currentURL(r.ScriptRoot(), r.Path(), r.URL.RawQuery) }

// BaseURL is FullURL without the query: request.base_url.
func (r *Request) BaseURL() string { return r.currentURL(r.ScriptRoot(), r.Path(), "") }

// RootURL is the URL of the application, with a slash at its end:
// request.root_url and request.url_root.
func (r *Request) RootURL() string { return r.currentURL(r.ScriptRoot(), "/", "") }

// HostURL is the URL of the host, with a slash at its end: request.host_url.
func (r *Request) HostURL() string { return r.currentURL("", "/", "") }

func (r *Request) currentURL(root, path, query string) string {
	return header.CurrentURL(r.Scheme(), r.host(), root, path, query)
}

// host is the host of the request without the default port, or "" if it is
// malformed or not trusted.
func (r *Request) host() string {
	host, _ := header.Host(r.Scheme(), r.Host, r.context.App.trustedHosts)
	return host
}

// FullPath is the path and the query, in a readable form. It has a "?" even
// without a query. For a redirect, pass URL.RequestURI() or the Referer to
// [Context.SafeNext] instead. It mirrors request.full_path.
func (r *Request) FullPath() string { return r.Path() + "?" + r.URL.RawQuery }

// AccessRoute lists the addresses of the X-Forwarded-For header, from the
// client's to that of the last proxy. Without the header it is the address of the
// connection. Clients can forge the header: do not decide anything by it, and use
// [ProxyFix] and [Request.RemoteIP] instead. It mirrors request.access_route.
func (r *Request) AccessRoute() []string {
	if lines := r.Header["X-Forwarded-For"]; len(lines) > 0 {
		return header.ParseList(strings.Join(lines, ","))
	}
	if ip := r.RemoteIP(); ip != "" {
		return []string{ip}
	}
	return nil
}

// RemoteIP is the address of the client without its port, such as "203.0.113.7" or
// "::1". It is that of the connection, or the one that [ProxyFix] took from a
// trusted proxy, and "" for a unix socket. It mirrors request.remote_addr.
func (r *Request) RemoteIP() string { return withoutPort(r.RemoteAddr) }

// withoutPort returns the address of a client without its port.
func withoutPort(address string) string {
	if address == "@" { // which net/http gives for a unix socket
		return ""
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]") // ProxyFix leaves no port
}

// field is the value of a header, with repeated lines joined by commas. The
// name must be canonical.
func (r *Request) field(name string) string {
	lines := r.Header[name]
	if len(lines) == 1 {
		return lines[0]
	}
	return strings.Join(lines, ",")
}

// contentType is the first Content-Type header, or "".
func (r *Request) contentType() string {
	if lines := r.Header["Content-Type"]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// MIMEType is the type of the body in lower case, without its parameters, such
// as "application/json", or "": request.mimetype.
func (r *Request) MIMEType() string { return formdata.MediaType(r.contentType()) }

// MIMETypeParameters are the parameters of the Content-Type, such as "charset",
// with names in lower case: request.mimetype_params.
func (r *Request) MIMETypeParameters() map[string]string {
	_, parameters := header.ParseOptions(r.contentType())
	return valuesOf(parameters)
}

func valuesOf(parameters header.Parameters) map[string]string {
	values := make(map[string]string, len(parameters))
	for _, parameter := range parameters {
		values[parameter.Name] = parameter.Value
	}
	return values
}

// Accept is a header that lists what the client accepts, in order of preference.
// Without the header it is empty and matches nothing. It mirrors Werkzeug's
// Accept.
type Accept struct{ accept header.Accept }

// BestMatch returns the offer that the client likes best, and the first one of
// equals. It returns "" if the client accepts no offer or did not send the
// header. It panics if an offer to [Request.AcceptMIMETypes] is not a type such as
// "text/html". It mirrors best_match.
func (a Accept) BestMatch(offers ...string) string {
	best, _ := a.accept.BestMatch(offers...)
	return best
}

// Quality is how much the client likes an offer, from 0, not at all, to 1.
func (a Accept) Quality(offer string) float64 { return a.accept.Quality(offer) }

// All yields the items of the header and their quality, the most specific first.
func (a Accept) All() iter.Seq2[string, float64] { return a.accept.All() }

// BestMatch returns the MIME type that the client likes best among the offers, and
// the first one of equals. It returns "" if the client accepts no offer or did not
// send an Accept header. It mirrors request.accept_mimetypes.best_match.
func (r *Request) BestMatch(offers ...string) string {
	return r.AcceptMIMETypes().BestMatch(offers...)
}

// AcceptMIMETypes is the Accept header: request.accept_mimetypes.
func (r *Request) AcceptMIMETypes() Accept { return Accept{header.ParseMIMEAccept(r.field("Accept"))} }

// AcceptLanguages is the Accept-Language header: request.accept_languages. "-"
// and "_" are the same, and "en" also matches "en-GB" if no offer fits better.
func (r *Request) AcceptLanguages() Accept {
	return Accept{header.ParseLanguageAccept(r.field("Accept-Language"))}
}

// AcceptEncodings is the Accept-Encoding header: request.accept_encodings.
func (r *Request) AcceptEncodings() Accept {
	return Accept{header.ParseEncodingAccept(r.field("Accept-Encoding"))}
}

// AcceptCharsets is the Accept-Charset header: request.accept_charsets.
func (r *Request) AcceptCharsets() Accept {
	return Accept{header.ParseCharsetAccept(r.field("Accept-Charset"))}
}

// Authorization is a parsed Authorization header. It mirrors Werkzeug's
// Authorization.
type Authorization struct {
	// Scheme is in lower case: "basic", "bearer".
	Scheme string
	// Username and Password are set for the scheme "basic".
	Username, Password string
	// Token is set for schemes such as "bearer".
	Token string
	// Parameters are set for schemes such as "digest", and may be nil.
	Parameters map[string]string
}

// Authorization returns the credentials of the request, and whether there are
// credentials that can be read. Nobody has checked them: compare passwords and
// tokens in constant time. It mirrors request.authorization.
func (r *Request) Authorization() (Authorization, bool) {
	read, ok := header.ParseAuthorization(r.field("Authorization"))
	if !ok {
		return Authorization{}, false
	}
	authorization := Authorization{Scheme: read.Scheme, Username: read.Username, Password: read.Password, Token: read.Token}
	if read.Parameters != nil {
		authorization.Parameters = valuesOf(read.Parameters)
	}
	return authorization, true
}

// CacheControl returns the directives of the Cache-Control header and their
// values, which may be empty. To look for a directive:
//
//	_, fresh := c.Request.CacheControl()["no-cache"]
//
// It mirrors request.cache_control.
func (r *Request) CacheControl() map[string]string {
	directives := header.ParseCacheControl(r.field("Cache-Control"))
	return valuesOf(directives.Directives())
}

// ETags is a list of entity tags from the client. Its methods take tags without
// quotes. It mirrors Werkzeug's ETags.
type ETags struct{ list header.ETagList }

// Contains reports whether the list has a strong tag, or is "*".
func (e ETags) Contains(etag string) bool { return e.list.Contains(etag) }

// ContainsWeak reports whether the list has a strong or a weak tag, or is "*".
func (e ETags) ContainsWeak(etag string) bool { return e.list.ContainsWeak(etag) }

// IfMatch is the If-Match header: request.if_match.
func (r *Request) IfMatch() ETags { return ETags{header.ETagList(r.field("If-Match"))} }

// IfNoneMatch is the If-None-Match header: request.if_none_match.
func (r *Request) IfNoneMatch() ETags { return ETags{header.ETagList(r.field("If-None-Match"))} }

// IfModifiedSince is the date of that header, or the zero time without one. It
// mirrors request.if_modified_since.
func (r *Request) IfModifiedSince() time.Time { return r.dateField("If-Modified-Since") }

// IfUnmodifiedSince is the date of that header, or the zero time without one. It
// mirrors request.if_unmodified_since.
func (r *Request) IfUnmodifiedSince() time.Time { return r.dateField("If-Unmodified-Since") }

// Date is the time at which the client claims to have sent the request, or the
// zero time without that header. It mirrors request.date.
func (r *Request) Date() time.Time { return r.dateField("Date") }

func (r *Request) dateField(name string) time.Time {
	date, _ := httpdate.Parse(r.field(name))
	return date
}

// Range returns the part that the Range header asks for, of a body of that length
// in bytes: from start up to, and without, end. It is not ok without the header,
// for several parts, and for a part that does not exist. It mirrors
// request.range.range_for_length.
func (r *Request) Range(length int64) (start, end int64, ok bool) {
	ranges, ok := header.ParseRange(r.field("Range"))
	if !ok {
		return 0, 0, false
	}
	return ranges.Satisfy(length)
}
