package header

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/safepath"
)

// ErrURL is wrapped by the errors for a URL whose host or port is malformed.
var ErrURL = errors.New("malformed URL")

// urlParts are the parts of a URL by the rules of Python's urlsplit. It accepts
// other malformed URLs than net/url does. Empty parts and their delimiters are
// lost.
type urlParts struct {
	scheme             string
	username, password string
	host               string // lower case, no brackets
	port               int    // 0 for none
	path               string
	query, fragment    string
}

func splitURL(url string) (parts urlParts, err error) {
	url = strings.TrimLeft(url, controls+" ")
	url = lineBreaks.Replace(url)
	parts.scheme, url = cutURLScheme(url)
	if rest, found := strings.CutPrefix(url, "//"); found {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if err := parts.setAuthority(rest[:end]); err != nil {
			return urlParts{}, err
		}
		url = rest[end:]
	}
	url, parts.fragment, _ = strings.Cut(url, "#")
	parts.path, parts.query, _ = strings.Cut(url, "?")
	return parts, nil
}

// Browsers remove these characters anywhere in a URL, so they are removed before
// the URL is checked (Werkzeug CVE-2020-28724: a tab that hides a slash).
var lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

var schemeChars = setOf(letters + digits + "+-.")

func cutURLScheme(url string) (scheme, rest string) {
	scheme, rest, found := strings.Cut(url, ":")
	if !found || scheme == "" || !schemeChars.containsAll(scheme) ||
		!strings.Contains(letters, scheme[:1]) {
		return "", url
	}
	return strings.ToLower(scheme), rest
}

func (p *urlParts) setAuthority(authority string) error {
	if !validBrackets(authority) || hidesDelimiter(authority) {
		return fmt.Errorf("%w: host %q", ErrURL, authority)
	}
	userinfo, hostport, found := cutLast(authority, "@")
	if !found {
		userinfo, hostport = "", authority
	}
	if username, password, _ := strings.Cut(userinfo, ":"); username != "" {
		p.username, p.password = username, password
	}
	host, port := splitHostPort(hostport)
	if strings.ContainsAny(host, neverInHost) {
		return fmt.Errorf("%w: host %q holds a blank, a control character or a delimiter", ErrURL, host)
	}
	p.host = lowerHost(host)
	return p.setPort(port)
}

// neverInHost are characters that Python accepts, but browsers do not: they refuse
// them or, like the backslash, take them for the end of the host.
const neverInHost = controls + " \x7f\"<>\\^`{|}"

// validBrackets allows brackets around an IPv6 address only.
func validBrackets(authority string) bool {
	_, rest, opened := strings.Cut(authority, "[")
	address, _, _ := strings.Cut(rest, "]")
	if !opened {
		return !strings.Contains(authority, "]")
	}
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.Is6() && strings.Contains(authority, "]")
}

func splitHostPort(hostport string) (host, port string) {
	_, bracketed, isBracketed := strings.Cut(hostport, "[")
	if !isBracketed {
		host, port, _ = strings.Cut(hostport, ":")
		return host, port
	}
	host, port, _ = strings.Cut(bracketed, "]")
	_, port, _ = strings.Cut(port, ":")
	return host, port
}

// lowerHost keeps the case of an IPv6 zone.
func lowerHost(host string) string {
	name, zone, scoped := strings.Cut(host, "%")
	if scoped {
		return lower(name) + "%" + zone
	}
	return lower(name)
}

// lower is Python's lower. strings.ToLower makes an i of a dotted İ, and so another
// host.
func lower(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "İ", "i\u0307"))
}

func (p *urlParts) setPort(text string) error {
	if text == "" {
		return nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || !isDigits(text) {
		return fmt.Errorf("%w: port %q is no number up to 65535", ErrURL, text)
	}
	p.port = int(port)
	return nil
}

// hidesDelimiter finds characters such as ℀. It becomes a/c when a host is
// normalized, and would move the end of the host.
func hidesDelimiter(authority string) bool {
	for _, r := range authority {
		if r >= utf8.RuneSelf && strings.ContainsAny(safepath.ASCII(string(r)), "/?#@:") {
			return true
		}
	}
	return false
}

// String joins the parts. A path that starts with two slashes never becomes a
// host; in older Pythons it does.
func (p urlParts) String() string {
	var url strings.Builder
	if p.scheme != "" {
		url.WriteString(p.scheme + ":")
	}
	authority := p.authority()
	if authority != "" || strings.HasPrefix(p.path, "//") || takesAuthority(p.scheme) {
		url.WriteString("//" + authority)
		if p.path != "" && !strings.HasPrefix(p.path, "/") {
			url.WriteByte('/')
		}
	}
	url.WriteString(p.path)
	if p.query != "" {
		url.WriteString("?" + p.query)
	}
	if p.fragment != "" {
		url.WriteString("#" + p.fragment)
	}
	return url.String()
}

func (p urlParts) authority() string {
	authority := p.host
	if strings.Contains(authority, ":") {
		authority = "[" + authority + "]"
	}
	if p.port != 0 {
		authority += ":" + strconv.Itoa(p.port)
	}
	if p.username == "" {
		return authority
	}
	userinfo := p.username
	if p.password != "" {
		userinfo += ":" + p.password
	}
	return userinfo + "@" + authority
}

// takesAuthority lists the schemes whose URLs have "//" even without a host.
func takesAuthority(scheme string) bool {
	switch scheme {
	case "ftp", "http", "gopher", "nntp", "telnet", "imap", "wais", "file", "mms", "https",
		"shttp", "snews", "prospero", "rtsp", "rtsps", "rtspu", "rsync", "svn", "svn+ssh",
		"sftp", "nfs", "git", "git+ssh", "ws", "wss", "itms-services":
		return true
	}
	return false
}
