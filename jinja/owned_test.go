package jinja_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant/jinja"
)

// TestChangesLastAsLongAsTheRender compares with Jinja2, which changes the lists and
// dicts of the application themselves: all parts of a page see a change. Here the
// application does not see it, so that each render prints the same.
func TestChangesLastAsLongAsTheRender(t *testing.T) {
	const add = "{% macro add(x) %}{% if l.append(x) %}{% endif %}{{ l }}{% endmacro %}"
	vars := func() jinja.Vars {
		return jinja.Vars{
			"l": []any{1}, "nothing": []any{}, "texts": []string{"a"}, "d": map[string]any{"k": []any{}, "m": map[string]any{"a": 1}},
			"rows": []any{[]any{1}, map[string]any{"t": []any{}}}, "ordered": jinja.NewDict("b", 1, "a", []any{1}, "e", []any{}),
		}
	}
	for source, want := range map[string]string{
		add + "{{ add(2) }}{{ add(3) }}{{ l }}":                                                                              "[1, 2][1, 2, 3][1, 2, 3]",
		"{{ l.pop() }}{% block b %}{{ l }}{{ l.append(5) or '' }}{% endblock %}{{ l }}":                                      "1[][5]",
		"{% include 'p.txt' %}{% include 'p.txt' %}{{ nothing }}":                                                            "[7][7, 7][7, 7]",
		"{{ d.k.append(4) or '' }}{{ d.k.append(5) or '' }}{{ d }}":                                                          "{'k': [4, 5], 'm': {'a': 1}}",
		"{% set m = d.m %}{{ m.update(b=2) or '' }}{{ d.m }}{{ d['m'].pop('a') }}{{ m }}":                                    "{'a': 1, 'b': 2}1{'b': 2}",
		"{{ rows[0].append(2) or '' }}{{ rows[1].t.append(3) or '' }}{{ rows }}":                                             "[[1, 2], {'t': [3]}]",
		"{% for row in rows %}{{ row.clear() or '' }}{% endfor %}{{ rows }}":                                                 "[[], {}]",
		"{{ ordered.a.append(2) or '' }}{{ ordered.update(c=3) or '' }}{{ ordered }}":                                        "{'b': 1, 'a': [1, 2], 'e': [], 'c': 3}",
		"{% set z = ordered.e %}{{ z.append(1) or '' }}{{ z }}{% set z = pair[0] %}{{ z.append(1) or '' }}{{ z }}{{ pair }}": "[1][1]([1],)",
		"{{ texts.insert(0, 'b') or '' }}{{ texts|join }}{{ texts|length }}":                                                 "ba2",
		"{{ shared.append(2) or '' }}{{ shared }}{{ empty.append(2) or '' }}{{ empty }}":                                     "[1, 2][2]",
		"{{ common.update(b=2) or '' }}{{ common }}":                                                                         "{'a': 1, 'b': 2}",
		"{{ l.append(2) or '' }}{{ typed(d) }} {{ typed(l) }} {{ d.update(x=1) or '' }}{{ typed(d) }}":                       "map[string]interface {} []interface {} *jinja.Dict",
	} {
		engine, err := jinja.New(jinja.EngineConfig{
			FS: fstest.MapFS{
				"main.txt": {Data: []byte(source)},
				"p.txt":    {Data: []byte("{{ nothing.append(7) or '' }}{{ nothing }}")},
			},
			Globals: map[string]any{
				"shared": []any{1}, "empty": []any{}, "common": jinja.NewDict("a", 1), "pair": jinja.Tuple{[]any{}},
				"typed": func(x any) string { return reflect.TypeOf(x).String() },
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		given := vars()
		var renders sync.WaitGroup
		for range 3 {
			renders.Go(func() {
				var b strings.Builder
				if err := engine.Render(context.Background(), &b, "main.txt", given); err != nil {
					t.Error(err)
				}
				if b.String() != want {
					t.Errorf("%s prints %q, want %q", source, b.String(), want)
				}
			})
		}
		renders.Wait()
		if !reflect.DeepEqual(given, vars()) {
			t.Errorf("%s changes the variables to %v", source, given)
		}
	}
}

// TestListsOfTheTemplateConvertNothing: a template that only changes its own lists
// hands the application's maps to functions as they are.
func TestListsOfTheTemplateConvertNothing(t *testing.T) {
	const source = "{% set l = [] %}{% for x in m.k %}{{ l.append(x) or '' }}{% endfor %}{{ l }}{{ same(m) }}{{ same(m.k) }}"
	given := map[string]any{"k": []any{1, 2}}
	engine, err := jinja.New(jinja.EngineConfig{Globals: map[string]any{
		"same": func(x any) bool {
			address := reflect.ValueOf(x).Pointer()
			return address == reflect.ValueOf(given).Pointer() || address == reflect.ValueOf(given["k"]).Pointer()
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := engine.RenderString(context.Background(), &b, source, jinja.Vars{"m": given}); err != nil {
		t.Fatal(err)
	}
	if want := "[1, 2]TrueTrue"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// TestConstantsCompileOnce: the time to compile must not double with each level.
func TestConstantsCompileOnce(t *testing.T) {
	engine, err := jinja.New(jinja.EngineConfig{})
	if err != nil {
		t.Fatal(err)
	}
	const levels = 60
	source := "{{ " + strings.Repeat("(", levels) + "1/0" + strings.Repeat(" ~ 'a')", levels) + " }}"
	if err := engine.RenderString(context.Background(), &strings.Builder{}, source, nil); err == nil {
		t.Error("no error")
	}
}
