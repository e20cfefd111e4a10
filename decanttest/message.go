package decanttest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/decant-go/decant"
)

// message is a request that can be sent more than once.
type message struct {
	method  string
	url     *url.URL
	root    string // the path above the application, without a slash at its end
	header  http.Header
	body    []byte
	address string
}

var (
	errTwoBases   = errors.New("BaseURL was given with Subdomain or Scheme; write them into the URL")
	errTwoQueries = errors.New("the path has a query, and so do the options; write it in one of the two places")
)

// newMessage makes a request of a method, a path or URL, a body and options.
func (c *Client) newMessage(method, target string, body any, s *settings) (*message, error) {
	if body == nil {
		body = s.body
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	base, err := c.baseOf(u, s)
	if err != nil {
		return nil, err
	}
	m := &message{method: method, header: s.header.Clone(), address: withPort(s.address), root: strings.TrimRight(base.Path, "/")}
	m.url = below(base, u)
	if err := m.addQuery(s.query); err != nil {
		return nil, err
	}
	if err := m.setBody(c.app, body); err != nil {
		return nil, err
	}
	return m, nil
}

// baseOf returns the URL of the application.
func (c *Client) baseOf(u *url.URL, s *settings) (*url.URL, error) {
	base, err := c.configuredBase(s)
	if err != nil {
		return nil, err
	}
	base.Scheme = cmp.Or(u.Scheme, base.Scheme)
	base.Host = cmp.Or(u.Host, base.Host)
	return base, nil
}

// configuredBase returns the URL of the application, by the options and the
// configuration.
func (c *Client) configuredBase(s *settings) (*url.URL, error) {
	if s.base != "" {
		return parseBase(s)
	}
	config := c.app.Config
	base := &url.URL{
		Scheme: cmp.Or(s.scheme, config.PreferredURLScheme, "http"),
		Host:   cmp.Or(config.ServerName, "localhost"),
		Path:   rooted(config.ApplicationRoot),
	}
	if s.subdomain != "" {
		base.Host = s.subdomain + "." + base.Host
	}
	return base, nil
}

func parseBase(s *settings) (*url.URL, error) {
	if s.subdomain != "" || s.scheme != "" {
		return nil, errTwoBases
	}
	base, err := url.Parse(s.base)
	if err == nil && (base.Scheme == "" || base.Host == "" || base.RawQuery != "" || base.Fragment != "") {
		err = fmt.Errorf("BaseURL(%q) should have a scheme, a host and perhaps a path, as in \"https://shop.example/eu\"", s.base)
	}
	return base, err
}

// below returns the URL of a path within the application.
func below(base, u *url.URL) *url.URL {
	joined := *base
	root := strings.TrimRight(base.Path, "/")
	joined.Path, joined.RawPath = root+rooted(u.Path), ""
	if u.RawPath != "" {
		joined.RawPath = (&url.URL{Path: root}).EscapedPath() + rooted(u.RawPath)
	}
	joined.RawQuery = encodedQuery(u.RawQuery)
	return &joined
}

// encodedQuery encodes what a browser would not send as it is.
func encodedQuery(query string) string {
	var encoded strings.Builder
	for i := range len(query) {
		if b := query[i]; b <= ' ' || b >= 0x7f || strings.IndexByte(`"<>`, b) >= 0 {
			fmt.Fprintf(&encoded, "%%%02X", b)
		} else {
			encoded.WriteByte(b)
		}
	}
	return encoded.String()
}

func rooted(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return "/" + path
}

// addQuery adds the parameters in their order.
func (m *message) addQuery(pairs [][2]string) error {
	if len(pairs) == 0 {
		return nil
	}
	if m.url.RawQuery != "" {
		return errTwoQueries
	}
	parts := make([]string, len(pairs))
	for i, pair := range pairs {
		parts[i] = url.QueryEscape(pair[0]) + "=" + url.QueryEscape(pair[1])
	}
	m.url.RawQuery = strings.Join(parts, "&")
	return nil
}

func (m *message) setBody(app *decant.App, body any) error {
	data, contentType, err := encode(app, body)
	if err != nil {
		return err
	}
	m.body = data
	if contentType != "" && m.header.Get("Content-Type") == "" {
		m.header.Set("Content-Type", contentType)
	}
	return nil
}

// request returns the message as net/http would hand it to a handler.
func (m *message) request() *http.Request {
	u := *m.url
	r := &http.Request{
		Method: m.method, URL: &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.header.Clone(), Body: http.NoBody, Host: u.Host,
		RemoteAddr: m.address, RequestURI: u.RequestURI(), TLS: connectionOf(m.url),
	}
	if m.body != nil {
		r.Body, r.ContentLength = readOnce{bytes.NewReader(m.body)}, int64(len(m.body))
		r.Header.Set("Content-Length", fmt.Sprint(len(m.body)))
	}
	return r.WithContext(context.Background())
}

// readOnce is the body of a request.
type readOnce struct{ *bytes.Reader }

func (readOnce) Close() error { return nil }

func withValue(r *http.Request, key, value any) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), key, value))
}

// redirected returns the request that a browser sends after a redirect.
func (m *message) redirected(response *Response) (*message, error) {
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		return nil, err
	}
	next := *m
	next.url = m.url.ResolveReference(location)
	next.url.Fragment = ""
	if next.url.Hostname() != m.url.Hostname() || next.url.Scheme != "http" && next.url.Scheme != "https" {
		return nil, errElsewhere
	}
	if !isBelow(next.url.Path, m.root) {
		next.root = ""
	}
	if response.Status == http.StatusTemporaryRedirect || response.Status == http.StatusPermanentRedirect {
		return &next, nil
	}
	if next.method != http.MethodHead {
		next.method = http.MethodGet
	}
	next.body = nil
	next.header = m.header.Clone()
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding"} {
		next.header.Del(name)
	}
	return &next, nil
}

// isBelow reports whether a path is a prefix, or below it.
func isBelow(at, prefix string) bool {
	return at == prefix || strings.HasPrefix(path.Clean(at)+"/", prefix+"/")
}
