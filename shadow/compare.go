package shadow

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/decant-go/decant/ext/login"
)

// Response is what one side answered to a request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// Took is how long the answer took.
	Took time.Duration
}

// Difference is one thing in which two answers differ.
type Difference struct {
	// Where names it: "status", "header Location", "cookie session.user_id",
	// "json.items[0].price", "html[12]" or "body".
	Where string `json:"where"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// ignoredHeaders differ without a meaning, or tell of the connection. The length is
// that of the body, which is compared. Decant sends X-Content-Type-Options by itself.
var ignoredHeaders = []string{
	"Connection", "Content-Encoding", "Content-Length", "Date", "Etag", "Keep-Alive", "Last-Modified", "Server", "Set-Cookie", "Transfer-Encoding", "X-Content-Type-Options", "X-Request-Id",
}

// Comparison says how answers are compared. Its zero value checks no signatures.
type Comparison struct {
	// IgnoredHeaders are left out.
	IgnoredHeaders []string
	// SecretKey is that of both sides. With it, signatures of the session, the remember
	// cookie and CSRF tokens are checked: a wrong one is a difference.
	SecretKey string
	// CSRFSecretKey is WTF_CSRF_SECRET_KEY, where that is not SecretKey.
	CSRFSecretKey string
	// Salts are those of itsdangerous with which the application signs tokens of its
	// own. Tokens of other salts are compared by what they say only.
	Salts []string
	// SessionCookie and RememberCookie are names: "session" and "remember_token".
	SessionCookie, RememberCookie string
}

const (
	// maxFound bounds the differences between two answers that are collected.
	maxFound = 1000
	// maxInflated bounds what is inflated of the tokens in two answers.
	maxInflated = 8 << 20
)

// comparison collects the differences between two answers.
type comparison struct {
	Comparison
	signers  []namedSigner
	noise    map[string]bool
	found    []Difference
	inflated int
}

func (c *comparison) isNoise(where string) bool { return c.noise[where] }

func (c *comparison) add(where, old, new string) {
	if len(c.found) < maxFound && !c.isNoise(where) {
		c.found = append(c.found, Difference{where, old, new})
	}
}

// Diff returns the differences between two answers to one request: the status, the
// headers that matter, the cookies by their attributes and what they say, and the body
// as JSON by value, as HTML by tags and texts, or else byte by byte. Times in signed
// tokens do not count. If again is not nil, it is a second answer of the old side:
// where that differs from the first, nothing is compared. At most 1000 differences are
// returned; an old side with as many of its own has none.
//
// The texts of a Difference are as they were sent, which may be secret; [Tally] hides
// what looks so.
func (o Comparison) Diff(old, new, again *Response) []Difference {
	o.SessionCookie, o.RememberCookie = cmp.Or(o.SessionCookie, "session"), cmp.Or(o.RememberCookie, "remember_token")
	c := &comparison{Comparison: o, signers: o.signers()}
	if again != nil {
		c.compare(old, again)
		if len(c.found) == maxFound {
			return nil
		}
		noise := map[string]bool{}
		for _, d := range c.found {
			noise[d.Where] = true
		}
		c.noise, c.found, c.inflated = noise, nil, 0
	}
	c.compare(old, new)
	return c.found
}

func (c *comparison) compare(old, new *Response) {
	if old.Status != new.Status {
		c.add("status", fmt.Sprint(old.Status), fmt.Sprint(new.Status))
	}
	c.compareHeaders(old.Header, new.Header)
	c.compareCookies(old.Header, new.Header)
	c.compareBodies(old, new)
}

func (c *comparison) compareHeaders(old, new http.Header) {
	var names []string
	for name := range old {
		names = append(names, name)
	}
	for name := range new {
		if _, ok := old[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		isIgnored := slices.Contains(ignoredHeaders, name) || slices.ContainsFunc(c.IgnoredHeaders, func(other string) bool { return strings.EqualFold(name, other) })
		if before, after := c.headerText(name, old[name]), c.headerText(name, new[name]); before != after && !isIgnored {
			c.add("header "+name, before, after)
		}
	}
}

// headerText is the value of a header in one form.
func (c *comparison) headerText(name string, values []string) string {
	if values == nil {
		return absent
	}
	text := strings.Join(values, ", ")
	switch name {
	case "Content-Type":
		if kind, parameters, err := mime.ParseMediaType(text); err == nil {
			if charset, ok := parameters["charset"]; ok {
				parameters["charset"] = strings.ToLower(charset)
			}
			return mime.FormatMediaType(kind, parameters)
		}
	case "Vary", "Allow", "Cache-Control":
		parts := strings.Split(strings.ToLower(text), ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		parts = slices.DeleteFunc(parts, func(part string) bool { return name == "Vary" && part == "accept-encoding" })
		slices.Sort(parts)
		return cmp.Or(strings.Join(slices.Compact(parts), ", "), absent)
	case "Location":
		if location, err := url.Parse(text); err == nil && location.Path == "" && location.Host != "" {
			location.Path = "/"
			text = location.String()
		}
	}
	return c.spoken(text)
}

func (c *comparison) compareCookies(old, new http.Header) {
	before, after := cookiesOf(old), cookiesOf(new)
	for _, name := range namesOf(before, after) {
		where := "cookie " + name
		a, b := before[name], after[name]
		if a == nil || b == nil {
			c.add(where, c.cookieText(a), c.cookieText(b))
			continue
		}
		c.compareAttributes(where, a, b)
		c.compareCookieValues(name, a.Value, b.Value)
	}
}

func cookiesOf(header http.Header) map[string]*http.Cookie {
	cookies := map[string]*http.Cookie{}
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		cookies[cookie.Name] = cookie
	}
	return cookies
}

func namesOf(a, b map[string]*http.Cookie) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if a[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *comparison) cookieText(cookie *http.Cookie) string {
	if cookie == nil {
		return absent
	}
	return c.spoken(cookie.Value)
}

// aboutSame is how far apart two dates of one answer may be.
const aboutSame = time.Minute

func (c *comparison) compareAttributes(where string, old, new *http.Cookie) {
	attributes := func(k *http.Cookie) [][2]string {
		return [][2]string{
			{"Path", k.Path}, {"Domain", strings.TrimPrefix(strings.ToLower(k.Domain), ".")}, {"Secure", fmt.Sprint(k.Secure)}, {"HttpOnly", fmt.Sprint(k.HttpOnly)},
			{"SameSite", sameSite(k.SameSite)}, {"Max-Age", fmt.Sprint(k.MaxAge)}, {"Partitioned", fmt.Sprint(k.Partitioned)},
		}
	}
	before, after := attributes(old), attributes(new)
	for i := range before {
		if before[i] != after[i] {
			c.add(where+"; "+before[i][0], before[i][1], after[i][1])
		}
	}
	if old.Expires.IsZero() != new.Expires.IsZero() || old.Expires.Sub(new.Expires).Abs() > aboutSame {
		c.add(where+"; Expires", old.RawExpires, new.RawExpires)
	}
}

func sameSite(mode http.SameSite) string {
	return map[http.SameSite]string{http.SameSiteLaxMode: "Lax", http.SameSiteStrictMode: "Strict", http.SameSiteNoneMode: "None"}[mode]
}

// compareCookieValues compares signed cookies by what they say and who signed them.
func (c *comparison) compareCookieValues(name, old, new string) {
	where := "cookie " + name
	if name == c.RememberCookie && c.SecretKey != "" {
		old, new = c.rememberText(old), c.rememberText(new)
	}
	before, isSigned := c.payloadOf(old)
	after, areSigned := c.payloadOf(new)
	if isSigned && areSigned {
		a, _ := readJSON(before)
		b, _ := readJSON(after)
		c.compareJSON(where, a, b)
		if by, other := c.signedBy(old), c.signedBy(new); by != other {
			c.add(where+"; signature", by, other)
		}
		return
	}
	if before, after := c.spoken(old), c.spoken(new); before != after {
		c.add(where, before, after)
	}
}

// rememberText says whom a remember cookie means, and whether the signature is good.
func (c *comparison) rememberText(token string) string {
	if id, ok := login.ParseRememberToken(c.SecretKey, token); ok {
		return id
	}
	end := max(0, strings.LastIndexByte(token, '|'))
	return token[:end] + " with a wrong signature"
}

func (c *comparison) compareBodies(old, new *Response) {
	before, after := string(old.Body), string(new.Body)
	if before == after {
		return
	}
	kind, _, _ := mime.ParseMediaType(old.Header.Get("Content-Type"))
	switch {
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		a, isJSON := readJSON(before)
		b, areJSON := readJSON(after)
		if isJSON && areJSON {
			c.compareJSON("json", a, b)
			return
		}
	case kind == "text/html" || kind == "application/xhtml+xml":
		c.compareTokens(htmlTokens(before, c.spoken), htmlTokens(after, c.spoken))
		return
	}
	if before, after := c.spoken(before), c.spoken(after); before != after {
		c.add("body", excerpt(before, after), excerpt(after, before))
	}
}

// excerpt is the part of a text around the first byte that differs from another.
func excerpt(text, other string) string {
	const around = 100
	start := 0
	for start < min(len(text), len(other)) && text[start] == other[start] {
		start++
	}
	return strings.ToValidUTF8(text[max(0, start-around):min(len(text), start+around)], "\ufffd")
}
