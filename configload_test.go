package decant

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ownValues are the application's keys of a configuration.
func ownValues(c *Config) map[string]any { return c.own }

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

func TestFromMap(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	err := config.FromMap(map[string]any{
		"SECRET_KEY": "dev", "PAGE_SIZE": int64(20), "page_size": 1, "Secret_Key": "no", "_": 1, "": 1, "X_1": nil,
	})
	if err != nil || config.SecretKey != "dev" {
		t.Errorf("%v; the secret key is %q", err, config.SecretKey)
	}
	if diff := cmp.Diff(map[string]any{"PAGE_SIZE": int64(20), "X_1": nil}, ownValues(config)); diff != "" {
		t.Errorf("the own keys (-want +got):\n%s", diff)
	}
}

func TestFromMapTellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	err := config.FromMap(map[string]any{
		"SECRET_KEY": 12345, "SESSION_COOKIE_NAMES": "x", "JSON_SORT_KEYS": false, "MAX_COOKIE_SIZE": "4093", "DEBUG": true, "PAGE_SIZE": 20,
	})
	mustSay(t, err,
		"SECRET_KEY wants a text, not int", "if you mean SESSION_COOKIE_NAME,", "JSON_SORT_KEYS has no effect", "MAX_COOKIE_SIZE wants a whole number")
	if strings.Contains(err.Error(), "12345") {
		t.Errorf("the error shows the secret key: %v", err)
	}
	if !config.Debug || config.Get("PAGE_SIZE") != 20 {
		t.Errorf("what is right was not set: %v", config)
	}
}

func fileWith(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFromFile(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	err := config.FromFile(fileWith(t, `{
		"SECRET_KEY": "dev", "PERMANENT_SESSION_LIFETIME": 3600, "TRUSTED_HOSTS": ["example.com"], "SESSION_COOKIE_SAMESITE": null,
		"PAGE_SIZE": 20, "RATIO": 1.0, "BIG": 9007199254740993, "HUGE": 12345678901234567890, "MAIL": {"port": 25, "to": [1, 2.5]}, "ignored": 1
	}`), json.Unmarshal)
	if err != nil {
		t.Fatal(err)
	}
	want := defaultConfig()
	want.SecretKey, want.PermanentSessionLifetime, want.TrustedHosts = "dev", time.Hour, []string{"example.com"}
	huge, _ := new(big.Int).SetString("12345678901234567890", 10)
	want.own = map[string]any{
		"PAGE_SIZE": 20, "RATIO": 1.0, "BIG": 9007199254740993, "HUGE": huge,
		"MAIL": map[string]any{"port": 25, "to": []any{1, 2.5}},
	}
	sameNumber := cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
	if diff := cmp.Diff(want, config, cmp.AllowUnexported(Config{}), sameNumber); diff != "" {
		t.Errorf("the file gives (-want +got):\n%s", diff)
	}
}

// TestFromFileOfOtherFormats plays a library that fills a map with types that
// JSON does not have.
func TestFromFileOfOtherFormats(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	library := func(_ []byte, into any) error {
		values := into.(*settings)
		*values = settings{
			"MAX_FORM_PARTS": int64(7), "TRUSTED_HOSTS": []any{"example.com"},
			"SMALL": uint8(1), "BIG": uint64(1 << 63), "RATIO": 1.0, "DAY": day, "WAIT": time.Second, "NUMBER": json.Number("5"),
			"DB": map[string]any{"port": int64(5432), "hosts": []any{int64(1), "b"}}, "MIRRORS": []map[string]any{{"port": int64(1)}},
		}
		return nil
	}
	config := defaultConfig()
	if err := config.FromFile(fileWith(t, ""), library); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"SMALL": 1, "BIG": uint64(1 << 63), "RATIO": 1.0, "DAY": day, "WAIT": time.Second, "NUMBER": 5,
		"DB": map[string]any{"port": 5432, "hosts": []any{1, "b"}}, "MIRRORS": []any{map[string]any{"port": 1}},
	}
	if diff := cmp.Diff(want, ownValues(config)); diff != "" || config.MaxFormParts != 7 {
		t.Errorf("MaxFormParts is %d; own keys (-want +got):\n%s", config.MaxFormParts, diff)
	}
}

func TestFromFileErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"{\n\"SECRET_KEY\": \"x\",\n}", "(line 3)"},
		{"", "(line 1)"},
		{`[1]`, "is not an object with the keys"},
		{`null`, "is not an object with the keys"},
		{`{"A": NaN}`, "invalid character 'N'"},
		{`{"SECRET_KEY": 5}`, "SECRET_KEY wants a text, not int"},
	} {
		name := fileWith(t, test.text)
		mustSay(t, defaultConfig().FromFile(name, json.Unmarshal), "decant: ", name, test.want)
	}
}

func TestFromFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	err := defaultConfig().FromFile("absent.json", json.Unmarshal)
	mustSay(t, err, "decant: ", "absent.json", "relative to the working directory")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	err = defaultConfig().FromFile(filepath.Join(t.TempDir(), "absent.json"), json.Unmarshal)
	if err == nil || strings.Contains(err.Error(), "working directory") {
		t.Errorf("an absolute name gives %v", err)
	}
	mustSay(t, defaultConfig().FromFile("", json.Unmarshal), "the name is empty; if it comes from an environment variable, set that")
	mustSay(t, defaultConfig().FromFile(t.TempDir(), json.Unmarshal), "directory")
}

// TestFileThatGrows is read by a function that fills in variables first, so that
// the place of the mistake is not one of the file.
func TestFileThatGrows(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte("{\n$A"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := New("test").Config.FromFile(name, func(_ []byte, into any) error {
		return json.Unmarshal([]byte(`{"A": "a long text"`), into)
	})
	if err == nil || !strings.Contains(err.Error(), "cannot be understood") {
		t.Errorf("the error is %v", err)
	}
}
