package decant

import (
	"errors"
	"iter"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/utf8text"
)

// Request is what the client sent: Flask's request. It embeds the
// *http.Request, so Method, URL, Header and RemoteAddr are there as ever, and
// so is Body, bounded by Config.MaxContentLength. Cookies, Args, Form and the
// others are read when they are first asked for; use them instead of net/http's
// ParseForm, FormValue and FormFile, which take the body for themselves. Nothing
// behind the ContentLength is read: middleware that unpacks a body sets it to
// the new length, or to -1.
type Request struct {
	*http.Request
	// Path is the decoded path, which is what rules match: "/user/ann". It is
	// valid UTF-8; what was not is U+FFFD.
	Path string
	// Cookies are those of the Cookie header: request.cookies.
	Cookies Cookies
	// Args are the parameters of the query string: request.args.
	Args Values
	// Form holds the fields of a urlencoded or multipart body, whatever the
	// method: request.form.
	Form Values
	// Files are the files of a multipart body: request.files.
	Files Files
	// Values are Args, and after them Form unless the method is GET, so that a
	// name that occurs in both has the value of the URL: request.values.
	Values Values

	context *Context
}

func (r *Request) attach(c *Context, raw *http.Request) {
	r.context = c
	if raw.ContentLength != 0 && raw.Body != nil && raw.Body != http.NoBody {
		raw = r.withBoundedBody(raw)
	}
	if method := strings.ToUpper(raw.Method); method != raw.Method {
		upper := *raw
		upper.Method = method
		raw = &upper
	}
	r.Request = raw
	r.Path = utf8text.Replace(raw.URL.Path)
	r.Cookies.request = raw
	r.Args = Values{r, (*Request).args}
	r.Form = Values{r, (*Request).form}
	r.Files = Files{r}
	r.Values = Values{r, (*Request).values}
}

// Endpoint is the name of the view that the URL belongs to, or "" where no
// rule matches.
func (r *Request) Endpoint() string {
	if e := r.context.endpoint(); e != nil {
		return e.name
	}
	return ""
}

// URLRule is the text of the rule that the URL matches, such as "/user/<name>",
// or "" where none does: request.url_rule.rule.
func (r *Request) URLRule() string {
	if matched := r.context.match.Rule; matched != nil {
		return matched.Text
	}
	return ""
}

// ViewArgs returns a copy of all view arguments, as their converters made them,
// or nil where no rule matches: request.view_args. [Context.Param] and its
// kin read a single one.
func (r *Request) ViewArgs() H {
	if values, preprocessed := viewArgs.Lookup(r.context); preprocessed {
		return maps.Clone(values)
	}
	return r.context.match.Values()
}

// RoutingError is why no rule matches: an *HTTPError with status 404 or 405,
// or another error where the URL is redirected or cannot be looked up. It is
// nil if a rule matches. Before-request functions can look at it before it
// becomes the answer. It mirrors request.routing_exception.
func (r *Request) RoutingError() error {
	err := r.context.routingError()
	var refusal *rule.NotAllowed
	switch {
	case errors.As(err, &refusal):
		return methodNotAllowed(refusal.Methods)
	case errors.Is(err, rule.ErrNotFound):
		return NewHTTPError(http.StatusNotFound)
	}
	return err
}

// close removes the files that an upload left on disk.
func (r *Request) close() {
	if form := r.MultipartForm; form != nil {
		form.RemoveAll() // net/http knows only the request that this one may be a copy of
	}
	body := r.seen().body
	if body == nil || body.multipart == nil {
		return
	}
	if err := body.multipart.Remove(); err != nil {
		r.context.logError("Removing uploaded files failed", err)
	}
}

// input is what was read of a request so far.
type input struct {
	args      []formdata.Pair
	argsError error
	hasArgs   bool
	body      *body // nil until the body, or one of its limits, is touched
}

// input returns what was read so far, for writing.
func (r *Request) input() *input { return &r.context.take().input }

// noInput is what everyday requests have. It is never written.
var noInput input

// seen is input for those who only read.
func (r *Request) seen() *input {
	if r.context.notes == nil {
		return &noInput
	}
	return &r.context.notes.input
}

// Scheme is "http" or "https", or what a proxy says that [ProxyFix] trusts:
// request.scheme.
func (r *Request) Scheme() string { return r.context.scheme() }

// IsSecure reports whether the client's connection is encrypted:
// request.is_secure.
func (r *Request) IsSecure() bool {
	scheme := r.Scheme()
	return scheme == "https" || scheme == "wss"
}

// FullURL is the whole URL of the request, in a form for people to read:
// request.url. Here as in BaseURL, RootURL and HostURL, the host is the client's
// choice unless Config.TrustedHosts lists the right ones; one that is
// malformed is left out.
func (r *Request) FullURL() string { return r.currentURL(r.ScriptRoot(), r.Path, r.URL.RawQuery) }

// BaseURL is FullURL without the query: request.base_url.
func (r *Request) BaseURL() string { return r.currentURL(r.ScriptRoot(), r.Path, "") }

// RootURL is the URL of the application, with a slash at its end:
// request.root_url and request.url_root.
func (r *Request) RootURL() string { return r.currentURL(r.ScriptRoot(), "/", "") }

// HostURL is the URL of the host, with a slash at its end: request.host_url.
func (r *Request) HostURL() string { return r.currentURL("", "/", "") }

func (r *Request) currentURL(root, path, query string) string {
	return header.CurrentURL(r.Scheme(), r.host(), root, path, query)
}

// host is the one of the request, without a port that goes without saying, or
// "" where it is malformed or not trusted.
func (r *Request) host() string {
	host, _ := header.Host(r.Scheme(), r.Host, r.context.App.trustedHosts)
	return host
}

// FullPath is the path with the query, and with a "?" even where there is none:
// request.full_path. It is text for people; to send somebody back, pass
// URL.RequestURI() or the Referer to [Context.SafeNext].
func (r *Request) FullPath() string { return r.Path + "?" + r.URL.RawQuery }

// AccessRoute lists the addresses from the client's to that of the last proxy,
// as the X-Forwarded-For header tells them, or else the one of the connection:
// request.access_route. Anybody can send such a header: do not decide anything
// by it, and use [ProxyFix] and RemoteAddr instead.
func (r *Request) AccessRoute() []string {
	if lines := r.Header["X-Forwarded-For"]; len(lines) > 0 {
		return header.ParseList(strings.Join(lines, ","))
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return []string{host}
	}
	return slices.DeleteFunc([]string{r.RemoteAddr}, func(address string) bool { return address == "" })
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

// MIMEType is the type of the body in lower case, without its parameters, such
// as "application/json", or "": request.mimetype.
func (r *Request) MIMEType() string { return formdata.MediaType(r.Header.Get("Content-Type")) }

// MIMETypeParameters are the parameters of the Content-Type, such as "charset",
// with names in lower case: request.mimetype_params.
func (r *Request) MIMETypeParameters() map[string]string {
	_, parameters := header.ParseOptions(r.Header.Get("Content-Type"))
	return valuesOf(parameters)
}

func valuesOf(parameters header.Parameters) map[string]string {
	values := make(map[string]string, len(parameters))
	for _, parameter := range parameters {
		values[parameter.Name] = parameter.Value
	}
	return values
}

// Accept is what a client says that it takes, in order of preference:
// Werkzeug's Accept. Without the header it is empty and matches nothing.
type Accept struct{ accept header.Accept }

// BestMatch returns the offer that the client likes best, the first of equals,
// or "" if it takes none of them or has not said: best_match. An offer to
// [Request.AcceptMIMETypes] that is not like "text/html" is a mistake in the
// program and panics.
func (a Accept) BestMatch(offers ...string) string {
	best, _ := a.accept.BestMatch(offers...)
	return best
}

// Quality is how much the client likes an offer, from 0, not at all, to 1.
func (a Accept) Quality(offer string) float64 { return a.accept.Quality(offer) }

// All yields what the header lists with its quality, the most specific first.
func (a Accept) All() iter.Seq2[string, float64] { return a.accept.All() }

// BestMatch returns the MIME type that the client likes best among those that
// are offered, the first of equals, or "" if it takes none of them or has not
// said: request.accept_mimetypes.best_match.
func (r *Request) BestMatch(offers ...string) string {
	return r.AcceptMIMETypes().BestMatch(offers...)
}

// AcceptMIMETypes is the Accept header: request.accept_mimetypes.
func (r *Request) AcceptMIMETypes() Accept { return Accept{header.ParseMIMEAccept(r.field("Accept"))} }

// AcceptLanguages is the Accept-Language header: request.accept_languages. "-"
// and "_" are the same, and "en" also matches "en-GB" where nothing fits better.
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

// Authorization is the Authorization header: Werkzeug's Authorization.
type Authorization struct {
	// Scheme is in lower case: "basic", "bearer".
	Scheme string
	// Username and Password are those of the scheme basic.
	Username, Password string
	// Token is that of schemes like bearer.
	Token string
	// Parameters are those of schemes like digest. It may be nil.
	Parameters map[string]string
}

// Authorization returns the credentials that came with the request, and
// whether there are any that can be read: request.authorization. Nobody has
// checked them; compare passwords and tokens in constant time.
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

// CacheControl are the directives of the Cache-Control header with their
// values, which may be empty: request.cache_control. To look for one:
//
//	_, fresh := c.Request.CacheControl()["no-cache"]
func (r *Request) CacheControl() map[string]string {
	directives := header.ParseCacheControl(r.field("Cache-Control"))
	return valuesOf(directives.Directives())
}

// ETags is a list of entity tags that a client has: Werkzeug's ETags. Tags are
// passed without quotes.
type ETags struct{ list header.ETagList }

// Contains reports whether a tag is in the list as a strong one, or the list is
// "*".
func (e ETags) Contains(etag string) bool { return e.list.Contains(etag) }

// ContainsWeak is Contains that takes weak tags too.
func (e ETags) ContainsWeak(etag string) bool { return e.list.ContainsWeak(etag) }

// IfMatch is the If-Match header: request.if_match.
func (r *Request) IfMatch() ETags { return ETags{header.ETagList(r.field("If-Match"))} }

// IfNoneMatch is the If-None-Match header: request.if_none_match.
func (r *Request) IfNoneMatch() ETags { return ETags{header.ETagList(r.field("If-None-Match"))} }

// IfModifiedSince is the date of that header, zero where there is none:
// request.if_modified_since.
func (r *Request) IfModifiedSince() time.Time { return r.dateField("If-Modified-Since") }

// IfUnmodifiedSince is the date of that header, zero where there is none:
// request.if_unmodified_since.
func (r *Request) IfUnmodifiedSince() time.Time { return r.dateField("If-Unmodified-Since") }

// Date is when the client says that it sent the request, zero where it does
// not: request.date.
func (r *Request) Date() time.Time { return r.dateField("Date") }

func (r *Request) dateField(name string) time.Time {
	date, _ := httpdate.Parse(r.field(name))
	return date
}

// Range returns which part of a body of a length in bytes the Range header asks
// for: from start up to, and without, end. It is not ok where there is no such
// header, or one that asks for anything but a single piece that is there:
// request.range.range_for_length.
func (r *Request) Range(length int64) (start, end int64, ok bool) {
	ranges, ok := header.ParseRange(r.field("Range"))
	if !ok {
		return 0, 0, false
	}
	return ranges.Satisfy(length)
}
