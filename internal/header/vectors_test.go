package header

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

// elsewhere are the ops of http.json that other packages test.
var elsewhere = []string{
	"http_date", "parse_date", // internal/httpdate
	"secure_filename",                                      // internal/safepath
	"safe_join",                                            // names go through os.Root and fs.FS instead
	"redirect", "http_error", "http_error_args", "url_for", // the root package
}

// here are the ops that the tests of this package go through, each in the test
// file of its noun.
var here = []string{
	"quote_header_value", "parse_list_header", "parse_dict_header", "parse_options_header",
	"quote_etag", "unquote_etag", "generate_etag", "conditional", "cache_control", "accept",
	"get_host", "www_authenticate", "proxy_fix", "iri_to_uri", "uri_to_iri", "get_content_type",
	"send_file", "send_file_max_age",
}

func TestEveryOpIsKnown(t *testing.T) {
	t.Parallel()
	for _, op := range vectors.Load(t, "http.json").Ops(t) {
		if !slices.Contains(here, op) && !slices.Contains(elsewhere, op) {
			t.Errorf("http.json has the op %q, which no test knows", op)
		}
	}
}

// answer is what a vector wants; the released line goes before the newest.
type answer[T any] struct {
	Want       T
	WantStable *T `json:"want_stable"`
}

func (a answer[T]) released() T {
	if a.WantStable != nil {
		return *a.WantStable
	}
	return a.Want
}

type textCase struct {
	ID, Op, Text string
	Want         struct{ Out, Error string }
}

// checkTexts runs the cases of an op that maps a string to a string. A text that is a
// UnicodeError or a ValueError in Python stays as it is.
func checkTexts(t *testing.T, op string, f func(string) string) {
	t.Helper()
	for _, c := range vectors.Select[textCase](t, vectors.Load(t, "http.json"), op) {
		want := c.Want.Out
		switch c.Want.Error {
		case "":
		case "UnicodeError", "ValueError":
			want = c.Text
		default:
			t.Errorf("%s wants the unknown error %s", c.ID, c.Want.Error)
		}
		if diff := cmp.Diff(want, f(c.Text)); diff != "" {
			t.Errorf("%s %q: (-want +got)\n%s", c.ID, c.Text, diff)
		}
	}
}

// pairs writes parameters as the vectors do: [name, value or null].
func pairs(parameters Parameters) [][2]*string {
	list := [][2]*string{}
	for _, parameter := range parameters {
		pair := [2]*string{&parameter.Name, nil}
		if !parameter.Bare {
			pair[1] = &parameter.Value
		}
		list = append(list, pair)
	}
	return list
}
