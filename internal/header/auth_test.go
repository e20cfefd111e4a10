package header

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestChallengeVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Scheme string
		Params         json.RawMessage
		Want           struct{ Headers []string }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "www_authenticate") {
		challenge := Challenge{Scheme: c.Scheme, Parameters: orderedParameters(t, c.Params)}
		if diff := cmp.Diff(c.Want.Headers, []string{challenge.String()}); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.ID, diff)
		}
	}
}

// orderedParameters reads a JSON object of texts in its order.
func orderedParameters(t *testing.T, object json.RawMessage) (parameters Parameters) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(object))
	var texts []string
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		if text, ok := token.(string); ok {
			texts = append(texts, text)
		}
	}
	for i := 0; i < len(texts); i += 2 {
		parameters.Set(texts[i], texts[i+1])
	}
	return parameters
}

// The answers are Werkzeug's.
func TestParseAuthorization(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]*Authorization{
		"":                       nil,
		"Basic dXNlcjpwYSBzcw==": {Scheme: "basic", Username: "user", Password: "pa ss"},
		"BASIC   dXNlcjpwOnE= ":  {Scheme: "basic", Username: "user", Password: "p:q"},
		"Basic dXNlcg==":         {Scheme: "basic", Username: "user"},
		"Basic":                  {Scheme: "basic"},
		"Basic w6k6w6g=":         {Scheme: "basic", Username: "é", Password: "è"},
		"Basic d-X\nNlcg==junk":  {Scheme: "basic", Username: "user"}, // junk is skipped
		"Basic dXNlcg":           nil,                                 // the padding is missing
		"Basic dXNlcg=":          nil,
		"Basic 6To=":             nil, // Latin-1 is not UTF-8
		"Basic é":                nil,
		"Bearer abc.def==":       {Scheme: "bearer", Token: "abc.def=="},
		"Bearer":                 {Scheme: "bearer"},
		`Digest username="a, b", nc=1, x`: {Scheme: "digest", Parameters: Parameters{
			{Name: "username", Value: "a, b"}, {Name: "nc", Value: "1"}, {Name: "x", Bare: true},
		}},
	} {
		got, ok := ParseAuthorization(value)
		if ok != (want != nil) {
			t.Errorf("ParseAuthorization(%q) = %+v, %v; want %+v", value, got, ok, want)
		} else if ok && !cmp.Equal(*want, got) {
			t.Errorf("ParseAuthorization(%q): (-want +got)\n%s", value, cmp.Diff(*want, got))
		}
	}
}

func TestParseChallenge(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]*Challenge{
		"":                     nil,
		`Basic realm="x y"`:    {Scheme: "basic", Parameters: Parameters{{Name: "realm", Value: "x y"}}},
		"Negotiate YWJj==":     {Scheme: "negotiate", Token: "YWJj=="},
		"Bearer":               {Scheme: "bearer"},
		`X-Two-Words a=b`:      {Scheme: "x-two-words", Parameters: Parameters{{Name: "a", Value: "b"}}},
		`Digest qop=auth, n=1`: {Scheme: "digest", Parameters: Parameters{{Name: "qop", Value: "auth"}, {Name: "n", Value: "1"}}},
	} {
		got, ok := ParseChallenge(value)
		if ok != (want != nil) {
			t.Errorf("ParseChallenge(%q) = %+v, %v; want %+v", value, got, ok, want)
		} else if ok && !cmp.Equal(*want, got) {
			t.Errorf("ParseChallenge(%q): (-want +got)\n%s", value, cmp.Diff(*want, got))
		}
	}
}

func TestChallengeString(t *testing.T) {
	t.Parallel()
	for want, challenge := range map[string]Challenge{
		"Negotiate YWJj==":              {Scheme: "negotiate", Token: "YWJj=="},
		"X-Two-Words a=b":               {Scheme: "x-two-words", Parameters: Parameters{{Name: "a", Value: "b"}}},
		`Digest qop="auth", n=1, flag`:  {Scheme: "DIGEST", Parameters: Parameters{{Name: "qop", Value: "auth"}, {Name: "n", Value: "1"}, {Name: "flag", Bare: true}}},
		`Basic realm="a \"b\"", stale`:  {Scheme: "basic", Parameters: Parameters{{Name: "realm", Value: `a "b"`}, {Name: "stale", Bare: true}}},
		`Bearer error_description="no"`: {Scheme: "bearer", Token: `error_description="no"`},
	} {
		if got := challenge.String(); got != want {
			t.Errorf("%+v.String() = %s; want %s", challenge, got, want)
		}
	}
}

func BenchmarkParseAuthorization(b *testing.B) {
	for _, value := range []string{"Basic dXNlcjpwYSBzcw==", "Bearer abc.def"} {
		b.Run(value, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseAuthorization(value)
			}
		})
	}
}
