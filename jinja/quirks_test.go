package jinja_test

import (
	"errors"
	"testing"

	"github.com/decant-go/decant/internal/templatecases"
	"github.com/decant-go/decant/jinja"
)

// TestQuirks holds what Jinja2 does and few would guess. The results are those
// of Jinja2 3.1.
func TestQuirks(t *testing.T) {
	output := func(s string) *string { return &s }
	for source, want := range map[string]templatecases.Case{
		// An else waits for one item that comes to the end of the body.
		"{% for i in [1, 2] %}{% continue %}{% else %}else{% endfor %}":                            {Expect: output("else")},
		"{% for i in [1, 2] %}{% break %}{% else %}else{% endfor %}":                               {Expect: output("else")},
		"{% for i in (1, 2) %}{{ loop.index }}{% continue %}{% else %}else{% endfor %}":            {Expect: output("12else")},
		"{% for i in [1, 2] %}{% if i == 2 %}{% break %}{% endif %}{% else %}else{% endfor %}":     {Expect: output("")},
		"{% for i in [1, 2] %}{% if i == 1 %}{% continue %}{% endif %}2{% else %}else{% endfor %}": {Expect: output("2")},
		"{% for i in [1] recursive %}{% continue %}{% else %}else{% endfor %}":                     {Expect: output("else")},

		// The last filter of a block must return a string, which Python notices at the
		// end of the output.
		"{% filter first %}{% endfilter %}{{ nope.nope }}":                        {Error: "UndefinedError"},
		"{% filter first %}{% endfilter %}":                                       {Error: "TypeError"},
		"{% filter length %}abc{% endfilter %}":                                   {Error: "TypeError"},
		"{% macro m() %}{% filter list %}a{% endfilter %}{% endmacro %}{{ m() }}": {Error: "TypeError"},
		"{% filter first %}abc{% endfilter %}":                                    {Expect: output("a")},
		"{% set x | length %}abc{% endset %}{{ x }}":                              {Expect: output("3")},

		// The slice of a range ends where the slice ends.
		"{{ range(10)[::2] }} {{ range(5, 0, -2)[:1] }} {{ range(5)[3:1] }}": {Expect: output("range(0, 10, 2) range(5, 3, -2) range(3, 1)")},
		"{{ range(5, 0, -2)[::-1] }} {{ range(3)[::-5] }}":                   {Expect: output("range(1, 7, 2) range(2, -1, -5)")},

		// Sizes are floats.
		"{{ -12345678901234567890|filesizeformat }}": {Expect: output("-12345678901234567168 Bytes")},
	} {
		c := want
		c.Templates, c.Main = map[string]string{"t.txt": source}, "t.txt"
		c.Context, c.Extensions = []byte("{}"), []string{"loopcontrols"}
		got, err := c.Run()
		if difference := c.JudgeStrictly(got, err); difference != nil {
			t.Errorf("%s: %v", source, difference)
		}
	}
}

// TestWholeNumbersHaveALimit: the default comes back for a number with too many
// digits. Python has the limit, but not for the base 8.
func TestWholeNumbersHaveALimit(t *testing.T) {
	for source, want := range map[string]string{
		"{{ ('7' * 4300)|int('no')|string|length }}": "4300",
		"{{ ('7' * 4301)|int('no') }}":               "no",
		"{{ ('6' * 4301)|int('no', 7) }}":            "no",
		"{{ ('7' * 4301)|int('no', 8) }}":            "no",
	} {
		c := templatecases.Case{
			Templates: map[string]string{"t.txt": source}, Main: "t.txt",
			Context: []byte("{}"), Expect: &want,
		}
		got, err := c.Run()
		if difference := c.JudgeStrictly(got, err); difference != nil {
			t.Errorf("%s: %v", source, difference)
		}
	}
}

// TestLimits ends templates that would take all time or memory.
func TestLimits(t *testing.T) {
	for _, source := range []string{
		"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"{% include 't.txt' %}",
		"{% extends 't.txt' %}",
		"{{ range(10**12)|list }}",
		"{{ ['x'] * 10**12 }}",
		"{{ 'x' * 10**12 }}",
		"{{ 'x'.center(10**12) }}",
		"{{ 2 ** (10**12) }}",
		"{% for i in range(10**5) %}{% for j in range(10**5) %}{% endfor %}{% endfor %}",
		"{% set x = 'x' * 10**6 %}{% for i in range(10**5) %}{{ x }}{% endfor %}",
	} {
		c := templatecases.Case{Templates: map[string]string{"t.txt": source}, Main: "t.txt", Context: []byte("{}")}
		_, err := c.Run()
		var failure *jinja.Error
		if !errors.As(err, &failure) || failure.Class != jinja.LimitError {
			t.Errorf("%s: %v", source, err)
		}
	}
}
