package flask

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/templatecases"
)

// templateCase is a line of jinja.jsonl. Its fields stay as they are written,
// because 3 and 3.0 differ.
type templateCase map[string]json.RawMessage

// expectations are the fields that Jinja2 fills in.
var expectations = []string{"expect", "error", "error_template", "error_line"}

// expected returns the values of these fields.
func (c templateCase) expected(t testing.TB) map[string]any {
	t.Helper()
	values := map[string]any{}
	for _, name := range expectations {
		if raw, ok := c[name]; ok {
			var v any
			must(t, json.Unmarshal(raw, &v))
			values[name] = v
		}
	}
	return values
}

// templateJudge is a running templates_judge.py.
type templateJudge struct {
	t         testing.TB
	questions *json.Encoder
	answers   *bufio.Reader
}

func startTemplateJudge(t testing.TB) *templateJudge {
	t.Helper()
	input, output := startPython(t, "-Wignore", "templates_judge.py")
	return &templateJudge{t, json.NewEncoder(input), bufio.NewReader(output)}
}

// next reads one answer; nil is the end of a series.
func (j *templateJudge) next() templateCase {
	j.t.Helper()
	line, err := j.answers.ReadBytes('\n')
	must(j.t, err)
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var c templateCase
	must(j.t, json.Unmarshal(line, &c))
	return c
}

// generate returns random cases with what Jinja2 says of them.
func (j *templateJudge) generate(seed, count int) []templateCase {
	j.t.Helper()
	must(j.t, j.questions.Encode(map[string]int{"seed": seed, "count": count}))
	var cases []templateCase
	for c := j.next(); c != nil; c = j.next() {
		cases = append(cases, c)
	}
	return cases
}

// TestTemplateJudge gives the corpus to the judge without its expectations: the
// judge's fixtures and its way to an error's place must give them again.
func TestTemplateJudge(t *testing.T) {
	file, err := os.Open("../../jinja/testdata/jinja.jsonl")
	must(t, err)
	defer file.Close()
	j := startTemplateJudge(t)
	lines := json.NewDecoder(file)
	for {
		var want templateCase
		if err := lines.Decode(&want); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		question := maps.Clone(want)
		for _, name := range expectations {
			delete(question, name)
		}
		must(t, j.questions.Encode(question))
		if diff := cmp.Diff(want.expected(t), j.next().expected(t)); diff != "" {
			t.Errorf("%s (-corpus +judge):\n%s", want["id"], diff)
		}
	}
}

// TestGeneratedTemplates checks the generator: the same seed gives the same
// cases, most of them have an output, and errors of several classes occur.
func TestGeneratedTemplates(t *testing.T) {
	const count = 300
	first, second := startTemplateJudge(t).generate(7, count), startTemplateJudge(t).generate(7, count)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Fatalf("one seed, two sets of cases:\n%s", diff)
	}
	outputs, classes := 0, map[string]bool{}
	for _, c := range first {
		if class, failed := c["error"]; failed {
			classes[string(class)] = true
		} else {
			outputs++
		}
	}
	if len(first) != count || outputs < count/3 || len(classes) < 4 {
		t.Errorf("%d cases, %d with an output, errors %q", len(first), outputs, slices.Sorted(maps.Keys(classes)))
	}
}

// randomTemplates is how many random templates both engines render.
const randomTemplates = 5_000

// TestRandomTemplatesBesideJinja renders random templates with random variables in
// both engines. The output must be equal, or the class of the error.
func TestRandomTemplatesBesideJinja(t *testing.T) {
	judge := startTemplateJudge(t)
	failures := 0
	for _, answered := range judge.generate(20261127, randomTemplates) {
		line, err := json.Marshal(answered)
		must(t, err)
		c, err := templatecases.Parse(line)
		must(t, err)
		if isUnspecified(c) {
			continue
		}
		output, err := c.Run()
		if difference := c.JudgeStrictly(output, err); difference != nil {
			t.Errorf("%s: %v\ntemplates: %q\ncontext: %s", c.ID, difference, c.Templates, c.Context)
			if failures++; failures == 60 {
				t.Fatal("and more")
			}
		}
	}
}

// lostInclude is an include without context. Inside of a macro, a set block, a
// filter or a call, Jinja2 prints it in the wrong place, or makes the macro a
// generator. docs/differences.md says so.
var lostInclude = regexp.MustCompile(`{%[+-]? *include [^%]*without context`)

// address is the printed form of a Python object without a text of its own, also
// encoded for a URL or with its characters joined by a dash.
var address = regexp.MustCompile(`(?i)a-?t[-+ ]*(%20)?-?0-?x-?7|generator object|__class__`)

// isUnspecified reports whether the output of Jinja2 depends on an address in
// memory, on its mistake about includes, or on an attribute that all Python objects
// have.
func isUnspecified(c templatecases.Case) bool {
	for _, source := range c.Templates {
		if lostInclude.MatchString(source) || strings.Contains(source, "__class__") {
			return true
		}
	}
	return c.Expect != nil && address.MatchString(*c.Expect)
}
