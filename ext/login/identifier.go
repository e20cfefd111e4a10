package login

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/internal/configkey"
)

// Identifier returns the hash by which a session is bound to the browser that
// sent this request: 128 hex digits, which the session keeps as "_id".
//
// V06 hashes the first address of X-Forwarded-For, if that header was sent,
// else the address of the connection, and the User-Agent. V07 believes no
// header; behind a proxy, both sides then need ProxyFix.
func Identifier(c *decant.Context, version Version) string {
	text := identity07(c.Request)
	if version == V06 {
		text = identity06(c.Request)
	}
	hash := sha512.Sum512([]byte(text))
	return hex.EncodeToString(hash[:])
}

// identity06 joins two bytes objects as Python prints them, because that is
// what Flask-Login 0.6 hashes.
func identity06(r *decant.Request) string {
	return addressRepr(r) + "|" + agentRepr(r)
}

func addressRepr(r *decant.Request) string {
	address, known := peerAddress(r)
	if lines, sent := r.Header["X-Forwarded-For"]; sent {
		address, known = widen(strings.Join(lines, ",")), true
	}
	if !known {
		return "None"
	}
	address, _, _ = strings.Cut(address, ",")
	return bytesRepr(strings.Trim(address, " \t\n\r\v\f"))
}

func agentRepr(r *decant.Request) string {
	lines, sent := r.Header["User-Agent"]
	if !sent {
		return "None"
	}
	return bytesRepr(widen(strings.Join(lines, ",")))
}

func identity07(r *decant.Request) string {
	address, known := peerAddress(r)
	if !known {
		address = "None"
	}
	return address + "|" + widen(strings.Join(r.Header["User-Agent"], ","))
}

// peerAddress is the address of the connection without its port.
func peerAddress(r *decant.Request) (address string, known bool) {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host, host != ""
	}
	return r.RemoteAddr, r.RemoteAddr != ""
}

// widen reads each byte as one character, as WSGI does with headers, and
// returns the characters as UTF-8.
func widen(header string) string {
	var text strings.Builder
	for i := range len(header) {
		text.WriteRune(rune(header[i]))
	}
	return text.String()
}

// bytesRepr prints bytes as Python's repr does.
func bytesRepr(bytes string) string {
	quote := byte('\'')
	if strings.Contains(bytes, "'") && !strings.Contains(bytes, `"`) {
		quote = '"'
	}
	var text strings.Builder
	text.WriteString("b" + string(quote))
	for i := range len(bytes) {
		switch char := bytes[i]; {
		case char == quote || char == '\\':
			text.WriteByte('\\')
			text.WriteByte(char)
		case char == '\t':
			text.WriteString(`\t`)
		case char == '\n':
			text.WriteString(`\n`)
		case char == '\r':
			text.WriteString(`\r`)
		case char < ' ' || char >= 0x7f:
			fmt.Fprintf(&text, `\x%02x`, char)
		default:
			text.WriteByte(char)
		}
	}
	text.WriteByte(quote)
	return text.String()
}

// protection is the setting in force.
func (s *Settings) protection(config *decant.Config) Protection {
	if _, ok := config.Lookup("SESSION_PROTECTION"); ok {
		return Protection(configkey.Text(config, "SESSION_PROTECTION", ""))
	}
	return s.SessionProtection
}
