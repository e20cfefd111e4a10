package wirecookie

import (
	"time"

	"github.com/decant-go/decant/internal/httpdate"
)

// Prepared is a cookie whose name and attributes are written once, for many values
// and dates. Goroutines may share it.
type Prepared struct {
	start      string // up to the value
	domain     string
	attributes string // behind Expires
	deletion   string
}

// Prepare returns a cookie without its value, Expires and MaxAge, which do not count.
// The errors are those of [Append] and [CheckForBrowsers].
func Prepare(c Cookie) (*Prepared, error) {
	c.Value, c.Expires, c.MaxAge = "", time.Unix(0, 0), Some(0)
	deletion, err := AppendForBrowsers(nil, &c, time.Time{})
	if err != nil {
		return nil, err
	}
	return &Prepared{
		start:      c.Name + "=",
		domain:     string(c.appendDomain(nil)),
		attributes: string(c.appendFlags(nil)),
		deletion:   string(deletion),
	}, nil
}

// AppendStart appends all that stands before the value. The value must follow in
// characters that need no quotes.
func (p *Prepared) AppendStart(dst []byte) []byte { return append(dst, p.start...) }

// AppendEnd appends all that stands behind the value. The zero time leaves Expires
// out.
func (p *Prepared) AppendEnd(dst []byte, expires time.Time) []byte {
	dst = append(dst, p.domain...)
	if !expires.IsZero() {
		dst = httpdate.Append(append(dst, "; Expires="...), expires)
	}
	return append(dst, p.attributes...)
}

// Deletion is the cookie that makes browsers delete theirs.
func (p *Prepared) Deletion() string { return p.deletion }
