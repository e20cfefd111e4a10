package jinja_test

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/decant-go/decant/internal/templatecases"
)

// vectors reads jinja.jsonl in a folder.
func vectors(t testing.TB, folder string) []templatecases.Case {
	t.Helper()
	cases, err := templatecases.ReadFile(filepath.Join(folder, "jinja.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestVectors renders the cases of the folder that DECANT_VECTORS names, or else of
// testdata.
func TestVectors(t *testing.T) {
	for _, c := range vectors(t, cmp.Or(os.Getenv("DECANT_VECTORS"), "testdata")) {
		t.Run(c.Category+"/"+c.ID, func(t *testing.T) {
			output, err := c.Run()
			if difference := c.Judge(output, err); difference != nil {
				t.Errorf("%v\ntemplates: %q\ncontext: %s", difference, c.Templates, c.Context)
			}
		})
	}
}
