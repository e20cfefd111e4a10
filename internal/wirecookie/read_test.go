package wirecookie

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/google/go-cmp/cmp"
)

// The expected pairs are those of werkzeug.sansio.http.parse_cookie, given the
// header as latin-1 text.
func TestAll(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][][2]string{
		// Python strips more than ASCII space from latin-1 text, so "à" loses its last byte.
		"a=\xc3\xa0; \xa0b\x85=\x1cc\x1f": {{"a", "Ã"}, {"b", "c"}},
		"a=\x1c\"b\\\"c\"":                {{"a", `b"c`}},
		"a=\x1c\"b;c\"":                   {{"a", `"b`}, {`c"`, ""}},
		// A quoted value may hold line breaks but no escaped one; other values none.
		"a=\"b\nc\"":         {{"a", "b\nc"}},
		"a=\"b\\\nc\"; d=e":  {{"\"b\\\nc\"", ""}, {"d", "e"}},
		"a=\n b \n; c=d":     {{"a", "b"}, {"c", "d"}},
		"a=b\nc=d; e=f":      {{"b\nc", "d"}, {"e", "f"}},
		"a=x=\"y\nz\";b=c":   {{"x", "y\nz"}, {"b", "c"}},
		"a=x\ny=\"q;r\";b=c": {{"x\ny", "q;r"}, {"b", "c"}},
		"a=x\ny; b=c":        {{"x\ny", ""}, {"b", "c"}},
		"a=\"b\\\nc\"d\"":    {{"\"b\\\nc\"d\"", ""}},
		// Only outer quotes count once the parts are cut.
		`a="b"c"`:   {{"a", `b"c`}},
		`a="b\"`:    {{"a", `b\`}},
		`a="b\";c"`: {{"a", `b";c`}},
		`a="\\"`:    {{"a", `\`}},
		`a="\`:      {{"a", `"\`}},
		// Escaped bytes and the text around them are decoded together.
		`a="\342\234\223"`:           {{"a", "✓"}},
		`a="\342\234"`:               {{"a", "\uFFFD"}},
		`a="\342\234x\377\376"`:      {{"a", "\uFFFDx\uFFFD\uFFFD"}},
		`a="\360\237\230"`:           {{"a", "\uFFFD"}},
		`a="\355\240\200"`:           {{"a", "\uFFFD\uFFFD\uFFFD"}},
		"a=\"\\303\xa9\"":            {{"a", "\uFFFD©"}},
		"a=\"\\\xe9\\\\\\12\\1234\"": {{"a", "é\\12S4"}},
	} {
		if diff := cmp.Diff(want, multiDict(header)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", header, diff)
		}
	}
}

func TestAllStopsWhenAsked(t *testing.T) {
	t.Parallel()
	var seen []string
	for name := range All("a=1; b=2; c=3") {
		seen = append(seen, name)
		if name == "b" {
			break
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, seen); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header, name, want string
		ok                 bool
	}{
		{"a=1; b=2; b=3", "b", "2", true},
		{"a=1; ab=2", "ab", "2", true},
		{"ab=1; a=2", "a", "2", true},
		{"A=1", "a", "", false},
		{"a", "a", "", true},
		{"=x; a=1", "", "", false}, // CVE-2023-23934: a cookie without a name is no cookie
		{"", "a", "", false},
		{"a=\"x;b=1\"; b=2", "b", "2", true},
		{"\xc3\xbc=1", "Ã¼", "1", true}, // as in Request.cookies, which sees latin-1
		{"\xc3\xbc=1", "ü", "", false},
		{"\xfc=1", "ü", "1", true},
		{"\xff=1", "\xff", "", false},
		{"a=1", "a\x00", "", false},
	} {
		if got, ok := Lookup(c.header, c.name); got != c.want || ok != c.ok {
			t.Errorf("Lookup(%q, %q) = %q, %v; want %q, %v", c.header, c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fields []string
		want   [][2]string
	}{
		{nil, [][2]string{}},
		{[]string{"a=1"}, [][2]string{{"a", "1"}}},
		{[]string{"a=1; b=2", "a=3"}, [][2]string{{"a", "1"}, {"a", "3"}, {"b", "2"}}},
		{[]string{`a="1`, `2"`}, [][2]string{{"a", "1;2"}}}, // a quoted value may cross fields
	} {
		if diff := cmp.Diff(c.want, multiDict(Join(c.fields))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.fields, diff)
		}
	}
}

func TestReadingDoesNotAllocate(t *testing.T) {
	header := `a=1; session=eyJhIjoxfQ.ZVPxAA.sig-_x; quoted="b; c"`
	for _, name := range []string{"a", "session", "quoted", "absent"} {
		if n := testing.AllocsPerRun(100, func() { Lookup(Join([]string{header}), name) }); n != 0 {
			t.Errorf("Lookup(%q) allocates %v times", name, n)
		}
	}
}

// grammar is what the scanner does in one pass, as an expression that is
// searched for again and again.
var grammar = regexp.MustCompile(`([^=;]*)(?:=[\t-\r ]*("(?:[^"\\]|\\.)*"|.*?))?[\t-\r ]*;`)

// byGrammar reads a header the slow way.
func byGrammar(header string) [][2]string {
	found := [][2]string{}
	for _, part := range grammar.FindAllStringSubmatch(latin1(header)+";", -1) {
		if name := strings.TrimFunc(part[1], isPythonSpace); name != "" {
			found = append(found, [2]string{name, slowValue(part[2])})
		}
	}
	return found
}

func slowValue(text string) string {
	text = strings.TrimFunc(text, isPythonSpace)
	if len(text) < 2 || !strings.HasPrefix(text, `"`) || !strings.HasSuffix(text, `"`) {
		return text
	}
	escape := regexp.MustCompile(`\\(?:[0-3][0-7][0-7]|.)`)
	text = escape.ReplaceAllStringFunc(text[1:len(text)-1], func(escaped string) string {
		if octal, ok := octalByte(escaped); ok {
			return string([]byte{octal})
		}
		return escaped[1:]
	})
	return pytext.ReplaceInvalid(text)
}

func isPythonSpace(r rune) bool {
	return r < 256 && isStripped(byte(r))
}

func FuzzCookieHeader(f *testing.F) {
	for _, seed := range []string{"a=1; b=2; a=3", `a="x;y"; b="\303\251"`, "a=b\nc=\"d\n\"; e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := mustFollowGrammar(t, header)
		first := map[string]string{}
		for _, pair := range slices.Backward(got) {
			first[pair[0]] = pair[1]
		}
		names := slices.Sorted(maps.Keys(first))
		pieces := strings.FieldsFunc(header, func(r rune) bool { return strings.ContainsRune(";= \"", r) })
		for _, name := range slices.Concat(names, pieces, []string{"", "a", "absent\x00"}) {
			want, isThere := first[name]
			if value, ok := Lookup(header, name); ok != isThere || value != want {
				t.Fatalf("Lookup(%q, %q) = %q, %v; All says %q, %v", header, name, value, ok, want, isThere)
			}
		}
	})
}

// mustFollowGrammar compares All with the grammar, and returns the cookies.
func mustFollowGrammar(t *testing.T, header string) [][2]string {
	t.Helper()
	got := [][2]string{}
	for name, value := range All(header) {
		got = append(got, [2]string{name, value})
	}
	if diff := cmp.Diff(byGrammar(header), got); diff != "" {
		t.Fatalf("%q (-grammar +All):\n%s", header, diff)
	}
	return got
}

func TestTheTwoWaysOfLookupAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "=", ";", "; ", " ", "\t", "\r", "\x1c", "\x85", "\xa0", "\x00", "é", ",", "a=b", "ab=c; a=d"}
	for range 20_000 {
		var header strings.Builder
		for range r.IntN(8) {
			header.WriteString(pieces[r.IntN(len(pieces))])
		}
		mustFollowGrammar(t, header.String())
		for _, name := range []string{"", "a", "ab", "b", "Ã©"} {
			value, ok := Lookup(header.String(), name)
			wantValue, wantOK := lookupAmongQuotes(header.String(), name)
			if value != wantValue || ok != wantOK {
				t.Fatalf("%q in %q: got %q, %v, want %q, %v", name, header.String(), value, ok, wantValue, wantOK)
			}
		}
	}
}
