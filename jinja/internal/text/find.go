package text

import (
	"strings"
	"unicode/utf8"
)

// Len counts the code points of s.
func Len(s string) int { return utf8.RuneCountInString(s) }

// Cut returns the code points from start to end, as Python's s[start:end] with
// a step of one: negative positions count from the end, and positions outside
// of s are moved to its ends. For "to the end" give math.MaxInt.
func Cut(s string, start, end int) string {
	if IsASCII(s) {
		from, to := clamp(start, end, len(s))
		return s[from:to]
	}
	from, to := clamp(start, end, Len(s))
	a := byteOffset(s, from)
	return s[a : a+byteOffset(s[a:], to-from)]
}

// clamp turns Python's slice positions into positions with 0 <= from <= to <= n.
func clamp(start, end, n int) (from, to int) {
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	from, to = min(start, n), min(end, n)
	return from, max(from, to)
}

// byteOffset is the byte position of the code point at position pos.
func byteOffset(s string, pos int) int {
	for i := range s {
		if pos == 0 {
			return i
		}
		pos--
	}
	return len(s)
}

// window returns s[start:end] by code points and the position of its beginning.
// It reports false when start lies behind the end of s, where Python does not
// even find the empty string.
func window(s string, start, end int) (part string, from int, ok bool) {
	n := Len(s)
	if start > n {
		return "", 0, false
	}
	begin := start
	if begin < 0 {
		begin = max(begin+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	if min(end, n) < begin {
		return "", 0, false
	}
	return Cut(s, begin, end), begin, true
}

// Find is Python's s.find(sub, start, end): the position of the first
// occurrence by code points, or -1. For all of s give 0 and math.MaxInt.
func Find(s, sub string, start, end int) int {
	part, from, ok := window(s, start, end)
	if !ok {
		return -1
	}
	i := strings.Index(part, sub)
	if i < 0 {
		return -1
	}
	return from + Len(part[:i])
}

// RFind is Python's s.rfind(sub, start, end): the position of the last
// occurrence by code points, or -1.
func RFind(s, sub string, start, end int) int {
	part, from, ok := window(s, start, end)
	if !ok {
		return -1
	}
	i := strings.LastIndex(part, sub)
	if i < 0 {
		return -1
	}
	return from + Len(part[:i])
}

// Count is Python's s.count(sub, start, end): how often sub occurs without
// overlapping. The empty string occurs once more than s has characters.
func Count(s, sub string, start, end int) int {
	part, _, ok := window(s, start, end)
	if !ok {
		return 0
	}
	return strings.Count(part, sub)
}

// HasPrefix is Python's s.startswith(prefix, start, end).
func HasPrefix(s, prefix string, start, end int) bool {
	part, _, ok := window(s, start, end)
	return ok && strings.HasPrefix(part, prefix)
}

// HasSuffix is Python's s.endswith(suffix, start, end).
func HasSuffix(s, suffix string, start, end int) bool {
	part, _, ok := window(s, start, end)
	return ok && strings.HasSuffix(part, suffix)
}

// Replace is Python's s.replace(old, new, count). A negative count replaces all.
// An empty old inserts before each character and at the end.
func Replace(s, old, new string, count int) string {
	return strings.Replace(s, old, new, count)
}

// Translate is Python's s.translate(table). The function gives the replacement
// of a character, and false where the character stays.
func Translate(s string, replacement func(rune) (string, bool)) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if to, ok := replacement(r); ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
