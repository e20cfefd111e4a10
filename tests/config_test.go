package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

func newConfig() *decant.Config { return decant.New("test").Config }

// mustSay checks that an error has all parts.
func mustSay(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there was no error with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error says %q and lacks %q", err, part)
		}
	}
}

// flaskKeys are the builtin keys of Flask, each with its field. A key without a
// field has no effect, and Set says what to do instead.
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
var ownFields = map[string]string{
	"MAX_FORM_FIELDS":      "MaxFormFields",
	"MAX_JSON_ELEMENTS":    "MaxJSONElements",
	"SLOW_CLIENT_INTERVAL": "SlowClientInterval",
	"SLOW_CLIENT_BYTES":    "SlowClientBytes",
	"TRUSTED_ORIGINS":      "TrustedOrigins",
	"ALLOW_CROSS_ORIGIN":   "AllowCrossOrigin",
	"TRUST_REQUEST_ID":     "TrustRequestID",
}

func TestEveryKeyOfFlaskHasAFieldOrAReason(t *testing.T) {
	t.Parallel()
	for key, name := range flaskKeys {
		config := newConfig()
		if name == "" {
			mustPanic(t, func() { config.Set(key, nil) }, "decant: the configuration key "+key+" has no effect here: ")
			continue
		}
		field := reflect.ValueOf(config).Elem().FieldByName(name)
		if !field.IsValid() {
			t.Errorf("%s has no field", key)
			continue
		}
		config.Set(key, sampleOf(t, field.Type()))
		if field.IsZero() {
			t.Errorf("Set of %s does not reach %s", key, name)
		}
	}
}

func TestEveryFieldHasAKeyThatSetAndGetAccept(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, known := range []map[string]string{flaskKeys, ownFields} {
		for key, name := range known {
			keys[name] = key
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[decant.Config]()) {
		if !field.IsExported() {
			continue
		}
		key := keys[field.Name]
		if key == "" {
			t.Errorf("%s is neither in flaskKeys nor in ownFields", field.Name)
			continue
		}
		config := newConfig()
		config.Set(key, sampleOf(t, field.Type))
		before := config.Get(key)
		config.Set(key, before)
		if diff := cmp.Diff(before, config.Get(key)); diff != "" {
			t.Errorf("%s set to what Get returns (-want +got):\n%s", key, diff)
		}
	}
}

// sampleOf returns a value as a file would hold it for a field of some type.
func sampleOf(t *testing.T, field reflect.Type) any {
	t.Helper()
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	switch field.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return true
	case reflect.Slice:
		return []any{"text"}
	case reflect.Int, reflect.Int64:
		return 7
	}
	t.Fatalf("there is no sample for a field of type %s", field)
	return nil
}

func TestSetReachesTheFields(t *testing.T) {
	t.Parallel()
	config := newConfig()
	config.Set("SECRET_KEY", "dev")
	config.Set("PERMANENT_SESSION_LIFETIME", 90)
	config.Set("TRUSTED_HOSTS", []any{"example.com"})
	if config.SecretKey != "dev" || config.PermanentSessionLifetime != 90*time.Second || config.TrustedHosts[0] != "example.com" {
		t.Errorf("the fields are %q, %v and %q", config.SecretKey, config.PermanentSessionLifetime, config.TrustedHosts)
	}
	config.SecretKey = "other"
	if got := config.Get("SECRET_KEY"); got != "other" {
		t.Errorf("Get returns %v", got)
	}
}

func TestSetPanicsForMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"SECRET_KEY", 12345, "SECRET_KEY wants a string, not int"},
		{"SESSION_COOKIE_NAME", nil, "SESSION_COOKIE_NAME wants a string, not nil"},
		{"SECRT_KEY", "dev", "SECRT_KEY is not a builtin one; if you mean SECRET_KEY"},
		{"SERCET_KEY", "dev", "if you mean SECRET_KEY"},
		{"SESSION_COOKIE_SAME_SITE", "Lax", "if you mean SESSION_COOKIE_SAMESITE"},
		{"JSON_SORT_KEYS", false, "JSON_SORT_KEYS has no effect here: set App.JSON.SortKeys"},
		{"page_size", 20, `"page_size" is not in upper case; write "PAGE_SIZE"`},
		{"", 20, `"" is not in upper case`},
	} {
		config := newConfig()
		mustPanic(t, func() { config.Set(test.key, test.value) }, "decant: the configuration key ", test.want)
		if diff := cmp.Diff(newConfig().Namespace(""), config.Namespace("")); diff != "" {
			t.Errorf("%s was refused and yet changed something:\n%s", test.key, diff)
		}
	}
}

func TestOwnKeys(t *testing.T) {
	t.Parallel()
	config := newConfig()
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
	var config decant.Config
	config.Set("PAGE_SIZE", 20)
	if got := config.Get("PAGE_SIZE"); got != 20 {
		t.Errorf("PAGE_SIZE is %v", got)
	}
}

// Neither a list that was passed in nor a copy of the configuration changes it.
func TestConfigSharesNothing(t *testing.T) {
	t.Parallel()
	hosts := []string{"example.com"}
	config := newConfig()
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

func TestFromMap(t *testing.T) {
	t.Parallel()
	config := newConfig()
	err := config.FromMap(map[string]any{
		"SECRET_KEY": "dev", "PAGE_SIZE": int64(20), "page_size": 1, "Secret_Key": "no", "_": 1, "": 1, "X_1": nil,
	})
	if err != nil || config.SecretKey != "dev" {
		t.Errorf("%v; the secret key is %q", err, config.SecretKey)
	}
	want := newConfig().Namespace("")
	want["secret_key"], want["page_size"], want["x_1"] = "dev", int64(20), nil
	if diff := cmp.Diff(want, config.Namespace("")); diff != "" {
		t.Errorf("the keys (-want +got):\n%s", diff)
	}
}

func TestFromMapTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	config := newConfig()
	err := config.FromMap(map[string]any{
		"SECRET_KEY": 12345, "SESSION_COOKIE_NAMES": "x", "JSON_SORT_KEYS": false, "MAX_COOKIE_SIZE": "4093", "DEBUG": true, "PAGE_SIZE": 20,
	})
	mustSay(t, err,
		"SECRET_KEY wants a string, not int", "if you mean SESSION_COOKIE_NAME,", "JSON_SORT_KEYS has no effect", "MAX_COOKIE_SIZE wants a whole number")
	if strings.Contains(err.Error(), "12345") {
		t.Errorf("the error shows the secret key: %v", err)
	}
	if !config.Debug || config.Get("PAGE_SIZE") != 20 {
		t.Errorf("what is right was not set: %v", config)
	}
}

func TestFromFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "config.json")
	text := `{"SECRET_KEY": "dev", "TRUSTED_HOSTS": ["example.com"], "PAGE_SIZE": 20, "MAIL": {"port": 25}, "ignored": 1}`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config := newConfig()
	if err := config.FromFile(name, json.Unmarshal); err != nil {
		t.Fatal(err)
	}
	want := newConfig().Namespace("")
	want["secret_key"], want["trusted_hosts"] = "dev", []string{"example.com"}
	want["page_size"], want["mail"] = 20, map[string]any{"port": 25}
	if diff := cmp.Diff(want, config.Namespace("")); diff != "" {
		t.Errorf("the keys (-want +got):\n%s", diff)
	}
	if err := config.FromFile("absent.json", json.Unmarshal); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error of an absent file is %v", err)
	}
}

func TestFromPrefixedEnv(t *testing.T) {
	for _, test := range []struct {
		key, text string
		want      any
	}{
		{"SECRET_KEY", "12345", "12345"},
		{"SECRET_KEY_FALLBACKS", `["old", "12345"]`, []string{"old", "12345"}},
		{"DEBUG", "yes", true},
		{"DEBUG", "0", false},
		{"SESSION_COOKIE_HTTPONLY", "False", false},
		{"PERMANENT_SESSION_LIFETIME", "3600", time.Hour},
		{"MAX_CONTENT_LENGTH", "1e6", int64(1_000_000)},
		{"PAGE_SIZE", "20", 20},
		{"DB__user", "ann", map[string]any{"user": "ann"}},
	} {
		key, _, _ := strings.Cut(test.key, "__")
		t.Run(test.key+"="+test.text, func(t *testing.T) {
			t.Setenv("DECANT_"+test.key, test.text)
			t.Setenv("SHOP_"+test.key, test.text)
			config, other := newConfig(), newConfig()
			if err := errors.Join(config.FromPrefixedEnv(), other.FromPrefixedEnv("SHOP")); err != nil {
				t.Fatal(err)
			}
			for _, got := range []any{config.Get(key), other.Get(key)} {
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func TestFromPrefixedEnvNamesTheVariable(t *testing.T) {
	t.Setenv("SHOP_TESTING", "perhaps")
	mustSay(t, newConfig().FromPrefixedEnv("SHOP"), "in the environment variable SHOP_TESTING: decant: the configuration key TESTING wants true or false, not string")
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	config := newConfig()
	config.Set("IMAGE_STORE_TYPE", "fs")
	config.Set("IMAGE_STORE_PATH", "/var/images")
	config.Set("IMAGE", "none")
	want := map[string]any{"type": "fs", "path": "/var/images"}
	if diff := cmp.Diff(want, config.Namespace("IMAGE_STORE_")); diff != "" {
		t.Errorf("IMAGE_STORE_ (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		options []decant.NamespaceOption
		want    map[string]any
	}{
		{[]decant.NamespaceOption{decant.KeepCase()}, map[string]any{"TYPE": "fs", "PATH": "/var/images"}},
		{[]decant.NamespaceOption{decant.KeepPrefix()}, map[string]any{"image_store_type": "fs", "image_store_path": "/var/images"}},
		{[]decant.NamespaceOption{decant.KeepPrefix(), decant.KeepCase()}, map[string]any{"IMAGE_STORE_TYPE": "fs", "IMAGE_STORE_PATH": "/var/images"}},
	} {
		if diff := cmp.Diff(c.want, config.Namespace("IMAGE_STORE_", c.options...)); diff != "" {
			t.Errorf("IMAGE_STORE_ (-want +got):\n%s", diff)
		}
	}
	want = map[string]any{"content_length": int64(16 << 20), "cookie_size": 4093, "form_memory_size": int64(500_000), "form_fields": 10000, "form_parts": 1000, "json_elements": 500_000}
	if diff := cmp.Diff(want, config.Namespace("MAX_")); diff != "" {
		t.Errorf("MAX_ (-want +got):\n%s", diff)
	}
	if got := config.Namespace("NONE_"); got == nil || len(got) > 0 {
		t.Errorf("an empty namespace is %#v", got)
	}
}

const theSecret = "hush-hush"

func secretConfig() *decant.Config {
	config := newConfig()
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
		Pointer *decant.Config
		Value   decant.Config
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
	if text := fmt.Sprint(newConfig()); !strings.HasPrefix(text, `decant.Config{SECRET_KEY="" SECRET_KEY_FALLBACKS=[] `) {
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
	app, _ := appWith(func(c *decant.Context) (any, error) { return c.App.Config, nil })
	app.Config = secretConfig()
	app.Config.ServerName = ""
	if body := get(app, "/").Body.String(); strings.Contains(body, theSecret) {
		t.Errorf("the answer is %s", body)
	}
}

func TestReadingOwnKeysMakesNoGarbage(t *testing.T) {
	config := newConfig()
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

func TestConfigWithADefault(t *testing.T) {
	t.Parallel()
	config := decant.New("shop").Config
	config.Set("PAGE_SIZE", 20)
	config.Set("NOTHING", nil)
	got := []any{
		config.Get("PAGE_SIZE", 5), config.Get("ABSENT", 5), config.Get("ABSENT"), config.Get("NOTHING", 5), config.Get("TESTING", true),
		config.Has("PAGE_SIZE"), config.Has("ABSENT"), config.Has("NOTHING"), config.Has("SECRET_KEY"),
	}
	if diff := cmp.Diff([]any{20, 5, nil, nil, false, true, false, true, true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The first request freezes the configuration: all requests see the same settings.
func TestTheConfigurationIsFrozen(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) {
		if c.Request.Args.Has("error") {
			return nil, decant.NewHTTPError(400)
		}
		c.Session.Set("user", "ann")
		page, err := c.RenderString(`{{ config.PAGE_SIZE }} {{ config["DEBUG"] }} `)
		return page + c.URLFor("view", "_external", true), err
	})
	app.Config.ServerName = "shop.example"
	app.Config.TrustedHosts = []string{"example.com"}
	app.Config.Set("PAGE_SIZE", 20)
	first := get(app, "/")
	mustAnswer(t, first, 200, "20 False http://shop.example/")
	for method, call := range map[string]func(){
		"Set":             func() { app.Config.Set("PAGE_SIZE", 30) },
		"FromMap":         func() { _ = app.Config.FromMap(decant.H{"PAGE_SIZE": 30}) },
		"FromFile":        func() { _ = app.Config.FromFile("config.json", nil) },
		"FromPrefixedEnv": func() { _ = app.Config.FromPrefixedEnv() },
	} {
		mustPanic(t, call, "decant: Config."+method+" was called", `"test"`, "after", "first request", "configure everything before")
	}
	app.Config.ServerName, app.Config.Debug, app.Config.Testing = "other.example", true, true
	app.Config.SessionCookieName, app.Config.SecretKey = "other", "another"
	app.Config.TrustedHosts[0] = "elsewhere.example"
	app.Config.MaxContentLength, app.Config.UseXSendfile = 1, true
	app.JSON.SortKeys, app.JSON.Layout = false, decant.IndentedJSON

	w := get(app, "/", "Cookie", pairOf(first))
	mustAnswer(t, w, 200, first.Body.String())
	if cookie := pairOf(w); !strings.HasPrefix(cookie, "session=") {
		t.Errorf("the cookie is %q", cookie)
	}
	mustAnswer(t, get(app, "/?error"), 400, errorPage(decant.NewHTTPError(400)))
	if url := app.URLFor("view"); url != "http://shop.example/" {
		t.Errorf("the URL is %q", url)
	}
	if got := get(app, "http://elsewhere.example/").Code; got != 400 {
		t.Errorf("status %d for a host that was trusted too late", got)
	}
	log.mustBeEmpty(t)

	other := decant.New("other")
	other.Config = app.Config
	mustPanic(t, func() { other.Config.Set("PAGE_SIZE", 30) }, `"test"`)
}

// TestServerNameIsAHost sets a ServerName that would make URLs that lead nowhere.
func TestServerNameIsAHost(t *testing.T) {
	for name, isHost := range map[string]bool{
		"": true, "shop.example": true, "Shop.example:8000": true, "localhost": true, "a_b.example": true, "[::1]:5000": true, "127.0.0.1:5000": true, "bücher.example": true,
		"https://shop.example": false, "shop.example/": false, "shop.example:": false, "shop.example:port": false, "shop example": false, "[::1": false, "[::1]x": false, ":5000": false, "user@shop.example": false,
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(hello)
			app.Config.ServerName = name
			if isHost {
				get(app, "/")
				return
			}
			mustPanic(t, func() { get(app, "/") }, "Config.ServerName", "is no host", `as in "shop.example" or "localhost:5000"`)
		})
	}
}
