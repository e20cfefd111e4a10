package vectors

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Call is a call of a function of Python, with the value that it returned or the
// class of the error that it raised.
type Call struct {
	Name  string `json:"call"`
	Args  []any
	Want  any
	Error string
}

// String is the argument at index i, which must be a string. The test panics if it is
// not, and so it does with the methods below.
func (c Call) String(i int) string { return c.Args[i].(string) }

// Int is the argument at index i, a whole number.
func (c Call) Int(i int) int { return int(c.Args[i].(float64)) }

// Bool is the argument at index i.
func (c Call) Bool(i int) bool { return c.Args[i].(bool) }

// Strings is the argument at index i, a list of strings.
func (c Call) Strings(i int) []string {
	list := []string{}
	for _, v := range c.Args[i].([]any) {
		list = append(list, v.(string))
	}
	return list
}

// ErrUnknownCall is what a test returns for a call whose name it does not know. It
// fails the test even where Python raises an error.
var ErrUnknownCall = errors.New("the test knows no call of this name")

// CompareWithPython runs each call of testdata/python.json below the test's folder,
// and compares the result with Python's by its JSON. A generate.py beside the file
// writes it.
func CompareWithPython(t testing.TB, run func(Call) (any, error)) {
	t.Helper()
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatalf("vectors: %v; write it with testdata/generate.py", err)
	}
	var calls []Call
	decode(t, "python.json", data, &calls)
	if len(calls) == 0 {
		t.Fatalf("vectors: python.json has no calls")
	}
	for _, c := range calls {
		c.compare(t, run)
	}
}

func (c Call) compare(t testing.TB, run func(Call) (any, error)) {
	t.Helper()
	got, err := run(c)
	switch {
	case errors.Is(err, ErrUnknownCall):
		t.Errorf("%s%q: %v", c.Name, c.Args, err)
	case c.Error != "" && err == nil:
		t.Errorf("%s%q = %#v; Python raises %s", c.Name, c.Args, got, c.Error)
	case c.Error != "":
	case err != nil:
		t.Errorf("%s%q: %v; Python gives %#v", c.Name, c.Args, err, c.Want)
	default:
		if diff := cmp.Diff(c.Want, asJSON(t, got)); diff != "" {
			t.Errorf("%s%q differs from Python (-python +go):\n%s", c.Name, c.Args, diff)
		}
	}
}

// asJSON turns a result into the types that the values of a JSON file have.
func asJSON(t testing.TB, v any) (plain any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("vectors: %v", err)
	}
	decode(t, "a result", data, &plain)
	return plain
}
