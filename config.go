package decant

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/settings"
	"github.com/decant-go/decant/internal/signing"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Config holds an application's settings. Its fields are Flask's builtin
// configuration keys in Go's spelling: SecretKey is SECRET_KEY. The
// application's own keys, such as PAGE_SIZE, are set with [Config.Set] and read
// with [Config.Get], which accept the builtin keys too.
//
// The application is configured until its first request, or [App.Run], freezes it.
// From then on it works with a copy of the settings, so that all requests see the
// same ones: Set and the From methods panic, and a field that is changed has no
// effect.
//
// When a Config is printed or logged, its secret keys and the values of the
// application's own keys are hidden.
type Config struct {
	// SecretKey signs the session cookie. Without a key, sessions are empty and
	// cannot be written. Use 32 random bytes, as [NewSecretKey] makes them; in
	// production a warning is logged at the start for a key that is short or the
	// placeholder of a tutorial.
	SecretKey string `json:"-"`
	// SecretKeyFallbacks are former keys, oldest first. Cookies signed with
	// them are still accepted; new cookies are always signed with SecretKey.
	SecretKeyFallbacks []string `json:"-"`

	// SessionCookieName is the name of the session cookie. The default is
	// "session".
	SessionCookieName string
	// SessionCookieDomain is the cookie's Domain attribute. If it is empty, the
	// browser sends the cookie only to the host that set it.
	SessionCookieDomain string
	// SessionCookiePath is the cookie's Path attribute. If it is empty, the
	// path is the one that the application is mounted under, or else
	// ApplicationRoot.
	SessionCookiePath string
	// SessionCookieHTTPOnly hides the cookie from scripts. The default is true.
	SessionCookieHTTPOnly bool `key:"SESSION_COOKIE_HTTPONLY"`
	// SessionCookieSecure limits the cookie to HTTPS.
	SessionCookieSecure bool
	// SessionCookieSameSite is "Strict", "Lax" or "None", in upper or lower
	// case. If it is empty, the attribute is left out.
	SessionCookieSameSite string `key:"SESSION_COOKIE_SAMESITE"`
	// SessionCookiePartitioned makes browsers keep one cookie for each
	// top-level site. It implies Secure.
	SessionCookiePartitioned bool
	// PermanentSessionLifetime is how long a signed session is valid, and how
	// long the browser keeps the cookie of a permanent session. The default is
	// 31 days.
	PermanentSessionLifetime time.Duration
	// SessionRefreshEachRequest sends the cookie of a permanent session again,
	// with a new date, in each request that reads the session. The default is
	// true.
	SessionRefreshEachRequest bool
	// MaxCookieSize is the length of a Set-Cookie header in bytes above which a
	// warning is logged, because browsers ignore such cookies. The default is
	// 4093; zero switches the warning off.
	MaxCookieSize int

	// MaxContentLength is the largest request body in bytes. A larger one is
	// answered with 413. The default is 16 MiB; zero or less means no limit.
	MaxContentLength int64
	// MaxFormMemorySize is the largest size in bytes of a form field that is
	// not a file, and of a urlencoded form as a whole. A larger one is answered
	// with 413. The default is 500,000; zero or less means no limit.
	MaxFormMemorySize int64
	// MaxFormParts is the largest number of fields and files in a multipart
	// form. A form with more is answered with 413. The default is 1,000; zero
	// or less means no limit.
	MaxFormParts int
	// MaxFormFields is the largest number of fields in a urlencoded form. A form
	// with more is answered with 413. The default is 10,000; zero or less means
	// no limit. Flask has no such limit.
	MaxFormFields int
	// MaxJSONElements is the largest number of values in a JSON body, with the
	// lists and objects around them. A body with more is answered with 413,
	// because a value may take fifty times its length in memory. The default is
	// 500,000; zero or less means no limit. Flask has no such limit.
	MaxJSONElements int

	// SlowClientInterval and SlowClientBytes say how slow a client of [App.Run]
	// may be: it must send so many bytes of a body, or take so many of an answer,
	// in each interval in which the server waits for it. A slower one is cut off
	// after one to two intervals, and the body of its request is answered with
	// 408. The time in which nobody waits for the client does not count, so a
	// quiet stream may last as long as it likes. The defaults are 30 seconds and
	// 4,096; with zero, there is no limit.
	SlowClientInterval time.Duration
	SlowClientBytes    int64

	// SendFileMaxAgeDefault is how long browsers keep a file without asking
	// again. With zero they ask every time, and get a short 304 answer if the
	// file has not changed.
	SendFileMaxAgeDefault time.Duration
	// UseXSendfile leaves the sending of files to the server in front of the
	// application. That server gets the path in an X-Sendfile header.
	UseXSendfile bool

	// ServerName is the host, with a port where needed, in external URLs and in
	// URLs that are built outside of a request.
	ServerName string
	// ProvideAutomaticOptions answers OPTIONS requests for rules that do not
	// list the method. The default is true. It is read when a rule is
	// registered, and for the rules of a blueprint when the blueprint is
	// registered.
	ProvideAutomaticOptions bool
	// ApplicationRoot is the path below which the application is served. The
	// default is "/".
	ApplicationRoot string
	// PreferredURLScheme is the scheme of URLs that are built outside of a
	// request. The default is "http".
	PreferredURLScheme string

	// TrustedHosts lists the hosts that a request may be sent to. A host with a
	// leading dot allows all of its subdomains too. A request for any other
	// host is answered with 400. An empty list allows every host; then clients
	// choose the host in URLs that URLFor builds with "_external", unless
	// ServerName is set.
	TrustedHosts []string
	// TrustedOrigins lists origins such as "https://app.example.com". Their
	// pages may send unsafe requests (POST and the like) to this application.
	// Unsafe requests from pages of other origins are answered with 403.
	TrustedOrigins []string
	// AllowCrossOrigin switches that check off.
	AllowCrossOrigin bool

	// Debug puts details for the developer into error pages and JSON answers.
	// Browsers on the same machine also get the source code around an error.
	// Never set it where others can reach the server. It starts as true if the
	// environment variable DECANT_DEBUG holds anything but "", "0", "false" or
	// "no". FLASK_DEBUG has the same rule.
	Debug bool
	// Testing makes ServeHTTP panic with an error that nobody handled, so that
	// it fails the test. Otherwise the error becomes a 500 page.
	Testing bool
	// TemplatesAutoReload reads a template again when its file has changed. Nil
	// is the default and means: if Debug is set.
	TemplatesAutoReload *bool
	// TrustRequestID takes the id of a request from its X-Request-Id header, if
	// that holds up to 128 letters, digits and -_.:;=+/@. Set it only behind a
	// proxy that sets the header; without one, clients choose the id in the
	// log.
	TrustRequestID bool

	own      map[string]any // the application's keys; replaced, never changed
	frozenBy string         // the name of the application that serves with it, or ""
}

// frozenCopy returns a copy that nothing changes any more.
func (c *Config) frozenCopy(application string) *Config {
	frozen := *c
	frozen.frozenBy = strconv.Quote(application)
	frozen.SecretKeyFallbacks = slices.Clone(c.SecretKeyFallbacks)
	frozen.TrustedHosts = slices.Clone(c.TrustedHosts)
	frozen.TrustedOrigins = slices.Clone(c.TrustedOrigins)
	if c.TemplatesAutoReload != nil {
		reload := *c.TemplatesAutoReload
		frozen.TemplatesAutoReload = &reload
	}
	return &frozen
}

// weakKeys describes the secret keys that others can guess.
func (c *Config) weakKeys() (weak []string) {
	if c.SecretKey != "" {
		if weakness := signing.Weakness(c.SecretKey); weakness != "" {
			weak = append(weak, "Config.SecretKey "+weakness)
		}
	}
	for i, key := range c.SecretKeyFallbacks {
		if weakness := signing.Weakness(key); weakness != "" {
			weak = append(weak, fmt.Sprintf("Config.SecretKeyFallbacks[%d] %s", i, weakness))
		}
	}
	return weak
}

// mustBeOpen panics after the first request, because a later setting would not
// reach all requests.
func (c *Config) mustBeOpen(method string) {
	if c.frozenBy != "" {
		panic(fmt.Sprintf("decant: Config.%s was called after the application %s had served its first request; configure everything before, or requests would not agree on the settings", method, c.frozenBy))
	}
}

// defaultConfig returns the default settings, which are Flask's, except that
// the size of a body has a limit. Flask leaves that limit to the server.
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
		SlowClientInterval:        30 * time.Second,
		SlowClientBytes:           4_096,
		MaxFormFields:             10_000,
		MaxJSONElements:           500_000,
		ProvideAutomaticOptions:   true,
		ApplicationRoot:           "/",
		PreferredURLScheme:        "http",
		Debug:                     settings.IsOn(os.Getenv("DECANT_DEBUG")),
	}
}

// configKeys is the table of the builtin keys.
var configKeys = sync.OnceValue(func() *settings.Keys { return settings.KeysOf(defaultConfig()) })

// byKey gives access to the configuration by key.
func (c *Config) byKey() settings.Settings { return configKeys().Of(c, &c.own) }

// Set sets a key as config["PAGE_SIZE"] = 20 does in Flask. A builtin key sets
// its field. There nil is Flask's None, a duration may be a number of seconds,
// and a list of strings may be a []any. Any other key in upper case is the
// application's own and keeps the value as it is.
//
// Set panics for a builtin key with a value of the wrong type, for a key in
// lower case, for a key that looks like a misspelt builtin one, and after the
// first request: these are mistakes in the program.
func (c *Config) Set(key string, value any) {
	c.mustBeOpen("Set")
	if !settings.IsUpper(key) {
		panic(fmt.Sprintf("decant: the configuration key %q is not in upper case; write %q", key, strings.ToUpper(key)))
	}
	if err := c.byKey().Set(key, value); err != nil {
		panic(err.Error())
	}
}

// Get returns the value of a key: the field of a builtin key, or the value that
// was set for one of the application's own. If the key is not there, it returns
// otherwise, or nil if that is not given. It mirrors config.get("PAGE_SIZE", 20).
func (c *Config) Get(key string, otherwise ...any) any {
	value, ok := c.Lookup(key)
	return given(value, ok, otherwise)
}

// Has reports whether the key is there. Builtin keys always are. It mirrors
// "PAGE_SIZE" in config.
func (c *Config) Has(key string) bool {
	_, ok := c.Lookup(key)
	return ok
}

// Lookup returns the value of a key as Get does, and whether the key is there.
// Builtin keys always are.
func (c *Config) Lookup(key string) (value any, ok bool) { return c.byKey().Lookup(key) }

// NamespaceOption says which names [Config.Namespace] gives to keys.
type NamespaceOption interface{ applyToNamespace(*settings.Naming) }

type namespaceOption func(*settings.Naming)

func (o namespaceOption) applyToNamespace(n *settings.Naming) { o(n) }

// KeepCase leaves keys in upper case. It mirrors get_namespace(lowercase=False).
func KeepCase() NamespaceOption {
	return namespaceOption(func(n *settings.Naming) { n.KeepCase = true })
}

// KeepPrefix leaves the prefix before keys. It mirrors
// get_namespace(trim_namespace=False).
func KeepPrefix() NamespaceOption {
	return namespaceOption(func(n *settings.Naming) { n.KeepPrefix = true })
}

// Namespace returns the keys that begin with a prefix, without the prefix and in
// lower case: in the namespace "IMAGE_STORE_", the key IMAGE_STORE_PATH is
// "path". With [KeepPrefix] and [KeepCase], which
//
//	engine.Configure(app.Config.Namespace("SQLALCHEMY_", decant.KeepPrefix(), decant.KeepCase()))
//
// gives to a library that looks for its own keys, they are as they were set. It
// mirrors get_namespace.
func (c *Config) Namespace(prefix string, options ...NamespaceOption) map[string]any {
	var naming settings.Naming
	for _, option := range options {
		option.applyToNamespace(&naming)
	}
	return c.byKey().Namespace(prefix, naming)
}

// FromMap sets many keys at once, as [Config.Set] does, and passes over those
// that are not in upper case. It mirrors from_mapping.
//
// The error lists every key that is wrong and what to do about it. All other
// keys are set.
func (c *Config) FromMap(values map[string]any) error {
	c.mustBeOpen("FromMap")
	return c.byKey().SetAll(values)
}

// FromFile sets the keys that a file holds, as FromMap does. The function
// unmarshal reads the file's format into a map with string keys. json.Unmarshal
// does, and so does the Unmarshal of most libraries for other formats, such as
// github.com/BurntSushi/toml:
//
//	err := app.Config.FromFile("config.toml", toml.Unmarshal)
//
// Whole numbers become int and lists []any, whatever the format. A relative
// name is looked up in the working directory. If the file is missing,
// errors.Is(err, fs.ErrNotExist) is true. It mirrors from_file.
func (c *Config) FromFile(name string, unmarshal func(data []byte, into any) error) error {
	c.mustBeOpen("FromFile")
	return c.byKey().SetFile(name, unmarshal)
}

// FromPrefixedEnv sets keys from environment variables: DECANT_PAGE_SIZE=20
// sets PAGE_SIZE to 20. Another prefix, such as "FLASK", replaces "DECANT";
// several are read one after the other. It mirrors from_prefixed_env.
//
// A value is read as JSON; if it is not JSON, it is a string. The value of a
// builtin key that holds a string is always a string: a secret key of digits is
// not a number. Two underscores lead into a map: DECANT_DB__user=ann sets user
// in DB. DEBUG is off with 0, false, no or an empty value, and on with any
// other. Variables that the command line reads, such as DECANT_RUN_PORT, are
// left out.
//
// The error lists every variable that is wrong. All others are set.
func (c *Config) FromPrefixedEnv(prefix ...string) error {
	c.mustBeOpen("FromPrefixedEnv")
	if len(prefix) == 0 {
		prefix = []string{"DECANT"}
	}
	return c.byKey().SetEnvironment(prefix...)
}

// trustedHosts prepares TrustedHosts. It panics for a pattern, an origin or
// several hosts in one string: no request would match, and each would get a 400.
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

// sessionCookiePath returns the path of the session cookie of an application
// that is not mounted. It mirrors Flask's get_cookie_path.
func (c *Config) sessionCookiePath() string {
	if c.SessionCookiePath != "" {
		return c.SessionCookiePath
	}
	return c.ApplicationRoot
}

// Format prints the settings for the fmt package in the same way for every
// verb. It hides secret keys that are set and the values of the application's
// own keys.
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

// LogValue returns the settings by their keys for a log entry. It hides the same
// values as Format.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	all := c.byKey()
	for _, key := range all.Names() {
		value := any(hidden)
		if !all.IsSecret(key) {
			value, _ = all.Lookup(key)
		}
		attrs = append(attrs, slog.Any(key, value))
	}
	return slog.GroupValue(attrs...)
}

const hidden = "(hidden)"
