package decant

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/rule"
	"github.com/decant-go/decant/internal/safepath"
)

// BuildError is the error for an endpoint and values that no URL can be built
// with. Its message says what to do.
type BuildError struct {
	// Endpoint is the endpoint that was asked for.
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
// "_scheme". An endpoint with a leading dot is one of the current blueprint.
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
	if !c.HasRequest() {
		return c.App.buildOutside(c, endpoint, values)
	}
	b, anchor, err := newBuild(endpoint, values)
	if err != nil {
		return "", err
	}
	b.Endpoint = c.absolute(endpoint)
	b.DefaultMethod = c.Request.Method
	b.Domain = c.domain()
	b.ScriptName = encodedPath(c.Request.ScriptRoot())
	if b.Server, err = c.server(b.External); err != nil {
		return "", err
	}
	given := b.Scheme
	if b.Scheme == "" && !hasValue(values, "_scheme") {
		b.Scheme = c.scheme()
	}
	return c.App.build(c, b, given, anchor)
}

// absolute replaces a leading dot with the name of the current blueprint.
func (c *Context) absolute(endpoint string) string {
	local, relative := strings.CutPrefix(endpoint, ".")
	if blueprint := c.Request.Blueprint(); relative && blueprint != "" {
		return blueprint + endpoint
	}
	return local
}

// server returns the host of external URLs: the configured name, or that of the
// request. A request with a malformed host gets a 400.
func (c *Context) server(external bool) (string, error) {
	if name := c.App.config.ServerName; name != "" && !c.App.options.HostMatching || !external {
		return header.WithoutDefaultPort(c.scheme(), name), nil
	}
	host, err := header.Host(c.scheme(), c.Request.Host, c.App.trustedHosts)
	if err != nil || host == "" {
		return "", NewHTTPError(http.StatusBadRequest)
	}
	return strings.ToLower(host), nil
}

// BuildURL returns the URL of an endpoint outside of a request, as
// [Context.URLFor] does in one. Such URLs are external and need
// Config.ServerName, unless "_external" is given as false.
func (a *App) BuildURL(endpoint string, values ...any) (string, error) {
	return a.buildOutside(nil, endpoint, values)
}

// buildOutside builds the URL outside of a request; c may be nil.
func (a *App) buildOutside(c *Context, endpoint string, values []any) (string, error) {
	b, anchor, err := newBuild(endpoint, values)
	if err != nil {
		return "", err
	}
	if !hasValue(values, "_external") {
		b.External = true
	}
	config := a.effectiveConfig()
	if b.External && config.ServerName == "" {
		return "", &BuildError{endpoint, errors.New("an external URL outside of a request needs Config.ServerName; set it, or pass \"_external\", false for the path alone")}
	}
	if b.Server, err = header.ServerName(config.ServerName); err != nil {
		return "", &BuildError{endpoint, fmt.Errorf("Config.ServerName is no host: %w", err)}
	}
	b.DefaultMethod = http.MethodGet
	b.ScriptName = strings.TrimSuffix(config.ApplicationRoot, "/")
	given := b.Scheme
	if b.Scheme == "" && !hasValue(values, "_scheme") {
		b.Scheme = config.PreferredURLScheme
	}
	return a.build(c, b, given, anchor)
}

// URLFor is BuildURL that panics with its error.
func (a *App) URLFor(endpoint string, values ...any) string {
	url, err := a.BuildURL(endpoint, values...)
	if err != nil {
		panic(err)
	}
	return url
}

// IsEndpointExpecting reports whether a rule of the endpoint has all of the
// arguments, as a variable or as a default, so that a [App.URLDefaults]
// function can add a value only where it does not end up in the query:
//
//	if app.IsEndpointExpecting(endpoint, "lang") {
//		values["lang"] = lang
//	}
//
// It is false for an endpoint that does not exist. It mirrors
// url_map.is_endpoint_expecting.
func (a *App) IsEndpointExpecting(endpoint string, arguments ...string) bool {
	return a.rules.IsEndpointExpecting(endpoint, arguments...)
}

// BuildErrorHandler runs f when URLFor finds no rule for an endpoint with the
// given values, to answer with a URL of its own. If it returns "" and false, the
// next handler is asked; if all do, URLFor fails with the error.
//
// The values hold "_external", "_method" and "_scheme" too, empty where they were not
// given, and "_anchor" if it was given. The context is nil outside of a request. It
// mirrors Flask's url_build_error_handlers.
func (a *App) BuildErrorHandler(f func(c *Context, err *BuildError, values H) (url string, ok bool)) {
	mustTake(a, "BuildErrorHandler", f == nil)
	a.buildErrorHandlers = append(a.buildErrorHandlers, f)
}

// build builds a URL, with c nil outside of a request. The scheme is the one that the
// caller gave, for build-error handlers.
func (a *App) build(c *Context, b rule.Build, scheme string, anchor *string) (string, error) {
	if defaults := a.urlDefaultsFor(b.Endpoint); len(defaults) > 0 {
		b.Values = withDefaults(c, b.Endpoint, b.Values, defaults)
	}
	b.Context = c
	url, err := a.rules.Build(b)
	if err != nil {
		return a.handleBuildError(c, &BuildError{b.Endpoint, err}, b, scheme, anchor)
	}
	if anchor != nil {
		url += "#" + rule.QuoteAnchor(*anchor)
	}
	return url, nil
}

// urlDefaultsFor returns the callbacks for the URLs of an endpoint: the
// application's, and then those of the blueprints that its name begins with.
func (a *App) urlDefaultsFor(endpoint string) []func(*Context, string, H) {
	defaults := a.urlDefaults
	for i := range len(endpoint) {
		if endpoint[i] != '.' {
			continue
		}
		if s := a.scopes[endpoint[:i]]; s != nil && len(s.blueprint.urlDefaults) > 0 {
			defaults = slices.Concat(defaults, s.blueprint.urlDefaults)
		}
	}
	return defaults
}

// withDefaults runs the callbacks. Values that were passed keep their order; new
// values follow, sorted by name.
func withDefaults(c *Context, endpoint string, values []rule.Value, defaults []func(*Context, string, H)) []rule.Value {
	all := mapOf(values)
	for _, f := range defaults {
		f(c, endpoint, all)
	}
	var complete []rule.Value
	for _, v := range values {
		if value, kept := all[v.Name]; kept {
			complete = append(complete, rule.Value{Name: v.Name, Value: value})
			delete(all, v.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		complete = append(complete, rule.Value{Name: name, Value: all[name]})
	}
	return complete
}

func mapOf(values []rule.Value) H {
	all := make(H, len(values))
	for _, v := range values {
		all[v.Name] = v.Value
	}
	return all
}

// handleBuildError asks the handlers if there is no suitable rule. It does not
// ask them about other errors, such as a converter's.
func (a *App) handleBuildError(c *Context, err *BuildError, b rule.Build, scheme string, anchor *string) (string, error) {
	var noRule *rule.BuildError
	if len(a.buildErrorHandlers) == 0 || !errors.As(err, &noRule) {
		return "", err
	}
	values := mapOf(b.Values)
	values["_external"], values["_method"], values["_scheme"] = b.External, b.Method, scheme
	if anchor != nil {
		values["_anchor"] = *anchor
	}
	for _, handle := range a.buildErrorHandlers {
		if url, ok := handle(c, err, values); ok {
			return url, nil
		}
	}
	return "", err
}

// hasValue reports whether a special value is given. One that is nil is not.
func hasValue(values []any, name string) bool {
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == name && values[i+1] != nil {
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
	if hasValue(values, "_scheme") && hasValue(values, "_external") && !b.External {
		return b, nil, &BuildError{endpoint, errors.New("\"_scheme\" makes no sense with \"_external\", false; leave one of them out")}
	}
	b.External = b.External || hasValue(values, "_scheme")
	return b, anchor, nil
}

// specialValues are the names that do not fill a variable and are not in the query.
var specialValues = []string{"_anchor", "_external", "_method", "_scheme"}

func addValue(b *rule.Build, name string, value any, anchor *string) (*string, error) {
	if value == nil && slices.Contains(specialValues, name) {
		return anchor, nil // as if it were not there
	}
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
		if markup, isMarkup := value.(Markup); isMarkup {
			value = string(markup)
		}
		text, ok = value.(string)
		anchor = &text
	}
	if !ok {
		return nil, fmt.Errorf("the special value %q cannot be a %T", name, value)
	}
	return anchor, nil
}

// SafeNext returns target if it leads to a path on this site, and else the
// fallback. It is for redirects to where a visitor wanted to go, as in
//
//	return c.Redirect(c.SafeNext(c.Request.Args.Get("next"), c.URLFor("index")))
//
// because an unchecked one sends your visitors wherever a link to your site
// says. A value that begins with two slashes, plain or encoded, leads to another
// host, and so may backslashes, control characters and dot segments: they are
// refused. Of a URL with this request's own host, the path is what counts. The
// result is always a path, or the fallback.
func (c *Context) SafeNext(target, fallback string) string {
	if next := c.behindHost(target); safepath.IsLocalURL(next) {
		return next
	}
	return fallback
}

// behindHost cuts scheme and host off a URL of this request's host. A client
// chooses the host of its own requests only, and it is not in the result.
func (c *Context) behindHost(target string) string {
	host := c.Request.host()
	for _, scheme := range []string{"http://", "https://"} {
		prefix := scheme + host
		if host != "" && len(target) >= len(prefix) && strings.EqualFold(target[:len(prefix)], prefix) {
			return target[len(prefix):]
		}
	}
	return target
}
