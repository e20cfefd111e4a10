package decant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// flaskKeys are the builtin keys of Flask, each with its field, or with nothing
// where withoutCounterpart has the reason.
var flaskKeys = map[string]string{
	"DEBUG":                         "Debug",
	"TESTING":                       "Testing",
	"PROPAGATE_EXCEPTIONS":          "",
	"TRAP_HTTP_EXCEPTIONS":          "",
	"TRAP_BAD_REQUEST_ERRORS":       "",
	"SECRET_KEY":                    "SecretKey",
	"SECRET_KEY_FALLBACKS":          "SecretKeyFallbacks",
	"SESSION_COOKIE_NAME":           "SessionCookieName",
	"SESSION_COOKIE_DOMAIN":         "SessionCookieDomain",
	"SESSION_COOKIE_PATH":           "SessionCookiePath",
	"SESSION_COOKIE_HTTPONLY":       "SessionCookieHTTPOnly",
	"SESSION_COOKIE_SECURE":         "SessionCookieSecure",
	"SESSION_COOKIE_SAMESITE":       "SessionCookieSameSite",
	"SESSION_COOKIE_PARTITIONED":    "SessionCookiePartitioned",
	"PERMANENT_SESSION_LIFETIME":    "PermanentSessionLifetime",
	"SESSION_REFRESH_EACH_REQUEST":  "SessionRefreshEachRequest",
	"USE_X_SENDFILE":                "UseXSendfile",
	"SEND_FILE_MAX_AGE_DEFAULT":     "SendFileMaxAgeDefault",
	"TRUSTED_HOSTS":                 "TrustedHosts",
	"SERVER_NAME":                   "ServerName",
	"APPLICATION_ROOT":              "ApplicationRoot",
	"PREFERRED_URL_SCHEME":          "PreferredURLScheme",
	"MAX_CONTENT_LENGTH":            "MaxContentLength",
	"MAX_FORM_MEMORY_SIZE":          "MaxFormMemorySize",
	"MAX_FORM_PARTS":                "MaxFormParts",
	"TEMPLATES_AUTO_RELOAD":         "TemplatesAutoReload",
	"MAX_COOKIE_SIZE":               "MaxCookieSize",
	"PROVIDE_AUTOMATIC_OPTIONS":     "ProvideAutomaticOptions",
	"EXPLAIN_TEMPLATE_LOADING":      "",
	"JSON_AS_ASCII":                 "",
	"JSON_SORT_KEYS":                "",
	"JSONIFY_MIMETYPE":              "",
	"JSONIFY_PRETTYPRINT_REGULAR":   "",
	"PRESERVE_CONTEXT_ON_EXCEPTION": "",
}

// ownFields are the settings that Flask does not have.
var ownFields = []string{"TRUSTED_ORIGINS", "ALLOW_CROSS_ORIGIN", "TRUST_REQUEST_ID"}

func TestEveryKeyOfFlaskHasAFieldOrAReason(t *testing.T) {
	t.Parallel()
	for key, name := range flaskKeys {
		if name == "" {
			if withoutCounterpart[key] == "" {
				t.Errorf("nothing says what to do instead of %s", key)
			}
			continue
		}
		field, ok := reflect.TypeFor[Config]().FieldByName(name)
		if !ok {
			t.Errorf("%s has no field", key)
			continue
		}
		if got := flaskKey(field); got != key {
			t.Errorf("the key of %s is %s, want %s", name, got, key)
		}
	}
}

func TestEveryFieldHasAKeyAndATypeThatCanBeLoaded(t *testing.T) {
	t.Parallel()
	known := strings.Join(ownFields, " ")
	for key, name := range flaskKeys {
		if name != "" {
			known += " " + key
		}
	}
	for _, key := range builtinKeys().names {
		if !strings.Contains(" "+known+" ", " "+key+" ") {
			t.Errorf("%s is neither a key of Flask nor in ownFields", key)
		}
		config := defaultConfig()
		field, _ := config.field(key)
		wanted := field.Type()
		if wanted.Kind() == reflect.Pointer {
			wanted = wanted.Elem()
		}
		sample, ok := map[string]any{
			"a text":                                 "text",
			"true or false":                          true,
			"a list of texts":                        []any{"text"},
			"a whole number of up to 64 bits":        7,
			"a number of seconds or a time.Duration": 7,
		}[describeSetting(wanted)]
		if !ok {
			t.Fatalf("%s is of type %s, which convertSetting does not know", key, wanted)
		}
		if err := config.set(key, sample); err != nil || field.IsZero() {
			t.Errorf("%s: %v, and the field is %v", key, err, field)
		}
		if err := config.set(key, config.Get(key)); err != nil {
			t.Errorf("%s cannot be set to what Get returns: %v", key, err)
		}
	}
}

func TestSetAndGetBuiltinKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key         string
		value, want any
	}{
		{"SECRET_KEY", "dev", "dev"},
		{"SECRET_KEY", []byte{0xff, 0}, "\xff\x00"},
		{"SECRET_KEY", nil, ""},
		{"SECRET_KEY_FALLBACKS", []any{"old", []byte("older")}, []string{"old", "older"}},
		{"SECRET_KEY_FALLBACKS", []string{"old"}, []string{"old"}},
		{"SECRET_KEY_FALLBACKS", nil, []string(nil)},
		{"TRUSTED_HOSTS", "example.com", []string{"example.com"}},
		{"TRUSTED_HOSTS", "", []string(nil)},
		{"DEBUG", true, true},
		{"DEBUG", 1, true},
		{"SESSION_COOKIE_HTTPONLY", 0, false},
		{"SESSION_COOKIE_HTTPONLY", nil, false},
		{"SESSION_COOKIE_SAMESITE", "Lax", "Lax"},
		{"MAX_CONTENT_LENGTH", 7, int64(7)},
		{"MAX_CONTENT_LENGTH", uint8(7), int64(7)},
		{"MAX_CONTENT_LENGTH", 1e6, int64(1_000_000)},
		{"MAX_CONTENT_LENGTH", json.Number("7"), int64(7)},
		{"MAX_CONTENT_LENGTH", json.Number("1e3"), int64(1000)},
		{"MAX_CONTENT_LENGTH", big.NewInt(7), int64(7)},
		{"MAX_CONTENT_LENGTH", nil, int64(0)},
		{"MAX_FORM_PARTS", int64(7), 7},
		{"PERMANENT_SESSION_LIFETIME", 90, 90 * time.Second},
		{"PERMANENT_SESSION_LIFETIME", 0.5, 500 * time.Millisecond},
		{"PERMANENT_SESSION_LIFETIME", json.Number("90"), 90 * time.Second},
		{"PERMANENT_SESSION_LIFETIME", time.Hour, time.Hour},
		{"PERMANENT_SESSION_LIFETIME", -1, -time.Second},
	} {
		config := defaultConfig()
		config.Set(test.key, test.value)
		if diff := cmp.Diff(test.want, config.Get(test.key)); diff != "" {
			t.Errorf("%s set to %#v (-want +got):\n%s", test.key, test.value, diff)
		}
	}
}

// TestFieldsThatMayHoldNothing: None is not the same as false in some keys.
func TestFieldsThatMayHoldNothing(t *testing.T) {
	t.Parallel()
	var fields struct {
		Switch *bool
		Wait   *time.Duration
	}
	for i, test := range []struct{ value, want any }{{1, true}, {90, 90 * time.Second}} {
		field := reflect.ValueOf(&fields).Elem().Field(i)
		none := reflect.Zero(field.Type())
		if got := readField(field); got != nil {
			t.Errorf("an empty field holds %v", got)
		}
		for _, value := range []any{test.value, test.want} {
			if err := writeField(field, none, value); err != nil || readField(field) != test.want {
				t.Errorf("set to %v, it is %v: %v", value, readField(field), err)
			}
		}
		if err := writeField(field, none, "soon"); err == nil || readField(field) != test.want {
			t.Errorf("a wrong value gives %v and leaves %v", err, readField(field))
		}
		if err := writeField(field, none, nil); err != nil || !field.IsNil() {
			t.Errorf("set to nil, it is %v: %v", readField(field), err)
		}
	}
}

func TestSetReachesTheFields(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	config.Set("SECRET_KEY", "dev")
	if config.SecretKey != "dev" {
		t.Errorf("the field is %q", config.SecretKey)
	}
	config.SecretKey = "other"
	if got := config.Get("SECRET_KEY"); got != "other" {
		t.Errorf("Get returns %v", got)
	}
}

func TestSetRefusesWrongTypes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"SECRET_KEY", 12345, "SECRET_KEY wants a text, not int"},
		{"SECRET_KEY", json.Number("12345"), "SECRET_KEY wants a text, not json.Number"},
		{"SECRET_KEY_FALLBACKS", []any{"old", 5}, "SECRET_KEY_FALLBACKS wants a list of texts, not a list with int at index 1"},
		{"SECRET_KEY_FALLBACKS", 5, "a list of texts, not int"},
		{"SESSION_COOKIE_NAME", nil, "SESSION_COOKIE_NAME wants a text, not nil"},
		{"PERMANENT_SESSION_LIFETIME", nil, "a number of seconds or a time.Duration, not nil"},
		{"PERMANENT_SESSION_LIFETIME", "7 days", "a number of seconds or a time.Duration, not string"},
		{"PERMANENT_SESSION_LIFETIME", math.MaxInt64, "not int"},
		{"PERMANENT_SESSION_LIFETIME", math.Inf(1), "not float64"},
		{"PERMANENT_SESSION_LIFETIME", math.NaN(), "not float64"},
		{"SECRET_KEY", []any{"old"}, "SECRET_KEY wants a text, not a list"},
		{"DEBUG", "yes", "DEBUG wants true or false, not string"},
		{"DEBUG", 2, "DEBUG wants true or false, not int"},
		{"DEBUG", time.Duration(1), "not time.Duration"},
		{"MAX_FORM_PARTS", "5", "a whole number of up to 64 bits, not string"},
		{"MAX_FORM_PARTS", 5.5, "not float64"},
		{"MAX_FORM_PARTS", math.NaN(), "not float64"},
		{"MAX_FORM_PARTS", math.Inf(-1), "not float64"},
		{"MAX_FORM_PARTS", float64(1 << 63), "not float64"},
		{"MAX_FORM_PARTS", uint64(1 << 63), "not uint64"},
		{"MAX_FORM_PARTS", new(big.Int).Lsh(big.NewInt(1), 80), "not *big.Int"},
		{"MAX_FORM_PARTS", true, "not bool"},
		{"MAX_FORM_PARTS", time.Second, "not time.Duration"},
		{"SECRT_KEY", "dev", "SECRT_KEY is none of the builtin ones; if you mean SECRET_KEY"},
		{"SERCET_KEY", "dev", "if you mean SECRET_KEY"},
		{"SESSION_COOKIE_SAME_SITE", "Lax", "if you mean SESSION_COOKIE_SAMESITE"},
		{"JSON_SORT_KEYS", false, "JSON_SORT_KEYS has no effect here: set SortKeys"},
		{"page_size", 20, `"page_size" is not in upper case; write "PAGE_SIZE"`},
		{"", 20, `"" is not in upper case`},
	} {
		config := defaultConfig()
		mustPanic(t, func() { config.Set(test.key, test.value) }, "decant: the configuration key ", test.want)
		if diff := cmp.Diff(defaultConfig(), config, cmp.AllowUnexported(Config{})); diff != "" {
			t.Errorf("%s was refused and yet changed something:\n%s", test.key, diff)
		}
	}
}

func TestOwnKeys(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	if value, ok := config.Lookup("PAGE_SIZE"); value != nil || ok {
		t.Errorf("before it is set, PAGE_SIZE is %v, %v", value, ok)
	}
	config.Set("PAGE_SIZE", 20)
	config.Set("MAILER", nil)
	for key, want := range map[string]any{"PAGE_SIZE": 20, "MAILER": nil, "SESSION_COOKIE_NAME": "session"} {
		if value, ok := config.Lookup(key); value != want || !ok {
			t.Errorf("%s is %v, %v", key, value, ok)
		}
	}
	for _, key := range []string{"NAME", "LISTING", "MAX_SIZE", "DB", "X1", "SERVER", "Ä"} {
		config.Set(key, key)
		if got := config.Get(key); got != key {
			t.Errorf("%s is %v", key, got)
		}
	}
}

func TestTheZeroConfigCanBeUsed(t *testing.T) {
	t.Parallel()
	var config Config
	config.Set("PAGE_SIZE", 20)
	if got := config.Get("PAGE_SIZE"); got != 20 {
		t.Errorf("PAGE_SIZE is %v", got)
	}
}

// TestConfigSharesNothing changes what went in and what was read before.
func TestConfigSharesNothing(t *testing.T) {
	t.Parallel()
	hosts := []string{"example.com"}
	config := defaultConfig()
	config.Set("TRUSTED_HOSTS", hosts)
	hosts[0] = "evil.example"
	if got := config.TrustedHosts[0]; got != "example.com" {
		t.Errorf("the list of the caller is that of the configuration: %q", got)
	}
	before := *config
	config.Set("PAGE_SIZE", 20)
	if value, ok := before.Lookup("PAGE_SIZE"); ok {
		t.Errorf("a copy made before has PAGE_SIZE %v", value)
	}
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	config.Set("IMAGE_STORE_TYPE", "fs")
	config.Set("IMAGE_STORE_PATH", "/var/images")
	config.Set("IMAGE", "none")
	want := map[string]any{"type": "fs", "path": "/var/images"}
	if diff := cmp.Diff(want, config.Namespace("IMAGE_STORE_")); diff != "" {
		t.Errorf("IMAGE_STORE_ (-want +got):\n%s", diff)
	}
	want = map[string]any{"content_length": int64(16 << 20), "cookie_size": 4093, "form_memory_size": int64(500_000), "form_parts": 1000}
	if diff := cmp.Diff(want, config.Namespace("MAX_")); diff != "" {
		t.Errorf("MAX_ (-want +got):\n%s", diff)
	}
	if got := config.Namespace("NONE_"); got == nil || len(got) > 0 {
		t.Errorf("an empty namespace is %#v", got)
	}
}

const theSecret = "hush-hush"

func secretConfig() *Config {
	config := defaultConfig()
	config.SecretKey = theSecret
	config.SecretKeyFallbacks = []string{theSecret}
	config.ServerName = "example.com"
	config.Set("DATABASE_URL", "postgres://shop:"+theSecret+"@db/shop")
	config.Set("SECRET_KEY_OF_THE_BANK", theSecret)
	return config
}

func TestPrintingHidesSecrets(t *testing.T) {
	t.Parallel()
	config := secretConfig()
	type holder struct {
		Pointer *Config
		Value   Config
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t"} {
		for name, value := range map[string]any{"a pointer": config, "a value": *config, "a struct": holder{config, *config}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, theSecret) || strings.Contains(text, fmt.Sprintf("%x", theSecret)) {
				t.Errorf("%s of %s shows a secret: %s", verb, name, text)
			}
		}
	}
	text := fmt.Sprint(config)
	for _, want := range []string{
		"decant.Config{SECRET_KEY=(hidden) SECRET_KEY_FALLBACKS=(hidden) SESSION_COOKIE_NAME=\"session\" ",
		" MAX_FORM_PARTS=1000 ", " SERVER_NAME=\"example.com\" ",
		" DATABASE_URL=(hidden) SECRET_KEY_OF_THE_BANK=(hidden)}",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if text := fmt.Sprint(defaultConfig()); !strings.HasPrefix(text, `decant.Config{SECRET_KEY="" SECRET_KEY_FALLBACKS=[] `) {
		t.Errorf("a missing key does not show: %s", text)
	}
}

func TestLoggingHidesSecrets(t *testing.T) {
	t.Parallel()
	config := secretConfig()
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("starting", "config", config, "again", *config)
	}
	data, err := json.Marshal(config)
	log.Write(data)
	if err != nil || strings.Contains(log.String(), theSecret) {
		t.Errorf("%v: %s", err, &log)
	}
	if !strings.Contains(log.String(), `"SERVER_NAME":"example.com"`) || !strings.Contains(log.String(), "config.MAX_FORM_PARTS=1000") {
		t.Errorf("the settings are not in %s", &log)
	}
}

func TestConfigIsNoAnswerThatShowsSecrets(t *testing.T) {
	t.Parallel()
	app := viewOf(func(c *Context) (any, error) { return c.App.Config, nil })
	app.Config = secretConfig()
	app.Config.ServerName = ""
	if body := get(app, "/").Body.String(); strings.Contains(body, theSecret) {
		t.Errorf("the answer is %s", body)
	}
}

func TestReadingOwnKeysMakesNoGarbage(t *testing.T) {
	config := defaultConfig()
	config.Set("PAGE_SIZE", 20)
	if n := testing.AllocsPerRun(100, func() { config.Get("PAGE_SIZE") }); n > 0 {
		t.Errorf("Get allocates %v times", n)
	}
}

func TestTrustedHostsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"a.example,b.example", "*.example.com", "https://example.com", "example.com/", " example.com", "user@example.com"} {
		app, _ := appWith(hello)
		app.Config.TrustedHosts = []string{"localhost", host}
		if text := fmt.Sprint(panicOf(t, func() { get(app, "/") })); !strings.Contains(text, fmt.Sprintf("Config.TrustedHosts: %q is no host", host)) {
			t.Errorf("%q: the panic is %q", host, text)
		}
	}
}
