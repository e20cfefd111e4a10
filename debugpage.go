package decant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/debugpage"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/rule"
)

// debugPolicy lets the page have its own style and nothing else: no scripts,
// no images, no frame around it.
const debugPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// showsDebugPage reports whether whoever asks is the developer: with
// Config.Debug on, a browser on the same machine that shows a page.
func (c *Context) showsDebugPage() bool {
	return c.App.Config.Debug &&
		strings.Contains(c.Request.Header.Get("Accept"), "text/html") &&
		isLocal(c.Request.Request)
}

// isLocal reports whether a request comes from this machine, directly, and was
// meant for it. Middleware may have changed RemoteAddr, which the other end of
// the connection gives away; a host of another name is DNS rebinding
// (Werkzeug CVE-2024-34069).
func isLocal(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	return servedLocally(r.Context()) && localHost.MatchString(r.Host) && !isForwarded(r) && !isFetched(r)
}

var localHost = regexp.MustCompile(`^(?i:localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?$`)

// servedLocally looks at the server's own end of the connection, which is on
// the loopback interface exactly if the client's is.
func servedLocally(c context.Context) bool {
	address, known := c.Value(http.LocalAddrContextKey).(net.Addr)
	if !known {
		return true
	}
	local, isTCP := address.(*net.TCPAddr)
	return isTCP && local.IP.IsLoopback()
}

// isForwarded reports whether a proxy brought the request, and so from
// anywhere. No browser speaks HTTP/1.0; nginx does to what is behind it, and
// unless told to it adds no header and names the application's own host.
func isForwarded(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return true
	}
	for name := range r.Header {
		switch {
		case strings.HasPrefix(name, "X-Forwarded-"), strings.HasSuffix(name, "-Client-Ip"), strings.HasSuffix(name, "-Connecting-Ip"):
			return true
		case name == "Forwarded", name == "Via", name == "X-Real-Ip":
			return true
		}
	}
	return false
}

// isFetched reports whether a script of another origin asks. It could read the
// answer where the application allows that with CORS headers.
func isFetched(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin" && site != "none" && r.Header.Get("Sec-Fetch-Mode") != "navigate"
	}
	origin := r.Header.Get("Origin")
	return origin != "" && !strings.HasSuffix(origin, "://"+r.Host)
}

// debugAnswer is the page about an error. It is a handler, so that no
// after-request function rewrites it or takes its style away.
func (c *Context) debugAnswer(status int, page *debugpage.Page) *Response {
	page.Status = fmt.Sprintf("%s %s: %d %s", c.Request.Method, c.Request.Path, status, http.StatusText(status))
	html := page.HTML()
	return c.MakeResponse(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = []string{typeHTML}
		h["Content-Security-Policy"] = []string{debugPolicy}
		h["Cache-Control"] = []string{"no-store"}
		w.WriteHeader(status)
		io.WriteString(w, html)
	}), status)
}

// debugError describes an error that nobody handled.
func (c *Context) debugError(err error) *debugpage.Page {
	shown := original(err)
	page := &debugpage.Page{Kind: kindOf(shown), Message: shown.Error(), Facts: c.facts()}
	page.Chain = chainOf(shown)
	var raised *panicError
	switch {
	case errors.As(err, &raised):
		page.Stack = debugpage.ReadStack(raised.stack)
	default:
		page.Stack = debugpage.OfError(err)
	}
	if page.Stack == nil {
		c.describeReturn(page)
	}
	var unbuilt *BuildError
	if errors.As(err, &unbuilt) {
		page.Rules = debugpage.NearestEndpoints(unbuilt.Endpoint, c.App.debugRules())
	}
	return page
}

// describeReturn says where an error came from that does not know it itself.
func (c *Context) describeReturn(page *debugpage.Page) {
	page.Advice = "This error was returned, and an error that is returned has no stack. It came from a hook: no rule matches the request."
	e := c.endpoint()
	if e == nil {
		return
	}
	page.Advice = fmt.Sprintf("This error was returned, and an error that is returned has no stack. It came from the view of the endpoint %q, which is registered at %s, or from a hook around it.", e.name, e.place)
	if start, ok := e.identity.(uintptr); ok {
		page.View = debugpage.OfFunction(start)
	}
}

// kindOf is the type of an error, or of the value of a panic.
func kindOf(err error) string {
	if raised, ok := err.(*panicError); ok {
		return fmt.Sprintf("panic(%T)", raised.value)
	}
	return reflect.TypeOf(err).String()
}

// chainOf lists an error and what it wraps, where it wraps something.
func chainOf(err error) (chain []debugpage.Row) {
	walk(err, func(e error) bool {
		chain = append(chain, debugpage.Row{Name: kindOf(e), Value: e.Error()})
		return true
	})
	if len(chain) == 1 {
		return nil
	}
	return chain
}

// debugNotFound describes a request that no rule matches, and what it may have
// meant.
func (c *Context) debugNotFound() *debugpage.Page {
	return &debugpage.Page{
		Kind:    "No rule matches",
		Message: c.Request.Path,
		Rules:   debugpage.NearestTo(c.Request.Path, c.App.debugRules()),
		Facts:   c.facts(),
	}
}

func (a *App) debugRules() []debugpage.Rule {
	routes := a.Routes()
	rules := make([]debugpage.Rule, len(routes))
	for i, r := range routes {
		rules[i] = debugpage.Rule{Text: r.Rule, Methods: strings.Join(r.Methods, ", "), Endpoint: r.Endpoint, Place: r.Place}
	}
	return rules
}

// facts are what the page says of the request. Secrets are left out as far as
// their names give them away, and of a form only the names are shown.
func (c *Context) facts() []debugpage.Table {
	tables := []debugpage.Table{
		{Title: "Request", Rows: c.requestRows()},
		{Title: "View arguments", Rows: rowsOf(c.match.Values())},
		{Title: "Query", Rows: c.queryRows()},
		{Title: "Form fields, without their values", Rows: c.formRows()},
		{Title: "Headers", Rows: headerRows(c.Request.Header)},
	}
	return slices.DeleteFunc(tables, func(t debugpage.Table) bool { return len(t.Rows) == 0 })
}

func (c *Context) requestRows() []debugpage.Row {
	rows := []debugpage.Row{
		{Name: "Method", Value: c.Request.Method},
		{Name: "Path", Value: c.Request.Path},
		{Name: "Host", Value: c.Request.Host},
		{Name: "Request id", Value: c.RequestID()},
	}
	if e := c.endpoint(); e != nil {
		rows = append(rows,
			debugpage.Row{Name: "Rule", Value: c.match.Rule.Text},
			debugpage.Row{Name: "Endpoint", Value: e.name},
			debugpage.Row{Name: "Registered at", Value: c.match.Rule.Place})
	}
	return rows
}

func rowsOf(values H) (rows []debugpage.Row) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		rows = append(rows, debugpage.Row{Name: name, Value: debugpage.Redact(name, fmt.Sprintf("%#v", values[name]))})
	}
	return rows
}

func (c *Context) queryRows() (rows []debugpage.Row) {
	pairs, _ := formdata.ParseQuery(c.Request.URL.RawQuery) // what cannot be read is not shown
	for _, pair := range pairs {
		rows = append(rows, debugpage.Row{Name: pair.Name, Value: debugpage.Redact(pair.Name, strconv.Quote(pair.Value))})
	}
	return rows
}

// formRows lists the fields of a form that was read. It does not read one.
func (c *Context) formRows() (rows []debugpage.Row) {
	body := c.Request.seen().body
	if body == nil {
		return nil
	}
	for _, pair := range body.form {
		rows = append(rows, debugpage.Row{Name: pair.Name, Value: fmt.Sprintf("%d bytes", len(pair.Value))})
	}
	return rows
}

func headerRows(h http.Header) (rows []debugpage.Row) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			rows = append(rows, debugpage.Row{Name: name, Value: debugpage.Redact(name, value)})
		}
	}
	return rows
}

// isUnknown reports whether an error is the 404 of a path that no rule matches.
func (c *Context) isUnknown(err *HTTPError) bool {
	return err.Code == http.StatusNotFound && errors.Is(c.routingError(), rule.ErrNotFound)
}
