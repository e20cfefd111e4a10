package form_test

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/form"
)

type paging struct {
	Page int `form:"page" default:"1"`
}

type search struct {
	paging
	Query   string `form:"q,required"`
	Tags    []string
	MaxRows uint8
	Ratio   float32
	Exact   bool
	Since   time.Time
	Limit   *int
	Addr    netip.Prefix
	Skipped chan int `form:"-"`
	secret  string
}

func TestDecode(t *testing.T) {
	t.Parallel()
	five := 5
	tests := map[string]struct {
		sent pairs
		want search
	}{
		"defaults": {pairs{{"q", "go"}}, search{paging: paging{1}, Query: "go", secret: "kept"}},
		"all": {
			pairs{{"q", "go"}, {"page", " 3 "}, {"tags", "a"}, {"tags", "b"}, {"max_rows", "255"}, {"ratio", "1.5"},
				{"exact", "on"}, {"since", "2026-02-03T10:30"}, {"limit", "5"}, {"addr", "10.0.0.0/8"}, {"secret", "x"}, {"skipped", "x"}},
			search{paging: paging{3}, Query: "go", Tags: []string{"a", "b"}, MaxRows: 255, Ratio: 1.5, Exact: true,
				Since: time.Date(2026, 2, 3, 10, 30, 0, 0, time.UTC), Limit: &five, Addr: netip.MustParsePrefix("10.0.0.0/8"), secret: "kept"},
		},
		"empty": {
			pairs{{"q", "go"}, {"page", ""}, {"max_rows", ""}, {"exact", ""}, {"since", ""}, {"limit", ""}},
			search{paging: paging{1}, Query: "go", secret: "kept"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := search{secret: "kept"}
			if err := form.Decode(test.sent, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(search{}, paging{}), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"q", "", `The field "q" is required.`},
		{"page", "x", `The field "page" must be a whole number.`},
		{"max_rows", "256", `The field "max_rows" must be a whole number from 0 to 255.`},
		{"page", "99999999999999999999", `The field "page" must be a whole number from -9223372036854775808 to 9223372036854775807.`},
		{"ratio", "nan", `The field "ratio" must be a number.`},
		{"exact", "maybe", `The field "exact" must be on or off.`},
		{"since", "3.2.2026", `The field "since" must be a date or a time such as 2006-01-02 or 2006-01-02T15:04.`},
		{"addr", "here", `The field "addr" has a value that cannot be read.`},
	}
	for _, test := range tests {
		t.Run(test.name+" "+test.value, func(t *testing.T) {
			t.Parallel()
			sent := pairs{{test.name, test.value}}
			if test.name != "q" {
				sent = append(sent, [2]string{"q", "x"})
			}
			err := form.Decode(sent, &search{})
			var page *decant.HTTPError
			if !errors.As(err, &page) || page.Code != http.StatusBadRequest || !strings.Contains(page.Error(), test.want) {
				t.Errorf("got %v, want a 400 with %s", err, test.want)
			}
		})
	}
}

func TestDecodeMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target any
		want   string
	}{
		"no pointer": {search{}, "it takes a pointer to a struct"},
		"no struct":  {new(int), "it takes a pointer to a struct"},
		"type":       {&struct{ C chan int }{}, "which Decode cannot read from text"},
		"option": {&struct {
			A string `form:"a,omitempty"`
		}{}, `the option "omitempty"`},
		"default": {&struct {
			A int `default:"x"`
		}{}, "must be a whole number"},
		"not exported": {&struct {
			a int `form:"a"`
		}{}, "is not exported"},
		"slice of list": {&struct{ A [][]int }{}, "which Decode cannot read from text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := form.Decode(pairs{}, test.target)
			var page *decant.HTTPError
			if err == nil || errors.As(err, &page) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
