package decanttest

import (
	"encoding/base64"
	"net/http"
)

// Option is a setting of a request, or of all requests of a client.
type Option interface{ applyTo(*settings) }

type option func(*settings)

func (o option) applyTo(s *settings) { o(s) }

// settings are what the options of a client and of a request decide together.
type settings struct {
	query           [][2]string
	header          http.Header
	address         string
	base            string
	subdomain       string
	scheme          string
	body            any
	noCookies       bool
	followRedirects bool
	expectError     bool
	prepare         []func(*http.Request)
}

// The defaults of a request.
const (
	defaultAddress   = "127.0.0.1"
	defaultUserAgent = "decanttest"
)

func (c *Client) settings(options []Option) *settings {
	s := &settings{address: defaultAddress, header: http.Header{"User-Agent": {defaultUserAgent}}}
	for _, o := range c.defaults {
		o.applyTo(s)
	}
	for _, o := range options {
		o.applyTo(s)
	}
	return s
}

// change prepares a request.
func (s *settings) change(r *http.Request) {
	for _, f := range s.prepare {
		f(r)
	}
}

// Query adds a parameter to the URL, with one value or several. The path must then
// have no query of its own. It mirrors query_string={name: value}.
func Query(name string, values ...string) Option {
	return option(func(s *settings) {
		for _, value := range values {
			s.query = append(s.query, [2]string{name, value})
		}
	})
}

// Header sets a header of the request. Several values are sent as several lines.
// Without a value, the header is not sent.
func Header(name string, values ...string) Option {
	return option(func(s *settings) {
		if len(values) == 0 {
			s.header.Del(name)
			return
		}
		s.header[http.CanonicalHeaderKey(name)] = values
	})
}

// UserAgent sets the User-Agent header, which is "decanttest" otherwise.
func UserAgent(name string) Option { return Header("User-Agent", name) }

// BasicAuth sends a user name and a password. It mirrors auth=(user, password).
func BasicAuth(user, password string) Option {
	return Header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// Address is the client's address, with a port or without: 127.0.0.1 otherwise. It
// mirrors REMOTE_ADDR of the environment.
func Address(address string) Option { return option(func(s *settings) { s.address = address }) }

// BaseURL is where the application is: a scheme, a host, and the path above the
// application, such as "https://shop.example/eu". Otherwise they are
// Config.PreferredURLScheme, Config.ServerName or else "localhost", and
// Config.ApplicationRoot. It mirrors base_url.
func BaseURL(base string) Option { return option(func(s *settings) { s.base = base }) }

// Subdomain puts a name in front of the host. It cannot be used with [BaseURL].
func Subdomain(name string) Option { return option(func(s *settings) { s.subdomain = name }) }

// Scheme is "http" or "https". It cannot be used with [BaseURL]. It mirrors
// url_scheme.
func Scheme(scheme string) Option { return option(func(s *settings) { s.scheme = scheme }) }

// Body is the body of a [Request]: what [Client.Post] takes.
func Body(body any) Option { return option(func(s *settings) { s.body = body }) }

// NoCookies is an option of [NewClient]: the client keeps no cookies and sends none.
// It mirrors use_cookies=False.
func NoCookies() Option { return option(func(s *settings) { s.noCookies = true }) }

// FollowRedirects goes where redirects lead, as a browser does, and returns the last
// answer. The redirects are in its History. A redirect to another host fails the
// test, and so do redirects in a circle and more than 20 of them. It mirrors
// follow_redirects=True.
func FollowRedirects() Option { return option(func(s *settings) { s.followRedirects = true }) }

// ExpectError is for a request that ends with an error that nobody handles. It does
// not fail the test; the error is the Err of the response. If there is no error, that
// fails the test. It mirrors pytest.raises around a request.
func ExpectError() Option { return option(func(s *settings) { s.expectError = true }) }

// Prepare calls f with the request before it is sent, to change what no option is
// for. It mirrors environ_overrides.
func Prepare(f func(r *http.Request)) Option {
	return option(func(s *settings) { s.prepare = append(s.prepare, f) })
}
