package rule

import "strings"

// shape is the form in which an entry can stand in an httprouter tree: one
// token for each segment, which is literal text, a wildcard or, at the end, a
// catch-all.
type shape []string

const (
	wildcard = ":"
	catchAll = "*"
)

// shapeOf makes a wildcard of every segment that httprouter cannot compare by
// itself, among them literal text with its own two special characters.
func shapeOf(segments []segment) shape {
	tokens := make(shape, len(segments))
	for i, s := range segments {
		switch {
		case s.final:
			tokens[i] = catchAll
		case !s.static() || strings.ContainsAny(s.text, ":*"):
			tokens[i] = wildcard
		default:
			tokens[i] = s.text
		}
	}
	return tokens
}

// forest is the set of shapes in one layer, for telling before an insertion
// what httprouter would refuse: a refused insertion damages its tree.
type forest struct {
	static   map[string]*forest
	wild     *forest
	catchAll bool
	closed   bool // a path may end here with a slash
	ends     bool
}

func (f *forest) add(s shape) {
	for i, token := range s {
		switch {
		case token == catchAll:
			f.catchAll = true
			return
		case token == "" && i == len(s)-1:
			f.closed = true
			return
		}
		f = f.step(token)
	}
	f.ends = true
}

func (f *forest) step(token string) *forest {
	if token == wildcard {
		if f.wild == nil {
			f.wild = &forest{}
		}
		return f.wild
	}
	if f.static[token] == nil {
		if f.static == nil {
			f.static = map[string]*forest{}
		}
		f.static[token] = &forest{}
	}
	return f.static[token]
}

// conflicts reports whether httprouter refuses the shape beside those here: a
// wildcard has no literal siblings, and a catch-all no siblings at all.
func (f *forest) conflicts(s shape) bool {
	for i, token := range s {
		switch {
		case token == catchAll:
			return f.wild != nil || f.closed || len(f.static) > 0
		case f.catchAll:
			return true
		case token == "" && i == len(s)-1:
			return false
		case token == wildcard:
			if len(f.static) > 0 {
				return true
			}
			f = f.wild
		default:
			if f.wild != nil {
				return true
			}
			f = f.static[token]
		}
		if f == nil {
			return false
		}
	}
	return false
}

// overlapBudget bounds the search for an overlap. A search that grows beyond
// it answers yes, which is always safe: it only puts the entry further down.
const overlapBudget = 4096

// overlaps reports whether some path may have both the shape and one of those
// here.
func (f *forest) overlaps(s shape) bool {
	budget := overlapBudget
	return f.meets(s, &budget)
}

func (f *forest) meets(s shape, budget *int) bool {
	*budget--
	switch {
	case f == nil:
		return false
	case *budget < 0:
		return true
	case len(s) == 0:
		return f.ends
	case f.catchAll:
		return true
	case s[0] == catchAll:
		return f.wild != nil || f.closed || len(f.static) > 0
	case s[0] == "" && len(s) == 1:
		return f.closed
	case s[0] == wildcard:
		return f.wild.meets(s[1:], budget) || f.anyStaticMeets(s[1:], budget)
	}
	return f.static[s[0]].meets(s[1:], budget) || f.wild.meets(s[1:], budget)
}

func (f *forest) anyStaticMeets(s shape, budget *int) bool {
	for _, next := range f.static {
		if next.meets(s, budget) {
			return true
		}
	}
	return false
}
