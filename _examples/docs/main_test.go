package main

import (
	"encoding/json"
	"html"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// theSite is built once for all tests.
var theSite = sync.OnceValues(func() (map[string][]byte, error) {
	root, err := findRoot(".")
	if err != nil {
		return nil, err
	}
	return build(root)
})

func built(t *testing.T) map[string][]byte {
	t.Helper()
	site, err := theSite()
	if err != nil {
		t.Fatal(err)
	}
	return site
}

var (
	references = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	identities = regexp.MustCompile(` id="([^"]*)"`)
)

// TestLinksOfTheSite follows all links, to headings too.
func TestLinksOfTheSite(t *testing.T) {
	site := built(t)
	anchors := map[string]bool{}
	for name, content := range site {
		for _, match := range identities.FindAllSubmatch(content, -1) {
			anchors[name+"#"+html.UnescapeString(string(match[1]))] = true
		}
	}
	count := 0
	for name, content := range site {
		if path.Ext(name) != ".html" {
			continue
		}
		for _, match := range references.FindAllSubmatch(content, -1) {
			target := html.UnescapeString(string(match[1]))
			if strings.Contains(target, ":") {
				continue
			}
			count++
			file, anchor, hasAnchor := strings.Cut(target, "#")
			if file == "" {
				file = name
			} else {
				file = path.Join(path.Dir(name), file)
			}
			if site[file] == nil || hasAnchor && path.Ext(file) == ".html" && !anchors[file+"#"+anchor] {
				t.Errorf("%s links to %s", name, target)
			}
		}
	}
	if count < 1000 {
		t.Errorf("the site has only %d links", count)
	}
}

var (
	links     = regexp.MustCompile(`(?s)<a [^>]*>.*?</a>`)
	textBlock = regexp.MustCompile(`(?s)<code class="language-(?:text|golang)?">.*?</code>`)
	tags      = regexp.MustCompile(`<[^>]+>`)
	mentioned = regexp.MustCompile(`\bdecant\.[A-Z]\w*`)
)

// TestMentionedNamesAreLinks looks for names of the package that lead nowhere.
func TestMentionedNamesAreLinks(t *testing.T) {
	for name, content := range built(t) {
		if path.Ext(name) != ".html" || strings.HasPrefix(name, "api/") || strings.HasPrefix(name, "project/") {
			continue
		}
		text := tags.ReplaceAll(links.ReplaceAll(textBlock.ReplaceAll(content, nil), nil), nil)
		for _, mention := range mentioned.FindAll(text, -1) {
			t.Errorf("%s mentions %s, which is no link", name, mention)
		}
	}
}

// packagesOf reads the packages of the repository.
func packagesOf(t *testing.T) *api {
	t.Helper()
	root, err := findRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	packages, err := readPackages(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// TestNamesAreFound tries what people write for a name.
func TestNamesAreFound(t *testing.T) {
	api := packagesOf(t)
	for written, want := range map[string]string{
		"decant.New":              "api/decant.html#New",
		"app.Get":                 "api/decant.html#App.Get",
		"c.Session.Set":           "api/decant.html#Session.Set",
		"c.App.Config.Get":        "api/decant.html#Config.Get",
		"app.Config.SecretKey":    "api/decant.html#Config.SecretKey",
		"c.Request.Args.Get":      "api/decant.html#Values.Get",
		"Context.Flash":           "api/decant.html#Context.Flash",
		"csrf.Protect":            "api/ext-csrf.html#Protect",
		"form.Bind":               "api/ext-form.html#Bind",
		"password.Check":          "api/password.html#Check",
		"app.Gte":                 "",
		"decant.ErrBadSignature":  "api/decant.html#ErrBadSignature",
		"fmt.Println":             "",
		"errors.Is":               "",
		"decant.HTTPError.Unwrap": "api/decant.html#HTTPError.Unwrap",
	} {
		if got := api.find(written, ""); got != want {
			t.Errorf("%s leads to %q, want %q", written, got, want)
		}
	}
}

// TestNamesAloneAreFound tries names that stand without their type.
func TestNamesAloneAreFound(t *testing.T) {
	api := packagesOf(t)
	for written, want := range map[string]string{
		"AfterRequest": "api/decant.html#App.AfterRequest",
		"SafeNext":     "api/decant.html#Context.SafeNext",
		"Decorate":     "api/decant.html#Decorate",
		"Get":          "", // of the application, the session and others
		"nothing":      "",
	} {
		if got := api.findAlone(written); got != want {
			t.Errorf("%s leads to %q, want %q", written, got, want)
		}
	}
}

// TestMenu looks for pages of each chapter in the menu.
func TestMenu(t *testing.T) {
	home := string(built(t)["index.html"])
	for _, want := range []string{
		`<a href="tutorial/README.html">Tutorial</a>`,
		`<a href="patterns/celery.html">Celery</a>`,
		`<a href="project/_examples/login/main.go.html">login</a>`,
		`<a href="api/ext-login.html">login</a>`,
	} {
		if !strings.Contains(home, want) {
			t.Errorf("the menu lacks %s", want)
		}
	}
}

func TestSearchIndex(t *testing.T) {
	text, found := strings.CutPrefix(string(built(t)["search-index.js"]), "const entries = ")
	var entries []entry
	if err := json.Unmarshal([]byte(text), &entries); err != nil || !found {
		t.Fatal(err)
	}
	urls := map[string]bool{}
	for _, entry := range entries {
		urls[entry.URL] = true
	}
	for _, want := range []string{"quickstart.html", "sessions.html#the-secret-key", "api/decant.html#App.Get"} {
		if !urls[want] {
			t.Errorf("the search does not know %s", want)
		}
	}
}

func TestTheSiteIsServed(t *testing.T) {
	site := fstest.MapFS{}
	for name, content := range built(t) {
		site[name] = &fstest.MapFile{Data: content}
	}
	app := newApp(site)
	for address, kind := range map[string]string{
		"/": "text/html", "/patterns/celery.html": "text/html", "/style.css": "text/css", "/search-index.js": "text/javascript", "/lifecycle.svg": "image/svg+xml",
	} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %s", address, w.Code, w.Header().Get("Content-Type"))
		}
	}
}
