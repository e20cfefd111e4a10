package jinja

// arguments are those of a call, a filter or a test, in the order in which the
// template gives them.
type arguments struct {
	positional []value
	named      []namedValue
}

// namedValue is a keyword argument.
type namedValue struct {
	name  string
	value value
}

// filterFunc is a filter: it receives the value in front of the bar.
type filterFunc func(r *run, v value, args arguments) (value, error)

// testFunc is a test: it receives the value in front of "is".
type testFunc func(r *run, v value, args arguments) (bool, error)

// callable is what a value of kindFunc refers to.
type callable interface {
	callName() string
	call(r *run, args arguments) (value, error)
}
