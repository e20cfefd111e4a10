package wirecookie

import (
	"errors"
	"fmt"
	"strings"
)

// CheckForBrowsers returns an error for a cookie that Append writes, and that
// browsers drop or change without a word. It names the rule that the cookie breaks.
func CheckForBrowsers(c *Cookie) error {
	if err := c.brokenRule(); err != nil {
		return fmt.Errorf("cookie %q: %w", c.Name, err)
	}
	return nil
}

func (c *Cookie) brokenRule() error {
	isSecure := c.Secure || c.Partitioned // which implies it
	switch {
	case c.Name == "":
		return errors.New("browsers drop or mix up cookies without a name; give it one")
	case strings.IndexByte(c.Name, '=') >= 0, strings.IndexByte(c.Name, ' ') >= 0:
		return errors.New("browsers read another name, because it holds an equals sign or a blank; leave them out")
	case hasUnescaped(c.Value):
		return fmt.Errorf("an HTTP/2 server drops the header, because of a control character in the value %q; encode what is not text", c.Value)
	case !isSecure && c.SameSite.Set && strings.EqualFold(c.SameSite.Value, "None"):
		return errors.New("browsers drop a cookie with SameSite=None that is not Secure; make it Secure, or choose Lax")
	case !isSecure && hasPrefix(c.Name, "__Secure-"):
		return errors.New("browsers drop a cookie whose name begins with __Secure- and that is not Secure; make it Secure, or choose another name")
	case !hasPrefix(c.Name, "__Host-"):
		return nil
	case !isSecure:
		return errors.New("browsers drop a cookie whose name begins with __Host- and that is not Secure; make it Secure, or choose another name")
	case c.Domain.Set:
		return errors.New("browsers drop a cookie whose name begins with __Host- and that has a Domain; leave the domain out, or choose another name")
	case !c.Path.Set || c.Path.Value != "/":
		return fmt.Errorf("browsers drop a cookie whose name begins with __Host- and whose Path is not / (it is %q); set the path to /, or choose another name", c.Path.Value)
	}
	return nil
}

// hasUnescaped reports whether a value has one of the control characters that
// dump_cookie writes as they are.
func hasUnescaped(value string) bool {
	for i := range len(value) {
		if b := value[i]; 0x1a <= b && b <= 0x1f {
			return true
		}
	}
	return false
}

// hasPrefix ignores case, as browsers do.
func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
