package rule

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestBuildErrorsTeach(t *testing.T) {
	m := New(Options{})
	m.AddConverter("never", Converter{Pattern: "x", ToURL: func(any) (string, error) { return "", ErrInvalid }})
	add(t, m, Rule{Text: "/user/<name>/<int:n>", Endpoint: "user", Methods: []string{"GET"}},
		Rule{Text: "/list", Endpoint: "list", Defaults: map[string]any{"page": 1}}, Rule{Text: "/<never:x>", Endpoint: "never"})
	for _, c := range []struct {
		build      Build
		suggestion string
		want       []string
	}{
		{Build{Endpoint: "usr"}, "user", []string{`endpoint "usr"`, `did you mean "user"?`}},
		{Build{Endpoint: "completely.different"}, "list", []string{"no such endpoint", `did you mean "list"?`}},
		{Build{Endpoint: "zzz"}, "user", []string{`did you mean "user"?`}}, // nothing is alike, and the first has all values
		{Build{Endpoint: "zzz", Values: []Value{{"page", 1}}}, "list", []string{`did you mean "list"?`}},
		{Build{Endpoint: "zzz", Method: "GET", Values: []Value{{"page", 1}, {"q", 1}}}, "user", []string{`did you mean "user"?`}},
		{Build{Endpoint: "user", Values: []Value{{"name", "x"}}}, "user", []string{`with values "name"`, `also needs "n"`}},
		{Build{Endpoint: "user", Values: []Value{{"name", nil}}}, "user", []string{`needs "name", "n"`}},
		{Build{Endpoint: "user", Method: "POST", Values: []Value{{"name", "x"}, {"n", 1}}}, "user", []string{"method POST", "only GET, HEAD"}},
		{Build{Endpoint: "list", Values: []Value{{"page", 2}}}, "list", []string{`wants "page" to be 1`}},
		{Build{Endpoint: "never", Values: []Value{{"x", 1}}}, "never", []string{"refuse a value"}},
	} {
		_, err := m.Build(c.build)
		var failure *BuildError
		if !errors.As(err, &failure) {
			t.Errorf("%+v: %v", c.build, err)
			continue
		}
		if failure.Suggestion != c.suggestion || failure.Endpoint != c.build.Endpoint || failure.Method != c.build.Method {
			t.Errorf("%+v: %+v", c.build, failure)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not say %q", err, want)
			}
		}
	}
}

func TestBuildErrorWithoutRules(t *testing.T) {
	_, err := New(Options{}).Build(Build{Endpoint: "index"})
	if err == nil || !strings.Contains(err.Error(), "add a rule for it") {
		t.Errorf("error %v does not say what to do", err)
	}
}

func TestBuildTakesTheLastOfEqualNames(t *testing.T) {
	m := frozen(t, Options{}, "/<x>")
	values := []Value{{"x", 1}, {"q", 1}, {"x", 2}, {"q", nil}, {"r", 3}}
	before := slices.Clone(values)
	url, err := m.Build(Build{Endpoint: "e0", Values: values, AppendUnknown: true})
	if err != nil || url != "/2?r=3" {
		t.Errorf("Build = %q, %v", url, err)
	}
	if !slices.Equal(values, before) {
		t.Errorf("Build changed its argument to %v", values)
	}
}

func TestBuildComparesDefaultsAsPythonDoes(t *testing.T) {
	m := New(Options{})
	add(t, m, Rule{Text: "/one", Endpoint: "n", Defaults: map[string]any{"n": 1}}, Rule{Text: "/<n>", Endpoint: "n"})
	for _, c := range []struct {
		value any
		want  string
	}{{1, "/one"}, {true, "/one"}, {1.0, "/one"}, {int64(1), "/one"}, {uint8(1), "/one"}, {"1", "/1"}, {2, "/2"}, {[]int{1}, "/%5B1%5D"}} {
		url, err := m.Build(Build{Endpoint: "n", Values: []Value{{"n", c.value}}})
		if err != nil || url != c.want {
			t.Errorf("%v: %q, %v, want %q", c.value, url, err, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	m := frozen(t, Options{}, "/")
	for _, c := range []struct {
		value any
		want  string
	}{
		{"", "/?k="}, {"a b+c&d=e%", "/?k=a+b%2Bc%26d%3De%25"}, {[]string{"x", "y"}, "/?k=x&k=y"}, {[]any{}, "/"},
		{[]any{1, nil, true}, "/?k=1&k=True"}, {[2]int{1, 2}, "/?k=1&k=2"}, {[]byte("ab"), "/?k=ab"}, {1.0, "/?k=1.0"}, {"é", "/?k=%C3%A9"},
	} {
		url, err := m.Build(Build{Endpoint: "e0", Values: []Value{{"k", c.value}}, AppendUnknown: true})
		if err != nil || url != c.want {
			t.Errorf("%v: %q, %v, want %q", c.value, url, err, c.want)
		}
	}
}

func TestSortedParametersAreInTheOrderOfNumbers(t *testing.T) {
	m := frozen(t, Options{SortParameters: true}, "/")
	values := []Value{{"q", []any{1.75, 10, 1.25, 1.5, -1, 9}}, {"a", true}}
	url, err := m.Build(Build{Endpoint: "e0", Values: values, AppendUnknown: true})
	if want := "/?a=True&q=-1&q=1.25&q=1.5&q=1.75&q=9&q=10"; err != nil || url != want {
		t.Errorf("Build = %q, %v, want %q", url, err, want)
	}
}
