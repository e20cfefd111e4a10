package jinja_test

import (
	"os"
	"testing"

	"github.com/decant-go/decant/internal/templatecases"
)

// corpus reads the cases of the file that DECANT_JINJA_VECTORS names, or else of
// the copy in testdata.
func corpus(t testing.TB) []templatecases.Case {
	t.Helper()
	path := "testdata/jinja.jsonl"
	if named := os.Getenv("DECANT_JINJA_VECTORS"); named != "" {
		path = named
	}
	cases, err := templatecases.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestVectors(t *testing.T) {
	for _, c := range corpus(t) {
		t.Run(c.Category+"/"+c.ID, func(t *testing.T) {
			output, err := c.Run()
			if difference := c.Judge(output, err); difference != nil {
				t.Errorf("%v\ntemplates: %q\ncontext: %s", difference, c.Templates, c.Context)
			}
		})
	}
}
