package rule

import (
	"errors"
	"testing"
)

// hostilePaths are decoded request paths that have led other frameworks'
// redirects to a foreign host.
var hostilePaths = []string{
	"//evil.test/", "//evil.test", "///evil.test/x", // httprouter, gin PR 3907, Werkzeug CVE-2020-28724
	`/\evil.test/`, `/\evil.test`, `\\evil.test`, // echo CVE-2022-40083, GHSA-v753-g4cw-jm48
	"/\t/evil.test", "/\t//evil.test/", "\t//evil.test", "/\n/evil.test", // a browser drops them: probo GHSA-p6m2-fv55-v5wp
	"/%2fevil.test", "/%5cevil.test/", // encoded twice, text when decoded once: echo GHSA-vfp3-v2gw-7wfq, fiber CVE-2026-25891
	"/\r\nLocation: https://evil.test/", "/x\x00/", // response splitting: CWE-113
	"https://evil.test/", "http:evil.test", "evil.test//", // absolute form: chi GHSA-mqqf-5wvp-8fh8
	"/a//evil.test", "/a///evil.test", "/é//x", // merged slashes: Werkzeug CVE-2020-28724
	"//evil.test/..//x", "/.//evil.test", "/..//evil.test//", // dot segments: echo GHSA-3pmx-cf9f-34xr
}

func TestRedirectsStayOnTheHost(t *testing.T) {
	rules := []string{"/<x>/", "/<a>/<b>/", "/a/<b>", "/<path:p>/", "/all/<path:p>/x/", `/\evil.test/`, "/<a>/x", "/"}
	redirects := 0
	for _, options := range []Options{{}, {LaxSlashes: true}, {KeepSlashes: true}} {
		for i := range rules {
			m := frozen(t, options, rules[i:]...)
			for _, path := range hostilePaths {
				_, err := m.Match("GET", "", path)
				var redirect *Redirect
				if errors.As(err, &redirect) {
					redirects++
					checkOnSite(t, redirect.URL(nil, "http", "example.test", "", ""))
					checkOnSite(t, redirect.URL(nil, "http", "example.test", "/app", ""))
				}
			}
		}
	}
	if redirects < 50 {
		t.Errorf("only %d redirects were looked at", redirects)
	}
}

// Values of the request that stand first in a redirect_to are the way from an
// open door to an open redirect.
func TestRedirectToStaysOnTheHost(t *testing.T) {
	for _, target := range []string{"<p>", "/<p>", "./<p>", "x/../<p>", "<p>/", "/..//<p>"} {
		m := New(Options{})
		for _, r := range []Rule{
			{Text: "/go/<path:p>", RedirectTo: target},
			{Text: "/fn/<path:p>", RedirectFunc: func(_ any, values map[string]any) string { return "/" + values["p"].(string) }},
		} {
			if _, err := m.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		m.Freeze()
		for _, path := range append(hostilePaths, "/https://evil.test/", "/https:evil.test", "/javascript:alert(1)") {
			for _, prefix := range []string{"/go", "/fn", "/go/", "/fn/"} {
				_, err := m.Match("GET", "", prefix+path)
				var redirect *Redirect
				if errors.As(err, &redirect) {
					checkOnSite(t, redirect.URL(nil, "http", "example.test", "", ""))
				}
			}
		}
	}
}

// An author may lead elsewhere, a value may not.
func TestRedirectToAnotherSite(t *testing.T) {
	for _, c := range []struct{ target, want string }{
		{"https://other.test/<p>", "https://other.test/a/b"},
		{"//other.test/<p>", "//other.test/a/b"},
		{"https:<p>", "/https:a/b"},
		{"<p>", "/a/b"},
	} {
		m := New(Options{})
		if _, err := m.Add(Rule{Text: "/<path:p>", RedirectTo: c.target}); err != nil {
			t.Fatal(err)
		}
		m.Freeze()
		_, err := m.Match("GET", "", "/a/b")
		var redirect *Redirect
		if !errors.As(err, &redirect) || redirect.URL(nil, "http", "example.test", "", "q=1") != c.want {
			t.Errorf("redirect_to %q leads to %v, want %s", c.target, err, c.want)
		}
	}
}

// The path is matched in the one form in which guards, views and files see it:
// decoded once, dots and all (echo GHSA-375p-5qhx-8wq4, GHSA-3pmx-cf9f-34xr,
// flamego's second decoding, fiber CVE-2026-25891).
func TestPathIsMatchedAsItIs(t *testing.T) {
	m := frozen(t, Options{}, "/files/<path:name>", "/admin/<page>")
	for path, want := range map[string]string{
		"/files/../admin/x": "../admin/x",
		"/files/%2e%2e/x":   "%2e%2e/x",
		"/files/%252e":      "%252e",
		"/files/./x":        "./x",
	} {
		match, err := m.Match("GET", "", path)
		if name, _ := match.Text("name"); err != nil || name != want {
			t.Errorf("%q has the name %q, %v, want %q", path, name, err, want)
		}
	}
	// A leaf takes neither slashes nor nothing.
	for _, path := range []string{"/admin/", "/admin/a/b", "/admin//"} {
		if match, err := m.Match("GET", "", path); err == nil {
			t.Errorf("%q matches %v", path, match.Rule)
		}
	}
}
