package markup

import (
	"fmt"
	"strings"
	"testing"
)

// safe is a type that needs no escaping.
type safe string

var formatter = Formatter{
	Escape: func(value any) string {
		if value, ok := value.(safe); ok {
			return string(value)
		}
		return Escape(fmt.Sprint(value))
	},
	IsHTML: func(value any) bool { _, ok := value.(safe); return ok },
	Shape:  func(any, string) (string, bool, error) { return "", false, nil },
}

func TestFormatUsesBothFunctions(t *testing.T) {
	got, err := formatter.Format("{} {:>3} {}", []any{safe("<b>"), "<", "&"})
	if want := "<b>   &lt; &amp;"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if got, err := formatter.Format("{:>3}", []any{safe("<b>")}); err == nil || !strings.Contains(err.Error(), "placeholder {:>3}") {
		t.Errorf("%q, %v, want an error about the placeholder", got, err)
	}
}

func TestEscapeAndStrip(t *testing.T) {
	if got, want := Escape(`<a href="x">it's</a> & more`), "&lt;a href=&#34;x&#34;&gt;it&#39;s&lt;/a&gt; &amp; more"; got != want {
		t.Errorf("Escape gives %q, want %q", got, want)
	}
	if got, want := Strip("<p>a <!-- c -->\n &lt; b</p>"), "a < b"; got != want {
		t.Errorf("Strip gives %q, want %q", got, want)
	}
}
