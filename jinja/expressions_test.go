package jinja_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/templatecases"
)

// expression is a line of expressions.jsonl. Its results begin with "=" for an
// output or with "!" for the class of an error.
type expression struct {
	Context    json.RawMessage `json:"context"`    // the first line has nothing else
	Expression string          `json:"expression"` // its value is printed in a list
	Template   string          `json:"template"`   // instead of an expression
	Both       string          `json:"both"`       // the result of both templates
	Escaped    string          `json:"escaped"`
	Plain      string          `json:"plain"`
}

func (x expression) source() string {
	if x.Template != "" {
		return x.Template
	}
	return "{{ [" + x.Expression + "]|string|safe }}"
}

// result is the case of one of the two templates.
func (x expression) result(context json.RawMessage, name, want string) templatecases.Case {
	c := templatecases.Case{
		Templates: map[string]string{name: x.source()},
		Main:      name,
		Context:   context,
	}
	if output, ok := strings.CutPrefix(want, "="); ok {
		c.Expect = &output
	} else {
		c.Error = strings.TrimPrefix(want, "!")
	}
	return c
}

// TestExpressions compares filters, tests and methods with real Jinja2. The file is
// written by testdata/expressions.py. DECANT_JINJA_EXPRESSIONS names another.
func TestExpressions(t *testing.T) {
	path := "testdata/expressions.jsonl"
	if named := os.Getenv("DECANT_JINJA_EXPRESSIONS"); named != "" {
		path = named
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var context json.RawMessage
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	tried := 0
	for lines.Scan() {
		var x expression
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&x); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		if x.Context != nil {
			context = x.Context
			continue
		}
		if x.Both != "" {
			x.Escaped, x.Plain = x.Both, x.Both
		}
		for _, c := range []templatecases.Case{x.result(context, "t.html", x.Escaped), x.result(context, "t.txt", x.Plain)} {
			tried++
			output, err := c.Run()
			if difference := c.JudgeStrictly(output, err); difference != nil {
				t.Errorf("%s in %s: %v", x.source(), c.Main, difference)
			}
		}
	}
	if tried == 0 {
		t.Errorf("%s has no expressions", path)
	}
}
