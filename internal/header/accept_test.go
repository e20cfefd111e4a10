package header

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestAcceptVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Text string
		Offers       []string
		Want         struct {
			Best    *string
			Values  [][2]any
			Quality []float64
		}
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "accept") {
		accept := ParseMIMEAccept(c.Text)
		got := c
		got.Want.Best = nil
		if best, ok := accept.BestMatch(c.Offers...); ok {
			got.Want.Best = &best
		}
		got.Want.Values = [][2]any{}
		for value, quality := range accept.All() {
			got.Want.Values = append(got.Want.Values, [2]any{value, quality})
		}
		got.Want.Quality = []float64{}
		for _, offer := range c.Offers {
			got.Want.Quality = append(got.Want.Quality, accept.Quality(offer))
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("%s %q: (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

type negotiation struct {
	header string
	offers []string
	want   string // "" for none
}

func checkNegotiations(t *testing.T, parse func(string) Accept, cases []negotiation) {
	t.Helper()
	for _, c := range cases {
		if got, _ := parse(c.header).BestMatch(c.offers...); got != c.want {
			t.Errorf("%q offered %q: BestMatch = %q; want %q", c.header, c.offers, got, c.want)
		}
	}
}

// The answers are Werkzeug's.
func TestMIMEAccept(t *testing.T) {
	t.Parallel()
	checkNegotiations(t, ParseMIMEAccept, []negotiation{
		{"", []string{"text/html"}, ""},
		{"*/*", nil, ""},
		{"text/html, application/json", []string{"application/json", "text/html"}, "application/json"},
		{"text/*, application/json;q=0.9", []string{"application/json", "text/html"}, "text/html"},
		{"text/*;q=0.9, text/html;q=0.5", []string{"text/html"}, "text/html"},
		{"text/html;q=0, */*", []string{"text/html"}, ""},
		{"text/html;q=0, */*", []string{"text/html", "text/plain"}, "text/plain"},
		{"application/xml;a=1;b=2", []string{"application/xml; b=2; A=1"}, "application/xml; b=2; A=1"},
		{"application/xml;a=1", []string{"application/xml"}, ""},
		{"*/html", []string{"text/html"}, ""},
		{"html", []string{"text/html"}, ""},
		{"text/html/", []string{"text/html"}, ""},
		{"text/html/", []string{"text/html", "text/html;"}, "text/html;"},
		{"text/html/b", []string{"text/html", "text/html;B"}, "text/html;B"},
		{"text/html", []string{"text/*"}, "text/*"},
		{"text/html", []string{"*/*"}, "*/*"},
		{"text/html;q=1e-1, a/b;q=.5", []string{"text/html", "a/b"}, ""},
	})
}

func TestMIMEAcceptPanicsForAnOfferThatIsNone(t *testing.T) {
	t.Parallel()
	for _, offer := range []string{"json", "", "*/json"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("BestMatch(%q) does not panic", offer)
				}
			}()
			ParseMIMEAccept("application/json").BestMatch(offer)
		}()
	}
}

func TestLanguageAccept(t *testing.T) {
	t.Parallel()
	checkNegotiations(t, ParseLanguageAccept, []negotiation{
		{"en-US,en;q=0.5", []string{"en", "en-us"}, "en-us"},
		{"en-US", []string{"de", "en"}, "en"},
		{"en", []string{"de", "en_GB"}, "en_GB"},
		{"en-US", []string{"en-GB"}, ""},
		{"de-AT,fr;q=0.9", []string{"fr", "de"}, "fr"},
		{"de-AT;q=0.9,*;q=0.1", []string{"it", "de"}, "it"},
		{"zh-Hans-CN", []string{"zh"}, "zh"},
		{"EN_us", []string{"en-US"}, "en-US"},
		{"", []string{"en"}, ""},
	})
}

func TestCharsetAccept(t *testing.T) {
	t.Parallel()
	checkNegotiations(t, ParseCharsetAccept, []negotiation{
		{"utf-8", []string{"UTF8"}, "UTF8"},
		{"ISO-8859-1;q=0.5, utf-8", []string{"latin1", "utf_8"}, "utf_8"},
		{"latin-1", []string{"iso8859_1"}, "iso8859_1"},
		{"x-unknown", []string{"X-Unknown"}, "X-Unknown"},
		{"utf-8", []string{"utf-7"}, ""},
		{"*", []string{"utf-7"}, "utf-7"},
	})
}

func TestEncodingAccept(t *testing.T) {
	t.Parallel()
	checkNegotiations(t, ParseEncodingAccept, []negotiation{
		{"gzip, br;q=0.9", []string{"br", "gzip"}, "gzip"},
		{"gzip;q=0, *", []string{"gzip", "br"}, "br"},
		{"identity", []string{"gzip"}, ""},
	})
}

func TestAcceptTexts(t *testing.T) {
	t.Parallel()
	accept := ParseMIMEAccept("*/*;q=0.1, text/html;level=1;q=0.25, TEXT/plain;q=0, a/b;q=1.0")
	const want = "text/html; level=1;q=0.25,a/b,TEXT/plain;q=0.0,*/*;q=0.1"
	if got := accept.String(); got != want {
		t.Errorf("String = %q; want %q", got, want)
	}
	if got := accept.Quality("text/plain"); got != 0 {
		t.Errorf("an item with quality 0 has the quality %v", got)
	}
	if empty := (Accept{}); empty.String() != "" || empty.Quality("a/b") != 0 {
		t.Error("the zero Accept is not empty")
	}
}

func FuzzAccept(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string) Accept{
			"mime": ParseMIMEAccept, "language": ParseLanguageAccept,
			"charset": ParseCharsetAccept, "encoding": ParseEncodingAccept,
		} {
			offers := []string{"text/html", "application/json", "en-US", "utf-8", "gzip"}
			if name == "mime" {
				offers = offers[:2]
			}
			accept := parse(text)
			for item, quality := range accept.All() {
				if quality < 0 || quality > 1 {
					t.Fatalf("%s %q: item %q has quality %v", name, text, item, quality)
				}
			}
			best, ok := accept.BestMatch(offers...)
			if ok && name != "language" && accept.Quality(best) <= 0 {
				t.Fatalf("%s %q: best %q has no quality", name, text, best)
			}
			if again, found := parse(text).BestMatch(offers...); again != best || found != ok {
				t.Fatalf("%s %q: %q, then %q", name, text, best, again)
			}
		}
	})
}

func BenchmarkMIMEAccept(b *testing.B) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ParseMIMEAccept(browser)
		}
	})
	b.Run("match", func(b *testing.B) {
		accept := ParseMIMEAccept(browser)
		offers := []string{"application/json", "text/html"}
		b.ReportAllocs()
		for b.Loop() {
			accept.BestMatch(offers...)
		}
	})
}
