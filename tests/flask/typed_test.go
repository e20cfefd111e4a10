package flask

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant"
)

// typed is a value together with its Python type, the form in which the two
// sides compare what they see; judge.py says how each type is written.
type typed struct {
	Type  string `json:"t"`
	Value any    `json:"v"` // a string, or a list of typed or of [key, typed]
}

// describe gives the typed form of what a session holds. It panics for a Go
// type that no session should.
func describe(value any) typed {
	switch value := value.(type) {
	case nil:
		return typed{"none", ""}
	case bool:
		return typed{"bool", strconv.FormatBool(value)}
	case int:
		return typed{"int", strconv.Itoa(value)}
	case *big.Int:
		return typed{"int", value.String()}
	case float64:
		return typed{"float", floatBits(value)}
	case string:
		return typed{"str", quoted(value)}
	case []byte:
		return typed{"bytes", base64.StdEncoding.EncodeToString(value)}
	case decant.Markup:
		return typed{"markup", quoted(string(value))}
	case decant.UUID:
		return typed{"uuid", value.String()}
	case time.Time:
		return typed{"datetime", strconv.FormatInt(value.Unix(), 10)}
	}
	return describeContainer(value)
}

func describeContainer(value any) typed {
	switch value := value.(type) {
	case []any:
		return typed{"list", describeItems(value)}
	case decant.Tuple:
		return typed{"tuple", describeItems(value)}
	case map[string]any:
		return describeMap(value)
	}
	panic(fmt.Sprintf("a session held a %T", value))
}

func describeItems(items []any) []any {
	described := []any{}
	for _, item := range items {
		described = append(described, plain(describe(item)))
	}
	return described
}

func describeMap(values map[string]any) typed {
	pairs := map[string]any{}
	for key, value := range values {
		pairs[quoted(key)] = plain(describe(value))
	}
	sorted := []any{}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		sorted = append(sorted, []any{key, pairs[key]})
	}
	return typed{"dict", sorted}
}

// plain is the form in which a nested typed comes out of JSON.
func plain(value typed) any {
	return map[string]any{"t": value.Type, "v": value.Value}
}

// without leaves a key out of a typed dict.
func (d typed) without(key string) typed {
	pairs := slices.Clone(d.Value.([]any))
	return typed{d.Type, slices.DeleteFunc(pairs, func(pair any) bool {
		return pair.([]any)[0] == quoted(key)
	})}
}

// isEmpty tells an empty dict, which is what a refused cookie gives.
func (d typed) isEmpty() bool { return len(d.Value.([]any)) == 0 }

func floatBits(value float64) string {
	if math.IsNaN(value) {
		return "nan"
	}
	return fmt.Sprintf("%016x", math.Float64bits(value))
}

// quoted is Python's quote(text, safe="").
func quoted(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func unquoted(t testing.TB, text string) string {
	t.Helper()
	plain, err := url.PathUnescape(text)
	must(t, err)
	return plain
}

// TestDescriptionsAgree makes sure that equal descriptions mean equal values:
// Python builds what Go described, and describes it again.
func TestDescriptionsAgree(t *testing.T) {
	judge := startJudge(t)
	random, _ := newRandom(t)
	for range 200 {
		want := describe(random.session())
		got := judge.typedValue(judge.ask(question{Command: "echo", Value: want}))
		if diff := diffTyped(want, got); diff != "" {
			t.Fatalf("(-Go +Python):\n%s", diff)
		}
	}
}
