package header

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestParseOptionsVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Text string
		Want         struct{ Out [2]json.RawMessage }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "parse_options_header") {
		value, parameters := ParseOptions(c.Text)
		got, err := json.Marshal([]any{value, pairs(parameters)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(decoded(t, c.Want.Out), decoded(t, got)); diff != "" {
			t.Errorf("%s ParseOptions(%q): (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

// decoded brings JSON texts to a form that can be compared.
func decoded(t *testing.T, value any) (any any) {
	t.Helper()
	raw, isRaw := value.([]byte)
	if !isRaw {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(raw, &any); err != nil {
		t.Fatal(err)
	}
	return any
}

// The answers are Werkzeug's.
func TestParseOptionsOddities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, name, want string }{
		{`a; x*=UTF-8''%e2%82`, "x", "\ufffd"}, // one mark for the unfinished character
		{`a; x*=UTF-8''%ff%fe`, "x", "\ufffd\ufffd"},
		{`a; x*=ascii''%e9`, "x", "\ufffd"},
		{`a; x*=ISO-8859-1''%e9`, "x", "é"},
		{`a; x*=koi8-r''%e9`, "x", "%e9"}, // an unknown charset stays encoded
		{`a; x*=UTF-8'de'%41`, "x", "A"},
		{`a; x*0*=UTF-8''%c3%a9; x*1*=%c3%a8`, "x", "éè"}, // the charset holds
		{`a; x="a\\\"b"`, "x", `a\"b`},                    // escapes are undone one kind after the other
		{`a; x*=UTF-8''plain`, "x", "plain"},
		{`a; x*=UTF-8''a%41b%`, "x", "aAb%"},
		{`a; x*=UTF-8''%22`, "x", ""}, // a lone quote is an empty quoted string
		{`a; x="\\\\"; y=z`, "y", "z"},
		{`a; x="%22"; y=z`, "y", "z"},
		{`a; x=""; y=z`, "x", ""},
		{`a;x=1;X=2`, "x", "2"},
		{`a; x="1;2`, "x", ""},
	} {
		_, parameters := ParseOptions(c.text)
		if got := parameters.Get(c.name); got != c.want {
			t.Errorf("ParseOptions(%q)[%q] = %q; want %q", c.text, c.name, got, c.want)
		}
	}
}

func TestFormatOptions(t *testing.T) {
	t.Parallel()
	for want, parameters := range map[string]Parameters{
		"form-data":                  nil,
		`form-data; name="a b"`:      {{Name: "name", Value: "a b"}},
		`form-data; n*=UTF-8''%C3%A`: {{Name: "n*", Value: "UTF-8''%C3%A"}},
	} {
		if got := FormatOptions("form-data", parameters); got != want {
			t.Errorf("FormatOptions = %s; want %s", got, want)
		}
	}
}

func FuzzOptionsHeader(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		value, parameters := ParseOptions(text)
		if value != strings.TrimSpace(value) || strings.Contains(value, ";") {
			t.Fatalf("ParseOptions(%q) has the value %q", text, value)
		}
		seen := map[string]bool{}
		for _, parameter := range parameters {
			if seen[parameter.Name] || parameter.Name != strings.ToLower(parameter.Name) || parameter.Bare {
				t.Fatalf("ParseOptions(%q) has the parameter %+v", text, parameter)
			}
			seen[parameter.Name] = true
		}
	})
}

func BenchmarkParseOptions(b *testing.B) {
	for _, text := range []string{"application/json", "text/html; charset=utf-8", `form-data; name="a"; filename="b c.txt"`} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseOptions(text)
			}
		})
	}
}
