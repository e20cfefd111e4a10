package header

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestQuoteVectors(t *testing.T) {
	t.Parallel()
	checkTexts(t, "quote_header_value", Quote)
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":           "",
		"plain":      "plain",
		`"a b"`:      "a b",
		`"a\"b\\c"`:  `a"b\c`,
		`"a\b"`:      "ab",
		`"`:          `"`,
		`""`:         "",
		`"open`:      `"open`,
		`"a\"`:       `a\`,
		"\"a\\\nb\"": "a\\\nb",
	} {
		if got := Unquote(value); got != want {
			t.Errorf("Unquote(%q) = %q; want %q", value, got, want)
		}
	}
}

func TestParseListVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Text string
		Want         struct{ Out []string }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "parse_list_header") {
		got := append([]string{}, ParseList(c.Text)...)
		if diff := cmp.Diff(c.Want.Out, got); diff != "" {
			t.Errorf("%s ParseList(%q): (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

func TestParseDictVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Text string
		Want         struct{ Out [][2]*string }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "parse_dict_header") {
		if diff := cmp.Diff(c.Want.Out, pairs(ParseDict(c.Text))); diff != "" {
			t.Errorf("%s ParseDict(%q): (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

// The answers are Werkzeug's.
func TestParseDictNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Parameters{
		"=a, a=b":            {{Name: "a", Value: "b"}},
		`a=b, *=" e"`:        {{Name: "a", Value: "b"}, {Value: " e"}},
		"*=UTF-8''%C3%A9":    {{Value: "é"}},
		"*, **=a":            {{Name: "*", Value: "a"}},
		"a*=b, A*=c, a = d ": {{Name: "a", Value: "d"}, {Name: "A", Value: "c"}},
	} {
		if diff := cmp.Diff(want, ParseDict(text)); diff != "" {
			t.Errorf("ParseDict(%q): (-want +got)\n%s", text, diff)
		}
	}
}

func TestFormatListIsReadBack(t *testing.T) {
	t.Parallel()
	items := []string{"token", "two words", `quo"te`, `back\slash`, "a,b", "é"}
	if diff := cmp.Diff(items, ParseList(FormatList(items))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFormatDict(t *testing.T) {
	t.Parallel()
	parameters := Parameters{
		{Name: "a", Value: "b"}, {Name: "flag", Bare: true}, {Name: "empty"},
		{Name: "text", Value: "c, d"}, {Name: "name*", Value: "UTF-8''%C3%A9"},
	}
	const want = `a=b, flag, empty="", text="c, d", name*=UTF-8''%C3%A9`
	if got := FormatDict(parameters); got != want {
		t.Errorf("FormatDict = %s; want %s", got, want)
	}
}

func TestAddToList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, item, want string }{
		{"", "Cookie", "Cookie"},
		{"Accept-Encoding", "Cookie", "Accept-Encoding, Cookie"},
		{"cookie", "Cookie", "cookie"},
		{"a,  COOKIE ,b", "Cookie", "a,  COOKIE ,b"},
		{"a", "two words", `a, "two words"`},
	} {
		if got := AddToList(c.value, c.item); got != c.want {
			t.Errorf("AddToList(%q, %q) = %q; want %q", c.value, c.item, got, c.want)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	var parameters Parameters
	parameters.Set("a", "1")
	parameters.Set("b", "2")
	parameters.Set("a", "3")
	parameters.Delete("missing")
	if diff := cmp.Diff(Parameters{{Name: "a", Value: "3"}, {Name: "b", Value: "2"}}, parameters); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	parameters.Delete("a")
	if value, ok := parameters.Lookup("a"); ok || value != "" {
		t.Errorf("Lookup of a deleted name = %q, %v", value, ok)
	}
	if value, ok := parameters.Lookup("b"); !ok || value != "2" {
		t.Errorf("Lookup = %q, %v", value, ok)
	}
}

// Values that would split a response are refused.
func TestValidValue(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"": true, "text/html": true, "tab\tis fine": true, "é": true,
		"a\r\nSet-Cookie: x=y": false, "a\nb": false, "a\rb": false, "a\x00b": false,
	} {
		if got := ValidValue(value); got != want {
			t.Errorf("ValidValue(%q) = %v", value, got)
		}
	}
}

func TestFieldJoinsLines(t *testing.T) {
	t.Parallel()
	headers := map[string][]string{"One": {"a"}, "Two": {"a", "b"}, "Empty": {""}}
	for _, c := range []struct {
		name, value string
		sent        bool
	}{{"One", "a", true}, {"Two", "a,b", true}, {"Empty", "", true}, {"None", "", false}} {
		if value, sent := field(headers, c.name); value != c.value || sent != c.sent {
			t.Errorf("field(%q) = %q, %v", c.name, value, sent)
		}
	}
}
