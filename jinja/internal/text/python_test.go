package text

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/markup"

	"github.com/google/go-cmp/cmp"
)

// call is one line of testdata/python.json: a function with its arguments, and
// the value or the class of the error that Python gave.
type call struct {
	Call  string
	Args  []any
	Want  any
	Error string
}

func (c call) str(i int) string { return c.Args[i].(string) }
func (c call) num(i int) int    { return int(c.Args[i].(float64)) }
func (c call) yes(i int) bool   { return c.Args[i].(bool) }

func (c call) strs(i int) []string {
	list := []string{}
	for _, v := range c.Args[i].([]any) {
		list = append(list, v.(string))
	}
	return list
}

var ofString = map[string]func(string) string{
	"upper": Upper, "lower": Lower, "title": Title, "capitalize": Capitalize, "swapcase": SwapCase,
	"casefold": CaseFold, "titlewords": TitleWords, "strip": Strip, "lstrip": LStrip, "rstrip": RStrip,
	"quotepath": QuotePath, "quotequery": QuoteQuery, "striptags": markup.Strip, "unescape": markup.Unescape, "escape": Escape,
}

var ofClass = map[string]func(string) bool{
	"isalnum": IsAlnum, "isalpha": IsAlpha, "isascii": IsASCII, "isdecimal": IsDecimal, "isdigit": IsDigit,
	"isnumeric": IsNumeric, "isspace": IsSpace, "isprintable": IsPrintable, "isidentifier": IsIdentifier,
	"islower": IsLower, "isupper": IsUpper, "istitle": IsTitle, "isattributename": IsAttributeName,
}

var ofWindow = map[string]func(s, sub string, start, end int) any{
	"find":       func(s, sub string, start, end int) any { return Find(s, sub, start, end) },
	"rfind":      func(s, sub string, start, end int) any { return RFind(s, sub, start, end) },
	"count":      func(s, sub string, start, end int) any { return Count(s, sub, start, end) },
	"startswith": func(s, sub string, start, end int) any { return HasPrefix(s, sub, start, end) },
	"endswith":   func(s, sub string, start, end int) any { return HasSuffix(s, sub, start, end) },
}

var ofPadding = map[string]func(s string, width int, fill string) string{
	"center": Center, "ljust": LJust, "rjust": RJust,
}

var ofChars = map[string]func(s, chars string) string{
	"stripchars": StripChars, "lstripchars": LStripChars, "rstripchars": RStripChars,
}

func (c call) run() (any, error) {
	if f, ok := ofString[c.Call]; ok {
		return f(c.str(0)), nil
	}
	if f, ok := ofClass[c.Call]; ok {
		return f(c.str(0)), nil
	}
	if f, ok := ofWindow[c.Call]; ok {
		return f(c.str(0), c.str(1), c.num(2), c.num(3)), nil
	}
	if f, ok := ofPadding[c.Call]; ok {
		return f(c.str(0), c.num(1), c.str(2)), nil
	}
	if f, ok := ofChars[c.Call]; ok {
		return f(c.str(0), c.str(1)), nil
	}
	switch c.Call {
	case "wordcount":
		return WordCount(c.str(0)), nil
	case "zfill":
		return ZFill(c.str(0), c.num(1)), nil
	case "fields":
		return Fields(c.str(0), c.num(1)), nil
	case "rfields":
		return RFields(c.str(0), c.num(1)), nil
	case "splitlines":
		return SplitLines(c.str(0), c.yes(1)), nil
	case "expandtabs":
		return ExpandTabs(c.str(0), c.num(1)), nil
	case "indent":
		return Indent(c.str(0), c.str(1), c.yes(2), c.yes(3)), nil
	case "split":
		return Split(c.str(0), c.str(1), c.num(2))
	case "rsplit":
		return RSplit(c.str(0), c.str(1), c.num(2))
	case "partition":
		before, mid, after, err := Partition(c.str(0), c.str(1))
		return []string{before, mid, after}, err
	case "rpartition":
		before, mid, after, err := RPartition(c.str(0), c.str(1))
		return []string{before, mid, after}, err
	case "cut":
		return Cut(c.str(0), c.num(1), c.num(2)), nil
	case "replace":
		return Replace(c.str(0), c.str(1), c.str(2), c.num(3)), nil
	case "wordwrap":
		return WordWrap(c.str(0), WrapOptions{
			Width: c.num(1), BreakLongWords: c.yes(2), BreakOnHyphens: c.yes(3), LineEnd: c.str(4),
		})
	case "truncate":
		return Truncate(c.str(0), c.num(1), c.yes(2), c.str(3), c.num(4))
	case "filesize":
		return FileSize(c.Args[0].(float64), c.yes(1))
	case "urlize":
		opts := URLizeOptions{NoFollow: c.yes(2), Target: c.str(3), Rel: c.str(4), Schemes: c.strs(5)}
		if c.Args[1] != nil {
			limit := c.num(1)
			opts.TrimLimit = &limit
		}
		return URLize(Escape(c.str(0)), opts)
	}
	return nil, fmt.Errorf("the test knows no call %q", c.Call)
}

func TestAsPython(t *testing.T) {
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var calls []call
	if err := json.Unmarshal(data, &calls); err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		got, err := c.run()
		if c.Error != "" {
			if err == nil {
				t.Errorf("%s%q = %#v; Python raises %s", c.Call, c.Args, got, c.Error)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s%q: %v; Python gives %#v", c.Call, c.Args, err, c.Want)
			continue
		}
		if diff := cmp.Diff(c.Want, asJSON(t, got)); diff != "" {
			t.Errorf("%s%q differs from Python (-python +go):\n%s", c.Call, c.Args, diff)
		}
	}
}

// asJSON turns a result into the types that the file's values have.
func asJSON(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestLinearTime feeds each reader of long strings its worst case: a quadratic
// one would take minutes.
func TestLinearTime(t *testing.T) {
	const n = 1 << 17
	limit := 10
	inputs := []string{
		strings.Repeat("<!-", n), strings.Repeat("<!--<", n) + strings.Repeat("-->", n), strings.Repeat("<", n),
		strings.Repeat("(", n) + strings.Repeat(")", n), strings.Repeat("&lt;", n), strings.Repeat("a@", n),
		"www." + strings.Repeat("a.", n), strings.Repeat("a-", n), strings.Repeat("-", n), strings.Repeat("&#", n),
		strings.Repeat("Σ.", n), "x" + strings.Repeat("'", n),
	}
	for _, s := range inputs {
		markup.Strip(s)
		Lower(s)
		TitleWords(s)
		if _, err := URLize(s, URLizeOptions{TrimLimit: &limit, Schemes: []string{"tel:"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := WordWrap(s, WrapOptions{Width: 40, BreakLongWords: true, BreakOnHyphens: true, LineEnd: "\n"}); err != nil {
			t.Fatal(err)
		}
	}
}
