package header

import (
	"errors"
	"strconv"

	"github.com/decant-go/decant/internal/pytext"
)

// CacheControl holds the directives of a Cache-Control header in order. It
// mirrors RequestCacheControl and ResponseCacheControl. Names are kept and
// compared as they were written, so "MAX-AGE" is not "max-age". The zero value
// is an empty header.
type CacheControl struct {
	directives Parameters
}

// ParseCacheControl reads a Cache-Control header, request or response. It
// mirrors parse_cache_control_header.
func ParseCacheControl(value string) CacheControl {
	return CacheControl{ParseDict(value)}
}

// Directives returns the directives in order. Do not modify them.
func (c *CacheControl) Directives() Parameters { return c.directives }

// Has reports whether the directive is there, with a value or without.
func (c *CacheControl) Has(name string) bool { return c.directives.index(name) >= 0 }

// Value returns the text after "=", and whether the directive is there.
func (c *CacheControl) Value(name string) (string, bool) { return c.directives.Lookup(name) }

// Seconds returns the whole number of a directive such as "max-age", and whether the
// directive has one. A number that is too large is the largest int.
func (c *CacheControl) Seconds(name string) (int, bool) {
	text, _ := c.directives.Lookup(name)
	if seconds, err := strconv.Atoi(text); err == nil || errors.Is(err, strconv.ErrRange) {
		return seconds, true
	}
	return pytext.ParseInt(text)
}

// Set sets the value of a directive. A new directive goes to the end.
func (c *CacheControl) Set(name, value string) { c.directives.Set(name, value) }

// SetFlag adds a directive without a value, such as "no-store".
func (c *CacheControl) SetFlag(name string) {
	c.directives.put(Parameter{Name: name, Bare: true})
}

// Delete removes a directive if it is there.
func (c *CacheControl) Delete(name string) { c.directives.Delete(name) }

// String returns the header, or "" when there are no directives.
func (c *CacheControl) String() string { return FormatDict(c.directives) }

// FileCacheControl returns the Cache-Control header of a file: "no-cache" without
// a maximum age (limited is false), "public, max-age=N" for a maximum age above 0
// seconds, and "no-cache, max-age=0" for 0. With no-cache, browsers ask each time.
// It mirrors send_file.
func FileCacheControl(maxAge int, limited bool) string {
	if !limited {
		return "no-cache"
	}
	if maxAge > 0 {
		return "public, max-age=" + strconv.Itoa(maxAge)
	}
	return "no-cache, max-age=" + strconv.Itoa(maxAge)
}
