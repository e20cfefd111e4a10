package decant

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Response is the answer to a request. Make one with [Context.MakeResponse] for
// each request: hooks and deferred callbacks change it in place. It mirrors
// Flask's Response.
type Response struct {
	// Status is the status code. The default is 200.
	Status int

	context      *Context
	header       http.Header // nil until someone asks for it
	text         string
	extras       *responseExtras // nil for most responses
	contentType  contentType     // as long as header is nil
	variesCookie bool            // Vary: Cookie, as long as header is nil
	isLent       bool            // header is the map of the server's writer
	isShared     bool            // others than this file's functions may have written to header
}

// contentType is the type of a response that has no header map yet.
type contentType uint8

const (
	noType contentType = iota
	htmlType
	textType
	jsonType
	eventsType
)

// of returns the value of the header.
func (t contentType) of(a *App) string {
	switch t {
	case htmlType:
		return typeHTML
	case textType:
		return typeText
	case jsonType:
		return a.JSON.freeze().mimeType
	case eventsType:
		return typeEvents
	}
	return ""
}

// responseExtras holds the fields that only some responses need. Every request pays for
// the size of its response, so they are made on demand.
type responseExtras struct {
	cookies []string  // Set-Cookie, as long as header is nil
	room    [1]string // for the first of them
	err     error
	data    []byte
	source  any // of a body that is not in memory: *files.Content, stream or http.Handler
}

// noResponseExtras is what readExtras returns for most responses. It is never
// written.
var noResponseExtras responseExtras

// needExtras returns the extras for writing and makes them if there are none.
func (r *Response) needExtras() *responseExtras {
	if r.extras == nil {
		r.extras = new(responseExtras)
	}
	return r.extras
}

// readExtras returns the extras for reading.
func (r *Response) readExtras() *responseExtras {
	if r.extras == nil {
		return &noResponseExtras
	}
	return r.extras
}

// The content types of most answers.
const (
	typeHTML   = "text/html; charset=utf-8"
	typeText   = "text/plain; charset=utf-8"
	typeJSON   = "application/json"
	typeEvents = "text/event-stream"
)

// Text is an answer of plain text. A string is a page of HTML. It mirrors
// Response(text, mimetype="text/plain").
type Text string

// H is a JSON object: map[string]any.
type H = map[string]any

// Header returns the headers of the response, which may be changed until it is
// sent: do not keep the map for longer, because it may be the server's own. If a
// name or value would break out of its line, the request is a 500 and the log
// names the header.
func (r *Response) Header() http.Header {
	r.isShared = true
	return r.ownHeader()
}

// ownHeader is Header for a caller whose header needs no check.
func (r *Response) ownHeader() http.Header {
	if r.header == nil {
		r.header, r.isLent = r.context.lendHeader()
		switch {
		case r.contentType == noType:
		case r.isLent:
			r.context.setContentType(r.header, r.contentType)
		default:
			r.header["Content-Type"] = []string{r.contentType.of(r.context.App)}
		}
		if r.variesCookie {
			r.header["Vary"] = []string{"Cookie"}
		}
		more := r.readExtras()
		if more.cookies != nil {
			r.header["Set-Cookie"] = more.cookies
		}
	}
	return r.header
}

// lendHeader returns the header map for a response: that of the server's writer, if
// nobody has used it, so that the headers need not be copied, or else a new one.
func (c *Context) lendHeader() (h http.Header, isLent bool) {
	if !c.canLendHeader() {
		return make(http.Header, 4), false
	}
	c.session.lent = true
	return c.writer.Header(), true
}

// canLendHeader reports whether nobody has used the header map of the server's
// writer.
func (c *Context) canLendHeader() bool {
	return c != nil && c.writer != nil && !c.session.lent && !c.session.sent && len(c.writer.Header()) == 0
}

// takeBackHeader empties the map of the server's writer, if it was lent to a
// response that is not sent.
func (c *Context) takeBackHeader() {
	if c.session.lent {
		clear(c.writer.Header())
		c.session.lent = false
	}
}

// With sets a header and returns the response:
//
//	return c.MakeResponse("Meh", 400).With("X-Foo", "a"), nil
//
// It replaces the values that the header has; [Response.Header] adds to them.
func (r *Response) With(name, value string) *Response {
	r.Header().Set(name, value)
	return r
}

// SetMIMEType sets the Content-Type. Types of text, such as "text/csv" and
// "application/xml", get "; charset=utf-8", unless the type has parameters of its
// own. It mirrors response.mimetype = "text/csv".
func (r *Response) SetMIMEType(mimeType string) {
	if !strings.Contains(mimeType, ";") {
		mimeType = header.ContentType(mimeType)
	}
	r.Header()["Content-Type"] = []string{mimeType}
}

// isHTML reports whether browsers read the response as HTML.
func (r *Response) isHTML() bool {
	if r.header == nil {
		return r.contentType == htmlType
	}
	contentType := r.header.Get("Content-Type")
	mimeType, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(mimeType), "text/html")
}

// AddVary adds the name of a request header to the Vary header, unless it is
// there already: the answer depends on that header. It mirrors
// response.vary.add(name).
func (r *Response) AddVary(name string) {
	switch isCookie := name == "Cookie"; {
	case isCookie && r.header == nil:
		r.variesCookie = true
		return
	case isCookie && r.header["Vary"] == nil:
		r.header["Vary"] = []string{name}
		return
	}
	h := r.Header()
	h["Vary"] = []string{header.AddToList(strings.Join(h["Vary"], ", "), name)}
}

// AddCacheControl adds directives to the Cache-Control header. A directive
// replaces an earlier one of the same name. r.AddCacheControl("public",
// "max-age=300") mirrors response.cache_control.public = True and .max_age = 300.
func (r *Response) AddCacheControl(directives ...string) {
	h := r.Header()
	control := header.ParseCacheControl(strings.Join(h["Cache-Control"], ", "))
	for _, directive := range directives {
		name, value, hasValue := strings.Cut(directive, "=")
		if hasValue {
			control.Set(name, header.Unquote(value))
		} else {
			control.SetFlag(name)
		}
	}
	h["Cache-Control"] = []string{control.String()}
}

// IsStreamed reports whether the body is made while it is sent. Such a response
// has no [Response.Data].
func (r *Response) IsStreamed() bool { return r.readExtras().source != nil }

// Data returns the body; do not change it in place. The error is for a streamed
// response, whose body does not exist yet. It mirrors get_data.
func (r *Response) Data() ([]byte, error) {
	more := r.readExtras()
	switch {
	case more.source != nil:
		return nil, fmt.Errorf("decant: %w", errNoData)
	case more.data != nil:
		return more.data, nil
	}
	return []byte(r.text), nil
}

var errNoData = errors.New("the response has no data, because its body is made while it is sent; leave alone what IsStreamed, or gather the pieces in the view")

// SetData replaces the body, also that of a streamed response. It mirrors
// set_data.
func (r *Response) SetData(data []byte) {
	more := r.needExtras()
	r.text, more.data, more.source = "", data, nil
}

// SetText replaces the body with a string, also that of a streamed response. It
// mirrors response.data = "text".
func (r *Response) SetText(text string) {
	if r.extras != nil {
		r.extras.data, r.extras.source = nil, nil
	}
	r.text = text
}

// Append adds a string to the end of the body. For a streamed response, whose
// body does not exist yet, it makes the request a 500. It mirrors response.data
// += b"text".
func (r *Response) Append(text string) {
	more := r.readExtras()
	switch {
	case more.source != nil:
		r.fail(fmt.Errorf("Append: %w", errNoData))
	case more.data != nil:
		r.extras.data = append(more.data[:len(more.data):len(more.data)], text...)
	default:
		r.text += text
	}
}

// OnClose runs f at the end of the request, after the teardown functions, in the
// order of registration. It runs f also if the client has gone away or another
// response was sent. It mirrors call_on_close.
func (r *Response) OnClose(f func()) {
	if r.context == nil {
		r.fail(noRequest("OnClose"))
		return
	}
	r.context.closeLater(closeFunc(f))
}

// noRequest is the error for a Response that was made as a struct literal.
func noRequest(method string) error {
	return fmt.Errorf("%s needs the request that is answered; make the response with c.MakeResponse", method)
}

// fail keeps an error until the response is about to be sent.
func (r *Response) fail(err error) {
	more := r.needExtras()
	more.err = errors.Join(more.err, err)
}

// MakeResponse turns an answer of a view into a response, with a status if one is
// given. An answer is one of these:
//
//	string, []byte, Markup      HTML
//	Text                        plain text
//	map, slice, array, struct   JSON
//	*Response                   as it is
//	*HTTPError                  its page, also where another type embeds it
//	io.Reader                   its content, streamed and closed
//	iter.Seq of string, []byte or [Event]
//	                            streamed, each piece sent at once
//	iter.Seq2 of these and error
//	                            the same, and an error ends it
//	func(io.Writer) error       what it writes, streamed
//	http.Handler                run when the response is sent; the status
//	                            is its own
//
// Anything else, such as nil, is a mistake and ends the request with a 500. Use
// [Context.JSON] for numbers, booleans and null. A [Tuple] is a mistake too: give
// MakeResponse the status, and use [Response.With] for headers.
//
// A streamed body is made while it is sent: after the after-request functions
// and the saving of the session, but before the teardown functions. It can use
// the request and its values as the view does, for which Flask needs
// stream_with_context. It can read the session, but not change it.
//
// A sequence stops when the client has gone away. If it waits for something, let
// it wait for the Done of the [Context] too. The output of a function is sent
// whenever the server has gathered some kilobytes, and at the end.
//
// MakeResponse mirrors flask.make_response.
func (c *Context) MakeResponse(body any, status ...int) *Response {
	r, err := c.convert(body)
	if err != nil {
		panic(err)
	}
	if len(status) > 0 {
		r.Status = status[0]
	}
	return r
}

func (c *Context) newResponse() *Response {
	return &Response{Status: http.StatusOK, context: c, contentType: htmlType}
}

func (c *Context) convert(answer any) (*Response, error) {
	switch body := answer.(type) {
	case nil:
		return nil, c.noAnswer("nil")
	case string:
		return c.textResponse(body), nil
	case Markup:
		return c.textResponse(string(body)), nil
	case Text:
		r := c.textResponse(string(body))
		r.contentType = textType
		return r, nil
	case []byte:
		r := c.newResponse()
		r.needExtras().data = body
		return r, nil
	case *Response:
		if body != nil {
			return c.own(body)
		}
	case Tuple:
		return nil, fmt.Errorf("decant: the view for endpoint %q returned a Tuple; return c.MakeResponse(body, status) for an answer with a status, add headers with With(name, value), or use c.JSON(tuple) for a JSON list", c.Request.Endpoint())
	}
	if isNil(answer) {
		return nil, c.noAnswer(fmt.Sprintf("a nil %T", answer))
	}
	switch body := answer.(type) {
	case *HTTPError:
		return c.errorResponse(body), nil
	case error:
		if page := embeddedIn(body); page != nil {
			return c.errorResponse(page), nil
		}
		return nil, fmt.Errorf("decant: the view for endpoint %q returned an error as its answer; write return nil, err: %w", c.Request.Endpoint(), body)
	}
	if r := c.streamed(answer); r != nil {
		return r, nil
	}
	return c.structured(answer)
}

// own returns an error for the response of another request. Hooks and cookies
// change a response in place, so one user would get the cookies of another.
func (c *Context) own(r *Response) (*Response, error) {
	if r.context == nil {
		r.context = c
	}
	if r.context != c {
		return nil, fmt.Errorf("decant: the view for endpoint %q returned a *Response that another request had returned; make one for each request, and keep no more than its body", c.Request.Endpoint())
	}
	return r, nil
}

func (c *Context) textResponse(text string) *Response {
	r := c.newResponse()
	r.text = text
	return r
}

// noAnswer is the error for a view that returned nil, or a nil of some type.
func (c *Context) noAnswer(returned string) error {
	return fmt.Errorf("decant: the view for endpoint %q returned %s instead of a response; return an answer, or an error", c.Request.Endpoint(), returned)
}

// isNoAnswer reports whether a hook returned no answer: nil, or the nil *Response
// of a function that returns (*Response, error).
func isNoAnswer(answer any) bool {
	response, isResponse := answer.(*Response)
	return answer == nil || isResponse && response == nil
}

// isNil reports whether an answer is a nil pointer or function. Nil maps and
// slices are written as empty objects and lists.
func isNil(answer any) bool {
	value := reflect.ValueOf(answer)
	return (value.Kind() == reflect.Pointer || value.Kind() == reflect.Func) && value.IsNil()
}

func (c *Context) errorResponse(e *HTTPError) *Response {
	r := c.textResponse(e.page(c.App.config.Debug))
	r.Status = e.Code
	r.addHeader(e.Header)
	return r
}

// addHeader sets the headers of an error. Of two spellings of one name, the last in
// order counts: "x-a" and not "X-A".
func (r *Response) addHeader(h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		r.Header()[http.CanonicalHeaderKey(name)] = slices.Clone(h[name])
	}
}

// structured answers with JSON for a map, slice, array or struct, and with HTML
// for a named string type.
func (c *Context) structured(answer any) (*Response, error) {
	value := pointedTo(answer)
	switch {
	case value.Kind() == reflect.String:
		return c.textResponse(value.String()), nil
	case isDocument(value):
		return c.jsonResponse(answer)
	}
	return nil, fmt.Errorf("decant: the view for endpoint %q returned a %T, which is no response; return a string, []byte, map, slice, struct, *Response, io.Reader, iter.Seq or http.Handler, or make JSON of it with c.JSON", c.Request.Endpoint(), answer)
}

// pointedTo follows pointers to the value that they lead to.
func pointedTo(answer any) reflect.Value {
	value := reflect.ValueOf(answer)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	return value
}

// isDocument reports whether an answer that is nothing else is JSON.
func isDocument(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
		return true
	}
	return false
}

// Redirect sends the client to another URL, with status 302 unless another one is
// given:
//
//	return c.Redirect(c.URLFor("index"))
//
// It does not check the location. Pass one that comes from the client through
// [Context.SafeNext] first. It mirrors flask.redirect.
func (c *Context) Redirect(location string, status ...int) (*Response, error) {
	if !header.ValidValue(location) {
		return nil, fmt.Errorf("decant: Redirect to %q: a location has no line breaks", location)
	}
	uri, err := header.IRIToURI(location)
	if err != nil {
		return nil, fmt.Errorf("decant: Redirect to %q: %w", location, err)
	}
	link := Escape(location)
	r := c.textResponse(redirectPage + string(link) + "\">" + string(link) + "</a>. If not, click the link.\n")
	r.Status = http.StatusFound
	if len(status) > 0 {
		r.Status = status[0]
	}
	r.ownHeader()["Location"] = []string{uri}
	return r, nil
}

const redirectPage = "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href=\""

// SetCookie sets a cookie on the response to this request, whatever that will be.
// It may be called from hooks, views and helpers, before any response exists:
//
//	c.SetCookie("language", language, decant.MaxAge(365*24*time.Hour))
//
// It is [Context.AfterThisRequest] with [Response.SetCookie] in one word. It panics
// once the answer is being sent, and outside of a request.
func (c *Context) SetCookie(name, value string, options ...CookieOption) {
	c.laterCookie("SetCookie", name, func(r *Response) { r.SetCookie(name, value, options...) })
}

// DeleteCookie makes the browser delete a cookie, as [Context.SetCookie] sets one.
// Give the path and the domain with which the cookie was set.
func (c *Context) DeleteCookie(name string, options ...CookieOption) {
	c.laterCookie("DeleteCookie", name, func(r *Response) { r.DeleteCookie(name, options...) })
}

func (c *Context) laterCookie(method, name string, change func(*Response)) {
	if c.session.sent {
		panic(fmt.Errorf("decant: %s(%q) came too late: the headers of the answer have been sent; call it before the view returns, not in a stream or a teardown function", method, name))
	}
	c.runLater(method, change)
}

// Handler makes a view of a net/http handler. The handler writes its answer
// itself, after the after-request functions: these see the status 200 and no
// headers. The headers that they add are sent unless the handler replaces them.
func Handler(h http.Handler) View {
	return func(*Context) (any, error) { return h, nil }
}

// cookie is a cookie on its way to the client.
type cookie = wirecookie.Cookie

// CookieOption sets an attribute of a cookie in [Context.SetCookie] and
// [Response.SetCookie], and in the methods that delete one.
type CookieOption interface{ change() cookieOption }

// cookieOption returns the changed cookie. A pointer to it would have to be allocated.
type cookieOption func(cookie) cookie

func (o cookieOption) change() cookieOption { return o }

// MaxAge is how long browsers keep the cookie, in whole seconds. Without it they
// delete the cookie when they are closed. An Expires attribute is sent too, for
// old browsers.
func MaxAge(age time.Duration) CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.MaxAge = wirecookie.Some(int(age / time.Second))
		return c
	})
}

// Expires is the date until which browsers keep the cookie.
func Expires(date time.Time) CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.Expires = date
		return c
	})
}

// CookiePath limits the cookie to a path and the paths below it. The default is
// "/"; the empty string leaves the attribute out.
func CookiePath(path string) CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.Path = wirecookie.Optional[string]{Value: path, Set: path != ""}
		return c
	})
}

// CookieDomain sends the cookie to a domain and its subdomains, instead of to
// the exact host that set it.
func CookieDomain(domain string) CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.Domain = wirecookie.Some(domain)
		return c
	})
}

// Secure limits the cookie to HTTPS.
func Secure() CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.Secure = true
		return c
	})
}

// HTTPOnly hides the cookie from scripts.
func HTTPOnly() CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.HTTPOnly = true
		return c
	})
}

// SameSite says whether requests from other sites carry the cookie:
// http.SameSiteStrictMode, http.SameSiteLaxMode or http.SameSiteNoneMode. With
// http.SameSiteDefaultMode the attribute is left out.
func SameSite(policy http.SameSite) CookieOption {
	return cookieOption(func(c cookie) cookie {
		switch policy {
		case http.SameSiteDefaultMode:
			c.SameSite = wirecookie.Optional[string]{}
		case http.SameSiteStrictMode:
			c.SameSite = wirecookie.Some("Strict")
		case http.SameSiteLaxMode:
			c.SameSite = wirecookie.Some("Lax")
		case http.SameSiteNoneMode:
			c.SameSite = wirecookie.Some("None")
		default:
			c.SameSite = wirecookie.Some(fmt.Sprintf("http.SameSite(%d)", policy)) // which cannot be sent
		}
		return c
	})
}

// Partitioned stores the cookie by top-level site. It implies Secure.
func Partitioned() CookieOption {
	return cookieOption(func(c cookie) cookie {
		c.Partitioned = true
		return c
	})
}

func newCookie(name, value string, options ...CookieOption) cookie {
	c := cookie{Name: name, Value: value, Path: wirecookie.Some("/")}
	for _, option := range options {
		c = option.change()(c)
	}
	return c
}

// SetCookie sets a cookie. If a name or domain would break out of the header, or
// a SameSite value does not exist, the request is a 500 and the log names the
// cookie. It mirrors set_cookie byte for byte.
func (r *Response) SetCookie(name, value string, options ...CookieOption) {
	c := newCookie(name, value, options...)
	r.warnOfLargeCookie(name, r.addCookie(&c))
}

func (r *Response) warnOfLargeCookie(name string, size int) {
	if r.context != nil && tooLarge(size, r.context.App.config) {
		r.context.Logger().WarnContext(r.context, "a cookie is too large: browsers ignore it without a word",
			"cookie", name, "size", size, "limit", r.context.App.config.MaxCookieSize)
	}
}

// DeleteCookie makes the browser delete a cookie. Give the path and the domain
// with which the cookie was set. It mirrors delete_cookie.
func (r *Response) DeleteCookie(name string, options ...CookieOption) {
	c := expired(newCookie(name, "", options...))
	r.addCookie(&c)
}

// expired returns a cookie that makes the browser delete its own.
func expired(c cookie) cookie {
	c.Value, c.Expires, c.MaxAge = "", time.Unix(0, 0), wirecookie.Some(0)
	return c
}

// addCookie adds the header and returns the size of its value in bytes.
func (r *Response) addCookie(c *cookie) int {
	var room [256]byte
	var now time.Time
	if c.MaxAge.Set {
		now = time.Now() // for Expires
	}
	line, err := wirecookie.AppendForBrowsers(room[:0], c, now)
	if err != nil {
		r.fail(err)
		return 0
	}
	r.addCookieLine(string(line))
	return len(line)
}

// addCookieLine adds the value of a Set-Cookie header that wirecookie has written.
func (r *Response) addCookieLine(line string) {
	switch {
	case r.header != nil:
		r.header["Set-Cookie"] = append(r.header["Set-Cookie"], line)
		return
	case r.context.canLendHeader() && r.readExtras().cookies == nil:
		r.ownHeader()["Set-Cookie"] = []string{line}
		return
	}
	more := r.needExtras()
	if more.cookies == nil {
		more.cookies = more.room[:0]
	}
	more.cookies = append(more.cookies, line)
}

func tooLarge(size int, config *Config) bool {
	return config.MaxCookieSize > 0 && size > config.MaxCookieSize
}
