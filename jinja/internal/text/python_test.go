package text

import (
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/markup"
	"github.com/decant-go/decant/internal/vectors"
)

func TestAsPython(t *testing.T) { vectors.CompareWithPython(t, run) }

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

func run(c vectors.Call) (any, error) {
	if f, ok := ofString[c.Name]; ok {
		return f(c.String(0)), nil
	}
	if f, ok := ofClass[c.Name]; ok {
		return f(c.String(0)), nil
	}
	if f, ok := ofWindow[c.Name]; ok {
		return f(c.String(0), c.String(1), c.Int(2), c.Int(3)), nil
	}
	if f, ok := ofPadding[c.Name]; ok {
		return f(c.String(0), c.Int(1), c.String(2)), nil
	}
	if f, ok := ofChars[c.Name]; ok {
		return f(c.String(0), c.String(1)), nil
	}
	switch c.Name {
	case "wordcount":
		return WordCount(c.String(0)), nil
	case "zfill":
		return ZFill(c.String(0), c.Int(1)), nil
	case "fields":
		return Fields(c.String(0), c.Int(1)), nil
	case "rfields":
		return RFields(c.String(0), c.Int(1)), nil
	case "splitlines":
		return SplitLines(c.String(0), c.Bool(1)), nil
	case "expandtabs":
		return ExpandTabs(c.String(0), c.Int(1)), nil
	case "indent":
		return Indent(c.String(0), c.String(1), c.Bool(2), c.Bool(3)), nil
	case "split":
		return Split(c.String(0), c.String(1), c.Int(2))
	case "rsplit":
		return RSplit(c.String(0), c.String(1), c.Int(2))
	case "partition":
		before, mid, after, err := Partition(c.String(0), c.String(1))
		return []string{before, mid, after}, err
	case "rpartition":
		before, mid, after, err := RPartition(c.String(0), c.String(1))
		return []string{before, mid, after}, err
	case "cut":
		return Cut(c.String(0), c.Int(1), c.Int(2)), nil
	case "replace":
		return Replace(c.String(0), c.String(1), c.String(2), c.Int(3)), nil
	case "wordwrap":
		return WordWrap(c.String(0), WrapOptions{
			Width: c.Int(1), BreakLongWords: c.Bool(2), BreakOnHyphens: c.Bool(3), LineEnd: c.String(4),
		})
	case "truncate":
		return Truncate(c.String(0), c.Int(1), c.Bool(2), c.String(3), c.Int(4))
	case "filesize":
		return FileSize(c.Args[0].(float64), c.Bool(1))
	case "urlize":
		opts := URLizeOptions{NoFollow: c.Bool(2), Target: c.String(3), Rel: c.String(4), Schemes: c.Strings(5)}
		if c.Args[1] != nil {
			limit := c.Int(1)
			opts.TrimLimit = &limit
		}
		return URLize(Escape(c.String(0)), opts)
	}
	return nil, vectors.ErrUnknownCall
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
