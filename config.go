package decant

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Config holds an application's settings. Its fields are Flask's builtin
// configuration keys in Go's spelling: SecretKey is SECRET_KEY. The keys of the
// application itself, such as PAGE_SIZE, go through [Config.Set] and
// [Config.Get], which know the builtin ones too. Set them before the first
// request; what is changed later may or may not be noticed.
//
// A Config that is printed or logged hides its secret keys and all values of
// the application's own.
type Config struct {
	// SecretKey signs the session cookie. Without one, sessions can be read
	// (they are empty) and not written. Use at least 16 random bytes.
	SecretKey string `json:"-"`
	// SecretKeyFallbacks are former keys, oldest first. Cookies signed with
	// them are still accepted; new ones are always signed with SecretKey.
	SecretKeyFallbacks []string `json:"-"`

	// SessionCookieName is the name of the session cookie: "session".
	SessionCookieName string
	// SessionCookieDomain is its Domain attribute; empty keeps the cookie to
	// the exact host that set it.
	SessionCookieDomain string
	// SessionCookiePath is its Path attribute; empty means the path that the
	// application is mounted under, or else ApplicationRoot.
	SessionCookiePath string
	// SessionCookieHTTPOnly hides the cookie from scripts: true.
	SessionCookieHTTPOnly bool `key:"SESSION_COOKIE_HTTPONLY"`
	// SessionCookieSecure limits the cookie to HTTPS.
	SessionCookieSecure bool
	// SessionCookieSameSite is "Strict", "Lax" or "None" in any case of
	// letters; empty leaves the attribute out.
	SessionCookieSameSite string `key:"SESSION_COOKIE_SAMESITE"`
	// SessionCookiePartitioned stores the cookie by top-level site and implies
	// Secure.
	SessionCookiePartitioned bool
	// PermanentSessionLifetime is how long a signed session is believed, and
	// for how long the browser keeps a permanent one: 31 days.
	PermanentSessionLifetime time.Duration
	// SessionRefreshEachRequest sends a permanent session again, with a new
	// date, on every request that looks at it: true.
	SessionRefreshEachRequest bool
	// MaxCookieSize is the length in bytes of a Set-Cookie header above which
	// a warning is logged, because browsers ignore such cookies: 4093. Zero
	// switches the warning off.
	MaxCookieSize int

	// MaxContentLength is the largest request body, in bytes, that is read;
	// more is answered with 413: 16 MiB. Zero or less means no limit.
	MaxContentLength int64
	// MaxFormMemorySize bounds, in bytes, each form field that is not a file,
	// and a urlencoded form as a whole; more is a 413: 500,000. Zero or less
	// means no limit.
	MaxFormMemorySize int64
	// MaxFormParts is the number of fields and files that a multipart form may
	// have; more is a 413: 1,000. Zero or less means no limit.
	MaxFormParts int

	// SendFileMaxAgeDefault is for how long browsers keep a file that was sent
	// without asking again. Zero means that they always ask, and are told in a
	// few bytes if nothing has changed.
	SendFileMaxAgeDefault time.Duration
	// UseXSendfile leaves sending files to the server in front of the
	// application, which is told their paths in X-Sendfile headers.
	UseXSendfile bool

	// ServerName is the host, with a port where needed, of URLs that are built
	// outside of a request, and of external ones.
	ServerName string
	// ProvideAutomaticOptions answers OPTIONS requests of rules that do not
	// list the method: true. A rule reads it when it is registered, one of a
	// blueprint when the blueprint is.
	ProvideAutomaticOptions bool
	// ApplicationRoot is the path below which the application lives: "/".
	ApplicationRoot string
	// PreferredURLScheme is the scheme of URLs built outside of a request:
	// "http".
	PreferredURLScheme string

	// TrustedHosts lists the hosts that requests may name; one with a leading
	// dot stands for all its subdomains too. A request for another host is
	// answered with 400. Empty trusts every host, and then the host in URLs
	// that URLFor builds with "_external" is the client's choice unless
	// ServerName is set.
	TrustedHosts []string
	// TrustedOrigins lists origins such as "https://app.example.com" whose
	// pages may send unsafe requests (POST and the like) to this application.
	// Those of other origins are answered with 403.
	TrustedOrigins []string
	// AllowCrossOrigin switches that check off.
	AllowCrossOrigin bool

	// Debug makes error pages and JSON answers talk to the developer, who is
	// shown the source code around an error if the browser runs on the same
	// machine. Never set it where others reach the server. It is true from the
	// beginning if the environment variable DECANT_DEBUG is set to anything but
	// "0", "false" or "no": FLASK_DEBUG's rule.
	Debug bool
	// Testing lets an unhandled error or panic out of ServeHTTP as a panic,
	// so that it fails the test instead of becoming a 500 page.
	Testing bool
	// TemplatesAutoReload reads a template again when it has changed; nil, the
	// default, does so if Debug is set.
	TemplatesAutoReload *bool
	// TrustRequestID takes the id of a request from its X-Request-Id header,
	// if that is up to 128 letters, digits and -_.:;=+/@. Set it behind a proxy
	// that sets the header; other clients would choose what the log says.
	TrustRequestID bool

	own map[string]any // the application's keys; replaced, never changed
}

// defaultConfig holds Flask's default_config. Bodies are bounded here, where
// Flask leaves that to the server.
func defaultConfig() *Config {
	return &Config{
		SessionCookieName:         "session",
		SessionCookieHTTPOnly:     true,
		PermanentSessionLifetime:  31 * 24 * time.Hour,
		SessionRefreshEachRequest: true,
		MaxCookieSize:             wirecookie.MaxSize,
		MaxContentLength:          16 << 20,
		MaxFormMemorySize:         500_000,
		MaxFormParts:              1_000,
		ProvideAutomaticOptions:   true,
		ApplicationRoot:           "/",
		PreferredURLScheme:        "http",
		Debug:                     isDebugEnvironment(),
	}
}

// isDebugEnvironment is Flask's get_debug_flag.
func isDebugEnvironment() bool {
	value := strings.ToLower(os.Getenv("DECANT_DEBUG"))
	return value != "" && value != "0" && value != "false" && value != "no"
}

// trustedHosts prepares TrustedHosts. A pattern, an origin or a list in one text
// would trust nobody, and every request would be a 400.
func (c *Config) trustedHosts() header.TrustedHosts {
	for _, host := range c.TrustedHosts {
		if strings.ContainsAny(host, "*,/@ \t\r\n") {
			panic(fmt.Sprintf("decant: Config.TrustedHosts: %q is no host; write one such as \"example.com\", or \".example.com\" for its subdomains too, and several as a list, in the environment as [\"a.example\", \"b.example\"]", host))
		}
	}
	trusted, err := header.NewTrustedHosts(c.TrustedHosts...)
	if err != nil {
		panic(fmt.Sprintf("decant: Config.TrustedHosts: %v; write a host such as \"example.com\" or \".example.com\"", err))
	}
	return trusted
}

// sessionCookiePath is what Flask's get_cookie_path gives.
func (c *Config) sessionCookiePath() string {
	if c.SessionCookiePath != "" {
		return c.SessionCookiePath
	}
	return c.ApplicationRoot
}

// Format prints the settings for the fmt package, whatever the verb. Secret
// keys that are set, and all values of the application's own keys, are hidden.
func (c Config) Format(state fmt.State, _ rune) {
	var settings []string
	for _, attr := range c.LogValue().Group() {
		text := attr.Value.String()
		if attr.Value.Kind() == slog.KindString && text != hidden {
			text = strconv.Quote(text)
		}
		settings = append(settings, attr.Key+"="+text)
	}
	fmt.Fprintf(state, "decant.Config{%s}", strings.Join(settings, " "))
}

// LogValue gives a log entry the settings by their keys. It hides what Format
// hides.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, key := range c.keys() {
		attrs = append(attrs, slog.Any(key, c.shown(key)))
	}
	return slog.GroupValue(attrs...)
}

const hidden = "(hidden)"

// shown is what others may see of a key: nobody knows which of the
// application's own are secret.
func (c Config) shown(key string) any {
	field, builtin := c.field(key)
	if !builtin || strings.HasPrefix(key, "SECRET_KEY") && !field.IsZero() {
		return hidden
	}
	return readField(field)
}
