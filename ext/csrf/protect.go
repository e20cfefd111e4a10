package csrf

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/decant-go/decant"
)

// Option is a setting of [Protect].
type Option interface{ applyTo(*protection) }

type option func(*protection)

func (o option) applyTo(p *protection) { o(p) }

// Exempt leaves the views of these endpoints unchecked, such as "webhook" or
// "api.webhook". An endpoint that does not exist makes every request that would
// be checked a 500 that names it. It mirrors csrf.exempt(view).
func Exempt(endpoints ...string) Option {
	return option(func(p *protection) { p.endpoints = append(p.endpoints, endpoints...) })
}

// ExemptBlueprint leaves all views of blueprints unchecked. A blueprint has the
// name under which it was registered, such as "api" or "shop.api"; the views of
// blueprints inside it are still checked. It mirrors csrf.exempt(blueprint).
func ExemptBlueprint(names ...string) Option {
	return option(func(p *protection) { p.blueprints = append(p.blueprints, names...) })
}

// protection is what [Protect] was told.
type protection struct {
	endpoints, blueprints []string

	settings func() settings // read at the first request
	mistake  func() error    // an exemption of what does not exist
}

// Protect checks the token of every request whose method changes something,
// before its view runs, and gives templates csrf_token() and csrf_meta_tag(). A
// request without a good token ends with an [*Error], which is a 400.
//
// The token is looked for in the form field of its name; else in the first
// field whose name ends so and which is not empty, as a form with a prefix has
// it; else in the headers. Over HTTPS the Referer must also be there, and name
// this host.
//
// Call it before the first request. It mirrors CSRFProtect(app).
func Protect(app *decant.App, options ...Option) {
	p := &protection{settings: sync.OnceValue(func() settings { return settingsOf(app) })}
	p.mistake = sync.OnceValue(func() error { return p.unknownNames(app) })
	for _, option := range options {
		option.applyTo(p)
	}
	Issue(app)
	app.BeforeRequest(p.check)
}

// Issue gives templates csrf_token() and csrf_meta_tag() and checks nothing.
// It is for an application that issues tokens for its Flask half, and itself
// relies on the check of origins.
func Issue(app *decant.App) {
	app.Templates.Global("csrf_token", Token)
	app.Templates.Global("csrf_meta_tag", MetaTag)
}

// check is the before-request function.
func (p *protection) check(c *decant.Context) (any, error) {
	s := p.settings()
	if !s.enabled || !s.checkDefault || c.Request.Endpoint() == "" || !slices.Contains(s.methods, c.Request.Method) {
		return nil, nil
	}
	if err := p.mistake(); err != nil {
		return nil, err
	}
	if slices.Contains(p.endpoints, c.Request.Endpoint()) || slices.Contains(p.blueprints, c.Request.Blueprint()) {
		return nil, nil
	}
	return nil, Check(c)
}

// unknownNames finds exemptions of what does not exist.
func (p *protection) unknownNames(app *decant.App) error {
	endpoints, blueprints := map[string]bool{}, map[string]bool{}
	for _, route := range app.Routes() {
		endpoints[route.Endpoint] = true
		if end := strings.LastIndexByte(route.Endpoint, '.'); end >= 0 {
			blueprints[route.Endpoint[:end]] = true
		}
	}
	for _, name := range p.endpoints {
		if !endpoints[name] {
			return fmt.Errorf("decant: csrf.Exempt names the endpoint %q, which does not exist; write it as URLFor takes it", name)
		}
	}
	for _, name := range p.blueprints {
		if !blueprints[name] {
			return fmt.Errorf("decant: csrf.ExemptBlueprint names the blueprint %q, which has no views; write the name under which it was registered", name)
		}
	}
	return nil
}

// Check looks for a good token in this request. The error is an [*Error]; a
// request of another method than those in WTF_CSRF_METHODS is always good. Call
// it in a view where WTF_CSRF_CHECK_DEFAULT is false. It mirrors csrf.protect().
func Check(c *decant.Context) error {
	s := settingsOf(c.App)
	if !slices.Contains(s.methods, c.Request.Method) {
		return nil
	}
	err := Validate(c, s.find(c.Request))
	if err == nil && s.sslStrict && c.Request.IsSecure() {
		err = checkReferrer(c.Request)
	}
	if err != nil {
		c.Logger().InfoContext(c, "the CSRF check refused a request", "reason", err.Error())
		return err
	}
	valid.Set(c, true)
	return nil
}

// find returns the token that came with the request, or "".
func (s settings) find(r *decant.Request) string {
	if token := r.Form.Get(s.fieldName); token != "" {
		return token
	}
	seen := map[string]bool{} // only the first value of a name counts
	for name, value := range r.Form.All() {
		if seen[name] || !strings.HasSuffix(name, s.fieldName) {
			continue
		}
		if value != "" {
			return value
		}
		seen[name] = true
	}
	for _, name := range s.headers {
		if token := strings.Join(r.Header.Values(name), ","); token != "" {
			return token
		}
	}
	return ""
}

// checkReferrer keeps an attacker on the way, who can write cookies over HTTP,
// from posting to HTTPS.
func checkReferrer(r *decant.Request) error {
	referrer := strings.Join(r.Header.Values("Referer"), ",")
	if referrer == "" {
		return refuse(referrerMissing)
	}
	from, ok := originOf(referrer)
	here, alsoOK := originOf(r.HostURL())
	if !ok || !alsoOK || from != here {
		return refuse(referrerMismatch)
	}
	return nil
}
