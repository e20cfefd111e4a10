package idna

import (
	"errors"
	"strings"
	"testing"
)

// The expected texts are those of Python's "idna" codec.
func TestToASCII(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"":                                      "",
		"localhost":                             "localhost",
		"Example.TEST":                          "Example.TEST",
		"a b.test":                              "a b.test",
		"☃.net":                                 "xn--n3h.net",
		"bücher.example":                        "xn--bcher-kva.example",
		"BÜCHER.Example":                        "xn--bcher-kva.Example",
		"münchen.":                              "xn--mnchen-3ya.",
		"a.b.":                                  "a.b.",
		"faß.test":                              "fass.test",
		"straße。com":                            "strasse.com",
		"a．b｡c":                                 "a.b.c",
		"例え.テスト":                                "xn--r8jz45g.xn--zckzah",
		"ＡＢＣ.com":                               "abc.com",
		"Ελλάς.gr":                              "xn--hxarsa5b.gr",
		"Σας.gr":                                "xn--mxa9ab.gr",
		"ſ.test":                                "s.test",
		"ıI.test":                               "xn--i-eka.test",
		"İstanbul.test":                         "xn--istanbul-o0e.test",
		"ü\u200d.test":                          "xn--tda.test",
		"ü b.test":                              "xn-- b-wka.test",
		"😀.ws":                                  "xn--e28h.ws",
		"مثال.إختبار":                           "xn--mgbh0fb.xn--kgbechtv",
		"ü." + strings.Repeat("x", maxLabelLen): "xn--tda." + strings.Repeat("x", maxLabelLen),
	} {
		got, err := ToASCII(host)
		if err != nil || got != want {
			t.Errorf("ToASCII(%q) = %q, %v; want %q", host, got, err, want)
		}
	}
}

func TestToASCIIRefuses(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		".", "a..b", ".a", "a..",
		strings.Repeat("x", maxLabelLen+1),
		strings.Repeat("ü", 70),
		"\u00ad.test",          // nothing is left of the label
		"xn--ü.test",           // would decode to something else
		"ü\ue000.test",         // private use
		"ü\u00a0.test",         // space
		"\u202eü.test",         // direction override
		"a／b.test", "a；b.test", // full-width delimiters
		"\ufffd.test",  // replacement character
		"a\xff.test",   // not UTF-8
		"ﬁ.test",       // a ligature, which is fi
		"e\u0301.test", // which is é
		"ª.test", "①.test", "㎏.test", "ǆ.test", "ºC.test", "x\u0323\u0307.test",
		"\U000f0000ü.test", // private plane
		"\U0001fffeü.test", // noncharacter
	} {
		got, err := ToASCII(host)
		if !errors.Is(err, ErrLabel) {
			t.Errorf("ToASCII(%q) = %q, %v; want ErrLabel", host, got, err)
		}
	}
}

func TestToUnicode(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"":                      "",
		"example.test":          "example.test",
		"xn--n3h.net":           "☃.net",
		"xn--bcher-kva.example": "bücher.example",
		"xn--BCHER-kva.x":       "BüCHER.x",
		"XN--n3h.net":           "XN--n3h.net", // the prefix is matched exactly, as in Python 3.11
		"a.xn--fiqs8s":          "a.中国",
		"xn--ls8h.la":           "💩.la",
		"xn--zzzzzzz":           "箥糪縖",
		// A name that cannot be a label stays as it came.
		"xn--":                 "xn--",
		"xn--a":                "xn--a",
		"xn--bad--":            "xn--bad--",
		"xn--fa-hia.de":        "xn--fa-hia.de", // sharp s does not survive nameprep
		"xn--n3h.xn--99999999": "☃.xn--99999999",
	} {
		if got := ToUnicode(host); got != want {
			t.Errorf("ToUnicode(%q) = %q; want %q", host, got, want)
		}
	}
}

func FuzzIDNA(f *testing.F) {
	f.Fuzz(func(t *testing.T, host string) {
		ascii, err := ToASCII(host)
		if err != nil {
			return
		}
		if !isASCII(ascii) {
			t.Fatalf("ToASCII(%q) = %q is not ASCII", host, ascii)
		}
		decoded := ToUnicode(ascii)
		if strings.ContainsFunc(decoded, isUnsure) {
			return // it is shown, and cannot be written
		}
		again, err := ToASCII(decoded)
		if err != nil || !strings.EqualFold(again, ascii) {
			t.Fatalf("%q → %q → %q → %q, %v", host, ascii, decoded, again, err)
		}
	})
}

func BenchmarkToASCII(b *testing.B) {
	for _, host := range []string{"example.test", "bücher.example"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ToASCII(host); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Punycode takes quadratic time, so no label that is too long is encoded or decoded.
func TestLongLabelsCostNothing(t *testing.T) {
	var distinct strings.Builder
	for r := rune(0x4e00); r < 0x9f00; r++ {
		distinct.WriteRune(r)
	}
	if got, err := ToASCII(strings.Repeat(distinct.String(), 20)); !errors.Is(err, ErrLabel) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	long := acePrefix + strings.Repeat("a9", 1<<19)
	if got := ToUnicode(long); got != long {
		t.Errorf("%d bytes become %d", len(long), len(got))
	}
}
