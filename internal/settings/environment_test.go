package settings

import (
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// setenv sets pairs of a variable and its value. Other variables of Decant's, such as
// the one that names the vectors, are taken away.
func setenv(t *testing.T, pairs ...string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "DECANT_") {
			t.Setenv(name, "") // puts it back at the end
			os.Unsetenv(name)
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// The values are what Flask's from_prefixed_env reads from the same variables.
func TestSetEnvironmentAsFlask(t *testing.T) {
	setenv(t,
		"FLASK_A", `"x`, "FLASK_B", "", "FLASK_C", "1e3", "FLASK_D", "NaN", "FLASK_E", "-Infinity", "FLASK_F", " 1 ",
		"FLASK_G", "12345678901234567890123", "FLASK_H", "[1,2.0]", "FLASK_i", "1", "FLASK_DB__user", "x", "FLASK_DB", `{"a":1}`,
		"FLASK_Z__a__b", "1", "FLASK___x", "1", "FLASK_J____k", "4", "FLASK_Q__", "3", "FLASK_K___b", "3", "FLASK_L", "1_0", "FLASK_M", "-0",
		"FLASK_O", `{"a":1,"a":2}`, "FLASK_P", "'x'", "FLASK_R", `"a\u0041"`, "FLASK_S", "01", "FLASK_T", "True", "FLASK_U", "true",
		"FLASK_V", "null", "FLASK_W", "1 2", "FLASK_X", "\v1", "FLASK_Y", "\xff", "FLASKQ", "1", "FLASK_b", "{", "DECANT_C", "1",
	)
	config := newConfiguration()
	if err := config.SetEnvironment("FLASK"); err != nil {
		t.Fatal(err)
	}
	huge, _ := new(big.Int).SetString("12345678901234567890123", 10)
	want := map[string]any{
		"A": `"x`, "B": "", "C": 1000.0, "D": math.NaN(), "E": math.Inf(-1), "F": 1,
		"G": huge, "H": []any{1, 2.0}, "i": 1, "DB": map[string]any{"a": 1, "user": "x"},
		"Z": map[string]any{"a": map[string]any{"b": 1}}, "": map[string]any{"x": 1}, "J": map[string]any{"": map[string]any{"k": 4}},
		"Q": map[string]any{"": 3}, "K": map[string]any{"_b": 3}, "L": "1_0", "M": 0,
		"O": map[string]any{"a": 2}, "P": "'x'", "R": "aA", "S": "01", "T": "True", "U": true,
		"V": nil, "W": "1 2", "X": "\v1", "Y": "\xff", "b": "{",
	}
	sameNumber := cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
	if diff := cmp.Diff(want, config.ownValues(), sameNumber, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("the own keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(newSample(), config.sample, cmpopts.IgnoreUnexported(sample{})); diff != "" {
		t.Errorf("the builtin keys (-want +got):\n%s", diff)
	}
}

func TestSetEnvironmentBuiltinKeys(t *testing.T) {
	for _, test := range []struct {
		key, text string
		want      any
	}{
		{"SECRET_KEY", "12345", "12345"},
		{"SECRET_KEY", "1e5", "1e5"},
		{"SECRET_KEY", "true", "true"},
		{"SECRET_KEY", `{"a":1}`, `{"a":1}`},
		{"SECRET_KEY", `"quoted"`, "quoted"},
		{"SECRET_KEY", "null", ""},
		{"SECRET_KEY", "\xff", "\xff"},
		{"SECRET_KEY", " spaced ", " spaced "},
		{"SECRET_KEY_FALLBACKS", `["old", "12345"]`, []string{"old", "12345"}},
		{"SECRET_KEY_FALLBACKS", "12345", []string{"12345"}},
		{"SECRET_KEY_FALLBACKS", "old", []string{"old"}},
		{"SECRET_KEY_FALLBACKS", "null", []string(nil)},
		{"SECRET_KEY_FALLBACKS", "", []string(nil)},
		{"SECRET_KEY_FALLBACKS", "[]", []string(nil)},
		{"DEBUG", "1", true},
		{"DEBUG", "yes", true},
		{"DEBUG", "off", true},
		{"DEBUG", "0", false},
		{"DEBUG", "False", false},
		{"DEBUG", "NO", false},
		{"DEBUG", "", false},
		{"TESTING", "1", true},
		{"TESTING", "true", true},
		{"TESTING", "True", true},
		{"SESSION_COOKIE_HTTPONLY", "False", false},
		{"SESSION_COOKIE_HTTPONLY", "0", false},
		{"SESSION_COOKIE_HTTPONLY", "", false},
		{"SESSION_COOKIE_HTTPONLY", "null", false},
		{"LIFETIME", "3600", time.Hour},
		{"LIFETIME", "0.5", 500 * time.Millisecond},
		{"MAX_CONTENT_LENGTH", "1e6", int64(1_000_000)},
		{"MAX_CONTENT_LENGTH", "null", int64(0)},
		{"MAX_COOKIE_SIZE", " 5 ", 5},
	} {
		t.Run(test.key+"="+test.text, func(t *testing.T) {
			setenv(t, "DECANT_"+test.key, test.text)
			config := newConfiguration()
			if err := config.SetEnvironment("DECANT"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, config.get(test.key)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSetEnvironmentErrors(t *testing.T) {
	setenv(t,
		"SHOP_A", "1", "SHOP_A__b", "2",
		"SHOP_C", `{"d": []}`, "SHOP_C__d__e", "hush-hush",
		"SHOP_E__f", "1", "SHOP_E__f__g", "2",
		"SHOP_MADE__x", "1",
		"SHOP_SECRET_KEY__x", "1",
		"SHOP_SECRET_KEY_FALLBACKS", "['hush-hush']",
		"SHOP_SERVER_NAM", "example.com",
		"SHOP_secret_key", "hush-hush",
		"SHOP_SERVER_NAM__x", "1",
		"SHOP_TESTING", "perhaps",
		"SHOP_MAX_COOKIE_SIZE", "4 kB",
		"SHOP_SESSION_COOKIE_NAME", "null",
		"SHOP_JSON_AS_ASCII", "false",
		"SHOP_Z", "26",
	)
	config := newConfiguration()
	config.sample.own = map[string]any{"MADE": "hush-hush"}
	err := config.SetEnvironment("SHOP")
	mustSay(t, err,
		"in the environment variable SHOP_A__b: decant: it leads into A, where SHOP_A has put int instead of a map; remove one of the two",
		"SHOP_C__d__e: decant: it leads into C__d, where the configuration so far has put a list",
		"SHOP_E__f__g: decant: it leads into E__f, where SHOP_E__f has put int",
		"SHOP_MADE__x: decant: it leads into MADE, where the configuration so far has put string",
		"SHOP_SECRET_KEY__x: decant: it leads into SECRET_KEY",
		`SHOP_SECRET_KEY_FALLBACKS: decant: its list is not JSON; write one such as ["first", "second"]`,
		"SHOP_SERVER_NAM: decant: the configuration key SERVER_NAM is not a builtin one; if you mean SERVER_NAME",
		"SHOP_SERVER_NAM__x: ",
		"SHOP_secret_key: decant: the configuration key secret_key is not a builtin one; if you mean SECRET_KEY",
		"SHOP_TESTING: decant: the configuration key TESTING wants true or false, not string",
		"SHOP_MAX_COOKIE_SIZE: ", "SHOP_SESSION_COOKIE_NAME: ", "SHOP_JSON_AS_ASCII: ",
	)
	if strings.Contains(err.Error(), "hush-hush") {
		t.Errorf("the error shows a value: %v", err)
	}
	want := map[string]any{"A": 1, "C": map[string]any{"d": []any{}}, "E": map[string]any{"f": 1}, "MADE": "hush-hush", "Z": 26}
	if diff := cmp.Diff(want, config.ownValues()); diff != "" {
		t.Errorf("the own keys (-want +got):\n%s", diff)
	}
}

func TestSetEnvironmentLeavesTheCommandLineAlone(t *testing.T) {
	setenv(t,
		"DECANT_RUN_HOST", "0.0.0.0", "DECANT_RUN_PORT", "80", "DECANT_APP", "shop", "FLASK_APP", "shop", "FLASK_RUN_PORT", "1",
		"FLASK_SKIP_DOTENV", "1", "SHOP_APP", "mine", "SHOP_RUN_AT", "noon",
	)
	config := newConfiguration()
	if err := config.SetEnvironment("DECANT", "FLASK", "SHOP"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"APP": "mine", "RUN_AT": "noon"}, config.ownValues()); diff != "" {
		t.Errorf("the own keys (-want +got):\n%s", diff)
	}
}

// The program may still hold a map to which a variable adds a value.
func TestSetEnvironmentLeavesMapsOfTheCallerAlone(t *testing.T) {
	setenv(t, "DECANT_DB__port", "5432", "DECANT_DB__tls__on", "true")
	tls := map[string]any{"on": false}
	database := map[string]any{"user": "ann", "tls": tls, "none": map[string]any(nil)}
	config := newConfiguration()
	config.sample.own = map[string]any{"DB": database}
	if err := config.SetEnvironment("DECANT"); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"user": "ann", "port": 5432, "tls": map[string]any{"on": true}, "none": map[string]any(nil)}
	if diff := cmp.Diff(want, config.get("DB")); diff != "" {
		t.Errorf("DB (-want +got):\n%s", diff)
	}
	if len(database) != 3 || tls["on"] != false {
		t.Errorf("the map of the caller is now %v", database)
	}
}

// Any variable is either read, or refused with an error that names the variable
// and does not show its value.
func FuzzEnvironment(f *testing.F) {
	f.Add("SECRET_KEY", "12345")
	f.Add("SECRET_KEY_FALLBACKS", `["old", 5]`)
	f.Add("LIFETIME", "1e300")
	f.Add("MAX_COOKIE_SIZE", "9223372036854775808")
	f.Add("DB__user", `{"a": [NaN, -0]}`)
	f.Add("__", "null")
	f.Add("SECRET_KEY__x", "\xff")
	f.Fuzz(func(t *testing.T, key, text string) {
		if key == "" || strings.ContainsAny(key, "=\x00") || strings.Contains(text, "\x00") {
			return // no environment can have these
		}
		t.Setenv("FUZZ_"+key, text)
		config := newConfiguration()
		err := config.SetEnvironment("FUZZ")
		if err != nil && !strings.HasPrefix(err.Error(), "in the environment variable FUZZ_"+key+": decant: ") {
			t.Errorf("the error does not name the variable: %v", err)
		}
		root, _, nested := strings.Cut(key, "__")
		value, ok := config.Lookup(root)
		if err == nil && !ok {
			t.Errorf("there is neither a value nor an error")
		}
		if _, isMap := value.(map[string]any); err == nil && nested && !isMap {
			t.Errorf("%s is %T", root, value)
		}
		if twice := config.SetEnvironment("FUZZ"); (twice == nil) != (err == nil) {
			t.Errorf("once it says %v, and once %v", err, twice)
		}
		if err != nil && len(text) > 40 && strings.Contains(err.Error(), text) {
			t.Errorf("the error shows the value: %v", err)
		}
	})
}
