package spelling

import "slices"

// longestCompared is how many characters of a name Ratio looks at. A name may come
// from a client, and the comparison takes more than linear time.
const longestCompared = 150

// Ratio says how alike two names are, from 0 for nothing in common to 1 for the same:
// twice the characters that they share in order, among the characters of both. Only
// the first 150 characters of each name count. It mirrors
// difflib.SequenceMatcher(None, a, b).ratio().
func Ratio(a, b string) float64 {
	x, y := start(a), start(b)
	if len(x)+len(y) == 0 {
		return 1
	}
	return 2 * float64(shared(x, y)) / float64(len(x)+len(y))
}

// start returns the characters of a name that count.
func start(name string) []rune {
	characters := make([]rune, 0, min(len(name), longestCompared))
	for _, c := range name {
		if len(characters) == longestCompared {
			break
		}
		characters = append(characters, c)
	}
	return characters
}

// shared counts the characters of the longest run that both have, and of those before
// and behind it.
func shared(a, b []rune) int {
	i, j, length := longestRun(a, b)
	if length == 0 {
		return 0
	}
	return shared(a[:i], b[:j]) + length + shared(a[i+length:], b[j+length:])
}

// longestRun finds the longest run of characters that both have, and of several the
// one that begins first in a, and then in b.
func longestRun(a, b []rune) (i, j, length int) {
	runs := make([]int, len(b)+1) // how long the run is that ends in b before each place
	for x := range a {
		for y, c := range slices.Backward(b) {
			if a[x] != c {
				runs[y+1] = 0
				continue
			}
			runs[y+1] = runs[y] + 1
			if run := runs[y+1]; run > length || run == length && x-run+1 == i && y-run+1 < j {
				i, j, length = x-run+1, y-run+1, run
			}
		}
	}
	return i, j, length
}
