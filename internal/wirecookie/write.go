package wirecookie

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/idna"
)

// MaxSize is the length in bytes of a whole Set-Cookie value that browsers are
// known to accept: the default of Flask's MAX_COOKIE_SIZE.
const MaxSize = 4093

// A Cookie holds the parts of a Set-Cookie header: the arguments of dump_cookie.
// The zero value of an attribute is Python's None or False and leaves it out.
type Cookie struct {
	// Name may be any string without control characters and semicolons.
	Name string
	// Value may be any string. Characters that a cookie cannot hold are escaped.
	// Bytes that are not UTF-8 come back as U+FFFD.
	Value string

	// Domain may have leading dots and a port, which are dropped, and letters
	// outside ASCII, which become an xn-- name. Set and empty gives "Domain=".
	Domain Optional[string]
	// Path is percent-quoted. dump_cookie's own default is Some("/").
	Path Optional[string]
	// Expires is the date on which the cookie ends. The zero time leaves it
	// to MaxAge.
	Expires time.Time
	// ExpiresText, if set, is written instead of Expires.
	ExpiresText Optional[string]
	// MaxAge is the life of the cookie in seconds. It adds Expires, for old
	// browsers, if that is not given.
	MaxAge Optional[int]
	// SkipExpires keeps MaxAge from adding Expires: sync_expires=False.
	SkipExpires bool
	// Secure limits the cookie to HTTPS.
	Secure bool
	// HTTPOnly hides the cookie from scripts.
	HTTPOnly bool
	// SameSite is Strict, Lax or None, in any case of letters.
	SameSite Optional[string]
	// Partitioned stores the cookie by top-level site. It implies Secure.
	Partitioned bool
}

// Optional is a value that may be absent: Python's "or None".
type Optional[T any] struct {
	Value T
	Set   bool
}

// Some returns an Optional that is set to value.
func Some[T any](value T) Optional[T] {
	return Optional[T]{Value: value, Set: true}
}

// Append writes the text behind "Set-Cookie: " to dst and returns the extended
// slice, as dump_cookie(...) does at the time now. It allocates only to grow
// dst and to translate a domain that is not ASCII.
//
// The error names the cookie and what is wrong: a SameSite other than the
// three, a domain or a date that cannot be written, and, unlike Werkzeug, a
// control character or a semicolon in a place where it would change the
// meaning of the header. dst is then returned as it was.
func Append(dst []byte, c Cookie, now time.Time) ([]byte, error) {
	return c.append(dst, now)
}

// AppendForBrowsers is [Append] for a cookie that browsers keep. Its errors are those
// of Append and [CheckForBrowsers]. It changes the attributes of c to the spelling that
// the header has.
func AppendForBrowsers(dst []byte, c *Cookie, now time.Time) ([]byte, error) {
	line, err := c.append(dst, now)
	if err == nil {
		err = CheckForBrowsers(c)
	}
	if err != nil {
		return dst, err
	}
	return line, nil
}

func (c *Cookie) append(dst []byte, now time.Time) ([]byte, error) {
	if err := c.normalize(now); err != nil {
		return dst, fmt.Errorf("cookie %q: %w", c.Name, err)
	}
	plain := isPlain(c.Value)
	dst = slices.Grow(dst, c.room(plain))
	dst = append(dst, c.Name...)
	dst = append(dst, '=')
	dst = appendValue(dst, c.Value, plain)
	return c.appendAttributes(dst), nil
}

// room returns a size in bytes that is enough for a normalized cookie.
func (c *Cookie) room(plain bool) int {
	const fixed = len("=; Domain=; Expires=Mon, 02 Jan 2006 15:04:05 GMT; Max-Age=-9223372036854775808" +
		"; Secure; HttpOnly; Path=; SameSite=Strict; Partitioned")
	return fixed + len(c.Name) + valueSize(c.Value, plain) +
		len(c.Domain.Value) + len(c.ExpiresText.Value) + 3*len(c.Path.Value)
}

// normalize checks a cookie and spells its attributes as the header has them.
func (c *Cookie) normalize(now time.Time) (err error) {
	if err := checkText("name", c.Name); err != nil {
		return err
	}
	if err := checkText("Expires text", c.ExpiresText.Value); err != nil {
		return err
	}
	if c.Domain.Set {
		if c.Domain.Value, err = asciiDomain(c.Domain.Value); err != nil {
			return err
		}
		if err := checkText("domain", c.Domain.Value); err != nil {
			return err
		}
	}
	if err := c.setExpires(now); err != nil {
		return err
	}
	c.Secure = c.Secure || c.Partitioned
	c.SameSite.Value, err = c.sameSite()
	return err
}

// setExpires derives the date of Expires from MaxAge if no date is given.
func (c *Cookie) setExpires(now time.Time) error {
	if c.MaxAge.Set && c.Expires.IsZero() && !c.ExpiresText.Set && !c.SkipExpires {
		c.Expires = time.Unix(now.Unix()+int64(c.MaxAge.Value), 0)
	}
	const first, last = -62135596800, 253402300799 // the years 1 to 9999, as in Python
	if seconds := c.Expires.Unix(); seconds < first || seconds > last {
		return errors.New("the date in Expires would be outside the years 1 to 9999; choose a nearer date or a smaller Max-Age")
	}
	return nil
}

func (c *Cookie) sameSite() (string, error) {
	if !c.SameSite.Set {
		return "", nil
	}
	for _, policy := range [...]string{"Strict", "Lax", "None"} {
		if strings.EqualFold(c.SameSite.Value, policy) {
			return policy, nil
		}
	}
	return "", fmt.Errorf("SameSite must be 'Strict', 'Lax', or 'None', not %q", c.SameSite.Value)
}

// appendAttributes writes the attributes in Werkzeug's order.
func (c *Cookie) appendAttributes(dst []byte) []byte {
	dst = c.appendDomain(dst)
	dst = c.appendExpires(dst)
	if c.MaxAge.Set {
		dst = append(dst, "; Max-Age="...)
		dst = strconv.AppendInt(dst, int64(c.MaxAge.Value), 10)
	}
	return c.appendFlags(dst)
}

func (c *Cookie) appendDomain(dst []byte) []byte {
	if c.Domain.Set {
		dst = append(dst, "; Domain="...)
		dst = append(dst, c.Domain.Value...)
	}
	return dst
}

// appendFlags writes the attributes that have nothing to do with time.
func (c *Cookie) appendFlags(dst []byte) []byte {
	if c.Secure {
		dst = append(dst, "; Secure"...)
	}
	if c.HTTPOnly {
		dst = append(dst, "; HttpOnly"...)
	}
	if c.Path.Set {
		dst = append(dst, "; Path="...)
		dst = appendPath(dst, c.Path.Value)
	}
	if c.SameSite.Set {
		dst = append(dst, "; SameSite="...)
		dst = append(dst, c.SameSite.Value...)
	}
	if c.Partitioned {
		dst = append(dst, "; Partitioned"...)
	}
	return dst
}

func (c *Cookie) appendExpires(dst []byte) []byte {
	switch {
	case c.ExpiresText.Set:
		dst = append(dst, "; Expires="...)
		return append(dst, c.ExpiresText.Value...)
	case !c.Expires.IsZero():
		dst = append(dst, "; Expires="...)
		return httpdate.Append(dst, c.Expires)
	}
	return dst
}

// asciiDomain drops leading dots and the port and spells the rest in ASCII.
func asciiDomain(domain string) (string, error) {
	domain, _, _ = strings.Cut(domain, ":")
	domain = strings.TrimLeft(domain, ".")
	if isPlainDomain(domain) {
		return domain, nil
	}
	return idna.ToASCII(domain)
}

// isPlainDomain reports whether a domain needs no encoding: it is ASCII, with 1 to
// 63 bytes before each dot. It is the fast path for the usual domain.
func isPlainDomain(domain string) bool {
	label := 0
	for _, b := range []byte(domain) {
		switch {
		case b != '.':
			label++
		case label == 0:
			return false
		default:
			label = 0
		}
		if b >= utf8.RuneSelf || label > 63 {
			return false
		}
	}
	return true
}

// checkText refuses characters that would end an attribute or the header, so that
// no part of a cookie can add an attribute, a cookie or a header.
func checkText(what, text string) error {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b == 0x7f || b == ';' {
			return fmt.Errorf("the %s %q contains %q, which would break the Set-Cookie header; control characters and semicolons are not allowed there", what, text, b)
		}
	}
	return nil
}

// appendValue writes a plain value as it is, and any other value in quotes with
// special bytes escaped. Bytes 1A to 1F are not escaped, as in Werkzeug.
func appendValue(dst []byte, value string, plain bool) []byte {
	if plain {
		return append(dst, value...)
	}
	dst = append(dst, '"')
	for _, b := range []byte(value) {
		switch {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case isEscaped(b):
			dst = append(dst, '\\', '0'+b>>6, '0'+b>>3&7, '0'+b&7)
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '"')
}

// valueSize returns the number of bytes that appendValue writes.
func valueSize(value string, plain bool) int {
	if plain {
		return len(value)
	}
	size := len(value) + len(`""`)
	for _, b := range []byte(value) {
		switch {
		case b == '"' || b == '\\':
			size++
		case isEscaped(b):
			size += len(`ooo`)
		}
	}
	return size
}

// isPlain reports whether a value needs no quotes: visible ASCII except the
// four characters with a meaning.
func isPlain(value string) bool {
	for _, b := range []byte(value) {
		switch b {
		case '"', ',', ';', '\\':
			return false
		}
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}

// isEscaped reports whether a byte is written as a backslash and three digits.
func isEscaped(b byte) bool {
	return b <= 0x19 || b == ',' || b == ';' || b >= 0x7f
}

// appendPath percent-quotes the bytes that a path in a cookie may not hold. It
// keeps percent signs, because the path may be quoted already.
func appendPath(dst []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for _, b := range []byte(path) {
		if isPathByte[b] {
			dst = append(dst, b)
			continue
		}
		dst = append(dst, '%', hex[b>>4], hex[b&15])
	}
	return dst
}

var isPathByte = func() (is [256]bool) {
	for _, b := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.~%!$&'()*+,:=@") {
		is[b] = true
	}
	return is
}()
