package catalog

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is the content of testdata/python.json.
type python struct {
	Rules []struct {
		Rule string
		From int
		Want []*int // nil in the list: Python raises ZeroDivisionError; no list: a bad rule
	}
	Choices []struct {
		Header string
		Also   []string
		Want   string
	}
}

func readPython(t *testing.T) python {
	t.Helper()
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var content python
	if err := json.Unmarshal(data, &content); err != nil {
		t.Fatal(err)
	}
	return content
}

func TestPluralRulesAsPython(t *testing.T) {
	for _, test := range readPython(t).Rules {
		form, err := parseRule(test.Rule)
		if test.Want == nil {
			if err == nil {
				t.Errorf("the rule %q is read, want an error", test.Rule)
			}
			continue
		}
		if err != nil {
			t.Errorf("the rule %q: %v", test.Rule, err)
			continue
		}
		for i, want := range test.Want {
			n := test.From + i
			got, ok := form(n)
			if ok != (want != nil) || ok && got != *want {
				t.Errorf("%q for n = %d: got %d, %v", test.Rule, n, got, ok)
			}
		}
	}
}

func TestMatchAsWerkzeug(t *testing.T) {
	translations := &Translations{languages: []string{"de", "pl", "pt_BR"}}
	for _, test := range readPython(t).Choices {
		got := translations.Match(test.Header, test.Also...)
		if diff := cmp.Diff(test.Want, got); diff != "" {
			t.Errorf("%q with %q (-werkzeug +go):\n%s", test.Header, test.Also, diff)
		}
	}
}
