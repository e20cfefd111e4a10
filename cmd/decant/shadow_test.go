package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// site has three pages, and says of each request what it was.
func site(t *testing.T, last string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="/one?x=1&amp;y=2">one</a><a href='leave'>leave</a><a href="http://elsewhere/">away</a> %s %s`, r.Host, r.Header.Get("Cookie"))
	})
	mux.HandleFunc("/one", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "one ", r.URL.RawQuery) })
	mux.HandleFunc("/leave", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/last", http.StatusFound) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) {
		if last == "first" {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "whole")
	})
	mux.HandleFunc("/last", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, last) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestShadow(t *testing.T) {
	old, same, other := site(t, "last"), site(t, "last"), site(t, "first")
	t.Setenv("SHADOW_TEST_KEY", "a secret key")
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.log")
	log, har := filepath.Join(folder, "access.log"), filepath.Join(folder, "a.har")
	for path, content := range map[string]string{
		log:    "127.0.0.1 - - [1/Jan/2026] \"GET /last HTTP/1.1\" 200 -\n127.0.0.1 - - [1/Jan/2026] \"POST /last HTTP/1.1\" 200 -\nnonsense\n",
		broken: "\"GET /one HTTP/1.1\"\n\"GET /%zz HTTP/1.1\"\n\"GET /broken HTTP/1.1\"\n\"GET /one HTTP/1.1\"\n",
		har:    `{"log": {"entries": [{"request": {"method": "GET", "url": "https://shop.example/last?x"}}, {"request": {"method": "POST", "url": "https://shop.example/one"}}]}}`,
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		new       string
		arguments []string
		want      string
		fails     bool
	}{
		"equal":      {same, []string{"--crawl", "/", "--header", "Cookie: a=b"}, "4 answers were compared: 4 are equal", false},
		"different":  {other, []string{"--crawl", "/"}, "curl -i '" + other + "/last'\n  body\n  - last\n  + first\n", true},
		"skipped":    {other, []string{"--crawl", "/", "--skip", "/last"}, "3 answers were compared: 3 are equal", false},
		"limited":    {other, []string{"--crawl", "/", "--limit", "2"}, "2 answers were compared: 2 are equal", false},
		"log":        {other, []string{"--log", log}, "1 answers were compared: 0 are equal", true},
		"HAR":        {other, []string{"--har", har}, other + "/last?x'", true},
		"JSON":       {other, []string{"--log", log, "--json"}, `{"rule":"GET /last","compared":1,"equal":0,"noise":0,"different":1,`, true},
		"no answer":  {other, []string{"--log", broken}, "/broken'\n  answer\n  - 200\n  + none: ", true},
		"no URL":     {same, []string{"--log", broken, "--key-from", "SHADOW_TEST_KEY"}, "2 answers were compared: 2 are equal", false},
		"no key":     {same, []string{"--log", broken, "--key-from", "SHADOW_TEST_NONE"}, "", true},
		"nothing":    {same, nil, "", true},
		"no address": {"127.0.0.1", []string{"--crawl", "/"}, "", true},
	} {
		output, err := runDecant(t, append([]string{"shadow", "--old", old, "--new", c.new}, c.arguments...)...)
		if (err != nil) != c.fails || !strings.Contains(output, c.want) {
			t.Errorf("%s: the error is %v and the output lacks %q:\n%s", name, err, c.want, output)
		}
	}
}

// TestShadowNamesTheApplicationThatDoesNotAnswer names the old one if neither does.
func TestShadowNamesTheApplicationThatDoesNotAnswer(t *testing.T) {
	running := site(t, "last")
	stopped := func() string {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		return server.URL
	}
	old, new := stopped(), stopped()
	for _, c := range []struct{ old, new, named string }{{old, new, old}, {old, running, old}, {running, new, new}} {
		_, err := runDecant(t, "shadow", "--old", c.old, "--new", c.new, "--crawl", "/")
		if want := "the application at " + c.named + " does not answer /: "; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("--old %s --new %s: the error is %v, want %q", c.old, c.new, err, want)
		}
	}
}
