package rule

import (
	"slices"

	"github.com/julienschmidt/httprouter"
)

// stack finds the first of its entries that matches a path. Entries without
// variables come before all others that match their path, so they are looked up
// first, in a map. Then follows a list of httprouter trees, one after the other.
//
// An entry goes into the highest tree in which it conflicts with nothing and
// that is not above the tree of an earlier entry with which it may match the
// same path. A path ends in one leaf of a tree, and the candidates of a leaf
// are in order, so the first match is the first in the order of all entries.
// At most three trees are free of conflicts; the entries for which they do not
// suffice share a last one, in which conflicting segments are wildcards whose
// text the candidates check.
type stack struct {
	entries []*entry
	literal map[string]*leaf // by path
	// ends are the bytes in which literal paths end. Numbers and other values
	// end differently more often than not, which is quicker to see.
	ends  [256]bool
	trees []tree
}

func lastByte(path string) byte {
	if path == "" {
		return 0
	}
	return path[len(path)-1]
}

const conflictFree = 3

// placement is an entry and a shape in which it is to be found. An entry whose
// last segment may be empty has two, since no wildcard of httprouter matches
// the nothing behind a path's last slash.
type placement struct {
	*entry
	shape shape
}

func placements(e *entry) []placement {
	placed := []placement{{e, shapeOf(e.segments)}}
	last := len(e.segments) - 1
	if last >= 0 && placed[0].shape[last] == wildcard && e.segments[last].accepts("") {
		closed := slices.Clone(placed[0].shape)
		closed[last] = ""
		placed = append(placed, placement{e, closed})
	}
	return placed
}

func newStack(entries []*entry) *stack {
	s := &stack{entries: entries, literal: map[string]*leaf{}}
	var forests [conflictFree + 1]forest
	var layers [conflictFree + 1][]placement
	for _, e := range entries {
		if e.literal() {
			s.addLiteral(e)
			continue
		}
		for _, p := range placements(e) {
			layer := layerFor(&forests, p.shape)
			forests[layer].add(p.shape)
			layers[layer] = append(layers[layer], p)
		}
	}
	for _, layer := range layers {
		s.addTree(layer)
	}
	return s
}

// literal reports whether the entry is for a single path. A slash in excess
// comes last of all, and so after a variable that may be empty.
func (e *entry) literal() bool {
	return e.way != withSlash && !slices.ContainsFunc(e.segments, func(s segment) bool { return !s.static() })
}

func (s *stack) addLiteral(e *entry) {
	path := ""
	for _, segment := range e.segments {
		path += "/" + segment.text
	}
	if s.literal[path] == nil {
		s.literal[path] = &leaf{}
		s.ends[lastByte(path)] = true
	}
	l := s.literal[path]
	l.candidates = append(l.candidates, newCandidate(e, node{}))
}

func layerFor(forests *[conflictFree + 1]forest, s shape) int {
	layer := conflictFree
	for layer > 0 && !forests[layer].overlaps(s) {
		layer--
	}
	for layer < conflictFree && forests[layer].conflicts(s) {
		layer++
	}
	return layer
}

// find returns the first candidate that matches the path.
func (s *stack) find(f *finder, path string) (*candidate, httprouter.Params) {
	if s.ends[lastByte(path)] {
		if l := s.literal[path]; l != nil {
			return &l.candidates[0], nil
		}
	}
	for i := range s.trees {
		if c, params := s.trees[i].find(f, path); c != nil {
			return c, params
		}
	}
	return nil, nil
}

// all calls visit for every candidate that matches the path.
func (s *stack) all(f *finder, path string, visit func(*entry)) {
	if l := s.literal[path]; l != nil {
		l.all(nil, visit)
	}
	for i := range s.trees {
		if l, params := s.trees[i].leaf(f, path); l != nil {
			l.all(params, visit)
		}
	}
}
