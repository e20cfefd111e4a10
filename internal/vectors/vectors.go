// Package vectors lets tests read the golden vectors, JSON files that record what
// Flask, Werkzeug and itsdangerous answered, and the calls of functions of Python.
package vectors

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// File is one vector file.
type File struct {
	Name  string
	Cases []json.RawMessage
	// Whole says that this is the project's own copy. Other files of the format may
	// lack cases that it has.
	Whole bool

	top map[string]json.RawMessage
}

// Load reads the named file, such as "sessions.json", from the folder that the
// environment variable DECANT_VECTORS names, or else from tests/testdata/vectors of
// the module. A missing or empty file fails the test.
func Load(t testing.TB, name string) *File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder(t), name))
	if err != nil {
		t.Fatalf("vectors: %v; set DECANT_VECTORS to the folder that holds the vectors", err)
	}
	file := &File{Name: name, Whole: os.Getenv("DECANT_VECTORS") == ""}
	decode(t, name, data, &file.top)
	file.Section(t, "cases", &file.Cases)
	if len(file.Cases) == 0 {
		t.Fatalf("vectors: %s has no cases", name)
	}
	return file
}

func folder(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("DECANT_VECTORS"); named != "" {
		return named
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("vectors: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "tests", "testdata", "vectors")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("vectors: no go.mod above the test's folder; set DECANT_VECTORS")
		}
		dir = parent
	}
}

// Section decodes a top-level member other than the cases, such as "maps".
func (f *File) Section(t testing.TB, name string, into any) {
	t.Helper()
	raw, ok := f.top[name]
	if !ok {
		t.Fatalf("vectors: %s has no %q", f.Name, name)
	}
	decode(t, f.Name+" "+name, raw, into)
}

// Select decodes the cases of the named ops, or all cases when none is named.
// A field that T does not know fails the test, and so does an op without cases in a
// whole file.
func Select[T any](t testing.TB, f *File, ops ...string) []T {
	t.Helper()
	var selected []T
	found := map[string]bool{}
	for _, raw := range f.Cases {
		id, op := header(t, f, raw)
		if len(ops) > 0 && !slices.Contains(ops, op) {
			continue
		}
		found[op] = true
		var c T
		decode(t, f.Name+" "+id, raw, &c)
		selected = append(selected, c)
	}
	for _, op := range ops {
		if f.Whole && !found[op] {
			t.Fatalf("vectors: %s has no case with op %q", f.Name, op)
		}
	}
	return selected
}

// Ops returns the distinct ops of the file in order of appearance, so that a
// test can insist on knowing every one.
func (f *File) Ops(t testing.TB) []string {
	t.Helper()
	var ops []string
	for _, raw := range f.Cases {
		if _, op := header(t, f, raw); !slices.Contains(ops, op) {
			ops = append(ops, op)
		}
	}
	return ops
}

func header(t testing.TB, f *File, raw json.RawMessage) (id, op string) {
	t.Helper()
	var h struct{ ID, Op string }
	if err := json.Unmarshal(raw, &h); err != nil || h.ID == "" {
		t.Fatalf("vectors: %s has a case without an id: %s", f.Name, raw)
	}
	return h.ID, h.Op
}

// decode is strict: unknown fields and trailing text fail the test.
func decode(t testing.TB, what string, data []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("vectors: %s: %v", what, err)
	}
	if decoder.More() {
		t.Fatalf("vectors: %s: text after the value", what)
	}
}
