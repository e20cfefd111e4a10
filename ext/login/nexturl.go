package login

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/internal/configkey"
)

// NextParam is what a login page is told of the page that the user wanted: the
// path and the query of currentURL, or all of it where the login page is on
// another host. It returns "" for a URL that is malformed. It mirrors
// make_next_param.
func NextParam(loginURL, currentURL string) string {
	login, ok := splitURL(loginURL)
	current, alsoOK := splitURL(currentURL)
	switch {
	case !ok || !alsoOK:
		return ""
	case (login.scheme == "" || login.scheme == current.scheme) && (login.host == "" || login.host == current.host):
		return parts{path: current.path, query: current.query}.String()
	}
	return currentURL
}

// LoginURL returns the URL of a login view, an endpoint or a URL as in
// [Settings], with nextURL in the parameter "next", or in the one that field
// names; an empty nextURL leaves it out. It mirrors flask_login.login_url.
func LoginURL(c *decant.Context, loginView, nextURL string, field ...string) string {
	base := expand(c, loginView)
	if nextURL == "" {
		return base
	}
	name := nextKey
	if len(field) > 0 {
		name = field[0]
	}
	login, ok := splitURL(base)
	if !ok {
		return base
	}
	login.query = withParameter(login.query, name, NextParam(base, nextURL))
	if host := configkey.Text(c.App.Config, "FORCE_HOST_FOR_REDIRECTS", ""); host != "" {
		login.host = host
	}
	return login.String()
}

// expand turns an endpoint into its URL and leaves a URL alone.
func expand(c *decant.Context, loginView string) string {
	for _, prefix := range []string{"https://", "http://", "/"} {
		if strings.HasPrefix(loginView, prefix) {
			return loginView
		}
	}
	return c.URLFor(loginView)
}

// Next returns where a user who has just logged in wanted to go: the parameter
// "next" of the query, or of the session where USE_SESSION_FOR_NEXT is set,
// which then forgets it. A URL that leads to another site gives the
// fallback, as in [decant.Context.SafeNext].
func (m *Manager[U]) Next(c *decant.Context, fallback string) string {
	next := c.Request.Args.Get(nextKey)
	if usesSessionForNext(c.App.Config) && c.Session.Has(nextKey) {
		next, _ = c.Session.Pop(nextKey).(string)
	}
	return c.SafeNext(next, fallback)
}

func usesSessionForNext(config *decant.Config) bool {
	return configkey.Bool(config, "USE_SESSION_FOR_NEXT", false)
}

// parameter is one name of a query with all its values.
type parameter struct {
	name   string
	values []string
}

// withParameter sets one parameter of a query. The others are written again as
// Python's urlencode writes what parse_qs has read: equal names together.
func withParameter(query, name, value string) string {
	var parameters []*parameter
	byName := map[string]*parameter{}
	of := func(name string) *parameter {
		if byName[name] == nil {
			byName[name] = &parameter{name: name}
			parameters = append(parameters, byName[name])
		}
		return byName[name]
	}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, text, _ := strings.Cut(part, "=")
		p := of(unquote(key))
		p.values = append(p.values, unquote(text))
	}
	of(name).values = []string{value}
	var fields []string
	for _, p := range parameters {
		for _, text := range p.values {
			fields = append(fields, url.QueryEscape(p.name)+"="+url.QueryEscape(text))
		}
	}
	return strings.Join(fields, "&")
}

// unquote decodes a part of a query; a "%" that begins no escape stays.
func unquote(text string) string {
	var decoded []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			decoded = append(decoded, ' ')
		case text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			char, _ := url.PathUnescape(text[i : i+3])
			decoded = append(decoded, char...)
			i += 2
		default:
			decoded = append(decoded, text[i])
		}
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD")
}

func isHex(char byte) bool {
	return '0' <= char && char <= '9' || 'a' <= char|0x20 && char|0x20 <= 'f'
}

// parts are the parts of a URL as Python's urlsplit tells them, which takes
// what net/url refuses. Both sides must agree about a URL that came from a
// client.
type parts struct{ scheme, host, path, query, fragment string }

// splitURL is not ok for a host that urlsplit refuses.
func splitURL(text string) (p parts, ok bool) {
	text = strings.TrimLeftFunc(text, func(char rune) bool { return char <= ' ' })
	text = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text)
	if scheme, rest, found := strings.Cut(text, ":"); found && isScheme(scheme) {
		p.scheme, text = strings.ToLower(scheme), rest
	}
	if rest, found := strings.CutPrefix(text, "//"); found {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		p.host, text = rest[:end], rest[end:]
		if !isHost(p.host) {
			return parts{}, false
		}
	}
	text, p.fragment, _ = strings.Cut(text, "#")
	p.path, p.query, _ = strings.Cut(text, "?")
	return p, true
}

// isHost reports whether urlsplit accepts a host with its user and its port:
// brackets must hold an IPv6 address or one of a future version, and no
// character may stand for one that ends the host.
func isHost(text string) bool {
	if strings.ContainsAny(text, disguised) {
		return false
	}
	_, inside, opened := strings.Cut(text, "[")
	if opened != strings.Contains(text, "]") {
		return false
	}
	if !opened {
		return true
	}
	inside, _, _ = strings.Cut(inside, "]")
	if strings.HasPrefix(inside, "v") {
		version, rest, _ := strings.Cut(inside[1:], ".")
		return version != "" && strings.IndexFunc(version, isNotHex) < 0 && rest != ""
	}
	address, err := netip.ParseAddr(inside)
	return err == nil && address.Is6()
}

// disguised are the characters that Unicode's NFKC turns into text with "/",
// "?", "#", "@" or ":".
const disguised = "\u2047\u2048\u2049\u2100\u2101\u2105\u2106\u2a74\ufe13\ufe16\ufe55\ufe56\ufe5f\ufe6b\uff03\uff0f\uff1a\uff1f\uff20"

func isNotHex(char rune) bool { return char > 'f' || !isHex(byte(char)) }

func isScheme(text string) bool {
	if text == "" || !isLetter(text[0]) {
		return false
	}
	for i := range len(text) {
		if char := text[i]; !isLetter(char) && !('0' <= char && char <= '9') && !strings.ContainsRune("+-.", rune(char)) {
			return false
		}
	}
	return true
}

func isLetter(char byte) bool { return 'a' <= char|0x20 && char|0x20 <= 'z' }

// String joins the parts, as Python's urlunsplit does.
func (p parts) String() string {
	text := p.path
	if p.host != "" || (p.scheme == "http" || p.scheme == "https") && !strings.HasPrefix(text, "//") {
		if text != "" && text[0] != '/' {
			text = "/" + text
		}
		text = "//" + p.host + text
	}
	if p.scheme != "" {
		text = p.scheme + ":" + text
	}
	if p.query != "" {
		text += "?" + p.query
	}
	if p.fragment != "" {
		text += "#" + p.fragment
	}
	return text
}
