package tests

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func nextOf(t *testing.T, target string) (next string) {
	t.Helper()
	app, log := appWith(func(c *decant.Context) (any, error) {
		next = c.SafeNext(target, "the fallback")
		return "", nil
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "site.test:8080"
	app.ServeHTTP(httptest.NewRecorder(), r)
	log.mustBeEmpty(t)
	return next
}

func TestSafeNext(t *testing.T) {
	for _, good := range []string{
		"/", "/a", "/a/b?c=d&e=/f#g", "/a%20b", "/search?q=a b", "/é", "/?next=//evil.test", "/#//evil.test", "/a//b", "/a:b", "/.well-known/x", "/...",
		"/user@evil.test", "/a?b=../c",
	} {
		if got := nextOf(t, good); got != good {
			t.Errorf("SafeNext(%q) = %q", good, got)
		}
	}
	for _, evil := range []string{
		// echo CVE-2022-40083, GHSA-v753-g4cw-jm48; chi CVE-2025-69725; Werkzeug CVE-2020-28724.
		"//evil.test", "//evil.test/", `/\evil.test/`, "/%5cevil.test/", "/%5Cevil.test/", "/%09/evil.test/", "/%2fevil.test/", "/%2Fevil.test/",
		"/\t/evil.test/", "/\n/evil.test", "/\r/evil.test", "/\x00/evil.test", "/\x7f", "/a\nb", "/%0d%0aSet-Cookie:a=b", "/%00", "/\u0085",
		"///evil.test", "////evil.test", `\\evil.test`, `\/evil.test`, `/a\b`, " //evil.test", " /a", "\t//evil.test",
		"/./", "/.//evil.test", "/..//evil.test", "/a/..//evil.test", "/%2e%2e//evil.test", "/a/%2e%2e/b",
		"http://evil.test/", "https://evil.test/", "HTTP://evil.test", "http:/evil.test", "http:evil.test", "http:///evil.test", "javascript:alert(1)", "data:text/html,x",
		"http://site.test/", "http://site.test:8080", "http://site.test:8080@evil.test/", "http://site.test:8080.evil.test/", "http://site.test:80801/", "http://site.test:8080//evil.test",
		`http://site.test:8080\@evil.test`, "http://user@site.test:8080/", "ftp://site.test:8080/", "//site.test:8080/",
		"", "a", "a/b", "?a", "#a", "evil.test", "/%", "/%zz", "@evil.test", ".evil.test",
	} {
		if got := nextOf(t, evil); got != "the fallback" {
			t.Errorf("SafeNext(%q) = %q", evil, got)
		}
	}
	for own, want := range map[string]string{
		"http://site.test:8080/": "/", "https://site.test:8080/a?b#c": "/a?b#c", "HTTP://SITE.test:8080/A": "/A",
	} {
		if got := nextOf(t, own); got != want {
			t.Errorf("SafeNext(%q) = %q, want %q", own, got, want)
		}
	}
}

func TestSafeNextOfARequestWithoutAHost(t *testing.T) {
	app, _ := appWith(func(c *decant.Context) (any, error) { return c.SafeNext("http:///a", "fallback"), nil })
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "a b"
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	mustAnswer(t, w, 200, "fallback")
}

// Wherever the redirect leads, it is here: for the browser that joins it to
// the page's own URL, and for who decodes it first.
func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{"/a?b#c", "//evil.test", "/%2fevil.test", `/\evil.test`, "http://site.test:8080/a", "/\t/evil.test", "/a/..//b"} {
		f.Add(seed)
	}
	page, _ := url.Parse("http://site.test:8080/login")
	f.Fuzz(func(t *testing.T, target string) {
		next := nextOf(t, target)
		if next == "the fallback" {
			return
		}
		for _, text := range []string{next, strings.NewReplacer("\t", "", "\r", "", "\n", "", `\`, "/").Replace(next)} {
			joined, err := page.Parse(text)
			if err != nil {
				continue // no browser goes there
			}
			if joined.Host != page.Host || joined.Scheme != "http" || strings.HasPrefix(joined.Path, "//") {
				t.Errorf("SafeNext(%q) = %q, which leads to %s", target, next, joined)
			}
		}
	})
}
