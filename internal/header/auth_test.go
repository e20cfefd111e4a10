package header

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
