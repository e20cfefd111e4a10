package bench

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// writer is the least that a ResponseWriter can be. It is the same for every
// competitor and costs none of them anything.
type writer struct {
	header http.Header
	status int
	size   int
	kept   *strings.Builder // nil while the clock runs
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

func (w *writer) Write(data []byte) (int, error) {
	w.size += len(data)
	if w.kept != nil {
		w.kept.Write(data)
	}
	return len(data), nil
}

func (w *writer) WriteString(text string) (int, error) {
	w.size += len(text)
	if w.kept != nil {
		w.kept.WriteString(text)
	}
	return len(text), nil
}

// body is a request body that can be sent again.
type body struct{ strings.Reader }

func (*body) Close() error { return nil }

// client sends requests to a handler. It sets them back before, because some
// competitors keep what they found in the request itself. A fresh copy would take as
// long as half of the competitors, and longer while the collector works.
type client struct {
	handler http.Handler
	writer  writer
	body    body
}

func newClient(handler http.Handler) *client {
	return &client{handler: handler, writer: writer{header: http.Header{}}}
}

// message is a request that can be sent any number of times.
type message struct {
	request  *http.Request
	original *http.Request
	path     string // of its URL
	content  string // of its body
}

func newMessage(r *http.Request, content string) message {
	original := *r
	return message{r, &original, r.URL.Path, content}
}

// own is the message for one competitor. Requests are not shared, because net/http's
// ServeMux leaves its pattern in them, which saves chi a map.
func (m message) own() message {
	r := *m.original
	return message{&r, m.original, m.path, m.content}
}

func get(target, cookies string) message {
	r := httptest.NewRequest("GET", target, nil)
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	return newMessage(r, "")
}

func post(target, form string) message {
	return postAs(target, "application/x-www-form-urlencoded", form)
}

func postAs(target, contentType, content string) message {
	r := httptest.NewRequest("POST", target, strings.NewReader(content))
	r.Header.Set("Content-Type", contentType)
	return newMessage(r, content)
}

func (c *client) send(m message) {
	clear(c.writer.header)
	c.writer.status, c.writer.size = http.StatusOK, 0
	r := m.request
	if r.Context() != m.original.Context() { // in which gorilla/sessions keeps the session
		*r = *m.original
	}
	if r.Form != nil || r.MultipartForm != nil {
		r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	}
	if len(r.URL.Path) != len(m.path) { // as httprouter's file server leaves it
		r.URL.Path = m.path
	}
	if m.content != "" {
		c.body.Reset(m.content)
		r.Body = &c.body
	}
	c.handler.ServeHTTP(&c.writer, r)
}

// answer is what all competitors have to agree on.
type answer struct {
	status       int
	contentType  string
	location     string
	body, cookie string
}

func (c *client) ask(m message) answer {
	c.writer.kept = new(strings.Builder)
	defer func() { c.writer.kept = nil }()
	c.send(m)
	h := c.writer.header
	got := answer{
		status:      c.writer.status,
		contentType: strings.ToLower(h.Get("Content-Type")),
		location:    h.Get("Location"),
		body:        c.writer.kept.String(),
		cookie:      sortedAttributes(h.Get("Set-Cookie")),
	}
	if got.location != "" { // the text that goes with it is a matter of taste
		got.body, got.contentType = "", ""
	}
	return got
}

func sortedAttributes(cookie string) string {
	parts := strings.Split(cookie, "; ")
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func page(text string) answer {
	return answer{status: http.StatusOK, contentType: "text/html; charset=utf-8", body: text}
}

// sessionCookie is the name and value of the cookie that the last answer set.
func (c *client) sessionCookie() string {
	pair, _, _ := strings.Cut(c.writer.header["Set-Cookie"][0], ";")
	return pair
}

// competitor is a framework with the app of one comparison.
type competitor struct {
	name    string
	handler http.Handler
}

// check asks twice: a request that was not set back would be answered differently.
func check(t testing.TB, c *client, m message, want answer) {
	t.Helper()
	for range 2 {
		if got := c.ask(m); got != want {
			t.Fatalf("%s %s:\n got %+v\nwant %+v", m.request.Method, m.request.URL, got, want)
		}
	}
}

// compare checks every competitor's answer, then times it.
func compare(b *testing.B, m message, want answer, competitors []competitor) {
	for _, one := range competitors {
		b.Run(one.name, func(b *testing.B) {
			c, m := newClient(one.handler), m.own()
			check(b, c, m, want)
			b.ReportAllocs()
			for b.Loop() {
				c.send(m)
			}
		})
	}
}

func agree(t *testing.T, m message, want answer, competitors []competitor) {
	t.Helper()
	for _, one := range competitors {
		t.Run(one.name, func(t *testing.T) { check(t, newClient(one.handler), m, want) })
	}
}
