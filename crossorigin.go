package decant

import (
	"fmt"
	"net/http"
)

// crossOriginProtection is the standard library's, or nil where it is off.
func (c *Config) crossOriginProtection() *http.CrossOriginProtection {
	if c.AllowCrossOrigin {
		return nil
	}
	protection := http.NewCrossOriginProtection()
	for _, origin := range c.TrustedOrigins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(fmt.Sprintf("decant: Config.TrustedOrigins: %v; write an origin such as \"https://app.example.com\"", err))
		}
	}
	return protection
}

// checkOrigin refuses unsafe requests that pages of other origins send.
func (c *Context) checkOrigin() error {
	if c.App.crossOrigin == nil || c.App.crossOrigin.Check(c.Request.Request) == nil {
		return nil
	}
	return NewHTTPError(http.StatusForbidden, "This request was sent by a page of another site. Use the site's own pages, or add the other origin to the trusted ones.")
}
