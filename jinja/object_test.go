package jinja_test

import (
	"context"
	"strings"
	"testing"

	"github.com/decant-go/decant/jinja"
)

// attributes is an object whose Go type cannot be compared.
type attributes map[string]any

// JinjaAttr returns an attribute.
func (a attributes) JinjaAttr(name string) (any, bool) {
	v, ok := a[name]
	return v, ok
}

// TestAnObjectEqualsItself also where Go has no == for its type. Jinja2 prints the
// same for objects of a class without __eq__ and __iter__.
func TestAnObjectEqualsItself(t *testing.T) {
	engine, err := jinja.New(jinja.EngineConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		"{{ a == a }} {{ a != a }} {{ a in [b, a] }} {{ a is sameas a }}": "True False True True",
		"{{ a == b }} {{ a in [b] }} {{ a is sameas b }}":                 "False False False",
		"{{ a is iterable }} {{ a is mapping }} {{ a is sequence }}":      "False False False",
	} {
		var b strings.Builder
		vars := jinja.Vars{"a": attributes{"name": "Ann"}, "b": attributes{"name": "Ann"}}
		if err := engine.RenderString(context.Background(), &b, source, vars); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%s prints %q, want %q", source, b.String(), want)
		}
	}
}
