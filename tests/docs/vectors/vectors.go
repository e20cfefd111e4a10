// Package vectors reads the cases that Flask's extensions made.
package vectors

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each runs a test for each case of extensions-NAME.json, in the folder that the
// variable DECANT_VECTORS names, or in testdata beside the test. T is the type of
// a case; a field that it does not have fails the test.
func Each[T any](t *testing.T, name string, test func(t *testing.T, c T)) {
	t.Helper()
	folder := os.Getenv("DECANT_VECTORS")
	if folder == "" {
		folder = "testdata"
	}
	text, err := os.ReadFile(filepath.Join(folder, "extensions-"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Format string
		Cases  []json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(file.Format, "extensions-"+name+"/") || len(file.Cases) == 0 {
		t.Fatalf("a file of the format %q with %d cases", file.Format, len(file.Cases))
	}
	for _, raw := range file.Cases {
		var c T
		var named struct{ ID, Name string }
		if err := json.Unmarshal(raw, &named); err != nil {
			t.Fatal(err)
		}
		strict := json.NewDecoder(bytes.NewReader(raw))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&c); err != nil {
			t.Fatalf("%s: %v", named.ID, err)
		}
		t.Run(named.ID+" "+named.Name, func(t *testing.T) { test(t, c) })
	}
}
