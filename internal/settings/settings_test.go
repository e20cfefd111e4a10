package settings

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample is a configuration with a field of each type that a field can have.
type sample struct {
	SecretKey             string
	SecretKeyFallbacks    []string
	SessionCookieName     string
	SessionCookieHTTPOnly bool `key:"SESSION_COOKIE_HTTPONLY"`
	Lifetime              time.Duration
	MaxCookieSize         int
	MaxContentLength      int64
	ServerName            string
	PreferredURLScheme    string
	Debug                 bool
	Testing               bool
	TemplatesAutoReload   *bool
	RetryAfter            *time.Duration
	own                   map[string]any // unexported, so it has no key
}

func newSample() *sample {
	return &sample{SessionCookieName: "session", SessionCookieHTTPOnly: true, Lifetime: time.Hour, MaxCookieSize: 4093}
}

// configuration is a sample with its keys.
type configuration struct {
	Settings
	sample *sample
}

func newConfiguration() configuration {
	s := newSample()
	return configuration{KeysOf(newSample()).Of(s, &s.own), s}
}

func (c configuration) ownValues() map[string]any { return c.sample.own }

func (c configuration) get(key string) any {
	value, _ := c.Lookup(key)
	return value
}

func TestKeysFollowFromTheFields(t *testing.T) {
	t.Parallel()
	want := []string{
		"SECRET_KEY", "SECRET_KEY_FALLBACKS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_HTTPONLY", "LIFETIME", "MAX_COOKIE_SIZE",
		"MAX_CONTENT_LENGTH", "SERVER_NAME", "PREFERRED_URL_SCHEME", "DEBUG", "TESTING", "TEMPLATES_AUTO_RELOAD", "RETRY_AFTER", "PAGE_SIZE",
	}
	config := newConfiguration()
	if err := config.Set("PAGE_SIZE", 20); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, config.Names()); diff != "" {
		t.Errorf("the keys (-want +got):\n%s", diff)
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key         string
		value, want any
	}{
		{"SECRET_KEY", "dev", "dev"},
		{"SECRET_KEY", []byte{0xff, 0}, "\xff\x00"},
		{"SECRET_KEY", nil, ""},
		{"SECRET_KEY", false, ""},
		{"SECRET_KEY_FALLBACKS", []any{"old", []byte("older")}, []string{"old", "older"}},
		{"SECRET_KEY_FALLBACKS", []string{"old"}, []string{"old"}},
		{"SECRET_KEY_FALLBACKS", "old", []string{"old"}},
		{"SECRET_KEY_FALLBACKS", "", []string(nil)},
		{"SECRET_KEY_FALLBACKS", nil, []string(nil)},
		{"DEBUG", true, true},
		{"DEBUG", 1, true},
		{"SESSION_COOKIE_HTTPONLY", 0, false},
		{"SESSION_COOKIE_HTTPONLY", nil, false},
		{"MAX_CONTENT_LENGTH", 7, int64(7)},
		{"MAX_CONTENT_LENGTH", uint8(7), int64(7)},
		{"MAX_CONTENT_LENGTH", 1e6, int64(1_000_000)},
		{"MAX_CONTENT_LENGTH", json.Number("7"), int64(7)},
		{"MAX_CONTENT_LENGTH", json.Number("1e3"), int64(1000)},
		{"MAX_CONTENT_LENGTH", big.NewInt(7), int64(7)},
		{"MAX_CONTENT_LENGTH", nil, int64(0)},
		{"MAX_COOKIE_SIZE", int64(7), 7},
		{"LIFETIME", 90, 90 * time.Second},
		{"LIFETIME", 0.5, 500 * time.Millisecond},
		{"LIFETIME", json.Number("90"), 90 * time.Second},
		{"LIFETIME", time.Minute, time.Minute},
		{"LIFETIME", -1, -time.Second},
	} {
		config := newConfiguration()
		if err := config.Set(test.key, test.value); err != nil {
			t.Errorf("%s cannot be set to %#v: %v", test.key, test.value, err)
		}
		if diff := cmp.Diff(test.want, config.get(test.key)); diff != "" {
			t.Errorf("%s set to %#v (-want +got):\n%s", test.key, test.value, diff)
		}
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"SECRET_KEY", 12345, "SECRET_KEY wants a string, not int"},
		{"SECRET_KEY", json.Number("12345"), "SECRET_KEY wants a string, not json.Number"},
		{"SECRET_KEY", []any{"old"}, "SECRET_KEY wants a string, not a list"},
		{"SECRET_KEY_FALLBACKS", []any{"old", 5}, "SECRET_KEY_FALLBACKS wants a list of strings, not a list with int at index 1"},
		{"SECRET_KEY_FALLBACKS", 5, "a list of strings, not int"},
		{"SESSION_COOKIE_NAME", nil, "SESSION_COOKIE_NAME wants a string, not nil"},
		{"SESSION_COOKIE_NAME", false, "SESSION_COOKIE_NAME wants a string, not bool"},
		{"SECRET_KEY", true, "SECRET_KEY wants a string, not bool"},
		{"LIFETIME", nil, "a number of seconds or a time.Duration, not nil"},
		{"LIFETIME", "7 days", "a number of seconds or a time.Duration, not string"},
		{"LIFETIME", math.MaxInt64, "not int"},
		{"LIFETIME", math.Inf(1), "not float64"},
		{"LIFETIME", math.NaN(), "not float64"},
		{"DEBUG", "yes", "DEBUG wants true or false, not string"},
		{"DEBUG", 2, "DEBUG wants true or false, not int"},
		{"DEBUG", time.Duration(1), "not time.Duration"},
		{"MAX_COOKIE_SIZE", "5", "a whole number of up to 64 bits, not string"},
		{"MAX_COOKIE_SIZE", 5.5, "not float64"},
		{"MAX_COOKIE_SIZE", math.NaN(), "not float64"},
		{"MAX_COOKIE_SIZE", math.Inf(-1), "not float64"},
		{"MAX_COOKIE_SIZE", float64(1 << 63), "not float64"},
		{"MAX_COOKIE_SIZE", uint64(1 << 63), "not uint64"},
		{"MAX_COOKIE_SIZE", new(big.Int).Lsh(big.NewInt(1), 80), "not *big.Int"},
		{"MAX_COOKIE_SIZE", true, "not bool"},
		{"MAX_COOKIE_SIZE", time.Second, "not time.Duration"},
		{"SECRT_KEY", "dev", "SECRT_KEY is not a builtin one; if you mean SECRET_KEY"},
		{"JSON_SORT_KEYS", false, "JSON_SORT_KEYS has no effect here: set App.JSON.SortKeys"},
	} {
		config := newConfiguration()
		mustSay(t, config.Set(test.key, test.value), "decant: the configuration key ", test.want)
		if diff := cmp.Diff(newSample(), config.sample, cmp.AllowUnexported(sample{})); diff != "" {
			t.Errorf("%s was refused and yet changed something:\n%s", test.key, diff)
		}
	}
}

// A pointer field tells Flask's None from false and from zero.
func TestFieldsThatMayBeEmpty(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key         string
		value, want any
	}{{"TEMPLATES_AUTO_RELOAD", 1, true}, {"RETRY_AFTER", 90, 90 * time.Second}} {
		config := newConfiguration()
		if got := config.get(test.key); got != nil {
			t.Errorf("%s is %v at first", test.key, got)
		}
		for _, value := range []any{test.value, test.want} {
			if err := config.Set(test.key, value); err != nil || config.get(test.key) != test.want {
				t.Errorf("%s set to %v is %v: %v", test.key, value, config.get(test.key), err)
			}
		}
		if err := config.Set(test.key, "soon"); err == nil || config.get(test.key) != test.want {
			t.Errorf("a wrong value gives %v and leaves %v", err, config.get(test.key))
		}
		if err := config.Set(test.key, nil); err != nil || config.get(test.key) != nil {
			t.Errorf("%s set to nil is %v: %v", test.key, config.get(test.key), err)
		}
	}
}

// Every type that describeType names is one that convert knows, and any other
// type has no conversion.
func TestUnknownTypesAreRefused(t *testing.T) {
	t.Parallel()
	var odd struct{ Ratio complex128 }
	field := reflect.ValueOf(&odd).Elem().Field(0)
	mustSay(t, writeField(field, field, 5), "wants to be set as a field of Config, not int")
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	config := newConfiguration()
	for key, want := range map[string]bool{"SECRET_KEY": false, "SECRET_KEY_FALLBACKS": false, "SERVER_NAME": false, "PAGE_SIZE": true} {
		if got := config.IsSecret(key); got != want {
			t.Errorf("%s is secret before anything is set: %v", key, got)
		}
	}
	config.sample.SecretKey, config.sample.SecretKeyFallbacks = "new", []string{"old"}
	for _, key := range []string{"SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECRET_KEY_OF_THE_BANK"} {
		if !config.IsSecret(key) {
			t.Errorf("%s is not secret", key)
		}
	}
}
