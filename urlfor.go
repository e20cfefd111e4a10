package decant

import (
	"errors"
	"fmt"
	"strings"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/rule"
)

// BuildError says that no URL can be built for an endpoint with the given
// values, and what would help.
type BuildError struct {
	// Endpoint is the one that was asked for.
	Endpoint string
	err      error
}

// Error names the endpoint, what is wrong with it, and the nearest one.
func (e *BuildError) Error() string { return "decant: " + e.err.Error() }

// Unwrap returns the reason.
func (e *BuildError) Unwrap() error { return e.err }

// URLFor returns the URL of an endpoint. Values are pairs of a name and a value
// and fill the variables of the rule; the others become the query string, in
// their order: a slice repeats its name, and nil is left out. Four names are
// special, as in Flask: "_anchor", "_external" (a whole URL), "_method" and
// "_scheme".
//
// An endpoint that does not exist, or a value that is missing, is a mistake in
// the program and panics with a *BuildError, which ends the request with a 500.
// [App.BuildURL] returns it instead.
func (c *Context) URLFor(endpoint string, values ...any) string {
	url, err := c.buildURL(endpoint, values)
	if err != nil {
		panic(err)
	}
	return url
}

func (c *Context) buildURL(endpoint string, values []any) (string, error) {
	b, anchor, err := newBuild(endpoint, values)
	if err != nil {
		return "", err
	}
	b.Endpoint = strings.TrimPrefix(endpoint, ".")
	b.DefaultMethod = c.Request.Method
	b.Server, err = c.server(b.External)
	if err != nil {
		return "", &BuildError{endpoint, err}
	}
	if b.Scheme == "" && !hasValue(values, "_scheme") {
		b.Scheme = c.scheme()
	}
	return c.App.build(b, anchor)
}

// server is the host of external URLs: the configured name, or that of the
// request.
func (c *Context) server(external bool) (string, error) {
	if name := c.App.Config.ServerName; name != "" || !external {
		return name, nil
	}
	return header.Host(c.scheme(), c.Request.Host, header.TrustedHosts{})
}

func (c *Context) scheme() string {
	if c.Request.TLS != nil {
		return "https"
	}
	return "http"
}

// BuildURL returns the URL of an endpoint outside of a request, as
// [Context.URLFor] does in one. Such URLs are external and need
// Config.ServerName, unless "_external" is given as false.
func (a *App) BuildURL(endpoint string, values ...any) (string, error) {
	b, anchor, err := newBuild(endpoint, values)
	if err != nil {
		return "", err
	}
	if !hasValue(values, "_external") {
		b.External = true
	}
	if b.External && a.Config.ServerName == "" {
		return "", &BuildError{endpoint, errors.New("an external URL outside of a request needs Config.ServerName; set it, or pass \"_external\", false for the path alone")}
	}
	b.Server = a.Config.ServerName
	b.ScriptName = strings.TrimSuffix(a.Config.ApplicationRoot, "/")
	if b.Scheme == "" && !hasValue(values, "_scheme") {
		b.Scheme = a.Config.PreferredURLScheme
	}
	return a.build(b, anchor)
}

// URLFor is BuildURL that panics with its error.
func (a *App) URLFor(endpoint string, values ...any) string {
	url, err := a.BuildURL(endpoint, values...)
	if err != nil {
		panic(err)
	}
	return url
}

func (a *App) build(b rule.Build, anchor *string) (string, error) {
	url, err := a.rules.Build(b)
	if err != nil {
		return "", &BuildError{b.Endpoint, err}
	}
	if anchor != nil {
		url += "#" + rule.QuoteAnchor(*anchor)
	}
	return url, nil
}

func hasValue(values []any, name string) bool {
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == name {
			return true
		}
	}
	return false
}

// newBuild reads the pairs of URLFor.
func newBuild(endpoint string, values []any) (b rule.Build, anchor *string, err error) {
	b = rule.Build{Endpoint: endpoint, AppendUnknown: true}
	if len(values)%2 != 0 {
		return b, nil, &BuildError{endpoint, fmt.Errorf("URLFor(%q) needs pairs of names and values, and got %d arguments", endpoint, len(values))}
	}
	for i := 0; i < len(values); i += 2 {
		name, ok := values[i].(string)
		if !ok {
			return b, nil, &BuildError{endpoint, fmt.Errorf("URLFor(%q): argument %d is a %T where a name belongs", endpoint, i+1, values[i])}
		}
		if anchor, err = addValue(&b, name, values[i+1], anchor); err != nil {
			return b, nil, &BuildError{endpoint, err}
		}
	}
	if b.Scheme != "" && hasValue(values, "_external") && !b.External {
		return b, nil, &BuildError{endpoint, errors.New("\"_scheme\" makes no sense with \"_external\", false; leave one of them out")}
	}
	b.External = b.External || hasValue(values, "_scheme")
	return b, anchor, nil
}

func addValue(b *rule.Build, name string, value any, anchor *string) (*string, error) {
	var ok bool
	switch name {
	default:
		b.Values = append(b.Values, rule.Value{Name: name, Value: value})
		return anchor, nil
	case "_external":
		b.External, ok = value.(bool)
	case "_method":
		b.Method, ok = value.(string)
	case "_scheme":
		b.Scheme, ok = value.(string)
	case "_anchor":
		var text string
		text, ok = value.(string)
		anchor = &text
	}
	if !ok {
		return nil, fmt.Errorf("the special value %q cannot be a %T", name, value)
	}
	return anchor, nil
}
