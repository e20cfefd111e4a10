package jinja_test

import (
	"context"
	"io"
	"testing"
	"testing/fstest"
	"time"

	"github.com/decant-go/decant/jinja"
)

// smallLimits keep a fuzzed template from taking its time.
var smallLimits = jinja.Limits{Depth: 50, Steps: 20_000, Items: 5_000, Text: 1 << 16, Output: 1 << 18}

// renderAnything renders a source as the page and as the file that it may
// include, import or extend. Only a panic or a hang is a failure.
func renderAnything(t *testing.T, source string, vars jinja.Vars) {
	engine, err := jinja.New(jinja.EngineConfig{
		FS: fstest.MapFS{
			"main.html": {Data: []byte(source)},
			"base.html": {Data: []byte("{% block a %}{% endblock %}{% macro m(x) %}{{ x }}{{ caller() if caller }}{% endmacro %}")},
		},
		Do: true, LoopControls: true, I18N: true,
		Limits: smallLimits,
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err = engine.Render(context.Background(), io.Discard, "main.html", vars)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the template takes %v (%v)", took, err)
	}
}

func addSources(f *testing.F, add func(source string)) {
	for _, c := range vectors(f, "testdata") {
		add(c.Templates[c.Main])
	}
	for _, source := range []string{
		"{% include 'main.html' %}", "{% extends 'main.html' %}", "{% import 'main.html' as m %}{{ m }}",
		"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{{ 'x' * 10**11 }}", "{{ range(10**9)|list }}",
		"{{ 'a'|center(10**10) }}", "{{ '%*d' % (10**9, 1) }}", "{{ '{:>1000000000}'.format(1) }}",
		"{% set l = [] %}{% do l.append(l) %}{{ l }}{{ l|tojson }}", "{{ 2 ** 2 ** 2 ** 2 ** 2 }}",
		"{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{% from 'base.html' import m %}{% call m(1) %}{% endcall %}",
	} {
		add(source)
	}
}

func FuzzSource(f *testing.F) {
	addSources(f, func(source string) { f.Add(source) })
	vars := jinja.Vars{"x": "<a>", "n": 3, "items": []any{1, "b", nil}, "user": map[string]any{"name": "Ann"}}
	f.Fuzz(func(t *testing.T, source string) { renderAnything(t, source, vars) })
}

func FuzzSourceAndValues(f *testing.F) {
	seeds := [][]byte{{}, {0, 1, 2, 3, 4}, {6, 3, 1, 2, 9}, {7, 2, 5, 5, 5, 5}}
	i := 0
	addSources(f, func(source string) {
		f.Add(source, seeds[i%len(seeds)])
		i++
	})
	f.Fuzz(func(t *testing.T, source string, data []byte) {
		vars := jinja.Vars{}
		for _, name := range []string{"x", "n", "s", "items", "user", "d", "form", "f"} {
			vars[name] = takeValue(&data, 0)
		}
		renderAnything(t, source, vars)
	})
}

type fuzzed struct {
	Name string
	Next *fuzzed
	Tags []string
}

// Join has an argument of each kind that templates can give.
func (f *fuzzed) Join(a string, n int, rest ...any) (any, error) { return a, nil }

// takeValue makes a Go value of the first bytes of data.
func takeValue(data *[]byte, depth int) any {
	if len(*data) == 0 || depth > 4 {
		return nil
	}
	first := (*data)[0]
	*data = (*data)[1:]
	size := min(int(first>>4), len(*data))
	switch first & 15 {
	case 0:
		return nil
	case 1:
		return int(int8(first))
	case 2:
		return float64(int8(first)) / 8
	case 3:
		s := string((*data)[:size])
		*data = (*data)[size:]
		return s
	case 4:
		return jinja.Markup((*data)[:size])
	case 5:
		return first > 127
	case 6:
		list := []any{}
		for range size {
			list = append(list, takeValue(data, depth+1))
		}
		return list
	case 7:
		dict := map[string]any{}
		for _, key := range []string{"name", "a", "n", "x"}[:min(size, 4)] {
			dict[key] = takeValue(data, depth+1)
		}
		return dict
	case 8:
		return &fuzzed{Name: string((*data)[:size]), Tags: []string{"a"}, Next: &fuzzed{}}
	case 9:
		loop := map[string]any{}
		loop["x"] = loop
		return loop
	case 10:
		return time.Unix(int64(first)<<24, 0).UTC()
	case 11:
		return map[int]string{int(first): "one"}
	case 12:
		return (*data)[:size]
	case 13:
		return func(a any) any { return a }
	case 14:
		return jinja.Tuple{takeValue(data, depth+1), 1}
	}
	return jinja.NewDict("b", takeValue(data, depth+1), "a", 1)
}
