package work

import "slices"

// text is what packages strings and bytes work on.
type text interface{ ~string | ~[]byte }

// The functions below take a function of package strings, bytes or slices and return
// one that counts what the function looks at: it stops at the first match, so the
// length of what it is given says too little about its cost.

// Find is for functions that search from the left: Index and its kin.
func Find[S text, T any](index func(S, T) int) func(S, T) int {
	return func(s S, what T) int {
		i := index(s, what)
		add(1 + until(i, len(s)))
		return i
	}
}

// FindLast is for functions that search from the right: LastIndex and its kin.
func FindLast[S text, T any](index func(S, T) int) func(S, T) int {
	return func(s S, what T) int {
		i := index(s, what)
		add(1 + len(s) - max(i, 0))
		return i
	}
}

// Contains is for functions that report whether index finds something.
func Contains[S text, T any](index func(S, T) int) func(S, T) bool {
	return func(s S, what T) bool { return Find(index)(s, what) >= 0 }
}

// Cut is for Cut.
func Cut[S text](cut func(s, separator S) (S, S, bool)) func(S, S) (S, S, bool) {
	return func(s, separator S) (S, S, bool) {
		before, after, found := cut(s, separator)
		add(1 + len(before))
		return before, after, found
	}
}

// Trim is for functions that cut characters off the ends.
func Trim[S text, T any](trim func(S, T) S) func(S, T) S {
	return func(s S, what T) S {
		trimmed := trim(s, what)
		add(1 + len(s) - len(trimmed))
		return trimmed
	}
}

// TrimSpace is for functions that cut white space off the ends.
func TrimSpace[S text](trim func(S) S) func(S) S {
	return func(s S) S {
		trimmed := trim(s)
		add(1 + len(s) - len(trimmed))
		return trimmed
	}
}

// Ends is for HasPrefix, HasSuffix and EqualFold, which look at no more than the
// shorter one of two strings.
func Ends[S text](has func(s, end S) bool) func(S, S) bool {
	return func(s, end S) bool {
		add(1 + min(len(s), len(end)))
		return has(s, end)
	}
}

// CutEnd is for CutPrefix and CutSuffix.
func CutEnd[S text](cut func(s, end S) (S, bool)) func(S, S) (S, bool) {
	return func(s, end S) (S, bool) {
		add(1 + min(len(s), len(end)))
		return cut(s, end)
	}
}

// TrimEnd is for TrimPrefix and TrimSuffix.
func TrimEnd[S text](trim func(s, end S) S) func(S, S) S {
	return func(s, end S) S {
		add(1 + min(len(s), len(end)))
		return trim(s, end)
	}
}

// Equals is for bytes.Equal, Ordered for Compare.
func Equals(a, b []byte) bool { return Equal(string(a), string(b)) }

func Ordered[S text](a, b S) int { return Compare(string(a), string(b)) }

// InSlice is slices.Contains, SliceIndex is slices.Index, and the other two are
// those with functions.
func InSlice[S ~[]E, E comparable](s S, v E) bool { return SliceIndex(s, v) >= 0 }

func SliceIndex[S ~[]E, E comparable](s S, v E) int {
	i := slices.Index(s, v)
	add(1 + until(i, len(s)))
	return i
}

func InSliceFunc[S ~[]E, E any](s S, is func(E) bool) bool { return SliceIndexFunc(s, is) >= 0 }

func SliceIndexFunc[S ~[]E, E any](s S, is func(E) bool) int {
	i := slices.IndexFunc(s, is)
	add(1 + until(i, len(s)))
	return i
}

// until is how much a search has looked at that found the place i, or -1.
func until(i, length int) int {
	if i < 0 {
		return length
	}
	return i + 1
}
