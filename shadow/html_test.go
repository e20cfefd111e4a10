package shadow

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHTMLTokens(t *testing.T) {
	t.Parallel()
	for page, want := range map[string][]string{
		"":                                 nil,
		" a  <b>\n</b> c":                  {"a", "<b>", "</b>", "c"},
		`<P Title='x>"y' data-a=1 HIDDEN>`: {`<p data-a="1" hidden title="x>\"y">`},
		"<br/><br />":                      {"<br>", "<br>"},
		"1 < 2 &amp; <3":                   {"1 < 2 & <3"},
		"<script>if (a<b) '<p>'</script>":  {"<script>", "if (a<b) '<p>'", "</script>"},
		"<!-- <p> --><!DOCTYPE  html>":     {"<!-- <p> -->", "<!doctype html>"},
		`<a class=" x  y ">`:               {`<a class="x y">`},
		"<a href=":                         {"<a href>"},
		`<a "=">`:                          {"<a \">"},
	} {
		if diff := cmp.Diff(want, htmlTokens(page, new(comparison).spoken)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", page, diff)
		}
	}
}

// FuzzHTMLTokens checks that any page has tokens, and the same ones each time.
func FuzzHTMLTokens(f *testing.F) {
	for _, seed := range []string{"", "<a href='x'>b</a>", "<script></SCRIPT>", "<!-- -", "<a b=\"", "</", "<a\x00=>", "a.bcdefg.abcdefghijklmnopqrstuvwxyz0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, page string) {
		tokens := htmlTokens(page, new(comparison).spoken)
		if !slices.Equal(tokens, htmlTokens(page, new(comparison).spoken)) || slices.Contains(tokens, "") {
			t.Errorf("%q", tokens)
		}
	})
}

// TestReadersAreLinear gives the readers what would take a quadratic one minutes.
func TestReadersAreLinear(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, part := range []string{"<", "<a ", "<a b='", "<!--", "<script>", "a.", ".eJx.", "<a b=c ", "</"} {
			htmlTokens(strings.Repeat(part, maxBody/len(part)), new(comparison).spoken)
		}
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("an answer of a megabyte takes minutes")
	}
}
