package header

import "strconv"

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

// Seconds returns the whole number that a directive such as "max-age" holds,
// and whether there is one.
func (c *CacheControl) Seconds(name string) (int, bool) {
	text, _ := c.directives.Lookup(name)
	seconds, err := strconv.Atoi(text)
	return seconds, err == nil
}

// Set gives a directive a value, in its place if it is there already.
func (c *CacheControl) Set(name, value string) { c.directives.Set(name, value) }

// SetSeconds gives a directive such as "max-age" a number of seconds.
func (c *CacheControl) SetSeconds(name string, seconds int) {
	c.directives.Set(name, strconv.Itoa(seconds))
}

// SetFlag adds a directive without a value, such as "no-store".
func (c *CacheControl) SetFlag(name string) {
	c.directives.put(Parameter{Name: name, Bare: true})
}

// Delete removes a directive if it is there.
func (c *CacheControl) Delete(name string) { c.directives.Delete(name) }

// String returns the header, or "" when there are no directives.
func (c *CacheControl) String() string { return FormatDict(c.directives) }

// FileCacheControl returns the Cache-Control header that send_file sends for a
// file: "no-cache" without a maximum age (limited is false), so that browsers
// ask again; "public, max-age=N" for one above 0 seconds.
func FileCacheControl(maxAge int, limited bool) string {
	if !limited {
		return "no-cache"
	}
	if maxAge > 0 {
		return "public, max-age=" + strconv.Itoa(maxAge)
	}
	return "no-cache, max-age=" + strconv.Itoa(maxAge)
}
