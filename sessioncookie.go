package decant

import "time"

// SetSessionCookie sets the session cookie to a value of your own, such as a
// signed id, with the attributes that Config gives it. That of a permanent
// session lasts for Config.PermanentSessionLifetime. It is for the Save of a
// [SessionInterface].
func (r *Response) SetSessionCookie(s *Session, value string) {
	size := r.setSessionCookie(s, value, time.Now())
	r.warnOfLargeCookie(s.context.App.Config.SessionCookieName, size)
}

// DeleteSessionCookie makes the browser forget the session cookie. It is for
// the Save of a [SessionInterface].
func (r *Response) DeleteSessionCookie(s *Session) {
	r.addCookie(expired(s.cookie()))
}

// setSessionCookie returns the size of the header in bytes.
func (r *Response) setSessionCookie(s *Session, value string, now time.Time) int {
	cookie := s.cookie()
	cookie.Value = value
	if s.Permanent() {
		cookie.Expires = now.Add(s.context.App.Config.PermanentSessionLifetime)
	}
	return r.addCookie(cookie)
}

// cookie is the session cookie of this request, without its value. Below a
// mount its path is the mount's, so that two mounted applications do not
// overwrite each other's sessions. A prefix that a proxy adds changes nothing,
// as in Flask, with which the cookie may be shared.
func (s *Session) cookie() cookie {
	app, origin := s.context.App, originOf(s.context.Request.Request)
	if !origin.mounted || app.Config.SessionCookiePath != "" {
		return app.sessionCookie
	}
	return CookiePath(encodedPath(origin.root))(app.sessionCookie)
}

// sessionCookie is the session cookie without its value.
func sessionCookie(config *Config) cookie {
	c := CookiePath(config.sessionCookiePath())(newCookie(config.SessionCookieName, ""))
	if config.SessionCookieDomain != "" {
		c = CookieDomain(config.SessionCookieDomain)(c)
	}
	if config.SessionCookieSameSite != "" {
		c = SameSite(config.SessionCookieSameSite)(c)
	}
	c.Secure = config.SessionCookieSecure
	c.HTTPOnly = config.SessionCookieHTTPOnly
	c.Partitioned = config.SessionCookiePartitioned
	return c
}
