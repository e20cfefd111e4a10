package header

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/vectors"
)

func TestCheckResponse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header http.Header
		want   string
	}{
		{nil, ""},
		{http.Header{"X-A": {"1", "2"}, "x-b": {""}}, ""},
		{http.Header{"Content-Length": {"1"}}, ""},
		{http.Header{"": {"1"}}, `cannot set the header ""`},
		{http.Header{"A B": {"1"}}, `cannot set the header "A B"`},
		{http.Header{"transfer-encoding": {"chunked"}}, `cannot set the header "transfer-encoding"`},
		{http.Header{"content-length": {"1"}}, "would be there twice"},
		{http.Header{"x-a": {"1"}, "X-A": {"1"}}, `"x-a" would be there twice; set it with Header().Set, which spells it "X-A"`},
		{http.Header{"X-A": {"fine", "a\r\nb"}}, `"X-A" has a line break or another control character: "a\r\nb"`},
		{http.Header{"X-A": {"\x00"}}, `"\x00"`},
		{http.Header{"X-A": {"a\x1bb"}}, "control character"},
		{http.Header{"X-A": {"\x7f"}}, "control character"},
		{http.Header{"X-A": {"\v"}}, "control character"},
		{http.Header{"X-A": {"a\tb", "é", "\x80\xff"}}, ""},
		{http.Header{"X-D": {"\n"}, "X-C": {"\n"}, "x-b": {"\n"}, "X-B": {"fine"}, "X-A": {"fine"}, "X-E": {"\n"}}, `"X-C" has a line break`},
	} {
		err := CheckResponse(c.header)
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.header, err, c.want)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	h := http.Header{"Vary": {"Origin", "Cookie"}, "Set-Cookie": {"a=1"}, "X-A": {"1"}}
	before := h["Set-Cookie"]
	Merge(h, "Vary", []string{"cookie, Accept"})
	Merge(h, "Set-Cookie", []string{"b=2", "c=3"})
	Merge(h, "X-A", []string{"2"})
	Merge(h, "X-B", []string{"3"})
	want := http.Header{"Vary": {"Origin, Cookie, Accept"}, "Set-Cookie": {"a=1", "b=2", "c=3"}, "X-A": {"2"}, "X-B": {"3"}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(before) != 1 {
		t.Errorf("the earlier values are now %q", before)
	}
}

func TestChallengeVectors(t *testing.T) {
	t.Parallel()
	type testCase struct {
		ID, Op, Scheme string
		Token          *string
		Params         json.RawMessage
		Want           struct{ Headers []string }
	}
	for _, c := range vectors.Select[testCase](t, vectors.Load(t, "http.json"), "www_authenticate") {
		parameters := inOrder(t, c.Params)
		if c.Token != nil {
			parameters = []string{*c.Token}
		}
		if diff := cmp.Diff(c.Want.Headers, []string{Challenge(c.Scheme, parameters)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.ID, diff)
		}
	}
}

// The expected titles are those of Python's str.title.
func TestChallengeSchemes(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{"é": "É", "x_y": "X_Y", "a1b": "A1B", "x-YZ": "X-Yz"} {
		if got := Challenge(scheme, nil); got != want {
			t.Errorf("Challenge(%q) = %q; want %q", scheme, got, want)
		}
	}
}

// inOrder returns the names and values of an object of strings in the order in which
// they are written.
func inOrder(t *testing.T, object json.RawMessage) []string {
	t.Helper()
	var texts []string
	for decoder := json.NewDecoder(bytes.NewReader(object)); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case string:
			texts = append(texts, token)
		case json.Delim:
		default:
			t.Fatalf("%s holds %v, which is no string", object, token)
		}
	}
}
