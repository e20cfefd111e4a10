package flask

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/decant-go/decant"
	"github.com/google/go-cmp/cmp"
)

// TestEnvironmentVariablesAsInFlask loads random ones, which are mostly almost
// JSON, on both sides.
func TestEnvironmentVariablesAsInFlask(t *testing.T) {
	judge := startJudge(t)
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			variables := randomVariables(rand.New(rand.NewPCG(seed, 0)))
			for name, text := range variables {
				t.Setenv(name, text)
			}
			config := decant.New("judge").Config
			must(t, config.FromPrefixedEnv("FLASK"))
			want := judge.typedValue(judge.ask(question{Command: "prefixed_env", Value: variables}))
			if diff := cmp.Diff(want, describe(config.Namespace("OWN_"))); diff != "" {
				t.Errorf("of %q (-Flask +Decant):\n%s", variables, diff)
			}
		})
	}
}

func randomVariables(random *rand.Rand) map[string]string {
	pieces := []string{
		"", " ", "0", "1", "-", "+", ".", "e3", "E400", "true", "True", "null", "NaN", "Infinity", `"`, `\`, `\u00e9`, `\ud800`, "é", "☃", "a", "'",
		"[", "]", "{", "}", ",", ":", `"a":`, `"b":[`, "[1,2.0]", `{"a":{"b":1}}`, "123456789012345678901", "\n", "\t", "\v", "\uFEFF",
	}
	text := func() string {
		var text strings.Builder
		for range random.IntN(5) {
			text.WriteString(pieces[random.IntN(len(pieces))])
		}
		return text.String()
	}
	variables := map[string]string{}
	for i := range 100 {
		variables[fmt.Sprintf("FLASK_OWN_%d", i)] = text()
		variables[fmt.Sprintf("FLASK_OWN_MAP%d__a__%d_", i%7, i)] = text()
	}
	return variables
}

func TestTOMLAsInFlask(t *testing.T) {
	name := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.WriteFile(name, []byte(tomlFile), 0o600))
	config := decant.New("judge").Config
	must(t, config.FromFile(name, toml.Unmarshal))
	judge := startJudge(t)
	want := judge.typedValue(judge.ask(question{Command: "toml_file", Name: name}))
	if diff := cmp.Diff(want, describe(config.Namespace("OWN_"))); diff != "" {
		t.Errorf("-Flask +Decant:\n%s", diff)
	}
	if config.SecretKey != "dev" || config.MaxFormParts != 7 || len(config.TrustedHosts) != 2 {
		t.Errorf("the builtin keys are %q, %d and %q", config.SecretKey, config.MaxFormParts, config.TrustedHosts)
	}
}

const tomlFile = `
SECRET_KEY = "dev"
MAX_FORM_PARTS = 7
TRUSTED_HOSTS = ["example.com", ".example.org"]
OWN_PAGE_SIZE = 20
OWN_HEX = 0xff
OWN_RATIO = 1.0
OWN_ON = true
OWN_SINCE = 2024-02-29T12:00:00Z
OWN_MIXED = [1, 2.5, "three", [4]]
OWN_TEXT = '''
two
lines'''

[OWN_DB]
user = "ann"
port = 5432

[OWN_DB.tls]
on = false

[[OWN_MIRRORS]]
host = "a.example"

[[OWN_MIRRORS]]
host = "b.example"
ports = [80, 443]
`
