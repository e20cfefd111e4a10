package formdata

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// parseOptions puts all options of a header into a map.
func parseOptions(header string) (value string, options map[string]string) {
	value, list := cutOptions(header)
	joined := map[string]*joinedValue{}
	for option := range optionsOf(list) {
		if joined[option.name] == nil {
			joined[option.name] = &joinedValue{}
		}
		joined[option.name].add(option)
	}
	options = map[string]string{}
	for name, text := range joined {
		options[name] = text.String()
	}
	return value, options
}

func TestOptions(t *testing.T) {
	type options = map[string]string
	tests := []struct {
		header, value string
		want          options
	}{
		{"", "", nil},
		{" Text/HTML ", "Text/HTML", nil},
		{"; a=b", "", nil},
		{"v;", "v", nil},
		{"v; a=b; C=D", "v", options{"a": "b", "c": "D"}},
		{"v;a=b ;c=d;;e=f", "v", options{"a": "b", "c": "d", "e": "f"}},
		{"v; a=1; a=2", "v", options{"a": "2"}},
		{"v; a = b; c= d; e", "v", nil},
		{`v; a=""; b="c;d"; e="f`, "v", options{"a": "", "b": "c;d"}},
		{`v; a="x\"y\\z\w"`, "v", options{"a": `x"y\z\w`}},
		{`v; a="C:\dir\file"`, "v", options{"a": `C:\dir\file`}},
		{`v; a="x%22y%41"; b=%22`, "v", options{"a": `x"y%41`, "b": "%22"}},
		{`v; a="b"c; d=e`, "v", options{"a": "b", "d": "e"}},
		{"v; a*=utf-8''%e2%82%ac", "v", options{"a": "€"}},
		{"v; a*=UTF-8'en'%e2%82; b*=ascii''%e9", "v", options{"a": "\uFFFD", "b": "\uFFFD"}},
		{"v; a*=iso-8859-1''%e9", "v", options{"a": "é"}},
		{"v; a*=cp1252''%e9", "v", options{"a": "%e9"}},
		{"v; a*=utf-8''", "v", options{"a": "utf-8''"}},
		{"v; a*=utf-8''%22", "v", options{"a": ""}},
		{"v; a*0=x; a*1=y; a*=z; a*2=w", "v", options{"a": "zw"}},
		{"v; a*0*=utf-8''%c3; a*1*=%a9", "v", options{"a": "\uFFFD\uFFFD"}},
		{"v; a*0*=iso-8859-1''%e9; a*1*=%e8; a*2=%e7", "v", options{"a": "éè%e7"}},
		{`v; a*=utf-8''x; b*="%C3é%A9"`, "v", options{"a": "x", "b": "\uFFFDé\uFFFD"}},
		{"v; *=a", "v", options{"": "a"}},
	}
	for _, test := range tests {
		value, got := parseOptions(test.header)
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" || value != test.value {
			t.Errorf("%q: value %q (-want +got):\n%s", test.header, value, diff)
		}
	}
}

func TestMediaType(t *testing.T) {
	tests := map[string]string{
		"":                               "",
		"multipart/form-data":            "multipart/form-data",
		" Multipart/FORM-data ;boundary": "multipart/form-data",
		"text/plain, a/b":                "text/plain, a/b",
		"text/\u212Aind":                 "text/\u212Aind",
	}
	for header, want := range tests {
		if got := MediaType(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestBoundary(t *testing.T) {
	long := strings.Repeat("b", maxBoundary)
	tests := map[string]string{
		"multipart/form-data":                                 "",
		"multipart/form-data; boundary=":                      "",
		"multipart/form-data; Boundary=B; charset=x":          "B",
		`multipart/form-data; boundary="a b;c"`:               "a b;c",
		"multipart/form-data;\xa0boundary=B":                  "B",
		"multipart/form-data; boundary=\"\xe9\"":              "",
		"multipart/form-data; boundary*=utf-8''%c3%a9":        "",
		"multipart/form-data; boundary*=utf-8''a%0d":          "",
		"multipart/form-data; boundary=" + long:               long,
		"multipart/form-data; boundary=" + long + "b":         "",
		"multipart/form-data; boundary*0=B; boundary*1=\"=\"": "B=",
	}
	for header, want := range tests {
		if got := Boundary(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func FuzzOptions(f *testing.F) {
	f.Add(`form-data; name="a"; filename*=utf-8''%e2%82%ac`)
	f.Fuzz(func(t *testing.T, header string) {
		value, options := parseOptions(header)
		if lower(value) != MediaType(header) {
			t.Fatalf("%q: value %q, media type %q", header, value, MediaType(header))
		}
		size := 0
		for name, text := range options {
			size += len(name) + len(text)
		}
		// One percent escape of three bytes becomes one character of three at most.
		if size > len(header) {
			t.Fatalf("%q: %d bytes of options", header, size)
		}
		for name, text := range options {
			if found := findOption(header, name); found != text {
				t.Fatalf("%q: %q is %q, or %q when looked for", header, name, text, found)
			}
		}
		if Boundary(header) != "" && !usableBoundary(Boundary(header)) {
			t.Fatalf("%q: unusable boundary", header)
		}
	})
}
