package decant

import (
	"time"

	"github.com/decant-go/decant/internal/wirecookie"
)

// cookie is a cookie on its way to the client.
type cookie = wirecookie.Cookie

// CookieOption sets an attribute of a cookie in [Response.SetCookie] and
// [Response.DeleteCookie].
type CookieOption func(cookie) cookie

// MaxAge makes the cookie last, in whole seconds; without it the cookie goes
// when the browser is closed. Expires is sent along for old browsers.
func MaxAge(age time.Duration) CookieOption {
	return func(c cookie) cookie {
		c.MaxAge = wirecookie.Some(int(age / time.Second))
		return c
	}
}

// Expires makes the cookie last until a date.
func Expires(date time.Time) CookieOption {
	return func(c cookie) cookie {
		c.Expires = date
		return c
	}
}

// CookiePath limits the cookie to a path and what is below. The default is
// "/"; the empty text leaves the attribute out.
func CookiePath(path string) CookieOption {
	return func(c cookie) cookie {
		c.Path = wirecookie.Optional[string]{Value: path, Set: path != ""}
		return c
	}
}

// CookieDomain sends the cookie to a domain and its subdomains, instead of to
// the exact host that set it.
func CookieDomain(domain string) CookieOption {
	return func(c cookie) cookie {
		c.Domain = wirecookie.Some(domain)
		return c
	}
}

// Secure limits the cookie to HTTPS.
func Secure() CookieOption {
	return func(c cookie) cookie {
		c.Secure = true
		return c
	}
}

// HTTPOnly hides the cookie from scripts.
func HTTPOnly() CookieOption {
	return func(c cookie) cookie {
		c.HTTPOnly = true
		return c
	}
}

// SameSite says whether requests from other sites carry the cookie: "Strict",
// "Lax" or "None", in any case of letters.
func SameSite(policy string) CookieOption {
	return func(c cookie) cookie {
		c.SameSite = wirecookie.Some(policy)
		return c
	}
}

// Partitioned stores the cookie by top-level site. It implies Secure.
func Partitioned() CookieOption {
	return func(c cookie) cookie {
		c.Partitioned = true
		return c
	}
}

func newCookie(name, value string, options ...CookieOption) cookie {
	c := cookie{Name: name, Value: value, Path: wirecookie.Some("/")}
	for _, option := range options {
		c = option(c)
	}
	return c
}

// SetCookie sets a cookie: Flask's set_cookie, byte for byte. A name or domain
// that would break out of the header, and a SameSite that is none, make the
// request a 500 whose log entry names the cookie.
func (r *Response) SetCookie(name, value string, options ...CookieOption) {
	r.warnOfLargeCookie(name, r.addCookie(newCookie(name, value, options...)))
}

func (r *Response) warnOfLargeCookie(name string, size int) {
	if r.context != nil && tooLarge(size, r.context.App.Config) {
		r.context.Logger().WarnContext(r.context, "a cookie is too large: browsers ignore it without a word",
			"cookie", name, "size", size, "limit", r.context.App.Config.MaxCookieSize)
	}
}

// DeleteCookie makes the browser forget a cookie. Path and domain must be those
// with which it was set.
func (r *Response) DeleteCookie(name string, options ...CookieOption) {
	r.addCookie(expired(newCookie(name, "", options...)))
}

// expired makes a cookie one that the browser forgets at once.
func expired(c cookie) cookie {
	c.Value, c.Expires, c.MaxAge = "", time.Unix(0, 0), wirecookie.Some(0)
	return c
}

// addCookie writes the header and returns its size in bytes.
func (r *Response) addCookie(c cookie) int {
	var room [512]byte
	var now time.Time
	if c.MaxAge.Set {
		now = time.Now() // for Expires
	}
	line, err := wirecookie.Append(room[:0], c, now)
	if err != nil {
		r.fail(err)
		return 0
	}
	if r.header != nil {
		r.header.Add("Set-Cookie", string(line))
	} else {
		more := r.more()
		if more.cookies == nil {
			more.cookies = more.room[:0]
		}
		more.cookies = append(more.cookies, string(line))
	}
	return len(line)
}

func tooLarge(size int, config *Config) bool {
	return config.MaxCookieSize > 0 && size > config.MaxCookieSize
}
