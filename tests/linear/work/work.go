// Package work counts what a reader does: the rounds of its loops, its calls, and
// the bytes that it looks at, copies and compares. The tests of package linear
// write calls of this package into a copy of the framework's source. Nothing that
// is installed imports it.
//
// The counter belongs to one goroutine.
package work

import "strings"

// MaxFunctions is how many functions Enter can tell apart.
const MaxFunctions = 4096

var (
	// Done is the work since it was last set.
	Done int
	// Limit is the work after which the reader panics with TooMuch.
	Limit = unlimited
	// Entered tells for each function that has a number whether it was called.
	Entered [MaxFunctions]bool
)

const unlimited = 1 << 62

// TooMuch is the value of the panic that ends a reader at the Limit.
type TooMuch struct{}

// add counts n units of work. A reader that is over the limit panics once, so that
// its deferred functions run to their end.
func add(n int) {
	Done += n
	if Done > Limit {
		Limit = unlimited
		panic(TooMuch{})
	}
}

// Measure returns the work of f, which is ended after limit. A limit of zero means no limit.
func Measure(limit int, f func()) (done int) {
	Done, Limit = 0, unlimited
	if limit > 0 {
		Limit = limit
	}
	defer func() {
		done, Limit = Done, unlimited
		switch r := recover().(type) {
		case nil, TooMuch:
		default:
			panic(r)
		}
	}()
	f()
	return Done
}

// Step counts a call of a function or a round of a loop.
func Step() { add(1) }

// Enter notes that the function with the number n was called.
func Enter(n int) { Entered[n] = true }

// String counts a string that is looked at or copied as a whole.
func String[S ~string](s S) S {
	add(len(s))
	return s
}

// Slice counts a slice that is looked at or copied as a whole.
func Slice[S ~[]E, E any](s S) S {
	add(len(s))
	return s
}

// Map counts a map that is looked at as a whole.
func Map[M ~map[K]V, K comparable, V any](m M) M {
	add(len(m))
	return m
}

// Square counts a string that a function of math/big reads or writes as a number, for
// which it takes quadratic time. A word of a number has nearly 20 digits.
func Square[S ~string](s S) S {
	digits := 0
	for digits < len(s) && strings.IndexByte("0123456789abcdefABCDEFxX+-_.", s[digits]) >= 0 {
		digits++
	}
	add(len(s) + digits*digits/64)
	return s
}

// Two and Three count the strings and slices of bytes among several results.
func Two[A, B any](a A, b B) (A, B) {
	result(a)
	result(b)
	return a, b
}

func Three[A, B, C any](a A, b B, c C) (A, B, C) {
	result(a)
	result(b)
	result(c)
	return a, b, c
}

func result(v any) {
	switch v := v.(type) {
	case string:
		add(len(v))
	case []byte:
		add(len(v))
	case []string:
		add(len(v))
	}
}

// AddTo counts s += more.
func AddTo[S ~string](s, more S) S {
	add(len(s) + len(more))
	return more
}

// Append is append. It counts what is appended, and what is copied if the slice must
// move: that at an eighth, because the room of long slices grows by less than that of
// short ones.
func Append[S ~[]E, E any](s S) func(more ...E) S {
	return func(more ...E) S {
		appended(len(s), cap(s), len(more))
		return append(s, more...)
	}
}

// AppendString is append of a string to bytes.
func AppendString[S ~[]byte, T ~string](s S, more T) S {
	appended(len(s), cap(s), len(more))
	return append(s, more...)
}

func appended(length, capacity, more int) {
	add(1 + more)
	if length+more > capacity {
		add(length / 8)
	}
}

// Copied counts what copy has copied.
func Copied(n int) int {
	add(1 + n)
	return n
}

// Made counts the room of a new slice.
func Made[S ~[]E, E any](s S) S {
	add(cap(s))
	return s
}

// Equal is a == b.
func Equal[S ~string](a, b S) bool {
	if len(a) != len(b) {
		return false
	}
	add(common(string(a), string(b)))
	return a == b
}

// Compare orders two strings.
func Compare[S ~string](a, b S) int {
	add(common(string(a), string(b)))
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// common is how much of two strings a comparison looks at.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i + 1
		}
	}
	return n
}
