package header

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/idna"
	"github.com/decant-go/decant/internal/vectors"
)

func TestIRIToURIVectors(t *testing.T) {
	t.Parallel()
	for _, c := range vectors.Select[textCase](t, vectors.Load(t, "http.json"), "iri_to_uri") {
		uri, err := IRIToURI(c.Text)
		if (err != nil) != (c.Want.Error != "") || uri != c.Want.Out {
			t.Errorf("%s: IRIToURI(%q) = %q, %v; want %+v", c.ID, c.Text, uri, err, c.Want)
		}
	}
}

// The Python that made the vectors raises UnicodeError for a host that is no
// punycode, so that request.url is a 500; newer ones leave the label as it is, and so
// do we.
func TestURIToIRIVectors(t *testing.T) {
	t.Parallel()
	checkTexts(t, "uri_to_iri", URIToIRI)
}

// Unless a comment says otherwise, the answers are Werkzeug's.
func TestIRIToURI(t *testing.T) {
	t.Parallel()
	for iri, want := range map[string]string{
		"":                              "",
		"/a?b=c#d":                      "/a?b=c#d",
		"/a?":                           "/a",
		"/a#":                           "/a",
		"http://EXAMPLE.test":           "http://example.test",
		"HTTP://bücher.test:8080/ü":     "http://xn--bcher-kva.test:8080/%C3%BC",
		"http://u:p%20@h:0/":            "http://u:p%20@h/",
		"http://:p@h/":                  "http://h/",
		"http://[::1]:80/":              "http://[::1]:80/",
		"http://[FE80::1%Eth0]/":        "http://[fe80::1%Eth0]/",
		"http:x":                        "http:///x",
		"mailto:a@b":                    "mailto:a@b",
		"1http:x":                       "1http:x",
		"?a=b":                          "?a=b",
		"/a\\b|c^d`e{f}":                "/a%5Cb%7Cc%5Ed%60e%7Bf%7D",
		"/\xff":                         "/%FF",
		"/100%":                         "/100%",
		"\x01 /a":                       "/a",
		"/a\r\nSet-Cookie: x=y":         "/aSet-Cookie:%20x=y",
		"http://example.test\t/":        "http://example.test/",
		"/\t/evil.test":                 "//evil.test",   // a redirect must look again at what comes out
		"////evil.test":                 "////evil.test", // older Pythons make a host of it
		"http:////evil.test":            "http:////evil.test",
		"//evil.test/%2e%2e/%5cx?%09":   "//evil.test/%2e%2e/%5cx?%09",
		"itms-services:?action=install": "itms-services://?action=install",
	} {
		if got, err := IRIToURI(iri); err != nil || got != want {
			t.Errorf("IRIToURI(%q) = %q, %v; want %q", iri, got, err, want)
		}
	}
}

func TestIRIToURIRefuses(t *testing.T) {
	t.Parallel()
	for iri, want := range map[string]error{
		"http://[::1":                  ErrURL,
		"http://::1]/":                 ErrURL,
		"http://[1.2.3.4]/":            ErrURL,
		"http://[x]/":                  ErrURL,
		"http://h:port/":               ErrURL,
		"http://h:65536/":              ErrURL,
		"http://h:+1/":                 ErrURL,
		"http://evil℀.test/":           ErrURL, // ℀ normalizes to a/c
		`http://good.test\.evil.test/`: ErrURL,
		"http://a b/":                  ErrURL,
		"//\x01":                       ErrURL,
		"http://a..b/":                 idna.ErrLabel,
		"http://ü\ue000.test/":         idna.ErrLabel,
	} {
		if got, err := IRIToURI(iri); !errors.Is(err, want) || got != "" {
			t.Errorf("IRIToURI(%q) = %q, %v; want %v", iri, got, err, want)
		}
	}
}

func TestURIToIRI(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"/%C3%A9%20%2f%3F%41%7e":     "/é%20%2f%3FA~",
		"/%c3":                       "/%C3",
		"/%E2%82%AC%E2%82":           "/€%E2%82",
		"/%zz%4":                     "/%zz%4",
		"/%2525":                     "/%2525", // never decoded twice
		"/?a=%C3%A9%2B%26%3D":        "/?a=é%2B%26%3D",
		"http://u%3a%C3%BC:p%40@h/":  "http://u%3aü:p%40@h/",
		"http://xn--bcher-kva.test/": "http://bücher.test/",
		"http://h:bad/%41":           "http://h:bad/%41",
	} {
		if got := URIToIRI(uri); got != want {
			t.Errorf("URIToIRI(%q) = %q; want %q", uri, got, want)
		}
	}
}

func TestPlainPathsAreReturnedWithoutAllocation(t *testing.T) {
	allocations := testing.AllocsPerRun(100, func() {
		if uri, err := IRIToURI("/login?next=/a/b%20c"); err != nil || uri != "/login?next=/a/b%20c" {
			t.Fatal(uri, err)
		}
	})
	if allocations != 0 {
		t.Errorf("IRIToURI allocates %v times for a plain path", allocations)
	}
}

func FuzzIRIToURI(f *testing.F) {
	f.Fuzz(func(t *testing.T, iri string) {
		uri, err := IRIToURI(iri)
		if err != nil {
			return
		}
		for i := range len(uri) {
			if uri[i] < ' ' || uri[i] >= utf8.RuneSelf {
				t.Fatalf("IRIToURI(%q) = %q is not printable ASCII", iri, uri)
			}
		}
		if again, err := IRIToURI(uri); err != nil || again != uri {
			t.Fatalf("IRIToURI(%q) = %q is not stable: %q, %v", iri, uri, again, err)
		}
		if !strings.ContainsAny(iri, "\t\r\n") && !strings.HasPrefix(strings.TrimLeft(iri, controls+" "), "//") && strings.HasPrefix(uri, "//") {
			t.Fatalf("IRIToURI(%q) = %q gained a host", iri, uri)
		}
	})
}

func BenchmarkIRIToURI(b *testing.B) {
	for _, iri := range []string{"/login?next=/", "http://bücher.test/ü"} {
		b.Run(iri, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := IRIToURI(iri); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
