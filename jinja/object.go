package jinja

import (
	"context"
	"iter"
	"slices"
)

// Markup is HTML that is safe as it is: templates print it without escaping.
// It mirrors markupsafe.Markup.
type Markup string

// Tuple is Python's tuple: it prints as (1, 2), and templates cannot change it.
type Tuple []any

// Lazy is a variable that is made when a template first touches it. A render
// calls it at most once. Its error ends the render. Only the variables of a
// render and the values of [EngineConfig.Globals] may be Lazy, not what they
// contain.
type Lazy func() (any, error)

// Undefined is what a Go function receives for a variable that does not exist.
// A function that returns it returns an undefined value.
type Undefined struct {
	Name string // of the variable or the attribute, if it is known
}

// String returns "", which is what an undefined value prints.
func (Undefined) String() string { return "" }

// An object is a Go value that answers templates for itself. It implements one
// or more of the interfaces below. Reflection finds the rest: fields, methods, and the
// entries of maps and slices.
type (
	// Attributer answers x.name, and x["name"] if there is no such item. It
	// reports false if the object has no such attribute.
	Attributer interface {
		JinjaAttr(name string) (value any, ok bool)
	}

	// Itemer answers x[key], and x.key if there is no such attribute. The key
	// is a string, an int, or what else the template has in the brackets. It
	// reports false if the object has no such item.
	Itemer interface {
		JinjaItem(key any) (value any, ok bool)
	}

	// Caller answers x(...). The context is that of the render.
	Caller interface {
		JinjaCall(ctx context.Context, args []any, kwargs Kwargs) (any, error)
	}

	// Iterable answers loops and filters that go through the object.
	Iterable interface {
		JinjaIter() iter.Seq[any]
	}

	// Lener answers x|length, and says whether the object is true.
	Lener interface {
		JinjaLen() int
	}

	// Container answers key in x.
	Container interface {
		JinjaContains(key any) bool
	}

	// HTMLer is an object that knows its own HTML, such as a form field. The
	// HTML is printed as it is. It mirrors __html__.
	HTMLer interface {
		JinjaHTML() string
	}

	// Stringer answers the text of the object where fmt.Stringer would not do.
	// The text is escaped like any other. It mirrors __str__.
	Stringer interface {
		JinjaString() string
	}
)

// Kwargs are keyword arguments, in the order of the call. A Go function whose
// last parameter is of this type takes any keyword arguments.
type Kwargs struct {
	names  []string
	values []any
}

// NewKwargs returns the keyword arguments of pairs of a name and a value. It
// panics if a name is not a string or has no value.
func NewKwargs(pairs ...any) Kwargs {
	if len(pairs)%2 != 0 {
		panic("jinja: NewKwargs got a name without a value")
	}
	var k Kwargs
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			panic("jinja: NewKwargs got a name that is not a string")
		}
		k.names = append(k.names, name)
		k.values = append(k.values, pairs[i+1])
	}
	return k
}

// Len returns the number of arguments.
func (k Kwargs) Len() int { return len(k.names) }

// Names returns the names in the order of the call.
func (k Kwargs) Names() []string { return slices.Clone(k.names) }

// Get returns the value of an argument, or otherwise the default.
func (k Kwargs) Get(name string, otherwise any) any {
	if value, ok := k.Lookup(name); ok {
		return value
	}
	return otherwise
}

// Lookup returns the value of an argument and reports whether it was given.
func (k Kwargs) Lookup(name string) (any, bool) {
	if i := slices.Index(k.names, name); i >= 0 {
		return k.values[i], true
	}
	return nil, false
}

// All iterates over names and values in the order of the call.
func (k Kwargs) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, name := range k.names {
			if !yield(name, k.values[i]) {
				return
			}
		}
	}
}
