package spelling

import (
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"index", "index", 0},
		{"index", "indx", 1},
		{"index", "indexes", 2},
		{"index", "imdex", 1},
		{"kitten", "sitting", 3},
		{"SECRET", "SERCET", 2},
	} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("from %q to %q it is %d, want %d", test.a, test.b, got, test.want)
		}
		if got := Distance(test.b, test.a); got != test.want {
			t.Errorf("from %q to %q it is %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"index", "profile", "profiles", "a"}
	for name, want := range map[string]string{
		"indx":    "index",
		"profil":  "profile",
		"profils": "profile",
		"logout":  "",
		"b":       "",
		"":        "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
}

// TestNearestToALongName has a name that a client may have chosen. Comparing it
// letter by letter would take minutes.
func TestNearestToALongName(t *testing.T) {
	t.Parallel()
	names := make([]string, 1000)
	for i := range names {
		names[i] = "folder/template.html"
	}
	if got := Nearest(strings.Repeat("folder/", 1<<18), names); got != "" {
		t.Errorf("%q is near", got)
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want float64
	}{ // as Python's difflib says
		{"", "", 1},
		{"", "abc", 0},
		{"index", "index", 1},
		{"indx", "index", 8.0 / 9},
		{"abxcd", "abcd", 8.0 / 9},
		{"tide", "diet", 0.25},
		{"diet", "tide", 0.5},
		{"blog.show", "shop.blog", 8.0 / 18},
		{"größe", "grösse", 8.0 / 11},
	} {
		if got := Ratio(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// TestRatioOfLongNames has names that a client may have chosen. Comparing them
// letter by letter would take minutes.
func TestRatioOfLongNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ab", 1<<20)
	if got := Ratio(long, long+"c"); got != 1 {
		t.Errorf("%v, and the same characters begin both", got)
	}
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":              "",
		"index":         "index",
		"viewGet":       "view_get",
		"viewURL":       "view_url",
		"getHTTPStatus": "get_http_status",
		"HTTPStatus":    "http_status",
		"URL":           "url",
		"Index":         "index",
		"userIDs":       "user_ids",
		"getURLsFor":    "get_urls_for",
		"isASet":        "is_a_set",
		"http2Server":   "http2_server",
		"view_get":      "view_get",
		"view_Get":      "view_get",
		"überÄpfel":     "über_äpfel",
		"x":             "x",
		"aB":            "a_b",
	} {
		if got := SnakeCase(name); got != want {
			t.Errorf("SnakeCase(%q) = %q, want %q", name, got, want)
		}
	}
}
