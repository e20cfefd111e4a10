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

		// A comma in front of "in" or "recursive" asks for one more item.
		"{% for x, in [[1]] %}{% endfor %}":                      {Error: "TemplateSyntaxError"},
		"{% for x in 1, recursive %}[{{ x }}]{% endfor %}":       {Expect: output("[1][]")},
		"{% for (x,) in [[1]] recursive %}[{{ x }}]{% endfor %}": {Expect: output("[1]")},

		// The errors of a loop with a condition come from the line of the condition.
		"{% for x\nin 5 if\nx %}{% endfor %}":              {Error: "TypeError", ErrorLine: 3},
		"{% for x, y in [1] if\nx %}{% endfor %}":          {Error: "TypeError", ErrorLine: 2},
		"{% for x in\n[1]|map('nope') %}{% endfor %}":      {Error: "TemplateRuntimeError", ErrorLine: 1},
		"{% for x in [1]|map('nope') if\nx %}{% endfor %}": {Error: "TemplateRuntimeError", ErrorLine: 2},

		// A filter that does not exist takes its value, but no keywords.
		"{% if true %}{{ nope.nope|nope }}{% endif %}": {Error: "UndefinedError"},
		"{% if true %}{{ 1|nope(2) }}{% endif %}":      {Error: "TemplateRuntimeError"},
		"{% if true %}{{ 1|nope(a=2) }}{% endif %}":    {Error: "TypeError"},
		"{% if true %}{{ 1 is nope(a=2) }}{% endif %}": {Error: "TypeError"},
		"{{ 1|nope\n|never }}":                         {Error: "TemplateAssertionError", ErrorLine: 2},

		// Where an autoescape tag has a variable, constants are escaped like the page
		// around it, because Jinja2 prints them when it compiles.
		"{% autoescape true %}{% autoescape nope %}{{ '<' }}{{ '<'|upper }}{% endautoescape %}{% endautoescape %}":     {Expect: output("&lt;<")},
		"{% set on = true %}{% autoescape on %}{{ '<' ~ 1 }}{{ ['<'][0] }}{% set x = '<' %}{{ x }}{% endautoescape %}": {Expect: output("<1<&lt;")},

		// A constant without slices has an undefined one.
		"{{ none[:2] }}{{ 5[1:] ~ 'x' }}": {Expect: output("x")},
		"{% if none[:2] %}{% endif %}":    {Error: "TypeError"},
		"{% set n = none %}{{ n[:2] }}":   {Error: "TypeError"},
		"{{ [1, 2][::0] }}":               {Error: "ValueError"},

		"{% autoescape nope %}\n\n{{ 'x' }}\n{% with x = nope.nope %}{% endwith %}{% endautoescape %}": {Error: "UndefinedError", ErrorLine: 3},

		// A constant concatenation is no safe string, even if a part of it is.
		"{% autoescape true %}{{ ({'a': '<'}.a|e ~ '<')|upper }}{% endautoescape %}": {Expect: output("&amp;LT;&lt;")},

		// The tag that ends last was called behind its body.
		"{% macro m() %}{% endmacro %}{% call m() %}\n{{ nope }}{% endcall %}\n{% with x = nope.nope %}{% endwith %}":               {Error: "TypeError", ErrorLine: 1},
		"{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}\n{{ nope }}{% endcall %}\n{% with x = nope.nope %}{% endwith %}": {Error: "UndefinedError", ErrorLine: 1},
		"{% for x in [1] recursive %}\n{{ nope }}{% endfor %}\n{% with x = nope.nope %}{% endwith %}":                               {Error: "UndefinedError", ErrorLine: 1},
		"{% for x in [1] %}\n{{ nope }}{% endfor %}\n{% with x = nope.nope %}{% endwith %}":                                         {Error: "UndefinedError", ErrorLine: 2},

		// A line ends behind a hyphen with two letters before it, and no sign.
		"{{ 'e-.-c-o'|wordwrap(6) }}|{{ 'a-b-cd'|wordwrap(5) }}": {Expect: output("e-.-c-\no|a-b-\ncd")},

		// Two mistakes are told at the tag before them.
		"a\n{% set x = 1 %}\n\n{% set x.y = 1 %}":                  {Error: "TemplateRuntimeError", ErrorLine: 2},
		"a\n{% set x.y = 1 %}":                                     {Error: "TemplateRuntimeError", ErrorLine: 1},
		"{% for x in [1] %}\n{% set x.y = 1 %}{% endfor %}":        {Error: "TemplateRuntimeError", ErrorLine: 1},
		"{{ 1 }}\n{{ nope }}\n{% set nope.y %}1{% endset %}":       {Error: "TypeError", ErrorLine: 3},
		"a\n{% extends 'p.txt' %}\n{{ 1 }}\n{% extends 'p.txt' %}": {Error: "TemplateRuntimeError", ErrorLine: 2},

		// A set block assigns to the items of a dict, too.
		"{% set d = {} %}{% set d.y %}1{% endset %}{{ d }}": {Expect: output("{'y': '1'}")},
		"{% set d = [] %}{% set d.y %}1{% endset %}":        {Error: "TypeError"},

		// The body of a call block has no name.
		"{% macro m() %}{{ caller.name }} {{ caller }}{% endmacro %}{% call m() %}{% endcall %}": {Expect: output("None <Macro anonymous>")},
		"{% macro m(caller=1) %}{% endmacro %}{{ m.explicit_caller }} {{ m }}":                   {Expect: output("True <Macro 'm'>")},
		"{{ self }} {{ dict }} {{ range }} {{ cycler }}":                                         {Expect: output("<TemplateReference 't.txt'> <class 'dict'> <class 'range'> <class 'jinja2.utils.Cycler'>")},

		// A constant test decides when the template is compiled.
		"{% autoescape 1 is number %}{{ '<' ~ nope }}{% endautoescape %}": {Expect: output("&lt;")},

		// Only an include takes several names, or none.
		"{% extends ['p.txt'] %}":                     {Error: "TypeError"},
		"{% extends ('p.txt', 'p.txt') %}":            {Error: "TemplateNotFound"},
		"{% import ['p.txt'] as p %}":                 {Error: "TypeError"},
		"{% extends none %}":                          {Error: "TemplateNotFound"},
		"{% include none %}":                          {Error: "TemplatesNotFound"},
		"{% include none ignore missing %}.":          {Expect: output(".")},
		"{% include 5 ignore missing %}.":             {Error: "TypeError"},
		"{% include [none, nope, 'nope', 'p.txt'] %}": {Expect: output("page")},
		"{% include ['nope', ['p.txt']] %}":           {Error: "TypeError"},
		"{% include ['nope', 5] ignore missing %}.":   {Expect: output(".")},
	} {
		c := want
		c.Templates, c.Main = map[string]string{"t.txt": source, "p.txt": "page"}, "t.txt"
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
