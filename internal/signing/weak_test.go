package signing

import (
	"strings"
	"testing"
)

func TestWeakness(t *testing.T) {
	for key, want := range map[string]string{
		"dev":                   "placeholder",
		"Secret Key":            "placeholder",
		"super-secret-key":      "placeholder",
		"YOUR_SECRET_KEY_HERE":  "placeholder",
		"you-will-never-guess":  "placeholder",
		"_5#y2L\"F4Q8z\n\xec]/": "placeholder",
		"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf": "placeholder",
		"a secret key for trying things out":                               "placeholder",
		"0123456789abcde":                                                  "has only 15 bytes",
		"é":                                                                "has only 2 bytes",
		"0123456789abcdef":                                                 "",
		"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f": "",
		"8a1f5c0e9b6d47328a1f5c0e9b6d4732":                                 "",
	} {
		got := Weakness(key)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
		if want != "" && len(key) > 3 && strings.Contains(got, key) {
			t.Errorf("%q shows the key: %q", key, got)
		}
	}
}
