package settings

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

func fileWith(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSetFile(t *testing.T) {
	t.Parallel()
	config := newConfiguration()
	err := config.SetFile(fileWith(t, `{
		"SECRET_KEY": "dev", "LIFETIME": 60, "SECRET_KEY_FALLBACKS": ["old"], "SERVER_NAME": null,
		"PAGE_SIZE": 20, "RATIO": 1.0, "BIG": 9007199254740993, "HUGE": 12345678901234567890, "MAIL": {"port": 25, "to": [1, 2.5]}, "ignored": 1
	}`), json.Unmarshal)
	if err != nil {
		t.Fatal(err)
	}
	want := newSample()
	want.SecretKey, want.Lifetime, want.SecretKeyFallbacks = "dev", time.Minute, []string{"old"}
	huge, _ := new(big.Int).SetString("12345678901234567890", 10)
	want.own = map[string]any{
		"PAGE_SIZE": 20, "RATIO": 1.0, "BIG": 9007199254740993, "HUGE": huge,
		"MAIL": map[string]any{"port": 25, "to": []any{1, 2.5}},
	}
	sameNumber := cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
	if diff := cmp.Diff(want, config.sample, cmp.AllowUnexported(sample{}), sameNumber); diff != "" {
		t.Errorf("the file gives (-want +got):\n%s", diff)
	}
}

// Libraries for other formats fill a map with types that JSON does not have.
func TestSetFileOfOtherFormats(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	library := func(_ []byte, into any) error {
		values := into.(*fileValues)
		*values = fileValues{
			"MAX_COOKIE_SIZE": int64(7), "SECRET_KEY_FALLBACKS": []any{"old"},
			"SMALL": uint8(1), "BIG": uint64(1 << 63), "RATIO": 1.0, "DAY": day, "WAIT": time.Second, "NUMBER": json.Number("5"),
			"DB": map[string]any{"port": int64(5432), "hosts": []any{int64(1), "b"}}, "MIRRORS": []map[string]any{{"port": int64(1)}},
		}
		return nil
	}
	config := newConfiguration()
	if err := config.SetFile(fileWith(t, ""), library); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"SMALL": 1, "BIG": uint64(1 << 63), "RATIO": 1.0, "DAY": day, "WAIT": time.Second, "NUMBER": 5,
		"DB": map[string]any{"port": 5432, "hosts": []any{1, "b"}}, "MIRRORS": []any{map[string]any{"port": 1}},
	}
	if diff := cmp.Diff(want, config.ownValues()); diff != "" || config.sample.MaxCookieSize != 7 {
		t.Errorf("MaxCookieSize is %d; own keys (-want +got):\n%s", config.sample.MaxCookieSize, diff)
	}
}

func TestSetFileErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"{\n\"SECRET_KEY\": \"x\",\n}", "(line 3)"},
		{"", "(line 1)"},
		{`[1]`, "is not an object with the keys"},
		{`null`, "is not an object with the keys"},
		{`{"A": NaN}`, "invalid character 'N'"},
		{`{"SECRET_KEY": 5}`, "SECRET_KEY wants a string, not int"},
	} {
		name := fileWith(t, test.text)
		mustSay(t, newConfiguration().SetFile(name, json.Unmarshal), "decant: ", name, test.want)
	}
}

func TestSetFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	err := newConfiguration().SetFile("absent.json", json.Unmarshal)
	mustSay(t, err, "decant: ", "absent.json", "relative to the working directory")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	err = newConfiguration().SetFile(filepath.Join(t.TempDir(), "absent.json"), json.Unmarshal)
	if err == nil || strings.Contains(err.Error(), "working directory") {
		t.Errorf("an absolute name gives %v", err)
	}
	mustSay(t, newConfiguration().SetFile("", json.Unmarshal), "the name is empty; if it comes from an environment variable, set that")
	mustSay(t, newConfiguration().SetFile(t.TempDir(), json.Unmarshal), "directory")
}

// A function may fill in variables before it parses, so that the offset of a
// mistake lies behind the end of the file.
func TestFileThatGrows(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(name, []byte("{\n$A"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := newConfiguration().SetFile(name, func(_ []byte, into any) error {
		return json.Unmarshal([]byte(`{"A": "a long text"`), into)
	})
	if err == nil || !strings.Contains(err.Error(), "cannot be understood") {
		t.Errorf("the error is %v", err)
	}
}
